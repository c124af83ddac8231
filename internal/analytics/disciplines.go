package analytics

import (
	"cmp"
	"slices"

	"github.com/cragbase/cragbase/internal/climb"
)

// disciplineCounts count what was climbed in each discipline; a tick of two counts in both.
type disciplineCounts map[climb.Discipline]*disciplineCount

type disciplineCount struct{ ticks, pitches, sends, firstGo int }

func (c disciplineCounts) add(t *tick, sent bool) {
	for _, d := range t.disciplines {
		count := c[d]
		if count == nil {
			count = &disciplineCount{}
			c[d] = count
		}
		count.ticks++
		count.pitches += t.pitches
		if !sent {
			continue
		}
		count.sends++
		if t.result == climb.ResultOnsight || t.result == climb.ResultFlash {
			count.firstGo++
		}
	}
}

// order has the disciplines with the most ticks first.
func (c disciplineCounts) order() []climb.Discipline {
	order := slices.DeleteFunc(climb.AllDisciplines(), func(d climb.Discipline) bool { return c[d] == nil })
	slices.SortStableFunc(order, func(a, b climb.Discipline) int { return cmp.Compare(c[b].ticks, c[a].ticks) })
	return order
}

func (c disciplineCounts) split(order []climb.Discipline, allPitches int) []DisciplineSplit {
	split := make([]DisciplineSplit, 0, len(order))
	for _, d := range order {
		n := c[d]
		split = append(split, DisciplineSplit{d, n.ticks, n.pitches, n.sends, share(n.pitches, allPitches), shareOf(n.firstGo, n.sends)})
	}
	return split
}

// disciplineList has the disciplines of the periods of one kind.
type disciplineList struct {
	periods []Period
	counts  []disciplineCounts
}

func (l *disciplineList) add(in Period, t *tick) {
	if last := len(l.periods) - 1; last < 0 || l.periods[last] != in {
		l.periods = append(l.periods, in)
		l.counts = append(l.counts, disciplineCounts{})
	}
	l.counts[len(l.counts)-1].add(t, false)
}

func (l *disciplineList) finished(order []climb.Discipline) []DisciplinePeriod {
	list := make([]DisciplinePeriod, 0, len(l.periods))
	for i, period := range l.periods {
		amounts := []DisciplineAmount{}
		for _, d := range order {
			if n := l.counts[i][d]; n != nil {
				amounts = append(amounts, DisciplineAmount{d, n.ticks, n.pitches})
			}
		}
		list = append(list, DisciplinePeriod{period, amounts})
	}
	return list
}
