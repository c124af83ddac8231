package analytics

import (
	"cmp"
	"slices"
	"time"

	"github.com/cragbase/cragbase/internal/climb"
)

const scoreRule = " The score is 8a.nu's as it is publicly known: the sum of the ten best sends, each route once, 400 points for 6a and 50 for each step above it, " +
	"so that 8a is 1,000; a flash adds 50, an onsight 150, on boulders 100. What was climbed on top-rope or following has none."

// Score sums up the best sends of one family of grades.
type Score struct {
	Kind         climb.Family `json:"kind"`           // route or boulder
	AllTime      ScoreSum     `json:"all_time"`       // of the dates asked for
	TwelveMonths ScoreSum     `json:"last_12_months"` // of these dates, those of the 12 months up to today
}

// ScoreSum is the sum of at most ten sends.
type ScoreSum struct {
	Points int          `json:"points"`
	Sends  []ScoredSend `json:"sends"` // most points first
}

// ScoredSend is a send and its points.
type ScoredSend struct {
	Points        int          `json:"points"`
	Grade         string       `json:"grade"` // French or Font
	RouteName     string       `json:"route_name"`
	Date          string       `json:"date"`
	DatePrecision string       `json:"date_precision"` // day, month or year
	Result        climb.Result `json:"result"`
	TickID        string       `json:"tick_id"`
	route         string
}

// Points of 8a.nu.
const (
	pointsOfSixA   = 400
	pointsPerStep  = 50
	pointsOfFlash  = 50
	maxScoredSends = 10
)

// scores are those of routes and of boulders, where there are sends that have one.
func scores(ticks []*tick, filter Filter) []Score {
	yearAgo := ""
	if filter.Today != "" {
		yearAgo = day(filter.Today).AddDate(-1, 0, 0).Format(time.DateOnly)
	}
	list := []Score{}
	for _, kind := range []climb.Family{climb.FamilyRoute, climb.FamilyBoulder} {
		all := scoredSends(ticks, kind, filter)
		if len(all) == 0 {
			continue
		}
		latest := slices.DeleteFunc(slices.Clone(all), func(s ScoredSend) bool { return s.Date <= yearAgo })
		list = append(list, Score{kind, sumOfBest(all), sumOfBest(latest)})
	}
	return list
}

// scoredSends are all sends of a family that have points.
func scoredSends(ticks []*tick, kind climb.Family, filter Filter) []ScoredSend {
	scale, onsight := climb.French, 150
	if kind == climb.FamilyBoulder {
		scale, onsight = climb.Font, 100
	}
	ladder := rungs(scale)
	sixA := rungOf(ladder, lowest(scale, "6a"))
	var sends []ScoredSend
	for _, t := range ticks {
		if !t.sent(filter) || t.followed() || len(t.disciplines) == 0 || t.disciplines[0].Family() != kind {
			continue
		}
		rung, ok := t.rungIn(t.disciplines[0], ladder)
		if !ok {
			continue
		}
		points := pointsOfSixA + pointsPerStep*(rung-sixA)
		switch t.result {
		case climb.ResultOnsight:
			points += onsight
		case climb.ResultFlash:
			points += pointsOfFlash
		}
		sends = append(sends, ScoredSend{max(points, 0), ladder[rung].Label, t.routeName, t.date, t.datePrecision(), t.result, t.id, t.route})
	}
	return sends
}

// lowest is the lowest score of a grade that a scale has.
func lowest(scale climb.System, label string) int {
	grade, _ := climb.ParseGrade(label, scale)
	return grade.Low
}

// sumOfBest adds up the ten best sends, each route once.
func sumOfBest(sends []ScoredSend) ScoreSum {
	slices.SortStableFunc(sends, func(a, b ScoredSend) int { return cmp.Compare(b.Points, a.Points) })
	sum := ScoreSum{Sends: []ScoredSend{}}
	seen := map[string]bool{}
	for _, s := range sends {
		if len(sum.Sends) == maxScoredSends {
			break
		}
		if !seen[s.route] {
			seen[s.route] = true
			sum.Points += s.Points
			sum.Sends = append(sum.Sends, s)
		}
	}
	return sum
}
