package sandbox_test

import (
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/internal/billing/sandbox"
)

func previewParams(sub *stripe.Subscription, price string, at time.Time) *stripe.InvoiceUpcomingParams {
	return &stripe.InvoiceUpcomingParams{
		Customer: stripe.String(sub.Customer.ID), Subscription: stripe.String(sub.ID), SubscriptionProrationBehavior: stripe.String("always_invoice"),
		SubscriptionProrationDate: stripe.Int64(at.Unix()),
		SubscriptionItems:         []*stripe.SubscriptionItemsParams{{ID: stripe.String(sub.Items.Data[0].ID), Price: stripe.String(price)}},
	}
}

// The preview of a change says what the change then costs, and changes nothing.
func TestPreviewIsWhatHappens(t *testing.T) {
	t.Parallel()
	for _, prices := range [][2]string{{basic, premium}, {premium, basic}, {premium, yearly}} {
		w := newWorld(t)
		c, sub := w.subscriber(prices[0])
		w.Advance(11*24*time.Hour + 3*time.Minute)
		at := w.Now()
		events := len(w.Events())
		preview, err := w.api.Invoices.Upcoming(previewParams(sub, prices[1], at))
		if err != nil {
			t.Fatal(err)
		}
		if len(w.Events()) != events || len(w.Invoices(c.ID)) != 1 || preview.ID != "" {
			t.Errorf("a preview left something: %s", preview.ID)
		}
		w.Advance(20 * time.Second)
		params := changeParams(sub, prices[1])
		if prices[1] != yearly {
			params.ProrationDate = stripe.Int64(at.Unix())
		} else {
			preview, err = w.api.Invoices.Upcoming(previewParams(sub, prices[1], w.Now()))
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.api.Subscriptions.Update(sub.ID, params); err != nil {
			t.Fatal(err)
		}
		real := w.Invoices(c.ID)[0]
		if real.Total != preview.Total || real.AmountDue != preview.AmountDue || len(real.Lines.Data) != len(preview.Lines.Data) {
			t.Errorf("%v: previewed %d, due %d; then %d, due %d", prices, preview.Total, preview.AmountDue, real.Total, real.AmountDue)
		}
	}
}

// Without a change the next renewal is shown, at its time and with the balance.
func TestNextInvoice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, sub := w.subscriber(premium)
	w.Advance(month / 2)
	if _, err := w.api.Subscriptions.Update(sub.ID, changeParams(sub, basic)); err != nil {
		t.Fatal(err)
	}
	next, err := w.api.Invoices.Upcoming(&stripe.InvoiceUpcomingParams{Customer: stripe.String(c.ID)})
	if err != nil {
		t.Fatal(err)
	}
	if next.Total != 500 || next.AmountDue != 0 || next.StartingBalance != -500 || next.NextPaymentAttempt != sub.CurrentPeriodEnd || next.Subscription.ID != sub.ID {
		t.Errorf("%+v", next)
	}
}

func TestNoUpcomingInvoice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, sub := w.subscriber(basic)
	for _, end := range []func() error{
		func() error {
			_, err := w.api.Subscriptions.Update(sub.ID, &stripe.SubscriptionParams{CancelAtPeriodEnd: stripe.Bool(true)})
			return err
		},
		func() error { return w.CancelSubscription(sub.ID) },
	} {
		if err := end(); err != nil {
			t.Fatal(err)
		}
		_, err := w.api.Invoices.Upcoming(&stripe.InvoiceUpcomingParams{Customer: stripe.String(c.ID)})
		refused(t, err, 404, "invoice_upcoming_none", "")
		_, err = w.api.Invoices.Upcoming(&stripe.InvoiceUpcomingParams{Subscription: stripe.String(sub.ID)})
		refused(t, err, 404, "invoice_upcoming_none", "")
	}
	_, err := w.api.Invoices.Upcoming(&stripe.InvoiceUpcomingParams{Subscription: stripe.String("sub_none")})
	refused(t, err, 400, "resource_missing", "subscription")
}

// Invoices are paid and voided through the API.
func TestPayAndVoid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, sub := w.subscriber(basic)
	w.SetCard(c.ID, sandbox.CardDeclines)
	w.Advance(month)
	debt := w.Invoices(c.ID)[0]
	_, err := w.api.Invoices.Pay(debt.ID, nil)
	refused(t, err, 402, "card_declined", "")
	if w.Invoices(c.ID)[0].AttemptCount != 1 {
		t.Error("only planned attempts are counted")
	}
	w.SetCard(c.ID, sandbox.CardNeedsAction)
	_, err = w.api.Invoices.Pay(debt.ID, nil)
	refused(t, err, 402, "invoice_payment_intent_requires_action", "")
	w.SetCard(c.ID, sandbox.CardPays)
	if paid, err := w.api.Invoices.Pay(debt.ID, nil); err != nil || paid.Status != "paid" || paid.StatusTransitions.PaidAt != w.Now().Unix() {
		t.Errorf("%v, %+v", err, paid)
	}
	_, err = w.api.Invoices.Pay(debt.ID, nil)
	refused(t, err, 400, "invoice_already_paid", "")
	_, err = w.api.Invoices.VoidInvoice(debt.ID, nil)
	refused(t, err, 400, "", "")

	w.SetCard(c.ID, sandbox.CardDeclines)
	w.Advance(31 * 24 * time.Hour)
	if voided, err := w.api.Invoices.VoidInvoice(w.Invoices(c.ID)[0].ID, nil); err != nil || voided.Status != "void" {
		t.Errorf("%v, %+v", err, voided)
	}
	if got := w.subscription(sub.ID); got.Status != "active" || w.charged(c.ID) != 1000 {
		t.Errorf("%s, charged %d", got.Status, w.charged(c.ID))
	}
}

// Subscriptions can also be made through the API.
func TestCreateSubscription(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.customer()
	params := &stripe.SubscriptionParams{Customer: stripe.String(c.ID), Items: []*stripe.SubscriptionItemsParams{{Price: stripe.String(basic)}}}
	_, err := w.api.Subscriptions.New(params)
	refused(t, err, 400, "resource_missing", "")
	w.SetCard(c.ID, sandbox.CardDeclines)
	params.PaymentBehavior = stripe.String("error_if_incomplete")
	_, err = w.api.Subscriptions.New(params)
	refused(t, err, 402, "card_declined", "")
	if len(w.Sandbox.Subscriptions(c.ID)) != 0 {
		t.Error("something was made")
	}
	params.PaymentBehavior = nil
	if sub, err := w.api.Subscriptions.New(params); err != nil || sub.Status != "incomplete" {
		t.Errorf("%v, %+v", err, sub)
	}
	w.SetCard(c.ID, sandbox.CardPays)
	if sub, err := w.api.Subscriptions.New(params); err != nil || sub.Status != "active" {
		t.Errorf("%v, %+v", err, sub)
	}
}
