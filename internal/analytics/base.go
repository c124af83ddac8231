package analytics

import "github.com/cragbase/cragbase/internal/climb"

// baseGrades is how far below the hardest send the base of a pyramid begins.
const baseGrades = 4

// BaseShare is how much of a discipline was climbed well below the limit.
type BaseShare struct {
	Discipline  climb.Discipline `json:"discipline"`
	Max         GradeValue       `json:"max"`          // the hardest send between the dates of the filter
	Pitches     int              `json:"pitches"`      // graded ones
	BasePitches int              `json:"base_pitches"` // four grades or more under Max
	Share       float64          `json:"share"`        // BasePitches / Pitches, 0..1
}

// baseWalk counts the pitches of each discipline by grade.
type baseWalk struct {
	disciplines map[climb.Discipline]*baseCount
	noGrade     int // ticks
}

// baseCount counts one discipline.
type baseCount struct {
	ladder  ladder
	pitches []int // by rung
	ticks   int
	best    int // score of the hardest send
}

func newBaseWalk() baseWalk { return baseWalk{disciplines: map[climb.Discipline]*baseCount{}} }

func (w *baseWalk) add(t *tick, d climb.Discipline, filter Filter) {
	score, ok := ladder{discipline: d}.score(t)
	if !ok {
		w.noGrade++
		return
	}
	count := w.disciplines[d]
	if count == nil {
		ladder := filter.ladderOf(d)
		count = &baseCount{ladder: ladder, pitches: make([]int, len(ladder.rungs)), best: none}
		w.disciplines[d] = count
	}
	count.ticks++
	count.pitches[count.ladder.rung(score)] += t.pitches
	if t.sent(filter) {
		count.best = max(count.best, score)
	}
}

// shares are those of the disciplines with a graded send. The ticks of the others have no limit to be below.
func (w *baseWalk) shares() []BaseShare {
	shares := []BaseShare{}
	for _, d := range climb.AllDisciplines() {
		count := w.disciplines[d]
		switch {
		case count == nil:
		case count.best == none:
			w.noGrade += count.ticks
		default:
			shares = append(shares, count.share())
		}
	}
	return shares
}

func (c *baseCount) share() BaseShare {
	s := BaseShare{Discipline: c.ladder.discipline, Max: c.ladder.value(float64(c.best))}
	top := c.ladder.rung(c.best)
	for rung, pitches := range c.pitches {
		s.Pitches += pitches
		if rung <= top-baseGrades {
			s.BasePitches += pitches
		}
	}
	s.Share = share(s.BasePitches, s.Pitches)
	return s
}
