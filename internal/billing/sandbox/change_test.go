package sandbox_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/internal/billing/sandbox"
)

// An upgrade in the middle costs the difference for the rest of the period, to the second.
func TestUpgradeIsProrated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, sub := w.subscriber(basic)
	w.Advance(10*24*time.Hour + 7*time.Second)
	w.api.Subscriptions.Update(sub.ID, &stripe.SubscriptionParams{CancelAtPeriodEnd: stripe.Bool(true)})
	params := changeParams(sub, premium)
	params.CancelAtPeriodEnd = stripe.Bool(false)
	params.Expand = stripe.StringSlice([]string{"latest_invoice"})
	changed, err := w.api.Subscriptions.Update(sub.ID, params)
	if err != nil {
		t.Fatal(err)
	}
	// 1,727,993 of 2,592,000 seconds are left: 333.33 of 500, 999.996 of 1500
	invoice := changed.LatestInvoice
	if len(invoice.Lines.Data) != 2 || invoice.Lines.Data[0].Amount != -333 || invoice.Lines.Data[1].Amount != 1000 || invoice.AmountPaid != 667 {
		t.Errorf("lines %d, paid %d", len(invoice.Lines.Data), invoice.AmountPaid)
	}
	if invoice.BillingReason != "subscription_update" || !invoice.Lines.Data[0].Proration || invoice.Status != "paid" {
		t.Errorf("invoice %+v", invoice)
	}
	if changed.CancelAtPeriodEnd || changed.CanceledAt != 0 || changed.CurrentPeriodEnd != sub.CurrentPeriodEnd || changed.Items.Data[0].ID != sub.Items.Data[0].ID {
		t.Errorf("subscription %+v", changed)
	}
	if w.charged(c.ID) != 500+667 {
		t.Errorf("charged %d", w.charged(c.ID))
	}
}

// A downgrade gives credit, which the next invoices use.
func TestDowngradeGivesCredit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, sub := w.subscriber(premium)
	w.Advance(month / 2)
	if _, err := w.api.Subscriptions.Update(sub.ID, changeParams(sub, basic)); err != nil {
		t.Fatal(err)
	}
	got, err := w.api.Customers.Get(c.ID, nil)
	if err != nil || got.Balance != -500 {
		t.Fatalf("balance %d, %v", got.Balance, err)
	}
	newest := w.Invoices(c.ID)[0]
	if newest.Status != "paid" || newest.Total != -500 || newest.AmountDue != 0 || newest.EndingBalance != -500 {
		t.Errorf("invoice %+v", newest)
	}
	w.Advance(month)
	if renewal := w.Invoices(c.ID)[0]; renewal.BillingReason != "subscription_cycle" || renewal.AmountDue != 0 || renewal.StartingBalance != -500 || renewal.EndingBalance != 0 {
		t.Errorf("renewal %+v", renewal)
	}
	if w.charged(c.ID) != 1500 {
		t.Errorf("charged %d", w.charged(c.ID))
	}
}

// With error_if_incomplete a refused payment changes nothing at all.
func TestRefusedChange(t *testing.T) {
	t.Parallel()
	for card, code := range map[sandbox.Card]string{sandbox.CardDeclines: "card_declined", sandbox.CardNeedsAction: "subscription_payment_intent_requires_action"} {
		w := newWorld(t)
		c, sub := w.subscriber(basic)
		w.SetCard(c.ID, card)
		before := w.subscription(sub.ID).LastResponse.RawJSON
		events := len(w.Events())
		_, err := w.api.Subscriptions.Update(sub.ID, changeParams(sub, premium))
		fault := refused(t, err, 402, code, "")
		if fault.Type != stripe.ErrorTypeCard || fault.PaymentIntent == nil || fault.PaymentIntent.ClientSecret == "" {
			t.Errorf("%+v", fault)
		}
		if card == sandbox.CardDeclines && fault.DeclineCode != "generic_decline" {
			t.Errorf("decline code %q", fault.DeclineCode)
		}
		if string(w.subscription(sub.ID).LastResponse.RawJSON) != string(before) {
			t.Error("the subscription changed")
		}
		if len(w.Invoices(c.ID)) != 1 || w.charged(c.ID) != 500 {
			t.Errorf("%d invoices, charged %d", len(w.Invoices(c.ID)), w.charged(c.ID))
		}
		if got := types(w.Events()[events:]); !slices.Equal(got, []string{"payment_intent.payment_failed"}) {
			t.Errorf("events %v", got)
		}
	}
}

// Stripe's default changes the price although nothing was paid.
func TestDefaultChangesWithoutPayment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, sub := w.subscriber(basic)
	w.SetCard(c.ID, sandbox.CardDeclines)
	params := changeParams(sub, premium)
	params.PaymentBehavior = nil
	changed, err := w.api.Subscriptions.Update(sub.ID, params)
	if err != nil || changed.Status != "past_due" || changed.Items.Data[0].Price.ID != premium {
		t.Fatalf("%v, %+v", err, changed)
	}
	if open := w.Invoices(c.ID)[0]; open.Status != "open" || open.AmountRemaining != 1000 || open.NextPaymentAttempt == 0 {
		t.Errorf("invoice %+v", open)
	}
}

// A pending update keeps the old price until it is paid, and is given up after 23 hours.
func TestPendingUpdate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, sub := w.subscriber(basic)
	w.SetCard(c.ID, sandbox.CardNeedsAction)
	params := changeParams(sub, premium)
	params.PaymentBehavior = stripe.String("pending_if_incomplete")
	for _, pays := range []bool{false, true} {
		waiting, err := w.api.Subscriptions.Update(sub.ID, params)
		if err != nil || waiting.Status != "active" || waiting.Items.Data[0].Price.ID != basic || waiting.PendingUpdate == nil || waiting.PendingUpdate.SubscriptionItems[0].Price.ID != premium {
			t.Fatalf("%v, %+v", err, waiting)
		}
		if pays {
			if err := w.PayInvoice(waiting.LatestInvoice.ID); err != nil {
				t.Fatal(err)
			}
			break
		}
		w.Advance(23 * time.Hour)
		if expired := w.subscription(sub.ID); expired.PendingUpdate != nil || expired.Items.Data[0].Price.ID != basic || w.Invoices(c.ID)[0].Status != "void" {
			t.Errorf("%+v", expired)
		}
	}
	if applied := w.subscription(sub.ID); applied.PendingUpdate != nil || applied.Items.Data[0].Price.ID != premium {
		t.Errorf("%+v", applied)
	}
	got := types(w.Events())
	if !slices.Contains(got, "customer.subscription.pending_update_expired") || !slices.Contains(got, "customer.subscription.pending_update_applied") {
		t.Errorf("events %v", got)
	}
}

// Without the item's id a second item comes beside the first: the trap that the contract check refuses.
func TestItemWithoutID(t *testing.T) {
	t.Parallel()
	params := func(sub *stripe.Subscription) *stripe.SubscriptionParams {
		p := changeParams(sub, premium)
		p.Items[0].ID = nil
		return p
	}
	checked := newWorld(t)
	_, sub := checked.subscriber(basic)
	_, err := checked.api.Subscriptions.Update(sub.ID, params(sub))
	refused(t, err, 400, "", "items[0][id]")

	w := newWorld(t, func(c *sandbox.Config) { c.Check = nil })
	c, sub := w.subscriber(basic)
	both, err := w.api.Subscriptions.Update(sub.ID, params(sub))
	if err != nil || len(both.Items.Data) != 2 || w.charged(c.ID) != 2000 {
		t.Fatalf("%v, %d items, charged %d", err, len(both.Items.Data), w.charged(c.ID))
	}
	_, err = w.api.Subscriptions.Update(sub.ID, params(sub))
	refused(t, err, 400, "", "items")
}

// Another interval begins a new period now.
func TestIntervalChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, sub := w.subscriber(premium)
	w.Advance(month / 2)
	changed, err := w.api.Subscriptions.Update(sub.ID, changeParams(sub, yearly))
	if err != nil {
		t.Fatal(err)
	}
	now := w.Now()
	if changed.CurrentPeriodStart != now.Unix() || changed.CurrentPeriodEnd != now.AddDate(1, 0, 0).Unix() || changed.BillingCycleAnchor != now.Unix() {
		t.Errorf("period %v to %v", time.Unix(changed.CurrentPeriodStart, 0).UTC(), time.Unix(changed.CurrentPeriodEnd, 0).UTC())
	}
	if w.charged(c.ID) != 1500+15000-750 {
		t.Errorf("charged %d", w.charged(c.ID))
	}
	w.Advance(month) // the end of the old period means nothing any more
	if len(w.Invoices(c.ID)) != 2 {
		t.Errorf("%d invoices", len(w.Invoices(c.ID)))
	}
}

// To the same price is no change: no invoice, no event.
func TestChangeToTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, sub := w.subscriber(basic)
	events := len(w.Events())
	if _, err := w.api.Subscriptions.Update(sub.ID, changeParams(sub, basic)); err != nil {
		t.Fatal(err)
	}
	if len(w.Invoices(c.ID)) != 1 || len(w.Events()) != events {
		t.Errorf("%d invoices, events %v", len(w.Invoices(c.ID)), types(w.Events()[events:]))
	}
}

// Amounts that no card is charged for wait on the balance.
func TestSmallAmounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, sub := w.subscriber(basic)
	w.Advance(month - 24*time.Hour)
	if _, err := w.api.Subscriptions.Update(sub.ID, changeParams(sub, premium)); err != nil {
		t.Fatal(err)
	}
	got, err := w.api.Customers.Get(c.ID, nil)
	if err != nil || got.Balance != 33 || w.charged(c.ID) != 500 {
		t.Errorf("balance %d, charged %d, %v", got.Balance, w.charged(c.ID), err)
	}
	w.Advance(24 * time.Hour)
	if w.charged(c.ID) != 500+1533 {
		t.Errorf("charged %d", w.charged(c.ID))
	}
}

// A subscription gets 20 invoices in a day, and 10 in a minute.
func TestInvoiceLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, sub := w.subscriber(basic)
	made, minutes := 1, 0
	for {
		_, err := w.api.Subscriptions.Update(sub.ID, changeParams(sub, []string{premium, basic}[(made+1)%2]))
		if err == nil {
			made++
			continue
		}
		refused(t, err, 429, "rate_limit", "")
		if minutes++; minutes == 3 {
			break
		}
		w.Advance(time.Minute)
	}
	if made != 20 {
		t.Errorf("%d invoices", made)
	}
	w.Advance(24 * time.Hour)
	if _, err := w.api.Subscriptions.Update(sub.ID, changeParams(sub, premium)); err != nil {
		t.Error(err)
	}
}

// What was changed without an invoice comes with the next one.
func TestDashboardChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, sub := w.subscriber(basic)
	w.Advance(month / 2)
	if err := w.ChangePrice(sub.ID, premium); err != nil {
		t.Fatal(err)
	}
	if w.charged(c.ID) != 500 || w.Live(c.ID)[0].Items.Data[0].Price.ID != premium {
		t.Errorf("charged %d", w.charged(c.ID))
	}
	w.Advance(month / 2)
	if renewal := w.Invoices(c.ID)[0]; renewal.Total != 1500+500 || len(renewal.Lines.Data) != 3 {
		t.Errorf("renewal %+v", renewal)
	}
	if err := w.ChangePrice(sub.ID, "price_none"); err != sandbox.ErrUnknownPrice {
		t.Error(err)
	}
}

// Nothing but metadata changes while the first payment is missing.
func TestIncompleteIsNotChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.customer()
	if err := w.Pay(w.checkout(c.ID, basic).ID, sandbox.CardDeclines); err != sandbox.ErrDeclined {
		t.Fatal(err)
	}
	sub := w.Sandbox.Subscriptions(c.ID)[0]
	_, err := w.api.Subscriptions.Update(sub.ID, changeParams(sub, premium))
	refused(t, err, 400, "", "")
	ended, err := w.api.Subscriptions.Cancel(sub.ID, nil)
	if err != nil || ended.Status != "incomplete_expired" || w.Invoices(c.ID)[0].Status != "void" {
		t.Errorf("%v, %+v", err, ended)
	}
}
