package logbook_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/logbook"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// long is an export of n different ticks.
func long(n int) []byte {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = row("2026-05-02", fmt.Sprint(1000+i), "5.9", "", "Lead", "Redpoint")
	}
	return export(rows...)
}

// accept hands a long file in and returns the id of the import that was left to a job.
func accept(t *testing.T, app core.App, content []byte, mode logbook.Mode, limits logbook.Limits) (string, error) {
	t.Helper()
	var enqueued string
	_, jobID, err := logbook.Accept(app, pbtest.OwnerID, logbook.File{Name: "ticks.csv", Content: content}, logbook.SourceAuto, mode, limits,
		func(_ core.App, importID string) (string, error) {
			enqueued = importID
			return "job", nil
		})
	if err == nil && (jobID != "job" || enqueued == "") {
		t.Fatalf("job %q for import %q", jobID, enqueued)
	}
	return enqueued, err
}

// resume runs an import to its end.
func resume(t *testing.T, app core.App, importID string) {
	t.Helper()
	finish, err := logbook.Resume(context.Background(), app, importID)
	if err != nil {
		t.Fatal(err)
	}
	if err := app.RunInTransaction(finish); err != nil {
		t.Fatal(err)
	}
}

func importRecord(t *testing.T, app core.App, id string) (*core.Record, logbook.Report) {
	t.Helper()
	imported, err := app.FindRecordById(logbook.CollectionImports, id)
	if err != nil {
		t.Fatal(err)
	}
	var report logbook.Report
	if err := imported.UnmarshalJSONField("report", &report); err != nil {
		t.Fatal(err)
	}
	return imported, report
}

func TestLongImportsRunInTheBackground(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	id, err := accept(t, app, long(2_300), logbook.Merge, logbook.Limits{Ticks: 5_000})
	if err != nil {
		t.Fatal(err)
	}
	if imported, _ := importRecord(t, app, id); imported.GetString("state") != "queued" || imported.GetString("file") == "" || countTicks(t, app) != 0 {
		t.Errorf("before the job: %s, %d ticks", imported.GetString("state"), countTicks(t, app))
	}
	resume(t, app, id)
	imported, report := importRecord(t, app, id)
	if got := figuresOf(&report); got != (figures{rows: 2_300, created: 2_300}) || report.ImportID != id || countTicks(t, app) != 2_300 {
		t.Errorf("%+v, %d ticks", got, countTicks(t, app))
	}
	if imported.GetString("state") != "done" || imported.GetInt("progress") != 100 || imported.GetString("file") != "" {
		t.Errorf("afterwards: %s, %d %%, file %q", imported.GetString("state"), imported.GetInt("progress"), imported.GetString("file"))
	}
	if finish, err := logbook.Resume(context.Background(), app, id); finish != nil || err != nil {
		t.Errorf("resuming what is done: %v", err)
	}
}

func countTicks(t *testing.T, app core.App) int64 {
	t.Helper()
	count, err := app.CountRecords(logbook.Collection, dbx.HashExp{"user": pbtest.OwnerID})
	if err != nil {
		t.Fatal(err)
	}
	return count
}

// An import that was cut goes on where it was, and its report counts every row once.
func TestCutImportsGoOn(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	importNow := func(content []byte) {
		if _, err := logbook.Import(app, pbtest.OwnerID, logbook.File{Content: content}, logbook.SourceAuto, logbook.Merge, logbook.Limits{}); err != nil {
			t.Fatal(err)
		}
	}
	importNow(export(row("2026-05-02", "1001", "5.9", "changes", "Lead", "Redpoint"), row("2026-05-02", "1002", "5.9", "changes", "Lead", "Redpoint"), row("2020-01-01", "7", "5.9", "", "Lead", "Flash")))
	id, err := accept(t, app, long(2_500), logbook.Replace, logbook.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cut := context.WithCancel(context.Background())
	var progress []int
	app.OnRecordAfterUpdateSuccess(logbook.CollectionImports).BindFunc(func(e *core.RecordEvent) error {
		progress = append(progress, e.Record.GetInt("progress"))
		if len(progress) == 2 {
			cut()
		}
		return e.Next()
	})
	if _, err := logbook.Resume(ctx, app, id); !errors.Is(err, context.Canceled) {
		t.Fatalf("not cut: %v", err)
	}
	resume(t, app, id)
	_, report := importRecord(t, app, id)
	if got := figuresOf(&report); got != (figures{rows: 2_500, created: 2_498, updated: 2, removed: 1}) || countTicks(t, app) != 2_500 {
		t.Errorf("%+v, %d ticks", got, countTicks(t, app))
	}
	if fmt.Sprint(progress) != "[20 40 60 80 99 100]" {
		t.Errorf("progress %v", progress)
	}
}

func TestLongImportsKeepToThePlan(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	for _, mode := range []logbook.Mode{logbook.Merge, logbook.Replace} {
		if _, err := accept(t, app, long(2_001), mode, logbook.Limits{Ticks: 2_000}); !errors.Is(err, logbook.ErrPlanLimit) {
			t.Errorf("%s: %v", mode, err)
		}
	}
	if count, _ := app.CountRecords(logbook.CollectionImports); count != 0 {
		t.Errorf("%d imports were kept", count)
	}
	if id, err := accept(t, app, long(2_001), logbook.Replace, logbook.Limits{Ticks: 2_001}); err != nil {
		t.Error(err)
	} else {
		resume(t, app, id)
	}
	if _, err := accept(t, app, append(long(2_001), row("2027-01-01", "1", "5.9", "", "Lead", "Flash")...), logbook.Merge, logbook.Limits{Ticks: 2_001}); !errors.Is(err, logbook.ErrPlanLimit) {
		t.Errorf("one more: %v", err)
	}
}

// The plan's limit is held against what an import adds: a tick that was edited at its source is none, and what replace removes makes
// room.
func TestLongImportsCountWhatTheyAdd(t *testing.T) {
	t.Parallel()
	const stored = 2_000
	other := func(n int) (rows string) {
		for i := range n {
			rows += row("2026-05-01", fmt.Sprint(7000+i), "5.9", "", "Lead", "Flash")
		}
		return rows
	}
	edited := bytes.Replace(long(stored), []byte("Redpoint"), []byte("Pinkpoint"), 1)
	for _, test := range []struct {
		rule          string
		before, after []byte
		mode          logbook.Mode
		want          int // ticks in the end
	}{
		{"an edit adds nothing", long(stored), edited, logbook.Merge, stored},
		{"an edit and a new one", long(stored), append(bytes.Clone(edited), other(1)...), logbook.Merge, stored + 1},
		{"an edit, by replace", long(stored), edited, logbook.Replace, stored},
		{"replace removes two and adds one", append(long(stored), other(2)...), append(bytes.Clone(edited), row("2026-05-03", "8", "5.9", "", "Lead", "Flash")...), logbook.Replace, stored + 1},
		{"a row that cannot be read keeps replace from making room", append(long(stored), other(2)...), append(long(stored), row("2026-05-03", "8", "5.9", "", "Lead", "Flash")+row("x", "9", "5.9", "", "Lead", "Flash")...), logbook.Replace, stored + 3},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			app := pbtest.Bare(t)
			first, err := accept(t, app, test.before, logbook.Merge, logbook.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			resume(t, app, first)
			if test.want > int(countTicks(t, app)) {
				if _, err := accept(t, app, test.after, test.mode, logbook.Limits{Ticks: test.want - 1}); !errors.Is(err, logbook.ErrPlanLimit) {
					t.Errorf("no room for the last one: %v", err)
				}
			}
			id, err := accept(t, app, test.after, test.mode, logbook.Limits{Ticks: test.want})
			if err != nil {
				t.Fatal(err)
			}
			resume(t, app, id)
			if got := countTicks(t, app); got != int64(test.want) {
				t.Errorf("%d ticks, want %d", got, test.want)
			}
		})
	}
}

// What an import still has to store has its place in the plan already: a tick that is written meanwhile does not take it.
func TestRoomBesideAnImport(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	room := func(rule string, most int, want error) {
		t.Helper()
		if err := logbook.CheckRoom(app, pbtest.OwnerID, most); !errors.Is(err, want) {
			t.Errorf("%s, one tick in %d: %v, want %v", rule, most, err, want)
		}
	}
	id, err := accept(t, app, long(2_000), logbook.Merge, logbook.Limits{Ticks: 2_000})
	if err != nil {
		t.Fatal(err)
	}
	room("it waits", 2_000, logbook.ErrPlanLimit)
	room("it waits", 2_001, nil)
	room("without a limit", 0, nil)
	ctx, cut := context.WithCancel(context.Background())
	app.OnRecordAfterUpdateSuccess(logbook.CollectionImports).BindFunc(func(e *core.RecordEvent) error {
		cut()
		return e.Next()
	})
	if _, err := logbook.Resume(ctx, app, id); !errors.Is(err, context.Canceled) || countTicks(t, app) != 500 {
		t.Fatalf("not cut: %v", err)
	}
	room("in the middle", 2_000, logbook.ErrPlanLimit)
	room("in the middle", 2_001, nil)
	resume(t, app, id)
	room("done", 2_000, logbook.ErrPlanLimit)
	room("done", 2_001, nil)
	if _, report := importRecord(t, app, id); report.Adding != 0 {
		t.Errorf("it still adds %d", report.Adding)
	}
	if id, err = accept(t, app, long(2_000), logbook.Merge, logbook.Limits{Ticks: 2_000}); err != nil {
		t.Fatal(err)
	}
	room("the same file again adds nothing", 2_001, nil)
	if _, err := app.DB().Update(logbook.CollectionImports, dbx.Params{"report": nil}, dbx.HashExp{"id": id}).Execute(); err != nil {
		t.Fatal(err)
	}
	room("one that was queued before imports said what they add", 2_001, nil)
	if err := logbook.Fail(app, id); err != nil {
		t.Fatal(err)
	}
	room("it failed", 2_001, nil)
	resume(t, app, id)
}

// While an import of a user is open, another one of theirs is refused, long or short, and nobody else's.
func TestOneImportOfAUserAtATime(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	id, err := accept(t, app, long(2_000), logbook.Replace, logbook.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := accept(t, app, long(2_100), logbook.Merge, logbook.Limits{}); !errors.Is(err, logbook.ErrImportRunning) {
		t.Errorf("a long one: %v", err)
	}
	short := logbook.File{Content: long(3)}
	if _, err := logbook.Import(app, pbtest.OwnerID, short, logbook.SourceAuto, logbook.Merge, logbook.Limits{}); !errors.Is(err, logbook.ErrImportRunning) {
		t.Errorf("a short one: %v", err)
	}
	if _, err := logbook.Import(app, pbtest.StrangerID, short, logbook.SourceAuto, logbook.Merge, logbook.Limits{}); err != nil {
		t.Errorf("somebody else's: %v", err)
	}
	resume(t, app, id)
	if _, err := logbook.Import(app, pbtest.OwnerID, short, logbook.SourceAuto, logbook.Merge, logbook.Limits{}); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// An import that is deleted while it waits leaves nothing to do, and nothing to fail.
func TestDeletedImportsAreNoFailure(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	finish, err := logbook.Resume(context.Background(), app, "gone00000000000")
	if finish != nil || err != nil {
		t.Errorf("resume: %v", err)
	}
	if err := logbook.Fail(app, "gone00000000000"); err != nil {
		t.Errorf("fail: %v", err)
	}
}

// Reports of background imports stay small enough for a record, whatever was skipped.
func TestLongReportsAreShortened(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	file := long(2_000)
	for range 3_000 {
		file = append(file, row("yesterday", "1", "5.9", "", "Lead", "Flash")...)
	}
	id, err := accept(t, app, file, logbook.Merge, logbook.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	resume(t, app, id)
	_, report := importRecord(t, app, id)
	if report.Rows != 5_000 || report.Created != 2_000 || len(report.Skipped) != 1_001 || report.Skipped[1_000].Count != 2_000 {
		t.Errorf("%d rows, %d created, %d skipped entries, last %+v", report.Rows, report.Created, len(report.Skipped), report.Skipped[len(report.Skipped)-1])
	}
}

// A failed import can be tried again while its file is kept.
func TestFailedImportsCanBeTriedAgain(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	id, err := accept(t, app, long(2_000), logbook.Merge, logbook.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if err := logbook.Fail(app, id); err != nil {
		t.Fatal(err)
	}
	if imported, _ := importRecord(t, app, id); imported.GetString("state") != "failed" || imported.GetString("error") == "" {
		t.Errorf("%v", imported.PublicExport())
	}
	resume(t, app, id)
	if imported, report := importRecord(t, app, id); imported.GetString("state") != "done" || imported.GetString("error") != "" || report.Created != 2_000 {
		t.Errorf("tried again: %s, %+v", imported.GetString("state"), figuresOf(&report))
	}
	second, err := accept(t, app, long(2_000), logbook.Merge, logbook.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if err := logbook.Fail(app, second); err != nil {
		t.Fatal(err)
	}
	if dropped, err := logbook.DropFiles(app, time.Now().Add(time.Minute)); dropped != 1 || err != nil {
		t.Errorf("%d files dropped, %v", dropped, err)
	}
	if _, err := logbook.Resume(context.Background(), app, second); !errors.Is(err, logbook.ErrFileGone) {
		t.Errorf("without its file: %v", err)
	}
}
