package logbook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
	"github.com/pocketbase/pocketbase/tools/types"
)

// AtOnce is the number of rows from which on a file is imported in the background.
const AtOnce = 2_000

// chunk is how many ticks of a background import are stored in one transaction; other writers get in between.
const chunk = 500

// Fields of an import that code refers to.
const (
	fieldState     = "state"
	fieldProgress  = "progress"
	fieldError     = "error"
	fieldFile      = "file"
	fieldReport    = "report"
	fieldTicksDone = "ticks_done"
)

// ErrFileGone means that an import cannot be tried again, because its file was deleted.
var ErrFileGone = errors.New("the file is not kept any more: it has to be uploaded again")

// Enqueue adds the job that will call Resume with an import's id, in the caller's transaction, and returns the job's id.
type Enqueue func(txApp core.App, importID string) (jobID string, err error)

// Accept imports a short file at once and returns its report. A long one it checks, keeps and leaves to a job, whose id
// it returns. Either way a file that is none, or too much for the plan, fails as in Import, with nothing imported.
func Accept(app core.App, userID string, file File, source Source, mode Mode, limits Limits, enqueue Enqueue) (report *Report, jobID string, err error) {
	b, report, err := parse(file.Content, source, limits.Rows, file.at())
	if err != nil {
		return nil, "", fmt.Errorf("import: %w", err)
	}
	if report.Rows < AtOnce {
		report, err = importNow(app, userID, file, b, report, mode, limits)
		return report, "", err
	}
	growth, err := growthOf(app, userID, b, mode)
	if err != nil {
		return nil, "", fmt.Errorf("import: %w", err)
	}
	report.Adding = max(0, growth.more)
	kept, err := filesystem.NewFileFromBytes(file.Content, "logbook.csv")
	if err != nil {
		return nil, "", fmt.Errorf("import: %w", err)
	}
	err = app.RunInTransaction(func(txApp core.App) error {
		if err := checkNoneOpen(txApp, userID); err != nil {
			return err
		}
		if err := growth.check(txApp, userID, limits.Ticks); err != nil {
			return err
		}
		imported, err := newRecord(txApp, userID, file, mode, report)
		if err != nil {
			return err
		}
		imported.Load(map[string]any{fieldFile: kept, fieldReport: report.soFar()})
		if err := txApp.Save(imported); err != nil {
			return err
		}
		jobID, err = enqueue(txApp, imported.Id)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("import: %w", err)
	}
	return report, jobID, nil
}

// checkNoneOpen keeps a user's imports from running into each other: a replace would remove what a later import added,
// and two could together pass the plan's limit that each keeps.
func checkNoneOpen(txApp core.App, userID string) error {
	open, err := txApp.CountRecords(CollectionImports, isOpenOf(userID))
	if err != nil {
		return fmt.Errorf("look for open imports: %w", err)
	}
	if open > 0 {
		return ErrImportRunning
	}
	return nil
}

// growth is what an import will do to the number of ticks of a logbook.
type growth struct {
	created int
	more    int // in the end, less what Replace removes; negative where it removes more
}

// growthOf counts beforehand. It holds to the end, because no other import of the user runs meanwhile.
func growthOf(app core.App, userID string, b *batch, mode Mode) (growth, error) {
	existing, err := existingTicks(app, userID, b.ticks)
	if err != nil {
		return growth{}, err
	}
	edited, err := editedAtSource(app, userID, b)
	if err != nil {
		return growth{}, err
	}
	refused, err := b.refused(app, userID)
	if err != nil {
		return growth{}, err
	}
	created := -len(edited)
	for i := range b.ticks {
		if _, found := existing[b.ticks[i].key()]; !found && !refused[b.ticks[i].key()] {
			created++
		}
	}
	if _, certain := b.uncertain(); mode != Replace || !certain {
		return growth{created, created}, nil
	}
	others, err := othersOf(app, userID, b, func(o *other) bool { return !o.Edited })
	if err != nil {
		return growth{}, err
	}
	return growth{created, created - (len(others) - len(edited))}, nil
}

// check fails with ErrPlanLimit when the plan has no room for what is created.
func (g growth) check(app core.App, userID string, maxTicks int) error {
	if maxTicks == 0 || g.created <= 0 {
		return nil
	}
	count, err := countTicks(app, userID)
	if err != nil {
		return err
	}
	return checkLimit(count+g.more, maxTicks)
}

// stillToCome is how many ticks the import of a user that waits or is under way adds yet, at most.
func stillToCome(app core.App, userID string) (int, error) {
	open, err := app.FindAllRecords(CollectionImports, isOpenOf(userID))
	if err != nil {
		return 0, fmt.Errorf("look for open imports: %w", err)
	}
	more := 0
	for _, imported := range open {
		var report Report
		if err := imported.UnmarshalJSONField(fieldReport, &report); err != nil {
			return 0, fmt.Errorf("report of import %s: %w", imported.Id, err)
		}
		more += max(0, min(report.Adding-report.Created, report.Rows-imported.GetInt(fieldTicksDone)))
	}
	return more, nil
}

func isOpenOf(userID string) dbx.Expression {
	return dbx.HashExp{"user": userID, fieldState: []any{stateQueued, stateRunning}}
}

// Resume runs a background import from where it is, and returns the last step for the caller's transaction. Each part is
// committed together with how far the import is, so that a crash repeats no part and loses none. The step is nil when
// the import has ended already, or is gone with its user. ErrFileGone is for one that failed and cannot be tried again.
func Resume(ctx context.Context, app core.App, importID string) (func(txApp core.App) error, error) {
	imported, err := app.FindRecordById(CollectionImports, importID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("import %s: %w", importID, err)
	}
	if imported.GetString(fieldState) == stateDone {
		return nil, nil
	}
	if imported.GetString(fieldFile) == "" {
		return nil, fmt.Errorf("import %s: %w", importID, ErrFileGone)
	}
	content, err := readFile(app, imported)
	if err != nil {
		return nil, fmt.Errorf("import %s: %w", importID, err)
	}
	b, report, err := parse(content, Source(imported.GetString("source")), 0, imported.GetDateTime("created").Time())
	if err != nil {
		return nil, fmt.Errorf("import %s: %w", importID, err)
	}
	if err := resumeReport(imported, report); err != nil {
		return nil, fmt.Errorf("import %s: %w", importID, err)
	}
	userID, mode := imported.GetString("user"), Mode(imported.GetString("mode"))
	done := min(imported.GetInt(fieldTicksDone), len(b.ticks))
	for part := range slices.Chunk(b.ticks[done:], chunk) {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("import %s: %w", importID, err)
		}
		done += len(part)
		if err := storePart(app, userID, importID, b, part, done, mode, report); err != nil {
			return nil, fmt.Errorf("import %s: %w", importID, err)
		}
	}
	return func(txApp core.App) error {
		if err := settle(txApp, userID, b, mode, 0, report); err != nil {
			return err
		}
		imported, err := txApp.FindRecordById(CollectionImports, importID)
		if err != nil {
			return err
		}
		report.Adding = 0
		complete(imported, report.short())
		return txApp.Save(imported)
	}, nil
}

// maxSkipped is how many skipped rows the report of a background import lists one by one.
const maxSkipped = 1_000

// short is a report that a record and its events can carry: what was skipped beyond a number is one remark with a count.
func (r *Report) short() *Report {
	if len(r.Skipped) <= maxSkipped {
		return r
	}
	short := *r
	rest := Remark{Line: r.Skipped[maxSkipped].Line, Reason: "further rows were skipped for reasons such as those above", Count: len(r.Skipped) - maxSkipped}
	short.Skipped = append(slices.Clone(r.Skipped[:maxSkipped]), rest)
	return &short
}

// soFar is what the report of an import says until it has ended.
func (r *Report) soFar() Report {
	return Report{ImportID: r.ImportID, Source: r.Source, Rows: r.Rows, Created: r.Created, Updated: r.Updated, Unchanged: r.Unchanged, Adding: r.Adding}
}

// storePart stores some ticks and how far the import is. It does nothing where somebody else has got further.
func storePart(app core.App, userID, importID string, b *batch, part []Tick, done int, mode Mode, report *Report) error {
	return app.RunInTransaction(func(txApp core.App) error {
		imported, err := txApp.FindRecordById(CollectionImports, importID)
		if err != nil {
			return err
		}
		if before := imported.GetInt(fieldTicksDone); before != done-len(part) {
			return fmt.Errorf("somebody else is at tick %d of the import, and we are at %d", before, done-len(part))
		}
		if done == len(part) {
			if err := follow(txApp, userID, b); err != nil {
				return err
			}
		}
		if err := store(txApp, userID, part, fromFile, mode, report); err != nil {
			return err
		}
		imported.Load(map[string]any{
			fieldState: stateRunning, fieldProgress: min(99, done*100/len(b.ticks)), fieldTicksDone: done, fieldError: "",
			fieldReport: report.soFar(),
		})
		return txApp.Save(imported)
	})
}

// resumeReport brings a fresh report to what was counted before a restart.
func resumeReport(imported *core.Record, report *Report) error {
	report.ImportID = imported.Id
	var before Report
	if err := imported.UnmarshalJSONField(fieldReport, &before); err != nil {
		return err
	}
	report.Created, report.Updated, report.Unchanged, report.Adding = before.Created, before.Updated, before.Unchanged, before.Adding
	return nil
}

func readFile(app core.App, imported *core.Record) ([]byte, error) {
	files, err := app.NewFilesystem()
	if err != nil {
		return nil, err
	}
	defer files.Close()
	reader, err := files.GetReader(imported.BaseFilesPath() + "/" + imported.GetString(fieldFile))
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	return io.ReadAll(reader)
}

// Fail marks a background import as failed. Its file stays for a while, so that an administrator can try it again.
func Fail(txApp core.App, importID string) error {
	imported, err := txApp.FindRecordById(CollectionImports, importID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	imported.Load(map[string]any{
		fieldState: stateFailed,
		fieldError: "Something went wrong on our side. What was imported so far is kept; upload the file again to go on.",
	})
	return txApp.Save(imported)
}

// DropFiles deletes the files of imports that failed before a time, and returns how many.
func DropFiles(app core.App, before time.Time) (int, error) {
	failed, err := app.FindRecordsByFilter(CollectionImports, "state = 'failed' && file != '' && updated < {:before}", "", 0, 0,
		dbx.Params{"before": before.UTC().Format(types.DefaultDateLayout)})
	if err != nil {
		return 0, fmt.Errorf("find files of failed imports: %w", err)
	}
	for _, imported := range failed {
		imported.Set(fieldFile, nil)
		if err := app.Save(imported); err != nil {
			return 0, fmt.Errorf("drop the file of import %s: %w", imported.Id, err)
		}
	}
	return len(failed), nil
}
