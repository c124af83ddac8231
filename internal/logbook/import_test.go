package logbook_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/pocketbase/dbx"

	"github.com/cragbase/cragbase/internal/logbook"
	"github.com/cragbase/cragbase/internal/pbtest"
)

const header = `Date,Route,Rating,Notes,URL,Pitches,Location,"Avg Stars","Your Stars",Style,"Lead Style","Route Type","Your Rating",Length,"Rating Code"` + "\n"

// row is a line of an export; later lines were logged earlier.
func row(date, route, rating, notes, style, leadStyle string) string {
	return fmt.Sprintf("%s,%s,%s,%s,https://www.mountainproject.com/route/90000%s/x,1,\"Granite State > Echo Dome\",3.0,-1,%s,%s,Sport,,80,\n", date, route, rating, notes, route, style, leadStyle)
}

func export(rows ...string) []byte { return []byte(header + strings.Join(rows, "")) }

func importInto(t *testing.T, app *pbtest.App, content []byte, mode logbook.Mode) *logbook.Report {
	t.Helper()
	report, err := logbook.Import(app, pbtest.OwnerID, logbook.File{Name: "ticks.csv", Content: content}, logbook.SourceAuto, mode, logbook.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if report.Rows != report.Created+report.Updated+report.Unchanged+len(report.Skipped) {
		t.Errorf("rows do not add up: %+v", report)
	}
	return report
}

// figures are the counts of a report.
type figures struct{ rows, created, updated, unchanged, removed, skipped int }

func figuresOf(r *logbook.Report) figures {
	return figures{r.Rows, r.Created, r.Updated, r.Unchanged, r.Removed, len(r.Skipped)}
}

func TestImport(t *testing.T) {
	t.Parallel()
	first := export(
		row("2026-05-02", "11", "5.10a", "", "Lead", "Redpoint"),
		row("2026-05-02", "11", "5.10a", "", "Lead", "Fell/Hung"),
		row("2026-05-01", "12", "5.9", "windy", "Lead", "Onsight"),
	)
	for _, test := range []struct {
		rule   string
		second []byte
		mode   logbook.Mode
		want   figures
		stored int
	}{
		{"the same file again changes nothing", first, logbook.Merge, figures{rows: 3, unchanged: 3}, 3},
		{"the same file again by replace changes nothing", first, logbook.Replace, figures{rows: 3, unchanged: 3}, 3},
		{"a newer export adds what is new", append(export(row("2026-05-03", "13", "5.9", "", "Lead", "Flash")), first[len(header):]...), logbook.Merge, figures{rows: 4, created: 1, unchanged: 3}, 4},
		{"an identical row of the same day is another lap", append(export(row("2026-05-02", "11", "5.10a", "", "Lead", "Redpoint")), first[len(header):]...), logbook.Merge, figures{rows: 4, created: 1, unchanged: 3}, 4},
		{
			"changed notes update the tick",
			export(row("2026-05-02", "11", "5.10a", "", "Lead", "Redpoint"), row("2026-05-02", "11", "5.10a", "", "Lead", "Fell/Hung"), row("2026-05-01", "12", "5.9", "calm", "Lead", "Onsight")),
			logbook.Merge,
			figures{rows: 3, updated: 1, unchanged: 2},
			3,
		},
		{"merge keeps what a newer export no longer has", export(row("2026-05-01", "12", "5.9", "windy", "Lead", "Onsight")), logbook.Merge, figures{rows: 1, unchanged: 1}, 3},
		{"replace removes it", export(row("2026-05-01", "12", "5.9", "windy", "Lead", "Onsight")), logbook.Replace, figures{rows: 1, unchanged: 1, removed: 2}, 1},
		{"a row without a usable date is skipped with a reason", export(row("yesterday", "12", "5.9", "", "Lead", "Onsight"), row("2026-06-01", "12", "5.9", "", "Lead", "Onsight")), logbook.Merge, figures{rows: 2, created: 1, skipped: 1}, 4},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			app := pbtest.New(t)
			if got := figuresOf(importInto(t, app, first, logbook.Merge)); got != (figures{rows: 3, created: 3}) {
				t.Fatalf("first import: %+v", got)
			}
			report := importInto(t, app, test.second, test.mode)
			if got := figuresOf(report); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			for _, skipped := range report.Skipped {
				if skipped.Line == 0 || skipped.Reason == "" {
					t.Errorf("skipped without line or reason: %+v", skipped)
				}
			}
			if got := ticksOf(t, app, pbtest.OwnerID); len(got) != test.stored {
				t.Errorf("%d ticks stored, want %d", len(got), test.stored)
			}
			if again := figuresOf(importInto(t, app, test.second, logbook.Merge)); again.created+again.updated != 0 {
				t.Errorf("a second time: %+v", again)
			}
		})
	}
}

// tick is what the tests read back.
type tick struct {
	Date       string  `db:"date"`
	DayOrder   int     `db:"day_order"`
	RouteName  string  `db:"route_name"`
	RouteID    string  `db:"route_id"`
	Grade      string  `db:"grade"`
	System     string  `db:"grade_system"`
	Low        int     `db:"grade_low"`
	High       int     `db:"grade_high"`
	Danger     string  `db:"danger"`
	RouteType  string  `db:"route_type"`
	Discipline string  `db:"disciplines"`
	Style      string  `db:"style"`
	LeadStyle  string  `db:"lead_style"`
	Result     string  `db:"result"`
	Pitches    int     `db:"pitches"`
	Length     int     `db:"length_ft"`
	Location   string  `db:"location"`
	YourStars  float64 `db:"your_stars"`
	AvgStars   float64 `db:"avg_stars"`
	Notes      string  `db:"notes"`
}

func ticksOf(t *testing.T, app *pbtest.App, userID string) []tick {
	t.Helper()
	var ticks []tick
	if err := app.DB().Select().From("ticks").Where(dbx.HashExp{"user": userID}).OrderBy("date", "day_order").All(&ticks); err != nil {
		t.Fatal(err)
	}
	return ticks
}

func TestImportStoresTheWholeTick(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	importInto(t, app, []byte(header+
		`2026-05-01,"Quiet Slab","5.11a PG13","It&#39;s ""thin""",https://www.mountainproject.com/route/900000001/quiet-slab,2,"Granite State > Echo Dome > South Face",3.1,2,Lead,Redpoint,"Trad, Sport",5.10d,180,4600`+"\n"), logbook.Merge)
	want := []tick{{
		Date: "2026-05-01", DayOrder: 1, RouteName: "Quiet Slab", RouteID: "900000001", Grade: "5.11a PG13", System: "yds", Low: 67, High: 68, Danger: "PG13",
		RouteType: "Trad, Sport", Discipline: `["trad","sport"]`, Style: "lead", LeadStyle: "redpoint", Result: "redpoint", Pitches: 2, Length: 180,
		Location: "Granite State > Echo Dome > South Face", YourStars: 2, AvgStars: 3.1, Notes: `It's "thin"`,
	}}
	if got := ticksOf(t, app, pbtest.OwnerID); !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
}

// Exports are newest first, also within a day.
func TestOrderWithinTheDay(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	importInto(t, app, export(
		row("2026-05-02", "11", "5.10a", "", "Lead", "Redpoint"), row("2026-05-02", "12", "5.9", "", "Lead", "Onsight"), row("2026-05-02", "11", "5.10a", "", "Lead", "Fell/Hung"),
	), logbook.Merge)
	var order []string
	for _, tick := range ticksOf(t, app, pbtest.OwnerID) {
		order = append(order, fmt.Sprint(tick.DayOrder, " ", tick.LeadStyle))
	}
	if want := []string{"1 fell_hung", "2 onsight", "3 redpoint"}; !reflect.DeepEqual(order, want) {
		t.Errorf("got %v, want %v", order, want)
	}
}

// A grade is never dropped in silence.
func TestUnknownGradesAreKeptAndReported(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	report := importInto(t, app, export(
		row("2026-05-02", "11", "Grade 7", "", "Lead", "Redpoint"), row("2026-05-02", "12", "5.9", "", "Lead", "Onsight"), row("2026-05-01", "13", "Grade 7", "", "Lead", "Onsight"),
	), logbook.Merge)
	if len(report.Warnings) != 1 || report.Warnings[0].Count != 2 || report.Warnings[0].Line != 2 || !strings.Contains(report.Warnings[0].Reason, `"Grade 7"`) {
		t.Errorf("warnings %+v", report.Warnings)
	}
	if first := ticksOf(t, app, pbtest.OwnerID)[0]; first.Grade != "Grade 7" || first.System != "" {
		t.Errorf("stored %+v", first)
	}
}

func TestImportFailsWhole(t *testing.T) {
	t.Parallel()
	three := export(row("2026-05-02", "11", "5.9", "", "Lead", "Redpoint"), row("2026-05-02", "12", "5.9", "", "Lead", "Onsight"), row("2026-05-01", "13", "5.9", "", "Lead", "Onsight"))
	for _, test := range []struct {
		rule    string
		content []byte
		limits  logbook.Limits
		want    error
	}{
		{"not an export", []byte("<!doctype html><html>"), logbook.Limits{}, logbook.ErrUnrecognisedFile},
		{"another table", []byte("name,age\nx,1\n"), logbook.Limits{}, logbook.ErrUnrecognisedFile},
		{"more rows than are imported at once", three, logbook.Limits{Rows: 2}, logbook.ErrTooManyRows},
		{"more ticks than the plan allows", three, logbook.Limits{Ticks: 2}, logbook.ErrPlanLimit},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			app := pbtest.New(t)
			importInto(t, app, export(row("2025-01-01", "99", "5.9", "", "Lead", "Flash")), logbook.Merge)
			for _, mode := range []logbook.Mode{logbook.Replace, logbook.Merge} {
				_, err := logbook.Import(app, pbtest.OwnerID, logbook.File{Content: test.content}, logbook.SourceAuto, mode, test.limits)
				if !errors.Is(err, test.want) {
					t.Errorf("%s: got %v, want %v", mode, err, test.want)
				}
			}
			if got := ticksOf(t, app, pbtest.OwnerID); len(got) != 1 {
				t.Errorf("%d ticks afterwards, want the one from before", len(got))
			}
		})
	}
}

// A row that cannot be read may stand for a tick that is stored: nothing is removed then.
func TestReplaceRemovesNothingWhenRowsWereSkipped(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	importInto(t, app, export(row("2026-05-02", "11", "5.9", "", "Lead", "Redpoint"), row("2026-05-01", "12", "5.9", "", "Lead", "Onsight")), logbook.Merge)
	report := importInto(t, app, export(row("2026-05-02", "11", "5.9", "", "Lead", "Redpoint"), row("2026-05-1x", "12", "5.9", "", "Lead", "Onsight")), logbook.Replace)
	if got := figuresOf(report); got != (figures{rows: 2, unchanged: 1, skipped: 1}) || len(report.Warnings) != 1 {
		t.Errorf("%+v, warnings %v", got, report.Warnings)
	}
}

// A row that is no tick for certain stands for none that is stored: it is reported, and replace removes what the file does not have.
func TestReplaceBesideRowsThatAreNoTicks(t *testing.T) {
	t.Parallel()
	const (
		theCrag = "Route Name,Ascent Type,Route Grade,Crag Path,Ascent Date\n"
		ukc     = "Name,Grade,Style,Notes,Date,Crag,County,Region,Country,Pitches,Type\n"
		sendage = "Date,Send Type,Climb,Climb Type,Grade,Area\n"
		eightA  = "route_boulder,name,location_name,sector_name,country_code,date,type,sub_type,tries,difficulty,perceived_hardness\n"
	)
	crags := func(ascents string) string { return `{"climber":{"param_id":"x","ascents":[` + ascents + `]}}` }
	pages := func(ascents string) string { return `{"ascents":[` + ascents + `],"totalItems":2,"pageIndex":0}` }
	const page = `{"ascentId":1,"date":"2026-05-01","difficulty":"6a","category":0,"type":"os","zlaggableName":"Kettle","cragName":"Roof"}`
	for _, test := range []struct {
		rule, before, after string
		want                figures
	}{
		{
			"Mountain Project: empty rows, and no day", string(long(2)),
			header + row("2026-05-02", "1000", "5.9", "", "Lead", "Redpoint") + ",,,,,,,,,,,,,,\n" + ",,\n" + row("", "1001", "5.9", "", "Lead", "Redpoint"),
			figures{rows: 4, unchanged: 1, removed: 1, skipped: 3},
		},
		{
			"theCrag: what somebody wants to do, an empty row, and no day", theCrag + "Kettle,Onsight,6a,Roof,2026-05-01\nPot,Onsight,6a,Roof,2026-05-01\n",
			theCrag + "Kettle,Onsight,6a,Roof,2026-05-01\nPot,Target,6a,Roof,2026-05-01\nPan,Mark,6a,Roof,2026-05-01\nLid,Hit,6a,Roof,2026-05-01\n,,,,\nCup,Onsight,6a,Roof,\n",
			figures{rows: 6, unchanged: 1, removed: 1, skipped: 5},
		},
		{
			"UKC: no day is known, and an empty row", ukc + "Kettle,HVS 5a,Lead O/S,,31/May/23,Roof,,,,1,Trad\nPot,HVS 5a,Lead O/S,,31/May/23,Roof,,,,1,Trad\n",
			ukc + "Kettle,HVS 5a,Lead O/S,,31/May/23,Roof,,,,1,Trad\nPot,HVS 5a,Lead O/S,,??/???/????,Roof,,,,1,Trad\nPot,HVS 5a,Lead O/S,,,Roof,,,,1,Trad\n,,,,,,,,,,\n",
			figures{rows: 4, unchanged: 1, removed: 1, skipped: 3},
		},
		{
			"Sendage: no day, and an empty row", sendage + "2026-05-01,Onsight,Kettle,Sport,6a,Roof\n2026-05-01,Onsight,Pot,Sport,6a,Roof\n",
			sendage + "2026-05-01,Onsight,Kettle,Sport,6a,Roof\n,Onsight,Pot,Sport,6a,Roof\n,,,,,\n",
			figures{rows: 3, unchanged: 1, removed: 1, skipped: 2},
		},
		{
			"27 Crags: to be done, deleted, and no day", crags(`{"id":1,"route_id":1,"date":"2026-05-01"},{"id":2,"route_id":2,"date":"2026-05-01"}`),
			crags(`{"id":1,"route_id":1,"date":"2026-05-01"},{"id":2,"route_id":2,"date":"2026-05-01","deleted_at":"2026-05-02"},{"id":3,"route_id":3,"todo":true},{"id":4,"route_id":4}`),
			figures{rows: 4, unchanged: 1, removed: 1, skipped: 3},
		},
		{
			"27 Crags: a day that cannot be read", crags(`{"id":1,"route_id":1,"date":"2026-05-01"},{"id":2,"route_id":2,"date":"2026-05-01"}`),
			crags(`{"id":1,"route_id":1,"date":"2026-05-01"},{"id":2,"route_id":2,"date":20260501}`),
			figures{rows: 2, unchanged: 1, skipped: 1},
		},
		{
			"8a.nu: no day, and an empty row", eightA + "ROUTE,Kettle,Roof,,FR,2026-05-01,os,,,6a,\nROUTE,Pot,Roof,,FR,2026-05-01,os,,,6a,\n",
			eightA + "ROUTE,Kettle,Roof,,FR,2026-05-01,os,,,6a,\nROUTE,Pot,Roof,,FR,null,os,,,6a,\n,,,,,,,,,,\n",
			figures{rows: 3, unchanged: 1, removed: 1, skipped: 2},
		},
		{
			"8a.nu: a day that cannot be read", pages(page + "," + strings.NewReplacer("Kettle", "Pot", ":1,", ":2,").Replace(page)),
			pages(page + "," + strings.NewReplacer("Kettle", "Pot", ":1,", ":2,", `"2026-05-01"`, "20260501").Replace(page)),
			figures{rows: 2, unchanged: 1, skipped: 1},
		},
		{"no tick at all", string(long(2)), header + ",,,,,,,,,,,,,,\n", figures{rows: 1, skipped: 1}},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			app := pbtest.New(t)
			if got := figuresOf(importInto(t, app, []byte(test.before), logbook.Merge)); got != (figures{rows: 2, created: 2}) {
				t.Fatalf("before: %+v", got)
			}
			report := importInto(t, app, []byte(test.after), logbook.Replace)
			got := figuresOf(report)
			got.unchanged, got.updated = got.unchanged+got.updated, 0 // what is left of the day has another place in it
			if got != test.want {
				t.Errorf("%+v, want %+v; skipped %v", got, test.want, report.Skipped)
			}
			if warned := strings.Contains(fmt.Sprint(report.Warnings), "nothing was removed"); warned != (test.want.removed == 0) {
				t.Errorf("%v", report.Warnings)
			}
		})
	}
}

// A row of our own export that has lost its day stands for the tick that is stored; one that is empty for none.
func TestReplaceBesideRowsOfOurOwn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule string
		edit func(cells []string)
		want figures
	}{
		{"an empty row", func(cells []string) { clear(cells) }, figures{rows: 2, unchanged: 1, removed: 1, skipped: 1}},
		{"a row without its day", func(cells []string) { cells[0] = "" }, figures{rows: 2, unchanged: 1, skipped: 1}},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			app := pbtest.New(t)
			importInto(t, app, long(2), logbook.Merge)
			rows, err := csv.NewReader(bytes.NewReader(exportOf(t, app, pbtest.OwnerID))).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			test.edit(rows[1])
			var file bytes.Buffer
			if err := csv.NewWriter(&file).WriteAll(rows); err != nil {
				t.Fatal(err)
			}
			if got := figuresOf(importInto(t, app, file.Bytes(), logbook.Replace)); got != test.want {
				t.Errorf("%+v, want %+v", got, test.want)
			}
		})
	}
}

// What an import writes past the collection's own checks would pass them, and what would not is skipped.
func TestImportKeepsToTheBoundsOfTheCollection(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	long := func(n int) string { return strings.Repeat("é", n) }
	line := func(route, rating, location, routeType, yours, notes string) string {
		return fmt.Sprintf("2026-05-01,%q,%q,%q,,1,%q,3.0,-1,Lead,Onsight,%q,%q,80,\n", route, rating, notes, location, routeType, yours)
	}
	longest := line(long(500), long(200), long(2000), long(200), long(200), long(30_000))
	report := importInto(t, app, export(longest, line(long(501), "5.9", "", "Sport", "", ""), line("x", long(201), "", "Sport", "", ""),
		line("x", "5.9", long(2001), "Sport", "", ""), line("x", "5.9", "", long(201), "", ""), line("x", "5.9", "", "Sport", long(201), "")), logbook.Merge)
	if got := figuresOf(report); got != (figures{rows: 6, created: 1, skipped: 5}) {
		t.Errorf("%+v %v", got, report.Skipped)
	}
	stored, err := app.FindFirstRecordByData("ticks", "user", pbtest.OwnerID)
	if err != nil {
		t.Fatal(err)
	}
	if err := app.Validate(stored); err != nil {
		t.Errorf("the longest row is not valid: %v", err)
	}
}

// A report stays readable whatever is in the file.
func TestReportsAreBounded(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	var rows []string
	for i := range 1500 {
		rows = append(rows, row("2026-05-02", fmt.Sprint(100+i), fmt.Sprintf("grade no %d", i), "", "Lead", "Redpoint"))
	}
	report := importInto(t, app, export(rows...), logbook.Merge)
	total := 0
	for _, warning := range report.Warnings {
		total += warning.Count
	}
	if len(report.Warnings) != 201 || total != 1500 {
		t.Errorf("%d warnings for %d rows", len(report.Warnings), total)
	}
}

// Who has more than a smaller plan allows can still bring corrections, as long as nothing is added.
func TestPlanLimitIsForNewTicks(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	two := func(notes string) []byte {
		return export(row("2026-05-02", "11", "5.9", notes, "Lead", "Redpoint"), row("2026-05-02", "12", "5.9", "", "Lead", "Onsight"))
	}
	importInto(t, app, two("first"), logbook.Merge)
	report, err := logbook.Import(app, pbtest.OwnerID, logbook.File{Content: two("second")}, logbook.SourceAuto, logbook.Merge, logbook.Limits{Ticks: 1})
	if err != nil || report.Updated != 1 {
		t.Errorf("%+v, %v", report, err)
	}
}

// The same file from several windows at once is imported once.
func TestConcurrentImports(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	var rows []string
	for i := range 200 {
		rows = append(rows, row("2026-05-02", fmt.Sprint(100+i), "5.9", "", "Lead", "Redpoint"))
	}
	var wait sync.WaitGroup
	var mu sync.Mutex
	created := 0
	for range 6 {
		wait.Go(func() {
			report, err := logbook.Import(app, pbtest.OwnerID, logbook.File{Content: export(rows...)}, logbook.SourceAuto, logbook.Merge, logbook.Limits{})
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			created += report.Created
		})
	}
	wait.Wait()
	if got := ticksOf(t, app, pbtest.OwnerID); created != 200 || len(got) != 200 {
		t.Errorf("created %d, stored %d, want 200", created, len(got))
	}
}

func TestTwoUsersImportTheSameFile(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	file := export(row("2026-05-02", "11", "5.10a", "", "Lead", "Redpoint"))
	importInto(t, app, file, logbook.Merge)
	report, err := logbook.Import(app, pbtest.StrangerID, logbook.File{Content: file}, logbook.SourceMountainProject, logbook.Replace, logbook.Limits{})
	if err != nil || report.Created != 1 {
		t.Fatalf("%+v, %v", report, err)
	}
	if len(ticksOf(t, app, pbtest.OwnerID)) != 1 || len(ticksOf(t, app, pbtest.StrangerID)) != 1 {
		t.Error("each has one tick of their own")
	}
}

// sample is what an independent parser counted in a real export.
type sample struct {
	Rows          int            `json:"rows"`
	SumPitches    int            `json:"sum_pitches"`
	Dates         int            `json:"distinct_dates"`
	MinDate       string         `json:"min_date"`
	MaxDate       string         `json:"max_date"`
	Routes        int            `json:"distinct_route_ids"`
	Locations     int            `json:"distinct_locations"`
	BlankLength   int            `json:"blank_length"`
	YourStarsNone int            `json:"your_stars_unset"`
	AvgStarsNone  int            `json:"avg_stars_unset"`
	Notes         int            `json:"notes_nonempty"`
	NotesLines    int            `json:"notes_multiline"`
	Style         map[string]int `json:"style"`
	LeadStyle     map[string]int `json:"lead_style"`
	RouteType     map[string]int `json:"route_type"`
	Repeated      int            `json:"same_date_same_route_extra_rows"`
}

// Real exports, where they lie beside the project, are stored as an independent parser counts them.
func TestRealExports(t *testing.T) {
	t.Parallel()
	folder := filepath.Join("..", "..", "..", "shared", "data", "mountain-project")
	content, err := os.ReadFile(filepath.Join(folder, "expected-counts.json"))
	if errors.Is(err, os.ErrNotExist) {
		t.Log("no real exports here: the synthetic ones of the other tests have the same quirks")
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string]sample
	if err := json.Unmarshal(content, &expected); err != nil {
		t.Fatal(err)
	}
	expected["openbeta-sample-2023.csv"] = sample{}
	for name, want := range expected {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := pbtest.New(t)
			file, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			report := importInto(t, app, file, logbook.Merge)
			if len(report.Skipped) != 0 || report.Created != report.Rows {
				t.Errorf("report %+v", report)
			}
			for _, mode := range []logbook.Mode{logbook.Merge, logbook.Replace} {
				if again := figuresOf(importInto(t, app, file, mode)); again != (figures{rows: report.Rows, unchanged: report.Rows}) {
					t.Errorf("%s again: %+v", mode, again)
				}
			}
			if want.Rows == 0 {
				return
			}
			if got := summary(ticksOf(t, app, pbtest.OwnerID)); !reflect.DeepEqual(got, canonical(want)) {
				t.Errorf("\n got %+v\nwant %+v", got, canonical(want))
			}
		})
	}
}

func summary(ticks []tick) sample {
	s := sample{Rows: len(ticks), Style: map[string]int{}, LeadStyle: map[string]int{}, RouteType: map[string]int{}}
	dates, routes, locations, visits := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	is := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	for _, t := range ticks {
		s.SumPitches += t.Pitches
		dates[t.Date], routes[t.RouteID], locations[t.Location], visits[t.Date+t.RouteID] = true, true, true, true
		s.BlankLength += is(t.Length == 0)
		s.YourStarsNone += is(t.YourStars < 0)
		s.AvgStarsNone += is(t.AvgStars < 0)
		s.Notes += is(t.Notes != "")
		s.NotesLines += is(strings.Contains(t.Notes, "\n"))
		s.Style[t.Style]++
		s.LeadStyle[t.LeadStyle]++
		s.RouteType[t.RouteType]++
	}
	s.Dates, s.Routes, s.Locations, s.Repeated = len(dates), len(routes), len(locations), len(ticks)-len(visits)
	s.MinDate, s.MaxDate = ticks[0].Date, ticks[len(ticks)-1].Date
	return s
}

// canonical writes the words of the export as we store them.
func canonical(s sample) sample {
	words := func(counts map[string]int) map[string]int {
		stored := map[string]int{}
		for word, n := range counts {
			stored[strings.ReplaceAll(strings.ToLower(word), "/", "_")] = n
		}
		return stored
	}
	s.Style, s.LeadStyle = words(s.Style), words(s.LeadStyle)
	return s
}
