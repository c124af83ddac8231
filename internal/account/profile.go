package account

import (
	"fmt"
	"time"

	validation "github.com/go-ozzo/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Fields of the users collection that code refers to.
const (
	FieldUsername           = "username"
	FieldIsActive           = "is_active"
	FieldIsSuperuser        = "is_superuser"
	FieldTier               = "tier"
	FieldPaymentStatus      = "payment_status"
	FieldMountainProjectURL = "mountain_project_url"
	FieldEightANuURL        = "eight_a_nu_url"
	FieldMtnProjectLastSync = "mtn_project_last_sync"
	FieldEightALastSync     = "eight_a_last_sync"
	FieldLastLogin          = "last_login"
	FieldPendingEmail       = "pending_email"
	FieldBannedAt           = "banned_at"
	FieldDeactivatedAt      = "deactivated_at"
	FieldEraseAt            = "erase_at"
)

// TimeFormat is how /v1 writes times: RFC 3339 in UTC with milliseconds.
const TimeFormat = "2006-01-02T15:04:05.000Z"

// Profile is a user as /v1/users/me shows it. Times are TimeFormat or null, URLs and pending_email null when unset.
type Profile struct {
	ID                 string  `json:"id"`
	Username           string  `json:"username"`
	Email              string  `json:"email"`
	IsActive           bool    `json:"is_active"`
	IsSuperuser        bool    `json:"is_superuser"`
	Tier               string  `json:"tier"`
	PaymentStatus      string  `json:"payment_status"`
	DailyMessageCount  int     `json:"daily_message_count"`
	LastMessageDate    *string `json:"last_message_date"`
	MtnProjectLastSync *string `json:"mtn_project_last_sync"`
	EightALastSync     *string `json:"eight_a_last_sync"`
	CreatedAt          *string `json:"created_at"`
	UpdatedAt          *string `json:"updated_at"`
	LastLogin          *string `json:"last_login"`
	MountainProjectURL *string `json:"mountain_project_url"`
	EightANuURL        *string `json:"eight_a_nu_url"`
	PendingEmail       *string `json:"pending_email"`
	Verified           bool    `json:"verified"`
}

// ProfileOf shows a user, with the number of messages that count at this moment and the time of the last one.
func ProfileOf(user *core.Record, messages int, lastMessage time.Time) Profile {
	return Profile{
		ID:                 user.Id,
		Username:           user.GetString(FieldUsername),
		Email:              user.Email(),
		IsActive:           user.GetBool(FieldIsActive),
		IsSuperuser:        user.GetBool(FieldIsSuperuser),
		Tier:               user.GetString(FieldTier),
		PaymentStatus:      user.GetString(FieldPaymentStatus),
		DailyMessageCount:  messages,
		LastMessageDate:    timeOrNull(lastMessage),
		MtnProjectLastSync: dateOrNull(user, FieldMtnProjectLastSync),
		EightALastSync:     dateOrNull(user, FieldEightALastSync),
		CreatedAt:          dateOrNull(user, "created"),
		UpdatedAt:          dateOrNull(user, "updated"),
		LastLogin:          dateOrNull(user, FieldLastLogin),
		MountainProjectURL: textOrNull(user, FieldMountainProjectURL),
		EightANuURL:        textOrNull(user, FieldEightANuURL),
		PendingEmail:       textOrNull(user, FieldPendingEmail),
		Verified:           user.Verified(),
	}
}

func dateOrNull(user *core.Record, field string) *string {
	return timeOrNull(user.GetDateTime(field).Time())
}

func timeOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return types.Pointer(t.UTC().Format(TimeFormat))
}

func textOrNull(user *core.Record, field string) *string {
	if text := user.GetString(field); text != "" {
		return &text
	}
	return nil
}

// Change is what a user asks to change: nil leaves a field as it is, an empty URL unlinks the profile. A new e-mail
// address becomes the pending one, and the present one takes a change back that is pending.
type Change struct {
	Username, Email, Password, MountainProjectURL, EightANuURL *string
}

// Within is what else belongs into the transaction that changes a user: mails, jobs, the audit log. It is told which
// fields are others now, in the user as saved.
type Within func(txApp core.App, user *core.Record, changed []string) error

// Linker normalises the address of a profile on a logbook site, or fails when it is none.
type Linker func(raw string) (string, error)

// Linkers are the logbook sites that a user can link.
type Linkers struct{ MountainProject, EightANu Linker }

// UpdateProfile applies a change to the user of a session, all or nothing, and returns the user as saved. What is not
// allowed comes back as validation.Errors by field, from the record's own rules too: invalid_profile_url for an address
// that is no profile of its site, already_linked for a profile that another user has linked. It hashes a new password, so
// call it behind the Gate when there is one. ErrNoSession: the session has ended meanwhile.
func UpdateProfile(app core.App, user *core.Record, change Change, linkers Linkers, within Within) (*core.Record, error) {
	problems := apply(user, change, linkers)
	err := app.RunInTransaction(func(txApp core.App) error {
		if err := stillOpen(txApp, user); err != nil {
			return err
		}
		if err := txApp.Validate(user); err != nil && !mergeFieldErrors(problems, err) {
			return err
		}
		if err := emailIsFree(txApp, user, problems); err != nil {
			return err
		}
		if len(problems) > 0 {
			return nameEmail(problems)
		}
		fields := changed(user)
		if len(fields) == 0 {
			return nil // the time of the last change stays
		}
		if err := txApp.Save(user); err != nil {
			if !mergeFieldErrors(problems, err) {
				return err
			}
			return nameTakenLinks(problems)
		}
		return within(txApp, user, fields)
	})
	if err != nil {
		return nil, fmt.Errorf("update profile: %w", err)
	}
	return user, nil
}

// stillOpen fails when the session that user was read with has ended, by a change of password or address or by
// deactivation. The transaction keeps it from ending in between.
func stillOpen(txApp core.App, user *core.Record) error {
	present, err := txApp.FindRecordById(Collection, user.Id)
	if err != nil {
		return err
	}
	if present.TokenKey() != user.Original().TokenKey() || !MayAct(present) {
		return ErrNoSession
	}
	return nil
}

func apply(user *core.Record, change Change, linkers Linkers) validation.Errors {
	problems := validation.Errors{}
	if change.Username != nil {
		user.Set(FieldUsername, *change.Username)
	}
	if change.Email != nil {
		if email := normalEmail(*change.Email); email == user.Email() {
			user.Set(FieldPendingEmail, "")
		} else if user.Set(FieldPendingEmail, email); email == "" {
			problems[core.FieldNameEmail] = validation.NewError("validation_required", "Cannot be blank.")
		}
	}
	if change.Password != nil {
		user.SetPassword(*change.Password)
	}
	link(user, FieldMountainProjectURL, change.MountainProjectURL, linkers.MountainProject, problems)
	link(user, FieldEightANuURL, change.EightANuURL, linkers.EightANu, problems)
	return problems
}

// changed lists the fields that differ from the database.
func changed(user *core.Record) []string {
	before := user.Original()
	var fields []string
	for _, field := range []string{FieldUsername, FieldPendingEmail, FieldMountainProjectURL, FieldEightANuURL} {
		if user.GetString(field) != before.GetString(field) {
			fields = append(fields, field)
		}
	}
	if password, ok := user.GetRaw(core.FieldNamePassword).(*core.PasswordFieldValue); ok && password.Plain != "" {
		fields = append(fields, core.FieldNamePassword)
	}
	return fields
}

// emailIsFree adds a problem when another user has the pending address.
func emailIsFree(txApp core.App, user *core.Record, problems validation.Errors) error {
	pending := user.GetString(FieldPendingEmail)
	if pending == "" || pending == user.Original().GetString(FieldPendingEmail) {
		return nil
	}
	taken, err := isTaken(txApp, core.FieldNameEmail, pending)
	if taken {
		problems[core.FieldNameEmail] = validation.NewError("validation_not_unique", "Another account has this address.")
	}
	return err
}

// nameEmail gives the rules of the pending address the name of the field that was sent.
func nameEmail(problems validation.Errors) validation.Errors {
	if problem, ok := problems[FieldPendingEmail]; ok {
		delete(problems, FieldPendingEmail)
		problems[core.FieldNameEmail] = problem
	}
	return problems
}

func link(user *core.Record, field string, raw *string, normalise Linker, problems validation.Errors) {
	if raw == nil {
		return
	}
	if *raw == "" {
		user.Set(field, "")
		return
	}
	canonical, err := normalise(*raw)
	if err != nil {
		problems[field] = validation.NewError("invalid_profile_url", err.Error())
		return
	}
	user.Set(field, canonical)
}

// nameTakenLinks gives the unique links their own code; a taken username keeps PocketBase's.
func nameTakenLinks(problems validation.Errors) validation.Errors {
	for _, field := range []string{FieldMountainProjectURL, FieldEightANuURL} {
		if _, ok := problems[field]; ok {
			problems[field] = validation.NewError("already_linked", "This profile is linked to another account.")
		}
	}
	return problems
}

// mergeFieldErrors adds the field errors of PocketBase to problems, and reports whether err had any. PocketBase
// validates with its own fork of ozzo-validation, whose errors are another type of the same shape.
func mergeFieldErrors(problems validation.Errors, err error) bool {
	fields := FieldErrors(err)
	for field, problem := range fields {
		if _, ok := problems[field]; !ok {
			problems[field] = problem
		}
	}
	return len(fields) > 0
}
