package logbook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// stored is what an import needs to know of a tick that is there already.
type stored struct {
	ID          string `db:"id"`
	Identity    string `db:"identity"`
	Fingerprint string `db:"fingerprint"`
}

// store writes ticks over what the user has of their source and counts into report. It uses prepared SQL rather
// than app.Save, which is ten times slower and checks the rules of every realtime subscriber for every row.
func store(txApp core.App, userID string, ticks []Tick, report *Report) error {
	existing, err := existingTicks(txApp, userID, report.Source, ticks)
	if err != nil {
		return err
	}
	writer, err := newWriter(txApp, userID, report.Source)
	if err != nil {
		return err
	}
	defer writer.close()
	for i := range ticks {
		row := ticks[i].row()
		print := fingerprint(row)
		old, found := existing[ticks[i].identity]
		switch {
		case !found:
			report.Created++
			err = writer.insert(ticks[i].identity, print, row)
		case old.Fingerprint != print:
			report.Updated++
			err = writer.update(old.ID, print, row)
		default:
			report.Unchanged++
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// settle does what an import does after its last tick is stored: Replace removes what the file does not have, and what
// was added is held against the plan.
func settle(txApp core.App, userID string, ticks []Tick, mode Mode, maxTicks int, report *Report) error {
	if mode == Replace && len(report.Skipped) > 0 {
		report.Warnings = append(report.Warnings, Remark{
			Line: report.Skipped[0].Line, Count: len(report.Skipped),
			Reason: "nothing was removed, because rows that could not be read may stand for ticks that are stored",
		})
	} else if mode == Replace {
		removed, err := removeOthers(txApp, userID, report.Source, ticks)
		if err != nil {
			return err
		}
		report.Removed = removed
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

// removeOthers deletes the ticks of a source that are not among those given, and returns how many.
func removeOthers(txApp core.App, userID string, source Source, ticks []Tick) (int, error) {
	keep := make(map[string]bool, len(ticks))
	for i := range ticks {
		keep[ticks[i].identity] = true
	}
	var rows []stored
	err := txApp.DB().Select("id", "identity").From(Collection).Where(dbx.HashExp{"user": userID, "source": string(source)}).All(&rows)
	if err != nil {
		return 0, fmt.Errorf("read stored ticks: %w", err)
	}
	var gone []any
	for _, row := range rows {
		if !keep[row.Identity] {
			gone = append(gone, row.ID)
		}
	}
	for some := range slices.Chunk(gone, maxParameters) {
		if _, err := txApp.NonconcurrentDB().Delete(Collection, dbx.In("id", some...)).Execute(); err != nil {
			return 0, fmt.Errorf("remove ticks: %w", err)
		}
	}
	return len(gone), nil
}

// maxParameters is how many values one statement takes here; SQLite's own limit is 32,766.
const maxParameters = 1_000

// existingTicks finds those of the given ticks that are stored already, by identity.
func existingTicks(txApp core.App, userID string, source Source, ticks []Tick) (map[string]stored, error) {
	identities := make([]any, len(ticks))
	for i := range ticks {
		identities[i] = ticks[i].identity
	}
	existing := make(map[string]stored, len(ticks))
	for some := range slices.Chunk(identities, maxParameters) {
		var rows []stored
		err := txApp.DB().Select("id", "identity", "fingerprint").From(Collection).
			Where(dbx.HashExp{"user": userID, "source": string(source)}).AndWhere(dbx.In("identity", some...)).All(&rows)
		if err != nil {
			return nil, fmt.Errorf("read stored ticks: %w", err)
		}
		for _, row := range rows {
			existing[row.Identity] = row
		}
	}
	return existing, nil
}

func countTicks(app core.App, userID string) (int, error) {
	var count int
	if err := app.DB().Select("count(*)").From(Collection).Where(dbx.HashExp{"user": userID}).Row(&count); err != nil {
		return 0, fmt.Errorf("count ticks: %w", err)
	}
	return count, nil
}

func checkLimit(count, maxTicks int) error {
	if count > maxTicks {
		return fmt.Errorf("%w: your logbook would have %d ticks, and your plan allows %d", ErrPlanLimit, count, maxTicks)
	}
	return nil
}

// writer holds the prepared statements of one import.
type writer struct {
	inserting, updating *dbx.Query
	constant            dbx.Params // what every row of the import has
}

func newWriter(txApp core.App, userID string, source Source) (*writer, error) {
	now := types.NowDateTime().String()
	db := txApp.NonconcurrentDB()
	w := &writer{
		inserting: db.NewQuery(insertSQL()),
		updating:  db.NewQuery(updateSQL()),
		constant:  dbx.Params{"user": userID, "source": string(source), "now": now},
	}
	for _, q := range []*dbx.Query{w.inserting, w.updating} {
		q.Prepare()
		if q.LastError != nil {
			w.close()
			return nil, fmt.Errorf("prepare: %w", q.LastError)
		}
	}
	return w, nil
}

func insertSQL() string {
	columns := append([]string{"id", "user", "source", "identity", "fingerprint", "created", "updated"}, contentColumns...)
	values := append([]string{"{:id}", "{:user}", "{:source}", "{:identity}", "{:fingerprint}", "{:now}", "{:now}"}, placeholders()...)
	return fmt.Sprintf("INSERT INTO {{ticks}} ([[%s]]) VALUES (%s)", strings.Join(columns, "]], [["), strings.Join(values, ", "))
}

func updateSQL() string {
	sets := []string{"[[fingerprint]] = {:fingerprint}", "[[updated]] = {:now}"}
	for i, value := range placeholders() {
		sets = append(sets, fmt.Sprintf("[[%s]] = %s", contentColumns[i], value))
	}
	return fmt.Sprintf("UPDATE {{ticks}} SET %s WHERE [[id]] = {:id}", strings.Join(sets, ", "))
}

func placeholders() []string {
	values := make([]string, len(contentColumns))
	for i, column := range contentColumns {
		values[i] = "{:" + column + "}"
	}
	return values
}

func (w *writer) insert(identity, fingerprint string, row []any) error {
	return w.run(w.inserting, row, dbx.Params{"id": core.GenerateDefaultRandomId(), "identity": identity, "fingerprint": fingerprint})
}

func (w *writer) update(id, fingerprint string, row []any) error {
	return w.run(w.updating, row, dbx.Params{"id": id, "fingerprint": fingerprint})
}

func (w *writer) run(q *dbx.Query, row []any, params dbx.Params) error {
	for name, value := range w.constant {
		params[name] = value
	}
	for i, column := range contentColumns {
		params[column] = row[i]
	}
	if _, err := q.Bind(params).Execute(); err != nil {
		return fmt.Errorf("write tick: %w", err)
	}
	return nil
}

func (w *writer) close() {
	for _, q := range []*dbx.Query{w.inserting, w.updating} {
		_ = q.Close() // a statement of a transaction ends with it anyway
	}
}
