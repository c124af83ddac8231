package usage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// look publishes every record that a message has left by now and, after a clock that was set back, those that one has come back
// into. It returns when to look again.
func (x *Expirer) look(ctx context.Context, app core.App, now time.Time, setBack bool) time.Time {
	next, err := now, error(nil)
	whole := true
	if setBack {
		whole, err = x.publishStale(ctx, app, now)
	}
	if err == nil {
		var all bool
		all, err = x.publishDue(ctx, app, now)
		whole = whole && all
	}
	if err == nil {
		next, err = earliest(app, now)
	}
	switch {
	case err != nil:
		app.Logger().Error("usage", "error", err)
		return now.Add(errorPause)
	case !whole:
		return earlier(next, now.Add(errorPause))
	}
	return earlier(next, now.Add(x.pause))
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// publishStale publishes the records that do not say what is so at now. It reads those of all users of whose messages any counts.
func (x *Expirer) publishStale(ctx context.Context, app core.App, now time.Time) (whole bool, err error) {
	ids, err := stale(app, now)
	return x.publishAll(ctx, app, ids) == len(ids), err
}

// publishDue publishes the records whose time has come, some at a time as long as that leads on.
func (x *Expirer) publishDue(ctx context.Context, app core.App, now time.Time) (whole bool, err error) {
	for {
		ids, err := due(app, now)
		published := x.publishAll(ctx, app, ids)
		if err != nil || published == 0 || len(ids) < dueAtOnce {
			return published == len(ids), err
		}
	}
}

// publishAll saves records and returns how many it could.
func (x *Expirer) publishAll(ctx context.Context, app core.App, ids []string) (published int) {
	for _, id := range ids {
		if ctx.Err() != nil {
			return published
		}
		if err := x.publish(app, id); err != nil {
			app.Logger().Error("usage", "user", id, "error", err)
			continue
		}
		published++
	}
	return published
}

// publish saves the record of a user if it does not say what is so now.
func (x *Expirer) publish(app core.App, userID string) error {
	return app.RunInTransaction(func(txApp core.App) error {
		usage, w, err := load(txApp, userID)
		if err != nil {
			return err
		}
		now := x.wall() // it may have waited for the database
		count := w.at(now)
		if usage.IsNew() || says(count, usage.GetInt(fieldCount), usage.GetDateTime(fieldResets)) {
			return nil
		}
		return write(txApp, usage, w.trim(now), now)
	})
}

// says reports whether a record has the figures of a count.
func says(count Count, messages int, resets types.DateTime) bool {
	return messages == count.Messages && resets.Time().Equal(count.ResetsAt)
}

const dueAtOnce = 500

// due are users with a record that a message has left by now, the first to be left first.
func due(app core.App, now time.Time) (ids []string, err error) {
	err = app.ConcurrentDB().NewQuery("SELECT [[id]] FROM {{usage}} WHERE [[resets_at]] <> '' AND [[resets_at]] <= {:now} ORDER BY [[resets_at]] LIMIT {:most}").
		Bind(dbx.Params{"now": column(now), "most": dueAtOnce}).Column(&ids)
	if err != nil {
		return nil, fmt.Errorf("what is due: %w", err)
	}
	return ids, nil
}

// earliest is when the next message after now leaves its window, far away when there is none.
func earliest(app core.App, now time.Time) (time.Time, error) {
	var next []types.DateTime
	err := app.ConcurrentDB().NewQuery("SELECT [[resets_at]] FROM {{usage}} WHERE [[resets_at]] <> '' AND [[resets_at]] > {:now} ORDER BY [[resets_at]] LIMIT 1").
		Bind(dbx.Params{"now": column(now)}).Column(&next)
	if err != nil {
		return time.Time{}, fmt.Errorf("what is due next: %w", err)
	}
	if len(next) == 0 {
		return now.Add(Window), nil
	}
	return next[0].Time(), nil
}

// stale are users of whose messages any counts and whose record says something else.
func stale(app core.App, now time.Time) (ids []string, err error) {
	rows, err := app.ConcurrentDB().NewQuery("SELECT [[id]], [[window]], [[daily_message_count]], [[resets_at]] FROM {{usage}} WHERE [[last_message_date]] > {:from}").
		Bind(dbx.Params{"from": column(now.Add(-Window))}).Rows()
	if err != nil {
		return nil, fmt.Errorf("what is stale: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var row struct {
			ID       string         `db:"id"`
			Window   types.JSONRaw  `db:"window"`
			Messages int            `db:"daily_message_count"`
			Resets   types.DateTime `db:"resets_at"`
		}
		if err := rows.ScanStruct(&row); err != nil {
			return nil, fmt.Errorf("what is stale: %w", err)
		}
		var w window
		if json.Unmarshal(row.Window, &w) != nil || !says(w.at(now), row.Messages, row.Resets) {
			ids = append(ids, row.ID) // to publish one that cannot be read is an error, which tells of it
		}
	}
	return ids, rows.Err()
}

// column is a time as a date field's column has it: texts that are in order when the times are.
func column(t time.Time) string { return t.UTC().Format(types.DefaultDateLayout) }
