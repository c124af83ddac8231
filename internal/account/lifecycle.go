package account

import (
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"
	"github.com/pocketbase/pocketbase/tools/types"
)

// PrepareCreate gives a new user the state that everybody starts with. Tier and payment status
// that an administrator chose stay.
func PrepareCreate(user *core.Record) {
	user.SetEmail(normalEmail(user.Email()))
	user.Set(FieldIsActive, true)
	if user.GetString(FieldTier) == "" {
		user.Set(FieldTier, "free")
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
