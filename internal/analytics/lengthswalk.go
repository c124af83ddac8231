package analytics

// lengthClasses are the names of the classes, and the feet that each begins at.
var lengthClasses = [...]struct {
	name string
	from int
}{{"short", 0}, {"medium", 60}, {"long", 85}, {"multipitch", multipitchFeet}}

// lengthClass is the index of a tick's class; false when its length is not known.
func (t *tick) lengthClass() (int, bool) {
	if t.multipitch() {
		return len(lengthClasses) - 1, true
	}
	class := 0
	for i, c := range lengthClasses {
		if t.lengthFeet >= c.from {
			class = i
		}
	}
	return class, t.lengthFeet > 0
}

// lengthsWalk goes through ticks in the order of their days.
type lengthsWalk struct {
	filter  Filter
	ladder  ladder
	days    periods
	classes [len(lengthClasses)]lengthCount
	leftOut *LengthsLeftOut
}

// lengthCount is a class that is being counted.
type lengthCount struct {
	LengthClass
	routes     map[string]bool
	sent       gradeCounter
	best       int // score of the hardest send of the discipline
	bestNow    int // the same of the last month
	cumulative int // pitches
}

func (w *lengthsWalk) add(t *tick) {
	i, ok := t.lengthClass()
	if !ok {
		w.leftOut.UnknownLength++
		return
	}
	class := &w.classes[i]
	if class.routes == nil {
		*class = lengthCount{routes: map[string]bool{}, sent: newGradeCounter(w.ladder), best: none, bestNow: none}
	}
	class.count(t, w.filter)
	score := none
	if t.sent(w.filter) && t.is(w.ladder.discipline) {
		if score, ok = w.ladder.score(t); ok {
			class.sent.add(t.route, score)
		} else {
			score = none
			w.leftOut.NoGrade++
		}
	}
	if !t.hasMonth() {
		w.leftOut.NoMonth++
		return
	}
	class.addMonth(t, w, w.days.of(t.date).month.Name, score)
}

func (c *lengthCount) count(t *tick, filter Filter) {
	c.Ticks++
	c.Pitches += t.pitches
	c.routes[t.route] = true
	if t.sent(filter) {
		c.Sends++
	} else if t.result.IsAttempt() {
		c.Attempts++
	}
}

// addMonth counts a tick in its month; score is that of a send of the discipline, else none.
func (c *lengthCount) addMonth(t *tick, w *lengthsWalk, month string, score int) {
	if last := len(c.Months) - 1; last < 0 || c.Months[last].Month != month {
		c.Months = append(c.Months, LengthMonth{Month: month, RunningMax: w.ladder.valueOf(c.best)})
		c.bestNow = none
	}
	now := &c.Months[len(c.Months)-1]
	c.cumulative += t.pitches
	now.Pitches += t.pitches
	now.CumulativePitches = c.cumulative
	if t.sent(w.filter) {
		now.Sends++
	} else if t.result.IsAttempt() {
		now.Attempts++
	}
	if score > c.bestNow {
		c.bestNow, now.Max = score, w.ladder.valueOf(score)
	}
	if score > c.best {
		c.best, now.RunningMax = score, now.Max
	}
}

// finished are the classes with their limits and rates.
func (w *lengthsWalk) finished() []LengthClass {
	classes := make([]LengthClass, 0, len(lengthClasses))
	for i := range w.classes {
		count := &w.classes[i]
		class := count.LengthClass
		class.Class, class.FromFeet, class.FromMetres = lengthClasses[i].name, lengthClasses[i].from, tenths(float64(lengthClasses[i].from)*metresPerFoot)
		if i+1 < len(lengthClasses) {
			feet := lengthClasses[i+1].from
			metres := tenths(float64(feet) * metresPerFoot)
			class.BelowFeet, class.BelowMetres = &feet, &metres
		}
		class.Routes, class.SendRate = len(count.routes), shareOf(class.Sends, class.Sends+class.Attempts)
		class.Max, class.Grades = w.ladder.valueOf(count.sent.hardest()), count.sent.counts()
		if class.Months == nil {
			class.Months = []LengthMonth{}
		}
		classes = append(classes, class)
	}
	return classes
}
