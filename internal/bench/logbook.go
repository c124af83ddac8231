package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/logbook"
)

// tickCount is the size of the logbook that is imported and charted.
const tickCount = 5_000

// Statements that make rounds start alike; no round pays for what another left in the write-ahead log.
const (
	emptyTicks   = "DELETE FROM ticks"
	emptyImports = "DELETE FROM imports"
	checkpoint   = "PRAGMA wal_checkpoint(TRUNCATE)"
)

// ownTicks is our side: an app, in which the template user has a logbook, and the file that it comes from.
type ownTicks struct {
	app   core.App
	file  logbook.File
	count int // rows of the file
}

// measureLogbook compares the import of count ticks and the charts of them with plain SQLite, inside this process and by
// the clock on the wall.
func measureLogbook(ctx context.Context, rounds, count int, dir string) (results []result, err error) {
	app, err := openApp(filepath.Join(dir, "logbook_data"), oursSchema())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, app.ResetBootstrapState()) }()
	ours := &ownTicks{app, logbook.File{Name: "ticks.csv", Content: export(count)}, count}
	if _, err := ours.importFile(); err != nil {
		return nil, err
	}
	raw, err := openRaw(app, filepath.Join(dir, "raw_data"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, raw.db.Close()) }()
	return measureAll(ctx, logbookComparisons(ours, raw), rounds)
}

// logbookComparisons are in an order in which both databases hold the logbook whenever it is read.
func logbookComparisons(ours *ownTicks, raw *rawTicks) []comparison {
	inserts := side{"prepared inserts of the same rows, one transaction", raw.insertRound}
	return slices.Concat([]comparison{
		{
			fmt.Sprintf("import of %d ticks", ours.count), "rows/s",
			target{">=", 0.40},
			side{"logbook.Import", ours.importRound},
			inserts,
		},
		{
			"import of the same file again", "rows/s",
			target{},
			side{"logbook.Import", ours.reimportRound},
			inserts,
		},
	}, chartComparisons(ours, raw))
}

func (t *ownTicks) importFile() (*logbook.Report, error) {
	return logbook.Import(t.app, templateID, t.file, logbook.SourceAuto, logbook.Merge, logbook.Limits{})
}

// importRound imports into an empty logbook.
func (t *ownTicks) importRound(context.Context) (sample, error) {
	if err := t.execute(emptyTicks, emptyImports, checkpoint); err != nil {
		return sample{}, err
	}
	return timeRows(t.count, func() (int, error) {
		report, err := t.importFile()
		if err != nil {
			return 0, err
		}
		return report.Created, nil
	})
}

// reimportRound imports what is stored already.
func (t *ownTicks) reimportRound(context.Context) (sample, error) {
	if err := t.execute(checkpoint); err != nil {
		return sample{}, err
	}
	return timeRows(t.count, func() (int, error) {
		report, err := t.importFile()
		if err != nil {
			return 0, err
		}
		return report.Unchanged, nil
	})
}

func (t *ownTicks) execute(statements ...string) error {
	for _, statement := range statements {
		if _, err := t.app.NonconcurrentDB().NewQuery(statement).Execute(); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// timeRows measures how many rows a second work goes through; it must be all of them.
func timeRows(all int, work func() (rows int, err error)) (sample, error) {
	runtime.GC() // no round pays for the garbage of another
	started := time.Now()
	rows, err := work()
	elapsed := time.Since(started)
	if err != nil {
		return sample{}, err
	}
	if rows != all {
		return sample{}, fmt.Errorf("%d rows, want %d", rows, all)
	}
	return sample{figure: float64(rows) / elapsed.Seconds()}, nil
}
