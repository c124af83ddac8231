package logbook

import (
	"fmt"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// key is what makes a tick of a user one tick.
type key struct {
	Source   Source `db:"source"`
	Identity string `db:"identity"`
}

func (t *Tick) key() key { return key{t.source, t.identity} }

// stored is what an import needs to know of a tick that is there already.
type stored struct {
	key
	ID          string `db:"id"`
	Fingerprint string `db:"fingerprint"`
	Edited      bool   `db:"edited"`
	GoneAt      string `db:"gone_at"`
}

// store writes ticks over what the user has of their sources and counts into report. It uses prepared SQL rather than
// app.Save, which is ten times slower and checks the rules of every realtime subscriber for every row.
func store(txApp core.App, userID string, ticks []Tick, from origin, mode Mode, report *Report) error {
	existing, err := existingTicks(txApp, userID, ticks)
	if err != nil {
		return err
	}
	deleted, err := deletedTicks(txApp, userID)
	if err != nil {
		return err
	}
	writer, err := newWriter(txApp, userID, mode == Replace)
	if err != nil {
		return err
	}
	defer writer.close()
	before := *report
	for i := range ticks {
		t := &ticks[i]
		old, found := existing[t.key()]
		switch {
		case found:
			err = writer.renew(t, &old, report)
		case deleted[t.key()] && from == fromProfile:
			report.Skipped = append(report.Skipped, Remark{Line: t.Line, Reason: "you have deleted this tick here"})
		default:
			report.Created++
			err = writer.insert(t)
		}
		if err != nil {
			return err
		}
	}
	if report.Created == before.Created && report.Updated == before.Updated {
		return nil
	}
	if len(deleted) > 0 {
		if err := forgetDeletions(txApp, userID); err != nil {
			return err
		}
	}
	return Touch(txApp, userID)
}

// goneAt is when the source no longer had the tick: never for one that it has just brought, unless our own export says so.
func (t *Tick) goneAt() string {
	if t.Kept == nil {
		return ""
	}
	return t.Kept.GoneAt
}

// existingTicks finds those of the given ticks that are stored already.
func existingTicks(txApp core.App, userID string, ticks []Tick) (map[key]stored, error) {
	identities := map[Source][]any{}
	for i := range ticks {
		identities[ticks[i].source] = append(identities[ticks[i].source], ticks[i].identity)
	}
	existing := make(map[key]stored, len(ticks))
	for source, all := range identities {
		for some := range slices.Chunk(all, maxParameters) {
			var rows []stored
			err := txApp.DB().Select("id", "source", "identity", "fingerprint", "edited", "gone_at").From(Collection).
				Where(dbx.HashExp{"user": userID, "source": string(source)}).AndWhere(dbx.In("identity", some...)).All(&rows)
			if err != nil {
				return nil, fmt.Errorf("read stored ticks: %w", err)
			}
			for _, row := range rows {
				existing[row.key] = row
			}
		}
	}
	return existing, nil
}

// maxParameters is how many values one statement takes here; SQLite's own limit is 32,766.
const maxParameters = 1_000

func countTicks(app core.App, userID string) (int, error) {
	var count int
	if err := app.DB().Select("count(*)").From(Collection).Where(dbx.HashExp{"user": userID}).Row(&count); err != nil {
		return 0, fmt.Errorf("count ticks: %w", err)
	}
	return count, nil
}

// CheckRoom fails with ErrPlanLimit when a user's logbook has no room for one tick more, beside those that an import of theirs still
// has to store; 0 is no limit.
func CheckRoom(app core.App, userID string, maxTicks int) error {
	if maxTicks == 0 {
		return nil
	}
	count, err := countTicks(app, userID)
	if err != nil {
		return err
	}
	more, err := stillToCome(app, userID)
	if err != nil {
		return err
	}
	return checkLimit(count+more+1, maxTicks)
}

func checkLimit(count, maxTicks int) error {
	if count > maxTicks {
		return fmt.Errorf("%w: your logbook would have %d ticks, and your plan allows %d", ErrPlanLimit, count, maxTicks)
	}
	return nil
}
