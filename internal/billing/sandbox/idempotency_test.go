package sandbox_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/internal/billing/sandbox"
)

func keyed(key, email string) *stripe.CustomerParams {
	return &stripe.CustomerParams{Email: stripe.String(email), Params: stripe.Params{IdempotencyKey: stripe.String(key)}}
}

func (w *world) last() sandbox.Call {
	calls := w.Calls()
	return calls[len(calls)-1]
}

// The same key gives the first answer again, for 24 hours.
func TestReplay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, err := w.api.Customers.New(keyed("k1", "anna@example.com"))
	if err != nil || w.last().Replayed || !w.last().Applied || w.last().Key != "k1" {
		t.Fatalf("%v, %+v", err, w.last())
	}
	again, err := w.api.Customers.New(keyed("k1", "anna@example.com"))
	if err != nil || again.ID != first.ID || !w.last().Replayed || w.last().Applied {
		t.Errorf("%v, %+v", err, w.last())
	}
	if again.LastResponse.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("headers %v", again.LastResponse.Header)
	}
	w.Advance(24 * time.Hour)
	later, err := w.api.Customers.New(keyed("k1", "anna@example.com"))
	if err != nil || later.ID == first.ID {
		t.Errorf("after a day: %v, %v", later, err)
	}
}

// A replay gives what was, also of an object that is gone.
func TestReplayOfDeletedCustomer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, err := w.api.Customers.New(keyed("k1", "anna@example.com"))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.DeleteCustomer(first.ID); err != nil {
		t.Fatal(err)
	}
	again, err := w.api.Customers.New(keyed("k1", "anna@example.com"))
	if err != nil || again.ID != first.ID || again.Deleted {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestKeyWithOtherParameters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, err := w.api.Customers.New(keyed("k1", "anna@example.com")); err != nil {
		t.Fatal(err)
	}
	_, err := w.api.Customers.New(keyed("k1", "ben@example.com"))
	if fault := refused(t, err, 400, "", ""); fault.Type != stripe.ErrorTypeIdempotency {
		t.Errorf("type %s", fault.Type)
	}
}

// While a request runs, its key is in use.
func TestKeyInUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	block := make(chan struct{})
	reached := make(chan struct{}, 2)
	w.OnCall(func(sandbox.Call) { reached <- struct{}{} })
	w.Fault(sandbox.Fault{Times: 1, After: true, Block: block})
	done := make(chan error, 1)
	go func() {
		_, err := w.api.Customers.New(keyed("k1", "anna@example.com"))
		done <- err
	}()
	<-reached
	for len(w.Customers()) == 0 { // until the first has been applied
		w.Advance(0)
	}
	_, err := w.api.Customers.New(keyed("k1", "anna@example.com"))
	refused(t, err, 409, "idempotency_key_in_use", "")
	close(block)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := w.api.Customers.New(keyed("k1", "anna@example.com")); err != nil || !w.last().Replayed {
		t.Errorf("%v, %+v", err, w.last())
	}
}

// Stripe keeps a 500 for its key, whether the request was carried out or not.
func TestStored500(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		w := newWorld(t)
		w.Fault(sandbox.Fault{Method: "POST", Path: "/v1/customers", Times: 1, Status: 500, After: after})
		_, err := w.api.Customers.New(keyed("k1", "anna@example.com"))
		if fault := refused(t, err, 500, "", ""); fault.Type != stripe.ErrorTypeAPI {
			t.Errorf("type %s", fault.Type)
		}
		if w.last().Applied != after || len(w.Customers()) == 1 != after {
			t.Errorf("after %v: %+v, %d customers", after, w.last(), len(w.Customers()))
		}
		_, err = w.api.Customers.New(keyed("k1", "anna@example.com"))
		refused(t, err, 500, "", "")
		if !w.last().Replayed {
			t.Error("not replayed")
		}
		if _, err := w.api.Customers.New(keyed("k2", "anna@example.com")); err != nil {
			t.Error(err)
		}
	}
}

// Nothing is kept of a request that was refused before it was carried out.
func TestNotStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, fault := range []sandbox.Fault{
		{Times: 1, Status: 429}, {Times: 1, Status: 503}, {Times: 1, Status: 502, HTML: true}, {Times: 1, Drop: true}, {Times: 1, Status: 400},
	} {
		w.Fault(fault)
		if _, err := w.api.Customers.New(keyed("k1", "anna@example.com")); err == nil {
			t.Fatalf("%+v is no fault", fault)
		}
	}
	if len(w.Customers()) != 0 {
		t.Error("a fault before the request let it through")
	}
	if _, err := w.api.Customers.New(keyed("k1", "anna@example.com")); err != nil || w.last().Replayed {
		t.Errorf("%v, %+v", err, w.last())
	}

	missing := sessionParams("cus_none", basic)
	missing.IdempotencyKey = stripe.String("k2")
	_, err := w.api.CheckoutSessions.New(missing)
	refused(t, err, http.StatusBadRequest, "resource_missing", "customer")
	valid := sessionParams(w.customer().ID, basic)
	valid.IdempotencyKey = stripe.String("k2")
	if _, err := w.api.CheckoutSessions.New(valid); err != nil {
		t.Error(err)
	}
}

// A declined payment is an outcome like any other: its key gives it again, though the card would pay now.
func TestStoredDecline(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, sub := w.subscriber(basic)
	w.SetCard(c.ID, sandbox.CardDeclines)
	params := changeParams(sub, premium)
	params.IdempotencyKey = stripe.String("k1")
	_, err := w.api.Subscriptions.Update(sub.ID, params)
	refused(t, err, 402, "card_declined", "")
	w.SetCard(c.ID, sandbox.CardPays)
	_, err = w.api.Subscriptions.Update(sub.ID, params)
	refused(t, err, 402, "card_declined", "")
	params.IdempotencyKey = stripe.String("k2")
	if _, err := w.api.Subscriptions.Update(sub.ID, params); err != nil {
		t.Error(err)
	}
}
