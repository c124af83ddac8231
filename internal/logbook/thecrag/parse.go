// Package thecrag reads the logbook that theCrag exports as CSV.
package thecrag

import (
	"errors"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/entry"
	"github.com/cragbase/cragbase/internal/logbook/table"
)

var format = table.Format{
	Expected: "a logbook of theCrag: the CSV file of its logbook export, with the columns Route Name, Ascent Type, Route Grade, " +
		"Crag Path and Ascent Date",
	Columns: []string{"Route Name", "Ascent Type", "Route Grade", "Crag Path", "Ascent Date"},
}

// Recognise reports whether head, the first KiB of a file, begins like the export.
func Recognise(head []byte) bool { return format.Recognise(head) }

// Parse reads the export. The error is an *entry.FormatError or an *entry.TooManyRowsError.
func Parse(content []byte, limits entry.Limits, now time.Time) (*entry.Export, error) {
	swapped, err := isSwapped(content, limits)
	if err != nil {
		return nil, err
	}
	rows, err := format.Open(content, limits)
	if err != nil {
		return nil, err
	}
	p := parser{export: &entry.Export{}, now: now, swapped: swapped, seen: map[string]bool{}}
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			p.export.NewestFirst = entry.NewestFirst(p.export.Ticks, true)
			return p.export, nil
		}
		if err != nil {
			return nil, err
		}
		p.add(row)
	}
}

type parser struct {
	export  *entry.Export
	now     time.Time
	swapped bool            // names stand under Route Grade, and grades under Route Name
	seen    map[string]bool // words that were warned of
}

// add reads one row.
func (p *parser) add(row *table.Row) {
	kind, known := kinds[key(row.Cell("Ascent Type"))]
	problem := row.Problem()
	switch {
	case row.IsBlank():
		p.export.NoTick(row.Line, entry.NoText)
		return
	case problem != "":
	case !isNumber(row.Cell("Ascent ID")) || !isNumber(row.Cell("Route ID")):
		problem = "an ID is not a number, so the cells stand under the wrong columns"
	case kind.wish:
		p.export.NoTick(row.Line, "%s is a climb that somebody wants to do, and no ascent", entry.Clip(row.Cell("Ascent Type")))
		return
	case row.Cell("Ascent Date") == "":
		p.export.NoTick(row.Line, entry.NoDate)
		return
	}
	if problem != "" {
		p.export.Skip(row.Line, "%s", problem)
		return
	}
	tick, problem := p.tick(row, kind)
	if problem != "" {
		p.export.Skip(row.Line, "%s", problem)
		return
	}
	if !known {
		p.warnOnce(row, "Ascent Type", "the ascent type %s is not known, so its ticks have no style")
	}
	p.export.Ticks = append(p.export.Ticks, tick)
}

// tick is the row as a tick; problem is empty, or says why it is none.
func (p *parser) tick(row *table.Row, kind ascent) (tick entry.Tick, problem string) {
	date, problem := entry.ParseDay(row.Cell("Ascent Date"), p.now)
	if problem != "" {
		return tick, problem
	}
	name, grade := row.Cell("Route Name"), row.Cell("Route Grade")
	if p.swapped {
		name, grade = grade, name
		if len(p.export.Ticks) == 0 {
			p.export.Warn(row.Line, "Route Name and Route Grade are swapped in this file, as in some exports of the site, and were swapped back")
		}
	}
	tick = entry.Tick{
		Line: row.Line, ID: row.Cell("Ascent ID"), Date: date, RouteName: entry.Name(name), RouteID: row.Cell("Route ID"),
		RouteURL: page(row.Cell("Route Link")), RouteType: entry.Name(row.Cell("Route Gear Style")), AvgStars: stars(row.Cell("Route Stars")),
		Location: location(row), Pitches: p.number(row, "# Ascents", 1), Attempts: p.number(row, "Shot", 0),
	}
	if tick.RouteName == "" {
		return tick, "the route has no name"
	}
	tick.Disciplines = p.disciplines(row, kind)
	tick.Rating = p.rating(row, grade, tick.Disciplines)
	tick.YourGrade = entry.Name(row.Cell("Ascent Grade"))
	if problem := tick.TooLong(); problem != "" {
		return tick, problem
	}
	tick.Style, tick.LeadStyle = kind.styles(gear(row))
	if kind.first {
		tick.Attempts = 1
	}
	tick.LengthFeet = p.length(row)
	tick.YourStars = p.quality(row)
	tick.Notes = p.notes(row)
	return tick, ""
}

// rating is the route's grade or, where it has none, the climber's.
func (p *parser) rating(row *table.Row, grade string, disciplines []climb.Discipline) climb.Rating {
	if grade == "" {
		grade = row.Cell("Ascent Grade")
	}
	var discipline climb.Discipline
	if len(disciplines) > 0 {
		discipline = disciplines[0]
	}
	rating := climb.ParseRatingIn(entry.Name(grade), row.Cell("Country"), discipline)
	if len(rating.Grades) == 0 && rating.Text != "" {
		p.warn(row, "grade "+rating.Text, "the grade %s is of a system that is not compared with others, so it stays text", rating.Text)
	}
	return rating
}

// notes are the comment, what part of the route it is about, and who was there.
func (p *parser) notes(row *table.Row) string {
	parts := []string{row.Cell("Comment")}
	if label := row.Cell("Ascent Label"); label != "" {
		parts = append(parts, label)
	}
	if with := row.Cell("With"); with != "" {
		parts = append(parts, "With "+with)
	}
	notes, cut := entry.Note(strings.TrimSpace(strings.Join(parts, "\n")))
	if cut {
		p.export.Warn(row.Line, "the comment is longer than a tick can hold, and its end was left out")
	}
	return notes
}

// number reads a count from 1 on; fallback stands for an empty cell and, with a warning, for any other text.
func (p *parser) number(row *table.Row, column string, fallback int) int {
	const most = 1_000
	text := row.Cell(column)
	n, err := strconv.Atoi(text)
	switch {
	case text == "" || text == "0":
		return fallback
	case err != nil || n < 0 || n > most:
		p.export.Warn(row.Line, "%s %s is not a whole number up to %d", column, entry.Clip(text), most)
		return fallback
	}
	return n
}

// warnOnce warns of a cell's word, the first time that it stands there.
func (p *parser) warnOnce(row *table.Row, column, sentence string) {
	p.warn(row, column+" "+row.Cell(column), sentence, row.Cell(column))
}

func (p *parser) warn(row *table.Row, about, sentence, word string) {
	about = about[:min(len(about), maxWord)]
	if p.seen[about] || len(p.seen) > maxSeen {
		return
	}
	p.seen[about] = true
	p.export.Warn(row.Line, sentence, entry.Clip(word))
}

// isNumber reports whether an ID can be one; rows of old exports have none.
func isNumber(id string) bool { return len(id) <= 20 && strings.Trim(id, "0123456789") == "" }

// page leaves out the addresses of other sites, so that a file cannot put a foreign link in front of its reader.
func page(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host != "thecrag.com" && u.Host != "www.thecrag.com" || len(address) > 1_000 {
		return ""
	}
	u.Scheme = "https"
	return u.String()
}

// location is the country and the areas of the path. The crag's own name can hold the dash that stands between areas.
func location(row *table.Row) []string {
	country, crag, path := entry.Name(row.Cell("Country")), entry.Name(row.Cell("Crag Name")), entry.Name(row.Cell("Crag Path"))
	areas := []string{country}
	if rest, ok := strings.CutPrefix(path, crag); ok && crag != "" && (rest == "" || strings.HasPrefix(rest, separator)) {
		areas, path = append(areas, crag), strings.TrimPrefix(rest, separator)
	}
	areas = append(areas, strings.SplitN(path, separator, maxDepth)...)
	var kept []string
	for _, area := range areas {
		if area = strings.TrimSpace(area); area != "" && (len(kept) == 0 || area != kept[len(kept)-1]) {
			kept = append(kept, area)
		}
	}
	if len(kept) <= 1 && crag != "" && country != crag {
		return append(kept, crag)
	}
	return kept
}

const (
	separator = " - "
	maxDepth  = 32 // real paths have at most 10 areas; what lies below stays in the last one

	// maxWord and maxSeen bound what is remembered of a file of nothing but odd words.
	maxWord = 200
	maxSeen = 1_000
)
