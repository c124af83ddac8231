package sandbox_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/internal/billing/sandbox"
)

// eventObject decodes what an event is about.
func eventObject(t *testing.T, e sandbox.Event) map[string]any {
	t.Helper()
	var decoded struct {
		Data struct{ Object map[string]any }
	}
	if err := json.Unmarshal(e.Payload, &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded.Data.Object
}

// Whatever the API answers, stripe-go decodes: encoded again, each value is still there.
func TestDecodingLosesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, sub := w.subscriber(basic)
	event, err := w.api.Events.Get(w.Events()[0].ID, nil)
	if err != nil || event.Type != "customer.created" || event.Data.Object["id"] != c.ID || event.Request == nil || event.Request.IdempotencyKey == "" {
		t.Errorf("event %+v, %v", event, err)
	}
	w.SetCard(c.ID, sandbox.CardDeclines)
	w.Advance(month + time.Hour) // a failed renewal has the most fields
	w.api.Subscriptions.Update(sub.ID, &stripe.SubscriptionParams{CancelAtPeriodEnd: stripe.Bool(true)})
	open := w.checkout(c.ID, premium)

	customer, err := w.api.Customers.Get(c.ID, nil)
	kept(t, customer, customer.LastResponse, err)
	subscription, err := w.api.Subscriptions.Get(sub.ID, &stripe.SubscriptionParams{Expand: stripe.StringSlice([]string{"customer", "latest_invoice.payment_intent"})})
	kept(t, subscription, subscription.LastResponse, err)
	if subscription.LatestInvoice.PaymentIntent.LastPaymentError.Code != "card_declined" || subscription.Customer.Email != "anna@example.com" {
		t.Errorf("expanded %+v", subscription.LatestInvoice.PaymentIntent)
	}
	invoice, err := w.api.Invoices.Get(subscription.LatestInvoice.ID, nil)
	kept(t, invoice, invoice.LastResponse, err)
	if invoice.HostedInvoiceURL == "" || invoice.InvoicePDF == "" || invoice.StatusTransitions.FinalizedAt == 0 || len(invoice.Lines.Data) != 1 || invoice.Subscription.ID != sub.ID {
		t.Errorf("invoice %+v", invoice)
	}
	session, err := w.api.CheckoutSessions.Get(open.ID, &stripe.CheckoutSessionParams{Expand: stripe.StringSlice([]string{"line_items", "customer"})})
	kept(t, session, session.LastResponse, err)
	if session.ExpiresAt != w.Now().Add(24*time.Hour).Unix() || session.LineItems.Data[0].Price.ID != premium || session.ClientReferenceID != "u1" {
		t.Errorf("session %+v", session)
	}
	price, err := w.api.Prices.Get(trial, nil)
	kept(t, price, price.LastResponse, err)
	preview, err := w.api.Invoices.Upcoming(&stripe.InvoiceUpcomingParams{
		Subscription: stripe.String(sub.ID), SubscriptionProrationBehavior: stripe.String("always_invoice"),
		SubscriptionItems: []*stripe.SubscriptionItemsParams{{ID: stripe.String(sub.Items.Data[0].ID), Price: stripe.String(premium)}},
	})
	kept(t, preview, preview.LastResponse, err)
	portal, err := w.api.BillingPortalSessions.New(&stripe.BillingPortalSessionParams{
		Customer: stripe.String(c.ID), ReturnURL: stripe.String("https://cragbase.test/billing"), FlowData: &stripe.BillingPortalSessionFlowDataParams{Type: stripe.String("payment_method_update")},
	})
	kept(t, portal, portal.LastResponse, err)
}

// kept compares an answer with what stripe-go made of it.
func kept(t *testing.T, decoded any, response *stripe.APIResponse, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(decoded)
	if err != nil {
		t.Fatal(err)
	}
	var before, after any
	if err := json.Unmarshal(response.RawJSON, &before); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(encoded, &after); err != nil {
		t.Fatal(err)
	}
	keptIn(t, fmt.Sprintf("%T", decoded), before, after)
}

func keptIn(t *testing.T, where string, before, after any) {
	t.Helper()
	switch before := before.(type) {
	case map[string]any:
		inner, ok := after.(map[string]any)
		for key, value := range before {
			if list := key == "object" && value == "list"; value != nil && ok && !list {
				keptIn(t, where+"."+key, value, inner[key])
			}
		}
		if !ok && len(before) > 0 {
			t.Errorf("%s is lost: %v", where, before)
		}
	case []any:
		inner, _ := after.([]any)
		if len(inner) != len(before) {
			t.Errorf("%s has %d elements, then %d", where, len(before), len(inner))
			return
		}
		for i := range before {
			keptIn(t, fmt.Sprintf("%s[%d]", where, i), before[i], inner[i])
		}
	default:
		if reference, ok := after.(map[string]any); ok { // an id becomes an object with nothing but its id
			after = reference["id"]
		}
		if fmt.Sprint(before) != fmt.Sprint(after) {
			t.Errorf("%s: %v becomes %v", where, before, after)
		}
	}
}
