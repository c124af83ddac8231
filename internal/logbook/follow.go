package logbook

import (
	"fmt"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// follow finds the ticks that were edited at their source. Sites whose ticks have no id say of an edit that one tick is gone and
// another is there: on the same day, on the same route. The stored one becomes the new one, so that a redpoint that was first
// logged as an onsight counts once. It must run before the batch is stored.
func follow(txApp core.App, userID string, b *batch) error {
	edited, err := editedAtSource(txApp, userID, b)
	if err != nil {
		return err
	}
	for _, e := range edited {
		if _, err := txApp.NonconcurrentDB().Update(Collection, dbx.Params{"identity": e.now.identity}, dbx.HashExp{"id": e.id}).Execute(); err != nil {
			return fmt.Errorf("follow an edited tick: %w", err)
		}
	}
	return nil
}

// edit is a stored tick, by its id, with what its source says of it now.
type edit struct {
	id  string
	now *Tick
}

// editedAtSource pairs the ticks that a batch does not have any more with those of the same day and route that it brings. What a
// profile brings and its owner has deleted here is none of them.
func editedAtSource(app core.App, userID string, b *batch) ([]edit, error) {
	if b.partial || len(b.unread) > 0 || b.source == SourceCragbase {
		return nil, nil
	}
	has := make(map[key]bool, len(b.ticks))
	for i := range b.ticks {
		has[b.ticks[i].key()] = true
	}
	stored, gone, err := compare(app, userID, b, has)
	if err != nil || len(gone) == 0 {
		return nil, err
	}
	refused, err := b.refused(app, userID)
	if err != nil {
		return nil, err
	}
	var edited []edit
	for i := range b.ticks {
		t := &b.ticks[i]
		visit := t.Date + "|" + t.routeKey()
		if stored[t.key()] || refused[t.key()] || len(gone[visit]) == 0 {
			continue
		}
		edited = append(edited, edit{gone[visit][0], t})
		gone[visit] = gone[visit][1:]
	}
	return edited, nil
}

// compare lists what is stored of a batch's source, and by day and route the ids of those that it does not have any more.
func compare(txApp core.App, userID string, b *batch, has map[key]bool) (stored map[key]bool, gone map[string][]string, err error) {
	var rows []struct {
		other
		RouteID   string `db:"route_id"`
		RouteName string `db:"route_name"`
		Location  string `db:"location"`
	}
	err = txApp.DB().Select("id", "source", "identity", "date", "edited", "gone_at", "route_id", "route_name", "location").From(Collection).
		Where(dbx.HashExp{"user": userID, "source": string(b.source)}).OrderBy("date", "day_order").All(&rows)
	if err != nil {
		return nil, nil, fmt.Errorf("read stored ticks: %w", err)
	}
	last := b.lastDay()
	stored, gone = make(map[key]bool, len(rows)), map[string][]string{}
	for _, row := range rows {
		stored[row.key] = true
		if has[row.key] || row.Edited || row.GoneAt != "" || b.from == fromFile && row.Date > last {
			continue
		}
		route := row.RouteID
		if route == "" {
			route = "name:" + hashOf(append([]string{row.RouteName}, areas(row.Location)...)...)
		}
		gone[row.Date+"|"+route] = append(gone[row.Date+"|"+route], row.ID)
	}
	return stored, gone, nil
}

// areas are the parts of a location as it is stored.
func areas(location string) []string {
	if location == "" {
		return nil
	}
	return strings.Split(location, separator)
}
