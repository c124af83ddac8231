package logbook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"
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

// Enqueue adds the job that will call Resume with an import's id, in the caller's transaction, and returns the job's id.
type Enqueue func(txApp core.App, importID string) (jobID string, err error)

// Accept imports a short file at once and returns its report. A long one it checks, keeps and leaves to a job, whose id
// it returns. Either way a file that is none, or too much for the plan, fails as in Import, with nothing imported.
func Accept(app core.App, userID string, file File, source Source, mode Mode, limits Limits, enqueue Enqueue) (report *Report, jobID string, err error) {
	ticks, report, err := parse(file.Content, source, limits.Rows)
	if err != nil {
		return nil, "", fmt.Errorf("import: %w", err)
	}
	if report.Rows < AtOnce {
		report, err = importNow(app, userID, file, ticks, report, mode, limits)
		return report, "", err
	}
	if err := checkRoom(app, userID, ticks, mode, limits.Ticks, report.Source); err != nil {
		return nil, "", fmt.Errorf("import: %w", err)
	}
	kept, err := filesystem.NewFileFromBytes(file.Content, "logbook.csv")
	if err != nil {
		return nil, "", fmt.Errorf("import: %w", err)
	}
	err = app.RunInTransaction(func(txApp core.App) error {
		imported, err := newRecord(txApp, userID, file, mode, report)
		if err != nil {
			return err
		}
		imported.Set(fieldFile, kept)
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

// checkRoom tells beforehand what the plan will say to an import.
func checkRoom(app core.App, userID string, ticks []Tick, mode Mode, maxTicks int, source Source) error {
	if maxTicks == 0 {
		return nil
	}
	existing, err := existingTicks(app, userID, source, ticks)
	if err != nil {
		return err
	}
	added := len(ticks) - len(existing)
	if added == 0 {
		return nil
	}
	if mode == Replace {
		return checkLimit(len(ticks), maxTicks)
	}
	count, err := countTicks(app, userID)
	if err != nil {
		return err
	}
	return checkLimit(count+added, maxTicks)
}

// Resume runs a background import from where it is, and returns the last step for the caller's transaction. Each part is
// committed together with how far the import is, so that a crash repeats no part and loses none. The step is nil when
// the import has ended already.
func Resume(ctx context.Context, app core.App, importID string, maxTicks int) (func(txApp core.App) error, error) {
	imported, err := app.FindRecordById(CollectionImports, importID)
	if err != nil {
		return nil, fmt.Errorf("import %s: %w", importID, err)
	}
	if state := imported.GetString(fieldState); state == stateDone || state == stateFailed {
		return nil, nil
	}
	content, err := readFile(app, imported)
	if err != nil {
		return nil, fmt.Errorf("import %s: %w", importID, err)
	}
	ticks, report, err := parse(content, Source(imported.GetString("source")), 0)
	if err != nil {
		return nil, fmt.Errorf("import %s: %w", importID, err)
	}
	if err := resumeReport(imported, report); err != nil {
		return nil, fmt.Errorf("import %s: %w", importID, err)
	}
	userID, mode := imported.GetString("user"), Mode(imported.GetString("mode"))
	done := imported.GetInt(fieldTicksDone)
	for part := range slices.Chunk(ticks[done:], chunk) {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("import %s: %w", importID, err)
		}
		done += len(part)
		if err := storePart(app, userID, importID, part, done, len(ticks), report); err != nil {
			return nil, fmt.Errorf("import %s: %w", importID, err)
		}
	}
	return func(txApp core.App) error {
		if err := settle(txApp, userID, ticks, mode, maxTicks, report); err != nil {
			return err
		}
		imported, err := txApp.FindRecordById(CollectionImports, importID)
		if err != nil {
			return err
		}
		complete(imported, report)
		return txApp.Save(imported)
	}, nil
}

// storePart stores some ticks and how far the import is.
func storePart(app core.App, userID, importID string, part []Tick, done, total int, report *Report) error {
	return app.RunInTransaction(func(txApp core.App) error {
		if err := store(txApp, userID, part, report); err != nil {
			return err
		}
		imported, err := txApp.FindRecordById(CollectionImports, importID)
		if err != nil {
			return err
		}
		imported.Load(map[string]any{
			fieldState: stateRunning, fieldProgress: min(99, done*100/total), fieldTicksDone: done, fieldReport: report,
		})
		return txApp.Save(imported)
	})
}

// resumeReport brings a fresh report to what was counted before a restart.
func resumeReport(imported *core.Record, report *Report) error {
	report.ImportID = imported.Id
	if imported.GetInt(fieldTicksDone) == 0 {
		return nil
	}
	var before Report
	if err := imported.UnmarshalJSONField(fieldReport, &before); err != nil {
		return err
	}
	report.Created, report.Updated, report.Unchanged = before.Created, before.Updated, before.Unchanged
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

// Fail marks a background import as failed. Its owner reads the reason only where it is written for users.
func Fail(txApp core.App, importID string, cause error) error {
	imported, err := txApp.FindRecordById(CollectionImports, importID)
	if err != nil {
		return err
	}
	text := "Something went wrong on our side. What was imported so far is kept; upload the file again to go on."
	if errors.Is(cause, ErrPlanLimit) {
		_, limits, _ := strings.Cut(cause.Error(), ErrPlanLimit.Error()+": ")
		text = "The file has more ticks than your plan allows: " + limits + "."
	}
	imported.Load(map[string]any{fieldState: stateFailed, fieldError: text, fieldFile: nil})
	return txApp.Save(imported)
}
