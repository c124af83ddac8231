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
	if b.partial || b.unread > 0 || b.source == SourceCragbase {
		return nil
	}
	has := make(map[key]bool, len(b.ticks))
	for i := range b.ticks {
		has[b.ticks[i].key()] = true
	}
	stored, gone, err := compare(txApp, userID, b, has)
	if err != nil {
		return err
	}
	for i := range b.ticks {
		t := &b.ticks[i]
		visit := t.Date + "|" + t.routeKey()
		if stored[t.key()] || len(gone[visit]) == 0 {
			continue
		}
		id := gone[visit][0]
		gone[visit] = gone[visit][1:]
		if _, err := txApp.NonconcurrentDB().Update(Collection, dbx.Params{"identity": t.identity}, dbx.HashExp{"id": id}).Execute(); err != nil {
			return fmt.Errorf("follow an edited tick: %w", err)
		}
	}
	return nil
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
