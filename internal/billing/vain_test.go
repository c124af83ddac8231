package billing_test

import (
	"errors"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/billing/sandbox"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// The first attempt to pay fails, its user leaves, and the second attempt works before Stripe has heard of that. The
// invoice is older than the departure; the money is not.
func TestPaidAfterLeavingWithAnOlderInvoiceIsToBeRefunded(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	stripe := newStripe(t, nil, nil)
	sellPlans(t, app)
	b := billing.New(billing.Config{SecretKey: secretKey, Transport: sandbox.Transport(stripe.API()), Retries: -1, Now: stripe.Now})
	outcome, err := b.Subscribe(t.Context(), app, pbtest.OwnerID, "basic", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := stripe.Pay(outcome.Checkout.SessionID, sandbox.CardDeclines); !errors.Is(err, sandbox.ErrDeclined) {
		t.Fatal(err)
	}
	stripe.Advance(time.Minute)
	leave(t, app, b, stripe.Now())
	stripe.Advance(time.Minute)
	if err := stripe.Pay(outcome.Checkout.SessionID, sandbox.CardPays); err != nil {
		t.Fatal(err)
	}
	if err := b.Settle(t.Context(), app, pbtest.OwnerID); err != nil {
		t.Fatal(err)
	}
	due, err := app.CountRecords(billing.SubscriptionCollection, dbx.HashExp{"user": pbtest.OwnerID, "refund_due": true})
	if live := stripe.Live(stripe.Customers()[0].ID); err != nil || due != 1 || len(live) != 0 {
		t.Errorf("%d to be refunded (%v), %d live", due, err, len(live))
	}
}

// leave deactivates the owner as the API does.
func leave(t *testing.T, app core.App, b *billing.Billing, now time.Time) {
	t.Helper()
	err := app.RunInTransaction(func(txApp core.App) error {
		user, err := txApp.FindRecordById("users", pbtest.OwnerID)
		if err != nil {
			return err
		}
		user.Load(map[string]any{"is_active": false, "deactivated_at": now})
		if err := txApp.Save(user); err != nil {
			return err
		}
		_, err = b.RecordEnd(txApp, pbtest.OwnerID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
