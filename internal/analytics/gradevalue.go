package analytics

import (
	"math"

	"github.com/cragbase/cragbase/internal/climb"
)

// GradeStep is one grade of a scale, Low to High on the score of its family, both included.
type GradeStep struct {
	Grade string `json:"grade"`
	Low   int    `json:"low"`
	High  int    `json:"high"`
}

// GradeValue is a place on the grade axis. The grade of a score between two is the lower one.
type GradeValue struct {
	Score float64 `json:"score"` // of the family, see climb.Family
	Grade string  `json:"grade"` // on the scale asked for
}

// ladder is the scale that a discipline is shown in.
type ladder struct {
	discipline climb.Discipline
	rungs      []climb.Bin
}

// ladderOf is the ladder of a discipline under a filter.
func (f Filter) ladderOf(d climb.Discipline) ladder {
	return ladder{d, rungs(f.scaleOf(d))}
}

// score is what the grade of a tick counts as in the discipline; false without a grade of its family.
func (l ladder) score(t *tick) (int, bool) {
	grade, ok := t.gradeIn(l.discipline)
	return grade.Mid(), ok
}

// rung is the position of a score among the grades.
func (l ladder) rung(score int) int { return rungOf(l.rungs, score) }

// value writes a score with its grade.
func (l ladder) value(score float64) GradeValue {
	return GradeValue{hundredths(score), l.rungs[l.rung(int(math.Floor(score)))].Label}
}

// valueOf is value, or nil for none.
func (l ladder) valueOf(score int) *GradeValue {
	if score == none {
		return nil
	}
	value := l.value(float64(score))
	return &value
}

// steps are the grades from the one of a score to the one of another, the easiest first.
func (l ladder) steps(low, high int) []GradeStep {
	steps := []GradeStep{}
	if low == none || high == none {
		return steps
	}
	for _, rung := range l.rungs[l.rung(low) : l.rung(high)+1] {
		steps = append(steps, GradeStep{rung.Label, rung.Low, rung.High})
	}
	return steps
}

// none is the score of what has not been climbed, below all others.
const none = math.MinInt

// hundredths rounds to two decimals, which is finer than any logbook is.
func hundredths(x float64) float64 { return math.Round(100*x) / 100 }

// share is part / whole to four decimals, 0 without a whole.
func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return math.Round(10_000*float64(part)/float64(whole)) / 10_000
}

// shareOf is share, or nil without a whole.
func shareOf(part, whole int) *float64 {
	if whole == 0 {
		return nil
	}
	s := share(part, whole)
	return &s
}

// tenths rounds to one decimal.
func tenths(x float64) float64 { return math.Round(10*x) / 10 }
