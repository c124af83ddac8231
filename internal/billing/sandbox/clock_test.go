package sandbox_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/internal/billing/sandbox"
)

const day = 24 * time.Hour

// Renewals come one after another, each at its time, on the day of the month on which it began.
func TestRenewals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *sandbox.Config) {
		c.Now = func() time.Time { return time.Date(2027, time.January, 31, 9, 0, 0, 0, time.UTC) }
	})
	c, sub := w.subscriber(basic)
	w.Advance(90 * day)
	want := []string{"2027-04-30", "2027-03-31", "2027-02-28", "2027-01-31"}
	var got []string
	for _, invoice := range w.Invoices(c.ID) {
		got = append(got, time.Unix(invoice.Created, 0).UTC().Format(time.DateOnly))
	}
	if !slices.Equal(got, want) {
		t.Errorf("invoices of %v", got)
	}
	if end := time.Unix(w.subscription(sub.ID).CurrentPeriodEnd, 0).UTC(); end.Format(time.DateOnly) != "2027-05-31" || w.charged(c.ID) != 2000 {
		t.Errorf("period ends %v, charged %d", end, w.charged(c.ID))
	}
	before := time.Time{}
	for _, e := range w.Events() {
		if e.Created.Before(before) {
			t.Errorf("%s of %v comes after %v", e.Type, e.Created, before)
		}
		before = e.Created
	}
}

// A renewal that fails makes past due, is tried again after 3, 5 and 7 days, and then ends the subscription.
func TestDunning(t *testing.T) {
	t.Parallel()
	for policy, status := range map[string]stripe.SubscriptionStatus{"": "canceled", "unpaid": "unpaid"} {
		w := newWorld(t, func(c *sandbox.Config) { c.Dunning = policy })
		c, sub := w.subscriber(basic)
		w.SetCard(c.ID, sandbox.CardDeclines)
		w.Advance(month)
		renewal := w.Invoices(c.ID)[0]
		if got := w.subscription(sub.ID); got.Status != "past_due" || renewal.AttemptCount != 1 || renewal.NextPaymentAttempt != w.Now().Add(3*day).Unix() {
			t.Fatalf("%s, attempts %d", got.Status, renewal.AttemptCount)
		}
		attempts := []int64{}
		for _, wait := range []time.Duration{3 * day, 5 * day, 7 * day} {
			w.Advance(wait - time.Second)
			attempts = append(attempts, w.Invoices(c.ID)[0].AttemptCount)
			w.Advance(time.Second)
			attempts = append(attempts, w.Invoices(c.ID)[0].AttemptCount)
		}
		if !slices.Equal(attempts, []int64{1, 2, 2, 3, 3, 4}) {
			t.Errorf("attempts %v", attempts)
		}
		got := w.subscription(sub.ID)
		if got.Status != status || status == "canceled" && got.CancellationDetails.Reason != "payment_failed" {
			t.Errorf("%s, %+v", got.Status, got.CancellationDetails)
		}
		if w.charged(c.ID) != 500 {
			t.Errorf("charged %d", w.charged(c.ID))
		}
	}
}

// A payment on the hosted page, or a retry with a new card, ends the debt.
func TestPastDueIsPaid(t *testing.T) {
	t.Parallel()
	for _, byRetry := range []bool{false, true} {
		w := newWorld(t)
		c, sub := w.subscriber(basic)
		w.SetCard(c.ID, sandbox.CardDeclines)
		w.Advance(month)
		if byRetry {
			w.SetCard(c.ID, sandbox.CardPays)
			w.Advance(3 * day)
		} else if err := w.PayInvoice(w.Invoices(c.ID)[0].ID); err != nil {
			t.Fatal(err)
		}
		if got := w.subscription(sub.ID); got.Status != "active" || w.charged(c.ID) != 1000 {
			t.Errorf("%s, charged %d", got.Status, w.charged(c.ID))
		}
		events := types(w.Events())
		if !slices.Contains(events, "invoice.payment_failed") || !slices.Contains(events, "invoice.paid") {
			t.Errorf("events %v", events)
		}
	}
}

// An unpaid subscription goes on with drafts, and is active again when its debt is paid.
func TestUnpaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *sandbox.Config) { c.Dunning = "unpaid" })
	c, sub := w.subscriber(basic)
	w.SetCard(c.ID, sandbox.CardDeclines)
	w.Advance(month + 15*day)
	debt := w.Invoices(c.ID)[0]
	w.Advance(20 * day)
	if draft := w.Invoices(c.ID)[0]; draft.Status != "draft" || w.subscription(sub.ID).Status != "unpaid" {
		t.Errorf("%s", draft.Status)
	}
	if err := w.PayInvoice(debt.ID); err != nil {
		t.Fatal(err)
	}
	if got := w.subscription(sub.ID); got.Status != "active" {
		t.Error(got.Status)
	}
}

// A renewal that the bank wants confirmed tells of both.
func TestRenewalNeedsAction(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, sub := w.subscriber(basic)
	w.SetCard(c.ID, sandbox.CardNeedsAction)
	events := len(w.Events())
	w.Advance(month)
	got := types(w.Events())[events:]
	want := []string{"invoice.created", "invoice.finalized", "invoice.payment_action_required", "invoice.payment_failed", "customer.subscription.updated"}
	if w.subscription(sub.ID).Status != "past_due" || !slices.Equal(got, want) {
		t.Errorf("%s, events %v", w.subscription(sub.ID).Status, got)
	}
}

func TestCardThatPaysOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.customer()
	if err := w.Pay(w.checkout(c.ID, basic).ID, sandbox.CardPaysOnce); err != nil {
		t.Fatal(err)
	}
	w.Advance(month)
	if got := w.Live(c.ID)[0]; got.Status != "past_due" || w.charged(c.ID) != 500 {
		t.Errorf("%s, charged %d", got.Status, w.charged(c.ID))
	}
}

// A trial needs no payment, and is paid when it ends.
func TestTrial(t *testing.T) {
	t.Parallel()
	for card, status := range map[sandbox.Card]stripe.SubscriptionStatus{sandbox.CardPays: "active", sandbox.CardDeclines: "past_due"} {
		w := newWorld(t)
		c := w.customer()
		session := w.checkout(c.ID, trial)
		if err := w.Pay(session.ID, sandbox.CardDeclines); err != sandbox.ErrDeclined || len(w.Sandbox.Subscriptions(c.ID)) != 0 {
			t.Fatalf("%v: the card is checked before a trial", err)
		}
		if err := w.Pay(session.ID, sandbox.CardPays); err != nil {
			t.Fatal(err)
		}
		paid, sub := w.Sessions(c.ID)[0], w.Live(c.ID)[0]
		if paid.PaymentStatus != "no_payment_required" || sub.Status != "trialing" || sub.TrialEnd != begin.Add(14*day).Unix() || sub.CurrentPeriodEnd != sub.TrialEnd {
			t.Errorf("%s, %+v", paid.PaymentStatus, sub)
		}
		w.SetCard(c.ID, card)
		w.Advance(14*day - time.Second)
		if got := types(w.Events()); got[len(got)-1] != "customer.subscription.trial_will_end" || len(w.Ledger()) != 0 {
			t.Errorf("events %v", got)
		}
		w.Advance(time.Second)
		got := w.subscription(sub.ID)
		if got.Status != status || got.CurrentPeriodEnd != begin.Add(14*day).AddDate(0, 1, 0).Unix() {
			t.Errorf("%s until %d", got.Status, got.CurrentPeriodEnd)
		}
	}
}

// A trial can be changed for nothing, and ends at its time when it is cancelled.
func TestTrialChangesAndEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, sub := w.subscriber(trial)
	w.SetCard(c.ID, sandbox.CardDeclines)
	if changed, err := w.api.Subscriptions.Update(sub.ID, changeParams(sub, basic)); err != nil || changed.Status != "trialing" {
		t.Fatal(err)
	}
	if _, err := w.api.Subscriptions.Update(sub.ID, &stripe.SubscriptionParams{CancelAtPeriodEnd: stripe.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	w.Advance(14 * day)
	if got := w.subscription(sub.ID); got.Status != "canceled" || len(w.Ledger()) != 0 {
		t.Error(got.Status)
	}
}

// Cancelled at the period's end: active until then, and not charged again.
func TestCancelAtPeriodEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, sub := w.subscriber(basic)
	for _, cancel := range []bool{true, false, true} {
		got, err := w.api.Subscriptions.Update(sub.ID, &stripe.SubscriptionParams{CancelAtPeriodEnd: stripe.Bool(cancel)})
		if err != nil || got.CancelAtPeriodEnd != cancel || got.Status != "active" || got.CancelAt != 0 != cancel {
			t.Fatalf("%v, %+v", err, got)
		}
	}
	w.Advance(month - time.Second)
	if got := w.subscription(sub.ID); got.Status != "active" {
		t.Error(got.Status)
	}
	w.Advance(time.Second)
	got := w.subscription(sub.ID)
	if got.Status != "canceled" || got.EndedAt != sub.CurrentPeriodEnd || got.CanceledAt != begin.Unix() || w.charged(c.ID) != 500 {
		t.Errorf("%+v", got)
	}
	events := w.Events()
	if last := events[len(events)-1]; last.Type != "customer.subscription.deleted" || last.Created.Unix() != sub.CurrentPeriodEnd || last.Object != sub.ID || last.Customer != c.ID {
		t.Errorf("%+v", last)
	}
}

// A first payment that fails leaves the session open and the subscription incomplete, for 23 hours; the session lives for 24.
func TestIncomplete(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.customer()
	session := w.checkout(c.ID, basic)
	if err := w.Pay(session.ID, sandbox.CardNeedsAction); err != sandbox.ErrNeedsAction {
		t.Fatal(err)
	}
	if err := w.Pay(session.ID, sandbox.CardDeclines); err != sandbox.ErrDeclined {
		t.Fatal(err)
	}
	all := w.Sandbox.Subscriptions(c.ID)
	if len(all) != 1 || all[0].Status != "incomplete" || len(w.Live(c.ID)) != 0 || w.Sessions(c.ID)[0].Status != "open" || w.Sessions(c.ID)[0].Subscription != nil {
		t.Fatalf("%d subscriptions", len(all))
	}
	w.Advance(23 * time.Hour)
	if got := w.subscription(all[0].ID); got.Status != "incomplete_expired" || w.Invoices(c.ID)[0].Status != "void" {
		t.Error(got.Status)
	}
	if err := w.Pay(session.ID, sandbox.CardPays); err != nil {
		t.Fatal(err)
	}
	if all := w.Sandbox.Subscriptions(c.ID); len(all) != 2 || all[0].Status != "active" || w.charged(c.ID) != 500 {
		t.Errorf("%d subscriptions, charged %d", len(all), w.charged(c.ID))
	}
}

// The second attempt pays what the first left.
func TestIncompleteIsPaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.customer()
	session := w.checkout(c.ID, basic)
	if err := w.Pay(session.ID, sandbox.CardDeclines); err != sandbox.ErrDeclined {
		t.Fatal(err)
	}
	if err := w.Pay(session.ID, sandbox.CardPays); err != nil {
		t.Fatal(err)
	}
	if all := w.Sandbox.Subscriptions(c.ID); len(all) != 1 || all[0].Status != "active" || w.charged(c.ID) != 500 {
		t.Errorf("%d subscriptions, charged %d", len(all), w.charged(c.ID))
	}
	if err := w.Pay(session.ID, sandbox.CardPays); err != sandbox.ErrClosed {
		t.Errorf("paid twice: %v", err)
	}
}

// An open session expires by itself or on request, and cannot be paid any more.
func TestSessionExpiry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.customer()
	params := sessionParams(c.ID, basic)
	params.ExpiresAt = stripe.Int64(begin.Add(30 * time.Minute).Unix())
	short, err := w.api.CheckoutSessions.New(params)
	if err != nil {
		t.Fatal(err)
	}
	long := w.checkout(c.ID, basic)
	w.Advance(30 * time.Minute)
	got, err := w.api.CheckoutSessions.Get(short.ID, nil)
	if err != nil || got.Status != "expired" || got.URL != "" {
		t.Errorf("%v, %+v", err, got)
	}
	if expired, err := w.api.CheckoutSessions.Expire(long.ID, nil); err != nil || expired.Status != "expired" {
		t.Errorf("%v, %+v", err, expired)
	}
	_, err = w.api.CheckoutSessions.Expire(long.ID, nil)
	refused(t, err, 400, "", "")
	if err := w.Pay(long.ID, sandbox.CardPays); err != sandbox.ErrClosed {
		t.Errorf("pay: %v", err)
	}
	if got := types(w.Events()); !slices.Equal(got, []string{"customer.created", "checkout.session.expired", "checkout.session.expired"}) {
		t.Errorf("events %v", got)
	}
}

// Time that passes by itself counts like time that is advanced.
func TestRealTime(t *testing.T) {
	t.Parallel()
	now := begin
	w := newWorld(t, func(c *sandbox.Config) { c.Now = func() time.Time { return now } })
	c, sub := w.subscriber(basic)
	now = now.Add(month)
	if got := w.subscription(sub.ID); got.CurrentPeriodStart != sub.CurrentPeriodEnd || w.charged(c.ID) != 1000 {
		t.Errorf("period begins %d, charged %d", got.CurrentPeriodStart, w.charged(c.ID))
	}
	w.Advance(time.Hour)
	if !w.Now().Equal(now.Add(time.Hour)) {
		t.Error(w.Now())
	}
}
