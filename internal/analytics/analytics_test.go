package analytics

import (
	"errors"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"

	validation "github.com/go-ozzo/ozzo-validation/v4"

	"github.com/cragbase/cragbase/internal/climb"
)

// entry writes a tick as a row of an export would have it.
func entry(id, date, route, rating, routeType, style, leadStyle string) tick {
	parsed := climb.ParseRating(rating)
	disciplines := climb.DisciplinesOf(routeType, parsed)
	s, errStyle := climb.ParseStyle(style)
	l, errLead := climb.ParseLeadStyle(leadStyle)
	if errStyle != nil || errLead != nil || len(disciplines) == 0 {
		panic("not a tick: " + id)
	}
	grade, _ := parsed.Grade(disciplines[0])
	return tick{
		id: id, date: date, route: route, routeName: route, location: "State > Area > " + route + " wall", gradeText: rating,
		grade: grade, disciplines: disciplines, style: s, result: climb.ResultOf(s, l), pitches: 1,
	}
}

func sport(id, date, route, rating, leadStyle string) tick {
	return entry(id, date, route, rating, "Sport", "Lead", leadStyle)
}

// count is what a test expects of one grade.
type count struct {
	grade  string
	styles map[string]int // only those that are not 0
}

func counts(p *Pyramid) []count {
	var got []count
	for _, bin := range p.Bins {
		c := count{bin.Grade, map[string]int{}}
		sum := 0
		for style, n := range bin.Styles {
			if n > 0 {
				c.styles[style] = n
			}
			sum += n
		}
		if sum != bin.Count || len(bin.Routes) != bin.Count {
			panic("styles and routes do not sum to the count of " + bin.Grade)
		}
		got = append(got, c)
	}
	return got
}

func TestPyramid(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule    string
		ticks   []tick
		filter  Filter
		want    []count
		leftOut PyramidLeftOut
	}{
		{"no ticks, no bins", nil, Filter{Discipline: climb.Sport}, nil, PyramidLeftOut{}},
		{
			"a repeat does not count again",
			[]tick{sport("1", "2026-01-01", "A", "5.9", "Redpoint"), sport("2", "2026-02-01", "A", "5.9", "Redpoint")},
			Filter{},
			[]count{{"5.9", map[string]int{"redpoint": 1}}},
			PyramidLeftOut{},
		},
		{
			"a route counts with its best send, not its first",
			[]tick{sport("1", "2026-01-01", "A", "5.9", "Pinkpoint"), sport("2", "2026-02-01", "A", "5.9", "Redpoint"), sport("3", "2026-03-01", "B", "5.9", "Flash"), sport("4", "2026-03-02", "B", "5.9", "Onsight")},
			Filter{},
			[]count{{"5.9", map[string]int{"redpoint": 1, "onsight": 1}}},
			PyramidLeftOut{},
		},
		{
			"empty grades between show as gaps, the hardest first",
			[]tick{sport("1", "2026-01-01", "A", "5.10a", "Onsight"), sport("2", "2026-01-01", "B", "5.10d", "Redpoint")},
			Filter{},
			[]count{{"5.10d", map[string]int{"redpoint": 1}}, {"5.10c", map[string]int{}}, {"5.10b", map[string]int{}}, {"5.10a", map[string]int{"onsight": 1}}},
			PyramidLeftOut{},
		},
		{
			"attempts, other styles and unknown results are left out and counted",
			[]tick{
				sport("1", "2026-01-01", "A", "5.9", "Onsight"), sport("2", "2026-01-01", "B", "5.9", "Fell/Hung"), sport("3", "2026-01-01", "C", "5.9", ""),
				entry("4", "2026-01-01", "D", "5.9", "Sport", "", ""), entry("5", "2026-01-01", "E", "5.9", "Sport", "TR", ""), entry("6", "2026-01-01", "F", "5.9", "Sport", "Follow", ""), entry("7", "2026-01-01", "G", "5.9", "Sport", "Solo", ""),
			},
			Filter{},
			[]count{{"5.9", map[string]int{"onsight": 1}}},
			PyramidLeftOut{Attempts: 1, Undetermined: 2, OtherStyles: 3},
		},
		{
			"unknown results count as sends when asked, after any known send of the route",
			[]tick{sport("1", "2026-01-01", "A", "5.9", ""), entry("2", "2026-01-01", "B", "5.9", "Sport", "", ""), sport("3", "2026-01-01", "C", "5.9", ""), sport("4", "2026-01-02", "C", "5.9", "Pinkpoint")},
			Filter{CountUnknown: true},
			[]count{{"5.9", map[string]int{"undetermined": 2, "pinkpoint": 1}}},
			PyramidLeftOut{},
		},
		{
			"a send on top-rope counts unless only leads are asked for",
			[]tick{entry("1", "2026-01-01", "A", "5.9", "Sport", "TR", "Redpoint"), sport("2", "2026-01-01", "B", "5.9", "Redpoint")},
			Filter{LeadOnly: true},
			[]count{{"5.9", map[string]int{"redpoint": 1}}},
			PyramidLeftOut{Filtered: Filtered{LeadOnly: 1}},
		},
		{
			"a send without a known grade is left out and counted",
			[]tick{sport("1", "2026-01-01", "A", "Project", "Redpoint"), sport("2", "2026-01-01", "B", "5.9", "Redpoint")},
			Filter{Discipline: climb.Sport},
			[]count{{"5.9", map[string]int{"redpoint": 1}}},
			PyramidLeftOut{NoGrade: 1},
		},
		{
			"a Trad, Sport route counts in both disciplines",
			[]tick{entry("1", "2026-01-01", "A", "5.9", "Trad, Sport", "Lead", "Onsight")},
			Filter{Discipline: climb.Trad},
			[]count{{"5.9", map[string]int{"onsight": 1}}},
			PyramidLeftOut{},
		},
		{
			"the aid grade of a Trad, Aid route counts in aid",
			[]tick{entry("1", "2026-01-01", "A", "5.9 C2", "Trad, Aid", "Lead", "Onsight")},
			Filter{Discipline: climb.Aid},
			[]count{{"A2", map[string]int{"onsight": 1}}},
			PyramidLeftOut{},
		},
		{
			"boulders: Send and Flash are sends, Attempt is none, V0- to V0+ share a row",
			[]tick{
				entry("1", "2026-01-01", "A", "V0+", "Boulder", "Flash", ""), entry("2", "2026-01-01", "B", "V0-", "Boulder", "Send", ""),
				entry("3", "2026-01-01", "C", "V1", "Boulder", "Attempt", ""), entry("4", "2026-01-01", "D", "V1", "Boulder", "Send", ""),
			},
			Filter{Discipline: climb.Boulder},
			[]count{{"V1", map[string]int{"send": 1}}, {"V0", map[string]int{"flash": 1, "send": 1}}},
			PyramidLeftOut{Attempts: 1},
		},
		{
			"grades between two count in the lower middle of their range",
			[]tick{sport("1", "2026-01-01", "A", "5.10", "Onsight"), sport("2", "2026-01-01", "B", "5.10-", "Onsight"), sport("3", "2026-01-01", "C", "5.10c/d", "Onsight")},
			Filter{},
			[]count{{"5.10c", map[string]int{"onsight": 1}}, {"5.10b", map[string]int{"onsight": 1}}, {"5.10a", map[string]int{"onsight": 1}}},
			PyramidLeftOut{},
		},
		{
			"another scale of the family",
			[]tick{sport("1", "2026-01-01", "A", "5.12a", "Onsight"), sport("2", "2026-01-01", "B", "5.12b", "Redpoint")},
			Filter{Discipline: climb.Sport, Scale: climb.French},
			[]count{{"7b", map[string]int{"redpoint": 1}}, {"7a+", map[string]int{"onsight": 1}}},
			PyramidLeftOut{},
		},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			got := pyramidOf(test.ticks, test.filter)
			if !reflect.DeepEqual(counts(got), test.want) {
				t.Errorf("bins\n got %v\nwant %v", counts(got), test.want)
			}
			if got.LeftOut != test.leftOut {
				t.Errorf("left out\n got %+v\nwant %+v", got.LeftOut, test.leftOut)
			}
		})
	}
}

func TestPyramidChoosesTheDisciplineWithMostSends(t *testing.T) {
	t.Parallel()
	ticks := []tick{
		sport("1", "2026-01-01", "A", "5.9", "Onsight"), entry("2", "2026-01-01", "B", "V1", "Boulder", "Send", ""), entry("3", "2026-01-01", "C", "V1", "Boulder", "Flash", ""),
		sport("4", "2026-01-01", "D", "5.9", "Fell/Hung"), sport("5", "2026-01-01", "E", "5.9", "Fell/Hung"),
	}
	if got := mostSent(ticks, Filter{}); got != climb.Boulder {
		t.Errorf("got %s", got)
	}
	if got := mostSent(nil, Filter{}); got != climb.Sport {
		t.Errorf("without ticks: %s", got)
	}
}

// Of the whole logbook most sends are of boulders, of 2026 of sport, of leads of trad, and of onsights of ice.
func TestChartsOfAFilterChooseTheSameDiscipline(t *testing.T) {
	t.Parallel()
	var ticks []tick
	add := func(n int, date, rating, routeType, style, leadStyle string) {
		for range n {
			id := strconv.Itoa(len(ticks))
			ticks = append(ticks, entry(id, date, id, rating, routeType, style, leadStyle))
		}
	}
	add(9, "2024-01-01", "V3", "Boulder", "Send", "")
	add(8, "2024-01-02", "5.9", "Trad", "Lead", "Redpoint")
	add(5, "2025-01-01", "WI3", "Ice", "Lead", "Onsight")
	add(7, "2026-01-01", "5.9", "Sport", "TR", "Redpoint")
	add(6, "2026-01-02", "5.9", "Trad", "Lead", "Flash")
	for _, test := range []struct {
		filter Filter
		want   climb.Discipline
	}{
		{Filter{}, climb.Trad},
		{Filter{From: "2026-01-01"}, climb.Sport},
		{Filter{From: "2026-01-01", LeadOnly: true}, climb.Trad},
		{Filter{Style: "onsight"}, climb.Ice},
		{Filter{Style: "send"}, climb.Boulder},
		{Filter{Style: "redpoint", LeadOnly: true, Scale: climb.YDS}, climb.Trad},
		{Filter{From: "2026-02-01"}, climb.Sport}, // without a send the first of all
	} {
		styles, err := stylesOf(loaded(ticks, test.filter), test.filter)
		if err != nil {
			t.Fatal(err)
		}
		for chart, one := range map[string]ofOneDiscipline{
			"pyramid": pyramidOf(loaded(ticks, test.filter), test.filter), "lengths": lengthsOf(loaded(ticks, test.filter), test.filter), "styles": styles,
			"progression": progressionOf(ticks, test.filter), "attempts": attemptsOf(ticks, test.filter),
			"breakthroughs": breakthroughsOf(ticks, test.filter), "tiers": tiersOf(ticks, test.filter),
		} {
			if got := one.about(); got != test.want {
				t.Errorf("%s of %+v: %s, want %s", chart, test.filter, got, test.want)
			}
		}
	}
}

// loaded are the ticks that a chart without history is given.
func loaded(ticks []tick, filter Filter) []tick {
	_, asked := since(ticks, filter.From)
	return asked
}

func TestOverview(t *testing.T) {
	t.Parallel()
	ticks := []tick{
		sport("1", "2025-05-01", "A", "5.10a", "Fell/Hung"),
		sport("2", "2025-05-01", "A", "5.10a", "Redpoint"),
		sport("3", "2025-06-01", "B", "5.12a", "Onsight"),
		sport("4", "2025-06-01", "B", "5.12a", "Onsight"), // a repeat
		entry("5", "2025-06-02", "C", "V3", "Boulder", "Send", ""),
		entry("6", "2025-06-02", "D", "5.9", "Sport", "TR", ""),
		sport("7", "2025-06-03", "E", "5.9", ""),
		sport("8", "2025-06-04", "F", "no idea", "Redpoint"),
		sport("9", "2025-06-05", "G", "5.11c", "Flash"),
	}
	ticks[5].pitches = 3
	got := overviewOf(ticks, Filter{})
	if want := (Totals{Ticks: 9, Pitches: 11, Routes: 7, Days: 6, Locations: 7, Sends: 6, Attempts: 1, Undetermined: 1}); got.Totals != want {
		t.Errorf("totals\n got %+v\nwant %+v", got.Totals, want)
	}
	if *got.FirstDay != "2025-05-01" || *got.LastDay != "2025-06-05" || *got.SendRate != 6.0/7 {
		t.Errorf("days %s to %s, rate %v", *got.FirstDay, *got.LastDay, *got.SendRate)
	}
	if want := []DisciplineShare{{climb.Sport, 8, 10, 5}, {climb.Boulder, 1, 1, 1}}; !reflect.DeepEqual(got.Disciplines, want) {
		t.Errorf("disciplines\n got %+v\nwant %+v", got.Disciplines, want)
	}
	if len(got.Best) != 2 || got.Best[0].Grade != "5.12a" || got.Best[0].TickID != "3" || got.Best[1].Grade != "V3" {
		t.Errorf("best %+v", got.Best)
	}
	var recent []string
	for _, s := range got.RecentHardSends {
		recent = append(recent, s.TickID)
	}
	// 5.10a is more than four grades below 5.12a, the repeat of B and the unknown grade of F do not count.
	if want := []string{"9", "5", "3"}; !reflect.DeepEqual(recent, want) {
		t.Errorf("recent hard sends %v, want %v", recent, want)
	}
	if want := []LocationShare{{"State > Area", 11, 9}}; !reflect.DeepEqual(got.TopLocations, want) {
		t.Errorf("locations %+v", got.TopLocations)
	}
	if got.LeftOut != (OverviewLeftOut{NoGrade: 1}) {
		t.Errorf("left out %+v", got.LeftOut)
	}
	leads := overviewOf(ticks, Filter{LeadOnly: true, CountUnknown: true, Discipline: climb.Sport})
	if leads.Totals.Ticks != 7 || leads.Totals.Sends != 6 || leads.LeftOut.LeadOnly != 1 {
		t.Errorf("leads of sport, unknown counted: %+v, left out %+v", leads.Totals, leads.LeftOut)
	}
	empty := overviewOf(nil, Filter{})
	if empty.FirstDay != nil || empty.SendRate != nil || empty.Best == nil || empty.RecentHardSends == nil || empty.Disciplines == nil || empty.TopLocations == nil {
		t.Errorf("an empty logbook: %+v", empty)
	}
}

// A route that is graded up, or sent in a better way later, is best with that send; it is a new hard send only once.
func TestBestIsOverAllSends(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule         string
		ticks        []tick
		best, recent string
	}{
		{
			"graded up later",
			[]tick{sport("1", "2025-01-01", "A", "5.10a", "Redpoint"), sport("2", "2025-02-01", "B", "5.10c", "Redpoint"), sport("3", "2025-03-01", "A", "5.11a", "Redpoint")},
			"3 5.11a", "2 ", // the 5.10a of A is four grades below
		},
		{
			"graded down later",
			[]tick{sport("1", "2025-01-01", "A", "5.11a", "Redpoint"), sport("2", "2025-03-01", "A", "5.10a", "Redpoint")},
			"1 5.11a", "1 ",
		},
		{
			"a better result later, and of equals the earliest",
			[]tick{sport("1", "2025-01-01", "A", "5.11a", "Pinkpoint"), sport("2", "2025-02-01", "A", "5.11a", "Redpoint"), sport("3", "2025-03-01", "A", "5.11a", "Redpoint")},
			"2 5.11a", "1 ",
		},
		{
			"the first send has no grade",
			[]tick{sport("1", "2025-01-01", "A", "?", "Redpoint"), sport("2", "2025-02-01", "A", "5.11a", "Redpoint")},
			"2 5.11a", "2 ",
		},
	} {
		got := overviewOf(test.ticks, Filter{Discipline: climb.Sport})
		recent := ""
		for _, s := range got.RecentHardSends {
			recent += s.TickID + " "
		}
		if best := got.Best[0].TickID + " " + got.Best[0].Grade; best != test.best || recent != test.recent {
			t.Errorf("%s: best %s and recent %s, want %s and %s", test.rule, best, recent, test.best, test.recent)
		}
	}
}

// Without a discipline a grade compares with nothing: such sends are in no list, and are counted.
func TestOverviewCountsSendsWithoutADiscipline(t *testing.T) {
	t.Parallel()
	var ticks []tick
	for id, style := range map[string]string{"1": "Onsight", "2": "Redpoint", "3": "Fell/Hung", "4": ""} {
		unsaid := sport(id, "2025-01-01", id, "5.9", style)
		unsaid.disciplines, unsaid.grade = nil, climb.Grade{}
		ticks = append(ticks, unsaid)
	}
	for _, test := range []struct {
		filter  Filter
		leftOut OverviewLeftOut
	}{
		{Filter{}, OverviewLeftOut{NoGrade: 2}},
		{Filter{CountUnknown: true}, OverviewLeftOut{NoGrade: 3}},
		{Filter{Discipline: climb.Sport}, OverviewLeftOut{Filtered: Filtered{OtherDisciplines: 4}}},
	} {
		got := overviewOf(ticks, test.filter)
		if got.LeftOut != test.leftOut || len(got.Best) != 0 || len(got.Scores) != 0 {
			t.Errorf("%+v: left out %+v, best %+v", test.filter, got.LeftOut, got.Best)
		}
	}
}

// What is known of a date stands beside it.
func TestDatesHaveTheirPrecision(t *testing.T) {
	t.Parallel()
	ticks := []tick{withPrecision("year", sport("1", "2025-01-01", "A", "5.9", "Onsight"))}
	overview, pyramid := overviewOf(ticks, Filter{}), pyramidOf(ticks, Filter{})
	for where, got := range map[string]string{
		"best": overview.Best[0].DatePrecision, "recent hard sends": overview.RecentHardSends[0].DatePrecision,
		"scores": overview.Scores[0].AllTime.Sends[0].DatePrecision, "pyramid": pyramid.Bins[0].Routes[0].DatePrecision,
	} {
		if got != "year" {
			t.Errorf("%s: %q", where, got)
		}
	}
}

func TestParseFilter(t *testing.T) {
	t.Parallel()
	filter, err := ParseFilter(url.Values{
		"discipline": {"trad"}, "from": {"2025-01-01"}, "to": {"2025-12-31"}, "scale": {"uiaa"}, "lead_only": {"true"}, "count_unknown": {"1"},
		"area": {" Colorado >  Eldorado > "}, "style": {"redpoint, onsight,redpoint"}, "compare": {"previous"},
	})
	if want := (Filter{
		Discipline: climb.Trad, From: "2025-01-01", To: "2025-12-31", Area: "Colorado > Eldorado", Style: "onsight,redpoint", Scale: climb.UIAA,
		LeadOnly: true, CountUnknown: true, Compare: ComparePrevious,
	}); err != nil || filter != want {
		t.Errorf("got %+v, %v", filter, err)
	}
	for field, query := range map[string]string{
		"discipline": "discipline=parkour", "scale": "scale=wi", "from": "from=2025-13-01", "to": "to=tomorrow", "lead_only": "lead_only=maybe",
		"count_unknown": "count_unknown=2", "sort": "sort=grade", "style": "style=onsight,fell", "compare": "from=2025-01-01&compare=previous",
		"area": "area=" + strings.Repeat("x", 8_001), "goal": "goal_grade=5.9",
		"goal_grade": "goal=normal&goal_grade=5.9&goal_grade=5.9",
	} {
		values, _ := url.ParseQuery(query)
		var problems validation.Errors
		if _, err := ParseFilter(values, "goal", "goal_grade"); !errors.As(err, &problems) || problems[field] == nil || len(problems) != 1 {
			t.Errorf("%s: got %v", query, err)
		}
	}
	for rule, query := range map[string]string{"a scale of another family": "discipline=boulder&scale=yds", "from after to": "from=2025-02-01&to=2025-01-01"} {
		values, _ := url.ParseQuery(query)
		if _, err := ParseFilter(values); err == nil {
			t.Errorf("%s was allowed", rule)
		}
	}
}

func TestRungsCoverTheScaleWithoutGaps(t *testing.T) {
	t.Parallel()
	for _, scale := range []climb.System{climb.YDS, climb.French, climb.UIAA, climb.V, climb.Font} {
		all := rungs(scale)
		for i, rung := range all {
			if rung.Low > rung.High || i > 0 && rung.Low != all[i-1].High+1 {
				t.Errorf("%s: %+v after %+v", scale, rung, all[max(0, i-1)])
			}
			if got := rungOf(all, rung.Low); got != i {
				t.Errorf("%s: score %d is in rung %d, not %d", scale, rung.Low, got, i)
			}
		}
		if rungOf(all, -1000) != 0 || rungOf(all, 1000) != len(all)-1 {
			t.Errorf("%s: scores outside do not count at the ends", scale)
		}
	}
}
