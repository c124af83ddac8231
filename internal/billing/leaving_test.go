package billing_test

import (
	"net/http"
	"testing"

	"github.com/pocketbase/dbx"

	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/billing/sandbox"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// Whoever comes back while Stripe has not heard yet that they left is free from the first moment, sees nothing of the plan
// that is to end, and stays free.
func TestReturnBeforeStripeHasHeard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.newUser(t)
	w.subscribed(t, user, "premium")
	charged := w.charged()

	w.stripe.Fault(sandbox.Fault{Method: http.MethodDelete, Status: http.StatusServiceUnavailable})
	if left := w.as(t, user, "POST", "/v1/users/me/deactivate", map[string]string{"password": pbtest.Password}); left.Status != http.StatusOK {
		t.Fatal(left.Body)
	}
	record, err := w.FindRecordById("users", user)
	if err != nil {
		t.Fatal(err)
	}
	back := w.as(t, "", "POST", "/api/collections/users/auth-with-password", map[string]string{"identity": record.Email(), "password": pbtest.Password})
	if back.Status != http.StatusOK {
		t.Fatal(back.Body)
	}
	if live := w.stripe.Live(w.customer(t, user)); len(live) != 1 {
		t.Fatalf("%d live subscriptions: Stripe has heard already", len(live))
	}
	w.wantTier(t, user, "free", "cancelled")
	for range 2 { // looking changes nothing
		if tier := w.as(t, user, "GET", "/v1/users/me/subscription", nil).Map(t)["tier"]; tier != "free" {
			t.Errorf("they see the plan %v", tier)
		}
	}
	w.wantTier(t, user, "free", "cancelled")
	wantCode(t, w.subscribe(t, user, "premium"), http.StatusServiceUnavailable, "stripe_unavailable")

	w.stripe.ClearFaults()
	again := w.checkout(t, user, "basic")
	w.wantTier(t, user, "free", "cancelled")
	if live := w.stripe.Live(w.customer(t, user)); len(live) != 0 {
		t.Errorf("%d live subscriptions", len(live))
	}
	due, err := w.CountRecords(billing.SubscriptionCollection, dbx.HashExp{"user": user, "refund_due": true})
	if err != nil || due != 0 || w.charged() != charged {
		t.Errorf("%d refunds due (%v), charged %d", due, err, w.charged())
	}
	if err := w.stripe.Pay(again, sandbox.CardPays); err != nil {
		t.Fatal(err)
	}
	w.deliverAll(t)
	w.wantTier(t, user, "basic", "active")
}

// What is paid after its user was deactivated in the dashboard, where nobody writes down when, is not refunded by a guess.
func TestDeactivationInTheDashboardRefundsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.newUser(t)
	w.subscribed(t, user, "basic")
	record, err := w.FindRecordById("users", user)
	if err != nil {
		t.Fatal(err)
	}
	record.Set("is_active", false)
	if err := w.Save(record); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the subscription is cancelled", func() bool { return len(w.stripe.Live(w.customer(t, user))) == 0 })
	w.deliverAll(t)
	w.wantTier(t, user, "free", "cancelled")
	if due, err := w.CountRecords(billing.SubscriptionCollection, dbx.HashExp{"user": user, "refund_due": true}); err != nil || due != 0 {
		t.Errorf("%d refunds due (%v)", due, err)
	}
}
