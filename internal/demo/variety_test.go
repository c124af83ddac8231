package demo

import (
	"testing"
	"time"
)

func TestLogbooksShowEveryWayToClimb(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		climber int
		styles  []string // "Style/Lead Style"
	}{
		{0, []string{"Flash/", "Send/", "Attempt/", "/"}},
		{1, []string{"Lead/Onsight", "Lead/Flash", "Lead/Redpoint", "Lead/Pinkpoint", "Lead/Fell/Hung", "Lead/", "TR/", "Follow/", "/"}},
		{2, []string{"Lead/Onsight", "Lead/Flash", "Lead/Redpoint", "Lead/Pinkpoint", "Lead/Fell/Hung", "Lead/", "TR/", "Follow/", "/"}},
	} {
		c := &climbers[test.climber]
		t.Run(c.username, func(t *testing.T) {
			t.Parallel()
			counts := map[string]int{}
			for _, k := range c.climb(now) {
				counts[k.style+"/"+k.leadStyle]++
			}
			for _, style := range test.styles {
				if counts[style] < 5 {
					t.Errorf("%d ticks with %q: %v", counts[style], style, counts)
				}
			}
		})
	}
}

func TestCarlaClimbsIceInWinterAndLongRoutesInSummer(t *testing.T) {
	t.Parallel()
	everyTerrain := map[terrain]int{}
	for _, k := range climbers[2].climb(days()[0]) {
		everyTerrain[k.route.terrain]++
		month := k.date.Month()
		if k.route.terrain == icefalls && month > time.March && month < time.December {
			t.Errorf("%s in %s", k.route.grade, month)
		}
	}
	for _, ground := range []terrain{cracks, walls, peaks, icefalls} {
		if everyTerrain[ground] < 10 {
			t.Errorf("%d ticks on terrain %d", everyTerrain[ground], ground)
		}
	}
}

func TestPeopleClimbOnWeekendsAndOnTrips(t *testing.T) {
	t.Parallel()
	for i := range climbers {
		out := map[time.Time]bool{}
		for _, k := range climbers[i].climb(days()[0]) {
			out[k.date] = true
		}
		weekends, longest := 0, 0
		for date := range out {
			if date.Weekday() == time.Saturday || date.Weekday() == time.Sunday {
				weekends++
			}
			run := 1
			for out[date.AddDate(0, 0, run)] {
				run++
			}
			longest = max(longest, run)
		}
		if weekends*2 < len(out) {
			t.Errorf("%s: %d of %d days are weekends", climbers[i].username, weekends, len(out))
		}
		if longest < 3 {
			t.Errorf("%s: no trip of three days in a row", climbers[i].username)
		}
	}
}

func TestAreasAreOpenInTheirMonths(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule   string
		months [2]time.Month
		month  time.Month
		want   bool
	}{
		{"no months: always", [2]time.Month{}, time.July, true},
		{"within a year", [2]time.Month{time.March, time.November}, time.March, true},
		{"outside of it", [2]time.Month{time.March, time.November}, time.December, false},
		{"over New Year", [2]time.Month{time.December, time.March}, time.January, true},
		{"not in its summer", [2]time.Month{time.December, time.March}, time.July, false},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			if got := (&area{months: test.months}).open(test.month); got != test.want {
				t.Errorf("open in %s: %v", test.month, got)
			}
		})
	}
}

func TestEveryMonthHasAnAreaNearby(t *testing.T) {
	t.Parallel()
	for i := range climbers {
		for month := time.January; month <= time.December; month++ {
			found := false
			for k := range climbers[i].areas {
				a := &climbers[i].areas[k]
				found = found || !a.away && a.open(month)
			}
			if !found {
				t.Errorf("%s has nowhere to go in %s", climbers[i].username, month)
			}
		}
	}
}
