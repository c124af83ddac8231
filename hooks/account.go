package hooks

import (
	"errors"
	"net/http"
	"strconv"

	validation "github.com/go-ozzo/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/audit"
	"github.com/cragbase/cragbase/internal/logbook/eightanu"
	"github.com/cragbase/cragbase/internal/logbook/mountainproject"
	"github.com/cragbase/cragbase/internal/notice"
	"github.com/cragbase/cragbase/internal/plan"
)

// getMe: GET /v1/users/me
func (s *server) getMe(e *core.RequestEvent) error {
	return s.respondProfile(e, e.Auth)
}

// patchMe: PATCH /v1/users/me
func (s *server) patchMe(e *core.RequestEvent) error {
	var request patchMeRequest
	if err := bindJSON(e, &request, jsonNames(account.Profile{})); err != nil {
		return err
	}
	if problems := request.validate(e.Auth); len(problems) > 0 {
		return problems
	}
	if request.needsPassword() {
		if err := s.confirmPassword(e, "current_password", request.CurrentPassword.text()); err != nil {
			return err
		}
	}
	var syncJobs []string
	user, err := s.updateProfile(e, account.Change{
		Username: request.Username.value, Email: request.Email.value, Password: request.Password.value,
		MountainProjectURL: request.MountainProjectURL.value, EightANuURL: request.EightANuURL.value,
	}, &syncJobs)
	if err != nil {
		return err
	}
	for _, job := range syncJobs {
		e.Response.Header().Add("X-Sync-Job", job)
	}
	return s.respondProfile(e, user)
}

// updateProfile changes the user with everything that belongs to it: mails, the audit log, syncs of new profiles.
func (s *server) updateProfile(e *core.RequestEvent, change account.Change, syncJobs *[]string) (*core.Record, error) {
	if change.Password != nil { // which is hashed
		leave, err := s.gate.Enter(e.Request.Context())
		if err != nil {
			return nil, err
		}
		defer leave()
	}
	linkers := account.Linkers{MountainProject: mountainproject.ProfileURL, EightANu: eightanu.ProfileURL}
	return account.UpdateProfile(e.App, e.Auth, change, linkers, func(txApp core.App, user *core.Record, changed []string) error {
		for _, field := range changed {
			if err := s.afterChange(txApp, e, user, field, syncJobs); err != nil {
				return err
			}
		}
		return nil
	})
}

// afterChange is what else the change of one field means.
func (s *server) afterChange(txApp core.App, e *core.RequestEvent, user *core.Record, field string, syncJobs *[]string) error {
	switch field {
	case account.FieldUsername:
		return s.tell(txApp, e, user, audit.UsernameChanged, nil, nil)
	case core.FieldNamePassword:
		return s.tell(txApp, e, user, audit.PasswordChanged, nil, notice.PasswordChanged{At: s.Now()})
	case account.FieldPendingEmail:
		return s.askForEmail(txApp, e, user)
	}
	source := sourceOf(field)
	if user.GetString(field) == "" {
		if err := s.syncer.Unlink(txApp, user.Id, source); err != nil {
			return err
		}
		return s.tell(txApp, e, user, audit.ProfileUnlinked, map[string]any{"source": source}, nil)
	}
	job, err := s.syncer.Link(txApp, user, source)
	if err != nil {
		return err
	}
	*syncJobs = append(*syncJobs, job)
	return s.tell(txApp, e, user, audit.ProfileLinked, map[string]any{"source": source}, nil)
}

// emailsAnHour is how many addresses a user may have a link mailed to: they could be anybody's.
const emailsAnHour = 10

// askForEmail mails the link that makes the pending address the user's, and tells the present one. Without a pending one
// the change was taken back, and its link is dead.
func (s *server) askForEmail(txApp core.App, e *core.RequestEvent, user *core.Record) error {
	pending := user.GetString(account.FieldPendingEmail)
	if pending == "" {
		return nil
	}
	if wait, ok := s.emails.Take(user.Id, s.Now()); !ok {
		return tooMany("Too many changes of the e-mail address. Please try again later.", wait)
	}
	token, err := user.NewEmailChangeToken(pending)
	if err != nil {
		return err
	}
	link := notice.Link{Token: token, Expires: s.expiry(user.Collection().EmailChangeToken)}
	err = s.outbox.Queue(txApp, notice.Notice{UserID: user.Id, To: pending, Message: notice.EmailChange{Link: link, NewEmail: pending}})
	if err != nil {
		return err
	}
	return s.tell(txApp, e, user, audit.EmailRequested, nil, notice.EmailChanging{NewEmail: pending, At: s.Now()})
}

// changePassword: POST /v1/users/me/change-password
func (s *server) changePassword(e *core.RequestEvent) error {
	var request changePasswordRequest
	if err := bindJSON(e, &request, nil); err != nil {
		return err
	}
	if problems := request.validate(e.Auth); len(problems) > 0 {
		return problems
	}
	if err := s.confirmPassword(e, "old_password", request.OldPassword); err != nil {
		return err
	}
	user, err := s.updateProfile(e, account.Change{Password: &request.NewPassword}, nil)
	if err != nil {
		return err
	}
	e.Set(keyMethod, "password_change")
	e.Response.Header().Set("Cache-Control", "no-store")
	return apis.RecordAuthResponse(e, user, "", nil)
}

// deactivate: POST /v1/users/me/deactivate
func (s *server) deactivate(e *core.RequestEvent) error {
	var request deactivateRequest
	if err := bindJSON(e, &request, nil); err != nil {
		return err
	}
	if len(request.Reason) > maxReason {
		return validation.Errors{"reason": validation.NewError("validation_length_too_long", "Must be at most "+strconv.Itoa(maxReason)+" bytes.")}
	}
	if err := s.confirmPassword(e, core.FieldNamePassword, request.Password); err != nil {
		return err
	}
	now := s.Now()
	err := account.Deactivate(e.App, e.Auth, now, func(txApp core.App, user *core.Record, _ []string) error {
		ended, err := paidPlan(txApp, user)
		if err != nil {
			return err
		}
		details := map[string]any{}
		if request.Reason != "" {
			details["reason"] = request.Reason
		}
		return s.tell(txApp, e, user, audit.Deactivated, details, notice.Deactivated{At: now, Plan: ended})
	})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusOK, map[string]string{"deactivated_at": now.UTC().Format(account.TimeFormat)})
}

// deleteMe: DELETE /v1/users/me
func (s *server) deleteMe(e *core.RequestEvent) error {
	var request deleteMeRequest
	if err := bindJSON(e, &request, nil); err != nil {
		return err
	}
	if err := s.confirmPassword(e, core.FieldNamePassword, request.Password); err != nil {
		return err
	}
	now := s.Now()
	eraseAt, err := account.ScheduleErasure(e.App, e.Auth, now, func(txApp core.App, user *core.Record, _ []string) error {
		eraseAt := user.GetDateTime(account.FieldEraseAt).Time()
		if _, err := enqueueErasure(txApp, user.Id, eraseAt); err != nil {
			return err
		}
		ended, err := paidPlan(txApp, user)
		if err != nil {
			return err
		}
		return s.tell(txApp, e, user, audit.ErasureAsked, nil, notice.ErasureScheduled{At: now, EraseAt: eraseAt, Plan: ended})
	})
	if err != nil {
		return err
	}
	return e.JSON(http.StatusAccepted, map[string]string{"erase_at": eraseAt.UTC().Format(account.TimeFormat)})
}

// paidPlan is the name of the plan that ends when its user leaves, "" for the free one.
func paidPlan(txApp core.App, user *core.Record) (string, error) {
	tier := user.GetString(account.FieldTier)
	if tier == "free" {
		return "", nil
	}
	paid, err := plan.Of(txApp, tier)
	return paid.Name, err
}

// logout: POST /v1/users/me/logout
func (s *server) logout(e *core.RequestEvent) error {
	err := e.App.RunInTransaction(func(txApp core.App) error {
		if err := account.End(txApp, e.Auth.Id, sessionOf(e)); err != nil {
			return err
		}
		return audit.Write(txApp, audit.Entry{UserID: e.Auth.Id, Event: audit.Logout, Source: clientOf(e).Source})
	})
	if err != nil {
		return err
	}
	return e.NoContent(http.StatusNoContent)
}

// getActivity: GET /v1/users/me/activity
func getActivity(e *core.RequestEvent) error {
	page, perPage, err := paging(e, 50, audit.MaxPerPage)
	if err != nil {
		return err
	}
	activity, err := audit.List(e.App, e.Auth.Id, page, perPage)
	if err != nil {
		return err
	}
	return respond(e, activity)
}

// postPasswordCheck: POST /v1/password-check
func postPasswordCheck(e *core.RequestEvent) error {
	var request passwordCheckRequest
	if err := bindJSON(e, &request, nil); err != nil {
		return err
	}
	e.Response.Header().Set("Cache-Control", "no-store")
	return e.JSON(http.StatusOK, account.StrengthOf(request.Password, request.Username, request.Email))
}

// confirmPassword fails unless it is the password of the request's user; the error names the field that it came in.
func (s *server) confirmPassword(e *core.RequestEvent, field, password string) error {
	if password == "" {
		return validation.Errors{field: validation.NewError("validation_required", "Give your current password.")}
	}
	refused := validation.Errors{field: validation.NewError("invalid_password", "This is not your current password.")}
	if account.CheckReadable(password) != nil {
		return refused
	}
	err := s.throttle.Try(e.Request.Context(), e.App, account.Confirming(e.Auth.Id), func() (bool, error) {
		return e.Auth.ValidatePassword(password), nil
	})
	var wrong *account.WrongPasswordError
	if !errors.As(err, &wrong) {
		return err
	}
	if wrong.LockedUntil.IsZero() {
		return refused
	}
	if err := s.tellOfLock(e.App, e, e.Auth, wrong.LockedUntil); err != nil {
		return err
	}
	return refused
}

func (s *server) respondProfile(e *core.RequestEvent, user *core.Record) error {
	count, err := s.usage.Count(e.App, user.Id, s.Now())
	if err != nil {
		return err
	}
	return respond(e, account.ProfileOf(user, count.Messages, count.LastMessage))
}

// paging reads the page and perPage of a list.
func paging(e *core.RequestEvent, perPage, most int) (int, int, error) {
	problems := validation.Errors{}
	read := func(name string, value, most int) int {
		text := e.Request.URL.Query().Get(name)
		if text == "" {
			return value
		}
		number, err := strconv.Atoi(text)
		if err != nil || number < 1 || number > most {
			problems[name] = validation.NewError("validation_out_of_range", "Must be a whole number from 1 to "+strconv.Itoa(most)+".")
		}
		return number
	}
	page, perPage := read("page", 1, 1_000_000), read("perPage", perPage, most)
	if len(problems) > 0 {
		return 0, 0, problems
	}
	return page, perPage, nil
}

// maxReason bounds what a leaving user writes, in bytes.
const maxReason = 500

type patchMeRequest struct {
	Username           optional `json:"username"`
	Email              optional `json:"email"`
	Password           optional `json:"password"`
	CurrentPassword    optional `json:"current_password"`
	MountainProjectURL optional `json:"mountain_project_url"`
	EightANuURL        optional `json:"eight_a_nu_url"`
}

func (r patchMeRequest) needsPassword() bool { return r.Email.value != nil || r.Password.value != nil }

func (r patchMeRequest) validate(user *core.Record) validation.Errors {
	problems := validation.Errors{}
	if r.needsPassword() && r.CurrentPassword.text() == "" {
		problems["current_password"] = validation.NewError("validation_required", "A new e-mail address or password needs the current password.")
	}
	if r.Password.value != nil {
		words := append(account.WordsOf(user), r.Username.text(), r.Email.text())
		checkNewPassword(problems, core.FieldNamePassword, r.Password.text(), r.CurrentPassword.text(), words)
	}
	return problems
}

type changePasswordRequest struct {
	OldPassword  string `json:"old_password"`
	NewPassword  string `json:"new_password"`
	Confirmation string `json:"confirmation"`
}

func (r changePasswordRequest) validate(user *core.Record) validation.Errors {
	problems := validation.Errors{}
	if r.OldPassword == "" {
		problems["old_password"] = validation.NewError("validation_required", "Give your current password.")
	}
	checkNewPassword(problems, "new_password", r.NewPassword, r.OldPassword, account.WordsOf(user))
	if r.Confirmation != r.NewPassword {
		problems["confirmation"] = validation.NewError("validation_values_mismatch", "Must be the same as new_password.")
	}
	return problems
}

func checkNewPassword(problems validation.Errors, field, password, old string, words []string) {
	if password == "" {
		problems[field] = validation.NewError("validation_required", "Cannot be blank.")
	} else if password == old {
		problems[field] = validation.NewError("validation_same_password", "Must differ from the current password.")
	} else if err := account.CheckPassword(password, words...); err != nil {
		problems[field] = err
	}
}

type deactivateRequest struct {
	Password string `json:"password"`
	Reason   string `json:"reason"`
}

type deleteMeRequest struct {
	Password string `json:"password"`
}

type passwordCheckRequest struct {
	Password string `json:"password"`
	Username string `json:"username"`
	Email    string `json:"email"`
}
