package analytics

import (
	"github.com/cragbase/cragbase/internal/climb"
)

// volumeWalk sums up ticks in the order of their days.
type volumeWalk struct {
	filter                        Filter
	days                          periods
	total                         tally
	years, seasons, months, weeks volumeList
	points                        []CumulativePoint
	reached                       []*string // the days of the milestones that were reached; nil where none is known
	capacity                      []WorkCapacity
	lastDay                       string
	guesses                       map[climb.Discipline]int // ticks whose length was estimated
	base                          baseWalk
	noDay, noMonth                int
}

func (w *volumeWalk) add(t *tick) {
	d := t.countsAs(w.filter)
	feet, estimated := t.vertical(d)
	guess := 0
	if estimated {
		guess = feet
		w.guesses[d]++
	}
	at := w.days.of(t.date)
	w.total.add(t, feet, guess)
	w.years.add(at.year, t, feet, guess)
	if t.hasMonth() {
		w.seasons.add(at.season, t, feet, guess)
		w.months.add(at.month, t, feet, guess)
	} else {
		w.noMonth++
	}
	if t.hasDay() {
		w.weeks.add(at.week, t, feet, guess)
		w.work(t, at.season, feet)
	} else {
		w.noDay++
	}
	w.accumulate(t, at.month.Name)
	w.base.add(t, d, w.filter)
}

// countsAs is the one discipline that a tick of several counts in where it must not count twice.
func (t *tick) countsAs(filter Filter) climb.Discipline {
	if filter.Discipline != "" || len(t.disciplines) == 0 {
		return filter.Discipline
	}
	return t.disciplines[0]
}

// accumulate notes how far the sums have come in a month, and which milestones that passes.
func (w *volumeWalk) accumulate(t *tick, month string) {
	if last := len(w.points) - 1; last < 0 || w.points[last].Month != month {
		w.points = append(w.points, CumulativePoint{Month: month})
	}
	feet := w.total.VerticalFeet
	w.points[len(w.points)-1] = CumulativePoint{month, w.total.Ticks, w.total.Pitches, feet, metres(feet)}
	var on *string
	if t.hasDay() {
		on = &t.date
	}
	for len(w.reached) < len(milestones) && feet >= milestones[len(w.reached)].feet {
		w.reached = append(w.reached, on)
	}
}

// milestones are those that were reached, and the next one.
func (w *volumeWalk) milestones() []Milestone {
	list := []Milestone{}
	for i, m := range milestones[:min(len(w.reached)+1, len(milestones))] {
		milestone := Milestone{Name: m.name, Feet: m.feet, Metres: metres(m.feet)}
		if i < len(w.reached) {
			milestone.Reached, milestone.ReachedOn = true, w.reached[i]
		}
		list = append(list, milestone)
	}
	return list
}

// work adds a tick to the days of a season.
func (w *volumeWalk) work(t *tick, season Period, feet int) {
	if last := len(w.capacity) - 1; last < 0 || w.capacity[last].Period != season {
		w.capacity = append(w.capacity, WorkCapacity{Period: season})
	}
	now := &w.capacity[len(w.capacity)-1]
	if t.date != w.lastDay {
		now.Days++
		w.lastDay = t.date
	}
	now.Pitches += float64(t.pitches)
	now.VerticalFeet += float64(feet)
}

// means turns the sums of the seasons into means of their days.
func (w *volumeWalk) means() []WorkCapacity {
	list := append([]WorkCapacity{}, w.capacity...)
	for i := range list {
		season, days := &list[i], float64(list[i].Days)
		season.VerticalMetres = hundredths(season.VerticalFeet * metresPerFoot / days)
		season.Pitches, season.VerticalFeet = hundredths(season.Pitches/days), hundredths(season.VerticalFeet/days)
	}
	return list
}

// estimates lists what the unknown lengths were taken for.
func (w *volumeWalk) estimates() []Estimate {
	list := []Estimate{}
	for _, d := range append(climb.AllDisciplines(), "") {
		if n := w.guesses[d]; n > 0 {
			feet := estimatedPitch(d)
			list = append(list, Estimate{d, feet, metres(feet), n})
		}
	}
	return list
}

// tally is an amount that is being summed up.
type tally struct {
	Amount
	routes map[string]bool
}

func (a *tally) add(t *tick, feet, guess int) {
	if a.routes == nil {
		a.routes = map[string]bool{}
	}
	a.Ticks++
	a.Pitches += t.pitches
	a.VerticalFeet += feet
	a.EstimatedFeet += guess
	a.routes[t.route] = true
}

// sum is the amount.
func (a *tally) sum() Amount {
	a.Routes, a.VerticalMetres = len(a.routes), metres(a.VerticalFeet)
	a.EstimatedShare = shareOf(a.EstimatedFeet, a.VerticalFeet)
	return a.Amount
}

// volumeList are the periods of one kind; the last of them is still open.
type volumeList struct {
	done []VolumePeriod
	open Period
	tally
}

func (l *volumeList) add(in Period, t *tick, feet, guess int) {
	if l.open != in {
		l.close()
		l.open = in
	}
	l.tally.add(t, feet, guess)
}

func (l *volumeList) close() {
	if l.Ticks > 0 {
		l.done = append(l.done, VolumePeriod{l.open, l.sum()})
	}
	clear(l.routes)
	l.Amount = Amount{}
}

func (l *volumeList) finished() []VolumePeriod {
	l.close()
	return append([]VolumePeriod{}, l.done...)
}
