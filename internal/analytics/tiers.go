package analytics

import (
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/climb"
)

const tiersRule = "The tier of a tick is its grade against the hardest grade sent on any day before it, from the beginning of the logbook: project at that grade or above, " +
	"then one, two and three grades below, and base for all that is easier. What is sent on a day counts from the next day on. " +
	"A grade between two, such as 5.10 or V3-4, counts in the lower middle of its range. The send rate is sends / (sends + attempts). " +
	"A date that is only a month or a year counts as its first day."

// Tiers counts climbing by how hard it was for its climber at the time.
type Tiers struct {
	Basis
	Discipline climb.Discipline `json:"discipline"`
	Scale      climb.System     `json:"scale"`
	Tiers      []Tier           `json:"tiers"`   // all five, the hardest first
	Seasons    []TierPeriod     `json:"seasons"` // in their order, only those with ticks
	Months     []TierPeriod     `json:"months"`  // the same
	LeftOut    TiersLeftOut     `json:"left_out"`
}

// Tier counts the ticks of one tier.
type Tier struct {
	Tier     string   `json:"tier"` // project, one_below, two_below, three_below or base
	Ticks    int      `json:"ticks"`
	Pitches  int      `json:"pitches"`
	Sends    int      `json:"sends"`
	Attempts int      `json:"attempts"`
	SendRate *float64 `json:"send_rate"` // 0..1; null without a known result
}

// TierPeriod counts the tiers of a season or a month.
type TierPeriod struct {
	Period
	Hardest string `json:"hardest"` // grade sent before the period's last day with a tick
	Tiers   []Tier `json:"tiers"`   // all five, the hardest first
}

// TiersLeftOut counts the ticks of the dates asked for that have no tier, and why.
type TiersLeftOut struct {
	Filtered
	NoGrade       int `json:"no_grade"`
	NoEarlierSend int `json:"no_earlier_send"` // nothing was sent on a day before
	NoMonth       int `json:"no_month"`        // of which only the year is known: in tiers, but in no season and month
}

// TiersOf computes the difficulty tiers of a user's ticks (domain: the binned grade less the running maximum before that day),
// in the filter's discipline or the one with the most sends.
func TiersOf(app core.App, userID string, filter Filter) (*Tiers, error) {
	ticks, err := load(app, userID, filter.history())
	if err != nil {
		return nil, err
	}
	return tiersOf(ticks, filter), nil
}

// tiersInAll are the project tier, three below it and the base.
const tiersInAll = 5

// tierNames are the tiers, the hardest first.
func tierNames() [tiersInAll]string {
	return [tiersInAll]string{"project", "one_below", "two_below", "three_below", "base"}
}

// tierOf is the tier, counted from the hardest, of a grade where another is the hardest one sent before.
func tierOf(rung, hardest int) int {
	return min(max(hardest-rung, 0), tiersInAll-1)
}

func tiersOf(all []tick, filter Filter) *Tiers {
	scoped := filter.orMostSent(all)
	d := scoped.Discipline
	t := &Tiers{
		Basis:      newBasis(tiersRule, map[string]string{"pitches": "pitches, and laps on single-pitch routes", "send_rate": "fraction of ticks with a known result"}, filter),
		Discipline: d,
		Scale:      filter.scaleOf(d),
	}
	var ticks []*tick
	ticks, t.LeftOut.Filtered = inScope(all, scoped.anyResult())
	walk := tierWalk{filter: scoped, asked: filter.results(), ladder: rungs(t.Scale), hardest: -1, sentToday: -1, out: &t.LeftOut}
	for _, tick := range ticks {
		walk.add(tick)
	}
	t.Tiers = walk.tiers.finished()
	t.Seasons, t.Months = walk.seasons.finished(walk.ladder), walk.months.finished(walk.ladder)
	return t
}

// tierWalk goes through ticks in the order of their days.
type tierWalk struct {
	filter          Filter // with its discipline
	asked           resultSet
	ladder          []climb.Bin
	date            string // of the last tick
	hardest         int    // rung sent before that day; -1: none
	sentToday       int    // hardest rung sent on that day
	at              periods
	tiers           tierCounts
	seasons, months tierList
	out             *TiersLeftOut
}

func (w *tierWalk) add(t *tick) {
	if t.date != w.date {
		w.date, w.hardest = t.date, max(w.hardest, w.sentToday)
	}
	rung, graded := t.rungIn(w.filter.Discipline, w.ladder)
	if graded && t.sent(w.filter) {
		w.sentToday = max(w.sentToday, rung)
	}
	switch {
	case !w.filter.shows(t.date):
	case !w.asked.has(t.result):
		w.out.OtherResults++
	case !graded:
		w.out.NoGrade++
	case w.hardest < 0:
		w.out.NoEarlierSend++
	default:
		w.count(t, tierOf(rung, w.hardest))
	}
}

func (w *tierWalk) count(t *tick, tier int) {
	sent := t.sent(w.filter)
	w.tiers[tier].add(t, sent)
	if !t.hasMonth() {
		w.out.NoMonth++
		return
	}
	at := w.at.of(t.date)
	w.seasons.in(at.season, w.hardest)[tier].add(t, sent)
	w.months.in(at.month, w.hardest)[tier].add(t, sent)
}

// tierCounts count the tiers, the hardest first.
type tierCounts [tiersInAll]tierCount

type tierCount struct{ ticks, pitches, sends, attempts int }

func (c *tierCount) add(t *tick, sent bool) {
	c.ticks++
	c.pitches += t.pitches
	switch {
	case sent:
		c.sends++
	case t.result.IsAttempt():
		c.attempts++
	}
}

func (c *tierCounts) finished() []Tier {
	tiers := make([]Tier, len(c))
	for i, name := range tierNames() {
		n := c[i]
		tiers[i] = Tier{name, n.ticks, n.pitches, n.sends, n.attempts, shareOf(n.sends, n.sends+n.attempts)}
	}
	return tiers
}

// tierList has a line for each period, in their order.
type tierList []tierLine

type tierLine struct {
	period  Period
	hardest int
	counts  tierCounts
}

// in are the counts of a period: of the last one, or of a new one.
func (l *tierList) in(p Period, hardest int) *tierCounts {
	if last := len(*l) - 1; last < 0 || (*l)[last].period.Name != p.Name {
		*l = append(*l, tierLine{period: p})
	}
	line := &(*l)[len(*l)-1]
	line.hardest = hardest
	return &line.counts
}

func (l tierList) finished(ladder []climb.Bin) []TierPeriod {
	list := make([]TierPeriod, len(l))
	for i := range l {
		list[i] = TierPeriod{l[i].period, ladder[l[i].hardest].Label, l[i].counts.finished()}
	}
	return list
}
