package analytics

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/cragbase/cragbase/internal/climb"
)

// laps gives a tick pitches and a length.
func laps(t tick, pitches, feet int) tick {
	t.pitches, t.lengthFeet = pitches, feet
	return t
}

// The base of these logbooks is 5.11c, three below 5.12b.
func TestProjects(t *testing.T) {
	t.Parallel()
	best := sport("best", "2025-01-01", "Best", "5.12b", "Redpoint")
	fell := func(id, date, route, grade string) tick { return sport(id, date, route, grade, "Fell/Hung") }
	for _, test := range []struct {
		rule    string
		ticks   []tick
		filter  Filter
		want    []string // "route grade above tries/days first..last"
		leftOut ProjectsLeftOut
	}{
		{"no ticks", nil, Filter{}, nil, ProjectsLeftOut{}},
		{
			"a route that was sent at last is none, before or after an attempt",
			[]tick{best, fell("1", "2025-02-01", "A", "5.12c"), sport("2", "2025-02-02", "A", "5.12c", "Redpoint"), sport("3", "2025-02-03", "B", "5.12b", "Onsight"), fell("4", "2025-02-04", "B", "5.12b")},
			Filter{},
			nil,
			ProjectsLeftOut{RoutesSent: 3},
		},
		{
			"at or above the base counts, a grade below does not",
			[]tick{best, fell("1", "2025-02-01", "A", "5.11c"), fell("2", "2025-02-02", "B", "5.11b"), fell("3", "2025-02-03", "C", "5.13a")},
			Filter{},
			[]string{"C 5.13a 3 1/1 2025-02-03..2025-02-03", "A 5.11c -3 1/1 2025-02-01..2025-02-01"},
			ProjectsLeftOut{RoutesSent: 1, RoutesBelowBase: 1},
		},
		{
			"without a send every grade counts, and there is none to be above of",
			[]tick{fell("1", "2025-02-01", "A", "5.6")},
			Filter{},
			[]string{"A 5.6 - 1/1 2025-02-01..2025-02-01"},
			ProjectsLeftOut{},
		},
		{
			"tries are laps of short routes and all styles, days are distinct",
			[]tick{best, laps(fell("1", "2025-02-01", "A", "5.12c"), 3, 80), fell("2", "2025-02-01", "A", "5.12c"), laps(fell("3", "2025-03-01", "A", "5.12c"), 5, 400), entry("4", "2025-03-02", "A", "5.12c", "Sport", "TR", "")},
			Filter{},
			[]string{"A 5.12c 1 6/3 2025-02-01..2025-03-02"},
			ProjectsLeftOut{RoutesSent: 1},
		},
		{
			"tries that a tick tells count, where they are more than the laps",
			[]tick{best, told(fell("1", "2025-02-01", "A", "5.12c"), 7), fell("2", "2025-02-02", "A", "5.12c"), laps(fell("3", "2025-02-01", "B", "5.12c"), 4, 60), told(fell("4", "2025-02-01", "B", "5.12c"), 2)},
			Filter{},
			[]string{"A 5.12c 1 7/2 2025-02-01..2025-02-02", "B 5.12c 1 5/1 2025-02-01..2025-02-01"},
			ProjectsLeftOut{RoutesSent: 1},
		},
		{
			"days count only where they are known",
			[]tick{
				best, withPrecision("month", fell("1", "2025-02-01", "A", "5.12c")), fell("2", "2025-02-01", "A", "5.12c"), fell("3", "2025-02-03", "A", "5.12c"),
				withPrecision("year", fell("4", "2025-01-01", "B", "5.12c")), withPrecision("month", fell("5", "2025-02-01", "B", "5.12c")),
			},
			Filter{},
			[]string{"A 5.12c 1 3/2 2025-02-01 month..2025-02-03", "B 5.12c 1 2/0 2025-01-01 year..2025-02-01 month"},
			ProjectsLeftOut{RoutesSent: 1},
		},
		{
			"without an attempt there is no project: an unknown result may be a send, a follow is no try",
			[]tick{best, sport("1", "2025-02-01", "A", "5.12c", ""), entry("2", "2025-02-01", "B", "5.12c", "Sport", "Follow", ""), entry("3", "2025-02-01", "C", "5.12c", "Sport", "TR", "")},
			Filter{},
			nil,
			ProjectsLeftOut{RoutesSent: 1, RoutesUndetermined: 1, RoutesNotTried: 2},
		},
		{
			"an unknown result ends a project when it counts as a send",
			[]tick{best, fell("1", "2025-02-01", "A", "5.12c"), sport("2", "2025-02-02", "A", "5.12c", "")},
			Filter{CountUnknown: true},
			nil,
			ProjectsLeftOut{RoutesSent: 2},
		},
		{
			"the last try is within the dates, the tries count from the beginning, and so do the sends",
			[]tick{best, fell("1", "2025-02-01", "A", "5.12c"), fell("2", "2025-03-01", "A", "5.12c"), fell("3", "2025-02-01", "B", "5.12c")},
			Filter{From: "2025-02-15"},
			[]string{"A 5.12c 1 2/2 2025-02-01..2025-03-01"},
			ProjectsLeftOut{RoutesSent: 1, RoutesOtherDates: 1},
		},
		{
			"the results asked for choose projects, and hide no send",
			[]tick{best, fell("1", "2025-02-01", "A", "5.12c"), entry("2", "2025-02-02", "A", "5.12c", "Sport", "TR", ""), fell("3", "2025-02-03", "B", "5.12c")},
			Filter{Style: "toprope"},
			[]string{"A 5.12c 1 2/2 2025-02-01..2025-02-02"},
			ProjectsLeftOut{RoutesSent: 1, RoutesOtherResults: 1},
		},
		{
			"no known grade",
			[]tick{best, fell("1", "2025-02-01", "A", "?")},
			Filter{Discipline: climb.Sport},
			nil,
			ProjectsLeftOut{RoutesSent: 1, RoutesNoGrade: 1},
		},
		{
			"each discipline has a base of its own",
			[]tick{best, entry("1", "2025-02-01", "A", "V3", "Boulder", "Attempt", ""), entry("2", "2025-02-01", "B", "5.9", "Trad", "Lead", "Onsight"), entry("3", "2025-02-02", "C", "5.8", "Trad", "Lead", "Fell/Hung")},
			Filter{},
			[]string{"C 5.8 -1 1/1 2025-02-02..2025-02-02", "A V3 - 1/1 2025-02-01..2025-02-01"},
			ProjectsLeftOut{RoutesSent: 2},
		},
		{
			"a route of two disciplines is one project, of the discipline asked for",
			[]tick{entry("1", "2025-02-01", "A", "5.9", "Trad, Sport", "Lead", "Fell/Hung"), fell("2", "2025-02-02", "B", "5.9")},
			Filter{Discipline: climb.Trad},
			[]string{"A 5.9 - 1/1 2025-02-01..2025-02-01"},
			ProjectsLeftOut{Filtered: Filtered{OtherDisciplines: 1}},
		},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			got := projectsOf(test.ticks, test.filter)
			var list []string
			for _, p := range got.Projects {
				above := "-"
				if p.AboveBest != nil {
					above = fmt.Sprint(*p.AboveBest)
				}
				list = append(list, fmt.Sprintf("%s %s %s %d/%d %s..%s", p.RouteName, p.Grade, above, p.Tries, p.Days, dated(p.FirstDate, p.FirstDatePrecision), dated(p.LastDate, p.LastDatePrecision)))
			}
			if !reflect.DeepEqual(list, test.want) || got.Open != len(list) {
				t.Errorf("%d projects\n got %q\nwant %q", got.Open, list, test.want)
			}
			if got.LeftOut != test.leftOut {
				t.Errorf("left out\n got %+v\nwant %+v", got.LeftOut, test.leftOut)
			}
		})
	}
}

func TestProjectsTellTheirBases(t *testing.T) {
	t.Parallel()
	got := projectsOf([]tick{sport("1", "2025-01-01", "A", "5.12b", "Redpoint"), entry("2", "2025-01-01", "B", "V1", "Boulder", "Send", "")}, Filter{Scale: climb.French})
	want := []ProjectBase{{climb.Sport, "7b", "6c+"}, {climb.Boulder, "V1", "VB"}}
	if !reflect.DeepEqual(got.Bases, want) {
		t.Errorf("got %+v, want %+v", got.Bases, want)
	}
}

// A list has an end, and says how many there are.
func TestProjectsAreAtMostAHundred(t *testing.T) {
	t.Parallel()
	var ticks []tick
	for i := range 130 {
		ticks = append(ticks, sport(fmt.Sprint(i), fmt.Sprintf("2025-%02d-%02d", 1+i/28, 1+i%28), fmt.Sprint("Route ", i), "5.9", "Fell/Hung"))
	}
	got := projectsOf(ticks, Filter{})
	if got.Open != 130 || len(got.Projects) != 100 || got.Projects[0].RouteName != "Route 129" {
		t.Errorf("%d open, %d listed, first %s", got.Open, len(got.Projects), got.Projects[0].RouteName)
	}
}
