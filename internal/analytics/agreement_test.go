package analytics

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/cragbase/cragbase/internal/climb"
)

// anyTick draws a tick of a small world, in which days, routes and places meet often.
func anyTick(id int) *rapid.Generator[tick] {
	return rapid.Custom(func(t *rapid.T) tick {
		kind := rapid.SampledFrom([][3]string{
			{"Sport", "5.9", "Lead"},
			{"Sport", "5.12a", "Lead"},
			{"Trad, Sport", "5.10c/d", "Lead"},
			{"Trad", "5.8 V3", "TR"},
			{"Boulder", "V4", "Send"},
			{"Boulder", "V2", "Attempt"},
			{"Trad, Aid", "5.9 C2", "Follow"},
			{"Ice", "WI4", "Lead"},
			{"Sport", "project", "Lead"},
			{"TR", "5.7", "TR"},
		}).Draw(t, "kind")
		lead := ""
		if kind[2] == "Lead" {
			lead = rapid.SampledFrom([]string{"", "Onsight", "Flash", "Redpoint", "Pinkpoint", "Fell/Hung"}).Draw(t, "lead")
		}
		month := rapid.IntRange(0, 40).Draw(t, "month")
		date := fmt.Sprintf("%d-%02d-", 2022+month/12, 1+month%12) + rapid.SampledFrom([]string{"01", "02", "13", "28"}).Draw(t, "day")
		got := entry(fmt.Sprint(id), date, fmt.Sprint("route ", rapid.IntRange(0, 9).Draw(t, "route")), kind[1], kind[0], kind[2], lead)
		got.precision = rapid.SampledFrom([]string{"", "", "", "", "month", "year"}).Draw(t, "precision")
		switch got.precision {
		case "month":
			got.date = date[:8] + "01"
		case "year":
			got.date = date[:5] + "01-01"
		}
		got.location = rapid.SampledFrom([]string{"", "Peru", "Utah > Zion", "Utah > Zion > Wall", "Utah > Moab > Wall > Left", "Utah > A > B > C > D > E > F"}).Draw(t, "location")
		got.pitches, got.lengthFeet = rapid.IntRange(1, 6).Draw(t, "pitches"), rapid.SampledFrom([]int{0, 40, 80, 129, 130, 900}).Draw(t, "length")
		got.traits = rapid.SampledFrom([]string{"", "null", `["slab"]`, `["crimpy","overhang"]`}).Draw(t, "traits")
		got.feel = rapid.SampledFrom([]string{"", "soft", "hard"}).Draw(t, "feel")
		return got
	})
}

// anyLogbook draws ticks in the order of their days, as load returns them.
func anyLogbook(t *rapid.T) []tick {
	ticks := make([]tick, rapid.IntRange(0, 60).Draw(t, "ticks"))
	for i := range ticks {
		ticks[i] = anyTick(i).Draw(t, "tick")
	}
	slices.SortStableFunc(ticks, func(a, b tick) int { return cmp.Compare(a.date, b.date) })
	return ticks
}

func anyFilter(t *rapid.T) Filter {
	return Filter{
		Discipline: rapid.SampledFrom([]climb.Discipline{"", "", climb.Sport, climb.Boulder, climb.Aid}).Draw(t, "discipline"),
		Style:      rapid.SampledFrom([]string{"", "", "onsight,redpoint"}).Draw(t, "style"),
		LeadOnly:   rapid.Bool().Draw(t, "lead only"), CountUnknown: rapid.Bool().Draw(t, "count unknown"),
	}
}

// Whatever the logbook and the filter, the charts tell of the same ticks.
func TestChartsAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ticks, filter := anyLogbook(t), anyFilter(t)
		overview, calendar, volume, locations, lengths := overviewOf(ticks, filter), calendarOf(ticks, filter), volumeOf(ticks, filter), locationsOf(ticks, filter), lengthsOf(ticks, filter)
		styles, err := stylesOf(ticks, filter)
		if err != nil {
			t.Fatal(err)
		}
		total := overview.Totals
		inYears, inMonths := 0, 0
		for _, year := range volume.Years {
			inYears += year.Pitches
		}
		for _, month := range volume.Months {
			inMonths += month.Ticks
		}
		ofDays, inWeeks, onWeekdays := 0, 0, 0
		for _, d := range calendar.Days {
			ofDays += d.Ticks
		}
		for _, week := range calendar.Weeks {
			inWeeks += week.Days
		}
		for _, weekday := range calendar.Weekdays {
			onWeekdays += weekday.Days
		}
		split, byFeel := 0, styles.Feel.Soft+styles.Feel.Hard+styles.Feel.NotSaid
		for _, style := range styles.Split {
			split += style.Sends
		}
		inClasses := lengths.LeftOut.UnknownLength
		for _, class := range lengths.Classes {
			inClasses += class.Ticks
		}
		for what, figures := range map[string][]int{
			"pitches": {total.Pitches, volume.Totals.Pitches, inYears, calendar.Totals.Pitches},
			"ticks":   {total.Ticks, volume.Totals.Ticks, inMonths + volume.LeftOut.NoMonth, ofDays + calendar.LeftOut.NoDay, locations.Totals.Ticks + locations.LeftOut.NoLocation, inClasses},
			"ticks of the styles": {
				total.Ticks, styles.Sends + styles.LeftOut.Attempts + styles.LeftOut.Undetermined + styles.LeftOut.OtherStyles,
			},
			"routes":   {total.Routes, volume.Totals.Routes},
			"sends":    {total.Sends, styles.Sends, split, byFeel},
			"attempts": {total.Attempts, styles.LeftOut.Attempts},
			"days":     {total.Days, calendar.Totals.Days, len(calendar.Days), inWeeks, onWeekdays},
		} {
			if slices.Min(figures) != slices.Max(figures) {
				t.Errorf("%s: %v", what, figures)
			}
		}
		checkSums(t, volume)
		checkTree(t, locations.Tree, locations.Totals)
		checkProgression(t, progressionOf(ticks, filter), ticks, filter)
	})
}

// The sums end with the totals, and never fall.
func checkSums(t *rapid.T, volume *Volume) {
	last := CumulativePoint{}
	for _, point := range volume.Cumulative {
		if point.Month <= last.Month || point.Ticks <= last.Ticks || point.VerticalFeet <= last.VerticalFeet {
			t.Errorf("%+v after %+v", point, last)
		}
		last = point
	}
	if total := volume.Totals; last.Ticks != total.Ticks || last.Pitches != total.Pitches || last.VerticalFeet != total.VerticalFeet || total.EstimatedFeet > total.VerticalFeet {
		t.Errorf("the sums end with %+v, the totals are %+v", last, total)
	}
}

// A place has what was logged there and what its parts have.
func checkTree(t *rapid.T, tree []LocationNode, totals LocationTotals) {
	ticks, pitches := 0, 0
	for _, row := range tree {
		ticks += row.Ticks
		pitches += row.Pitches
		checkTree(t, row.Children, LocationTotals{Ticks: row.Ticks - row.DirectTicks, Pitches: row.Pitches - row.DirectPitches})
	}
	if ticks != totals.Ticks || pitches != totals.Pitches {
		t.Errorf("places sum to %d ticks and %d pitches, not %d and %d", ticks, pitches, totals.Ticks, totals.Pitches)
	}
}

// Every send of the discipline is in a season or left out, and the last running maximum is the hardest.
func checkProgression(t *rapid.T, got *Progression, ticks []tick, filter Filter) {
	shown, _ := inScope(ticks, filter.orMostSent(ticks))
	sends, hardest := 0, 0.0
	for _, t := range shown {
		grade, graded := t.gradeIn(got.Discipline)
		if t.sent(filter) {
			sends++
			if graded && t.hasMonth() {
				hardest = max(hardest, float64(grade.Mid()))
			}
		}
	}
	inSeasons, inMonths := 0, 0
	for _, season := range got.Seasons {
		inSeasons += season.Sends
	}
	for _, month := range got.Months {
		inMonths += month.Sends
	}
	if left := got.LeftOut.NoGrade + got.LeftOut.NoMonth; inSeasons+left != sends || inMonths+left != sends {
		t.Errorf("%d sends in seasons, %d in months and %d left out of %d", inSeasons, inMonths, left, sends)
	}
	if n := len(got.Seasons); n > 0 && got.Seasons[n-1].Running.Max.Score != hardest {
		t.Errorf("the running maximum is %+v, the hardest send %v", got.Seasons[n-1].Running.Max, hardest)
	}
}
