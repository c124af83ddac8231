// Package audit keeps the security log: who did what to an account, when and from where. Its owner reads it at
// /v1/users/me/activity, administrators in the dashboard.
package audit

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Collection holds one record per event.
const Collection = "audit_log"

// Events. Their names are part of the public contract.
const (
	Login           = "login"
	LoginFailed     = "login_failed"
	Logout          = "logout"
	SessionEnded    = "session_ended" // by its owner from another device
	Locked          = "locked"        // after too many wrong passwords
	PasswordChanged = "password_changed"
	PasswordReset   = "password_reset" // by a link in a mail
	EmailRequested  = "email_change_requested"
	EmailChanged    = "email_changed"
	UsernameChanged = "username_changed"
	ProfileLinked   = "profile_linked"
	ProfileUnlinked = "profile_unlinked"
	Deactivated     = "deactivated"
	Reactivated     = "reactivated"
	Exported        = "exported"
	ErasureAsked    = "erasure_scheduled"
	PlanChanged     = "plan_changed"
	PlanEnding      = "cancellation_scheduled" // with the paid period
	PlanKept        = "cancellation_withdrawn"
	PaymentFailed   = "payment_failed"
)

// Source is the request that an event came with; zero for what the server does by itself.
type Source struct{ RequestID, Address string }

// Entry is one event. Details hold no secret: neither password nor token, key or mail text.
type Entry struct {
	UserID  string // "": of nobody we know
	Event   string
	Source  Source
	Details map[string]any
}

// Write adds an entry, in the caller's transaction where it has one, and to the server's log.
func Write(app core.App, entry Entry) error {
	collection, err := app.FindCachedCollectionByNameOrId(Collection)
	if err != nil {
		return err
	}
	record := core.NewRecord(collection)
	record.Load(map[string]any{
		"user": entry.UserID, "event": entry.Event, "request_id": entry.Source.RequestID, "address": entry.Source.Address,
	})
	if len(entry.Details) > 0 {
		record.Set("details", entry.Details)
	}
	if err := app.Save(record); err != nil {
		return fmt.Errorf("write %s to the audit log: %w", entry.Event, err)
	}
	app.Logger().Info("security event", "event", entry.Event, "user", entry.UserID, "request_id", entry.Source.RequestID, "address", entry.Source.Address)
	return nil
}

// Activity is an entry as its owner sees it.
type Activity struct {
	ID        string         `json:"id"`
	Event     string         `json:"event"`
	At        string         `json:"at"` // RFC 3339, UTC, milliseconds
	Address   string         `json:"address"`
	RequestID string         `json:"request_id"`
	Details   map[string]any `json:"details"`
}

// Page is a part of a user's log in the shape of PocketBase's lists.
type Page struct {
	Page       int        `json:"page"` // from 1
	PerPage    int        `json:"perPage"`
	TotalItems int64      `json:"totalItems"`
	TotalPages int64      `json:"totalPages"`
	Items      []Activity `json:"items"` // newest first
}

// MaxPerPage bounds Page.PerPage.
const MaxPerPage = 200

const timeFormat = "2006-01-02T15:04:05.000Z"

// List reads a page of a user's log.
func List(app core.App, userID string, page, perPage int) (Page, error) {
	own := dbx.HashExp{"user": userID}
	total, err := app.CountRecords(Collection, own)
	if err != nil {
		return Page{}, fmt.Errorf("count activity: %w", err)
	}
	result := Page{Page: page, PerPage: perPage, TotalItems: total, TotalPages: (total + int64(perPage) - 1) / int64(perPage), Items: []Activity{}}
	var records []*core.Record
	err = app.RecordQuery(Collection).AndWhere(own).OrderBy("created DESC", "rowid DESC").
		Limit(int64(perPage)).Offset(int64(page-1) * int64(perPage)).All(&records)
	if err != nil {
		return Page{}, fmt.Errorf("list activity: %w", err)
	}
	for _, record := range records {
		activity := Activity{
			ID: record.Id, Event: record.GetString("event"), At: record.GetDateTime("created").Time().UTC().Format(timeFormat),
			Address: record.GetString("address"), RequestID: record.GetString("request_id"), Details: map[string]any{},
		}
		_ = record.UnmarshalJSONField("details", &activity.Details) // null stays {}
		if activity.Details == nil {
			activity.Details = map[string]any{}
		}
		result.Items = append(result.Items, activity)
	}
	return result, nil
}

// DeleteBefore deletes what is older than anybody has to know.
func DeleteBefore(app core.App, before time.Time) (int64, error) {
	result, err := app.NonconcurrentDB().Delete(Collection, dbx.NewExp("[[created]] < {:before}",
		dbx.Params{"before": before.UTC().Format("2006-01-02 15:04:05.000Z")})).Execute()
	if err != nil {
		return 0, fmt.Errorf("delete old audit entries: %w", err)
	}
	return result.RowsAffected()
}
