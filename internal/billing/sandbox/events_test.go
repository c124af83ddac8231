package sandbox_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/internal/billing/sandbox"
)

// Events are held, delivered in any order and more than once, or dropped.
func TestOutbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subscriber(basic)
	pending := w.Pending()
	last := pending[len(pending)-1]
	for range 2 {
		if status, err := w.Deliver(last.ID); status != 200 || err != nil {
			t.Fatal(status, err)
		}
	}
	w.endpoint.answer(http.StatusServiceUnavailable)
	if status, err := w.Deliver(pending[0].ID); status != 503 || err != nil {
		t.Error(status, err)
	}
	w.endpoint.answer(http.StatusFound)
	if status, err := w.Deliver(pending[0].ID); status != 302 || err != nil {
		t.Error(status, err)
	}
	w.Drop(pending[1].ID)
	w.MarkDelivered(pending[2].ID)
	if left := w.Pending(); len(left) != len(pending)-3 || left[0].ID != pending[0].ID {
		t.Errorf("%d wait", len(left))
	}
	got := w.endpoint.all()
	if len(got) != 4 || string(got[0].payload) != string(last.Payload) || string(got[1].payload) != string(last.Payload) {
		t.Errorf("%d received", len(got))
	}
	if _, err := w.Deliver("evt_none"); !errors.Is(err, sandbox.ErrNotFound) {
		t.Error(err)
	}
}

// The list of events tells which never arrived.
func TestListOfEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subscriber(basic)
	all := w.Events()
	w.Deliver(all[0].ID)
	w.Drop(all[1].ID)
	list := func(params *stripe.EventListParams) []string {
		t.Helper()
		var ids []string
		i := w.api.Events.List(params)
		for i.Next() {
			ids = append(ids, i.Event().ID)
		}
		if i.Err() != nil {
			t.Error(i.Err())
		}
		return ids
	}
	if got := list(&stripe.EventListParams{ListParams: stripe.ListParams{Limit: stripe.Int64(3)}}); len(got) != len(all) || got[0] != all[len(all)-1].ID {
		t.Errorf("all: %v", got)
	}
	if got := list(&stripe.EventListParams{DeliverySuccess: stripe.Bool(true)}); !slices.Equal(got, []string{all[0].ID}) {
		t.Errorf("delivered: %v", got)
	}
	if got := list(&stripe.EventListParams{DeliverySuccess: stripe.Bool(false)}); len(got) != len(all)-1 || slices.Contains(got, all[0].ID) {
		t.Errorf("not delivered: %v", got)
	}
	if got := list(&stripe.EventListParams{Types: stripe.StringSlice([]string{"invoice.paid", "checkout.session.completed"})}); len(got) != 2 {
		t.Errorf("by type: %v", got)
	}
	if got := list(&stripe.EventListParams{Type: stripe.String("customer.subscription.*")}); len(got) != 2 {
		t.Errorf("by wildcard: %v", got)
	}
	w.Advance(24 * time.Hour)
	w.customer()
	if got := list(&stripe.EventListParams{CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: begin.Add(time.Hour).Unix()}}); len(got) != 1 {
		t.Errorf("by time: %v", got)
	}
	w.Advance(30*24*time.Hour - time.Second)
	w.Advance(time.Second)
	if got := w.Events(); len(got) == 0 || got[0].Created.Before(begin.Add(24*time.Hour)) {
		t.Errorf("events are kept for 30 days")
	}
	_, err := w.api.Events.Get(all[0].ID, nil)
	refused(t, err, 404, "resource_missing", "id")
}

// A change says what was before, and an event keeps the state of its time.
func TestSnapshots(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, sub := w.subscriber(basic)
	params := &stripe.SubscriptionParams{CancelAtPeriodEnd: stripe.Bool(true)}
	params.IdempotencyKey = stripe.String("k1")
	if _, err := w.api.Subscriptions.Update(sub.ID, params); err != nil {
		t.Fatal(err)
	}
	events := w.Events()
	changed := events[len(events)-1]
	w.CancelSubscription(sub.ID)
	var payload struct {
		APIVersion string `json:"api_version"`
		Livemode   bool
		Data       struct {
			Object             map[string]any
			PreviousAttributes map[string]any `json:"previous_attributes"`
		}
		Request struct {
			IdempotencyKey string `json:"idempotency_key"`
		}
	}
	if err := json.Unmarshal(changed.Payload, &payload); err != nil {
		t.Fatal(err)
	}
	if payload.Data.Object["status"] != "active" || payload.Data.PreviousAttributes["cancel_at_period_end"] != false || payload.Request.IdempotencyKey != "k1" || payload.APIVersion != "2023-10-16" {
		t.Errorf("%s", changed.Payload)
	}
}
