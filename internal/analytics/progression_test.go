package analytics

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/cragbase/cragbase/internal/climb"
)

// of5 writes a place on the axis of the Yosemite scale.
func of5(score float64, grade string) *GradeValue { return &GradeValue{score, grade} }

// withPrecision is a tick of which only the month or the year is known.
func withPrecision(precision string, t tick) tick {
	t.precision = precision
	return t
}

// progress is a logbook whose figures were worked out by hand. The scores are the lower middles of sandbag's ranges:
// 5.9 54, 5.10a 59, 5.11a 67, 5.12a 75, 5.12b 76.
func progress() []tick {
	return []tick{
		sport("1", "2024-09-10", "A", "5.10a", "Onsight"),
		sport("2", "2024-11-30", "B", "5.12a", "Redpoint"),
		sport("3", "2024-12-01", "C", "5.11a", "Flash"),
		withPrecision("year", sport("4", "2025-01-01", "D", "5.13a", "Redpoint")),
		sport("5", "2025-01-15", "E", "5.12b", "Pinkpoint"),
		sport("6", "2025-02-28", "E", "5.12b", "Redpoint"), // a repeat
		sport("7", "2025-02-28", "F", "5.13d", "Fell/Hung"),
		sport("8", "2025-02-28", "G", "project", "Redpoint"),
		sport("9", "2025-02-28", "H", "5.13d", ""),
		entry("10", "2025-02-28", "I", "5.13d", "Sport", "Solo", ""),
		entry("11", "2025-02-28", "J", "V9", "Boulder", "Send", ""),
		withPrecision("month", sport("12", "2025-03-01", "K", "5.9", "Onsight")),
	}
}

func TestProgressionBySeason(t *testing.T) {
	t.Parallel()
	gap := func(n int) *int { return &n }
	got := progressionOf(progress(), Filter{})
	want := []ProgressionPeriod{
		{ // 59, 75: the quartiles are a quarter and three quarters of the way
			Period: Period{"Fall, 2024", "2024-09-01", "2024-11-30"}, Sends: 2, Routes: 2,
			Max: *of5(75, "5.12a"), TopMean: *of5(67, "5.11a"), Median: *of5(67, "5.11a"),
			LowerQuartile: *of5(63, "5.10b"), UpperQuartile: *of5(71, "5.11c"), Min: *of5(59, "5.10a"),
			Onsight: of5(59, "5.10a"), Redpoint: of5(75, "5.12a"),
			Running: ProgressionRunning{*of5(75, "5.12a"), of5(59, "5.10a"), of5(75, "5.12a"), gap(8)},
		},
		{ // 67, 76 and 76 of one route: the top mean has the route once; a flash of a route is no onsight
			Period: Period{"Winter, 2024-2025", "2024-12-01", "2025-02-28"}, Sends: 3, Routes: 2,
			Max: *of5(76, "5.12b"), TopMean: *of5(71.5, "5.11c"), Median: *of5(76, "5.12b"),
			LowerQuartile: *of5(71.5, "5.11c"), UpperQuartile: *of5(76, "5.12b"), Min: *of5(67, "5.11a"),
			Redpoint: of5(76, "5.12b"),
			Running:  ProgressionRunning{*of5(76, "5.12b"), of5(59, "5.10a"), of5(76, "5.12b"), gap(9)},
		},
		{ // an easy spring does not lower the running maximum
			Period: Period{"Spring, 2025", "2025-03-01", "2025-05-31"}, Sends: 1, Routes: 1,
			Max: *of5(54, "5.9"), TopMean: *of5(54, "5.9"), Median: *of5(54, "5.9"),
			LowerQuartile: *of5(54, "5.9"), UpperQuartile: *of5(54, "5.9"), Min: *of5(54, "5.9"),
			Onsight: of5(54, "5.9"),
			Running: ProgressionRunning{*of5(76, "5.12b"), of5(59, "5.10a"), of5(76, "5.12b"), gap(9)},
		},
	}
	if !reflect.DeepEqual(got.Seasons, want) {
		t.Errorf("seasons\n got %s\nwant %s", asJSON(got.Seasons), asJSON(want))
	}
	leftOut := ProgressionLeftOut{Filtered: Filtered{OtherDisciplines: 1}, NoGrade: 1, NoMonth: 1, Undetermined: 1, Attempts: 1, OtherStyles: 1}
	if got.LeftOut != leftOut {
		t.Errorf("left out\n got %+v\nwant %+v", got.LeftOut, leftOut)
	}
	if first, last := got.Grades[0], got.Grades[len(got.Grades)-1]; first.Grade != "5.9" || last.Grade != "5.12b" || len(got.Grades) != 11 {
		t.Errorf("the axis goes from %v to %v in %d steps", first, last, len(got.Grades))
	}
	var months []string
	for _, month := range got.Months {
		months = append(months, month.Name)
	}
	if want := []string{"2024-09", "2024-11", "2024-12", "2025-01", "2025-02", "2025-03"}; !reflect.DeepEqual(months, want) {
		t.Errorf("months %v, want %v", months, want)
	}
}

func TestProgressionLines(t *testing.T) {
	t.Parallel()
	boulders := []tick{
		entry("1", "2026-01-01", "A", "V3", "Boulder", "Flash", ""), entry("2", "2026-01-01", "B", "V5", "Boulder", "Send", ""),
		entry("3", "2026-02-01", "C", "V6", "Boulder", "Flash", ""), sport("4", "2026-02-01", "D", "5.9", ""),
	}
	for _, test := range []struct {
		rule   string
		ticks  []tick
		filter Filter
		want   string // of the last month: onsight, redpoint, and the running maximum, onsight, redpoint and gap
	}{
		{"a flash of a boulder counts as an onsight, and a send as a redpoint; the gap is negative when the onsight is harder", boulders, Filter{}, `V6 - V6 V6 V5 -1`},
		{"another scale has its own steps", boulders, Filter{Scale: climb.Font}, `7A - 7A 7A 6C -2`},
		{"what was before the first day counts in the running figures alone", progress(), Filter{From: "2025-03-01"}, `5.9 - 5.12b 5.10a 5.12b 9`},
		{"what is after the last day counts nowhere", progress()[:2], Filter{To: "2024-11-30"}, `- 5.12a 5.12a 5.10a 5.12a 8`},
		{"a tick without a result counts when asked, on no line", boulders[3:], Filter{CountUnknown: true}, `- - 5.9 - - -`},
		{"results that were not asked for count nowhere", progress(), Filter{Style: "onsight"}, `5.9 - 5.10a 5.10a - -`},
	} {
		months := progressionOf(test.ticks, test.filter).Months
		last := months[len(months)-1]
		got := ""
		for _, value := range []*GradeValue{last.Onsight, last.Redpoint, &last.Running.Max, last.Running.Onsight, last.Running.Redpoint} {
			if value == nil {
				value = &GradeValue{Grade: "-"}
			}
			got += value.Grade + " "
		}
		if last.Running.Gap == nil {
			got += "-"
		} else {
			got += asJSON(*last.Running.Gap)
		}
		if got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.rule, got, test.want)
		}
	}
}

func TestProgressionOfNothing(t *testing.T) {
	t.Parallel()
	for rule, ticks := range map[string][]tick{"no ticks": nil, "no sends": {sport("1", "2026-01-01", "A", "5.9", "Fell/Hung")}} {
		got := progressionOf(ticks, Filter{})
		if got.Grades == nil || got.Seasons == nil || got.Months == nil || len(got.Grades)+len(got.Seasons)+len(got.Months) > 0 || got.Discipline != climb.Sport {
			t.Errorf("%s: %s", rule, asJSON(got))
		}
	}
}

func TestTopMeanIsOverTheFiveHardestRoutes(t *testing.T) {
	t.Parallel()
	routes := map[string]int{"a": 10, "b": 20, "c": 30, "d": 40, "e": 50, "f": 60, "g": 1}
	if got := topMean(routes); got != 40 { // (20 + 30 + 40 + 50 + 60) / 5
		t.Errorf("got %v", got)
	}
	if got := topMean(map[string]int{"a": 10, "b": 13}); got != 11.5 {
		t.Errorf("of two: %v", got)
	}
}

func asJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
