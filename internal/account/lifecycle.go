package account

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"
	"github.com/pocketbase/pocketbase/tools/types"
)

// tierFree is the tier of users who pay nothing.
const tierFree = "free"

// PrepareCreate gives a new user the state that everybody starts with. Tier and payment status
// that an administrator chose stay.
func PrepareCreate(user *core.Record) {
	user.SetEmail(normalEmail(user.Email()))
	user.Set(FieldIsActive, true)
	if user.GetString(FieldTier) == "" {
		user.Set(FieldTier, tierFree)
	}
	if user.GetString(FieldPaymentStatus) == "" {
		user.Set(FieldPaymentStatus, "inactive")
	}
}

// PrepareUpdate keeps the rules that hold whoever changes a user: e-mail addresses differ by more than case, and a user
// who may no longer act loses every token at once.
func PrepareUpdate(user *core.Record) {
	user.SetEmail(normalEmail(user.Email()))
	if MayAct(user.Original()) && !MayAct(user) {
		user.RefreshTokenKey()
	}
}

// FreeUsername makes up a name for a user who came without one; they can change it.
func FreeUsername() string { return "climber-" + security.RandomStringWithAlphabet(10, "0123456789") }

func normalEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// IsUsernameTaken reports whether a user has a name, in whatever case.
func IsUsernameTaken(app core.App, username string) (bool, error) {
	return isTaken(app, FieldUsername, username)
}

func isTaken(app core.App, field, value string) (bool, error) {
	count, err := app.CountRecords(Collection, dbx.NewExp("[["+field+"]] = {:value} COLLATE NOCASE", dbx.Params{"value": value}))
	return count > 0, err
}

// gracePeriod is how long a login restores an account that is to be erased.
const gracePeriod = 14 * 24 * time.Hour

// Deactivate ends the account of a session until its user logs in again. ErrNoSession: the session ended meanwhile.
func Deactivate(app core.App, user *core.Record, now time.Time, within Within) error {
	user.Load(map[string]any{FieldIsActive: false, FieldDeactivatedAt: now})
	return saveState(app, user, within)
}

// ScheduleErasure does the same, for good after a period of grace whose end it returns.
func ScheduleErasure(app core.App, user *core.Record, now time.Time, within Within) (time.Time, error) {
	eraseAt := now.Add(gracePeriod)
	user.Load(map[string]any{FieldIsActive: false, FieldDeactivatedAt: now, FieldEraseAt: eraseAt})
	return eraseAt, saveState(app, user, within)
}

func saveState(app core.App, user *core.Record, within Within) error {
	err := app.RunInTransaction(func(txApp core.App) error {
		if err := stillOpen(txApp, user); err != nil {
			return err
		}
		if err := txApp.Save(user); err != nil {
			return err
		}
		return within(txApp, user, []string{FieldIsActive})
	})
	if err != nil {
		return fmt.Errorf("deactivate: %w", err)
	}
	return nil
}

// MayReturn reports whether a login would bring a user back: they left by themselves, and nobody banned them.
func MayReturn(user *core.Record) bool {
	return !user.GetBool(FieldIsActive) && user.GetDateTime(FieldBannedAt).IsZero()
}

// Reactivate brings a user back who just proved who they are, on the free plan, and takes an erasure back that has not
// happened. It returns the user as saved. Somebody who is back already stays as they are.
//
// Tier and payment status belong to the sync with Stripe everywhere else. Here they are written as it would write them: the
// end of a subscription was recorded in the transaction in which its user left, stays recorded when they come back, and
// is carried out in any case. So whoever returns while Stripe has not heard of it yet is free from the first moment, and
// not on the paid plan until the call gets through. Where the sync has seen the user gone meanwhile, it has written the
// same, and nothing changes here. A tier that an administrator gave is no matter of Stripe's, and ends with this alone.
func Reactivate(app core.App, userID string, within Within) (*core.Record, error) {
	var user *core.Record
	err := app.RunInTransaction(func(txApp core.App) error {
		var err error
		if user, err = txApp.FindRecordById(Collection, userID); err != nil || !MayReturn(user) {
			return err
		}
		user.Load(map[string]any{FieldIsActive: true, FieldDeactivatedAt: nil, FieldEraseAt: nil})
		endPlan(user)
		user.RefreshTokenKey()
		if err := txApp.Save(user); err != nil {
			return err
		}
		return within(txApp, user, []string{FieldIsActive})
	})
	if err != nil {
		return nil, fmt.Errorf("reactivate: %w", err)
	}
	return user, nil
}

// endPlan puts a user on the free plan. Where no payment was due there is none that could be over.
func endPlan(user *core.Record) {
	user.Set(FieldTier, tierFree)
	if slices.Contains([]string{"pending", "active", "past_due"}, user.GetString(FieldPaymentStatus)) {
		user.Set(FieldPaymentStatus, "cancelled")
	}
}

// RecordLogin notes when a user signed in. It writes that column alone, without events: a login is no change of the
// profile that anybody watches.
func RecordLogin(app core.App, user *core.Record, now time.Time) error {
	at, err := types.ParseDateTime(now.UTC())
	if err != nil {
		return fmt.Errorf("record login: %w", err)
	}
	_, err = app.NonconcurrentDB().Update(Collection, dbx.Params{FieldLastLogin: at.String()}, dbx.HashExp{"id": user.Id}).Execute()
	if err != nil {
		return fmt.Errorf("record login: %w", err)
	}
	user.Set(FieldLastLogin, at)
	return nil
}
