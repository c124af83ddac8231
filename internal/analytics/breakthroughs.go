package analytics

import (
	"cmp"
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/climb"
)

const breakthroughsRule = "A breakthrough is the first send of a grade, from the beginning of the logbook; it is shown when it is within the dates asked for. " +
	"It is a record when nothing harder or equally hard was sent before it, and days_waited counts from the record before. " +
	"A grade between two, such as 5.10 or V3-4, counts in the lower middle of its range. " +
	"A date that is only a month or a year counts as its first day, and no waiting time is told from it."

// Breakthroughs tells when each grade was first sent.
type Breakthroughs struct {
	Basis
	Discipline climb.Discipline     `json:"discipline"`
	Scale      climb.System         `json:"scale"`
	Grades     []Breakthrough       `json:"grades"` // the hardest first, only those that were sent
	LeftOut    BreakthroughsLeftOut `json:"left_out"`
}

// Breakthrough is the first send of a grade.
type Breakthrough struct {
	Grade string `json:"grade"`
	Low   int    `json:"low"`
	High  int    `json:"high"`
	FirstSend
	Record     bool        `json:"record"`      // harder than everything sent before
	DaysWaited *int        `json:"days_waited"` // since the record before; null for the first one and for what is none
	Styles     []FirstSend `json:"styles"`      // the first send of the grade by each result, the best result first
}

// FirstSend is the first of its kind.
type FirstSend struct {
	Date          string       `json:"date"`
	DatePrecision string       `json:"date_precision"` // day, month or year
	RouteName     string       `json:"route_name"`
	Location      string       `json:"location"`
	Result        climb.Result `json:"result"`
	TickID        string       `json:"tick_id"`
}

// BreakthroughsLeftOut counts the ticks of the dates asked for that can be no breakthrough.
type BreakthroughsLeftOut = PyramidLeftOut

// BreakthroughsOf computes when a user first sent each grade (domain: the earliest date per grade, and per style), in the
// filter's discipline or the one with the most sends.
func BreakthroughsOf(app core.App, userID string, filter Filter) (*Breakthroughs, error) {
	ticks, err := load(app, userID, filter.history())
	if err != nil {
		return nil, err
	}
	return breakthroughsOf(ticks, filter), nil
}

func breakthroughsOf(all []tick, filter Filter) *Breakthroughs {
	scoped := filter.orMostSent(all)
	d := scoped.Discipline
	b := &Breakthroughs{
		Basis:      newBasis(breakthroughsRule, map[string]string{"days_waited": "days", "low": "score", "high": "score"}, filter),
		Discipline: d,
		Scale:      filter.scaleOf(d),
		Grades:     []Breakthrough{},
	}
	var ticks []*tick
	ticks, b.LeftOut.Filtered = inScope(all, scoped)
	ladder := rungs(b.Scale)
	firsts := firstsOf(ticks, d, ladder, filter, &b.LeftOut)
	for rung, first := range slices.Backward(firsts) {
		if first != nil && filter.shows(first.Date) {
			first.Grade, first.Low, first.High = ladder[rung].Label, ladder[rung].Low, ladder[rung].High
			slices.SortFunc(first.Styles, func(x, y FirstSend) int { return cmp.Compare(x.Result.Rank(), y.Result.Rank()) })
			b.Grades = append(b.Grades, *first)
		}
	}
	return b
}

// firstsOf are the breakthroughs by rung, nil where nothing was sent.
func firstsOf(ticks []*tick, d climb.Discipline, ladder []climb.Bin, filter Filter, out *BreakthroughsLeftOut) []*Breakthrough {
	firsts := make([]*Breakthrough, len(ladder))
	var earlier BreakthroughsLeftOut // of the days before those asked for
	var record *tick
	hardest := -1
	for _, t := range ticks {
		count := out
		if !filter.shows(t.date) {
			count = &earlier
		}
		if !count.keeps(t, d, filter) {
			continue
		}
		rung, _ := t.rungIn(d, ladder)
		if firsts[rung] == nil {
			firsts[rung] = &Breakthrough{FirstSend: t.firstSend(), Record: rung > hardest}
			if rung > hardest {
				firsts[rung].DaysWaited = daysApart(record, t)
				record, hardest = t, rung
			}
		}
		firsts[rung].note(t)
	}
	return firsts
}

// note keeps the first send of each result.
func (b *Breakthrough) note(t *tick) {
	for i := range b.Styles {
		if b.Styles[i].Result == t.result {
			return
		}
	}
	b.Styles = append(b.Styles, t.firstSend())
}

func (t *tick) firstSend() FirstSend {
	return FirstSend{t.date, t.datePrecision(), t.routeName, t.location, t.result, t.id}
}

// daysApart are the days from one tick to a later one; nil without the first, or when one is of no certain day.
func daysApart(from, to *tick) *int {
	if from == nil || from.precision != "" || to.precision != "" {
		return nil
	}
	days := int(day(to.date).Sub(day(from.date)) / (24 * time.Hour))
	return &days
}
