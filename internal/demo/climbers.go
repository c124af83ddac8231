package demo

import "time"

// historyYears is how far the logbooks go back.
const historyYears = 3

// climber is one of the invented people: who they are and how they climb.
type climber struct {
	username, title string
	tier            string // what they pay for; "": nothing
	seed            uint64
	days            int         // days out over historyYears
	goes            [2]int      // fewest and most goes of a day
	appetite        [12]float64 // January first: how much a weekend of the month draws them out
	habits          habits
	areas           []area
	trips           []trip // of every year
}

// area is a place that a climber goes to.
type area struct {
	path          []string // from the largest region down
	terrain       terrain
	crags, routes int        // crags of the area, routes of each crag
	level         [2]float64 // rungs of the terrain's ladder where an onsight is an even chance: three years ago, and today
	away          bool       // visited on trips alone
	months        [2]time.Month
}

// trip is a holiday that is spent climbing.
type trip struct {
	month time.Month // in which it begins
	area  int        // index into the climber's areas
}

// habits are the shares of a climber's goes that say little or nothing about a send.
type habits struct {
	topRope, follow, solo float64
	bare                  float64 // led, without a result
	unlogged              float64 // with neither style nor result
}

func (c *climber) email() string { return c.username + "@" + mailDomain }

// open reports whether people climb in the area in a month; without months they always do.
func (a *area) open(month time.Month) bool {
	first, last := a.months[0], a.months[1]
	switch {
	case first == 0:
		return true
	case first <= last:
		return first <= month && month <= last
	default: // over New Year
		return month >= first || month <= last
	}
}

// climbers are the people of the demo. Every place is invented.
var climbers = []climber{
	{
		username: "anna", title: "Anna, boulderer", seed: 1,
		days: 138, goes: [2]int{3, 6},
		appetite: [12]float64{0.4, 0.6, 1.2, 1.3, 0.9, 0.5, 0.3, 0.4, 1.1, 1.5, 1.2, 0.5},
		habits:   habits{unlogged: 0.05},
		areas: []area{
			{path: []string{"Halvern", "Lower Tarn Valley", "Ombersley Woods"}, terrain: boulders, crags: 6, routes: 18, level: [2]float64{1.2, 6.7}},
			{path: []string{"Halvern", "Lower Tarn Valley", "Kettle Moor"}, terrain: boulders, crags: 5, routes: 18, level: [2]float64{1.2, 6.7}},
			{path: []string{"Halvern", "Saltgate Coast", "Pell Beach"}, terrain: boulders, crags: 4, routes: 16, level: [2]float64{1.0, 6.5}},
			{path: []string{"Norrland Basin", "Red Playa", "The Scatter"}, terrain: boulders, crags: 4, routes: 18, level: [2]float64{1.4, 7.1}, away: true},
			{path: []string{"International", "Meridia", "Costa Velar", "Bosque Hondo"}, terrain: boulders, crags: 3, routes: 18, level: [2]float64{1.4, 7.1}, away: true},
		},
		trips: []trip{{time.April, 3}, {time.October, 4}},
	},
	{
		username: "ben", title: "Ben, sport climber", tier: "basic", seed: 2,
		days: 140, goes: [2]int{3, 6},
		appetite: [12]float64{0.2, 0.4, 1.0, 1.4, 1.3, 0.9, 0.6, 0.6, 1.3, 1.5, 0.8, 0.2},
		habits:   habits{topRope: 0.07, follow: 0.02, bare: 0.06, unlogged: 0.05},
		areas: []area{
			{path: []string{"Halvern", "Upper Tarn Valley", "Quarrel Gorge"}, terrain: boltedCliffs, crags: 6, routes: 20, level: [2]float64{2.6, 10.6}},
			{path: []string{"Halvern", "Upper Tarn Valley", "Linnet Scar"}, terrain: boltedCliffs, crags: 5, routes: 18, level: [2]float64{2.6, 10.6}},
			{path: []string{"Halvern", "Ashfell Hills", "Mill Race Canyon"}, terrain: boltedCliffs, crags: 4, routes: 18, level: [2]float64{2.6, 10.6}},
			{path: []string{"Norrland Basin", "Copper Rim", "Owl Creek Caves"}, terrain: boltedCliffs, crags: 4, routes: 18, level: [2]float64{2.8, 11.0}, away: true},
			{path: []string{"International", "Meridia", "Isla Corva", "Cala Perdida"}, terrain: boltedCliffs, crags: 4, routes: 18, level: [2]float64{2.8, 11.0}, away: true},
		},
		trips: []trip{{time.April, 3}, {time.October, 4}},
	},
	{
		username: "carla", title: "Carla, trad and alpine", tier: "premium", seed: 3,
		days: 190, goes: [2]int{3, 6},
		appetite: [12]float64{0.5, 0.5, 0.5, 1.1, 1.3, 1.2, 1.0, 1.0, 1.4, 1.2, 0.4, 0.3},
		habits:   habits{topRope: 0.05, follow: 0.2, solo: 0.02, bare: 0.07, unlogged: 0.05},
		areas: []area{
			{path: []string{"Halvern", "Ashfell Hills", "Stannage Rocks"}, terrain: cracks, crags: 6, routes: 18, level: [2]float64{2.4, 7.0}, months: [2]time.Month{time.March, time.November}},
			{path: []string{"Halvern", "Saltgate Coast", "Gannet Cliffs"}, terrain: cracks, crags: 5, routes: 18, level: [2]float64{2.2, 6.8}, months: [2]time.Month{time.March, time.November}},
			{path: []string{"Halvern", "High Tarns", "Cathcart Walls"}, terrain: walls, crags: 4, routes: 16, level: [2]float64{2.0, 6.3}, months: [2]time.Month{time.April, time.October}},
			{path: []string{"Halvern", "High Tarns", "Bellweather Cirque"}, terrain: icefalls, crags: 3, routes: 8, level: [2]float64{0.6, 2.4}, months: [2]time.Month{time.December, time.March}},
			{path: []string{"Norrland Basin", "Widow Range", "Five Sisters Group"}, terrain: peaks, crags: 4, routes: 10, level: [2]float64{1.6, 4.8}, away: true},
			{path: []string{"Norrland Basin", "Copper Rim", "Long Shadow Canyon"}, terrain: walls, crags: 4, routes: 14, level: [2]float64{2.2, 6.5}, away: true},
		},
		trips: []trip{{time.April, 5}, {time.July, 4}, {time.September, 5}},
	},
}
