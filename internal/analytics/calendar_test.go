package analytics

import (
	"reflect"
	"testing"
)

func TestCalendar(t *testing.T) {
	t.Parallel()
	ticks := []tick{
		withPrecision("year", sized(sport("1", "2024-01-01", "A", "5.9", "Onsight"), 2, 0)),
		sized(sport("2", "2024-12-28", "A", "5.9", "Onsight"), 3, 0), // a Saturday
		sized(sport("3", "2024-12-28", "B", "5.9", "Fell/Hung"), 1, 0),
		sized(sport("4", "2024-12-29", "B", "5.9", "Redpoint"), 1, 0), // the Sunday of the same week
		sized(sport("5", "2025-01-05", "C", "5.9", ""), 1, 0),         // the Sunday of the next week
		withPrecision("month", sized(sport("6", "2025-02-01", "D", "5.9", "Onsight"), 4, 0)),
		sized(sport("7", "2025-02-01", "E", "5.9", "Onsight"), 1, 0), // a Saturday
	}
	got := calendarOf(ticks, Filter{})
	weekday := func(n int, name string, days, ticks, pitches int) CalendarWeekday {
		return CalendarWeekday{n, name, days, ticks, pitches}
	}
	for _, test := range []struct {
		what      string
		got, want any
	}{
		{"totals: four dates, but all ticks", got.Totals, CalendarTotals{4, 7, 13}},
		{"squares of days: only known ones", got.Days, []CalendarDay{
			{"2024-12-28", 2, 4, 1, 6}, {"2024-12-29", 1, 1, 1, 7}, {"2025-01-05", 1, 1, 0, 7}, {"2025-02-01", 1, 1, 1, 6},
		}},
		{"weeks begin on Mondays", got.Weeks, []CalendarWeek{
			{Period{"2024-W52", "2024-12-23", "2024-12-29"}, 2, 3, 5},
			{Period{"2025-W01", "2024-12-30", "2025-01-05"}, 1, 1, 1},
			{Period{"2025-W05", "2025-01-27", "2025-02-02"}, 1, 1, 1},
		}},
		{"months: days / (days of the month / 7), and pitches of what lacks the day", got.Months, []CalendarMonth{
			{2024, 12, "Winter, 2024-2025", 2, 0.45, 3, 5}, {2025, 1, "Winter, 2024-2025", 1, 0.23, 1, 1}, {2025, 2, "Winter, 2024-2025", 1, 0.25, 2, 5},
		}},
		{"years", got.Years, []CalendarYear{{2024, 2, 0.04, 4, 7}, {2025, 2, 0.04, 3, 6}}},
		{"weekdays: all seven", got.Weekdays, []CalendarWeekday{
			weekday(1, "Monday", 0, 0, 0), weekday(2, "Tuesday", 0, 0, 0), weekday(3, "Wednesday", 0, 0, 0), weekday(4, "Thursday", 0, 0, 0), weekday(5, "Friday", 0, 0, 0),
			weekday(6, "Saturday", 2, 3, 5), weekday(7, "Sunday", 2, 2, 2),
		}},
		{"streaks", got.Streaks, CalendarStreaks{
			Days:        &Streak{2, "2024-12-28", "2024-12-29"},
			Weeks:       &Streak{2, "2024-12-23", "2025-01-05"},
			LatestWeeks: &Streak{1, "2025-01-27", "2025-02-02"},
			Break:       &Streak{26, "2025-01-06", "2025-01-31"},
		}},
		{"left out", got.LeftOut, CalendarLeftOut{NoDay: 2, NoMonth: 1}},
	} {
		if !reflect.DeepEqual(test.got, test.want) {
			t.Errorf("%s\n got %s\nwant %s", test.what, asJSON(test.got), asJSON(test.want))
		}
	}
	// 4 days in the 36 days from the first to the last
	if *got.FirstDay != "2024-12-28" || *got.LastDay != "2025-02-01" || *got.DaysPerWeek != 0.78 {
		t.Errorf("%s to %s, %v days in a week", *got.FirstDay, *got.LastDay, *got.DaysPerWeek)
	}
}

func TestCalendarOfLittle(t *testing.T) {
	t.Parallel()
	one := calendarOf([]tick{sport("1", "2026-01-01", "A", "5.9", "")}, Filter{})
	if *one.DaysPerWeek != 1 || one.Streaks.Days.Length != 1 || one.Streaks.Break != nil {
		t.Errorf("one day: %s", asJSON(one))
	}
	for rule, ticks := range map[string][]tick{"nothing": nil, "a month alone": {withPrecision("month", sport("1", "2026-01-01", "A", "5.9", ""))}} {
		got := calendarOf(ticks, Filter{})
		if got.FirstDay != nil || got.DaysPerWeek != nil || got.Streaks != (CalendarStreaks{}) || got.Days == nil || got.Weeks == nil ||
			got.Months == nil || got.Years == nil || len(got.Weekdays) != 7 || got.Totals.Days != 0 || got.Totals.Ticks != len(ticks) {
			t.Errorf("%s: %s", rule, asJSON(got))
		}
	}
}

func TestStreaks(t *testing.T) {
	t.Parallel()
	days := []string{"2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01", "2024-05-01", "2024-05-02", "2024-05-03", "2024-05-04", "2024-05-06"}
	longest, last := longestRun(days, 1)
	if want := (Streak{4, "2024-02-27", "2024-03-01"}); *longest != want { // over a leap day; the later run of four is as long
		t.Errorf("longest %+v, want %+v", *longest, want)
	}
	if want := (Streak{1, "2024-05-06", "2024-05-06"}); *last != want {
		t.Errorf("last %+v, want %+v", *last, want)
	}
	if got, want := longestBreak(days), (Streak{60, "2024-03-02", "2024-04-30"}); *got != want {
		t.Errorf("break %+v, want %+v", *got, want)
	}
	if longest, last := longestRun(nil, 7); longest != nil || last != nil || longestBreak(days[:4]) != nil {
		t.Error("a run of nothing, or a break without a free day")
	}
}
