package analytics

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/cragbase/cragbase/internal/climb"
)

// told gives a tick the number of tries that its source tells.
func told(t tick, attempts int) tick {
	t.attempts = attempts
	return t
}

func TestAttempts(t *testing.T) {
	t.Parallel()
	fell := func(id, date, route string) tick { return sport(id, date, route, "5.12a", "Fell/Hung") }
	redpoint := func(id, date, route string) tick { return sport(id, date, route, "5.12a", "Redpoint") }
	for _, test := range []struct {
		rule    string
		ticks   []tick
		filter  Filter
		want    []string // "route tries/days from first to send"
		leftOut AttemptsLeftOut
	}{
		{"no ticks", nil, Filter{Discipline: climb.Sport}, nil, AttemptsLeftOut{}},
		{
			"up to and including the first send, in day order; what comes after is a repeat",
			[]tick{fell("1", "2025-01-01", "A"), fell("2", "2025-01-01", "A"), redpoint("3", "2025-01-05", "A"), redpoint("4", "2025-01-06", "A"), fell("5", "2025-01-07", "A")},
			Filter{},
			[]string{"A 3/2 2025-01-01 2025-01-05"},
			AttemptsLeftOut{},
		},
		{
			"laps on a short route are tries, the pitches of a long one are not",
			[]tick{laps(fell("1", "2025-01-01", "A"), 4, 80), redpoint("2", "2025-01-02", "A"), laps(fell("3", "2025-01-01", "B"), 4, 400), laps(redpoint("4", "2025-01-01", "B"), 4, 400)},
			Filter{},
			[]string{"A 5/2 2025-01-01 2025-01-02", "B 2/1 2025-01-01 2025-01-01"},
			AttemptsLeftOut{},
		},
		{
			"laps of the sending tick count as tries",
			[]tick{laps(redpoint("1", "2025-01-01", "A"), 3, 60)},
			Filter{},
			[]string{"A 3/1 2025-01-01 2025-01-01"},
			AttemptsLeftOut{},
		},
		{
			"an onsight or a flash is the first try, whatever else is logged",
			[]tick{sport("1", "2025-01-01", "A", "5.12a", "Onsight"), laps(sport("2", "2025-01-01", "B", "5.12a", "Flash"), 2, 60), fell("3", "2024-01-01", "C"), sport("4", "2025-01-01", "C", "5.12a", "Flash")},
			Filter{},
			[]string{"A 1/1 2025-01-01 2025-01-01", "B 1/1 2025-01-01 2025-01-01", "C 1/1 2025-01-01 2025-01-01"},
			AttemptsLeftOut{},
		},
		{
			"what the source tells counts, with days only where the logbook has them",
			[]tick{told(redpoint("1", "2025-01-01", "A"), 2), told(redpoint("2", "2025-01-01", "B"), 7), fell("3", "2025-01-01", "C"), told(redpoint("4", "2025-01-09", "C"), 6), told(entry("5", "2025-01-01", "D", "5.12a", "Sport", "Lead", "Redpoint"), 1)},
			Filter{},
			[]string{"B 7/- 2025-01-01 2025-01-01", "C 6/2 2025-01-01 2025-01-09", "A 2/- 2025-01-01 2025-01-01", "D 1/1 2025-01-01 2025-01-01"},
			AttemptsLeftOut{},
		},
		{
			"what a try before the send tells counts, where it is more than the laps",
			[]tick{told(fell("1", "2025-01-01", "A"), 5), redpoint("2", "2025-01-02", "A"), told(fell("3", "2025-01-01", "B"), 2), laps(fell("4", "2025-01-02", "B"), 4, 60), redpoint("5", "2025-01-03", "B")},
			Filter{},
			[]string{"B 6/3 2025-01-01 2025-01-03", "A 5/2 2025-01-01 2025-01-02"},
			AttemptsLeftOut{},
		},
		{
			"a send that tells fewer tries than the logbook has took those of the logbook",
			[]tick{laps(fell("1", "2025-01-01", "A"), 4, 60), told(redpoint("2", "2025-01-02", "A"), 2), told(laps(redpoint("3", "2025-01-01", "B"), 3, 60), 2)},
			Filter{},
			[]string{"A 5/2 2025-01-01 2025-01-02", "B 3/1 2025-01-01 2025-01-01"},
			AttemptsLeftOut{},
		},
		{
			"what is told after the first send is of a repeat",
			[]tick{fell("1", "2025-01-01", "A"), redpoint("2", "2025-01-02", "A"), told(redpoint("3", "2025-01-03", "A"), 9)},
			Filter{},
			[]string{"A 2/2 2025-01-01 2025-01-02"},
			AttemptsLeftOut{},
		},
		{
			"a send that tells its tries is the first one, whatever came before without a result",
			[]tick{told(fell("1", "2025-01-01", "A"), 3), sport("2", "2025-01-02", "A", "5.12a", ""), told(redpoint("3", "2025-01-03", "A"), 6), told(fell("4", "2025-01-01", "B"), 3), sport("5", "2025-01-02", "B", "5.12a", ""), redpoint("6", "2025-01-03", "B")},
			Filter{},
			[]string{"A 6/3 2025-01-01 2025-01-03"},
			AttemptsLeftOut{RoutesUndetermined: 1},
		},
		{
			"a send of a month or a year comes after the days of it, and days count only where they are known",
			[]tick{
				withPrecision("month", redpoint("1", "2023-04-01", "A")), fell("2", "2023-04-02", "A"), fell("3", "2023-04-30", "A"), fell("4", "2023-05-01", "A"),
				withPrecision("year", redpoint("5", "2023-01-01", "B")), fell("6", "2023-12-31", "B"), fell("7", "2024-01-01", "B"),
				withPrecision("year", redpoint("8", "2023-01-01", "C")), withPrecision("month", redpoint("9", "2023-12-01", "C")), fell("10", "2023-12-02", "C"),
			},
			Filter{},
			[]string{"A 3/2 2023-04-02 2023-04-01 month", "C 2/1 2023-12-02 2023-12-01 month", "B 2/1 2023-12-31 2023-01-01 year"},
			AttemptsLeftOut{},
		},
		{
			"tries of a month come first in it, and a day that is known is the first send's",
			[]tick{withPrecision("month", fell("1", "2023-04-01", "A")), withPrecision("month", redpoint("2", "2023-04-01", "A")), redpoint("3", "2023-04-01", "A")},
			Filter{},
			[]string{"A 2/1 2023-04-01 month 2023-04-01"},
			AttemptsLeftOut{},
		},
		{
			"no day is known",
			[]tick{withPrecision("year", fell("1", "2023-01-01", "A")), withPrecision("month", redpoint("2", "2023-05-01", "A")), withPrecision("year", sport("3", "2023-01-01", "B", "5.12a", "Onsight"))},
			Filter{},
			[]string{"A 2/- 2023-01-01 year 2023-05-01 month", "B 1/- 2023-01-01 year 2023-01-01 year"},
			AttemptsLeftOut{},
		},
		{
			"a redpoint out of nothing took an unknown number of tries",
			[]tick{redpoint("1", "2025-01-01", "A"), sport("2", "2025-01-01", "B", "5.12a", "Pinkpoint")},
			Filter{},
			nil,
			AttemptsLeftOut{RoutesTriesUnknown: 2},
		},
		{
			"a tick without a result before the send may have been the first one",
			[]tick{fell("1", "2025-01-01", "A"), sport("2", "2025-01-02", "A", "5.12a", ""), redpoint("3", "2025-01-03", "A")},
			Filter{},
			nil,
			AttemptsLeftOut{RoutesUndetermined: 1},
		},
		{
			"and is it, when unknown results count as sends",
			[]tick{fell("1", "2025-01-01", "A"), sport("2", "2025-01-02", "A", "5.12a", ""), redpoint("3", "2025-01-03", "A")},
			Filter{CountUnknown: true},
			[]string{"A 2/2 2025-01-01 2025-01-02"},
			AttemptsLeftOut{},
		},
		{
			"tries on top-rope count, unless only leads do",
			[]tick{entry("1", "2025-01-01", "A", "5.12a", "Sport", "TR", ""), fell("2", "2025-01-02", "A"), redpoint("3", "2025-01-03", "A")},
			Filter{},
			[]string{"A 3/3 2025-01-01 2025-01-03"},
			AttemptsLeftOut{},
		},
		{
			"leads only",
			[]tick{entry("1", "2025-01-01", "A", "5.12a", "Sport", "TR", ""), fell("2", "2025-01-02", "A"), redpoint("3", "2025-01-03", "A")},
			Filter{LeadOnly: true},
			[]string{"A 2/2 2025-01-02 2025-01-03"},
			AttemptsLeftOut{Filtered: Filtered{LeadOnly: 1}},
		},
		{
			"never sent, and sent without a known grade",
			[]tick{fell("1", "2025-01-01", "A"), sport("2", "2025-01-01", "B", "?", "Onsight")},
			Filter{Discipline: climb.Sport},
			nil,
			AttemptsLeftOut{RoutesNotSent: 1, RoutesNoGrade: 1},
		},
		{
			"the send is within the dates, its tries may be before them",
			[]tick{fell("1", "2025-01-01", "A"), redpoint("2", "2025-02-01", "A"), fell("3", "2025-01-01", "B"), redpoint("4", "2025-01-02", "B"), redpoint("5", "2025-02-02", "B")},
			Filter{From: "2025-01-15"},
			[]string{"A 2/2 2025-01-01 2025-02-01"},
			AttemptsLeftOut{RoutesOtherDates: 1},
		},
		{
			"the results asked for are those of first sends",
			[]tick{fell("1", "2025-01-01", "A"), redpoint("2", "2025-02-01", "A"), sport("3", "2025-01-01", "B", "5.12a", "Onsight"), redpoint("4", "2025-01-02", "B")},
			Filter{Style: "redpoint"},
			[]string{"A 2/2 2025-01-01 2025-02-01"},
			AttemptsLeftOut{RoutesOtherResults: 1},
		},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			got := attemptsOf(test.ticks, test.filter)
			var list []string
			for _, grade := range got.Grades {
				for _, r := range grade.Routes {
					days := "-"
					if r.Days != nil {
						days = fmt.Sprint(*r.Days)
					}
					first, sent := dated(r.FirstDate, r.FirstDatePrecision), dated(r.Date, r.DatePrecision)
					list = append(list, fmt.Sprintf("%s %d/%s %s %s", r.RouteName, r.Tries, days, first, sent))
				}
			}
			if !reflect.DeepEqual(list, test.want) || got.Routes != len(list) {
				t.Errorf("%d routes\n got %q\nwant %q", got.Routes, list, test.want)
			}
			if got.LeftOut != test.leftOut {
				t.Errorf("left out\n got %+v\nwant %+v", got.LeftOut, test.leftOut)
			}
		})
	}
}

// dated writes a date with its precision, unless it is a day.
func dated(date, precision string) string { return strings.TrimSuffix(date+" "+precision, " day") }

// Tries 1, 1, 2 and 6 over 1, 1, 1 and 3 days at 5.10a, none at 5.10b, and 3 tries of unknown days at 5.10c.
func TestAttemptsByGrade(t *testing.T) {
	t.Parallel()
	var ticks []tick
	for i, id := range []string{"1", "2"} {
		ticks = append(ticks, sport(id, fmt.Sprintf("2025-01-0%d", i+1), "Easy "+id, "5.10a", "Onsight"))
	}
	ticks = append(ticks, sport("3", "2025-01-03", "C", "5.10a", "Fell/Hung"), sport("4", "2025-01-03", "C", "5.10a", "Redpoint"))
	for i := range 5 {
		ticks = append(ticks, sport(fmt.Sprint("d", i), fmt.Sprintf("2025-02-0%d", 1+i/2), "D", "5.10a", "Fell/Hung"))
	}
	ticks = append(ticks, sport("d5", "2025-02-03", "D", "5.10a", "Redpoint"), told(sport("e", "2025-02-04", "E", "5.10c", "Redpoint"), 3))
	got := attemptsOf(ticks, Filter{})
	if want := "1 1.5 2.5 6"; spreadText(got.Grades[2].Tries) != want || got.Grades[2].FirstTry != 2 || got.Grades[2].Count != 4 {
		t.Errorf("tries at %s: %s, %d at first try; want %s", got.Grades[2].Grade, spreadText(got.Grades[2].Tries), got.Grades[2].FirstTry, want)
	}
	if want := "1 1 1.5 3"; spreadText(got.Grades[2].Days) != want {
		t.Errorf("days at 5.10a: %s, want %s", spreadText(got.Grades[2].Days), want)
	}
	if got.Grades[1].Grade != "5.10b" || got.Grades[1].Count != 0 || got.Grades[1].Tries != (Spread{}) || got.Grades[1].Routes == nil {
		t.Errorf("the gap is %+v", got.Grades[1])
	}
	if got.Grades[0].Grade != "5.10c" || spreadText(got.Grades[0].Tries) != "3 3 3 3" || got.Grades[0].Days != (Spread{}) {
		t.Errorf("the hardest is %+v", got.Grades[0])
	}
	if want := "1 2 2.6 6"; got.Routes != 5 || got.FirstTry != 2 || spreadText(got.Tries) != want {
		t.Errorf("all: %d routes, %d at first try, tries %s, want %s", got.Routes, got.FirstTry, spreadText(got.Tries), want)
	}
}

func spreadText(s Spread) string {
	return fmt.Sprint(*s.Min, " ", *s.Median, " ", *s.Average, " ", *s.Max)
}
