// Package ukc reads the logbook that UKClimbing exports as CSV, in the form that DLOG takes.
package ukc

import (
	"errors"
	"io"
	"strconv"
	"time"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/entry"
	"github.com/cragbase/cragbase/internal/logbook/table"
)

var format = table.Format{
	Expected: "a logbook of UKClimbing: the CSV file of its DLOG export, with the columns Name, Grade, Style, Notes, Date, Crag, " +
		"County, Region, Country, Pitches and Type",
	Columns: []string{"Name", "Grade", "Style", "Notes", "Date", "Crag", "County", "Region", "Country", "Pitches", "Type"},
}

// Recognise reports whether head, the first KiB of a file, begins like the export.
func Recognise(head []byte) bool { return format.Recognise(head) }

// Parse reads the export. The error is an *entry.FormatError or an *entry.TooManyRowsError.
func Parse(content []byte, limits entry.Limits, now time.Time) (*entry.Export, error) {
	rows, err := format.Open(content, limits)
	if err != nil {
		return nil, err
	}
	p := parser{export: &entry.Export{}, now: now, seen: map[string]bool{}}
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
	export *entry.Export
	now    time.Time
	seen   map[string]bool // words that were warned of
}

// add reads one row.
func (p *parser) add(row *table.Row) {
	tick, problem := p.tick(row)
	switch problem {
	case "":
		p.export.Ticks = append(p.export.Ticks, tick)
	case entry.NoText, noDate:
		p.export.NoTick(row.Line, "%s", problem)
	default:
		p.export.Skip(row.Line, "%s", problem)
	}
}

// cell is a cell without the character references that the site puts in place of letters.
func cell(row *table.Row, column string) string {
	return entry.Name(entry.Unescape(row.Cell(column)))
}

// tick is the row as a tick; problem is empty, or says why it is none.
func (p *parser) tick(row *table.Row) (tick entry.Tick, problem string) {
	if row.IsBlank() {
		return tick, entry.NoText
	}
	if problem := row.Problem(); problem != "" {
		return tick, problem
	}
	date, precision, problem := parseDate(cell(row, "Date"), p.now)
	if problem != "" {
		return tick, problem
	}
	tick = entry.Tick{
		Line: row.Line, Date: date, Precision: precision, RouteName: cell(row, "Name"), RouteType: cell(row, "Type"),
		Location: location(row), Pitches: 1, AvgStars: -1, YourStars: -1,
	}
	if tick.RouteName == "" {
		return tick, "the climb has no name"
	}
	tick.Disciplines = p.disciplines(row.Line, tick.RouteType, cell(row, "Grade"))
	tick.Rating = ratingOf(cell(row, "Grade"), cell(row, "Country"), tick.Disciplines)
	if problem := tick.TooLong(); problem != "" {
		return tick, problem
	}
	p.setStyle(&tick, cell(row, "Style"))
	p.setPitches(&tick, cell(row, "Pitches"))
	p.setNotes(&tick, row)
	return tick, ""
}

// ratingOf keeps grades of the British trad scale and of winter as text: no table compares them with others.
func ratingOf(text, country string, disciplines []climb.Discipline) climb.Rating {
	var discipline climb.Discipline
	if len(disciplines) > 0 {
		discipline = disciplines[0]
	}
	return climb.ParseRatingIn(text, country, discipline)
}

// location is the country, the region, the county and the crag. Small countries are their own regions, and so on.
func location(row *table.Row) (areas []string) {
	for _, column := range []string{"Country", "Region", "County", "Crag"} {
		if area := cell(row, column); area != "" && (len(areas) == 0 || area != areas[len(areas)-1]) {
			areas = append(areas, area)
		}
	}
	return areas
}

func (p *parser) setPitches(t *entry.Tick, text string) {
	const most = 1_000
	n, err := strconv.Atoi(text)
	switch {
	case text == "" || text == "0":
	case err != nil || n < 1 || n > most:
		p.export.Warn(t.Line, "Pitches %s is not a whole number up to %d", entry.Clip(text), most)
	default:
		t.Pitches = n
	}
}

// setNotes adds who was there. The export leaves the partners out today, and calls their column Partner(empty).
func (p *parser) setNotes(t *entry.Tick, row *table.Row) {
	text := entry.Unescape(row.Cell("Notes"))
	for _, column := range []string{"Partner", "Partner(s)", "Partner(empty)"} {
		if partner := cell(row, column); partner != "" {
			text += "\nWith " + partner
		}
	}
	var cut bool
	if t.Notes, cut = entry.Note(text); cut {
		p.export.Warn(t.Line, "the notes are longer than a tick can hold, and their end was left out")
	}
}

const (
	// maxWord and maxSeen bound what is remembered of a file of nothing but odd words.
	maxWord = 200
	maxSeen = 1_000
)

// warnOnce warns of a word the first time that it stands somewhere.
func (p *parser) warnOnce(line int, sentence, word string) {
	about := sentence + word[:min(len(word), maxWord)]
	if p.seen[about] || len(p.seen) > maxSeen {
		return
	}
	p.seen[about] = true
	p.export.Warn(line, sentence, entry.Clip(word))
}
