package logbook_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/logbook"
	"github.com/cragbase/cragbase/internal/logbook/eightanu"
	"github.com/cragbase/cragbase/internal/logbook/entry"
	"github.com/cragbase/cragbase/internal/logbook/mountainproject"
	"github.com/cragbase/cragbase/internal/logbook/sourcetest"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// readProfile stores what a profile would have.
func readProfile(app core.App, source logbook.Source, export *entry.Export, limits logbook.Limits) (report *logbook.Report, err error) {
	err = app.RunInTransaction(func(txApp core.App) error {
		report, err = logbook.ImportProfile(txApp, pbtest.OwnerID, source, export, limits, sourcetest.Now())
		return err
	})
	return report, err
}

func parsed(t *testing.T, content []byte) *entry.Export {
	t.Helper()
	export, err := mountainproject.Parse(content, entry.Limits{}, sourcetest.Now())
	if err != nil {
		t.Fatal(err)
	}
	return export
}

func version(t *testing.T, app core.App) (version int64) {
	t.Helper()
	if err := app.DB().Select("coalesce(max([[version]]), 0)").From("logbook_versions").Where(dbx.HashExp{"user": pbtest.OwnerID}).Row(&version); err != nil {
		t.Fatal(err)
	}
	return version
}

// A profile is read behind its owner's back: it brings nothing back that they have deleted, marks everything that it no longer
// has, and gives the logbook another version only when something has changed.
func TestImportProfile(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	one, two, three := row("2026-05-03", "13", "5.9", "", "Lead", "Flash"), row("2026-05-02", "12", "5.9", "", "Lead", "Flash"), row("2026-05-01", "11", "5.9", "", "Lead", "Flash")
	type figures struct{ created, updated, unchanged, gone, skipped int }
	step := func(rule string, content []byte, want figures, changes bool) {
		t.Helper()
		before := version(t, app)
		r, err := readProfile(app, logbook.SourceMountainProject, parsed(t, content), logbook.Limits{})
		if err != nil {
			t.Fatalf("%s: %v", rule, err)
		}
		if got := (figures{r.Created, r.Updated, r.Unchanged, r.Gone, len(r.Skipped)}); got != want {
			t.Errorf("%s: %+v, want %+v", rule, got, want)
		}
		if r.Rows != r.Created+r.Updated+r.Unchanged+len(r.Skipped) {
			t.Errorf("%s: rows do not add up: %+v", rule, r)
		}
		if changed := version(t, app) > before; changed != changes {
			t.Errorf("%s: another version: %v", rule, changed)
		}
	}
	step("the first time", export(one, two, three), figures{created: 3}, true)
	step("again", export(one, two, three), figures{unchanged: 3}, false)
	step("without the newest", export(two, three), figures{unchanged: 2, gone: 1}, true)
	step("still without it", export(two, three), figures{unchanged: 2}, false)
	step("with it again", export(one, two, three), figures{updated: 1, unchanged: 2}, true)

	tick, err := app.FindFirstRecordByData("ticks", "route_name", "12")
	if err != nil {
		t.Fatal(err)
	}
	if err := app.Delete(tick); err != nil {
		t.Fatal(err)
	}
	step("after the second was deleted here", export(one, two, three), figures{unchanged: 2, skipped: 1}, false)
	if got := figuresOf(importInto(t, app, export(one, two, three), logbook.Merge)); got.created != 1 {
		t.Errorf("its owner chooses a file that has it: %+v", got)
	}
	step("after they have it again", export(one, two, three), figures{unchanged: 3}, false)

	_, err = readProfile(app, logbook.SourceMountainProject, parsed(t, export(one, two, three, row("2026-04-01", "14", "5.9", "", "Lead", "Flash"))), logbook.Limits{Ticks: 3})
	if !errors.Is(err, logbook.ErrPlanLimit) || len(ticksOf(t, app, pbtest.OwnerID)) != 3 {
		t.Errorf("over the limit: %v", err)
	}
}

// A tick that was deleted here does not come back as what became of another one of the same day and route.
func TestDeletedTicksAreNotFollowed(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	laps := func(pitches int) string {
		return strings.Replace(row("2026-05-02", "12", "5.9", "", "Lead", "Fell/Hung"), "/x,1,", fmt.Sprintf("/x,%d,", pitches), 1)
	}
	redpoint, other := row("2026-05-02", "12", "5.9", "", "Lead", "Redpoint"), row("2026-05-01", "11", "5.9", "", "Lead", "Flash")
	read := func(rows ...string) *logbook.Report {
		t.Helper()
		report, err := readProfile(app, logbook.SourceMountainProject, parsed(t, export(rows...)), logbook.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	read(redpoint, laps(1), other)
	tick, err := app.FindFirstRecordByData("ticks", "lead_style", "redpoint")
	if err != nil {
		t.Fatal(err)
	}
	if err := app.Delete(tick); err != nil {
		t.Fatal(err)
	}
	report := read(redpoint, laps(3), other)
	if got := figuresOf(report); got != (figures{rows: 3, updated: 1, unchanged: 1, skipped: 1}) || report.Gone != 0 {
		t.Errorf("%+v with %d gone", got, report.Gone)
	}
	if stored := ticksOf(t, app, pbtest.OwnerID); len(stored) != 2 || stored[1].LeadStyle != "fell_hung" || stored[1].Pitches != 3 {
		t.Errorf("%+v", stored)
	}
}

// An old file says nothing of what came after it, and pages that are not all say nothing of the others.
func TestWhatAFileDoesNotSay(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	importInto(t, app, export(row("2026-05-03", "13", "5.9", "", "Lead", "Flash"), row("2025-05-02", "12", "5.9", "", "Lead", "Flash"), row("2025-05-01", "11", "5.9", "", "Lead", "Flash")), logbook.Merge)
	if report := importInto(t, app, export(row("2025-05-02", "12", "5.9", "", "Lead", "Flash")), logbook.Merge); report.Gone != 1 {
		t.Errorf("last year's file: %+v", report)
	}
	pages := sourcetest.Sample(t, "eight_a.pages.json")
	importInto(t, app, pages, logbook.Merge)
	some := []byte(`{"ascents":[{"ascentId":1,"date":"2026-06-16T00:00:00+00:00","difficulty":"6a","category":0,"type":"os","zlaggableName":"Other","cragName":"Falaise"}],"totalItems":40,"pageIndex":0}`)
	for _, mode := range []logbook.Mode{logbook.Merge, logbook.Replace} {
		report, err := logbook.Import(app, pbtest.OwnerID, logbook.File{Content: some, At: sourcetest.Now()}, logbook.SourceAuto, mode, logbook.Limits{})
		if err != nil || report.Gone != 0 || report.Removed != 0 {
			t.Errorf("one page by %s: %+v, %v", mode, report, err)
		}
		if mode == logbook.Replace && len(report.Warnings) == 0 {
			t.Errorf("nobody says that nothing was removed: %+v", report)
		}
	}
}

// A climber who has pasted 8a.nu's pages and comes back with its file, or with a profile, has every ascent once.
func TestFormsOfEightA(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	first := importInto(t, app, []byte(`{"ascents":[
		{"ascentId":1,"date":"2026-05-01T00:00:00+00:00","difficulty":"6a+","category":0,"type":"os","zlaggableName":"Théière","cragName":"Falaise","sectorName":"Nord","countryName":"France","areaName":"Vallée"},
		{"ascentId":2,"date":"2026-05-01T12:00:00+00:00","difficulty":"6B","category":1,"type":"rp","zlaggableName":"Théière","cragName":"Bloc","sectorName":"Unknown Sector","countryName":"France"}
	],"totalItems":2,"pageIndex":0}`), logbook.Merge)
	if first.Created != 2 {
		t.Fatalf("pages: %+v", first)
	}
	file := "\"route_boulder\",\"name\",\"location_name\",\"sector_name\",\"area_name\",\"country_code\",\"date\",\"type\",\"sub_type\",\"rating\",\"project\",\"tries\",\"repeats\",\"difficulty\",\"perceived_hardness\",\"comment\",\"height\",\"recommended\",\"sits\"\n" +
		"\"ROUTE\",\"Théière\",\"Falaise\",\"Nord\",\"\",\"FR\",\"2026-05-01T00:00:00Z\",\"os\",\"null\",\"null\",\"0\",\"null\",\"0\",\"6a+\",\"null\",\"null\",\"20\",\"0\",\"0\"\n" +
		"\"BOULDER\",\"Théière\",\"Bloc\",\"Unknown Sector\",\"\",\"FR\",\"2026-05-01T00:00:00Z\",\"rp\",\"null\",\"null\",\"0\",\"3\",\"0\",\"6B\",\"null\",\"null\",\"null\",\"0\",\"0\"\n"
	if second := importInto(t, app, []byte(file), logbook.Merge); second.Created != 0 || second.Updated != 2 {
		t.Errorf("the file after the pages: %+v", second)
	}
	page, err := eightanu.ParsePage([]byte(`{"ascents":[{"ascentId":1,"date":"2026-05-01T00:00:00+00:00","difficulty":"6a+","category":0,"type":"os","zlaggableName":"Théière","cragName":"Falaise","sectorName":"Nord","countryName":"France"}],"totalItems":1}`), eightanu.CategoryRoute, entry.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	boulders, err := eightanu.ParsePage([]byte(`{"ascents":[],"totalItems":0}`), eightanu.CategoryBoulder, entry.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	joined, err := eightanu.Join([]eightanu.Page{*page, *boulders}, entry.Limits{}, sourcetest.Now())
	if err != nil {
		t.Fatal(err)
	}
	if report, err := readProfile(app, logbook.SourceEightA, joined, logbook.Limits{}); err != nil || report.Created != 0 || report.Gone != 1 {
		t.Errorf("the profile, which has all routes and no boulder: %+v, %v", report, err)
	}
}

// A file and a profile that are stored at the same time leave one tick of each: nothing twice, nothing lost.
func TestImportWhileAProfileIsRead(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	const ticks = 300
	content := long(ticks)
	newest := append(export(row("2026-06-01", "99999", "5.9", "", "Lead", "Flash")), content[len(header):]...)
	profile := parsed(t, newest)
	var running sync.WaitGroup
	failures := make(chan error, 20)
	for i := range 10 {
		running.Go(func() {
			if _, err := readProfile(app, logbook.SourceMountainProject, profile, logbook.Limits{}); err != nil {
				failures <- fmt.Errorf("profile %d: %w", i, err)
			}
		})
		running.Go(func() {
			file := logbook.File{Name: "ticks.csv", Content: content, At: time.Now()}
			if _, err := logbook.Import(app, pbtest.OwnerID, file, logbook.SourceAuto, logbook.Merge, logbook.Limits{}); err != nil {
				failures <- fmt.Errorf("file %d: %w", i, err)
			}
		})
	}
	running.Wait()
	close(failures)
	for err := range failures {
		t.Error(err)
	}
	stored := ticksOf(t, app, pbtest.OwnerID)
	routes := map[string]int{}
	for _, tick := range stored {
		routes[tick.RouteID]++
	}
	if len(stored) != ticks+1 || len(routes) != ticks+1 {
		t.Errorf("%d ticks of %d routes, want %d", len(stored), len(routes), ticks+1)
	}
}
