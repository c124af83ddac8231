package logbook

import (
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// batch is what a file or a profile has, as it is stored.
type batch struct {
	ticks   []Tick
	source  Source // of the file; the ticks of our own export come from several
	partial bool   // it may be less than the whole logbook
	unread  []int  // lines of rows that may stand for ticks, and could not be read
	from    origin
	at      string // when it was handed in
}

// settle does what an import does after its last tick is stored: Replace removes what the file does not have, Merge marks
// it as gone from its source, and what was added is held against the plan.
func settle(txApp core.App, userID string, b *batch, mode Mode, maxTicks int, report *Report) error {
	finish := markOthers
	if mode == Replace {
		finish = removeOthers
	}
	if err := finish(txApp, userID, b, report); err != nil {
		return err
	}
	if b.from == fromFile {
		if err := forgetReadings(txApp, userID); err != nil {
			return err
		}
	}
	if maxTicks == 0 || report.Created == 0 {
		return nil
	}
	count, err := countTicks(txApp, userID)
	if err != nil {
		return err
	}
	return checkLimit(count, maxTicks)
}

// removeOthers deletes what a file does not have of its source, except what its owner has edited. It deletes nothing when
// the file may stand for more than was read.
func removeOthers(txApp core.App, userID string, b *batch, report *Report) error {
	if remark, certain := b.uncertain(); !certain {
		report.Warnings = append(report.Warnings, remark)
		return nil
	}
	ids, err := othersOf(txApp, userID, b, func(o *other) bool { return !o.Edited })
	if err != nil {
		return err
	}
	report.Removed = len(ids)
	return changeTicks(txApp, userID, ids, func(some dbx.Expression) *dbx.Query {
		return txApp.NonconcurrentDB().Delete(Collection, some)
	})
}

// uncertain says why nothing can be told from what a file does not have; certain, that all can.
func (b *batch) uncertain() (remark Remark, certain bool) {
	switch {
	case len(b.unread) > 0:
		return Remark{
			Line: b.unread[0], Count: len(b.unread),
			Reason: "nothing was removed, because rows that could not be read may stand for ticks that are stored",
		}, false
	case len(b.ticks) == 0:
		return Remark{Line: 1, Count: 1, Reason: "nothing was removed, because there is no tick in this file"}, false
	case b.partial:
		return Remark{Line: 1, Count: 1, Reason: "nothing was removed, because these pages may be less than the whole logbook"}, false
	}
	return Remark{}, true
}

// markOthers notes which stored ticks their source does not have any more. Sites delete ticks when a route is removed, and
// climbers want to keep theirs. A file says nothing of the time after its last day, because it can be an old one. Rows that cannot
// be read do not stand in the way, or one of them would for ever; a mark that was wrong goes when the row can be read.
func markOthers(txApp core.App, userID string, b *batch, report *Report) error {
	if b.partial || b.source == SourceCragbase {
		return nil
	}
	last := b.lastDay()
	ids, err := othersOf(txApp, userID, b, func(o *other) bool {
		return o.GoneAt == "" && (b.from == fromProfile || o.Date <= last)
	})
	if err != nil {
		return err
	}
	report.Gone = len(ids)
	return changeTicks(txApp, userID, ids, func(some dbx.Expression) *dbx.Query {
		return txApp.NonconcurrentDB().Update(Collection, dbx.Params{"gone_at": b.at, "updated": b.at}, some)
	})
}

// lastDay is the last day of a batch up to that on which it was handed in: a tick of a day to come is a slip, and says nothing of
// the days before it.
func (b *batch) lastDay() string {
	last := ""
	for i := range b.ticks {
		if date := b.ticks[i].Date; date <= b.at[:len(time.DateOnly)] {
			last = max(last, date)
		}
	}
	return last
}

// other is a stored tick of a batch's source.
type other struct {
	key
	ID     string `db:"id"`
	Date   string `db:"date"`
	Edited bool   `db:"edited"`
	GoneAt string `db:"gone_at"`
}

// othersOf are the ids of the stored ticks of a batch's source that it does not have and that the caller wants. Our own
// export is of all sources.
func othersOf(txApp core.App, userID string, b *batch, wanted func(*other) bool) ([]any, error) {
	has := make(map[key]bool, len(b.ticks))
	for i := range b.ticks {
		has[b.ticks[i].key()] = true
	}
	condition := dbx.HashExp{"user": userID}
	if b.source != SourceCragbase {
		condition["source"] = string(b.source)
	}
	var rows []other
	if err := txApp.DB().Select("id", "source", "identity", "date", "edited", "gone_at").From(Collection).Where(condition).All(&rows); err != nil {
		return nil, fmt.Errorf("read stored ticks: %w", err)
	}
	var ids []any
	for i := range rows {
		if !has[rows[i].key] && wanted(&rows[i]) {
			ids = append(ids, rows[i].ID)
		}
	}
	return ids, nil
}

// changeTicks runs a statement over ticks, some at a time.
func changeTicks(txApp core.App, userID string, ids []any, statement func(some dbx.Expression) *dbx.Query) error {
	if len(ids) == 0 {
		return nil
	}
	for some := range slices.Chunk(ids, maxParameters) {
		if _, err := statement(dbx.In("id", some...)).Execute(); err != nil {
			return fmt.Errorf("change ticks: %w", err)
		}
	}
	return Touch(txApp, userID)
}
