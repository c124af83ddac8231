package analytics

import (
	"slices"

	"github.com/cragbase/cragbase/internal/climb"
)

// progressionWalk goes through the sends in the order of their days.
type progressionWalk struct {
	ladder          ladder
	filter          Filter
	days            periods
	seasons, months progressionList
	best            hardest // up to here
	low, high       int     // the ends of the axis
	leftOut         ProgressionLeftOut
}

func (w *progressionWalk) add(t *tick) {
	score, ok := w.leftOut.keeps(t, w.ladder, w.filter)
	if !ok {
		return
	}
	at := w.days.of(t.date)
	w.seasons.turn(at.season, w)
	w.months.turn(at.month, w)
	w.best.add(t, score)
	w.seasons.add(t, score)
	w.months.add(t, score)
}

// widen makes the axis reach to a score.
func (w *progressionWalk) widen(score int) {
	if score == none {
		return
	}
	if w.low == none {
		w.low, w.high = score, score
	}
	w.low, w.high = min(w.low, score), max(w.high, score)
}

// hardest are the scores of the hardest sends in a discipline; none without one.
type hardest struct {
	discipline             climb.Discipline
	any, onsight, redpoint int
}

func hardestOf(d climb.Discipline) hardest { return hardest{d, none, none, none} }

func (h *hardest) add(t *tick, score int) {
	h.any = max(h.any, score)
	switch t.result {
	case climb.ResultOnsight:
		h.onsight = max(h.onsight, score)
	case climb.ResultFlash:
		if h.discipline == climb.Boulder {
			h.onsight = max(h.onsight, score)
		}
	case climb.ResultRedpoint, climb.ResultPinkpoint, climb.ResultSend:
		h.redpoint = max(h.redpoint, score)
	}
}

// running writes the hardest up to the end of a period.
func (h *hardest) running(ladder ladder) ProgressionRunning {
	running := ProgressionRunning{
		Max: ladder.value(float64(h.any)), Onsight: ladder.valueOf(h.onsight), Redpoint: ladder.valueOf(h.redpoint),
	}
	if h.onsight != none && h.redpoint != none {
		gap := ladder.rung(h.redpoint) - ladder.rung(h.onsight)
		running.Gap = &gap
	}
	return running
}

// progressionList are the periods of one kind; the last of them is still open.
type progressionList struct {
	done   []ProgressionPeriod
	open   Period
	best   hardest
	scores []int
	routes map[string]int // the hardest score of each
}

// turn closes the open period when another one begins.
func (l *progressionList) turn(to Period, w *progressionWalk) {
	if l.open == to {
		return
	}
	l.close(w)
	l.open, l.best, l.scores, l.routes = to, hardestOf(w.ladder.discipline), l.scores[:0], map[string]int{}
}

func (l *progressionList) add(t *tick, score int) {
	l.best.add(t, score)
	l.scores = append(l.scores, score)
	if old, ok := l.routes[t.route]; !ok || score > old {
		l.routes[t.route] = score
	}
}

func (l *progressionList) close(w *progressionWalk) {
	if len(l.scores) == 0 {
		return
	}
	slices.Sort(l.scores)
	for _, score := range []int{l.scores[0], w.best.any, w.best.onsight, w.best.redpoint} {
		w.widen(score)
	}
	at := func(part float64) GradeValue { return w.ladder.value(quantile(l.scores, part)) }
	l.done = append(l.done, ProgressionPeriod{
		Period: l.open, Sends: len(l.scores), Routes: len(l.routes),
		Max: at(1), TopMean: w.ladder.value(topMean(l.routes)), Median: at(0.5), LowerQuartile: at(0.25), UpperQuartile: at(0.75), Min: at(0),
		Onsight: w.ladder.valueOf(l.best.onsight), Redpoint: w.ladder.valueOf(l.best.redpoint), Running: w.best.running(w.ladder),
	})
	l.scores = l.scores[:0]
}

func (l *progressionList) finished(w *progressionWalk) []ProgressionPeriod {
	l.close(w)
	return append([]ProgressionPeriod{}, l.done...)
}

// topMean is the mean score of the topK hardest of routes.
func topMean(routes map[string]int) float64 {
	scores := make([]int, 0, len(routes))
	for _, score := range routes {
		scores = append(scores, score)
	}
	slices.Sort(scores)
	sum := 0
	top := scores[max(0, len(scores)-topK):]
	for _, score := range top {
		sum += score
	}
	return float64(sum) / float64(len(top))
}

// quantile is what a part (0..1) of sorted values is not above, between two values on the straight line from one to the other.
func quantile(sorted []int, part float64) float64 {
	place := part * float64(len(sorted)-1)
	i := int(place)
	if i+1 >= len(sorted) {
		return float64(sorted[len(sorted)-1])
	}
	return float64(sorted[i]) + (place-float64(i))*float64(sorted[i+1]-sorted[i])
}
