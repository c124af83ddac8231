package usage

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

// Take takes a place for a message that a user sends at now, in the caller's transaction: what it decides on is read there, so
// that no two messages get the same place. The limit is that of the user's plan, nil for none. A *QuotaError says that no place
// is free; nothing was written then. The place is what GiveBack needs.
func Take(txApp core.App, userID string, limit *int, now time.Time) (Place, error) {
	usage, w, err := load(txApp, userID)
	if err != nil {
		return Place{}, fmt.Errorf("take a place: %w", err)
	}
	w = w.trim(now)
	if limit != nil && len(w.counted(now)) >= *limit {
		return Place{}, &QuotaError{ResetsAt: w.free(now, *limit)}
	}
	place := Place{Sent: now.UnixMilli(), Number: int64(usage.GetInt(fieldVersion) + 1)}
	w = w.with(place)
	usage.Set(fieldLast, w.last())
	usage.Set(fieldLimit, stored(limit))
	if err := write(txApp, usage, w, now); err != nil {
		return Place{}, fmt.Errorf("take a place: %w", err)
	}
	return place, addToDay(txApp, userID, place, 1)
}

// GiveBack undoes a Take, in the caller's transaction: the place is free again, and its message was never sent. Doing it again
// does nothing, whatever else the user has sent in the same millisecond. It does nothing either for a message of more than two
// days ago, and for a user who is gone.
//
// The date of the last message is that of the last one that was not given back. It is known as long as that one is among the
// messages of two days before the last Take, or is the newest from before them.
func GiveBack(txApp core.App, userID string, place Place, now time.Time) error {
	usage, w, err := load(txApp, userID)
	if err != nil {
		return fmt.Errorf("give a place back: %w", err)
	}
	if usage.IsNew() || place.Sent <= now.Add(-remembered).UnixMilli() {
		return nil
	}
	w, found := w.without(place)
	if !found {
		return nil
	}
	usage.Set(fieldLast, w.last())
	if err := write(txApp, usage, w, now); err != nil {
		return fmt.Errorf("give a place back: %w", err)
	}
	return addToDay(txApp, userID, place, -1)
}

// load reads the record of a user and its window. It is new for a user who has none.
func load(txApp core.App, userID string) (*core.Record, window, error) {
	usage, err := txApp.FindRecordById(Collection, userID)
	if errors.Is(err, sql.ErrNoRows) {
		usage, err = empty(txApp, userID)
		return usage, window{}, err
	}
	if err != nil {
		return nil, nil, err
	}
	w := window{}
	if err := usage.UnmarshalJSONField(fieldWindow, &w); err != nil {
		return nil, nil, fmt.Errorf("window: %w", err)
	}
	return usage, w, nil
}

// empty is the record of a user who has sent nothing, not saved yet.
func empty(app core.App, userID string) (*core.Record, error) {
	collection, err := app.FindCachedCollectionByNameOrId(Collection)
	if err != nil {
		return nil, err
	}
	usage := core.NewRecord(collection)
	usage.Id = userID
	usage.Set(fieldUser, userID)
	usage.Set(fieldWindow, window{})
	return usage, nil
}
