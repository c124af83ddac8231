package mountainproject

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/entry"
)

// Bounds beyond which a number is a slip of the pen. Real exports stay below 25 pitches, 2,500 feet and code 76,000.
const (
	maxPitches    = 1_000
	maxLengthFeet = 30_000
	maxStars      = 4
	maxRatingCode = 100_000

	noVote = -1
)

// maxLengths are the longest texts, in characters, that a tick can hold. Real ones stay below half of them.
var maxLengths = map[column]int{
	columnRoute: 500, columnRating: 200, columnRouteType: 200, columnYourRating: 200, columnURL: 1_000, columnLocation: 2_000,
}

// row is one record after the header while it is read.
type row struct {
	line      int
	fields    []string
	header    *header
	otherDate bool       // the date is in a spreadsheet's form
	warnings  *[]Warning // of the whole file
}

// tick returns the tick that the row holds. problem is empty, or says why the row holds none.
func (r *row) tick(latest string) (tick Tick, problem string) {
	if r.isBlank() {
		return Tick{}, entry.NoText
	}
	if len(r.fields) != r.header.width {
		return Tick{}, fmt.Sprintf("the row has %d fields where the header has %d", len(r.fields), r.header.width)
	}
	if problem := r.tooLong(); problem != "" {
		return Tick{}, problem
	}
	date, spreadsheet, problem := parseDate(r.text(columnDate), latest)
	if problem != "" {
		return Tick{}, problem
	}
	if r.text(columnRoute) == "" {
		return Tick{}, "Route is empty"
	}
	r.otherDate = spreadsheet
	tick = Tick{Line: r.line, Date: date, Route: r.text(columnRoute)}
	r.readClimb(&tick)
	r.readRoute(&tick)
	return tick, ""
}

// isNone reports whether a row that holds no tick stands for none for certain: the site has a date of every tick.
func (r *row) isNone() bool {
	return r.isBlank() || len(r.fields) == r.header.width && r.text(columnDate) == ""
}

// isBlank reports whether the row is one of a spreadsheet that has nothing in it.
func (r *row) isBlank() bool {
	return !slices.ContainsFunc(r.fields, func(field string) bool { return strings.TrimSpace(field) != "" })
}

// tooLong names the first column whose text is longer than a tick can hold, "" when there is none.
func (r *row) tooLong() string {
	for c := range columnCount {
		most, bounded := maxLengths[c]
		if text := r.raw(c); bounded && len(text) > most && utf8.RuneCountInString(text) > most {
			return describe(c, text, fmt.Sprintf("is longer than %d characters", most))
		}
	}
	return ""
}

// readClimb fills in what the climber logged.
func (r *row) readClimb(t *Tick) {
	t.Notes = entry.Unescape(r.raw(columnNotes))
	t.Pitches = r.integer(columnPitches, 1, maxPitches, 1)
	t.YourStars = r.stars(columnYourStars)
	t.YourRating = r.text(columnYourRating)
	t.Style = vocabulary(r, columnStyle, climb.ParseStyle)
	t.LeadStyle = vocabulary(r, columnLeadStyle, climb.ParseLeadStyle)
}

// readRoute fills in what the site knows of the route.
func (r *row) readRoute(t *Tick) {
	t.Rating = r.text(columnRating)
	t.RatingCode = r.integer(columnRatingCode, 0, maxRatingCode, 0)
	t.RouteType = r.text(columnRouteType)
	t.AvgStars = r.stars(columnAvgStars)
	t.LengthFeet = r.integer(columnLength, 0, maxLengthFeet, 0)
	t.URL, t.RouteID = r.routeURL()
	t.Location = splitLocation(r.text(columnLocation))
	t.repair()
}

// raw returns the field of a column, or "" when the file does not have the column.
func (r *row) raw(c column) string {
	if !r.header.has(c) {
		return ""
	}
	return r.fields[r.header.position[c]]
}

// text returns the field of a column without surrounding space.
func (r *row) text(c column) string { return strings.TrimSpace(r.raw(c)) }

// integer reads a whole number from low to high; fallback stands for an empty field and, with a warning, for any other text.
func (r *row) integer(c column, low, high, fallback int) int {
	text := r.text(c)
	if text == "" {
		return fallback
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n != math.Trunc(n) || n < float64(low) || n > float64(high) {
		r.warn(c, "is not a whole number from %d to %d", low, high)
		return fallback
	}
	return int(n)
}

// stars reads a vote, noVote when there is none.
func (r *row) stars(c column) float64 {
	text := r.text(c)
	if text == "" {
		return noVote
	}
	n, err := strconv.ParseFloat(text, 64)
	if err == nil && (n == noVote || n >= 0 && n <= maxStars) {
		return n
	}
	r.warn(c, "is not a number of stars from 0 to %d", maxStars)
	return noVote
}

// vocabulary reads a word of a column by the column's parser; an unknown word is left out with a warning.
func vocabulary[T ~string](r *row, c column, parse func(string) (T, error)) T {
	text := r.text(c)
	if text == "" {
		return ""
	}
	word, err := parse(text)
	if err != nil {
		r.warn(c, "is not a known word")
		return ""
	}
	return word
}

// routeURL returns the address of the route's page and the route's number. An address of another site is left out, so that
// a file cannot put a foreign link in front of its reader.
func (r *row) routeURL() (url, id string) {
	url = r.text(columnURL)
	if url == "" {
		return "", ""
	}
	id, ok := routeID(url)
	if !ok {
		r.warn(columnURL, "is not a page of mountainproject.com")
		return "", ""
	}
	return url, id
}

func (r *row) warn(c column, problem string, arguments ...any) {
	switch len(*r.warnings) {
	case maxWarnings:
		*r.warnings = append(*r.warnings, Warning{Line: r.line, Reason: "from here on, values that could not be read are not listed"})
		return
	case maxWarnings + 1:
		return
	}
	*r.warnings = append(*r.warnings, Warning{Line: r.line, Reason: describe(c, r.text(c), fmt.Sprintf(problem, arguments...))})
}
