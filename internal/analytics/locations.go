package analytics

import (
	"github.com/pocketbase/pocketbase/core"
)

const locationsRule = "Places are the parts of the source's path. A row's share is that of the pitches of the place that it is in. " +
	"The tree goes five places deep and has the twenty with the most pitches of each; one more row sums up the others. " +
	"An area is the path without its last part, a wall or a boulder; it is new in the year of its first tick, also when that is before the first day asked for. " +
	"A trip is two or more days out in one region with at most two days between them; a region is the first two parts of a path, four where the first is International. " +
	"Pitches count laps."

// Locations shows where somebody climbed.
type Locations struct {
	Basis
	Totals   LocationTotals   `json:"totals"`
	Tree     []LocationNode   `json:"tree"`      // the largest areas, the most pitches first, other last
	TopAreas []AreaShare      `json:"top_areas"` // the most pitches first, at most twenty
	NewAreas []NewAreas       `json:"new_areas"` // the earliest year first
	Trips    []Trip           `json:"trips"`     // the latest first, at most fifty
	LeftOut  LocationsLeftOut `json:"left_out"`
}

// LocationTotals count what is distinct; Trips counts all of them, not only the listed.
type LocationTotals struct {
	Locations int `json:"locations"` // whole paths: walls and boulders
	Areas     int `json:"areas"`     // what these are in
	Regions   int `json:"regions"`   // the first parts of the areas
	Ticks     int `json:"ticks"`
	Pitches   int `json:"pitches"`
	Trips     int `json:"trips"`
}

// LocationNode is a place with everything in it. Pitches is DirectPitches and those of the children, and so with ticks.
type LocationNode struct {
	Name          string         `json:"name"`   // the last part of Path; "" in the row of the others
	Path          string         `json:"path"`   // "Colorado > Boulder"; of the others their parent's
	Others        int            `json:"others"` // how many places are summed up in this row; 0: it is a place itself
	Ticks         int            `json:"ticks"`
	Pitches       int            `json:"pitches"`
	Sends         int            `json:"sends"`
	Days          int            `json:"days"`         // distinct dates
	Share         float64        `json:"share"`        // of the pitches of the parent, 0..1; at the top of all pitches with a place
	DirectTicks   int            `json:"direct_ticks"` // logged at this place itself, or deeper than the tree goes
	DirectPitches int            `json:"direct_pitches"`
	Children      []LocationNode `json:"children"` // the most pitches first, other last
}

// AreaShare is a place that a climber would name: the path without the wall or the boulder.
type AreaShare struct {
	Location string      `json:"location"`
	Ticks    int         `json:"ticks"`
	Pitches  int         `json:"pitches"`
	Sends    int         `json:"sends"`
	Routes   int         `json:"routes"` // distinct ones
	Days     int         `json:"days"`
	FirstDay *string     `json:"first_day"` // YYYY-MM-DD; null when all its ticks lack the day
	LastDay  *string     `json:"last_day"`
	Months   []AreaMonth `json:"months"` // only those with ticks
}

// AreaMonth is an area's standing in the race of the areas.
type AreaMonth struct {
	Month      string `json:"month"` // YYYY-MM; ticks of which only the year is known count in its first month
	Pitches    int    `json:"pitches"`
	Cumulative int    `json:"cumulative_pitches"`
}

// NewAreas are the areas that were climbed in for the first time in a year.
type NewAreas struct {
	Year  int      `json:"year"`
	Areas int      `json:"areas"`
	Names []string `json:"names"` // the first twenty of them
}

// Trip is a row of days out in one region without a longer break.
type Trip struct {
	Region  string `json:"region"` // a path
	From    string `json:"from"`   // YYYY-MM-DD
	To      string `json:"to"`
	Days    int    `json:"days"` // days out
	Ticks   int    `json:"ticks"`
	Pitches int    `json:"pitches"`
	Sends   int    `json:"sends"`
}

// LocationsLeftOut counts what the filter leaves out, and the ticks that are not shown.
type LocationsLeftOut struct {
	Filtered
	NoLocation int `json:"no_location"`
	NoDay      int `json:"no_day"` // of a month or a year: not in trips, and in no count of days
}

// LocationsOf computes where a user climbed (domain: the tree of places with pitches and shares, top areas and their race, new
// areas per year, trips).
func LocationsOf(app core.App, userID string, filter Filter) (*Locations, error) {
	ticks, err := load(app, userID, filter.history())
	if err != nil {
		return nil, err
	}
	return locationsOf(ticks, filter), nil
}

func locationsOf(all []tick, filter Filter) *Locations {
	before, asked := since(all, filter.From)
	walk := newLocationsWalk(filter)
	earlier, _ := inScope(before, filter)
	for _, t := range earlier {
		walk.known[area(t.location)] = true
	}
	ticks, filtered := inScope(asked, filter)
	for _, t := range ticks {
		walk.add(t)
	}
	walk.leftOut.Filtered = filtered
	trips := walk.trips.finished()
	return &Locations{
		Basis: newBasis(locationsRule, map[string]string{
			"pitches": "pitches and laps", "days": "distinct dates", "share": "fraction of the parent's pitches", "locations": "distinct paths",
		}, filter),
		Totals: walk.totals(len(trips)), Tree: walk.root.rows(), TopAreas: walk.topAreas(), NewAreas: walk.newAreas,
		Trips: trips[:min(len(trips), maxTrips)], LeftOut: walk.leftOut,
	}
}
