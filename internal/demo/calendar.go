package demo

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// outing is a day of climbing.
type outing struct {
	date time.Time // midnight UTC
	area int       // index into the climber's areas
	crag int
}

const (
	tripWeight = 60  // of a day on a trip, against 10 for a Saturday of an average month
	sureWeight = 1e6 // of the day before yesterday, so that a demo never looks abandoned
)

// weekdays are the weights of the days of a week, Sunday first.
var weekdays = [7]float64{9, 0.5, 0.6, 0.8, 0.6, 1.5, 10}

// outings are a climber's days out in the historyYears up to yesterday, in their order. The last is yesterday or the
// day before.
func (c *climber) outings(rng *rand.Rand, now time.Time, book guide) []outing {
	last := dateOf(now).AddDate(0, 0, -1)
	first := dateOf(now).AddDate(-historyYears, 0, 1)
	trips := c.tripDays(rng, first.Year(), last.Year())
	dates := c.datesOut(rng, first, last, trips)
	days := make([]outing, len(dates))
	for i, date := range dates {
		where, away := trips[date]
		if !away {
			where = c.nearby(rng, date.Month())
		}
		days[i] = outing{date: date, area: where, crag: rng.IntN(len(book[where]))}
	}
	return days
}

// datesOut draws as many dates as the climber has days out: trips for sure, then weekends of the good months.
func (c *climber) datesOut(rng *rand.Rand, first, last time.Time, trips map[time.Time]int) []time.Time {
	type candidate struct {
		date time.Time
		key  float64
	}
	var candidates []candidate
	for date := first; !date.After(last); date = date.AddDate(0, 0, 1) {
		weight := weekdays[date.Weekday()] * c.appetite[date.Month()-1]
		if _, away := trips[date]; away {
			weight = tripWeight
		}
		if date.Equal(last.AddDate(0, 0, -1)) {
			weight = sureWeight
		}
		// The largest of u^(1/weight) are a weighted sample without repetition; their logarithms have the same order.
		candidates = append(candidates, candidate{date, math.Log(rng.Float64()) / weight})
	}
	slices.SortFunc(candidates, func(a, b candidate) int { return cmp.Compare(b.key, a.key) })
	dates := make([]time.Time, c.days)
	for i := range dates {
		dates[i] = candidates[i].date
	}
	slices.SortFunc(dates, time.Time.Compare)
	return dates
}

// tripDays maps the climbing days of every trip of some years to the area that it goes to. Every fourth day is for rest.
func (c *climber) tripDays(rng *rand.Rand, from, to int) map[time.Time]int {
	days := map[time.Time]int{}
	for year := from; year <= to; year++ {
		for _, t := range c.trips {
			start := time.Date(year, t.month, 1+rng.IntN(25), 0, 0, 0, 0, time.UTC)
			for i := range 5 + rng.IntN(5) {
				if i%4 != 3 {
					days[start.AddDate(0, 0, i)] = t.area
				}
			}
		}
	}
	return days
}

// nearby is the area of an ordinary day: one that is no journey and in season.
func (c *climber) nearby(rng *rand.Rand, month time.Month) int {
	var open []int
	for i := range c.areas {
		if !c.areas[i].away && c.areas[i].open(month) {
			open = append(open, i)
		}
	}
	return pick(rng, open)
}

func dateOf(t time.Time) time.Time {
	year, month, day := t.UTC().Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}
