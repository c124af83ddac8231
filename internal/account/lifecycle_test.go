package account_test

import (
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// Whoever comes back is free at once, whatever Stripe has heard by then, and whoever gave them the tier.
func TestReturnEndsThePlan(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule                 string
		tier, payment, after string
	}{
		{"the cancel has not got through", "premium", "active", "cancelled"},
		{"the payment was late when they left", "basic", "past_due", "cancelled"},
		{"the sync has seen them gone", "free", "cancelled", "cancelled"},
		{"an administrator's present", "premium", "inactive", "inactive"},
		{"they never paid", "free", "inactive", "inactive"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			app := pbtest.New(t)
			set(t, app, "users", pbtest.DeactivatedID, map[string]any{"tier": test.tier, "payment_status": test.payment})
			told := false
			user, err := account.Reactivate(app, pbtest.DeactivatedID, func(core.App, *core.Record, []string) error {
				told = true
				return nil
			})
			if err != nil || !told {
				t.Fatalf("told %v, %v", told, err)
			}
			saved, err := app.FindRecordById("users", user.Id)
			if err != nil {
				t.Fatal(err)
			}
			if !saved.GetBool("is_active") || saved.GetString("tier") != "free" || saved.GetString("payment_status") != test.after {
				t.Errorf("active %v, tier %s, payment %s", saved.GetBool("is_active"), saved.GetString("tier"), saved.GetString("payment_status"))
			}
		})
	}
}

// Whoever is there already keeps what they pay for.
func TestReturnOfWhoIsThere(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	set(t, app, "users", pbtest.OwnerID, map[string]any{"tier": "basic", "payment_status": "active"})
	user, err := account.Reactivate(app, pbtest.OwnerID, func(core.App, *core.Record, []string) error {
		t.Error("it was told")
		return nil
	})
	if err != nil || user.GetString("tier") != "basic" || user.GetString("payment_status") != "active" {
		t.Errorf("%v (%v)", user.FieldsData(), err)
	}
}
