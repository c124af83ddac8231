package logbook_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/pocketbase/dbx"

	"github.com/cragbase/cragbase/internal/logbook"
	"github.com/cragbase/cragbase/internal/logbook/sourcetest"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// A tick that was edited at its source is the same tick: it counts once, as what it is now.
func TestEditsAtTheSource(t *testing.T) {
	t.Parallel()
	was := []string{row("2026-05-02", "12", "5.9", "", "Lead", "Onsight"), row("2026-05-02", "13", "5.9", "", "Lead", "Onsight"), row("2026-05-01", "11", "5.9", "", "Lead", "Flash")}
	for _, test := range []struct {
		rule string
		now  []string
		want figures
		gone int
		left int
	}{
		{"another style", []string{row("2026-05-02", "12", "5.9", "", "Lead", "Redpoint"), was[1], was[2]}, figures{rows: 3, updated: 1, unchanged: 2}, 0, 3},
		{"another day is another tick", []string{row("2026-05-03", "12", "5.9", "", "Lead", "Onsight"), was[1], was[2]}, figures{rows: 3, created: 1, unchanged: 2}, 1, 4},
		{"another route is another tick", []string{row("2026-05-02", "14", "5.9", "", "Lead", "Onsight"), was[1], was[2]}, figures{rows: 3, created: 1, unchanged: 2}, 1, 4},
		{"a second one beside it is another tick", []string{row("2026-05-02", "12", "5.9", "", "Lead", "Redpoint"), was[0], was[1], was[2]}, figures{rows: 4, created: 1, unchanged: 3}, 0, 4},
		{"two of one become two others", []string{row("2026-05-02", "12", "5.9", "", "Lead", "Redpoint"), row("2026-05-02", "13", "5.9", "", "Lead", "Pinkpoint"), was[2]}, figures{rows: 3, updated: 2, unchanged: 1}, 0, 3},
		{"an empty row of a spreadsheet and one without a day leave nothing open", []string{row("2026-05-02", "12", "5.9", "", "Lead", "Redpoint"), ",,,,,,,,,,,,,,\n", row("", "14", "5.9", "", "Lead", "Flash"), was[1], was[2]}, figures{rows: 5, updated: 1, unchanged: 2, skipped: 2}, 0, 3},
		{"a row that cannot be read leaves open which is which", []string{row("2026-05-02", "12", "5.9", "", "Lead", "Redpoint"), row("some day", "13", "5.9", "", "Lead", "Onsight"), was[2]}, figures{rows: 3, created: 1, unchanged: 1, skipped: 1}, 2, 4},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			app := pbtest.New(t)
			importInto(t, app, export(was...), logbook.Merge)
			report := importInto(t, app, export(test.now...), logbook.Merge)
			if got := figuresOf(report); got != test.want || report.Gone != test.gone {
				t.Errorf("%+v with %d gone, want %+v with %d", got, report.Gone, test.want, test.gone)
			}
			if got := len(ticksOf(t, app, pbtest.OwnerID)); got != test.left {
				t.Errorf("%d ticks, want %d", got, test.left)
			}
			if again := figuresOf(importInto(t, app, export(test.now...), logbook.Merge)); again.created+again.updated > 0 {
				t.Errorf("again: %+v", again)
			}
		})
	}
}

// A slip into the future makes an old file no newer.
func TestSlipIntoTheFuture(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	slip, old, newer := row("2026-12-29", "13", "5.9", "", "Lead", "Flash"), row("2026-05-01", "11", "5.9", "", "Lead", "Flash"), row("2026-06-01", "12", "5.9", "", "Lead", "Flash")
	importAt := func(content []byte) *logbook.Report {
		report, err := logbook.Import(app, pbtest.OwnerID, logbook.File{Content: content, At: sourcetest.Now()}, logbook.SourceAuto, logbook.Merge, logbook.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	importAt(export(newer, old))
	if report := importAt(export(slip, old)); report.Gone != 0 {
		t.Errorf("%+v", report)
	}
}

// Rows of our own export that were copied and added in a spreadsheet are ticks of their own, however often it goes round.
func TestRowsCopiedInASpreadsheet(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	importInto(t, app, export(row("2026-05-02", "12", "5.9", "", "Lead", "Onsight")), logbook.Merge)
	for round := range 3 {
		rows, err := csv.NewReader(strings.NewReader(string(exportOf(t, app, pbtest.OwnerID)))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		var file strings.Builder
		added := make([]string, len(rows[0]))
		added[0], added[1], added[2] = "2026-05-03", "Added", "5.9"
		if err := csv.NewWriter(&file).WriteAll(append(append([][]string{rows[0], added}, rows[1]), rows[1:]...)); err != nil {
			t.Fatal(err)
		}
		report := importInto(t, app, []byte(file.String()), logbook.Merge)
		if report.Created != 2 {
			t.Errorf("round %d: %+v", round, report)
		}
		if again := figuresOf(importInto(t, app, []byte(file.String()), logbook.Merge)); again.created != 0 {
			t.Errorf("round %d again: %+v", round, again)
		}
		if got, err := logbook.Import(pbtest.New(t), pbtest.OwnerID, logbook.File{Content: []byte(file.String())}, logbook.SourceAuto, logbook.Merge, logbook.Limits{}); err != nil || got.Created != got.Rows {
			t.Errorf("round %d elsewhere: %+v, %v", round, got, err)
		}
	}
}

// A backup brings back what is missing, and nothing over what its source has said since; replace restores it as it was.
func TestBackup(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	importInto(t, app, export(row("2026-05-02", "12", "5.9", "before", "Lead", "Onsight")), logbook.Merge)
	backup := exportOf(t, app, pbtest.OwnerID)
	importInto(t, app, export(row("2026-05-02", "12", "5.9", "after", "Lead", "Onsight")), logbook.Merge)
	for _, test := range []struct {
		mode logbook.Mode
		want string
	}{{logbook.Merge, "after"}, {logbook.Replace, "before"}} {
		importInto(t, app, backup, test.mode)
		if got := ticksOf(t, app, pbtest.OwnerID)[0].Notes; got != test.want {
			t.Errorf("%s: %q", test.mode, got)
		}
	}
}

// A file makes the next reading of a profile a whole one: what the site says of changes does not know what has changed here.
func TestFilesForgetReadings(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	_, err := app.NonconcurrentDB().Insert("profile_sources", dbx.Params{
		"id": "source000000001", "user": pbtest.OwnerID, "source": "mountain_project", "etag": `"1"`, "content_hash": "abc",
	}).Execute()
	if err != nil {
		t.Fatal(err)
	}
	importInto(t, app, export(row("2026-05-02", "12", "5.9", "", "Lead", "Onsight")), logbook.Merge)
	source, err := app.FindRecordById("profile_sources", "source000000001")
	if err != nil || source.GetString("etag") != "" || source.GetString("content_hash") != "" {
		t.Errorf("%v, %v", source, err)
	}
}
