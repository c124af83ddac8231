package hooks

import (
	"maps"
	"slices"
	"strings"

	validation "github.com/go-ozzo/ozzo-validation/v4"
	pbvalidation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/plan"
	"github.com/cragbase/cragbase/internal/usage"
)

// bindUsers binds what holds for the users collection.
func (s *server) bindUsers(app core.App) {
	app.OnRecordCreateRequest(account.Collection).BindFunc(checkSignUp)
	app.OnRecordAuthWithOAuth2Request(account.Collection).BindFunc(checkOAuth2)
	app.OnRecordValidate(account.Collection).BindFunc(checkPassword)
	app.OnRecordCreate(account.Collection).BindFunc(s.createUser)
	app.OnRecordUpdate(account.Collection).BindFunc(func(e *core.RecordEvent) error {
		account.PrepareUpdate(e.Record)
		return e.Next()
	})
	app.OnRecordAuthRequest(account.Collection).BindFunc(s.recordLogin)

	forget := func(e *core.RecordEvent) error {
		s.sessions.Forget(e.Record.Id)
		return e.Next()
	}
	app.OnRecordAfterUpdateSuccess(account.Collection).BindFunc(forget)
	app.OnRecordAfterDeleteSuccess(account.Collection).BindFunc(forget)
	app.OnCollectionAfterUpdateSuccess(account.Collection).BindFunc(func(e *core.CollectionEvent) error {
		s.sessions.ForgetAll() // its token secret may have changed
		return e.Next()
	})
}

// checkSignUp refuses everything in a sign-up but the four fields of the contract.
func checkSignUp(e *core.RecordRequestEvent) error {
	info, err := e.RequestInfo()
	if err != nil {
		return err
	}
	switch {
	case info.HasSuperuserAuth():
		return e.Next()
	case info.Context == core.RequestInfoContextOAuth2: // checkOAuth2 has seen what the client sent
		if e.Record.GetString(account.FieldUsername) == "" {
			e.Record.Set(account.FieldUsername, account.FreeUsername())
		}
		return e.Next()
	}
	// PocketBase has dropped hidden fields from info.Body by now, and reads files from elsewhere.
	sent, err := sentNames(e.RequestEvent)
	if err != nil {
		return err
	}
	allowed := []string{account.FieldUsername, core.FieldNameEmail, core.FieldNamePassword, core.FieldNamePassword + "Confirm"}
	if err := refuseOthers(slices.Concat(sent, slices.Collect(maps.Keys(info.Body))), allowed); err != nil {
		return err
	}
	return e.Next()
}

// checkOAuth2 does the same for what a client sends along with an OAuth2 login that may become a sign-up.
func checkOAuth2(e *core.RecordAuthWithOAuth2RequestEvent) error {
	if err := refuseOthers(slices.Collect(maps.Keys(e.CreateData)), []string{account.FieldUsername}); err != nil {
		return err
	}
	return e.Next()
}

// refuseOthers fails for names that are not allowed, with an error for each.
func refuseOthers(names, allowed []string) error {
	problems := map[string]error{}
	for _, name := range names {
		if !slices.Contains(allowed, name) {
			problems[name] = validation.NewError("unknown_field", "A sign-up has "+strings.Join(allowed, ", ")+" and nothing else")
		}
	}
	if len(problems) > 0 {
		return apis.NewBadRequestError("Failed to create record", problems)
	}
	return nil
}

// checkPassword adds to PocketBase's rules, which count characters: bcrypt reads 72 bytes and takes any password for
// equal that differs only behind them.
func checkPassword(e *core.RecordEvent) error {
	password, ok := e.Record.GetRaw(core.FieldNamePassword).(*core.PasswordFieldValue)
	if ok && password.Plain != "" {
		if err := account.CheckPassword(password.Plain); err != nil {
			return pbvalidation.Errors{core.FieldNamePassword: pbvalidation.NewError("validation_invalid_password", err.Error())}
		}
	}
	return e.Next()
}

// createUser saves a user, the usage record that belongs to them and the mail that greets them, all or nothing.
func (s *server) createUser(e *core.RecordEvent) error {
	account.PrepareCreate(e.Record)
	outer := e.App
	defer func() { e.App = outer }()
	return outer.RunInTransaction(func(txApp core.App) error {
		e.App = txApp
		if err := e.Next(); err != nil {
			return err
		}
		limits, err := plan.Of(txApp, e.Record.GetString(account.FieldTier))
		if err != nil {
			return err
		}
		if err := usage.Open(txApp, e.Record.Id, limits.MaxDailyMessages); err != nil {
			return err
		}
		return s.queueWelcome(txApp, e.Record)
	})
}

// recordLogin keeps the time of a login; a refreshed token is none.
func (s *server) recordLogin(e *core.RecordAuthRequestEvent) error {
	if e.AuthMethod == "" {
		return e.Next()
	}
	if err := account.RecordLogin(e.App, e.Record, s.Now()); err != nil {
		return err
	}
	s.sessions.Forget(e.Record.Id)
	s.metrics.logins.WithLabelValues(e.AuthMethod).Inc()
	return e.Next()
}
