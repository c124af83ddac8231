package analytics

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/cragbase/cragbase/internal/climb"
)

// tierTicks is how many ticks are in each tier, the hardest first.
func tierTicks(tiers []Tier) string {
	counts := make([]string, len(tiers))
	for i, tier := range tiers {
		counts[i] = fmt.Sprint(tier.Ticks)
	}
	return strings.Join(counts, " ")
}

func TestTiers(t *testing.T) {
	t.Parallel()
	best := sport("0", "2025-01-01", "Best", "5.12a", "Redpoint") // has no tier itself
	for _, test := range []struct {
		rule    string
		ticks   []tick
		filter  Filter
		want    string
		leftOut TiersLeftOut
	}{
		{"no ticks", nil, Filter{Discipline: climb.Sport}, "0 0 0 0 0", TiersLeftOut{}},
		{
			"each grade below the hardest is a tier, and the rest is the base",
			[]tick{
				best, sport("1", "2025-01-02", "A", "5.12c", "Fell/Hung"), sport("2", "2025-01-02", "B", "5.12a", "Fell/Hung"), sport("3", "2025-01-02", "C", "5.11d", "Onsight"), sport("4", "2025-01-02", "D", "5.11c", "Onsight"),
				sport("5", "2025-01-02", "E", "5.11b", ""), sport("6", "2025-01-02", "F", "5.11a", "Onsight"), entry("7", "2025-01-02", "G", "5.6", "Sport", "TR", ""),
			},
			Filter{},
			"2 1 1 1 2",
			TiersLeftOut{NoEarlierSend: 1},
		},
		{
			// The prototype raised the maximum before it compared: nothing was ever above it.
			"a day is held against the days before it, also within the day",
			[]tick{sport("1", "2025-01-01", "A", "5.10a", "Redpoint"), sport("2", "2025-01-02", "B", "5.10c", "Redpoint"), sport("3", "2025-01-02", "C", "5.10a", "Redpoint"), sport("4", "2025-01-03", "D", "5.10a", "Redpoint")},
			Filter{},
			"2 0 1 0 0",
			TiersLeftOut{NoEarlierSend: 1},
		},
		{
			"an attempt raises nothing, and before the first send there is no tier",
			[]tick{sport("1", "2025-01-01", "A", "5.12a", "Fell/Hung"), sport("2", "2025-01-02", "A", "5.12a", "Fell/Hung"), sport("3", "2025-01-03", "B", "5.10a", "Redpoint"), sport("4", "2025-01-04", "B", "5.10a", "Redpoint")},
			Filter{},
			"1 0 0 0 0",
			TiersLeftOut{NoEarlierSend: 3},
		},
		{
			"what was sent before the dates counts, what was climbed then is not shown",
			[]tick{best, sport("1", "2025-01-02", "A", "5.11d", "Redpoint"), sport("2", "2025-02-01", "B", "5.11d", "Redpoint"), sport("3", "2025-01-02", "C", "?", "Redpoint")},
			Filter{From: "2025-02-01"},
			"0 1 0 0 0",
			TiersLeftOut{},
		},
		{
			"the results asked for are counted against all sends",
			[]tick{best, sport("1", "2025-01-02", "A", "5.12a", "Fell/Hung"), sport("2", "2025-01-02", "B", "5.11d", "Onsight")},
			Filter{Style: "onsight"},
			"0 1 0 0 0",
			TiersLeftOut{Filtered: Filtered{OtherResults: 2}},
		},
		{
			"an unknown result is a send when it counts as one",
			[]tick{sport("1", "2025-01-01", "A", "5.10a", ""), sport("2", "2025-01-02", "B", "5.10a", "")},
			Filter{CountUnknown: true},
			"1 0 0 0 0",
			TiersLeftOut{NoEarlierSend: 1},
		},
		{
			"no known grade",
			[]tick{best, sport("1", "2025-01-02", "A", "?", "Redpoint")},
			Filter{},
			"0 0 0 0 0",
			TiersLeftOut{NoGrade: 1, NoEarlierSend: 1},
		},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			got := tiersOf(test.ticks, test.filter)
			if tierTicks(got.Tiers) != test.want {
				t.Errorf("got %s, want %s", tierTicks(got.Tiers), test.want)
			}
			if got.LeftOut != test.leftOut {
				t.Errorf("left out\n got %+v\nwant %+v", got.LeftOut, test.leftOut)
			}
			for name, list := range map[string][]TierPeriod{"seasons": got.Seasons, "months": got.Months} {
				sum := 0
				for _, period := range list {
					for _, tier := range period.Tiers {
						sum += tier.Ticks
					}
				}
				if shown := tiersShown(got); sum != shown {
					t.Errorf("%s have %d ticks, the tiers %d", name, sum, shown)
				}
			}
		})
	}
}

func tiersShown(t *Tiers) int {
	sum := 0
	for _, tier := range t.Tiers {
		sum += tier.Ticks
	}
	return sum
}

func TestTiersByPeriod(t *testing.T) {
	t.Parallel()
	ofYear := sport("6", "2025-01-01", "F", "5.11d", "Redpoint")
	ofYear.precision = "year"
	got := tiersOf([]tick{
		sport("1", "2023-12-01", "A", "5.12a", "Redpoint"), sport("2", "2023-12-31", "B", "5.12a", "Fell/Hung"), laps(sport("3", "2024-01-01", "C", "5.12b", "Redpoint"), 3, 80),
		sport("4", "2024-03-01", "D", "5.12a", "Onsight"), sport("5", "2024-03-02", "E", "5.12a", "Fell/Hung"), ofYear,
	}, Filter{})
	var names []string
	for _, period := range append(got.Seasons, got.Months...) {
		names = append(names, fmt.Sprintf("%s: %s of %s", period.Name, tierTicks(period.Tiers), period.Hardest))
	}
	want := []string{
		"Winter, 2023-2024: 2 0 0 0 0 of 5.12a", "Spring, 2024: 0 2 0 0 0 of 5.12b",
		"2023-12: 1 0 0 0 0 of 5.12a", "2024-01: 1 0 0 0 0 of 5.12a", "2024-03: 0 2 0 0 0 of 5.12b",
	}
	if !reflect.DeepEqual(names, want) {
		t.Errorf("\n got %q\nwant %q", names, want)
	}
	if got.LeftOut.NoMonth != 1 {
		t.Errorf("left out %+v", got.LeftOut)
	}
	half := 0.5
	if want := (Tier{"project", 2, 4, 1, 1, &half}); !reflect.DeepEqual(got.Tiers[0], want) {
		t.Errorf("projects %+v", got.Tiers[0])
	}
	if want := (Tier{"one_below", 2, 2, 1, 1, &half}); !reflect.DeepEqual(got.Tiers[1], want) || got.Tiers[2].Sends != 1 || *got.Tiers[2].SendRate != 1 {
		t.Errorf("one below %+v, two below %+v", got.Tiers[1], got.Tiers[2])
	}
}
