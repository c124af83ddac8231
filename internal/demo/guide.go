package demo

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Route ids have nine digits and begin with 9, which the site is far from.
const (
	firstRouteID    = 900_000_000
	idsOfOneClimber = 1_000_000
	routeIDStep     = 1_037
)

// route is one line of the guidebook. Whatever tick names it, it has one grade, one length and one place.
type route struct {
	id       int
	name     string
	rung     int    // of the terrain's ladder
	grade    string // a spelling of that rung
	remark   string // follows the grade
	kind     string // Mountain Project's route type
	pitches  int
	feet     int // 0: nobody measured it
	stars    float64
	location []string // from the largest region down to the crag
	terrain  terrain
}

// noVotes stands for stars that nobody gave, as in the export.
const noVotes = -1

// guide holds the crags of each of a climber's areas.
type guide [][]crag

type crag []*route

// writeGuide invents the places that a climber knows. It does not depend on the day.
func writeGuide(c *climber) guide {
	rng := rand.New(rand.NewPCG(c.seed, 1))
	names := newNamer(rng)
	id := firstRouteID + int(c.seed)*idsOfOneClimber
	book := make(guide, len(c.areas))
	for i := range c.areas {
		a := &c.areas[i]
		for range a.crags {
			location := append(slices.Clone(a.path), names.crag(a.terrain))
			routes := make(crag, a.routes)
			for k := range routes {
				id += routeIDStep
				routes[k] = invent(rng, names, a.terrain, location)
				routes[k].id = id
			}
			book[i] = append(book[i], routes)
		}
	}
	return book
}

func invent(rng *rand.Rand, names *namer, t terrain, location []string) *route {
	rung := steepness(rng, len(t.ladder()))
	pitches := t.pitches(rng)
	r := &route{
		name: names.route(), rung: rung, grade: t.ladder().spelling(rng, rung), remark: t.remark(rng),
		kind: pick(rng, t.types()), pitches: pitches, feet: t.feet(rng, pitches),
		stars: votes(rng), location: location, terrain: t,
	}
	if chance(rng, 0.14) {
		r.feet = 0
	}
	return r
}

// steepness draws a rung of a ladder: the harder, the fewer.
func steepness(rng *rand.Rand, rungs int) int {
	for {
		drawn := math.Abs(rng.NormFloat64()) * 0.45 * float64(rungs)
		if rung := int(drawn); rung < rungs {
			return rung
		}
	}
}

// votes is the average of a route's stars, to a tenth.
func votes(rng *rand.Rand) float64 {
	if chance(rng, 0.04) {
		return noVotes
	}
	drawn := 2.5 + rng.NormFloat64()*0.7
	return math.Round(max(0.5, min(4, drawn))*10) / 10
}

// isMultipitch reports whether the pitches of a tick are the route's own, rather than laps.
func (r *route) isMultipitch() bool { return r.pitches > 1 }
