package hooks

import (
	"errors"
	"net/http"

	pbvalidation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/pocketbase/pocketbase/tools/router"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/audit"
	"github.com/cragbase/cragbase/internal/notice"
	"github.com/cragbase/cragbase/internal/ratelimit"
)

// bindPasswords guards PocketBase's own ways to set or confirm a password, where no event of its comes early enough.
func (s *server) bindPasswords(app core.App) {
	app.OnRecordConfirmPasswordResetRequest(account.Collection).BindFunc(s.tellOfReset)
	app.OnRecordRequestEmailChangeRequest(account.Collection).BindFunc(s.requestEmail)
	app.OnRecordConfirmEmailChangeRequest(account.Collection).BindFunc(s.confirmEmail)
}

// guardPasswords is the middleware in front of those routes.
func (s *server) guardPasswords() *hook.Handler[*core.RequestEvent] {
	return &hook.Handler[*core.RequestEvent]{
		Id:       "cragbaseGuardPasswords",
		Priority: apis.DefaultBodyLimitMiddlewarePriority + 1,
		Func: func(e *core.RequestEvent) error {
			switch authAction(e) {
			case "confirm-email-change":
				return s.throttleEmailConfirmation(e)
			case "request-email-change":
				return hideTaken(e)
			case "confirm-password-reset":
				return s.hashInTurn(e)
			}
			if isSignUp(e) {
				return s.hashInTurn(e)
			}
			return e.Next()
		},
	}
}

// hashInTurn lets a request through that hashes a password, when it is its turn. The body is read before that: a slow
// client waits by itself. What bcrypt does not take is refused here: PocketBase would only say that something failed.
func (s *server) hashInTurn(e *core.RequestEvent) error {
	var request struct {
		Password string `json:"password" form:"password"`
	}
	if err := e.BindBody(&request); err != nil {
		return apis.NewBadRequestError("The body could not be read.", err)
	}
	if err := account.CheckReadable(request.Password); err != nil {
		return refusePassword(err)
	}
	leave, err := s.gate.Enter(e.Request.Context())
	if err != nil {
		return s.nativeError(err)
	}
	defer leave()
	return e.Next()
}

// refusePassword is the answer to what can be no password.
func refusePassword(err error) error {
	return apis.NewBadRequestError("An error occurred while validating the submitted data.", pbvalidation.Errors{
		core.FieldNamePassword: pbvalidation.NewError("validation_invalid_password", err.Error()),
	})
}

// throttleEmailConfirmation counts the wrong passwords of whoever has the link of a change of address.
func (s *server) throttleEmailConfirmation(e *core.RequestEvent) error {
	var request struct {
		Token    string `json:"token" form:"token"`
		Password string `json:"password" form:"password"`
	}
	if err := e.BindBody(&request); err != nil {
		return e.Next() // PocketBase says what is wrong
	}
	user, err := e.App.FindAuthRecordByToken(request.Token, core.TokenTypeEmailChange)
	if err != nil {
		return e.Next()
	}
	if err := account.CheckReadable(request.Password); err != nil {
		return refusePassword(err)
	}
	var answer error
	err = s.throttle.Try(e.Request.Context(), e.App, account.Confirming(user.Id), func() (bool, error) {
		answer = e.Next()
		return fieldCode(answer, "password") == "", nil
	})
	var wrong *account.WrongPasswordError
	if errors.As(err, &wrong) {
		if !wrong.LockedUntil.IsZero() {
			err = s.tellOfLock(e.App, e, user, wrong.LockedUntil)
		} else {
			err = nil
		}
	}
	if err != nil {
		return s.nativeError(err)
	}
	return answer
}

// hideTaken answers a request for an address that somebody else has as any other.
func hideTaken(e *core.RequestEvent) error {
	err := e.Next()
	if fieldCode(err, "newEmail") == "validation_invalid_new_email" {
		return e.NoContent(http.StatusNoContent)
	}
	return err
}

// fieldCode is the code of the error that PocketBase's answer has for a field, "" for none.
func fieldCode(err error, field string) string {
	var api *router.ApiError
	if !errors.As(err, &api) {
		return ""
	}
	problem, _ := api.Data[field].(map[string]any)
	code, _ := problem["code"].(string)
	return code
}

// alongside is where a record that is about to be saved keeps what else belongs into that transaction: PocketBase hashes a
// password between its event and the save, and that is nothing for a transaction.
const alongside = "@alongside"

type effect func(txApp core.App) error

// tellOfReset notes a password that was reset by a mail, tells its user, and lifts the locks of who had forgotten it.
func (s *server) tellOfReset(e *core.RecordConfirmPasswordResetRequestEvent) error {
	user := e.Record
	user.SetRaw(alongside, effect(func(txApp core.App) error {
		block := ratelimit.Block(e.RealIP())
		if err := s.throttle.Unlock(txApp, account.Confirming(user.Id), account.LoggingIn(account.Collection, user.Id, block, false)); err != nil {
			return err
		}
		return s.tell(txApp, e.RequestEvent, user, audit.PasswordReset, nil, notice.PasswordChanged{At: s.Now()})
	}))
	return e.Next()
}

// requestEmail starts a change of address as PATCH /v1/users/me does. The password is asked for when it is confirmed.
func (s *server) requestEmail(e *core.RecordRequestEmailChangeRequestEvent) error {
	_, err := account.UpdateProfile(e.App, e.Record, account.Change{Email: &e.NewEmail}, account.Linkers{},
		func(txApp core.App, user *core.Record, _ []string) error {
			return s.askForEmail(txApp, e.RequestEvent, user)
		})
	if problem, ok := account.FieldErrors(err)[core.FieldNameEmail]; ok {
		if coded, ok := problem.(interface{ Code() string }); ok && coded.Code() == "validation_not_unique" {
			err = nil
		}
	}
	if err != nil {
		return s.nativeError(err)
	}
	return e.NoContent(http.StatusNoContent)
}

// confirmEmail confirms the address that was asked for last, notes it and tells the former one: all or nothing.
func (s *server) confirmEmail(e *core.RecordConfirmEmailChangeRequestEvent) error {
	outer, former := e.App, e.Record.Email()
	defer func() { e.App = outer }()
	if e.NewEmail != e.Record.GetString(account.FieldPendingEmail) {
		return apis.NewBadRequestError("Invalid or expired token.", nil)
	}
	return outer.RunInTransaction(func(txApp core.App) error {
		e.App = txApp
		e.Record.Set(account.FieldPendingEmail, "")
		if err := e.Next(); err != nil {
			return err
		}
		if err := s.tell(txApp, e.RequestEvent, e.Record, audit.EmailChanged, nil, nil); err != nil {
			return err
		}
		return s.outbox.Queue(txApp, notice.Notice{
			UserID: e.Record.Id, To: former, Message: notice.EmailChanged{NewEmail: e.NewEmail, At: s.Now()},
		})
	})
}
