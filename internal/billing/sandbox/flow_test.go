package sandbox_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/webhook"

	"github.com/cragbase/cragbase/internal/billing/sandbox"
)

// The ordinary life of a subscriber, through the real client, with every request checked against Stripe's description.
func TestOrdinaryFlow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.customer()
	session := w.checkout(c.ID, basic)
	if session.Status != stripe.CheckoutSessionStatusOpen || session.URL != "https://pay.example.com/checkout/"+session.ID || session.Customer.ID != c.ID {
		t.Fatalf("session %+v", session)
	}
	if len(w.Live(c.ID)) != 0 || len(w.Ledger()) != 0 {
		t.Fatal("something was sold before the payment")
	}
	if err := w.Pay(session.ID, sandbox.CardPays); err != nil {
		t.Fatal(err)
	}
	paid, err := w.api.CheckoutSessions.Get(session.ID, &stripe.CheckoutSessionParams{Expand: []*string{stripe.String("subscription")}})
	if err != nil {
		t.Fatal(err)
	}
	sub := paid.Subscription
	if paid.Status != "complete" || paid.PaymentStatus != "paid" || sub.Status != "active" || sub.Metadata["user_id"] != "u1" || sub.Items.Data[0].Price.ID != basic {
		t.Fatalf("session %s %s, subscription %+v", paid.Status, paid.PaymentStatus, sub)
	}
	if sub.CurrentPeriodEnd != begin.AddDate(0, 1, 0).Unix() || w.charged(c.ID) != 500 {
		t.Errorf("period ends %d, charged %d", sub.CurrentPeriodEnd, w.charged(c.ID))
	}

	changed, err := w.api.Subscriptions.Update(sub.ID, changeParams(sub, premium))
	if err != nil {
		t.Fatal(err)
	}
	if changed.Items.Data[0].Price.ID != premium || w.charged(c.ID) != 1500 {
		t.Errorf("price %s, charged %d", changed.Items.Data[0].Price.ID, w.charged(c.ID))
	}
	canceled, err := w.api.Subscriptions.Cancel(sub.ID, &stripe.SubscriptionCancelParams{InvoiceNow: stripe.Bool(false), Prorate: stripe.Bool(false)})
	if err != nil {
		t.Fatal(err)
	}
	if canceled.Status != "canceled" || canceled.EndedAt != begin.Unix() || len(w.Live(c.ID)) != 0 {
		t.Errorf("canceled %+v", canceled)
	}

	for _, e := range w.Pending() {
		if status, err := w.Deliver(e.ID); status != 200 || err != nil {
			t.Errorf("%s: %d, %v", e.Type, status, err)
		}
	}
	if len(w.Pending()) != 0 {
		t.Error("events wait after their delivery")
	}
	for _, got := range w.endpoint.all() {
		e, err := webhook.ConstructEventWithOptions(got.payload, got.signature, webhookSecret, webhook.ConstructEventOptions{IgnoreTolerance: true})
		if err != nil || e.Livemode || e.APIVersion != stripe.APIVersion {
			t.Errorf("%v, %+v", err, e)
		}
	}
}

// The events of a checkout come in Stripe's order, each with the state of its moment.
func TestEventsOfCheckout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subscriber(basic)
	want := []string{
		"customer.created", "invoice.created", "invoice.finalized", "customer.subscription.created", "invoice.paid", "customer.subscription.updated",
		"customer.updated", "checkout.session.completed",
	}
	if got := types(w.Events()); !slices.Equal(got, want) {
		t.Fatalf("events %v", got)
	}
	statuses := map[string]string{}
	for _, e := range w.Events() {
		statuses[e.Type], _ = eventObject(t, e)["status"].(string)
	}
	if statuses["customer.subscription.created"] != "incomplete" || statuses["customer.subscription.updated"] != "active" || statuses["checkout.session.completed"] != "complete" {
		t.Errorf("%v", statuses)
	}
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.customer()
	e := w.Events()[0]
	if _, err := webhook.ConstructEvent(e.Payload, w.Sign(e.Payload, time.Now()), webhookSecret); err != nil {
		t.Error(err)
	}
	if _, err := webhook.ConstructEvent(e.Payload, w.Sign(e.Payload, time.Now().Add(-301*time.Second)), webhookSecret); err == nil {
		t.Error("an old signature is taken")
	}
	if _, err := webhook.ConstructEvent(append(e.Payload, ' '), w.Sign(e.Payload, time.Now()), webhookSecret); err == nil {
		t.Error("a changed payload is taken")
	}
}
