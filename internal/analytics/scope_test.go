package analytics

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/climb"
)

func TestInScopeCountsEachTickThatIsLeftOutOnce(t *testing.T) {
	t.Parallel()
	all := []tick{
		sport("1", "2026-01-01", "A", "5.9", "Onsight"),
		sport("2", "2026-01-01", "B", "5.9", "Redpoint"),
		entry("3", "2026-01-01", "C", "5.9", "Sport", "TR", ""),
		entry("4", "2026-01-01", "D", "V3", "Boulder", "Send", ""),
		entry("5", "2026-01-01", "E", "5.9", "Trad", "Follow", ""),
		entry("6", "2026-01-01", "F", "5.9", "Trad, Sport", "Lead", "Onsight"),
	}
	for _, test := range []struct {
		filter Filter
		want   string
		out    Filtered
	}{
		{Filter{}, "123456", Filtered{}},
		{Filter{Discipline: climb.Sport}, "1236", Filtered{OtherDisciplines: 2}},
		{Filter{LeadOnly: true}, "1246", Filtered{LeadOnly: 2}},
		{Filter{Style: "onsight,redpoint"}, "126", Filtered{OtherResults: 3}},
		{Filter{Style: "onsight", LeadOnly: true, Discipline: climb.Sport}, "16", Filtered{OtherDisciplines: 2, LeadOnly: 1, OtherResults: 1}},
	} {
		ticks, out := inScope(all, test.filter)
		var ids strings.Builder
		for _, t := range ticks {
			ids.WriteString(t.id)
		}
		if ids.String() != test.want || out != test.out {
			t.Errorf("%+v: ticks %s and %+v, want %s and %+v", test.filter, &ids, out, test.want, test.out)
		}
	}
}

func TestPreviousPeriodIsAsLongAndJustBefore(t *testing.T) {
	t.Parallel()
	for _, test := range [][4]string{
		{"2026-03-10", "2026-03-10", "2026-03-09", "2026-03-09"},
		{"2026-01-01", "2026-01-31", "2025-12-01", "2025-12-31"},
		{"2024-01-01", "2024-12-31", "2022-12-31", "2023-12-31"}, // of 366 days
		{"1601-01-01", "2000-12-31", "1201-01-01", "1600-12-31"}, // 400 years of the calendar, which are alike
	} {
		got := Filter{From: test[0], To: test[1]}.previous()
		if got.From != test[2] || got.To != test[3] {
			t.Errorf("%s to %s: %s to %s, want %s to %s", test[0], test[1], got.From, got.To, test[2], test[3])
		}
	}
}

func TestPitchesOfShortRoutesAreLaps(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule            string
		routeType       string
		pitches, length int
		laps            int
		multipitch      bool
	}{
		{"eight laps on 80 ft", "Sport", 8, 80, 8, false},
		{"a pitch", "Sport", 1, 100, 1, false},
		{"two pitches of 250 ft", "Trad", 2, 250, 1, true},
		{"a long pitch", "Sport", 1, 140, 1, true},
		{"several pitches of a length that nobody knows", "Trad", 3, 0, 1, true},
		{"a boulder of no length", "Boulder", 4, 0, 4, false},
		{"no pitches logged", "Sport", 0, 0, 1, false},
	} {
		tick := tick{disciplines: climb.DisciplinesOf(test.routeType, climb.Rating{}), pitches: test.pitches, lengthFeet: test.length}
		if tick.laps() != test.laps || tick.multipitch() != test.multipitch {
			t.Errorf("%s: %d laps, multipitch %v", test.rule, tick.laps(), tick.multipitch())
		}
	}
}

func TestFilterIsShownAsUnderstood(t *testing.T) {
	t.Parallel()
	body, err := json.Marshal(Filter{Area: "A > B", Style: "onsight", Today: "2026-01-01"})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"discipline":"","from":"","to":"","area":"A \u003e B","style":"onsight","scale":"","lead_only":false,"count_unknown":false,"compare":""}`
	if string(body) != want {
		t.Errorf("got  %s\nwant %s", body, want)
	}
	rule := Filter{Area: "A > B", Style: "onsight,flash", LeadOnly: true, CountUnknown: true}.rule()
	for _, part := range []string{"A > B", "onsight, flash", "top-rope", "as was asked"} {
		if !strings.Contains(rule, part) {
			t.Errorf("the rule does not say %s: %s", part, rule)
		}
	}
}

// The period with the most sends in one discipline is compared with the same discipline of the period before.
func TestComparedPeriodsAreOfOneDiscipline(t *testing.T) {
	t.Parallel()
	now := []tick{sport("1", "2026-02-01", "A", "5.9", "Onsight")}
	before := []tick{entry("2", "2026-01-31", "B", "V3", "Boulder", "Send", ""), entry("3", "2026-01-31", "C", "V3", "Boulder", "Send", ""), sport("4", "2026-01-31", "D", "5.8", "Onsight")}
	compute := func(_ core.App, _ string, filter Filter) (*Pyramid, error) {
		if filter.From == "2026-02-01" {
			return pyramidOf(now, filter), nil
		}
		return pyramidOf(before, filter), nil
	}
	data, err := of(compute)(nil, "", Filter{From: "2026-02-01", To: "2026-02-01", Compare: ComparePrevious})
	if err != nil {
		t.Fatal(err)
	}
	previous := data.basis().Previous.(*Pyramid)
	if previous.Discipline != climb.Sport || previous.Routes != 1 || previous.Filters.Discipline != "" {
		t.Errorf("compared with %d routes of %s", previous.Routes, previous.Discipline)
	}
}
