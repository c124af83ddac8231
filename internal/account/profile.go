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

// Change is what a user asks to change: nil leaves a field as it is, an empty URL unlinks the profile.
type Change struct {
	Username, MountainProjectURL, EightANuURL *string
}

// Linker normalises the address of a profile on a logbook site, or fails when it is none.
type Linker func(raw string) (string, error)

// Linkers are the logbook sites that a user can link.
type Linkers struct{ MountainProject, EightANu Linker }

// UpdateProfile applies a change, all or nothing, and returns the user as saved. What is not allowed comes back
// as validation.Errors by field, from the record's own rules too: invalid_profile_url for an address that is no
// profile of its site, already_linked for a profile that another user has linked.
func UpdateProfile(app core.App, userID string, change Change, linkers Linkers) (*core.Record, error) {
	var user *core.Record
	err := app.RunInTransaction(func(txApp core.App) error {
		var err error
		if user, err = txApp.FindRecordById(Collection, userID); err != nil {
			return err
		}
		problems := apply(user, change, linkers)
		if err := txApp.Validate(user); err != nil && !mergeFieldErrors(problems, err) {
			return err
		}
		if len(problems) > 0 {
			return problems
		}
		if !changed(user) {
			return nil // the time of the last change stays
		}
		if err := txApp.Save(user); err != nil {
			if !mergeFieldErrors(problems, err) {
				return err
			}
			return nameTakenLinks(problems)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("update profile: %w", err)
	}
	return user, nil
}

func apply(user *core.Record, change Change, linkers Linkers) validation.Errors {
	problems := validation.Errors{}
	if change.Username != nil {
		user.Set(FieldUsername, *change.Username)
	}
	link(user, FieldMountainProjectURL, change.MountainProjectURL, linkers.MountainProject, problems)
	link(user, FieldEightANuURL, change.EightANuURL, linkers.EightANu, problems)
	return problems
}

func changed(user *core.Record) bool {
	before := user.Original()
	for _, field := range []string{FieldUsername, FieldMountainProjectURL, FieldEightANuURL} {
		if user.GetString(field) != before.GetString(field) {
			return true
		}
	}
	return false
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
