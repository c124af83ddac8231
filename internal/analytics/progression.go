package analytics

import (
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/climb"
)

// topK is how many routes a TopMean is over: enough that one lucky day does not make it, few enough for a short season.
const topK = 5

const progressionRule = "All sends of one discipline with a grade, by season and by month; periods without any are not listed. " +
	"Max, min, median and quartiles are over the sends, repeats too; the top mean is over the five hardest distinct routes of the period. " +
	"The onsight line is the hardest onsight, of boulders also flash; the redpoint line is the hardest redpoint, pinkpoint or send. " +
	"Running figures are the hardest up to the end of the period, also from before the first day asked for; " +
	"the gap is how many grades the running redpoint is above the running onsight. " +
	"A grade between two counts in the lower middle of its range, and a score between two grades is shown as the lower one."

// Progression shows how hard somebody climbed from period to period, in one discipline.
type Progression struct {
	Basis
	Discipline climb.Discipline    `json:"discipline"` // the filter's, or the one with the most sends
	Scale      climb.System        `json:"scale"`
	TopK       int                 `json:"top_k"`   // how many routes TopMean is over, at most
	Grades     []GradeStep         `json:"grades"`  // the axis: the easiest first, without gaps
	Seasons    []ProgressionPeriod `json:"seasons"` // the earliest first; only those with a graded send
	Months     []ProgressionPeriod `json:"months"`  // the same by month
	LeftOut    ProgressionLeftOut  `json:"left_out"`
}

// ProgressionPeriod is what was sent in one season or month.
type ProgressionPeriod struct {
	Period
	Sends         int                `json:"sends"`  // graded ones, repeats too
	Routes        int                `json:"routes"` // distinct ones among them
	Max           GradeValue         `json:"max"`
	TopMean       GradeValue         `json:"top_mean"` // over the TopK hardest distinct routes
	Median        GradeValue         `json:"median"`   // over the sends, and so the quartiles
	LowerQuartile GradeValue         `json:"lower_quartile"`
	UpperQuartile GradeValue         `json:"upper_quartile"`
	Min           GradeValue         `json:"min"`
	Onsight       *GradeValue        `json:"onsight"`  // the hardest onsight; of boulders also flash; null without one
	Redpoint      *GradeValue        `json:"redpoint"` // the hardest redpoint, pinkpoint or send; null without one
	Running       ProgressionRunning `json:"running"`
}

// ProgressionRunning is the hardest up to the end of a period, also from before the first day asked for.
type ProgressionRunning struct {
	Max      GradeValue  `json:"max"`
	Onsight  *GradeValue `json:"onsight"`
	Redpoint *GradeValue `json:"redpoint"`
	Gap      *int        `json:"gap"` // grades from Onsight up to Redpoint, negative when the onsight is harder; null without both
}

// ProgressionLeftOut counts the ticks that the chart does not show, and why.
type ProgressionLeftOut struct {
	Filtered
	NoGrade      int `json:"no_grade"`     // sends whose grade is unknown or of another family
	NoMonth      int `json:"no_month"`     // sends of which only the year is known
	Undetermined int `json:"undetermined"` // no result logged
	Attempts     int `json:"attempts"`
	OtherStyles  int `json:"other_styles"` // top-rope, follow and solo without a lead style
}

// ProgressionOf computes the progression of a user (domain: per season or month the maximum, the mean of the top k and the
// median of the sends, the running maximum, the onsight and the redpoint line). Without a discipline in the filter it takes
// the one with the most sends.
func ProgressionOf(app core.App, userID string, filter Filter) (*Progression, error) {
	ticks, err := load(app, userID, filter.history())
	if err != nil {
		return nil, err
	}
	return progressionOf(ticks, filter), nil
}

func progressionOf(all []tick, filter Filter) *Progression {
	before, asked := since(all, filter.From)
	scoped := filter.orMostSent(all)
	walk := progressionWalk{ladder: scoped.ladderOf(scoped.Discipline), filter: scoped, low: none, high: none, best: hardestOf(scoped.Discipline)}
	earlier, _ := inScope(before, scoped)
	for _, t := range earlier {
		if score, ok := walk.leftOut.keeps(t, walk.ladder, scoped); ok {
			walk.best.add(t, score)
		}
	}
	walk.leftOut = ProgressionLeftOut{} // only what is asked for is missed
	ticks, filtered := inScope(asked, scoped)
	for _, t := range ticks {
		walk.add(t)
	}
	walk.leftOut.Filtered = filtered
	seasons, months := walk.seasons.finished(&walk), walk.months.finished(&walk)
	return &Progression{
		Basis: newBasis(progressionRule, map[string]string{
			"score": "score of the grade's family", "gap": "grades of the scale", "sends": "ticks", "routes": "distinct routes",
		}, filter),
		Discipline: scoped.Discipline, Scale: scoped.scaleOf(scoped.Discipline), TopK: topK,
		Grades:  walk.ladder.steps(walk.low, walk.high),
		Seasons: seasons, Months: months, LeftOut: walk.leftOut,
	}
}

// keeps is the score of a send that the chart can show; what it cannot show it counts.
func (l *ProgressionLeftOut) keeps(t *tick, ladder ladder, filter Filter) (score int, ok bool) {
	if !t.sent(filter) {
		switch {
		case t.result.IsAttempt():
			l.Attempts++
		case t.result.IsUndetermined():
			l.Undetermined++
		default:
			l.OtherStyles++
		}
		return 0, false
	}
	if score, ok = ladder.score(t); !ok {
		l.NoGrade++
		return 0, false
	}
	if !t.hasMonth() {
		l.NoMonth++
		return 0, false
	}
	return score, true
}
