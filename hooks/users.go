package hooks

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	validation "github.com/go-ozzo/ozzo-validation/v4"
	pbvalidation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/audit"
	"github.com/cragbase/cragbase/internal/notice"
	"github.com/cragbase/cragbase/internal/plan"
	"github.com/cragbase/cragbase/internal/usage"
)

// bindUsers binds what holds for the users collection.
func (s *server) bindUsers(app core.App) {
	app.OnRecordCreateRequest(account.Collection).BindFunc(s.checkSignUp)
	app.OnRecordAuthWithOAuth2Request(account.Collection).BindFunc(checkOAuth2)
	app.OnRecordValidate(account.Collection).BindFunc(checkPassword)
	app.OnRecordCreate(account.Collection).BindFunc(s.createUser)
	app.OnRecordUpdate(account.Collection).BindFunc(s.updateUser)

	forget := func(e *core.RecordEvent) error {
		s.sessions.Forget(e.Record.Id)
		endStreamsOfOldTokens(e.App, e.Record)
		s.endAnswersOfOldTokens(e.Record)
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
func (s *server) checkSignUp(e *core.RecordRequestEvent) error {
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
	return s.hideTakenEmail(e)
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

// hideTakenEmail answers a sign-up with the address of another account as one that worked, and tells that account's user.
// Whoever owns the address finds out by mail, and nobody else does. It takes as long: the password is hashed by now.
func (s *server) hideTakenEmail(e *core.RecordRequestEvent) error {
	err := e.Next()
	if fieldCode(err, core.FieldNameEmail) != "validation_not_unique" {
		return err
	}
	// SQLite names one index of those that a row violates.
	if taken, err := account.IsUsernameTaken(e.App, e.Record.GetString(account.FieldUsername)); err != nil {
		return apis.NewInternalServerError("", err)
	} else if taken {
		return apis.NewBadRequestError("Failed to create record", pbvalidation.Errors{
			account.FieldUsername: pbvalidation.NewError("validation_not_unique", "Value must be unique"),
		})
	}
	owner, err := e.App.FindFirstRecordByData(account.Collection, core.FieldNameEmail, e.Record.Email())
	if err != nil {
		return apis.NewInternalServerError("", err)
	}
	now := s.Now()
	err = e.App.RunInTransaction(func(txApp core.App) error {
		return s.outbox.Queue(txApp, notice.Notice{
			UserID: owner.Id, Key: "sign_up_again:" + owner.Id + ":" + now.UTC().Format(time.DateOnly), Message: notice.SignUpAgain{At: now},
		})
	})
	if err != nil {
		return apis.NewInternalServerError("", err)
	}
	if err := apis.EnrichRecord(e.RequestEvent, e.Record); err != nil {
		return apis.NewInternalServerError("", err)
	}
	return e.JSON(http.StatusOK, e.Record)
}

// checkPassword holds the policy on every path that sets a password: it runs whenever a user is validated.
func checkPassword(e *core.RecordEvent) error {
	password, ok := e.Record.GetRaw(core.FieldNamePassword).(*core.PasswordFieldValue)
	if ok && password.Plain != "" {
		if err := account.CheckPassword(password.Plain, account.WordsOf(e.Record)...); err != nil {
			return pbvalidation.Errors{core.FieldNamePassword: pbvalidation.NewError(err.Code(), err.Message())}
		}
	}
	return e.Next()
}

// updateUser saves a user with what belongs into the same transaction. Another plan is noted, whoever chose it. When
// the tokens end, the sessions do.
func (s *server) updateUser(e *core.RecordEvent) error {
	account.PrepareUpdate(e.Record)
	key, outer := e.Record.Original().TokenKey(), e.App
	also, _ := e.Record.GetRaw(alongside).(effect)
	defer func() { e.App = outer }()
	return outer.RunInTransaction(func(txApp core.App) error {
		e.App = txApp
		before, err := savedTier(txApp, e.Record)
		if err != nil {
			return err
		}
		if err := e.Next(); err != nil {
			return err
		}
		if err := s.noteTier(txApp, e.Record, before); err != nil {
			return err
		}
		if e.Record.TokenKey() != key {
			if err := account.EndAll(txApp, e.Record.Id); err != nil {
				return err
			}
		}
		if also == nil {
			return nil
		}
		return also(txApp)
	})
}

// savedTier is the tier that a user has before the save. It is read only where it may change: what the record was read
// with may be older, and a record that is saved twice tells of its first change twice.
func savedTier(txApp core.App, user *core.Record) (string, error) {
	tier := user.GetString(account.FieldTier)
	if tier == user.Original().GetString(account.FieldTier) {
		return tier, nil
	}
	saved, err := txApp.FindRecordById(account.Collection, user.Id)
	if err != nil {
		return "", err
	}
	return saved.GetString(account.FieldTier), nil
}

// noteTier writes another plan down, with its limit of messages, and counts it once it is committed.
func (s *server) noteTier(txApp core.App, user *core.Record, before string) error {
	tier := user.GetString(account.FieldTier)
	if tier == before {
		return nil
	}
	txApp.TxInfo().OnComplete(func(failure error) error {
		if failure == nil {
			s.metrics.tierChanges.WithLabelValues(before, tier).Inc()
		}
		return nil
	})
	terms, err := syncTerms(txApp, user)
	if err != nil {
		return err
	}
	if err := s.syncer.Hasten(txApp, user.Id, terms.Interval); err != nil {
		return err
	}
	limits, err := plan.Of(txApp, tier)
	if err != nil {
		return err
	}
	if err := usage.SetLimit(txApp, user.Id, limits.MaxDailyMessages); err != nil {
		return err
	}
	return audit.Write(txApp, audit.Entry{UserID: user.Id, Event: audit.PlanChanged, Details: map[string]any{"from": before, "to": tier}})
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
