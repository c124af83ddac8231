package eightanu

import (
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/entry"
	"github.com/cragbase/cragbase/internal/logbook/table"
)

// official is the site's own export, one column for each field of its form; older is that of a tool that read the site's
// pages before there was one.
var (
	official = table.Format{Expected: expected, Columns: []string{
		"route_boulder", "name", "location_name", "sector_name", "country_code", "date", "type", "sub_type", "tries", "difficulty", "perceived_hardness",
	}}
	older = table.Format{Expected: expected, Columns: []string{
		"Route/Boulder Name", "difficulty", "Sector Name", "Crag Name", "Country", "type", "Route or Boulder", "tries", "date", "second_go",
	}}
)

// readAll makes an export of a table whose rows are read by one of the functions below.
func readAll(rows *table.Table, now time.Time, read func(*row) (*climbed, func(*entry.Tick))) (*entry.Export, error) {
	export := new(entry.Export)
	for {
		r, err := rows.Next()
		switch {
		case errors.Is(err, io.EOF):
			export.NewestFirst = entry.NewestFirst(export.Ticks, false)
			return export, nil
		case err != nil:
			return nil, err
		}
		if r.IsBlank() {
			export.NoTick(r.Line, entry.NoText)
			continue
		}
		if problem := r.Problem(); problem != "" {
			export.Skip(r.Line, "%s", problem)
			continue
		}
		climbed, finish := read(&row{r, export})
		if tick := climbed.tick(export, r.Line, now); tick != nil {
			finish(tick)
			export.Add(tick)
		}
	}
}

// officialAscent reads a row of the site's own export.
func officialAscent(r *row) (*climbed, func(*entry.Tick)) {
	c := &climbed{
		kind: kindOf(r.text("route_boulder")), date: r.text("date"), name: r.text("name"), difficulty: r.text("difficulty"),
		style: r.text("type"), secondGo: r.isSecondGo("sub_type"), project: r.flag("project"),
		tries: r.count("tries"), comment: r.text("comment"),
		places: []string{country(r.text("country_code")), r.text("area_name"), r.text("location_name"), r.text("sector_name")},
	}
	return c, func(t *entry.Tick) {
		hardness := strings.ToLower(r.text("perceived_hardness"))
		if hardness != "" && hardness != "soft" && hardness != "hard" {
			r.warn("perceived_hardness", "is neither soft nor hard")
		}
		t.Feel = feel(hardness == "soft", hardness == "hard")
		t.YourStars = stars(r.number("rating", 5))
		t.LengthFeet = entry.Feet(r.number("height", maxHeight))
		t.Traits = traitsOf(trait{"recommended", r.flag("recommended")}, trait{"repeat", r.count("repeats") > 0})
		if r.count("sits") > 0 {
			r.warn("sits", "has no place in a tick")
		}
	}
}

// olderAscent reads a row of the older tool's export.
func olderAscent(r *row) (*climbed, func(*entry.Tick)) {
	c := &climbed{
		kind: kindOf(r.text("Route or Boulder")), date: r.text("date"), name: r.text("Route/Boulder Name"), difficulty: r.text("difficulty"),
		style: r.text("type"), secondGo: r.flag("second_go"), tries: r.count("tries"), comment: r.text("comment"),
		places: []string{r.text("Country"), r.text("Town"), r.text("Crag Name"), r.text("Sector Name")},
	}
	return c, func(t *entry.Tick) {
		t.Feel = feel(r.flag("soft"), r.flag("hard"))
		t.YourStars = stars(r.number("rating", 5))
		t.Traits = traitsOf(
			trait{"first ascent", r.flag("first_ascent")}, trait{"chipped", r.flag("chipped")}, trait{"recommended", r.flag("recommended")},
			trait{"repeat", r.flag("repeat")}, trait{"kneepad", r.flag("with_kneepad")},
		)
	}
}

// trait is what may hold of a climb or an ascent.
type trait struct {
	name  string
	holds bool
}

// traitsOf are the names of what holds, sorted.
func traitsOf(traits ...trait) []string {
	var set []string
	for _, t := range traits {
		if t.holds {
			set = append(set, t.name)
		}
	}
	slices.Sort(set)
	return set
}

func kindOf(word string) kind {
	switch strings.ToLower(word) {
	case "route":
		return sportRoute
	case "boulder":
		return boulder
	}
	return unknownKind
}

// country is the name behind the code of a country, as the site's other forms have it; what is no such code is left alone.
func country(code string) string {
	region, err := language.ParseRegion(code)
	if len(code) != 2 || err != nil || !region.IsCountry() {
		return code
	}
	return display.English.Regions().Name(region)
}

// maxHeight is in metres, and higher than any wall.
const maxHeight = 5_000

// row reads cells, and notes in the export which of them cannot be read.
type row struct {
	*table.Row
	export *entry.Export
}

// text is a cell, "" where the site says null. A climb can well be called Null, with a capital.
func (r *row) text(column string) string {
	if cell := r.Cell(column); cell != "null" {
		return cell
	}
	return ""
}

func (r *row) warn(column, problem string) {
	r.export.Warn(r.Line, "%s %s %s and was left out", column, entry.Clip(r.text(column)), problem)
}

// flag is a cell of 0 or 1.
func (r *row) flag(column string) bool {
	switch strings.ToLower(r.text(column)) {
	case "1", "true", "yes":
		return true
	case "0", "false", "no", "":
	default:
		r.warn(column, "is neither 0 nor 1")
	}
	return false
}

// number is a cell from 0 to most, 0 where there is none.
func (r *row) number(column string, most float64) float64 {
	text := r.text(column)
	if text == "" {
		return 0
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n >= 0 && n <= most) {
		r.warn(column, "is no number from 0 to "+strconv.FormatFloat(most, 'f', -1, 64))
		return 0
	}
	return n
}

// maxCount is more often than anybody tries a climb.
const maxCount = 10_000

// count is a whole number.
func (r *row) count(column string) int {
	n := r.number(column, maxCount)
	if n != math.Trunc(n) {
		r.warn(column, "is no whole number")
		return 0
	}
	return int(n)
}

// isSecondGo reads the column that says more of a redpoint.
func (r *row) isSecondGo(column string) bool {
	result, secondGo, known := parseType(r.text(column))
	if !known || !secondGo && result != climb.ResultUnknown {
		r.warn(column, "is not known")
	}
	return secondGo
}
