package analytics

import (
	"cmp"
	"maps"
	"slices"
)

// How much of each list is shown.
const (
	maxTopAreas = 20
	maxNewNames = 20
	maxTrips    = 50
)

// locationsWalk goes through ticks in the order of their days.
type locationsWalk struct {
	filter   Filter
	days     periods
	root     place
	areas    map[string]*areaCount
	byPath   map[string]*areaCount // the area of each location, so that a path is taken apart once
	known    map[string]bool       // areas from before the first day asked for
	newAreas []NewAreas
	trips    tripList
	leftOut  LocationsLeftOut
}

func newLocationsWalk(filter Filter) *locationsWalk {
	return &locationsWalk{
		filter: filter, areas: map[string]*areaCount{}, byPath: map[string]*areaCount{}, known: map[string]bool{},
		newAreas: []NewAreas{}, trips: tripList{open: map[string]*Trip{}},
	}
}

func (w *locationsWalk) add(t *tick) {
	if !t.hasDay() {
		w.leftOut.NoDay++
	}
	if t.location == "" {
		w.leftOut.NoLocation++
		return
	}
	sent := t.sent(w.filter)
	w.root.add(t, sent)
	at := w.days.of(t.date)
	count := w.areaOf(t.location, at.year)
	count.add(t, sent, at.month.Name)
	if t.hasDay() {
		w.trips.add(t, count.region, sent)
	}
}

// areaOf is the area of a location. A new one is noted in its year.
func (w *locationsWalk) areaOf(location string, year Period) *areaCount {
	if count := w.byPath[location]; count != nil {
		return count
	}
	name := area(location)
	count := w.areas[name]
	if count == nil {
		count = &areaCount{AreaShare: AreaShare{Location: name}, region: region(name), routes: map[string]bool{}}
		w.areas[name] = count
		if !w.known[name] {
			w.discovered(name, day(year.From).Year())
		}
	}
	w.byPath[location] = count
	return count
}

func (w *locationsWalk) discovered(name string, year int) {
	if last := len(w.newAreas) - 1; last < 0 || w.newAreas[last].Year != year {
		w.newAreas = append(w.newAreas, NewAreas{Year: year, Names: []string{}})
	}
	now := &w.newAreas[len(w.newAreas)-1]
	now.Areas++
	if len(now.Names) < maxNewNames {
		now.Names = append(now.Names, name)
	}
}

func (w *locationsWalk) totals(trips int) LocationTotals {
	regions := map[string]bool{}
	for _, count := range w.areas {
		regions[count.region] = true
	}
	return LocationTotals{len(w.byPath), len(w.areas), len(regions), w.root.ticks, w.root.pitches, trips}
}

func (w *locationsWalk) topAreas() []AreaShare {
	counts := slices.SortedFunc(maps.Values(w.areas), func(a, b *areaCount) int {
		return cmp.Or(cmp.Compare(b.Pitches, a.Pitches), cmp.Compare(b.Ticks, a.Ticks), cmp.Compare(a.Location, b.Location))
	})
	shares := []AreaShare{}
	for _, count := range counts[:min(len(counts), maxTopAreas)] {
		count.Routes = len(count.routes)
		shares = append(shares, count.AreaShare)
	}
	return shares
}

// areaCount is an area that is being counted.
type areaCount struct {
	AreaShare
	region string
	routes map[string]bool
}

func (c *areaCount) add(t *tick, sent bool, month string) {
	c.Ticks++
	c.Pitches += t.pitches
	c.routes[t.route] = true
	if sent {
		c.Sends++
	}
	if t.hasDay() && (c.LastDay == nil || *c.LastDay != t.date) {
		c.Days++
		c.LastDay = &t.date
		if c.FirstDay == nil {
			c.FirstDay = &t.date
		}
	}
	if last := len(c.Months) - 1; last < 0 || c.Months[last].Month != month {
		c.Months = append(c.Months, AreaMonth{Month: month})
	}
	now := &c.Months[len(c.Months)-1]
	now.Pitches += t.pitches
	now.Cumulative = c.Pitches
}
