package hooks

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/audit"
	"github.com/cragbase/cragbase/internal/notice"
	"github.com/cragbase/cragbase/internal/ratelimit"
)

// bindLogins puts the throttle before every login by password, and brings users back who had left.
func (s *server) bindLogins(app core.App) {
	app.OnRecordAuthWithPasswordRequest(account.Collection, core.CollectionNameSuperusers).BindFunc(s.throttleLogin)
	app.OnRecordAuthWithOAuth2Request(account.Collection).BindFunc(func(e *core.RecordAuthWithOAuth2RequestEvent) error {
		if err := s.welcomeBack(e.RequestEvent, &e.Record); err != nil {
			return err
		}
		return e.Next()
	})
	app.OnRecordAuthWithOTPRequest(account.Collection).BindFunc(func(e *core.RecordAuthWithOTPRequestEvent) error {
		if err := s.welcomeBack(e.RequestEvent, &e.Record); err != nil {
			return err
		}
		return e.Next()
	})
}

// welcomeBack reactivates a user who has just proved who they are, if they had left. The login goes on with the user as
// saved.
func (s *server) welcomeBack(e *core.RequestEvent, user **core.Record) error {
	if *user == nil || !account.MayReturn(*user) {
		return nil
	}
	back, err := account.Reactivate(e.App, (*user).Id, func(txApp core.App, user *core.Record, _ []string) error {
		return s.tell(txApp, e, user, audit.Reactivated, nil, notice.Reactivated{At: s.Now()})
	})
	if err != nil {
		return apis.NewInternalServerError("", err)
	}
	*user = back
	return nil
}

// throttleLogin lets a login through to PocketBase when it is not locked, and counts it when it fails. Whether the
// account exists, is deactivated or belongs to another site makes no difference to answer, time or count.
func (s *server) throttleLogin(e *core.RecordAuthWithPasswordRequestEvent) error {
	if account.CheckReadable(e.Password) != nil {
		return badCredentials() // bcrypt would take it for its first 72 bytes
	}
	attempt, err := loginAttempt(e)
	if err != nil {
		return apis.NewInternalServerError("", err)
	}
	var answer error
	err = s.throttle.Try(e.Request.Context(), e.App, attempt, func() (bool, error) {
		answer = s.authenticate(e)
		if !isWrong(answer) {
			return true, nil
		}
		return false, audit.Write(e.App, audit.Entry{UserID: userID(e), Event: audit.LoginFailed, Source: clientOf(e.RequestEvent).Source})
	})
	var wrong *account.WrongPasswordError
	switch {
	case err == nil:
		return answer
	case errors.As(err, &wrong):
		if !wrong.LockedUntil.IsZero() && userID(e) != "" {
			if err := s.tellOfLock(e.App, e.RequestEvent, e.Record, wrong.LockedUntil); err != nil {
				return apis.NewInternalServerError("", err)
			}
		}
		return answer
	}
	return s.nativeError(err)
}

// authenticate checks the password, and brings back a deactivated user who knows it. A wrong one costs one bcrypt in
// either case.
func (s *server) authenticate(e *core.RecordAuthWithPasswordRequestEvent) error {
	if e.Record != nil {
		fresh, err := e.App.FindRecordById(e.Collection, e.Record.Id) // it may have waited for its turn
		if err != nil {
			return badCredentials()
		}
		e.Record = fresh
	}
	if e.Record != nil && e.Collection.Name == account.Collection && account.MayReturn(e.Record) {
		if !e.Record.ValidatePassword(e.Password) {
			return badCredentials()
		}
		if err := s.welcomeBack(e.RequestEvent, &e.Record); err != nil {
			return err
		}
	}
	return e.Next()
}

// badCredentials is PocketBase's answer to a wrong name or password.
func badCredentials() error {
	return apis.NewBadRequestError("Failed to authenticate.", errors.New("invalid login credentials"))
}

func isWrong(answer error) bool {
	var api *router.ApiError
	return errors.As(answer, &api) && (api.Status == http.StatusBadRequest || api.Status == http.StatusForbidden)
}

// loginAttempt is what a login counts under: the account, by whatever name it was called, or the name that nobody has.
func loginAttempt(e *core.RecordAuthWithPasswordRequestEvent) (account.Attempt, error) {
	block := ratelimit.Block(e.RealIP())
	if e.Record == nil {
		return account.LoggingIn(e.Collection.Name, strings.ToLower(e.Identity), block, false), nil
	}
	known := false
	if e.Collection.Name == account.Collection {
		addresses, err := account.Addresses(e.App, e.Record.Id)
		if err != nil {
			return account.Attempt{}, err
		}
		known = slices.ContainsFunc(addresses, func(address string) bool { return ratelimit.Block(address) == block })
	}
	return account.LoggingIn(e.Collection.Name, e.Record.Id, block, known), nil
}

// userID is whose login it is, "" for an administrator's and for nobody's.
func userID(e *core.RecordAuthWithPasswordRequestEvent) string {
	if e.Record == nil || e.Collection.Name != account.Collection {
		return ""
	}
	return e.Record.Id
}

// tellOfLock notes a lock, and mails its user about the first of a day.
func (s *server) tellOfLock(app core.App, e *core.RequestEvent, user *core.Record, until time.Time) error {
	return app.RunInTransaction(func(txApp core.App) error {
		if err := audit.Write(txApp, audit.Entry{UserID: user.Id, Event: audit.Locked, Source: clientOf(e).Source, Details: map[string]any{"until": until.UTC()}}); err != nil {
			return err
		}
		now := s.Now()
		return s.outbox.Queue(txApp, notice.Notice{
			UserID: user.Id, Key: "too_many_attempts:" + user.Id + ":" + now.UTC().Format(time.DateOnly),
			Message: notice.TooManyAttempts{At: now, Until: until},
		})
	})
}

// nativeError is an error of ours as PocketBase's own routes answer.
func (s *server) nativeError(err error) error {
	p := problemOf(err)
	if p.Status == http.StatusInternalServerError {
		return apis.NewInternalServerError("", err)
	}
	native := apis.NewApiError(p.Status, p.Message, nil)
	native.Data = p.Data
	if native.Data == nil {
		native.Data = map[string]any{}
	}
	return &laterError{error: native, wait: waitOf(err, s.Now())}
}

// tell writes an entry of the audit log, and a mail to the user where there is one, into the transaction of what happened.
func (s *server) tell(txApp core.App, e *core.RequestEvent, user *core.Record, event string, details map[string]any, message notice.Message) error {
	if err := audit.Write(txApp, audit.Entry{UserID: user.Id, Event: event, Source: clientOf(e).Source, Details: details}); err != nil {
		return err
	}
	if message == nil {
		return nil
	}
	return s.outbox.Queue(txApp, notice.Notice{UserID: user.Id, Message: message})
}
