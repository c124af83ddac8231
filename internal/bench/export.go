package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/cragbase/cragbase/internal/climb"
)

// routeCount is how many routes the invented climber has been on.
const routeCount = 1_500

// ticksPerDay is how many rows of the export share a date.
const ticksPerDay = 4

// route is an invented line in the words of Mountain Project.
type route struct {
	id                          int
	name, grade, kind, location string
	feet                        int
}

// export invents a tick export of Mountain Project with rows ticks, the newest first: always the same.
func export(rows int) []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	routes := make([]route, routeCount)
	for i := range routes {
		routes[i] = newRoute(rng, i)
	}
	var file bytes.Buffer
	w := csv.NewWriter(&file)
	_ = w.Write([]string{ // a buffer takes everything
		"Date", "Route", "Rating", "Notes", "URL", "Pitches", "Location", "Avg Stars", "Your Stars", "Style", "Lead Style",
		"Route Type", "Your Rating", "Length", "Rating Code",
	})
	lastDay := time.Date(2026, time.June, 1, 0, 0, 0, 0, time.UTC)
	for i := range rows {
		_ = w.Write(routes[rng.IntN(routeCount)].tick(rng, lastDay.AddDate(0, 0, -i/ticksPerDay)))
	}
	w.Flush()
	return file.Bytes()
}

func newRoute(rng *rand.Rand, i int) route {
	r := route{
		id:   900_000_000 + i,
		name: pick(rng, "Amber", "Crooked", "Hollow", "Quiet", "Rusty", "Second", "Velvet") + " " + pick(rng, "Arête", "Corner", "Crack", "Dihedral", "Roof", "Slab") + " " + strconv.Itoa(i),
		kind: pick(rng, "Sport", "Sport", "Trad", "Trad, Sport", "Boulder"),
		location: pick(rng, "Granite State", "Sandstone State", "Gneiss State") + " > " + pick(rng, "North", "East", "South", "West") + " Range > " +
			pick(rng, "Lantern", "Magpie", "Orchard", "Tin") + " Canyon > Wall " + strconv.Itoa(i%60),
	}
	if r.kind == "Boulder" {
		r.grade, r.feet = "V"+strconv.Itoa(rng.IntN(10)), 10+rng.IntN(10)
		return r
	}
	r.grade, r.feet = "5."+pick(rng, "6", "7", "8", "9", "10a", "10b", "10d", "11a", "11b/c", "11d", "12a", "12c"), 40+10*rng.IntN(20)
	return r
}

// tick is a row of the export: a go at the route on a day.
func (r *route) tick(rng *rand.Rand, day time.Time) []string {
	style, leadStyle := pick(rng, "Send", "Flash", "Attempt"), ""
	if r.kind != "Boulder" {
		style = pick(rng, "Lead", "Lead", "Lead", "TR", "Follow")
	}
	if style == "Lead" {
		leadStyle = pick(rng, "Onsight", "Flash", "Redpoint", "Fell/Hung", "")
	}
	notes := pick(rng, "", "", "Windy, and the crux was wet; came back after lunch and it went.", "With \"both\" ropes. Good gear throughout.")
	code, _ := climb.CodeOfRating(r.grade) // 0 where the site has no code
	return []string{
		day.Format(time.DateOnly), r.name, r.grade, notes, fmt.Sprintf("https://www.mountainproject.com/route/%d/bench", r.id), "1", r.location,
		fmt.Sprintf("%.1f", 1+rng.Float64()*3), strconv.Itoa(rng.IntN(5)), style, leadStyle, r.kind, "", strconv.Itoa(r.feet), strconv.Itoa(code),
	}
}

func pick(rng *rand.Rand, from ...string) string { return from[rng.IntN(len(from))] }
