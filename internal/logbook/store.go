package logbook

import (
	"fmt"
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
func store(txApp core.App, userID string, ticks []Tick, mode Mode, maxTicks int, report *Report) error {
	existing, err := existingTicks(txApp, userID, report.Source)
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
		delete(existing, ticks[i].identity)
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
	if mode == Replace {
		for _, gone := range existing {
			if err := writer.remove(gone.ID); err != nil {
				return err
			}
			report.Removed++
		}
	}
	if report.Created == 0 {
		return nil
	}
	return checkLimit(txApp, userID, maxTicks)
}

func existingTicks(txApp core.App, userID string, source Source) (map[string]stored, error) {
	var rows []stored
	err := txApp.DB().Select("id", "identity", "fingerprint").From(Collection).
		Where(dbx.HashExp{"user": userID, "source": string(source)}).All(&rows)
	if err != nil {
		return nil, fmt.Errorf("read stored ticks: %w", err)
	}
	existing := make(map[string]stored, len(rows))
	for _, row := range rows {
		existing[row.Identity] = row
	}
	return existing, nil
}

func checkLimit(txApp core.App, userID string, maxTicks int) error {
	if maxTicks == 0 {
		return nil
	}
	var count int
	if err := txApp.DB().Select("count(*)").From(Collection).Where(dbx.HashExp{"user": userID}).Row(&count); err != nil {
		return fmt.Errorf("count ticks: %w", err)
	}
	if count > maxTicks {
		return fmt.Errorf("%w: your logbook would have %d ticks, and your plan allows %d", ErrPlanLimit, count, maxTicks)
	}
	return nil
}

// writer holds the prepared statements of one import.
type writer struct {
	inserting, updating, removing *dbx.Query
	constant                      dbx.Params // what every row of the import has
}

func newWriter(txApp core.App, userID string, source Source) (*writer, error) {
	now := types.NowDateTime().String()
	db := txApp.NonconcurrentDB()
	w := &writer{
		inserting: db.NewQuery(insertSQL()),
		updating:  db.NewQuery(updateSQL()),
		removing:  db.NewQuery("DELETE FROM {{ticks}} WHERE [[id]] = {:id}"),
		constant:  dbx.Params{"user": userID, "source": string(source), "now": now},
	}
	for _, q := range []*dbx.Query{w.inserting, w.updating, w.removing} {
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

func (w *writer) remove(id string) error {
	_, err := w.removing.Bind(dbx.Params{"id": id}).Execute()
	return err
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
	for _, q := range []*dbx.Query{w.inserting, w.updating, w.removing} {
		_ = q.Close() // a statement of a transaction ends with it anyway
	}
}
