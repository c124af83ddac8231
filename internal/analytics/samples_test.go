package analytics_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/cragbase/cragbase/internal/analytics"
	"github.com/cragbase/cragbase/internal/logbook"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// sample is what an independent parser counted in a real export.
type sample struct {
	Rows      int            `json:"rows"`
	Pitches   int            `json:"sum_pitches"`
	Days      int            `json:"distinct_dates"`
	First     string         `json:"min_date"`
	Last      string         `json:"max_date"`
	Routes    int            `json:"distinct_route_ids"`
	Locations int            `json:"distinct_locations"`
	Style     map[string]int `json:"style"`
	LeadStyle map[string]int `json:"lead_style"`
}

// Real exports, where they lie beside the project, are summed up as they were counted, and each tick is shown or left out once.
func TestChartsOfRealExports(t *testing.T) {
	t.Parallel()
	folder := filepath.Join("..", "..", "..", "shared", "data", "mountain-project")
	content, err := os.ReadFile(filepath.Join(folder, "expected-counts.json"))
	if errors.Is(err, os.ErrNotExist) {
		t.Log("no real exports here: the invented logbooks of the other tests have the same quirks")
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	var samples map[string]sample
	if err := json.Unmarshal(content, &samples); err != nil {
		t.Fatal(err)
	}
	for name, want := range samples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			app := pbtest.New(t)
			if _, err := logbook.Import(app, pbtest.OwnerID, logbook.File{Name: name, Content: file}, logbook.SourceAuto, logbook.Merge, logbook.Limits{}); err != nil {
				t.Fatal(err)
			}
			checkTotals(t, app, want)
			checkAccounts(t, app, want)
		})
	}
}

func checkTotals(t *testing.T, app *pbtest.App, want sample) {
	t.Helper()
	overview, err := analytics.OverviewOf(app, pbtest.OwnerID, analytics.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	lead := want.LeadStyle
	sends := lead["Onsight"] + lead["Flash"] + lead["Redpoint"] + lead["Pinkpoint"] + want.Style["Flash"] + want.Style["Send"]
	got := overview.Totals
	got.Undetermined = 0 // the counts do not tell it
	if got != (analytics.Totals{
		Ticks: want.Rows, Pitches: want.Pitches, Routes: want.Routes, Days: want.Days, Locations: want.Locations,
		Sends: sends, Attempts: lead["Fell/Hung"] + want.Style["Attempt"],
	}) {
		t.Errorf("totals %+v, counted %+v", got, want)
	}
	if *overview.FirstDay != want.First || *overview.LastDay != want.Last {
		t.Errorf("from %s to %s", *overview.FirstDay, *overview.LastDay)
	}
}

// checkAccounts adds up what charts show and what they leave out.
func checkAccounts(t *testing.T, app *pbtest.App, want sample) {
	t.Helper()
	projects, err := analytics.ProjectsOf(app, pbtest.OwnerID, analytics.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	out := projects.LeftOut
	if sum := projects.Open + out.RoutesSent + out.RoutesNotTried + out.RoutesUndetermined + out.RoutesNoGrade + out.RoutesBelowBase; sum != want.Routes {
		t.Errorf("projects account for %d routes of %d: %+v", sum, want.Routes, out)
	}
	tiers, err := analytics.TiersOf(app, pbtest.OwnerID, analytics.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	sum := tiers.LeftOut.OtherDisciplines + tiers.LeftOut.NoGrade + tiers.LeftOut.NoEarlierSend
	for _, tier := range tiers.Tiers {
		sum += tier.Ticks
	}
	if sum != want.Rows {
		t.Errorf("tiers account for %d ticks of %d: %+v", sum, want.Rows, tiers.LeftOut)
	}
	pyramid, err := analytics.PyramidOf(app, pbtest.OwnerID, analytics.Filter{Goal: "1-2-4-8"})
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, bin := range pyramid.Bins {
		shown += bin.Count
	}
	if shown != pyramid.Routes || pyramid.Goal.Rows[0].Have < 1 || pyramid.Bins[0].Grade != *pyramid.Goal.Grade {
		t.Errorf("a pyramid of %d routes in %d: %+v", pyramid.Routes, shown, pyramid.Goal)
	}
}
