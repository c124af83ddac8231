package sandbox_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/internal/billing/sandbox"
)

// An answer that is lost on its way was still given: the same key gets it.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.Fault{
		"connection": {Times: 1, After: true, Drop: true},
		"proxy":      {Times: 1, After: true, Status: 502, HTML: true},
		"gateway":    {Times: 1, After: true, Status: 503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Fault(fault)
			_, err := w.api.Customers.New(keyed("k1", "anna@example.com"))
			if err == nil || !w.last().Applied || len(w.Customers()) != 1 {
				t.Fatalf("%v, %+v", err, w.last())
			}
			again, err := w.api.Customers.New(keyed("k1", "anna@example.com"))
			if err != nil || again.ID != w.Customers()[0].ID || len(w.Customers()) != 1 {
				t.Errorf("%v, %d customers", err, len(w.Customers()))
			}
		})
	}
}

// stripe-go takes the faults for what they are.
func TestFaultsAsTheClientSeesThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var fault *stripe.Error
	w.Fault(sandbox.Fault{Times: 1, Status: 429})
	_, err := w.api.Customers.New(nil)
	refused(t, err, 429, "rate_limit", "")
	w.Fault(sandbox.Fault{Times: 1, Status: 402, Code: "card_declined"})
	_, err = w.api.Customers.New(nil)
	refused(t, err, 402, "card_declined", "")
	w.Fault(sandbox.Fault{Times: 1, Status: 502, HTML: true})
	if _, err := w.api.Customers.New(nil); err == nil || errors.As(err, &fault) {
		t.Errorf("a proxy's page: %v", err)
	}
	w.Fault(sandbox.Fault{Times: 1, Drop: true})
	if _, err := w.api.Customers.New(nil); err == nil || errors.As(err, &fault) {
		t.Errorf("no answer: %v", err)
	}
	if last := w.last(); last.Status != 0 || last.Applied {
		t.Errorf("%+v", last)
	}
}

// A fault is for its method and path, as often as it says, and the first that fits is taken.
func TestFaultsAreChosen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.customer()
	w.Fault(sandbox.Fault{Method: "POST", Path: "/v1/checkout", Times: 2, Status: 500})
	w.Fault(sandbox.Fault{Method: "GET", Status: 503})
	for range 2 {
		_, err := w.api.CheckoutSessions.New(sessionParams(c.ID, basic))
		refused(t, err, 500, "", "")
	}
	w.checkout(c.ID, basic)
	for range 3 {
		_, err := w.api.Customers.Get(c.ID, nil)
		refused(t, err, 503, "", "")
	}
	w.ClearFaults()
	if _, err := w.api.Customers.Get(c.ID, nil); err != nil {
		t.Error(err)
	}
}

// A client that gives up does not stop what it asked for.
func TestClientLeaves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inProcess := newClient("http://stripe.test", &http.Client{Transport: sandbox.Transport(w.API())})
	for name, client := range map[string]func(*stripe.CustomerParams) (*stripe.Customer, error){"network": w.api.Customers.New, "in process": inProcess.Customers.New} {
		before := len(w.Customers())
		block, reached := make(chan struct{}), make(chan struct{})
		w.Fault(sandbox.Fault{Times: 1, Block: block})
		var once bool
		w.OnCall(func(sandbox.Call) {
			if !once {
				once = true
				close(reached)
			}
		})
		ctx, leave := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			_, err := client(&stripe.CustomerParams{Params: stripe.Params{Context: ctx}})
			done <- err
		}()
		<-reached
		leave()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		if len(w.Customers()) != before {
			t.Errorf("%s: applied too early", name)
		}
		close(block)
		deadline := time.Now().Add(10 * time.Second)
		for len(w.Customers()) == before && time.Now().Before(deadline) {
			w.Advance(0)
		}
		if len(w.Customers()) != before+1 {
			t.Errorf("%s: never applied", name)
		}
	}
}

// A delay ends when the client leaves.
func TestDelay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Fault(sandbox.Fault{Times: 1, Delay: time.Hour})
	ctx, leave := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer leave()
	if _, err := w.api.Customers.New(&stripe.CustomerParams{Params: stripe.Params{Context: ctx}}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	w.Fault(sandbox.Fault{Times: 1, Delay: time.Millisecond})
	if _, err := w.api.Customers.New(nil); err != nil {
		t.Error(err)
	}
}

// Close lets go of requests that a fault holds back.
func TestCloseEndsBlocks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	reached := make(chan struct{})
	w.OnCall(func(sandbox.Call) { close(reached) })
	w.Fault(sandbox.Fault{Times: 1, Block: make(chan struct{})})
	done := make(chan error, 1)
	go func() {
		_, err := w.api.Customers.New(nil)
		done <- err
	}()
	<-reached
	w.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// The log of calls has what was sent, under which key and with what outcome.
func TestCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, sub := w.subscriber(basic)
	w.ResetCalls()
	var told []sandbox.Call
	w.OnCall(func(call sandbox.Call) { told = append(told, call) })
	params := changeParams(sub, premium)
	params.IdempotencyKey = stripe.String("k1")
	if _, err := w.api.Subscriptions.Update(sub.ID, params); err != nil {
		t.Fatal(err)
	}
	list := w.api.Subscriptions.List(&stripe.SubscriptionListParams{Customer: stripe.String(c.ID)})
	list.Next()
	calls := w.Calls()
	if len(calls) != 2 || len(told) != 2 {
		t.Fatalf("%d calls, %d told", len(calls), len(told))
	}
	if got := calls[0]; got.Method != "POST" || got.Path != "/v1/subscriptions/"+sub.ID || got.Key != "k1" || got.Status != 200 || !got.Applied || got.Form.Get("items[0][price]") != premium {
		t.Errorf("%+v", got)
	}
	if got := calls[1]; got.Method != "GET" || got.Form.Get("customer") != c.ID || told[1].Status != 0 {
		t.Errorf("%+v, told %+v", got, told[1])
	}
}
