package analytics

import "github.com/cragbase/cragbase/internal/climb"

// stylesWalk goes through ticks in the order of their days.
type stylesWalk struct {
	filter         Filter
	ladder         ladder
	days           periods
	overall        styleCounts
	grades         []styleCounts // by rung
	disciplines    disciplineCounts
	years, seasons disciplineList
	pitches        int
	traits         traitCounts
	feel           feelCount
	leftOut        StylesLeftOut
}

func newStylesWalk(filter Filter, d climb.Discipline) *stylesWalk {
	ladder := filter.ladderOf(d)
	return &stylesWalk{
		filter: filter, ladder: ladder, overall: styleCounts{}, grades: make([]styleCounts, len(ladder.rungs)),
		disciplines: disciplineCounts{}, traits: newTraitCounts(ladder),
	}
}

func (w *stylesWalk) add(t *tick) error {
	w.pitches += t.pitches
	sent := t.sent(w.filter)
	w.disciplines.add(t, sent)
	at := w.days.of(t.date)
	w.years.add(at.year, t)
	if t.hasMonth() {
		w.seasons.add(at.season, t)
	} else {
		w.leftOut.NoMonth++
	}
	switch {
	case sent:
		w.overall.add(t)
		w.feel.add(t)
	case t.result.IsAttempt():
		w.leftOut.Attempts++
	case t.result.IsUndetermined():
		w.leftOut.Undetermined++
	default:
		w.leftOut.OtherStyles++
	}
	if !t.is(w.ladder.discipline) {
		return nil
	}
	return w.addGraded(t, sent)
}

// addGraded counts a tick of the one discipline that grades and traits are of.
func (w *stylesWalk) addGraded(t *tick, sent bool) error {
	score, graded := w.ladder.score(t)
	switch {
	case sent && graded:
		w.gradeCounts(score).add(t)
	case sent:
		w.leftOut.NoGrade++
	}
	if !graded {
		score = none
	}
	known, err := w.traits.add(t, sent, score)
	if sent && !known {
		w.leftOut.NoTraits++
	}
	return err
}

// gradeCounts are the counts of the grade of a score.
func (w *stylesWalk) gradeCounts(score int) styleCounts {
	counts := &w.grades[w.ladder.rung(score)]
	if *counts == nil {
		*counts = styleCounts{}
	}
	return *counts
}

// gradeStyles are the grades from the hardest sent to the easiest sent.
func (w *stylesWalk) gradeStyles() []GradeStyles {
	grades := []GradeStyles{}
	gaps := 0
	for i := len(w.grades) - 1; i >= 0; i-- {
		counts, rung := w.grades[i], w.ladder.rungs[i]
		if counts == nil && len(grades) == 0 {
			continue
		}
		gaps++
		if counts != nil {
			gaps = 0
		}
		grades = append(grades, GradeStyles{GradeStep{rung.Label, rung.Low, rung.High}, counts.sends(), counts.all(), counts.firstGoRate()})
	}
	return grades[:len(grades)-gaps]
}

// styleCounts count sends by the name of their style; nil has none.
type styleCounts map[string]int

func (c styleCounts) add(t *tick) {
	if t.result.IsUndetermined() {
		c["undetermined"]++
	} else {
		c[string(t.result)]++
	}
}

func (c styleCounts) sends() (sum int) {
	for _, n := range c {
		sum += n
	}
	return sum
}

func (c styleCounts) firstGoRate() *float64 {
	return shareOf(c[string(climb.ResultOnsight)]+c[string(climb.ResultFlash)], c.sends())
}

// all has every style, those without sends too.
func (c styleCounts) all() map[string]int {
	all := make(map[string]int, len(pyramidStyles))
	for _, style := range pyramidStyles {
		all[style] = c[style]
	}
	return all
}

func (c styleCounts) split() []StyleShare {
	split := make([]StyleShare, 0, len(pyramidStyles))
	for _, style := range pyramidStyles {
		split = append(split, StyleShare{style, c[style], shareOf(c[style], c.sends())})
	}
	return split
}

// feelCount counts sends by what the climber thought of the grade.
type feelCount struct{ soft, hard, notSaid int }

func (c *feelCount) add(t *tick) {
	switch t.feel {
	case "soft":
		c.soft++
	case "hard":
		c.hard++
	default:
		c.notSaid++
	}
}

func (c *feelCount) share() FeelShare {
	return FeelShare{c.soft, c.hard, c.notSaid, shareOf(c.soft, c.soft+c.hard), shareOf(c.hard, c.soft+c.hard)}
}
