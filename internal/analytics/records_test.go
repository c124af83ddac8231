package analytics_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/analytics"
	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// logged is a tick as its record has it; what is not given is that of a sport route of 5.9 that was tried.
type logged map[string]any

// store writes ticks as records, each with an id of its own.
func store(t *testing.T, app core.App, userID string, ticks ...logged) {
	t.Helper()
	collection, err := app.FindCollectionByNameOrId("ticks")
	if err != nil {
		t.Fatal(err)
	}
	for i, fields := range ticks {
		record := core.NewRecord(collection)
		record.Load(map[string]any{
			"user": userID, "source": "manual", "identity": fmt.Sprint(userID, len(ticks), i), "fingerprint": "x", "date": "2025-01-01", "day_order": i + 1,
			"route_name": "Slow Dance", "location": "Utah > Zion", "grade": "5.9", "grade_system": "yds", "grade_low": 52, "grade_high": 56,
			"disciplines": []string{"sport"}, "style": "lead", "lead_style": "fell_hung", "result": "attempt", "pitches": 1, "length_ft": 80, "traits": []string{},
		})
		record.Load(fields)
		if err := app.Save(record); err != nil {
			t.Fatal(err)
		}
	}
}

// A tick by hand has no id of the route, one that is imported has; they are of one route by name and place.
func TestTicksByHandAndImportedAreOfOneRoute(t *testing.T) {
	t.Parallel()
	byHand := logged{"date": "2025-02-01"}
	sendByHand := logged{"date": "2025-02-01", "lead_style": "redpoint", "result": "redpoint"}
	imported := func(date string) logged { return logged{"date": date, "route_id": "900000001"} }
	sent := logged{"date": "2025-03-01", "route_id": "900000001", "lead_style": "redpoint", "result": "redpoint"}
	for _, test := range []struct {
		rule                    string
		ticks                   []logged
		filter                  analytics.Filter
		routes, open, sent, try int // distinct, projects, in the pyramid, tries of the first send
	}{
		{"by hand first", []logged{byHand, sent}, analytics.Filter{}, 1, 0, 1, 2},
		{"imported first", []logged{imported("2025-01-15"), sendByHand}, analytics.Filter{}, 1, 0, 1, 2},
		{"both tried", []logged{byHand, imported("2025-03-02")}, analytics.Filter{}, 1, 1, 0, 0},
		{"the imported one is before the dates", []logged{imported("2024-01-01"), byHand, imported("2025-03-01")}, analytics.Filter{From: "2025-01-01"}, 1, 1, 0, 0},
		{"of two ids the earliest counts, whatever the dates", []logged{{"date": "2024-01-01", "route_id": "1"}, byHand, {"date": "2025-03-01", "route_id": "2"}}, analytics.Filter{From: "2025-01-01"}, 2, 2, 0, 0},
		{"another place is another route", []logged{byHand, {"route_id": "900000001", "location": "Utah > Moab"}}, analytics.Filter{}, 2, 2, 0, 0},
		{"no id anywhere", []logged{byHand, sendByHand}, analytics.Filter{}, 1, 0, 1, 2},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			app := pbtest.Bare(t)
			store(t, app, pbtest.OwnerID, test.ticks...)
			store(t, app, pbtest.StrangerID, logged{"date": "2020-01-01", "route_id": "stranger's"})
			filter := test.filter
			filter.Discipline = climb.Sport
			overview, err := analytics.OverviewOf(app, pbtest.OwnerID, filter)
			if err != nil {
				t.Fatal(err)
			}
			projects, err := analytics.ProjectsOf(app, pbtest.OwnerID, filter)
			if err != nil {
				t.Fatal(err)
			}
			pyramid, err := analytics.PyramidOf(app, pbtest.OwnerID, filter)
			if err != nil {
				t.Fatal(err)
			}
			attempts, err := analytics.AttemptsOf(app, pbtest.OwnerID, filter)
			if err != nil {
				t.Fatal(err)
			}
			tries := 0
			for _, grade := range attempts.Grades {
				tries += grade.Routes[0].Tries
			}
			if overview.Totals.Routes != test.routes || projects.Open != test.open || pyramid.Routes != test.sent || tries != test.try {
				t.Errorf("%d routes, %d open, %d sent after %d tries; want %d, %d, %d, %d",
					overview.Totals.Routes, projects.Open, pyramid.Routes, tries, test.routes, test.open, test.sent, test.try)
			}
		})
	}
}

// Notes are read for the traits of the styles, and are in no answer.
func TestTraitsOfStoredNotes(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	sent := func(route, notes string, edited bool, traits ...string) logged {
		return logged{"route_name": route, "lead_style": "redpoint", "result": "redpoint", "notes": notes, "edited": edited, "traits": traits}
	}
	store(t, app, pbtest.OwnerID,
		sent("A", "Crimpy, with Alice", false), sent("B", "no crimps, with Bob", false, "slab"), sent("C", "crimps, with Carol", true, "slab"), sent("D", "", false))
	store(t, app, pbtest.StrangerID, sent("E", "a roof", false))
	styles, err := analytics.StylesOf(app, pbtest.OwnerID, analytics.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, share := range styles.Traits {
		got += fmt.Sprintf("%s %d/%d of %d ", share.Trait, share.Ticks, share.FromNotes, share.Routes)
	}
	if want := "slab 2/0 of 2 crimpy 1/1 of 1 "; got != want || styles.LeftOut.NoTraits != 1 {
		t.Errorf("got %q and %d without, want %q", got, styles.LeftOut.NoTraits, want)
	}
	for _, chart := range analytics.Charts() {
		data, err := chart.Compute(app, pbtest.OwnerID, analytics.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		body, err := json.Marshal(data)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(body), "with Alice") {
			t.Errorf("%s returns notes: %s", chart.Name, body)
		}
	}
}
