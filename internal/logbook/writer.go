package logbook

import (
	"fmt"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// writer holds the prepared statements of one import.
type writer struct {
	txApp               core.App
	userID              string
	inserting, updating *dbx.Query
	restore             bool       // what our own export says takes the place of what is stored
	constant            dbx.Params // what every row of the import has
}

func newWriter(txApp core.App, userID string, restore bool) (*writer, error) {
	db := txApp.NonconcurrentDB()
	w := &writer{
		txApp: txApp, userID: userID, restore: restore,
		inserting: db.NewQuery(insertSQL()),
		updating:  db.NewQuery(updateSQL()),
		constant:  dbx.Params{"user": userID, "now": types.NowDateTime().String()},
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
	columns := append([]string{"id", "user", "source", "identity", "fingerprint", "edited", "gone_at", "created", "updated"}, contentColumns...)
	values := append([]string{"{:id}", "{:user}", "{:source}", "{:identity}", "{:fingerprint}", "{:edited}", "{:gone_at}", "{:now}", "{:now}"}, placeholders()...)
	return fmt.Sprintf("INSERT INTO {{ticks}} ([[%s]]) VALUES (%s)", strings.Join(columns, "]], [["), strings.Join(values, ", "))
}

func updateSQL() string {
	sets := []string{"[[fingerprint]] = {:fingerprint}", "[[edited]] = {:edited}", "[[gone_at]] = {:gone_at}", "[[updated]] = {:now}"}
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

func (w *writer) insert(t *Tick) error {
	row := t.row()
	return w.run(w.inserting, t, row, dbx.Params{
		"id": core.GenerateDefaultRandomId(), "source": string(t.source), "identity": t.identity, "fingerprint": fingerprint(row),
	})
}

// renew brings a stored tick to what its source says now. What its owner has edited stays as it is.
func (w *writer) renew(t *Tick, old *stored, report *Report) error {
	row := t.row()
	print := fingerprint(row)
	back := old.GoneAt != t.goneAt()
	switch {
	case t.isKept() && !w.restore: // a backup is older than what its source has said since
		report.Unchanged++
		return nil
	case old.Edited && back:
		report.Unchanged++
		_, err := w.txApp.NonconcurrentDB().Update(Collection, dbx.Params{"gone_at": t.goneAt()}, dbx.HashExp{"id": old.ID}).Execute()
		return err
	case old.Edited, old.Fingerprint == print && !back:
		report.Unchanged++
		return nil
	}
	report.Updated++
	return w.run(w.updating, t, row, dbx.Params{"id": old.ID, "fingerprint": print})
}

func (w *writer) run(q *dbx.Query, t *Tick, row []any, params dbx.Params) error {
	params["edited"], params["gone_at"] = t.Kept != nil && t.Kept.Edited, t.goneAt()
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
