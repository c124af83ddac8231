package analytics

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/cragbase/cragbase/internal/climb"
)

func TestBreakthroughs(t *testing.T) {
	t.Parallel()
	vague := func(t tick, precision string) tick {
		t.precision = precision
		return t
	}
	for _, test := range []struct {
		rule    string
		ticks   []tick
		filter  Filter
		want    []string // "grade date route", with the days waited for a record: "-" when there are none to tell
		leftOut BreakthroughsLeftOut
	}{
		{"no ticks", nil, Filter{Discipline: climb.Sport}, nil, BreakthroughsLeftOut{}},
		{
			"the first send of each grade, the hardest first, each with the wait since the record before",
			[]tick{
				sport("1", "2025-01-01", "A", "5.10a", "Fell/Hung"), sport("2", "2025-01-02", "A", "5.10a", "Redpoint"), sport("3", "2025-01-05", "B", "5.10a", "Onsight"),
				sport("4", "2025-02-01", "C", "5.10c", "Redpoint"), sport("5", "2025-03-01", "D", "5.10d", "Pinkpoint"),
			},
			Filter{},
			[]string{"5.10d 2025-03-01 D record 28", "5.10c 2025-02-01 C record 30", "5.10a 2025-01-02 A record -"},
			BreakthroughsLeftOut{Attempts: 1},
		},
		{
			"an easier grade that came later is no record",
			[]tick{sport("1", "2025-01-01", "A", "5.11a", "Redpoint"), sport("2", "2025-02-01", "B", "5.10a", "Redpoint"), sport("3", "2025-03-01", "C", "5.11b", "Redpoint")},
			Filter{},
			[]string{"5.11b 2025-03-01 C record 59", "5.11a 2025-01-01 A record -", "5.10a 2025-02-01 B"},
			BreakthroughsLeftOut{},
		},
		{
			"two records of a day, in its order",
			[]tick{sport("1", "2025-01-01", "A", "5.10a", "Redpoint"), sport("2", "2025-01-01", "B", "5.10b", "Redpoint")},
			Filter{},
			[]string{"5.10b 2025-01-01 B record 0", "5.10a 2025-01-01 A record -"},
			BreakthroughsLeftOut{},
		},
		{
			"those within the dates, waited for since before them",
			[]tick{sport("1", "2025-01-01", "A", "5.10a", "Redpoint"), sport("2", "2025-02-01", "B", "5.10a", "Onsight"), sport("3", "2025-02-02", "C", "5.10b", "Redpoint"), sport("4", "2025-01-01", "D", "5.9", "")},
			Filter{From: "2025-02-01"},
			[]string{"5.10b 2025-02-02 C record 32"},
			BreakthroughsLeftOut{},
		},
		{
			"a year is no day to count from",
			[]tick{vague(sport("1", "2024-01-01", "A", "5.10a", "Redpoint"), "year"), sport("2", "2025-02-01", "B", "5.10b", "Onsight")},
			Filter{},
			[]string{"5.10b 2025-02-01 B record -", "5.10a 2024-01-01 A record -"},
			BreakthroughsLeftOut{},
		},
		{
			"of one result",
			[]tick{sport("1", "2025-01-01", "A", "5.10b", "Redpoint"), sport("2", "2025-02-01", "B", "5.10a", "Onsight"), sport("3", "2025-03-01", "C", "5.10b", "Onsight")},
			Filter{Style: "onsight"},
			[]string{"5.10b 2025-03-01 C record 28", "5.10a 2025-02-01 B record -"},
			BreakthroughsLeftOut{Filtered: Filtered{OtherResults: 1}},
		},
		{
			"what is left out is counted",
			[]tick{sport("1", "2025-01-01", "A", "?", "Redpoint"), sport("2", "2025-01-01", "B", "5.9", ""), entry("3", "2025-01-01", "C", "5.9", "Sport", "TR", ""), entry("4", "2025-01-01", "D", "V3", "Boulder", "Send", "")},
			Filter{Discipline: climb.Sport},
			nil,
			BreakthroughsLeftOut{Filtered: Filtered{OtherDisciplines: 1}, NoGrade: 1, Undetermined: 1, OtherStyles: 1},
		},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			got := breakthroughsOf(test.ticks, test.filter)
			var list []string
			for _, b := range got.Grades {
				line := fmt.Sprintf("%s %s %s", b.Grade, b.Date, b.RouteName)
				if b.Record {
					line += " record -"
				}
				if b.DaysWaited != nil {
					line = line[:len(line)-1] + fmt.Sprint(*b.DaysWaited)
				}
				list = append(list, line)
			}
			if !reflect.DeepEqual(list, test.want) {
				t.Errorf("\n got %q\nwant %q", list, test.want)
			}
			if got.LeftOut != test.leftOut {
				t.Errorf("left out\n got %+v\nwant %+v", got.LeftOut, test.leftOut)
			}
		})
	}
}

func TestBreakthroughsByResult(t *testing.T) {
	t.Parallel()
	got := breakthroughsOf([]tick{
		sport("1", "2025-01-01", "A", "5.10a", "Redpoint"), sport("2", "2025-01-02", "B", "5.10a", "Onsight"), sport("3", "2025-01-03", "C", "5.10a", "Onsight"), sport("4", "2025-01-04", "D", "5.10a", "Redpoint"),
	}, Filter{})
	want := []FirstSend{
		{"2025-01-02", "day", "B", "State > Area > B wall", climb.ResultOnsight, "2"},
		{"2025-01-01", "day", "A", "State > Area > A wall", climb.ResultRedpoint, "1"},
	}
	if !reflect.DeepEqual(got.Grades[0].Styles, want) {
		t.Errorf("\n got %+v\nwant %+v", got.Grades[0].Styles, want)
	}
}
