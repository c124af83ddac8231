package analytics

import (
	"cmp"
	"slices"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/climb"
)

const overviewRule = "Days are distinct dates, of the ticks of which the day is known; routes are distinct routes, pitches count laps. " +
	"The send rate is sends / (sends + attempts); ticks without a result count in neither. " +
	"The best is the hardest send of a discipline, repeats too; of equals the one with the best result, then the earliest. " +
	"Hard sends are first sends of a route within four grades of it. Sends without a discipline have no grade to compare."

// Overview sums a logbook up.
type Overview struct {
	Basis
	Totals          Totals            `json:"totals"`
	FirstDay        *string           `json:"first_day"`
	LastDay         *string           `json:"last_day"`
	SendRate        *float64          `json:"send_rate"` // 0..1; null without a known result
	Disciplines     []DisciplineShare `json:"disciplines"`
	Best            []Send            `json:"best"`              // the hardest send of each discipline
	RecentHardSends []Send            `json:"recent_hard_sends"` // the latest first, at most six
	TopLocations    []LocationShare   `json:"top_locations"`     // most pitches first, at most five
	Scores          []Score           `json:"scores"`
	OwnGrades       OwnGrades         `json:"own_grades"`
	LeftOut         OverviewLeftOut   `json:"left_out"`
}

// Totals count ticks, and what is distinct among them.
type Totals struct {
	Ticks        int `json:"ticks"`
	Pitches      int `json:"pitches"`
	Routes       int `json:"routes"`
	Days         int `json:"days"`
	Locations    int `json:"locations"`
	Sends        int `json:"sends"`
	Attempts     int `json:"attempts"`
	Undetermined int `json:"undetermined"`
}

// DisciplineShare counts one discipline; a "Trad, Sport" route counts in both.
type DisciplineShare struct {
	Discipline climb.Discipline `json:"discipline"`
	Ticks      int              `json:"ticks"`
	Pitches    int              `json:"pitches"`
	Sends      int              `json:"sends"`
}

// Send is a tick that sent a route.
type Send struct {
	Discipline    climb.Discipline `json:"discipline"`
	Grade         string           `json:"grade"` // on the scale asked for
	RouteName     string           `json:"route_name"`
	Location      string           `json:"location"`
	Date          string           `json:"date"`
	DatePrecision string           `json:"date_precision"` // day, month or year
	Result        climb.Result     `json:"result"`
	TickID        string           `json:"tick_id"`
	rung          int
	route         string
}

// LocationShare counts one place.
type LocationShare struct {
	Location string `json:"location"`
	Pitches  int    `json:"pitches"`
	Ticks    int    `json:"ticks"`
}

// OverviewLeftOut counts what the filter leaves out, and sends that the hardest and recent lists and the scores cannot rank.
type OverviewLeftOut struct {
	Filtered
	NoGrade int `json:"no_grade"` // without a grade of its discipline's family, or without a discipline
}

// How much of each list an overview shows.
const (
	maxRecentSends  = 6
	maxTopLocations = 5
	hardGrades      = 4
)

// OverviewOf sums up the logbook of a user under a filter.
func OverviewOf(app core.App, userID string, filter Filter) (*Overview, error) {
	ticks, err := load(app, userID, filter)
	if err != nil {
		return nil, err
	}
	return overviewOf(ticks, filter), nil
}

func overviewOf(all []tick, filter Filter) *Overview {
	overview := &Overview{Basis: newBasis(overviewRule+scoreRule+ownGradesRule, map[string]string{
		"send_rate": "fraction of ticks with a known result", "points": "points of 8a.nu", "own_grades": "ticks",
	}, filter)}
	var ticks []*tick
	ticks, overview.LeftOut.Filtered = inScope(all, filter)
	overview.count(ticks, filter)
	overview.Disciplines = disciplineShares(ticks, filter)
	overview.TopLocations = topLocations(ticks)
	overview.rankSends(ticks, filter)
	overview.Scores, overview.OwnGrades = scores(ticks, filter), ownGrades(ticks)
	return overview
}

func (o *Overview) count(ticks []*tick, filter Filter) {
	routes, days, locations := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, t := range ticks {
		o.Totals.Ticks++
		o.Totals.Pitches += t.pitches
		routes[t.route] = true
		if t.hasDay() {
			days[t.date] = true
			o.FirstDay, o.LastDay = cmp.Or(o.FirstDay, &t.date), &t.date
		}
		if t.location != "" {
			locations[t.location] = true
		}
		switch {
		case t.sent(filter):
			o.Totals.Sends++
		case t.result.IsAttempt():
			o.Totals.Attempts++
		case t.result.IsUndetermined():
			o.Totals.Undetermined++
		}
	}
	o.Totals.Routes, o.Totals.Days, o.Totals.Locations = len(routes), len(days), len(locations)
	if known := o.Totals.Sends + o.Totals.Attempts; known > 0 {
		rate := float64(o.Totals.Sends) / float64(known)
		o.SendRate = &rate
	}
}

func disciplineShares(ticks []*tick, filter Filter) []DisciplineShare {
	byDiscipline := map[climb.Discipline]*DisciplineShare{}
	for _, t := range ticks {
		for _, d := range t.disciplines {
			share := byDiscipline[d]
			if share == nil {
				share = &DisciplineShare{Discipline: d}
				byDiscipline[d] = share
			}
			share.Ticks++
			share.Pitches += t.pitches
			if t.sent(filter) {
				share.Sends++
			}
		}
	}
	shares := []DisciplineShare{}
	for _, d := range climb.AllDisciplines() {
		if share, ok := byDiscipline[d]; ok {
			shares = append(shares, *share)
		}
	}
	slices.SortStableFunc(shares, func(a, b DisciplineShare) int { return cmp.Compare(b.Ticks, a.Ticks) })
	return shares
}

func topLocations(ticks []*tick) []LocationShare {
	byArea := map[string]*LocationShare{}
	for _, t := range ticks {
		if t.location == "" {
			continue
		}
		name := area(t.location)
		share := byArea[name]
		if share == nil {
			share = &LocationShare{Location: name}
			byArea[name] = share
		}
		share.Ticks++
		share.Pitches += t.pitches
	}
	shares := make([]LocationShare, 0, len(byArea))
	for _, share := range byArea {
		shares = append(shares, *share)
	}
	slices.SortFunc(shares, func(a, b LocationShare) int {
		return cmp.Or(cmp.Compare(b.Pitches, a.Pitches), cmp.Compare(b.Ticks, a.Ticks), cmp.Compare(a.Location, b.Location))
	})
	return shares[:min(len(shares), maxTopLocations)]
}

// rankSends finds the hardest send of each discipline and the recent hard ones.
func (o *Overview) rankSends(ticks []*tick, filter Filter) {
	o.Best, o.RecentHardSends = []Send{}, []Send{}
	ungraded := map[string]bool{}
	for _, t := range ticks {
		if len(t.disciplines) == 0 && t.sent(filter) {
			ungraded[t.id] = true // in no list: without a discipline nobody knows what the grade compares with
		}
	}
	for _, d := range climb.AllDisciplines() {
		if !(filter.Discipline == "" || filter.Discipline == d) {
			continue
		}
		sends := gradedSends(ticks, d, filter, ungraded)
		if len(sends) == 0 {
			continue
		}
		best := slices.MaxFunc(sends, func(a, b Send) int {
			return cmp.Or(cmp.Compare(a.rung, b.rung), cmp.Compare(b.Result.Rank(), a.Result.Rank()), cmp.Compare(b.Date, a.Date))
		})
		o.Best = append(o.Best, best)
		for _, s := range firstOfRoutes(sends) {
			if s.rung > best.rung-hardGrades {
				o.RecentHardSends = append(o.RecentHardSends, s)
			}
		}
	}
	o.LeftOut.NoGrade = len(ungraded)
	o.RecentHardSends = latest(o.RecentHardSends)
}

// gradedSends are the sends in a discipline that have a grade, in the order of the ticks.
func gradedSends(ticks []*tick, d climb.Discipline, filter Filter, ungraded map[string]bool) []Send {
	grades := rungs(filter.scaleOf(d))
	var sends []Send
	for _, t := range ticks {
		if !t.is(d) || !t.sent(filter) {
			continue
		}
		grade, ok := t.gradeIn(d)
		if !ok {
			ungraded[t.id] = true
			continue
		}
		rung := rungOf(grades, grade.Mid())
		sends = append(sends, Send{d, grades[rung].Label, t.routeName, t.location, t.date, t.datePrecision(), t.result, t.id, rung, t.route})
	}
	return sends
}

// latest keeps the newest sends, a route of two disciplines once.
func latest(sends []Send) []Send {
	slices.SortStableFunc(sends, func(a, b Send) int { return cmp.Compare(b.Date, a.Date) })
	sends = firstOfRoutes(sends)
	return sends[:min(len(sends), maxRecentSends)]
}

// firstOfRoutes keeps the first send of each route in a list, which it changes.
func firstOfRoutes(sends []Send) []Send {
	seen := map[string]bool{}
	return slices.DeleteFunc(sends, func(s Send) bool {
		again := seen[s.route]
		seen[s.route] = true
		return again
	})
}
