package analytics

import (
	"errors"
	"strings"
	"testing"

	validation "github.com/go-ozzo/ozzo-validation/v4"

	"github.com/cragbase/cragbase/internal/climb"
)

func TestTickListFindsSortsAndCounts(t *testing.T) {
	t.Parallel()
	all := []tick{
		sport("1", "2026-01-01", "Alpha", "5.10a", "Onsight"),
		sport("2", "2026-01-02", "Beta", "5.11a", "Redpoint"),
		sport("3", "2026-01-03", "Gamma", "Project", "Redpoint"),
		entry("4", "2026-01-04", "Alphabet", "V4", "Boulder", "Send", ""),
		entry("5", "2026-01-05", "Delta", "5.9 C2", "Trad, Aid", "Lead", "Onsight"),
		sport("6", "2026-01-06", "Epsilon", "5.10", "Fell/Hung"),
		entry("7", "2026-01-07", "Couloir", "Steep Snow", "Snow", "", ""),
	}
	for _, test := range []struct {
		rule   string
		filter Filter
		query  TickQuery
		want   string // routes
		total  int
	}{
		{"the newest first", Filter{}, TickQuery{Limit: 3}, "Couloir Epsilon Delta", 7},
		{"the oldest first", Filter{}, TickQuery{Sort: TicksOldest, Limit: 2}, "Alpha Beta", 7},
		{"a part of a name, in any case", Filter{}, TickQuery{Route: "ALPHA", Limit: 9}, "Alphabet Alpha", 2},
		{"a part of a place, in any case", Filter{}, TickQuery{Place: "area > b", Limit: 9}, "Beta", 1},
		{"a range of grades has its ends, and what is between grades", Filter{Discipline: climb.Sport}, TickQuery{GradeMin: "5.10a", GradeMax: "5.10d", Limit: 9}, "Epsilon Alpha", 2},
		{"grades of boulders leave routes out", Filter{}, TickQuery{GradeMin: "V1", Limit: 9}, "Alphabet", 1},
		{"grades of another scale of the family", Filter{Discipline: climb.Sport}, TickQuery{GradeMin: "6b+", Limit: 9}, "Beta", 1},
		{"grades of the scale asked for", Filter{Scale: climb.French}, TickQuery{GradeMax: "6a", Limit: 9}, "Delta Alpha", 2},
		{"the aid grade of a route counts in aid", Filter{Discipline: climb.Aid}, TickQuery{GradeMin: "A2", GradeMax: "A2", Limit: 9}, "Delta", 1},
		{"the hardest first, without a grade last", Filter{Discipline: climb.Sport}, TickQuery{Sort: TicksHardest, Limit: 9}, "Beta Epsilon Alpha Gamma", 4},
		{"the easiest first, without a grade last", Filter{Discipline: climb.Sport}, TickQuery{Sort: TicksEasiest, Limit: 9}, "Alpha Epsilon Beta Gamma", 4},
		{"only the results asked for", Filter{Style: "onsight"}, TickQuery{Limit: 9}, "Delta Alpha", 2},
	} {
		match, err := newTickMatch(test.filter, test.query)
		if err != nil {
			t.Fatal(test.rule, err)
		}
		ticks, _ := inScope(all, test.filter)
		list := match.list(ticks, test.query)
		var routes []string
		for _, tick := range list.Ticks {
			routes = append(routes, tick.RouteName)
		}
		if got := strings.Join(routes, " "); got != test.want || list.Total != test.total {
			t.Errorf("%s: %s of %d, want %s of %d", test.rule, got, list.Total, test.want, test.total)
		}
	}
}

func TestTickListRefusesWhatIsNoGrade(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		filter Filter
		query  TickQuery
	}{
		"grade_min": {Filter{}, TickQuery{GradeMin: "very hard"}},
		"grade_max": {Filter{Discipline: climb.Boulder}, TickQuery{GradeMin: "V3", GradeMax: "5.11a"}},
	} {
		_, err := newTickMatch(test.filter, test.query)
		var problems validation.Errors
		if !errors.As(err, &problems) || problems[name] == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := newTickMatch(Filter{}, TickQuery{GradeMin: "V3", GradeMax: "5.11a"}); err == nil {
		t.Error("a range from a boulder to a route")
	}
	if _, err := newTickMatch(Filter{Scale: climb.French}, TickQuery{GradeMin: "5.11a"}); err == nil {
		t.Error("a grade of another scale than the one asked for")
	}
}
