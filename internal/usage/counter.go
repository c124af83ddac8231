package usage

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"github.com/cragbase/cragbase/internal/readthrough"
)

const maxRemembered = 20_000

// Counter reads counts, from memory when the record has not changed since.
type Counter struct {
	records *readthrough.Cache[string, record]
}

// record is what a usage record says, whatever the time is.
type record struct {
	window window
	last   time.Time
	limit  *int
}

// NewCounter returns a Counter that remembers nothing.
func NewCounter() (*Counter, error) {
	records, err := readthrough.New[string, record](maxRemembered)
	if err != nil {
		return nil, fmt.Errorf("usage counter: %w", err)
	}
	return &Counter{records: records}, nil
}

// Count returns how many messages of the user count at now. A user without a record has none, and may send none.
func (c *Counter) Count(app core.App, userID string, now time.Time) (Count, error) {
	r, err := c.records.Get(userID, func() (record, error) { return read(app, userID) })
	if err != nil {
		return Count{}, fmt.Errorf("read usage: %w", err)
	}
	return r.at(now), nil
}

func (r record) at(now time.Time) Count {
	count := r.window.at(now)
	count.LastMessage, count.Limit = r.last, r.limit
	return count
}

// Forget drops what is remembered of a user; it must follow every committed change of the usage record.
func (c *Counter) Forget(userID string) { c.records.Drop(userID) }

// ForgetAll drops everything; it must follow every committed change of many records at once.
func (c *Counter) ForgetAll() { c.records.Purge() }

// Read counts in the caller's transaction, from what has been written there.
func Read(txApp core.App, userID string, now time.Time) (Count, error) {
	r, err := read(txApp, userID)
	if err != nil {
		return Count{}, fmt.Errorf("read usage: %w", err)
	}
	return r.at(now), nil
}

func read(app core.App, userID string) (record, error) {
	var row struct {
		Window types.JSONRaw  `db:"window"`
		Last   types.DateTime `db:"last_message_date"`
		Limit  int            `db:"max_daily_messages"`
	}
	err := app.ConcurrentDB().NewQuery("SELECT [[window]], [[last_message_date]], [[max_daily_messages]] FROM {{usage}} WHERE [[id]] = {:id}").
		Bind(dbx.Params{"id": userID}).One(&row)
	if errors.Is(err, sql.ErrNoRows) {
		return record{limit: new(0)}, nil
	}
	if err != nil {
		return record{}, err
	}
	r := record{last: row.Last.Time(), limit: limitOf(row.Limit)}
	if len(row.Window) > 0 {
		if err := json.Unmarshal(row.Window, &r.window); err != nil {
			return record{}, fmt.Errorf("window: %w", err)
		}
	}
	return r, nil
}
