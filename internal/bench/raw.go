package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/logbook"
	"github.com/cragbase/cragbase/internal/sqlite"
)

// rawTicks is the floor: the same rows in a table with the same columns and indexes, through database/sql and the same
// driver, with nothing of PocketBase or ours in between.
type rawTicks struct {
	db      *sql.DB
	columns []string
	rows    [][]any // of the imported logbook
}

// openRaw makes a second database with our schema in dir, and reads the rows that app has imported.
func openRaw(app core.App, dir string) (*rawTicks, error) {
	second, err := openApp(dir, oursSchema())
	if err != nil {
		return nil, err
	}
	if err := second.ResetBootstrapState(); err != nil { // only its file is needed
		return nil, err
	}
	raw := &rawTicks{}
	if err := raw.read(app); err != nil {
		return nil, fmt.Errorf("read the imported ticks: %w", err)
	}
	database, err := sqlite.Connect(filepath.Join(dir, "data.db"))
	if err != nil {
		return nil, err
	}
	raw.db = database.DB()
	return raw, nil
}

// read keeps all columns of all ticks of an app.
func (t *rawTicks) read(app core.App) error {
	rows, err := app.ConcurrentDB().Select("*").From(logbook.Collection).Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	if t.columns, err = rows.Columns(); err != nil {
		return err
	}
	for rows.Next() {
		row, into := make([]any, len(t.columns)), make([]any, len(t.columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		t.rows = append(t.rows, row)
	}
	return rows.Err()
}

// insertRound writes all rows into the empty table.
func (t *rawTicks) insertRound(ctx context.Context) (sample, error) {
	for _, statement := range []string{emptyTicks, checkpoint} {
		if _, err := t.db.ExecContext(ctx, statement); err != nil {
			return sample{}, err
		}
	}
	return timeRows(len(t.rows), func() (int, error) { return len(t.rows), t.insert(ctx) })
}

func (t *rawTicks) insert(ctx context.Context) error {
	tx, err := t.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := t.insertIn(ctx, tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func (t *rawTicks) insertIn(ctx context.Context, tx *sql.Tx) error {
	values := strings.TrimSuffix(strings.Repeat("?, ", len(t.columns)), ", ")
	statement, err := tx.PrepareContext(ctx, "INSERT INTO ticks (`"+strings.Join(t.columns, "`, `")+"`) VALUES ("+values+")")
	if err != nil {
		return err
	}
	defer statement.Close()
	for _, row := range t.rows {
		if _, err := statement.ExecContext(ctx, row...); err != nil {
			return err
		}
	}
	return nil
}
