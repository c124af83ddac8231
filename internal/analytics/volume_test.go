package analytics

import (
	"reflect"
	"testing"

	"github.com/cragbase/cragbase/internal/climb"
)

// sized gives a tick pitches and a length in feet.
func sized(t tick, pitches, feet int) tick {
	t.pitches, t.lengthFeet = pitches, feet
	return t
}

func TestVertical(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule      string
		tick      tick
		feet      int
		estimated bool
	}{
		{"a short route counts for every lap", sized(sport("1", "2026-01-01", "A", "5.9", ""), 8, 80), 640, false},
		{"a multipitch counts once, however many pitches it has", sized(entry("1", "2026-01-01", "A", "5.9", "Trad", "Lead", ""), 5, 600), 600, false},
		{"a boulder of known height counts for every lap", sized(entry("1", "2026-01-01", "A", "V1", "Boulder", "Send", ""), 2, 12), 24, false},
		{"a boulder of unknown height is 15 ft", sized(entry("1", "2026-01-01", "A", "V1", "Boulder", "Send", ""), 2, 0), 30, true},
		{"a sport pitch of unknown length is 80 ft", sized(sport("1", "2026-01-01", "A", "5.9", ""), 1, 0), 80, true},
		{"a trad pitch of unknown length is 100 ft, and three are three times that", sized(entry("1", "2026-01-01", "A", "5.9", "Trad", "Lead", ""), 3, 0), 300, true},
		{"a top-rope of unknown length is 60 ft", sized(entry("1", "2026-01-01", "A", "5.9", "TR", "TR", ""), 1, 0), 60, true},
		{"no pitches logged are one", sized(sport("1", "2026-01-01", "A", "5.9", ""), 0, 90), 90, false},
	} {
		if feet, estimated := test.tick.vertical(test.tick.disciplines[0]); feet != test.feet || estimated != test.estimated {
			t.Errorf("%s: got %d ft, estimated %v", test.rule, feet, estimated)
		}
	}
}

// volume is a logbook whose figures were worked out by hand.
func volume() []tick {
	return []tick{
		withPrecision("year", sized(sport("1", "2024-01-01", "Z", "5.9", ""), 2, 50)),   // 100 ft
		sized(sport("2", "2024-12-30", "A", "5.12a", "Redpoint"), 3, 80),                // 240 ft
		sized(sport("3", "2024-12-30", "A", "5.12a", "Redpoint"), 1, 80),                // 80 ft
		sized(entry("4", "2025-01-05", "B", "5.9", "Trad", "Lead", "Onsight"), 5, 600),  // 600 ft, the Sunday of the same week
		sized(entry("5", "2025-01-06", "C", "V2", "Boulder", "Attempt", ""), 4, 0),      // 60 ft estimated
		withPrecision("month", sized(sport("6", "2025-03-01", "D", "5.10a", ""), 1, 0)), // 80 ft estimated
		sized(sport("7", "2025-03-02", "E", "5.11b", "Fell/Hung"), 2, 100),              // 200 ft
		sized(entry("8", "2025-03-02", "F", "5.8", "Sport", "TR", ""), 1, 40),           // 40 ft
		sized(sport("9", "2025-03-03", "G", "no idea", "Onsight"), 1, 20),               // 20 ft
	}
}

func amount(ticks, pitches, routes, feet, metres, guess int) Amount {
	return Amount{ticks, pitches, routes, feet, metres, guess, shareOf(guess, feet)}
}

func TestVolumeByPeriod(t *testing.T) {
	t.Parallel()
	got := volumeOf(volume(), Filter{})
	for _, test := range []struct {
		what      string
		got, want any
	}{
		{"totals", got.Totals, amount(9, 20, 8, 1420, 433, 140)},
		{"years", got.Years, []VolumePeriod{
			{Period{"2024", "2024-01-01", "2024-12-31"}, amount(3, 6, 2, 420, 128, 0)},
			{Period{"2025", "2025-01-01", "2025-12-31"}, amount(6, 14, 6, 1000, 305, 140)},
		}},
		{"seasons, without what has no month", got.Seasons, []VolumePeriod{
			{Period{"Winter, 2024-2025", "2024-12-01", "2025-02-28"}, amount(4, 13, 3, 980, 299, 60)},
			{Period{"Spring, 2025", "2025-03-01", "2025-05-31"}, amount(4, 5, 4, 340, 104, 80)},
		}},
		{"months", got.Months, []VolumePeriod{
			{Period{"2024-12", "2024-12-01", "2024-12-31"}, amount(2, 4, 1, 320, 98, 0)},
			{Period{"2025-01", "2025-01-01", "2025-01-31"}, amount(2, 9, 2, 660, 201, 60)},
			{Period{"2025-03", "2025-03-01", "2025-03-31"}, amount(4, 5, 4, 340, 104, 80)},
		}},
		{"weeks, without what has no day", got.Weeks, []VolumePeriod{
			{Period{"2025-W01", "2024-12-30", "2025-01-05"}, amount(3, 9, 2, 920, 280, 0)},
			{Period{"2025-W02", "2025-01-06", "2025-01-12"}, amount(1, 4, 1, 60, 18, 60)},
			{Period{"2025-W09", "2025-02-24", "2025-03-02"}, amount(2, 3, 2, 240, 73, 0)},
			{Period{"2025-W10", "2025-03-03", "2025-03-09"}, amount(1, 1, 1, 20, 6, 0)},
		}},
		{"sums", got.Cumulative, []CumulativePoint{
			{"2024-01", 1, 2, 100, 30}, {"2024-12", 3, 6, 420, 128}, {"2025-01", 5, 15, 1080, 329}, {"2025-03", 9, 20, 1420, 433},
		}},
		{"work on a day", got.Capacity, []WorkCapacity{
			{Period{"Winter, 2024-2025", "2024-12-01", "2025-02-28"}, 3, 4.33, 326.67, 99.57}, // 13 pitches, 980 ft
			{Period{"Spring, 2025", "2025-03-01", "2025-05-31"}, 2, 2, 130, 39.62},            // 4 pitches, 260 ft
		}},
		{"estimates", got.Estimates, []Estimate{{climb.Sport, 80, 24, 1}, {climb.Boulder, 15, 5, 1}}},
		{"left out", got.LeftOut, VolumeLeftOut{NoDay: 2, NoMonth: 1, NoGrade: 2}}, // "no idea", and a boulder without a send
	} {
		if !reflect.DeepEqual(test.got, test.want) {
			t.Errorf("%s\n got %s\nwant %s", test.what, asJSON(test.got), asJSON(test.want))
		}
	}
}

// The hardest sport send is 5.12a: four grades below are 5.11a and easier. Of 10 graded sport pitches, 2 on 5.9, 1 on 5.10a and
// 1 on 5.8 are base, 2 on 5.11b and 4 on 5.12a are not.
func TestBaseIsFourGradesBelowTheHardestSend(t *testing.T) {
	t.Parallel()
	want := []BaseShare{
		{climb.Sport, *of5(75, "5.12a"), 10, 4, 0.4},
		{climb.Trad, *of5(54, "5.9"), 5, 0, 0},
	}
	if got := volumeOf(volume(), Filter{}).Base; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	ticks := []tick{sport("1", "2026-01-01", "A", "5.11a", "Fell/Hung"), sport("2", "2026-01-01", "B", "5.12a", "Onsight"), sport("3", "2026-01-01", "C", "5.11b", "Onsight")}
	if got := volumeOf(ticks, Filter{}).Base[0]; got.Pitches != 3 || got.BasePitches != 1 || got.Share != 0.3333 {
		t.Errorf("at the border: %+v", got)
	}
}

func TestVolumeFilters(t *testing.T) {
	t.Parallel()
	got := volumeOf(volume(), Filter{Discipline: climb.Sport, LeadOnly: true})
	if got.Totals.Ticks != 6 || got.LeftOut.OtherDisciplines != 2 || got.LeftOut.LeadOnly != 1 {
		t.Errorf("%+v, left out %+v", got.Totals, got.LeftOut)
	}
	// A route of two disciplines counts once, as its first one unless the other one was asked for.
	both := []tick{entry("1", "2026-01-01", "A", "5.9", "Trad, Sport", "Lead", "Onsight")}
	if got := volumeOf(both, Filter{}); got.Totals.VerticalFeet != 100 || len(got.Base) != 1 || got.Base[0].Discipline != climb.Trad {
		t.Errorf("a route of two disciplines: %+v, base %+v", got.Totals, got.Base)
	}
	if got := volumeOf(both, Filter{Discipline: climb.Sport}); got.Totals.VerticalFeet != 80 || got.Base[0].Discipline != climb.Sport {
		t.Errorf("the other one: %+v, base %+v", got.Totals, got.Base)
	}
	// What has no discipline is estimated too, and listed after those that have one.
	unsaid := sized(sport("2", "2026-01-01", "B", "5.9", "Onsight"), 2, 0)
	unsaid.disciplines, unsaid.grade = nil, climb.Grade{}
	want := []Estimate{{climb.Trad, 100, 30, 1}, {"", 100, 30, 1}}
	if got := volumeOf(append(both, unsaid), Filter{}); !reflect.DeepEqual(got.Estimates, want) || got.Totals.EstimatedFeet != 300 || got.LeftOut.NoGrade != 1 {
		t.Errorf("without a discipline: %+v of %+v, left out %+v", got.Estimates, got.Totals, got.LeftOut)
	}
	empty := volumeOf(nil, Filter{})
	if empty.Totals.EstimatedShare != nil || empty.Years == nil || empty.Seasons == nil || empty.Months == nil || empty.Weeks == nil ||
		empty.Cumulative == nil || empty.Capacity == nil || empty.Base == nil || empty.Estimates == nil {
		t.Errorf("an empty logbook: %s", asJSON(empty))
	}
}

func TestMilestones(t *testing.T) {
	t.Parallel()
	ticks := []tick{sized(sport("1", "2026-01-01", "A", "5.9", ""), 12, 83), sized(sport("2", "2026-01-02", "A", "5.9", ""), 1, 4), sized(sport("3", "2026-01-03", "B", "5.9", ""), 100, 60)}
	got := volumeOf(ticks, Filter{}).Milestones // 996, 1,000 and 7,000 ft
	want := map[string]string{"the Diamond on Longs Peak": "2026-01-02", "a mile": "2026-01-03", "the north face of the Eiger": "2026-01-03"}
	for _, m := range got[:len(got)-1] {
		if !m.Reached || m.ReachedOn == nil || want[m.Name] != "" && *m.ReachedOn != want[m.Name] {
			t.Errorf("%s reached on %v", m.Name, m.ReachedOn)
		}
	}
	if next := got[len(got)-1]; next.Reached || next.ReachedOn != nil || next.Feet <= 7000 || len(got) != 7 {
		t.Errorf("%d milestones, the next is %+v", len(got), next)
	}
	ofYear := volumeOf([]tick{withPrecision("year", sized(sport("1", "2026-01-01", "A", "5.9", ""), 11, 98)), sized(sport("2", "2026-03-01", "A", "5.9", ""), 1, 60)}, Filter{}).Milestones // 1,078 and 1,138 ft
	if first, second := ofYear[0], ofYear[1]; !first.Reached || first.ReachedOn != nil || !second.Reached || *second.ReachedOn != "2026-03-01" || ofYear[2].Reached {
		t.Errorf("reached in a year: %s", asJSON(ofYear))
	}
	for i := 1; i < len(milestones); i++ {
		if milestones[i-1].feet >= milestones[i].feet {
			t.Errorf("%s is not before %s", milestones[i-1].name, milestones[i].name)
		}
	}
}
