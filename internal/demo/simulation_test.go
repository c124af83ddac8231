package demo

import (
	"math"
	"testing"
	"time"
)

// days are todays of every season, a leap day and the turn of a year among them.
func days() []time.Time {
	var all []time.Time
	for _, text := range []string{
		"2026-11-23T09:30:00Z", "2027-02-15T00:00:00Z", "2026-06-07T23:59:59Z", "2028-02-29T12:00:00Z", "2029-01-01T12:00:00Z",
		"2030-08-01T12:00:00+13:00",
	} {
		day, err := time.Parse(time.RFC3339, text)
		if err != nil {
			panic(err) // the texts are above
		}
		all = append(all, day)
	}
	return all
}

// everyLogbook runs a check on the ticks of each climber as they are on several days.
func everyLogbook(t *testing.T, check func(t *testing.T, c *climber, now time.Time, ticks []tick)) {
	t.Helper()
	for i := range climbers {
		for _, now := range days() {
			t.Run(climbers[i].username+" "+now.Format(time.DateOnly), func(t *testing.T) {
				t.Parallel()
				check(t, &climbers[i], now, climbers[i].climb(now))
			})
		}
	}
}

func TestLogbookHasThreeYearsUpToToday(t *testing.T) {
	t.Parallel()
	everyLogbook(t, func(t *testing.T, c *climber, now time.Time, ticks []tick) {
		if len(ticks) < 500 || len(ticks) > 700 {
			t.Errorf("%d ticks, want 500 to 700", len(ticks))
		}
		first, last := ticks[0].date, ticks[len(ticks)-1].date
		if first.Before(dateOf(now).AddDate(-historyYears, 0, 0)) || first.After(dateOf(now).AddDate(-historyYears, 4, 0)) {
			t.Errorf("the first tick is of %s", first.Format(time.DateOnly))
		}
		if age := dateOf(now).Sub(last); age <= 0 || age > 3*24*time.Hour {
			t.Errorf("the last tick is of %s", last.Format(time.DateOnly))
		}
		for i := range ticks[1:] {
			if ticks[i+1].date.Before(ticks[i].date) {
				t.Fatalf("tick %d is older than the one before it", i+1)
			}
		}
	})
}

func TestLogbookNamesManyRoutes(t *testing.T) {
	t.Parallel()
	everyLogbook(t, func(t *testing.T, c *climber, now time.Time, ticks []tick) {
		routes := map[*route]bool{}
		for _, k := range ticks {
			routes[k.route] = true
		}
		if len(routes) < 220 {
			t.Errorf("%d distinct routes in %d ticks", len(routes), len(ticks))
		}
	})
}

// A pyramid has fewer routes at each of its three highest grades than three grades below.
func TestPyramidsArePyramids(t *testing.T) {
	t.Parallel()
	everyLogbook(t, func(t *testing.T, c *climber, now time.Time, ticks []tick) {
		sent := sentRoutes(ticks, c.areas[0].terrain)
		top := len(sent) - 1
		for top > 0 && sent[top] == 0 {
			top--
		}
		if top < 5 {
			t.Fatalf("the hardest send is rung %d of %v", top, sent)
		}
		for rung := top; rung > top-3; rung-- {
			if sent[rung] >= sent[rung-3] {
				t.Errorf("%d routes of rung %d, %d of rung %d: %v", sent[rung], rung, sent[rung-3], rung-3, sent)
			}
		}
	})
}

// sentRoutes counts the distinct routes sent on each rung of a terrain's ladder.
func sentRoutes(ticks []tick, of terrain) []int {
	counts := make([]int, len(of.ladder()))
	seen := map[*route]bool{}
	for i := range ticks {
		r := ticks[i].route
		if !ticks[i].isSend() || seen[r] || &r.terrain.ladder()[0] != &of.ladder()[0] {
			continue
		}
		seen[r] = true
		counts[r.rung]++
	}
	return counts
}

func (t *tick) isSend() bool {
	return t.style == styleSend || t.style == styleFlash || t.leadStyle != "" && t.leadStyle != leadFellHung
}

func TestClimbersGetBetter(t *testing.T) {
	t.Parallel()
	everyLogbook(t, func(t *testing.T, c *climber, now time.Time, ticks []tick) {
		year := func(from int) float64 {
			sum, count := 0.0, 0.0
			for i := range ticks {
				since := dateOf(now).AddDate(from, 0, 0)
				if r := ticks[i].route; ticks[i].isSend() && r.terrain == c.areas[0].terrain &&
					!ticks[i].date.Before(since) && ticks[i].date.Before(since.AddDate(1, 0, 0)) {
					sum += float64(r.rung)
					count++
				}
			}
			return sum / count
		}
		first, second, third := year(-3), year(-2), year(-1)
		if math.IsNaN(third) || second <= first || third <= second {
			t.Errorf("mean rung sent by year: %.1f, %.1f, %.1f", first, second, third)
		}
	})
}

func TestNobodyRedpointsUnseen(t *testing.T) {
	t.Parallel()
	everyLogbook(t, func(t *testing.T, c *climber, now time.Time, ticks []tick) {
		tried := map[*route]bool{}
		for i, k := range ticks {
			switch first := !tried[k.route]; {
			case first && (k.style == styleSend || k.leadStyle == leadRedpoint || k.leadStyle == leadPinkpoint):
				t.Errorf("tick %d: %s %s at the first go", i, k.style, k.leadStyle)
			case !first && (k.style == styleFlash || k.leadStyle == leadFlash || k.leadStyle == leadOnsight):
				t.Errorf("tick %d: %s %s at a later go", i, k.style, k.leadStyle)
			}
			tried[k.route] = true
		}
	})
}

func TestMultiPitchTicksHaveThePitchesOfTheRoute(t *testing.T) {
	t.Parallel()
	everyLogbook(t, func(t *testing.T, c *climber, now time.Time, ticks []tick) {
		for i, k := range ticks {
			if k.route.isMultipitch() && (k.pitches != k.route.pitches || k.style == styleTopRope) {
				t.Errorf("tick %d: %d pitches %s of a route of %d", i, k.pitches, k.style, k.route.pitches)
			}
		}
	})
}
