package analytics

import (
	"fmt"
	"reflect"
	"testing"
)

// at is a send of one pitch somewhere.
func at(id, date, location string) tick {
	t := sport(id, date, "route "+id, "5.9", "Onsight")
	t.location = location
	return t
}

func node(name, path string, ticks, pitches, days int, share float64, direct int, children ...LocationNode) LocationNode {
	if children == nil {
		children = []LocationNode{}
	}
	return LocationNode{Name: name, Path: path, Ticks: ticks, Pitches: pitches, Sends: ticks, Days: days, Share: share, DirectTicks: direct, DirectPitches: direct, Children: children}
}

func TestLocationTree(t *testing.T) {
	t.Parallel()
	ticks := []tick{
		at("1", "2025-01-01", "Utah > Zion > Wall"),
		at("2", "2025-01-01", "Utah > Zion"), // logged at the area itself
		at("3", "2025-01-02", "Utah > Zion > Wall"),
		at("4", "2025-01-02", "Peru"),
		withPrecision("month", at("5", "2025-02-01", "Utah > Moab > Wall > A > B > C > D")), // deeper than the tree, on no day
		at("6", "2025-02-02", ""),
	}
	got := locationsOf(ticks, Filter{})
	want := []LocationNode{
		node("Utah", "Utah", 4, 4, 2, 0.8, 0,
			node("Zion", "Utah > Zion", 3, 3, 2, 0.75, 1, node("Wall", "Utah > Zion > Wall", 2, 2, 2, 0.6667, 2)),
			node("Moab", "Utah > Moab", 1, 1, 0, 0.25, 0,
				node("Wall", "Utah > Moab > Wall", 1, 1, 0, 1, 0, node("A", "Utah > Moab > Wall > A", 1, 1, 0, 1, 0, node("B", "Utah > Moab > Wall > A > B", 1, 1, 0, 1, 1))))),
		node("Peru", "Peru", 1, 1, 1, 0.2, 1),
	}
	if !reflect.DeepEqual(got.Tree, want) {
		t.Errorf("tree\n got %s\nwant %s", asJSON(got.Tree), asJSON(want))
	}
	if want := (LocationTotals{Locations: 4, Areas: 3, Regions: 3, Ticks: 5, Pitches: 5, Trips: 1}); got.Totals != want {
		t.Errorf("totals %+v, want %+v", got.Totals, want)
	}
	if got.LeftOut != (LocationsLeftOut{NoLocation: 1, NoDay: 1}) {
		t.Errorf("left out %+v", got.LeftOut)
	}
}

func TestPlacesBeyondTheBreadthShareARow(t *testing.T) {
	t.Parallel()
	var ticks []tick
	for i := range 25 { // the first has 25 pitches, the last one
		ticks = append(ticks, sized(at(fmt.Sprint(i), "2025-01-01", fmt.Sprintf("Utah > Area %02d", i)), 25-i, 0))
	}
	ticks = append(ticks, at("25", "2025-01-02", "Utah > Area 24"))
	utah := locationsOf(ticks, Filter{}).Tree[0]
	if len(utah.Children) != 21 || utah.Children[0].Name != "Area 00" || utah.Children[19].Name != "Area 19" {
		t.Fatalf("%d rows: %s", len(utah.Children), asJSON(utah.Children))
	}
	// Areas 20 to 24 have 5, 4, 3, 2 and 1 + 1 pitches, of 326 in all.
	want := LocationNode{Path: "Utah", Others: 5, Ticks: 6, Pitches: 16, Sends: 6, Days: 2, Share: 0.0491, DirectTicks: 6, DirectPitches: 16, Children: []LocationNode{}}
	if got := utah.Children[20]; !reflect.DeepEqual(got, want) {
		t.Errorf("others\n got %s\nwant %s", asJSON(got), asJSON(want))
	}
}

func TestAreas(t *testing.T) {
	t.Parallel()
	ticks := []tick{
		at("1", "2024-05-01", "Utah > Zion > Wall"),
		withPrecision("year", at("2", "2025-01-01", "Utah > Moab > Wall")),
		at("3", "2025-01-01", "Utah > Zion > Other wall"),
		sized(at("4", "2025-02-01", "Utah > Moab > Wall"), 5, 0),
		at("5", "2025-02-01", "Utah > Moab > Wall"),
		at("6", "2025-03-01", "Peru"),
	}
	got := locationsOf(ticks, Filter{})
	first, last := "2025-02-01", "2024-05-01"
	if want := (AreaShare{"Utah > Moab", 3, 7, 3, 3, 1, &first, &first, []AreaMonth{{"2025-01", 1, 1}, {"2025-02", 6, 7}}}); !reflect.DeepEqual(got.TopAreas[0], want) {
		t.Errorf("top area\n got %s\nwant %s", asJSON(got.TopAreas[0]), asJSON(want))
	}
	if zion := got.TopAreas[1]; zion.Location != "Utah > Zion" || zion.Days != 2 || *zion.FirstDay != last {
		t.Errorf("the walls of an area are one: %s", asJSON(zion))
	}
	if want := []NewAreas{{2024, 1, []string{"Utah > Zion"}}, {2025, 2, []string{"Utah > Moab", "Peru"}}}; !reflect.DeepEqual(got.NewAreas, want) {
		t.Errorf("new areas %+v, want %+v", got.NewAreas, want)
	}
	later := locationsOf(ticks, Filter{From: "2025-01-01"})
	if want := []NewAreas{{2025, 2, []string{"Utah > Moab", "Peru"}}}; !reflect.DeepEqual(later.NewAreas, want) || later.Totals.Ticks != 5 {
		t.Errorf("an area from before the first day is not new: %+v", later.NewAreas)
	}
	empty := locationsOf(nil, Filter{})
	if empty.Tree == nil || empty.TopAreas == nil || empty.NewAreas == nil || empty.Trips == nil {
		t.Errorf("an empty logbook: %s", asJSON(empty))
	}
}

func TestTrips(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule string
		days []string // each with its place
		want []Trip
	}{
		{"a day alone is none", []string{"2025-01-01 Utah > Zion > Wall"}, []Trip{}},
		{
			"two days of rest belong to a trip, and all areas of the region",
			[]string{"2025-02-27 Utah > Zion > Wall", "2025-02-27 Utah > Zion > Other", "2025-03-02 Utah > Zion > Canyon > Wall"},
			[]Trip{{"Utah > Zion", "2025-02-27", "2025-03-02", 2, 3, 3, 3}},
		},
		{"three days of rest end it", []string{"2025-02-27 Utah > Zion > Wall", "2025-03-03 Utah > Zion > Wall"}, []Trip{}},
		{
			"the latest trip comes first, and another region is another trip",
			[]string{"2025-01-01 Utah > Zion > Wall", "2025-01-02 Utah > Zion > Wall", "2025-01-02 Utah > Moab > Wall", "2025-01-03 Utah > Moab > Wall", "2025-05-01 Utah > Zion > Wall", "2025-05-03 Utah > Zion > Wall"},
			[]Trip{{"Utah > Zion", "2025-05-01", "2025-05-03", 2, 2, 2, 2}, {"Utah > Moab", "2025-01-02", "2025-01-03", 2, 2, 2, 2}, {"Utah > Zion", "2025-01-01", "2025-01-02", 2, 2, 2, 2}},
		},
		{
			"abroad the region is below the country",
			[]string{"2025-01-01 International > Europe > Spain > Catalonia > Siurana > Wall", "2025-01-02 International > Europe > Spain > Catalonia > Margalef > Wall", "2025-01-02 International > Europe > Spain > Aragon > Wall"},
			[]Trip{{"International > Europe > Spain > Catalonia", "2025-01-01", "2025-01-02", 2, 2, 2, 2}},
		},
	} {
		var ticks []tick
		for i, day := range test.days {
			ticks = append(ticks, at(fmt.Sprint(i), day[:10], day[11:]))
		}
		if got := locationsOf(ticks, Filter{}); !reflect.DeepEqual(got.Trips, test.want) || got.Totals.Trips != len(test.want) {
			t.Errorf("%s\n got %s\nwant %s", test.rule, asJSON(got.Trips), asJSON(test.want))
		}
	}
}
