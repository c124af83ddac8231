package analytics

import (
	"reflect"
	"testing"

	"github.com/cragbase/cragbase/internal/climb"
)

func TestLengthClasses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule, routeType string
		pitches, feet   int
		want            string
	}{
		{"below 60 ft", "Sport", 1, 59, "short"},
		{"60 ft", "Sport", 1, 60, "medium"},
		{"below 85 ft", "Sport", 1, 84, "medium"},
		{"85 ft", "Sport", 1, 85, "long"},
		{"below 130 ft", "Sport", 1, 129, "long"},
		{"130 ft", "Sport", 1, 130, "multipitch"},
		{"laps do not make a short route a multipitch", "Sport", 8, 80, "medium"},
		{"several pitches of unknown length", "Trad", 3, 0, "multipitch"},
		{"laps on a boulder of unknown height", "Boulder", 3, 0, ""},
		{"one pitch of unknown length", "Sport", 1, 0, ""},
	} {
		tick := sized(tick{disciplines: climb.DisciplinesOf(test.routeType, climb.Rating{})}, test.pitches, test.feet)
		got := ""
		if class, ok := tick.lengthClass(); ok {
			got = lengthClasses[class].name
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.rule, got, test.want)
		}
	}
}

func TestLengths(t *testing.T) {
	t.Parallel()
	ticks := []tick{
		withPrecision("year", sized(sport("1", "2024-01-01", "A", "5.10a", "Onsight"), 1, 50)),
		sized(sport("2", "2024-05-01", "B", "5.9", "Redpoint"), 2, 50),
		sized(sport("3", "2024-05-02", "C", "5.12a", "Fell/Hung"), 1, 59),
		sized(sport("4", "2024-06-01", "B", "5.9", "Redpoint"), 1, 50),
		sized(sport("5", "2024-06-01", "D", "5.11a", "Redpoint"), 1, 40),
		sized(entry("6", "2024-06-01", "E", "V2", "Boulder", "Send", ""), 1, 12),
		sized(sport("7", "2024-06-01", "F", "5.9", ""), 1, 100),
		sized(sport("8", "2024-06-01", "G", "project", "Redpoint"), 1, 70),
		sized(sport("9", "2024-06-01", "H", "5.9", "Onsight"), 1, 0),
		sized(entry("10", "2024-06-02", "I", "5.8", "Trad", "Follow", ""), 6, 700),
	}
	got := lengthsOf(ticks, Filter{})
	feet, metre := func(n int) *int { return &n }, part
	for i, want := range []LengthClass{
		{
			"short", 0, feet(60), 0, metre(18.3), 6, 7, 5, 5, 1, part(0.8333), of5(67, "5.11a"),
			[]GradeCount{{"5.11a", 1}, {"5.10a", 1}, {"5.9", 1}},
			[]LengthMonth{
				{"2024-05", 3, 3, 1, 1, of5(54, "5.9"), of5(54, "5.9")},
				{"2024-06", 3, 6, 3, 0, of5(67, "5.11a"), of5(67, "5.11a")},
			},
		},
		{"medium", 60, feet(85), 18.3, metre(25.9), 1, 1, 1, 1, 0, part(1), nil, []GradeCount{}, []LengthMonth{{"2024-06", 1, 1, 1, 0, nil, nil}}},
		{"long", 85, feet(130), 25.9, metre(39.6), 1, 1, 1, 0, 0, nil, nil, []GradeCount{}, []LengthMonth{{"2024-06", 1, 1, 0, 0, nil, nil}}},
		{"multipitch", 130, nil, 39.6, nil, 1, 6, 1, 0, 0, nil, nil, []GradeCount{}, []LengthMonth{{"2024-06", 6, 6, 0, 0, nil, nil}}},
	} {
		if !reflect.DeepEqual(got.Classes[i], want) {
			t.Errorf("%s\n got %s\nwant %s", want.Class, asJSON(got.Classes[i]), asJSON(want))
		}
	}
	if got.LeftOut != (LengthsLeftOut{UnknownLength: 1, NoGrade: 1, NoMonth: 1}) || got.Discipline != climb.Sport {
		t.Errorf("of %s, left out %+v", got.Discipline, got.LeftOut)
	}
	empty := lengthsOf(nil, Filter{})
	for _, class := range empty.Classes {
		if class.Grades == nil || class.Months == nil || class.SendRate != nil || class.Max != nil {
			t.Errorf("an empty logbook: %s", asJSON(class))
		}
	}
	if len(empty.Classes) != 4 {
		t.Errorf("%d classes", len(empty.Classes))
	}
}

// A month without a new best keeps the running maximum and has its own.
func TestLengthsRunningMaximum(t *testing.T) {
	t.Parallel()
	ticks := []tick{
		sized(sport("1", "2024-05-01", "A", "5.11a", "Redpoint"), 1, 50), sized(sport("2", "2024-06-01", "B", "5.9", "Redpoint"), 1, 50),
		sized(sport("3", "2024-07-01", "C", "5.9", "Fell/Hung"), 1, 50),
	}
	got := lengthsOf(ticks, Filter{}).Classes[0].Months
	want := []LengthMonth{
		{"2024-05", 1, 1, 1, 0, of5(67, "5.11a"), of5(67, "5.11a")},
		{"2024-06", 1, 2, 1, 0, of5(54, "5.9"), of5(67, "5.11a")},
		{"2024-07", 1, 3, 0, 1, nil, of5(67, "5.11a")},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %s, want %s", asJSON(got), asJSON(want))
	}
}
