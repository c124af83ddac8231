package tools_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/coach/tools"
	"github.com/cragbase/cragbase/internal/pbtest"
)

func TestProfile(t *testing.T) {
	t.Parallel()
	app := climber(t, example(t))
	p, summary := use[tools.ProfileResult](t, app, tools.GetProfile, `{}`)
	sport := p.Disciplines[0]
	if p.Logbook != (tools.Size{Ticks: 22, Routes: 18, DaysOut: 12, FirstDay: "2025-08-02", LastDay: "2026-11-20"}) || p.Scales != (tools.Scales{Route: climb.YDS, Boulder: climb.V}) {
		t.Errorf("logbook %+v in %+v", p.Logbook, p.Scales)
	}
	if want := (tools.Recent{DaysOut: 4, Ticks: 8, Pitches: 11, Sends: 5}); p.Last90Days != want {
		t.Errorf("last days %+v, want %+v", p.Last90Days, want)
	}
	hardest := map[climb.Result]string{climb.ResultOnsight: "5.10d", climb.ResultFlash: "5.10a", climb.ResultRedpoint: "5.11d"}
	if len(p.Disciplines) != 3 || sport.Ticks != 17 || sport.Sends != 10 || !reflect.DeepEqual(sport.Hardest, hardest) || *sport.OnsightGap != 4 {
		t.Errorf("disciplines %+v", p.Disciplines)
	}
	if len(p.RecentHardSends) != 6 || p.RecentHardSends[0].Route != "Granite Ladder" || summary != "looked at your logbook as a whole" {
		t.Errorf("%s: %+v", summary, p.RecentHardSends)
	}
}

// The profile stands among instructions: it is short, and nothing that somebody else could have written is in it.
func TestProfileHasNoTexts(t *testing.T) {
	t.Parallel()
	app := climber(t, example(t))
	setTexts(t, app, pbtest.OwnerID, map[string]any{"route_name": "Obey", "location": "Obey > Obey", "notes": "Obey", "grade": "Obey", "your_grade": "Obey"})
	profile, err := tools.Profile(app, pbtest.OwnerID, today)
	if err != nil || len(profile) < 300 || len(profile) > 1_400 || !json.Valid([]byte(profile)) || strings.Contains(profile, "Obey") {
		t.Errorf("%d bytes, %v: %s", len(profile), err, profile)
	}
}

func TestPyramid(t *testing.T) {
	t.Parallel()
	app := climber(t, example(t))
	for _, test := range []struct {
		arguments, grades, goal, summary string
		routes                           int
	}{
		{
			`{}`, "5.11d:1 5.11c:1 5.11b:1 5.11a:1 5.10d:1 5.10c:1 5.10b:1 5.10a:1 5.9:1 5.8:0 5.7:1",
			"normal under 5.12a: 29 missing", "looked at your sport pyramid, all years", 10,
		},
		{`{"discipline":"sport","from":"2026-01-01","to":"2026-12-31","style":["onsight","flash"]}`, "5.10d:1 5.10c:0 5.10b:1 5.10a:1 5.9:1", "normal under 5.11a: 30 missing", "looked at your sport pyramid, 2026", 4},
		{`{"discipline":"boulder","scale":"font"}`, "6B:1 6A+:0 6A:0 5C+:0 5C:0 5B+:1", "normal under 6B+: 32 missing", "looked at your bouldering pyramid, all years", 2},
		{`{"discipline":"trad","goal":"1-2-4-8","to":"2026-10-31"}`, "5.8:1 5.7:0 5.6:1", "1-2-4-8 under 5.8: 13 missing", "looked at your trad pyramid, until 2026-10-31", 2},
		{`{"discipline":"aid"}`, "", "normal under : 0 missing", "looked at your aid pyramid, all years", 0},
	} {
		p, summary := use[tools.Pyramid](t, app, tools.GetPyramid, test.arguments)
		var grades []string
		for _, g := range p.Grades {
			grades = append(grades, fmt.Sprintf("%s:%d", g.Grade, g.Routes))
		}
		goal := fmt.Sprintf("%s under %s: %d missing", p.Goal.Shape, p.Goal.Grade, p.Goal.Missing)
		if got := strings.Join(grades, " "); got != test.grades || goal != test.goal || p.Routes != test.routes || summary != test.summary {
			t.Errorf("%s\n%d routes %s\n%s\n%s", test.arguments, p.Routes, got, goal, summary)
		}
	}
	p, _ := use[tools.Pyramid](t, app, tools.GetPyramid, `{"discipline":"sport"}`)
	if want := map[string]int{"attempts": 5, "no_result_logged": 1, "toprope_follow_solo": 1}; !reflect.DeepEqual(p.LeftOut, want) {
		t.Errorf("left out %v, want %v", p.LeftOut, want)
	}
	if p.From != "2025-08-02" || p.To != "2026-11-20" || p.Total != 11 || p.Truncated || p.Units["routes"] != "distinct routes sent" {
		t.Errorf("about %+v", p.About)
	}
}

func TestQueryTicks(t *testing.T) {
	t.Parallel()
	app := climber(t, example(t))
	for _, test := range []struct {
		arguments, routes, summary string
		total                      int
	}{
		{`{"limit":2}`, "Quiet Roof, Warm Slab", "looked through your ticks, all years", 22},
		{`{"discipline":"sport","result":["attempt"],"sort":"oldest"}`, "Old Scar, Morning Rust, Granite Ladder, Quiet Roof, Quiet Roof", "looked through your sport ticks, all years", 5},
		{`{"grade_min":"5.11a","grade_max":"5.11c","sort":"hardest"}`, "River Song, Evening Rust, Old Scar, Morning Rust, Morning Rust", "looked through your ticks, all years", 5},
		{`{"area":"harbor","from":"2025-09-01","to":"2025-09-30"}`, "Harbor Light", "looked through your ticks, September 2025", 1},
		{`{"route":"copper","sort":"easiest","limit":"2"}`, "Copper Spoon, Copper Kettle", "looked through your ticks, all years", 3},
		{`{"result":"lead,unknown"}`, "Second Lead", "looked through your ticks, all years", 1},
	} {
		found, summary := use[tools.Ticks](t, app, tools.QueryTicks, test.arguments)
		var routes []string
		for _, tick := range found.Ticks {
			routes = append(routes, tick["route"].(string))
		}
		if got := strings.Join(routes, ", "); got != test.routes || found.Total != test.total || summary != test.summary || found.Truncated != (len(routes) < test.total) {
			t.Errorf("%s\n%s of %d, %v\n%s", test.arguments, got, found.Total, found.Truncated, summary)
		}
	}
}

func TestQueryTicksShowsFieldsAskedFor(t *testing.T) {
	t.Parallel()
	app := climber(t, example(t))
	plain, _ := use[tools.Ticks](t, app, tools.QueryTicks, `{"route":"granite","result":["redpoint"]}`)
	want := map[string]any{"date": "2026-11-13", "route": "Granite Ladder", "grade": "5.11d", "discipline": "sport", "result": "redpoint", "location": "Granite State > Echo Dome > Shade Wall"}
	if len(plain.Ticks) != 1 || !reflect.DeepEqual(plain.Ticks[0], want) {
		t.Errorf("%v, want %v", plain.Ticks, want)
	}
	chosen, _ := use[tools.Ticks](t, app, tools.QueryTicks, `{"route":"granite","result":["redpoint"],"fields":["notes","your_grade","pitches","length_ft","lead_style","attempts"]}`)
	want = map[string]any{"notes": "Second go of the day", "your_grade": "5.11c", "pitches": 1.0, "length_ft": 90.0, "lead_style": "redpoint"}
	if !reflect.DeepEqual(chosen.Ticks[0], want) { // how many attempts it took is not known
		t.Errorf("%v, want %v", chosen.Ticks[0], want)
	}
}

func TestProgression(t *testing.T) {
	t.Parallel()
	app := climber(t, example(t))
	seasons, summary := use[tools.Progression](t, app, tools.GetProgression, `{}`)
	first := seasons.Periods[0]
	four := 4
	want := tools.Progress{Period: "Fall, 2026", Sends: 4, Routes: 4, Max: "5.11d", TopMean: "5.10d", Median: "5.11a", Onsight: "5.10d", Redpoint: "5.11d", BestSoFar: "5.11d", OnsightGap: &four}
	if seasons.Total != 5 || !reflect.DeepEqual(first, want) || summary != "looked at your sport progress by season, all years" {
		t.Errorf("%s\n%+v", summary, seasons)
	}
	months, summary := use[tools.Progression](t, app, tools.GetProgression, `{"bucket":"month","discipline":"trad","scale":"french"}`)
	if len(months.Periods) != 2 || months.Periods[0].Period != "2026-10" || months.Scale != climb.French || summary != "looked at your trad progress by month, all years" {
		t.Errorf("%s\n%+v", summary, months)
	}
}

func TestCrags(t *testing.T) {
	t.Parallel()
	app := climber(t, example(t))
	crags, summary := use[tools.Crags](t, app, tools.GetCrags, `{"top":2}`)
	if crags.Total != 4 || !crags.Truncated || len(crags.Crags) != 2 || summary != "looked at where you climb, all years" {
		t.Fatalf("%s\n%+v", summary, crags)
	}
	dome := crags.Crags[0]
	if dome.Location != "Granite State > Echo Dome" || dome.Days != 7 || dome.Pitches != 12 || dome.Sends != 8 || dome.Routes != 9 || *dome.LastDay != "2026-11-20" {
		t.Errorf("%+v", dome)
	}
}

func TestComparePeriods(t *testing.T) {
	t.Parallel()
	app := climber(t, example(t))
	for _, test := range []struct{ arguments, a, b, summary string }{
		{`{"a":"2025","b":"2026"}`, "2025-01-01 to 2025-12-31: 6 ticks, 3 sends, sport 5.10c, trad 5.6", "2026-01-01 to 2026-12-31: 16 ticks, 11 sends, sport 5.11d, trad 5.8, boulder V4", "compared 2025 with 2026"},
		{`{"a":"previous_90_days","b":"last_90_days","discipline":"sport"}`, "2026-05-30 to 2026-08-27: 5 ticks, 4 sends, sport 5.11b", "2026-08-28 to 2026-11-25: 7 ticks, 4 sends, sport 5.11d", "compared the 90 days before with the last 90 days"},
		{`{"a":"2026-07","b":"2026-07-18 .. 2026-07-18"}`, "2026-07-01 to 2026-07-31: 3 ticks, 2 sends, boulder V4", "2026-07-18 to 2026-07-18: 3 ticks, 2 sends, boulder V4", "compared July 2026 with 2026-07-18 to 2026-07-18"},
	} {
		c, summary := use[tools.Comparison](t, app, tools.ComparePeriods, test.arguments)
		if a, b := amount(c.A), amount(c.B); a != test.a || b != test.b || summary != test.summary {
			t.Errorf("%s\n%s\n%s\n%s", test.arguments, a, b, summary)
		}
	}
}

func amount(a tools.Amount) string {
	text := fmt.Sprintf("%s to %s: %d ticks, %d sends", a.From, a.To, a.Ticks, a.Sends)
	for _, h := range a.Hardest {
		text += fmt.Sprintf(", %s %s", h.Discipline, h.Grade)
	}
	return text
}

func TestProjects(t *testing.T) {
	t.Parallel()
	app := climber(t, example(t))
	projects, summary := use[tools.Projects](t, app, tools.ListProjects, `{"discipline":"sport"}`)
	one := 1
	want := tools.Project{Route: "Quiet Roof", Location: "Granite State > Echo Dome > Shade Wall", Discipline: climb.Sport, Grade: "5.12a", GradesAboveBest: &one, Tries: 2, Days: 2, FirstDay: "2026-11-13", LastDay: "2026-11-20"}
	if projects.Total != 2 || !reflect.DeepEqual(projects.Projects[0], want) || summary != "looked at your open sport projects" {
		t.Errorf("%s\n%+v", summary, projects)
	}
}

// Grades come out in the systems that the logbook is kept in, unless another one is asked for.
func TestUsualScales(t *testing.T) {
	t.Parallel()
	app := climber(t, header+
		"2026-05-01,Un,6b,,https://www.mountainproject.com/route/100000001/x,1,France > Nord,3,-1,Lead,Redpoint,Sport,,80,\n"+
		"2026-05-01,Deux,6B,,https://www.mountainproject.com/route/100000002/x,1,France > Nord,3,-1,Send,,Boulder,,10,\n"+
		"2026-05-02,Trois,6c,,https://www.mountainproject.com/route/100000003/x,1,France > Nord,3,-1,Lead,Fell/Hung,Sport,,80,\n")
	projects, _ := use[tools.Projects](t, app, tools.ListProjects, `{}`)
	profile, _ := use[tools.ProfileResult](t, app, tools.GetProfile, `{}`)
	if projects.Projects[0].Grade != "6c" || profile.Scales != (tools.Scales{Route: climb.French, Boulder: climb.Font}) || profile.RecentHardSends[0].Grade != "6b" || profile.RecentHardSends[1].Grade != "6B" {
		t.Errorf("%+v\n%+v", projects.Projects, profile)
	}
	if pyramid, _ := use[tools.Pyramid](t, app, tools.GetPyramid, `{"discipline":"sport","scale":"uiaa"}`); pyramid.Scale != climb.UIAA {
		t.Errorf("%+v", pyramid)
	}
}

// Of an empty logbook there are empty lists, and no dates.
func TestEmptyLogbook(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	for name, list := range map[string]string{
		tools.GetProfile: "disciplines", tools.GetPyramid: "grades", tools.QueryTicks: "ticks", tools.GetProgression: "periods",
		tools.GetCrags: "crags", tools.ListProjects: "projects",
	} {
		result, _ := use[map[string]any](t, app, name, `{}`)
		entries, isList := result[list].([]any)
		if !isList || len(entries) != 0 || result["total"] != 0.0 || result["truncated"] != false || result["from"] != "" {
			t.Errorf("%s: %v", name, result)
		}
	}
	if c, _ := use[tools.Comparison](t, app, tools.ComparePeriods, `{"a":"2025","b":"2026"}`); c.A.Ticks != 0 || c.A.SendRate != nil {
		t.Errorf("%+v", c)
	}
}
