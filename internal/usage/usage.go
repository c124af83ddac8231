// Package usage counts the messages that users send to the coach, over the last 24 hours: it takes a place for each, gives it
// back when there was no answer, and lets it go to the millisecond when its time is over.
//
// A message that was sent at t counts at every moment from t on that is before t + 24 h, by the clock of this server. All times
// are absolute: neither time zones nor daylight-saving days matter, and what counts when the clock was set back is again
// what counts at the time that it shows now.
package usage

import (
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

// Collection holds one record per user, with the user's id. It is what front ends subscribe to, so that each change is
// saved as a record, in whose version it is one more.
const Collection = "usage"

// Window is how long a message counts: exactly from when it was sent.
const Window = 24 * time.Hour

// Fields of the collection.
const (
	fieldUser    = "user"
	fieldCount   = "daily_message_count"
	fieldLast    = "last_message_date"
	fieldLimit   = "max_daily_messages"
	fieldResets  = "resets_at"
	fieldVersion = "version"
	fieldWindow  = "window"
)

// ErrQuotaExceeded says that a user has no place left. It comes as a *QuotaError.
var ErrQuotaExceeded = errors.New("quota exceeded")

// QuotaError says when the next place is free.
type QuotaError struct {
	ResetsAt time.Time // zero: never, under a limit of 0
}

func (e *QuotaError) Error() string {
	if e.ResetsAt.IsZero() {
		return ErrQuotaExceeded.Error()
	}
	return fmt.Sprintf("%v until %s", ErrQuotaExceeded, e.ResetsAt.UTC().Format(time.RFC3339Nano))
}

// Is makes it an ErrQuotaExceeded.
func (e *QuotaError) Is(target error) bool { return target == ErrQuotaExceeded }

// Count is a user's usage at one moment.
type Count struct {
	Messages    int
	LastMessage time.Time // zero: none yet, however long ago
	ResetsAt    time.Time // when the oldest counted message stops counting; zero: nothing counts
	Limit       *int      // messages in any 24 hours; nil: unlimited
}

// Remaining is how many messages may be sent now, nil when there is no limit. It is 0 where a plan that was left has allowed
// more than the present one.
func (c Count) Remaining() *int {
	if c.Limit == nil {
		return nil
	}
	return new(max(0, *c.Limit-c.Messages))
}

// Complete adds to a record that is about to be sent what the message count has beside its fields: window_hours and, under a plan
// with messages, remaining_messages, nil for no limit.
func Complete(usage *core.Record) {
	usage.WithCustomData(true)
	usage.Set("window_hours", int(Window/time.Hour))
	if limit := limitOf(usage.GetInt(fieldLimit)); limit == nil || *limit > 0 {
		usage.Set("remaining_messages", Count{Messages: usage.GetInt(fieldCount), Limit: limit}.Remaining())
	}
}

// write puts what a window says at now into its record, and saves that as its next version.
func write(txApp core.App, usage *core.Record, w window, now time.Time) error {
	count := w.at(now)
	usage.Set(fieldWindow, w)
	usage.Set(fieldCount, count.Messages)
	usage.Set(fieldResets, count.ResetsAt)
	return saveNext(txApp, usage)
}

func saveNext(txApp core.App, usage *core.Record) error {
	usage.Set(fieldVersion, usage.GetInt(fieldVersion)+1)
	return txApp.Save(usage)
}
