package demo

import (
	"math"
	"math/rand/v2"
	"time"
)

// simulation climbs through the days of one climber.
type simulation struct {
	*climber
	rng   *rand.Rand
	known map[*route]*acquaintance
	ticks []tick
}

// acquaintance is what a climber and a route have had with each other.
type acquaintance struct {
	goes int
	sent bool
	last time.Time
}

// tick is one go at a route as it was logged. Words are Mountain Project's.
type tick struct {
	date             time.Time
	route            *route
	pitches          int // of a multi-pitch route, otherwise laps
	style, leadStyle string
	yourStars        int    // noVotes: not rated
	yourRating       string // "" unless the climber disagrees with the guidebook
	notes            string
}

// climb returns the ticks of the years up to now, oldest first: the same for the same day.
func (c *climber) climb(now time.Time) []tick {
	book := writeGuide(c)
	s := &simulation{climber: c, rng: rand.New(rand.NewPCG(c.seed, 2)), known: map[*route]*acquaintance{}}
	outings := c.outings(rand.New(rand.NewPCG(c.seed, 3)), now, book)
	for i, day := range outings {
		progress := float64(i) / float64(len(outings)-1)
		level := c.areas[day.area].level
		s.spend(day.date, book[day.area][day.crag], level[0]+(level[1]-level[0])*progress)
	}
	return s.ticks
}

// longDay is the number of pitches that fill a day.
const longDay = 5

// spend climbs a day at a crag: something easy first, then near the climber's level, and now and then above it.
func (s *simulation) spend(date time.Time, routes crag, level float64) {
	most := s.goes[0] + s.rng.IntN(s.goes[1]-s.goes[0]+1)
	for done := 0; done < most; {
		r := s.choose(date, routes, level, done == 0)
		done += s.attempt(date, r, level, most-done)
		if r.pitches >= longDay {
			return
		}
	}
}

// choose takes a route that the climber has not been on today.
func (s *simulation) choose(date time.Time, routes crag, level float64, warmUp bool) *route {
	target := level - 1.8
	switch {
	case warmUp, chance(s.rng, 0.15): // or a rest between two hard ones
		target = level - 3.2
	case chance(s.rng, 0.3):
		target = level + 0.4
	}
	weights := make([]float64, len(routes))
	sum := 0.0
	for i, r := range routes {
		away := float64(r.rung) - target
		weights[i] = math.Exp(-away*away/1.6) * s.attraction(r, date, warmUp)
		sum += weights[i]
	}
	drawn := s.rng.Float64() * sum
	for i, weight := range weights {
		if drawn -= weight; drawn < 0 {
			return routes[i]
		}
	}
	return routes[len(routes)-1]
}

// attraction is how much a route draws the climber for what they know of it: projects call, and what is done is done,
// but for warming up.
func (s *simulation) attraction(r *route, date time.Time, warmUp bool) float64 {
	known := s.known[r]
	switch {
	case known == nil:
		return 1
	case known.last.Equal(date):
		return 0
	case !known.sent:
		return 4
	case warmUp:
		return 0.5
	default:
		return 0.1
	}
}

// attempt goes up a route, again after a fall while there is strength left, and returns how many goes it took.
func (s *simulation) attempt(date time.Time, r *route, level float64, most int) int {
	known := s.known[r]
	if known == nil {
		known = &acquaintance{}
		s.known[r] = known
	}
	known.last = date
	gap := float64(r.rung) - level
	if style, aside := s.aside(r, gap); aside {
		s.log(date, r, style, "")
		known.goes++
		return 1
	}
	for goes := 1; ; goes++ {
		success := chance(s.rng, oddsOf(gap, known))
		style, leadStyle := s.result(r, known, success)
		s.log(date, r, style, leadStyle)
		known.goes++
		known.sent = known.sent || success
		if success || goes == most || r.isMultipitch() || chance(s.rng, 0.5) {
			return goes
		}
	}
}

// oddsOf is the probability that a go succeeds, by how many rungs the route is above the climber. Every earlier go helps.
func oddsOf(gap float64, known *acquaintance) float64 {
	strength := -1.4*gap - 0.3 + 0.5*float64(min(known.goes, 5))
	if known.sent {
		strength += 2
	}
	return 1 / (1 + math.Exp(-strength))
}

// log writes a tick, with what only some ticks have.
func (s *simulation) log(date time.Time, r *route, style, leadStyle string) {
	t := tick{date: date, route: r, pitches: r.pitches, style: style, leadStyle: leadStyle, yourStars: noVotes}
	if s.isLap(r, style) {
		t.pitches = 2 + s.rng.IntN(3)
	}
	if r.stars != noVotes && chance(s.rng, 0.3) {
		t.yourStars = max(0, min(4, int(math.Round(r.stars+s.rng.NormFloat64()*0.6))))
	}
	if chance(s.rng, 0.05) {
		t.yourRating = s.opinion(r)
	}
	if chance(s.rng, 0.12) {
		t.notes = note(s.rng, style, leadStyle)
	}
	s.ticks = append(s.ticks, t)
}

// isLap says whether a route is climbed several times in a row and logged once.
func (s *simulation) isLap(r *route, style string) bool {
	return !r.isMultipitch() && style == styleTopRope && chance(s.rng, 0.4)
}

// opinion is the grade that a climber would give to a route: its own or a rung beside it.
func (s *simulation) opinion(r *route) string {
	grades := r.terrain.ladder()
	return grades[max(0, min(len(grades)-1, r.rung+s.rng.IntN(3)-1))][0]
}
