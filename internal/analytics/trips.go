package analytics

import (
	"cmp"
	"slices"
	"strings"
)

const (
	minTripDays = 2 // days out that make a trip
	maxTripRest = 2 // days between two of them
)

// region is the part of a path that people travel to: a state and its largest area, or a country and its largest area.
func region(path string) string {
	parts := 2
	if strings.HasPrefix(path, "International"+pathSeparator) {
		parts = 4
	}
	list := strings.SplitN(path, pathSeparator, parts+1)
	return strings.Join(list[:min(len(list), parts)], pathSeparator)
}

// tripList finds the trips among ticks in the order of their days.
type tripList struct {
	done []Trip
	open map[string]*Trip // the last one of each region
}

func (l *tripList) add(t *tick, region string, sent bool) {
	trip := l.open[region]
	if trip == nil || daysBetween(trip.To, t.date) > maxTripRest+1 {
		l.close(trip)
		trip = &Trip{Region: region, From: t.date}
		l.open[region] = trip
	}
	if trip.To != t.date {
		trip.To = t.date
		trip.Days++
	}
	trip.Ticks++
	trip.Pitches += t.pitches
	if sent {
		trip.Sends++
	}
}

func (l *tripList) close(trip *Trip) {
	if trip != nil && trip.Days >= minTripDays {
		l.done = append(l.done, *trip)
	}
}

// finished are all trips, the latest first.
func (l *tripList) finished() []Trip {
	for _, trip := range l.open {
		l.close(trip)
	}
	slices.SortFunc(l.done, func(a, b Trip) int {
		return cmp.Or(cmp.Compare(b.From, a.From), cmp.Compare(b.To, a.To), cmp.Compare(a.Region, b.Region))
	})
	return append([]Trip{}, l.done...)
}
