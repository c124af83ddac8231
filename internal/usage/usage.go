// Package usage counts the coach messages of a user over the last 24 hours.
package usage

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"github.com/cragbase/cragbase/internal/readthrough"
)

// Collection holds one record per user, with the user's id.
const Collection = "usage"

// Window is how long a message counts: exactly from when it was sent.
const Window = 24 * time.Hour

const maxRemembered = 20_000

// Count is a user's usage at one moment.
type Count struct {
	Messages    int
	LastMessage time.Time // zero: none yet, however long ago
	ResetsAt    time.Time // when the oldest counted message stops counting; zero: nothing counts
}

// Counter reads counts, from memory when the record has not changed since.
type Counter struct {
	records *readthrough.Cache[string, record]
}

// record is what a usage record says, whatever the time is.
type record struct {
	sent []int64 // Unix milliseconds, oldest first
	last time.Time
}

// NewCounter returns a Counter that remembers nothing.
func NewCounter() (*Counter, error) {
	records, err := readthrough.New[string, record](maxRemembered)
	if err != nil {
		return nil, fmt.Errorf("usage counter: %w", err)
	}
	return &Counter{records: records}, nil
}

// Count returns how many messages of the user count at now. A user without a record has none.
func (c *Counter) Count(app core.App, userID string, now time.Time) (Count, error) {
	r, err := c.records.Get(userID, func() (record, error) { return read(app, userID) })
	if err != nil {
		return Count{}, fmt.Errorf("read usage: %w", err)
	}
	return r.at(now), nil
}

// Forget drops what is remembered of a user; it must follow every committed change of the usage record.
func (c *Counter) Forget(userID string) { c.records.Drop(userID) }

// at counts the messages that were sent less than Window before now.
func (r record) at(now time.Time) Count {
	oldest := now.Add(-Window).UnixMilli()
	first, _ := slices.BinarySearch(r.sent, oldest+1) // a message of exactly 24 hours ago has left
	count := Count{Messages: len(r.sent) - first, LastMessage: r.last}
	if count.Messages > 0 {
		count.ResetsAt = time.UnixMilli(r.sent[first]).Add(Window)
	}
	return count
}

func read(app core.App, userID string) (record, error) {
	var row struct {
		Window types.JSONRaw  `db:"window"`
		Last   types.DateTime `db:"last_message_date"`
	}
	err := app.ConcurrentDB().NewQuery("SELECT [[window]], [[last_message_date]] FROM {{usage}} WHERE [[id]] = {:id}").
		Bind(dbx.Params{"id": userID}).One(&row)
	if errors.Is(err, sql.ErrNoRows) {
		return record{}, nil
	}
	if err != nil {
		return record{}, err
	}
	r := record{last: row.Last.Time()}
	if len(row.Window) > 0 {
		if err := json.Unmarshal(row.Window, &r.sent); err != nil {
			return record{}, fmt.Errorf("window: %w", err)
		}
	}
	return r, nil
}

// unlimited stands in the record for a plan without a limit.
const unlimited = -1

// Open creates the empty record of a new user, under the plan's limit of messages (nil: none).
func Open(app core.App, userID string, maxDailyMessages *int) error {
	collection, err := app.FindCachedCollectionByNameOrId(Collection)
	if err != nil {
		return err
	}
	usage := core.NewRecord(collection)
	usage.Id = userID
	usage.Set("user", userID)
	usage.Set("max_daily_messages", unlimited)
	if maxDailyMessages != nil {
		usage.Set("max_daily_messages", *maxDailyMessages)
	}
	usage.Set("window", []int64{})
	return app.Save(usage)
}
