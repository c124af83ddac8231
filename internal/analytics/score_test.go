package analytics

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/cragbase/cragbase/internal/climb"
)

// Published points: 7a 700, 8a 1,000 and 9a 1,300 for a redpoint.
func TestScore(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule          string
		ticks         []tick
		all, latest   int
		scored, since int // sends that count
	}{
		{"7a redpoint", []tick{sport("1", "2026-01-01", "A", "5.11d", "Redpoint")}, 700, 700, 1, 1},
		{"8a onsight", []tick{sport("1", "2026-01-01", "A", "5.13b", "Onsight")}, 1_150, 1_150, 1, 1},
		{"9a flash", []tick{sport("1", "2026-01-01", "A", "5.14d", "Flash")}, 1_350, 1_350, 1, 1},
		{"8A boulder onsight", []tick{entry("1", "2026-01-01", "A", "V11", "Boulder", "", "Onsight")}, 1_100, 1_100, 1, 1},
		{"a route counts once, with its best send", []tick{sport("1", "2026-01-01", "A", "5.13b", "Redpoint"), sport("2", "2026-01-02", "A", "5.13b", "Flash")}, 1_050, 1_050, 1, 1},
		{"twelve months up to today, 2026-06-01", []tick{sport("1", "2025-06-01", "A", "5.13b", "Redpoint"), sport("2", "2025-06-02", "B", "5.11d", "Redpoint")}, 1_700, 700, 2, 1},
		{"no attempts, no top-rope", []tick{sport("1", "2026-01-01", "A", "5.11d", "Redpoint"), sport("2", "2026-01-01", "B", "5.13b", "Fell/Hung"), entry("3", "2026-01-01", "C", "5.13b", "Sport", "TR", "Redpoint")}, 700, 700, 1, 1},
		{"what is far too easy has no points, and none below", []tick{sport("1", "2026-01-01", "A", "5.0", "Redpoint")}, 0, 0, 1, 1},
	} {
		got := overviewOf(test.ticks, Filter{Today: "2026-06-01"}).Scores
		if len(got) != 1 || got[0].AllTime.Points != test.all || got[0].TwelveMonths.Points != test.latest || len(got[0].AllTime.Sends) != test.scored || len(got[0].TwelveMonths.Sends) != test.since {
			t.Errorf("%s: %+v", test.rule, got)
		}
	}
	var ticks []tick
	for i := range 12 {
		ticks = append(ticks, sport(fmt.Sprint(i), "2026-01-01", fmt.Sprint("R", i), "5.11d", "Redpoint"))
	}
	ticks = append(ticks, entry("b", "2026-01-01", "B", "V11", "Boulder", "Send", ""))
	got := overviewOf(ticks, Filter{Today: "2026-06-01"}).Scores
	if len(got) != 2 || got[0].Kind != climb.FamilyRoute || got[0].AllTime.Points != 7_000 || len(got[0].AllTime.Sends) != 10 || got[1].Kind != climb.FamilyBoulder || got[1].AllTime.Points != 1_000 {
		t.Errorf("ten of twelve and a boulder: %+v", got)
	}
	if none := overviewOf(nil, Filter{}).Scores; none == nil || len(none) != 0 {
		t.Errorf("of nothing: %v", none)
	}
}

func TestOwnGrades(t *testing.T) {
	t.Parallel()
	own := func(rating, grade string) tick {
		tick := sport("1", "2026-01-01", "A", rating, "Redpoint")
		tick.yourGrade = grade
		return tick
	}
	ticks := []tick{
		own("5.10a", ""), own("5.11a", "5.10d"), own("5.11a", "6a"), own("5.11a", "5.11a"), own("5.10", "5.10b"), own("5.10b/c", "5.10c"),
		own("5.11a", "5.11b"), own("5.11a", "V3"), own("5.11a", "hard"), own("?", "5.11a"),
	}
	abroad := func(location, rating, grade, routeType string) tick {
		tick := entry("1", "2026-01-01", "A", rating, routeType, "Lead", "Redpoint")
		tick.location, tick.yourGrade = location, grade
		return tick
	}
	for _, test := range []struct {
		rule string
		tick tick
		want OwnGrades
	}{
		{"a boulder's grade in lower case is Font", abroad("France > Bleau > Cuvier", "6A", "6b", "Boulder"), OwnGrades{Harder: 1}},
		{"a whole number is Ewbank in Australia", abroad("Australia > Arapiles", "6a", "15", "Sport"), OwnGrades{Softer: 1}},
		{"and UIAA in Germany", abroad("Germany > Frankenjura", "6a", "8", "Sport"), OwnGrades{Harder: 1}},
		{"Roman numerals are UIAA", abroad("Italy > Dolomites", "5.9", "VI-", "Trad"), OwnGrades{Same: 1}},
		{"a British grade is none of the French ones", abroad("England > Stanage", "5.9", "E5 6c", "Trad"), OwnGrades{Incomparable: 1}},
		{"nor is a technical grade at home", abroad("England > Stanage", "5.9", "6c", "Trad"), OwnGrades{Incomparable: 1}},
	} {
		if got := overviewOf([]tick{test.tick}, Filter{}).OwnGrades; got != test.want {
			t.Errorf("%s: got %+v, want %+v", test.rule, got, test.want)
		}
	}
	want := OwnGrades{Softer: 2, Same: 3, Harder: 1, Incomparable: 3, None: 1}
	if got := overviewOf(ticks, Filter{}).OwnGrades; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
