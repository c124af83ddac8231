package analytics

import (
	"cmp"
	"math"
	"slices"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/climb"
)

const attemptsRule = "The tries of a route are its ticks in any style up to and including its first send, in the order of the days, from the beginning of the logbook. " +
	"On a route of one pitch, pitches are laps and each lap is a try; a route from 130 ft on, or with several pitches and no length, is one try a tick. " +
	"Where one of these ticks tells how many tries it took so far, and that is more, it counts instead. An onsight or a flash took one try. " +
	"A first send of another kind without an earlier try, a second lap or a number of tries took more tries than the logbook has: how many is unknown. " +
	"So it is when a tick without a result comes before it, which may have been the first send, and the send tells no number. " +
	"Days are distinct dates of the ticks whose day is known, and null without one. A send of which only the month or the year is known comes after the other ticks of that time. " +
	"Routes are shown when their first send is within the dates asked for."

// Attempts tells how many tries and days the routes took that were sent.
type Attempts struct {
	Basis
	Discipline climb.Discipline `json:"discipline"`
	Scale      climb.System     `json:"scale"`
	Routes     int              `json:"routes"`    // sent, with a known number of tries
	FirstTry   int              `json:"first_try"` // of these, sent with the first try
	Tries      Spread           `json:"tries"`
	Days       Spread           `json:"days"`
	Grades     []AttemptGrade   `json:"grades"` // the hardest first, with the empty ones between
	LeftOut    AttemptsLeftOut  `json:"left_out"`
}

// Spread sums up a list of numbers; null where it is empty.
type Spread struct {
	Min     *int     `json:"min"`
	Median  *float64 `json:"median"`
	Average *float64 `json:"average"` // to two decimals
	Max     *int     `json:"max"`
}

// AttemptGrade is one grade of the scale.
type AttemptGrade struct {
	Grade    string         `json:"grade"`
	Low      int            `json:"low"`
	High     int            `json:"high"`
	Count    int            `json:"count"`
	FirstTry int            `json:"first_try"`
	Tries    Spread         `json:"tries"`
	Days     Spread         `json:"days"`
	Routes   []AttemptRoute `json:"routes"` // most tries first
}

// AttemptRoute is a route and what its first send took.
type AttemptRoute struct {
	TickID             string       `json:"tick_id"` // of the first send
	RouteName          string       `json:"route_name"`
	Location           string       `json:"location"`
	FirstDate          string       `json:"first_date"`           // of the first try
	FirstDatePrecision string       `json:"first_date_precision"` // day, month or year
	Date               string       `json:"date"`                 // of the first send
	DatePrecision      string       `json:"date_precision"`
	Result             climb.Result `json:"result"`
	Tries              int          `json:"tries"`
	Days               *int         `json:"days"` // null when no day is known, or the send tells more tries than the logbook has and is alone in it
}

// AttemptsLeftOut counts the ticks that the filter leaves out, and the routes that are not shown.
type AttemptsLeftOut struct {
	Filtered
	RoutesNotSent      int `json:"routes_not_sent"`
	RoutesNoGrade      int `json:"routes_no_grade"`
	RoutesTriesUnknown int `json:"routes_tries_unknown"` // sent, not as a first try, without an earlier one
	RoutesUndetermined int `json:"routes_undetermined"`  // a tick without a result comes before the first send
	RoutesOtherDates   int `json:"routes_other_dates"`   // first sent before the first day asked for
	RoutesOtherResults int `json:"routes_other_results"` // first sent with none of the results asked for
}

// AttemptsOf computes the tries and days that a user's routes took (domain: ticks or laps up to and including the first send,
// in day order), of the filter's discipline or of the one with the most sends.
func AttemptsOf(app core.App, userID string, filter Filter) (*Attempts, error) {
	ticks, err := load(app, userID, filter.history())
	if err != nil {
		return nil, err
	}
	return attemptsOf(ticks, filter), nil
}

func attemptsOf(all []tick, filter Filter) *Attempts {
	scoped := filter.orMostSent(all)
	d := scoped.Discipline
	a := &Attempts{
		Basis:      newBasis(attemptsRule, map[string]string{"tries": "ticks, and laps on single-pitch routes, or the number that a tick tells", "days": "distinct dates", "low": "score", "high": "score"}, filter),
		Discipline: d,
		Scale:      filter.scaleOf(d),
	}
	var ticks []*tick
	ticks, a.LeftOut.Filtered = inScope(all, scoped.anyResult())
	walk := attemptWalk{scoped, filter.results(), rungs(a.Scale), nil, &a.LeftOut}
	walk.grades = make([]AttemptGrade, len(walk.ladder))
	for _, log := range routeLogs(ticks, filter) {
		walk.add(log)
	}
	a.fill(&walk)
	return a
}

// attemptWalk goes through the routes of a logbook.
type attemptWalk struct {
	filter Filter // with its discipline
	asked  resultSet
	ladder []climb.Bin
	grades []AttemptGrade // by rung
	out    *AttemptsLeftOut
}

// add puts a route under its grade, or counts why not.
func (w *attemptWalk) add(log *routeLog) {
	if !log.sent() {
		w.out.RoutesNotSent++
		return
	}
	send := log.ticks[log.first]
	rung, graded := send.rungIn(w.filter.Discipline, w.ladder)
	effort := log.effort()
	switch {
	case !w.filter.shows(send.date):
		w.out.RoutesOtherDates++
	case !w.asked.has(send.result):
		w.out.RoutesOtherResults++
	case !graded:
		w.out.RoutesNoGrade++
	case effort.undetermined:
		w.out.RoutesUndetermined++
	case effort.tries == 0:
		w.out.RoutesTriesUnknown++
	default:
		w.grades[rung].Routes = append(w.grades[rung].Routes, AttemptRoute{
			send.id, send.routeName, send.location, effort.since.date, effort.since.datePrecision(), send.date, send.datePrecision(),
			send.result, effort.tries, effort.days,
		})
	}
}

// effort is what the first send of a route took.
type effort struct {
	tries        int   // 0: unknown
	days         *int  // nil: unknown
	since        *tick // the first try
	undetermined bool  // a tick without a result comes before it
}

// effort reads the tries of a route that was sent. The result and what a tick tells know better than the number of ticks.
func (l *routeLog) effort() effort {
	until := l.untilSend()
	send := until[len(until)-1]
	laps, told := lapsOf(until), toldTries(until)
	switch {
	case send.result == climb.ResultOnsight, send.result == climb.ResultFlash:
		return effort{tries: 1, days: knownDays(until[l.first:]), since: send}
	case send.attempts == 0 && slices.ContainsFunc(until[:l.first], func(t *tick) bool { return t.result.IsUndetermined() }):
		return effort{undetermined: true}
	case laps == 1 && told == 0:
		return effort{}
	case told > laps && len(until) == 1:
		return effort{tries: told, since: send}
	}
	return effort{tries: max(laps, told), days: knownDays(until), since: until[0]}
}

// knownDays are the days of ticks, or nil where none is known.
func knownDays(ticks []*tick) *int {
	days := daysOf(ticks)
	if days == 0 {
		return nil
	}
	return &days
}

// fill sums up the grades that have routes, and those between them.
func (a *Attempts) fill(w *attemptWalk) {
	first, last := len(w.grades), -1
	var all []AttemptRoute
	for rung := range w.grades {
		if routes := w.grades[rung].Routes; len(routes) > 0 {
			first, last = min(first, rung), rung
			all = append(all, routes...)
		}
	}
	a.Routes, a.FirstTry = len(all), firstTries(all)
	a.Tries, a.Days = spreadOf(all, triesOfRoute), spreadOf(all, daysOfRoute)
	a.Grades = []AttemptGrade{}
	for rung := last; rung >= first; rung-- {
		grade := &w.grades[rung]
		grade.finish(w.ladder[rung])
		a.Grades = append(a.Grades, *grade)
	}
}

func (g *AttemptGrade) finish(bin climb.Bin) {
	g.Grade, g.Low, g.High = bin.Label, bin.Low, bin.High
	g.Count, g.FirstTry = len(g.Routes), firstTries(g.Routes)
	g.Tries, g.Days = spreadOf(g.Routes, triesOfRoute), spreadOf(g.Routes, daysOfRoute)
	slices.SortFunc(g.Routes, func(x, y AttemptRoute) int {
		return cmp.Or(cmp.Compare(y.Tries, x.Tries), cmp.Compare(y.Date, x.Date), cmp.Compare(x.TickID, y.TickID))
	})
	if g.Routes == nil {
		g.Routes = []AttemptRoute{}
	}
}

func firstTries(routes []AttemptRoute) int {
	count := 0
	for i := range routes {
		if routes[i].Tries == 1 {
			count++
		}
	}
	return count
}

func triesOfRoute(r *AttemptRoute) *int { return &r.Tries }

func daysOfRoute(r *AttemptRoute) *int { return r.Days }

// spreadOf sums up a number of the routes that have one.
func spreadOf(routes []AttemptRoute, number func(*AttemptRoute) *int) Spread {
	var values []int
	sum := 0
	for i := range routes {
		if value := number(&routes[i]); value != nil {
			values = append(values, *value)
			sum += *value
		}
	}
	count := len(values)
	if count == 0 {
		return Spread{}
	}
	slices.Sort(values)
	median := float64(values[(count-1)/2]+values[count/2]) / 2
	average := math.Round(100*float64(sum)/float64(count)) / 100
	return Spread{&values[0], &median, &average, &values[count-1]}
}
