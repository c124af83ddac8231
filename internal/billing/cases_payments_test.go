package billing_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/billing/sandbox"
	"github.com/cragbase/cragbase/internal/pbtest"
)

func TestCase16_DeclinedUpgradeChangesNothing(t *testing.T) {
	t.Parallel()
	testRefusedUpgrade(t, sandbox.CardDeclines, "payment_failed", "generic_decline")
}

func TestCase17_UpgradeThatTheBankWantsConfirmed(t *testing.T) {
	t.Parallel()
	testRefusedUpgrade(t, sandbox.CardNeedsAction, "payment_action_required", nil)
}

func testRefusedUpgrade(t *testing.T, card sandbox.Card, code string, decline any) {
	w := newWorld(t)
	before := w.subscribed(t, pbtest.OwnerID, "basic")
	w.stripe.Advance(10 * day)
	w.stripe.SetCard(before.Customer.ID, card)
	w.deliverAll(t)
	w.stripe.ResetCalls()
	refused := w.subscribe(t, pbtest.OwnerID, "premium")
	wantBody(t, refused, 402, map[string]any{"code": code, "data.decline_code": decline})
	w.wantPortal(t, refused, pbtest.OwnerID)
	check := func() {
		t.Helper()
		w.wantTier(t, pbtest.OwnerID, "basic", "active")
		w.wantPrice(t, pbtest.OwnerID, priceBasic)
		w.wantCharges(t, before.Customer.ID, amountBasic)
		sub := w.current(t, pbtest.OwnerID)
		if sub.Status != stripe.SubscriptionStatusActive || sub.PendingUpdate != nil || sub.LatestInvoice.ID != before.LatestInvoice.ID || sub.CurrentPeriodEnd != before.CurrentPeriodEnd {
			t.Errorf("the subscription changed: %+v", sub)
		}
		for _, invoice := range w.stripe.Invoices(before.Customer.ID) {
			if invoice.Status != stripe.InvoiceStatusPaid {
				t.Errorf("an invoice is left %s", invoice.Status)
			}
		}
		w.wantMirror(t, before.ID, map[string]string{"price": priceBasic, "tier": "basic", "status": "active"})
		w.wantMails(t, pbtest.OwnerID, "subscription_started", "payment_failed")
		w.wantPlans(t, pbtest.OwnerID, "free>basic")
		w.wantNothingUndone(t)
	}
	check()
	w.deliverAll(t)
	check()
	wantBody(t, w.subscription(t, pbtest.OwnerID), 200, map[string]any{"tier": "basic", "payment_status": "active", "next_billing_amount": amountBasic, "pending_change": nil})

	// With another card it works, by an attempt of its own.
	w.stripe.SetCard(before.Customer.ID, sandbox.CardPays)
	wantBody(t, w.subscribe(t, pbtest.OwnerID, "premium"), 200, map[string]any{"action": "changed", "subscription.tier": "premium"})
	calls := w.sent("POST", "/v1/subscriptions/")
	if len(calls) != 2 || calls[0].Key == calls[1].Key || calls[1].Replayed {
		t.Errorf("calls %+v", calls)
	}
	w.wantTier(t, pbtest.OwnerID, "premium", "active")
	w.wantPlans(t, pbtest.OwnerID, "free>basic", "basic>premium")
}

// A downgrade costs nothing, so that a bad card does not stand in its way.
func TestCase16_DowngradeWithABadCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sub := w.subscribed(t, pbtest.OwnerID, "premium")
	w.stripe.SetCard(sub.Customer.ID, sandbox.CardDeclines)
	wantBody(t, w.subscribe(t, pbtest.OwnerID, "basic"), 200, map[string]any{"subscription.tier": "basic"})
	w.wantPrice(t, pbtest.OwnerID, priceBasic)
}

func TestCase18_FirstPaymentNeverComes(t *testing.T) {
	t.Parallel()
	for card, refusal := range map[sandbox.Card]error{sandbox.CardDeclines: sandbox.ErrDeclined, sandbox.CardNeedsAction: sandbox.ErrNeedsAction} {
		t.Run(string(card), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			first := w.checkout(t, pbtest.OwnerID, "basic")
			if err := w.stripe.Pay(first, card); err != refusal {
				t.Fatalf("paid: %v", err)
			}
			w.deliverAll(t)
			customer := w.customer(t, pbtest.OwnerID)
			sub := w.stripe.Subscriptions(customer)[0]
			w.wantTier(t, pbtest.OwnerID, "free", "pending")
			w.wantMirror(t, sub.ID, map[string]string{"status": "incomplete", "tier": "basic"})
			wantBody(t, w.subscription(t, pbtest.OwnerID), 200, map[string]any{"tier": "free", "payment_status": "pending", "stripe_status": "incomplete", "stripe_subscription_id": nil})

			w.advance(t, 23*time.Hour+time.Minute)
			if sub = w.stripe.Subscriptions(customer)[0]; sub.Status != stripe.SubscriptionStatusIncompleteExpired {
				t.Fatalf("after 23 hours it is %s", sub.Status)
			}
			w.wantTier(t, pbtest.OwnerID, "free", "failed")
			w.wantMirror(t, sub.ID, map[string]string{"status": "incomplete_expired"})
			w.advance(t, time.Hour) // the session ends as well
			w.wantMails(t, pbtest.OwnerID)
			w.wantPlans(t, pbtest.OwnerID)
			w.wantCharges(t, customer)

			second := w.checkout(t, pbtest.OwnerID, "basic")
			if second == first {
				t.Error("the session is the one that expired")
			}
			mustNot(t, w.stripe.Pay(second, sandbox.CardPays))
			w.deliverAll(t)
			w.wantTier(t, pbtest.OwnerID, "basic", "active")
			w.wantCharges(t, customer, amountBasic)
			w.wantMails(t, pbtest.OwnerID, "subscription_started")
			w.wantPlans(t, pbtest.OwnerID, "free>basic")
			w.wantNothingUndone(t)
		})
	}
}

// Who comes back to an open checkout finds it as it was: a first payment that their bank is asking about goes on.
func TestCase18_FirstPaymentGoesOnInTheSameSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	session := w.checkout(t, pbtest.OwnerID, "basic")
	_ = w.stripe.Pay(session, sandbox.CardNeedsAction)
	w.deliverAll(t)
	customer := w.customer(t, pbtest.OwnerID)
	first := w.stripe.Subscriptions(customer)[0].ID
	if again := w.checkout(t, pbtest.OwnerID, "basic"); again != session {
		t.Errorf("another session: %s", again)
	}
	if subs := w.stripe.Subscriptions(customer); len(subs) != 1 || subs[0].Status != stripe.SubscriptionStatusIncomplete {
		t.Errorf("the payment under way was cut: %s", subs[0].Status)
	}
	mustNot(t, w.stripe.Pay(session, sandbox.CardPays))
	w.deliverAll(t)
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
	if w.current(t, pbtest.OwnerID).ID != first {
		t.Error("another subscription was made")
	}
	w.wantCharges(t, customer, amountBasic)
}

// Another tier replaces a checkout, and with it the payment that was under way.
func TestCase18_AnotherTierInsteadOfTheFirstPayment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.checkout(t, pbtest.OwnerID, "basic")
	_ = w.stripe.Pay(first, sandbox.CardDeclines)
	w.deliverAll(t)
	second := w.checkout(t, pbtest.OwnerID, "premium")
	if err := w.stripe.Pay(first, sandbox.CardPays); err != sandbox.ErrClosed {
		t.Errorf("the first checkout can still be paid: %v", err)
	}
	customer := w.customer(t, pbtest.OwnerID)
	for _, sub := range w.stripe.Subscriptions(customer) {
		if sub.Status == stripe.SubscriptionStatusIncomplete {
			t.Error("the first subscription can still be paid")
		}
	}
	mustNot(t, w.stripe.Pay(second, sandbox.CardPays))
	w.deliverAll(t)
	w.wantTier(t, pbtest.OwnerID, "premium", "active")
	w.wantCharges(t, customer, amountPremium)
}

func TestCase19_FailedRenewal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sub := w.pastDue(t, pbtest.OwnerID, "basic")
	grace := date(w.stripe.Invoices(sub.Customer.ID)[0].Created + 7*24*3600)
	w.wantTier(t, pbtest.OwnerID, "basic", "past_due")
	w.wantMirror(t, sub.ID, map[string]string{"status": "past_due", "tier": "basic"})
	w.wantMails(t, pbtest.OwnerID, "subscription_started", "payment_failed")
	w.wantPlans(t, pbtest.OwnerID, "free>basic")
	w.wantCharges(t, sub.Customer.ID, amountBasic)
	wantBody(t, w.subscription(t, pbtest.OwnerID), 200, map[string]any{
		"tier": "basic", "payment_status": "past_due", "stripe_status": "past_due", "stripe_subscription_id": sub.ID, "grace_until": grace,
	})
	w.advance(t, 4*day) // Stripe tries again, in vain
	w.wantTier(t, pbtest.OwnerID, "basic", "past_due")
	w.wantMails(t, pbtest.OwnerID, "subscription_started", "payment_failed") // one for the invoice
	for _, tier := range []string{"basic", "premium"} {
		w.stripe.ResetCalls()
		response := w.subscribe(t, pbtest.OwnerID, tier)
		wantCode(t, response, 409, "payment_past_due")
		w.wantPortal(t, response, pbtest.OwnerID)
		w.wantNoWrites(t, "subscribe to "+tier)
	}
	response := w.as(t, pbtest.OwnerID, "GET", "/v1/users/me/subscription/preview?tier=premium", nil)
	wantCode(t, response, 409, "payment_past_due")
	w.wantPortal(t, response, pbtest.OwnerID)
	if subs := w.stripe.Subscriptions(sub.Customer.ID); len(subs) != 1 || len(w.stripe.Sessions(sub.Customer.ID)) != 1 {
		t.Errorf("%d subscriptions", len(subs))
	}

	// The grace ends by the clock: a read says so, and the sweep does for who does not look.
	w.advance(t, 3*day)
	w.sweep(t)
	w.wantTier(t, pbtest.OwnerID, "free", "past_due")
	wantBody(t, w.subscription(t, pbtest.OwnerID), 200, map[string]any{"tier": "free", "payment_status": "past_due", "stripe_status": "past_due"})
	wantCode(t, w.subscribe(t, pbtest.OwnerID, "basic"), 409, "payment_past_due")
	w.wantPlans(t, pbtest.OwnerID, "free>basic", "basic>free")
}

// Without any webhook a read finds what a failed renewal means.
func TestCase19_GraceEndsForAReader(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sub := w.pastDue(t, pbtest.OwnerID, "basic")
	w.stripe.Advance(time.Unix(sub.CurrentPeriodStart, 0).Add(7*day).Sub(w.stripe.Now()) - time.Minute)
	w.dropAll()
	wantBody(t, w.subscription(t, pbtest.OwnerID), 200, map[string]any{"tier": "basic", "payment_status": "past_due"})
	w.stripe.Advance(2 * time.Minute)
	wantBody(t, w.subscription(t, pbtest.OwnerID), 200, map[string]any{"tier": "free", "payment_status": "past_due"})
	w.wantTier(t, pbtest.OwnerID, "free", "past_due")
}

// An operator may leave no grace.
func TestCase19_NoGrace(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(config *billing.Config) { config.Grace = -1 })
	w.pastDue(t, pbtest.OwnerID, "basic")
	w.wantTier(t, pbtest.OwnerID, "free", "past_due")
	w.wantPlans(t, pbtest.OwnerID, "free>basic", "basic>free")
}

func TestCase20_PaidLater(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		later time.Duration
		plans []string
	}{
		"within the grace": {2 * day, []string{"free>basic"}},
		"after the grace":  {8*day + time.Hour, []string{"free>basic", "basic>free", "free>basic"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			sub := w.pastDue(t, pbtest.OwnerID, "basic")
			w.advance(t, c.later)
			w.sweep(t)
			mustNot(t, w.stripe.PayInvoice(w.stripe.Invoices(sub.Customer.ID)[0].ID))
			w.deliverAll(t)
			w.wantTier(t, pbtest.OwnerID, "basic", "active")
			w.wantMirror(t, sub.ID, map[string]string{"status": "active"})
			w.wantCharges(t, sub.Customer.ID, amountBasic, amountBasic)
			wantBody(t, w.subscription(t, pbtest.OwnerID), 200, map[string]any{"tier": "basic", "payment_status": "active", "stripe_status": "active", "grace_until": nil})
			w.wantMails(t, pbtest.OwnerID, "subscription_started", "payment_failed")
			w.wantPlans(t, pbtest.OwnerID, c.plans...)
			w.stripe.SetCard(sub.Customer.ID, sandbox.CardPays)
			wantBody(t, w.subscribe(t, pbtest.OwnerID, "premium"), 200, map[string]any{"subscription.tier": "premium"})
		})
	}
}

func TestCase21_RetriesExhaustedAndCancelled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sub := w.pastDue(t, pbtest.OwnerID, "basic")
	w.advance(t, 20*day)
	w.wantNoneLive(t, sub.Customer.ID)
	w.wantTier(t, pbtest.OwnerID, "free", "cancelled")
	w.wantMirror(t, sub.ID, map[string]string{"status": "canceled"})
	w.wantMails(t, pbtest.OwnerID, "subscription_started", "payment_failed", "subscription_cancelled")
	w.wantPlans(t, pbtest.OwnerID, "free>basic", "basic>free")
	w.wantCharges(t, sub.Customer.ID, amountBasic)

	again := w.subscribed(t, pbtest.OwnerID, "premium")
	if again.ID == sub.ID || again.Customer.ID != sub.Customer.ID {
		t.Errorf("subscription %s of %s", again.ID, again.Customer.ID)
	}
	w.wantCharges(t, sub.Customer.ID, amountBasic, amountPremium)
	w.wantMails(t, pbtest.OwnerID, "subscription_started", "payment_failed", "subscription_cancelled", "subscription_started")
	w.wantPlans(t, pbtest.OwnerID, "free>basic", "basic>free", "free>premium")
	w.wantNothingUndone(t)
}

func TestCase21_RetriesExhaustedAndUnpaid(t *testing.T) {
	t.Parallel()
	w := newUnusualWorld(t, unusual{stripe: func(config *sandbox.Config) { config.Dunning = "unpaid" }})
	sub := w.pastDue(t, pbtest.OwnerID, "basic")
	w.advance(t, 20*day)
	if status := w.current(t, pbtest.OwnerID).Status; status != stripe.SubscriptionStatusUnpaid {
		t.Fatalf("it is %s", status)
	}
	w.wantTier(t, pbtest.OwnerID, "free", "failed")
	wantBody(t, w.subscription(t, pbtest.OwnerID), 200, map[string]any{"tier": "free", "payment_status": "failed", "stripe_status": "unpaid"})
	for _, tier := range []string{"basic", "premium"} { // there is one already, which can be paid or cancelled
		w.stripe.ResetCalls()
		response := w.subscribe(t, pbtest.OwnerID, tier)
		wantCode(t, response, 409, "payment_past_due")
		w.wantPortal(t, response, pbtest.OwnerID)
		w.wantNoWrites(t, "subscribe to "+tier)
	}

	wantBody(t, w.cancel(t, pbtest.OwnerID, false), 200, map[string]any{"tier": "free", "payment_status": "cancelled"})
	w.deliverAll(t)
	w.wantNoneLive(t, sub.Customer.ID)
	w.subscribed(t, pbtest.OwnerID, "basic")
	w.wantCharges(t, sub.Customer.ID, amountBasic, amountBasic)
}

// An unpaid subscription whose debt is paid after all counts again.
func TestCase21_UnpaidThatIsPaid(t *testing.T) {
	t.Parallel()
	w := newUnusualWorld(t, unusual{stripe: func(config *sandbox.Config) { config.Dunning = "unpaid" }})
	sub := w.pastDue(t, pbtest.OwnerID, "basic")
	debt := w.stripe.Invoices(sub.Customer.ID)[0].ID
	w.advance(t, 20*day)
	mustNot(t, w.stripe.PayInvoice(debt))
	w.deliverAll(t)
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
	w.wantPlans(t, pbtest.OwnerID, "free>basic", "basic>free", "free>basic")
}

// Who does not pay cannot stay to the end of the period: it would be a present.
func TestPastDueEndsAtOnce(t *testing.T) {
	t.Parallel()
	for name, atPeriodEnd := range map[string]bool{"now": false, "at the end of the period": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			sub := w.pastDue(t, pbtest.OwnerID, "basic")
			wantBody(t, w.cancel(t, pbtest.OwnerID, atPeriodEnd), 200, map[string]any{"tier": "free", "payment_status": "cancelled", "cancel_at_period_end": false, "pending_change": nil, "grace_until": nil})
			w.wantNoneLive(t, sub.Customer.ID)
			w.deliverAll(t)
			w.wantTier(t, pbtest.OwnerID, "free", "cancelled")
			w.stripe.SetCard(sub.Customer.ID, sandbox.CardPays)
			w.advance(t, 40*day) // what they owed is not collected any more
			w.wantCharges(t, sub.Customer.ID, amountBasic)
			w.wantMails(t, pbtest.OwnerID, "subscription_started", "payment_failed", "subscription_cancelled")
			w.subscribed(t, pbtest.OwnerID, "basic")
		})
	}
}

// A subscription that was to end with its period and cannot be renewed ends as it was asked to.
func TestEndingSubscriptionIsNotRenewed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sub := w.subscribed(t, pbtest.OwnerID, "basic")
	w.cancel(t, pbtest.OwnerID, true)
	w.stripe.SetCard(sub.Customer.ID, sandbox.CardDeclines)
	w.advance(t, 40*day)
	w.wantTier(t, pbtest.OwnerID, "free", "cancelled")
	w.wantCharges(t, sub.Customer.ID, amountBasic)
	for _, invoice := range w.stripe.Invoices(sub.Customer.ID) {
		if invoice.Status != stripe.InvoiceStatusPaid {
			t.Errorf("an invoice is left %s", invoice.Status)
		}
	}
}

// A change whose answer is lost may have been made: nobody is told that it was not, and the next look shows it.
func TestChangeWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sub := w.subscribed(t, pbtest.OwnerID, "basic")
	w.stripe.Fault(sandbox.Fault{Method: "POST", Path: "/v1/subscriptions/", Drop: true, After: true})
	response := w.subscribe(t, pbtest.OwnerID, "premium")
	wantCode(t, response, 503, "stripe_unavailable")
	if message, _ := response.Map(t)["message"].(string); strings.Contains(message, "othing was changed") {
		t.Errorf("who may have paid is told: %s", message)
	}
	w.stripe.ClearFaults()
	wantBody(t, w.subscription(t, pbtest.OwnerID), 200, map[string]any{"tier": "premium", "source": "stripe"})
	wantCode(t, w.subscribe(t, pbtest.OwnerID, "premium"), 409, "already_subscribed")
	if invoices := w.stripe.Invoices(sub.Customer.ID); len(invoices) != 2 {
		t.Errorf("%d invoices", len(invoices))
	}
	w.deliverAll(t)
	w.wantMails(t, pbtest.OwnerID, "subscription_started", "subscription_changed")
	w.wantPlans(t, pbtest.OwnerID, "free>basic", "basic>premium")
	w.wantNothingUndone(t)
}
