package hooks

import (
	"slices"

	validation "github.com/go-ozzo/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/plan"
	"github.com/cragbase/cragbase/internal/usage"
)

// bindUsers binds what holds for the users collection.
func (s *server) bindUsers(app core.App) {
	app.OnRecordCreateRequest(account.Collection).BindFunc(checkSignUp)
	app.OnRecordCreate(account.Collection).BindFunc(createUser)
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

// checkSignUp refuses everything in a sign-up but the four fields of the contract. Fields that are hidden never get
// here: PocketBase drops them for everybody but administrators.
func checkSignUp(e *core.RecordRequestEvent) error {
	info, err := e.RequestInfo()
	if err != nil {
		return err
	}
	if info.HasSuperuserAuth() || info.Context == core.RequestInfoContextOAuth2 {
		return e.Next()
	}
	problems := map[string]error{}
	for name := range info.Body {
		if !slices.Contains([]string{account.FieldUsername, core.FieldNameEmail, core.FieldNamePassword, core.FieldNamePassword + "Confirm"}, name) {
			problems[name] = validation.NewError("unknown_field", "A sign-up has username, email, password and passwordConfirm only")
		}
	}
	if len(problems) > 0 {
		return apis.NewBadRequestError("Failed to create record", problems)
	}
	return e.Next()
}

// createUser saves a user and the usage record that belongs to them, both or neither.
func createUser(e *core.RecordEvent) error {
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
		return usage.Open(txApp, e.Record.Id, limits.MaxDailyMessages)
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
	return e.Next()
}
