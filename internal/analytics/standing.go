package analytics

import (
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/climb"
)

// Standing is an overview with what somebody has sent at most in each discipline.
type Standing struct {
	Overview
	Hardest []HardestSends // the disciplines with a graded send, the most ticks first
}

// HardestSends are the hardest sends of one discipline.
type HardestSends struct {
	Discipline climb.Discipline
	Scale      climb.System
	ByResult   []HardestSend // the best result first; only those that were logged
	ProgressionRunning
}

// HardestSend is the hardest grade that was sent with one result.
type HardestSend struct {
	Result climb.Result
	Grade  string
	Date   string // of its first send
}

// StandingOf computes the overview of a user, and the hardest sends by result. What is harder and the gap are counted as in
// [ProgressionOf].
func StandingOf(app core.App, userID string, filter Filter) (*Standing, error) {
	all, err := load(app, userID, filter)
	if err != nil {
		return nil, err
	}
	return standingOf(all, filter), nil
}

func standingOf(all []tick, filter Filter) *Standing {
	s := &Standing{Overview: *overviewOf(all, filter)}
	ticks, _ := inScope(all, filter)
	for _, share := range s.Disciplines {
		if filter.Discipline != "" && filter.Discipline != share.Discipline {
			continue
		}
		walk := newHardestWalk(filter.ladderOf(share.Discipline))
		for _, t := range ticks {
			if t.is(share.Discipline) && t.sent(filter) {
				walk.add(t)
			}
		}
		if walk.best.any != none {
			s.Hardest = append(s.Hardest, walk.finished(filter))
		}
	}
	return s
}

// hardestWalk goes through the sends of one discipline in the order of their days.
type hardestWalk struct {
	ladder   ladder
	best     hardest
	byResult map[climb.Result]*rankedSend
}

type rankedSend struct {
	rung int
	date string
}

func newHardestWalk(l ladder) hardestWalk {
	return hardestWalk{l, hardestOf(l.discipline), map[climb.Result]*rankedSend{}}
}

func (w *hardestWalk) add(t *tick) {
	score, ok := w.ladder.score(t)
	if !ok {
		return
	}
	w.best.add(t, score)
	rung := w.ladder.rung(score)
	if old := w.byResult[t.result]; old == nil || rung > old.rung {
		w.byResult[t.result] = &rankedSend{rung, t.date}
	}
}

func (w *hardestWalk) finished(filter Filter) HardestSends {
	h := HardestSends{Discipline: w.ladder.discipline, Scale: filter.scaleOf(w.ladder.discipline), ProgressionRunning: w.best.running(w.ladder)}
	for _, result := range climb.AllResults() {
		if best := w.byResult[result]; best != nil {
			h.ByResult = append(h.ByResult, HardestSend{result, w.ladder.rungs[best.rung].Label, best.date})
		}
	}
	return h
}
