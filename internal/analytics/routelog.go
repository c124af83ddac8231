package analytics

import (
	"cmp"
	"slices"

	"github.com/cragbase/cragbase/internal/climb"
)

// routeLog is what a logbook says of one route, the earliest tick first. A send of which only the month or the year is known comes
// after the other ticks of that time: those that were not sends were most likely tries for it, and days that are known are not
// put off for one that is not.
type routeLog struct {
	ticks []*tick
	first int // index of the first send; -1: none
}

// routeLogs gathers ticks, which are in the order of the days, by route. The routes are in the order of their first ticks.
func routeLogs(ticks []*tick, filter Filter) []*routeLog {
	byRoute := make(map[string]*routeLog, len(ticks))
	logs := make([]*routeLog, 0, len(ticks))
	for _, t := range ticks {
		log := byRoute[t.route]
		if log == nil {
			log = &routeLog{}
			byRoute[t.route] = log
			logs = append(logs, log)
		}
		log.ticks = append(log.ticks, t)
	}
	for _, log := range logs {
		log.order(filter)
		log.first = slices.IndexFunc(log.ticks, func(t *tick) bool { return t.sent(filter) })
	}
	return logs
}

// order moves the sends that lack the day behind the other ticks of their month or year.
func (l *routeLog) order(filter Filter) {
	lacksDay := func(t *tick) bool { return !t.hasDay() && t.sent(filter) }
	if !slices.ContainsFunc(l.ticks, lacksDay) {
		return
	}
	end := func(t *tick) (date string, length int) {
		switch {
		case !lacksDay(t):
			return t.date, 0
		case t.hasMonth():
			return monthOf(day(t.date)).To, 1
		}
		return yearOf(day(t.date)).To, 2
	}
	slices.SortStableFunc(l.ticks, func(a, b *tick) int {
		endA, lengthA := end(a)
		endB, lengthB := end(b)
		return cmp.Or(cmp.Compare(endA, endB), cmp.Compare(lengthA, lengthB))
	})
}

func (l *routeLog) sent() bool { return l.first >= 0 }

func (l *routeLog) last() *tick { return l.ticks[len(l.ticks)-1] }

// untilSend are the ticks of a route that was sent up to and including the first send.
func (l *routeLog) untilSend() []*tick { return l.ticks[:l.first+1] }

// tries are how many tries ticks stand for: their laps, or what one of them tells where that is more.
func tries(ticks []*tick) int { return max(lapsOf(ticks), toldTries(ticks)) }

// lapsOf are the laps of ticks.
func lapsOf(ticks []*tick) (laps int) {
	for _, t := range ticks {
		laps += t.laps()
	}
	return laps
}

// toldTries is the largest number of tries that one of the ticks tells; 0 where none does. Each tells all up to itself.
func toldTries(ticks []*tick) (told int) {
	for _, t := range ticks {
		told = max(told, t.attempts)
	}
	return told
}

// daysOf are the distinct dates of those ticks whose day is known.
func daysOf(ticks []*tick) (days int) {
	date := ""
	for _, t := range ticks {
		if t.hasDay() && t.date != date {
			date = t.date
			days++
		}
	}
	return days
}

// has reports whether a tick of the route has a result of a kind.
func (l *routeLog) has(kind func(climb.Result) bool) bool {
	return slices.ContainsFunc(l.ticks, func(t *tick) bool { return kind(t.result) })
}
