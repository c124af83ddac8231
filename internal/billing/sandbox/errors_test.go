package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/internal/billing/sandbox"
)

func TestUnknownKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *sandbox.Config) { c.SecretKey = "sk_test_another" })
	_, err := w.api.Customers.New(&stripe.CustomerParams{})
	fault := refused(t, err, http.StatusUnauthorized, "", "")
	if strings.Contains(fault.Msg, secretKey) {
		t.Errorf("the key is told: %s", fault.Msg)
	}
}

// What does not exist: 404 for the object of the path, 400 for the one that a parameter names.
func TestMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.customer()
	_, err := w.api.Customers.Get("cus_none", nil)
	if fault := refused(t, err, 404, "resource_missing", "id"); fault.RequestID == "" || fault.Type != stripe.ErrorTypeInvalidRequest {
		t.Errorf("%+v", fault)
	}
	_, err = w.api.Subscriptions.Get("sub_none", nil)
	refused(t, err, 404, "resource_missing", "id")
	_, err = w.api.Invoices.Get("in_none", nil)
	refused(t, err, 404, "resource_missing", "id")
	_, err = w.api.CheckoutSessions.Get("cs_test_none", nil)
	refused(t, err, 404, "resource_missing", "id")
	_, err = w.api.Events.Get("evt_none", nil)
	refused(t, err, 404, "resource_missing", "id")
	_, err = w.api.Prices.Get("price_none", nil)
	refused(t, err, 404, "resource_missing", "price")
	_, err = w.api.CheckoutSessions.New(sessionParams("cus_none", basic))
	refused(t, err, 400, "resource_missing", "customer")
	_, err = w.api.CheckoutSessions.New(sessionParams(c.ID, "price_none"))
	refused(t, err, 400, "resource_missing", "line_items[0][price]")
	_, err = w.api.BillingPortalSessions.New(&stripe.BillingPortalSessionParams{Customer: stripe.String("cus_none")})
	refused(t, err, 400, "resource_missing", "customer")
	list := w.api.Subscriptions.List(&stripe.SubscriptionListParams{Customer: stripe.String("cus_none")})
	list.Next()
	refused(t, list.Err(), 400, "resource_missing", "customer")
}

// A deleted customer can be read, and that it is deleted; nothing can be sold to it any more.
func TestDeletedCustomer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, sub := w.subscriber(basic)
	open := w.checkout(c.ID, premium)
	deleted, err := w.api.Customers.Del(c.ID, nil)
	if err != nil || !deleted.Deleted {
		t.Fatalf("%+v, %v", deleted, err)
	}
	got, err := w.api.Customers.Get(c.ID, nil)
	if err != nil || !got.Deleted || got.ID != c.ID || got.Email != "" {
		t.Errorf("%+v, %v", got, err)
	}
	if ended := w.subscription(sub.ID); ended.Status != "canceled" || ended.EndedAt == 0 {
		t.Errorf("subscription %s", ended.Status)
	}
	_, err = w.api.Customers.Del(c.ID, nil)
	refused(t, err, 404, "resource_missing", "id")
	_, err = w.api.Customers.Update(c.ID, &stripe.CustomerParams{Email: stripe.String("new@example.com")})
	refused(t, err, 404, "resource_missing", "id")
	_, err = w.api.CheckoutSessions.New(sessionParams(c.ID, basic))
	refused(t, err, 400, "resource_missing", "customer")
	_, err = w.api.BillingPortalSessions.New(&stripe.BillingPortalSessionParams{Customer: stripe.String(c.ID)})
	refused(t, err, 400, "resource_missing", "customer")
	list := w.api.Subscriptions.List(&stripe.SubscriptionListParams{Customer: stripe.String(c.ID), Status: stripe.String("all")})
	if !list.Next() || list.Subscription().ID != sub.ID || list.Err() != nil {
		t.Errorf("what it had is not listed: %v", list.Err())
	}
	if err := w.Pay(open.ID, sandbox.CardPays); err != sandbox.ErrNoCustomer {
		t.Errorf("pay: %v", err)
	}
	events := types(w.Events())
	if last := events[len(events)-2:]; last[0] != "customer.subscription.deleted" || last[1] != "customer.deleted" {
		t.Errorf("events %v", last)
	}
}

func TestCancelTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, sub := w.subscriber(basic)
	if _, err := w.api.Subscriptions.Cancel(sub.ID, nil); err != nil {
		t.Fatal(err)
	}
	_, err := w.api.Subscriptions.Cancel(sub.ID, nil)
	refused(t, err, 404, "resource_missing", "id")
	if got := w.subscription(sub.ID); got.Status != "canceled" {
		t.Errorf("status %s", got.Status)
	}
	_, err = w.api.Subscriptions.Update(sub.ID, &stripe.SubscriptionParams{CancelAtPeriodEnd: stripe.Bool(false)})
	refused(t, err, 400, "", "")
	labelled, err := w.api.Subscriptions.Update(sub.ID, &stripe.SubscriptionParams{Metadata: map[string]string{"note": "left"}})
	if err != nil || labelled.Metadata["note"] != "left" || labelled.Metadata["user_id"] != "u1" {
		t.Errorf("%+v, %v", labelled, err)
	}
}

// Parameters of a cancellation come in the body of a DELETE.
func TestCancelReadsItsBody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, sub := w.subscriber(basic)
	w.Advance(month / 2)
	canceled, err := w.api.Subscriptions.Cancel(sub.ID, &stripe.SubscriptionCancelParams{
		Prorate: stripe.Bool(true), InvoiceNow: stripe.Bool(true), CancellationDetails: &stripe.SubscriptionCancelCancellationDetailsParams{Comment: stripe.String("moved away")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if canceled.CancellationDetails.Comment != "moved away" || canceled.CancellationDetails.Reason != "cancellation_requested" {
		t.Errorf("%+v", canceled.CancellationDetails)
	}
	got, err := w.api.Customers.Get(c.ID, nil)
	if err != nil || got.Balance != -250 {
		t.Errorf("credit %d, %v", got.Balance, err)
	}
	if sum := w.charged(c.ID); sum != 500 {
		t.Errorf("charged %d: a credit is no refund", sum)
	}
}

// What Stripe refuses in parameters that are well formed.
func TestRefusedParameters(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *sandbox.Config) { c.Check = nil })
	c, sub := w.subscriber(basic)
	long := sessionParams(c.ID, basic)
	long.ExpiresAt = stripe.Int64(begin.Unix() + 24*3600 + 1)
	_, err := w.api.CheckoutSessions.New(long)
	refused(t, err, 400, "", "expires_at")
	short := sessionParams(c.ID, basic)
	short.ExpiresAt = stripe.Int64(begin.Unix() + 30*60 - 1)
	_, err = w.api.CheckoutSessions.New(short)
	refused(t, err, 400, "", "expires_at")
	empty := sessionParams(c.ID, basic)
	empty.LineItems = nil
	_, err = w.api.CheckoutSessions.New(empty)
	refused(t, err, 400, "parameter_missing", "line_items")
	both := sessionParams(c.ID, basic)
	both.CustomerEmail = stripe.String("anna@example.com")
	_, err = w.api.CheckoutSessions.New(both)
	refused(t, err, 400, "", "customer_email")
	coupon := sessionParams(c.ID, basic)
	coupon.AddExtra("colour", "red")
	_, err = w.api.CheckoutSessions.New(coupon)
	refused(t, err, 400, "parameter_unknown", "colour")
	w.AddPrice(sandbox.Price{ID: "price_old", Amount: 100, Inactive: true})
	_, err = w.api.CheckoutSessions.New(sessionParams(c.ID, "price_old"))
	refused(t, err, 400, "", "line_items[0][price]")
	_, err = w.api.Customers.New(&stripe.CustomerParams{Email: stripe.String("nobody")})
	refused(t, err, 400, "email_invalid", "email")
	_, err = w.api.Subscriptions.Get(sub.ID, &stripe.SubscriptionParams{Expand: stripe.StringSlice([]string{"items"})})
	refused(t, err, 400, "", "expand")
	pending := changeParams(sub, premium)
	pending.PaymentBehavior, pending.CancelAtPeriodEnd = stripe.String("pending_if_incomplete"), stripe.Bool(false)
	_, err = w.api.Subscriptions.Update(sub.ID, pending)
	refused(t, err, 400, "", "cancel_at_period_end")
	outside := changeParams(sub, premium)
	outside.ProrationDate = stripe.Int64(sub.CurrentPeriodEnd + 1)
	_, err = w.api.Subscriptions.Update(sub.ID, outside)
	refused(t, err, 400, "", "proration_date")
	foreign := changeParams(sub, premium)
	foreign.Items[0].ID = stripe.String("si_none")
	_, err = w.api.Subscriptions.Update(sub.ID, foreign)
	refused(t, err, 400, "resource_missing", "items[0][id]")
}
