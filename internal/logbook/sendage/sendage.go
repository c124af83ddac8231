// Package sendage reads the CSV export of Sendage, a logbook for hard climbs.
package sendage

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/entry"
	"github.com/cragbase/cragbase/internal/logbook/table"
)

var format = table.Format{
	Expected: `a Sendage export: a CSV file with the columns Date, Send Type, Climb, Climb Type, Grade and Area`,
	Columns:  []string{"Date", "Send Type", "Climb", "Climb Type", "Grade", "Area"},
}

// Recognise reports whether head, the first KiB of a file, is the beginning of an export.
func Recognise(head []byte) bool {
	return format.Recognise(withoutPreamble(head))
}

// Parse reads an export. It returns an [entry.FormatError] or an [entry.TooManyRowsError], and nothing beside it.
func Parse(content []byte, limits entry.Limits, now time.Time) (*entry.Export, error) {
	rows, err := format.Open(withoutPreamble(content), limits)
	if err != nil {
		return nil, err
	}
	export := new(entry.Export)
	for {
		row, err := rows.Next()
		switch {
		case errors.Is(err, io.EOF):
			export.NewestFirst = entry.NewestFirst(export.Ticks, true)
			return export, nil
		case err != nil:
			return nil, err
		}
		add(export, row, now)
	}
}

const (
	maxPreamble   = 20 // lines; exports have four
	headerSize    = 1024
	byteOrderMark = "\xef\xbb\xbf"
)

// withoutPreamble empties the lines in front of the header row, which say whose climbs these are. The lines stay, so that
// remarks name those of the file. Content without such a header row is returned as it is.
func withoutPreamble(content []byte) []byte {
	if table.Disguise(content) != "" {
		return content
	}
	start := len(content) - len(bytes.TrimPrefix(content, []byte(byteOrderMark)))
	for line := range maxPreamble {
		rest := content[start:]
		if format.Recognise(rest[:min(len(rest), headerSize)]) {
			return append(bytes.Repeat([]byte("\n"), line), rest...)
		}
		end := bytes.IndexByte(rest[:min(len(rest), headerSize)], '\n')
		if end < 0 {
			break
		}
		start += end + 1
	}
	return content
}

// add reads a row into a tick, or says why it is none.
func add(export *entry.Export, row *table.Row, now time.Time) {
	boulder := strings.EqualFold(row.Cell("Climb Type"), string(climb.Boulder))
	date, problem := entry.ParseDay(row.Cell("Date"), now)
	tick := entry.Tick{
		Line: row.Line, Date: date, RouteName: entry.Name(row.Cell("Climb")), RouteType: entry.Name(row.Cell("Climb Type")),
		Rating: climb.Rating{Text: entry.Grade(row.Cell("Grade"), boulder)}, Pitches: 1, AvgStars: -1, YourStars: -1,
	}
	for _, area := range []string{row.Cell("Country"), row.Cell("Area")} {
		if area = entry.Name(area); area != "" {
			tick.Location = append(tick.Location, area)
		}
	}
	switch {
	case row.IsBlank():
		export.NoTick(row.Line, entry.NoText)
		return
	case row.Problem() != "":
		problem = row.Problem()
	case problem == entry.NoDate:
		export.NoTick(row.Line, "%s", problem)
		return
	case problem != "":
	case tick.RouteName == "":
		problem = "the name of the climb is missing"
	default:
		problem = tick.TooLong()
	}
	if problem != "" {
		export.Skip(row.Line, "%s", problem)
		return
	}
	setClimb(&tick, entry.Name(row.Cell("Country")), export)
	setSend(&tick, row, boulder, export)
	export.Add(&tick)
}

// setClimb reads what the climb is.
func setClimb(t *entry.Tick, country string, export *entry.Export) {
	kind := strings.ToLower(t.RouteType)
	switch kind {
	case "top rope", "toprope", "top-rope":
		kind = string(climb.TopRope)
	}
	discipline, err := climb.ParseDiscipline(kind)
	if err == nil {
		t.Disciplines = []climb.Discipline{discipline}
	} else if kind != "" {
		export.Warn(t.Line, "the climb type %s is not known", entry.Clip(t.RouteType))
	}
	t.Rating = climb.ParseRatingIn(t.Rating.Text, country, discipline)
	if t.Rating.Text != "" && len(t.Rating.Grades) == 0 {
		export.Warn(t.Line, "the grade %s is not known", entry.Clip(t.Rating.Text))
	}
}

// setSend reads how it was climbed.
func setSend(t *entry.Tick, row *table.Row, boulder bool, export *entry.Export) {
	result, known := parseSendType(row.Cell("Send Type"))
	if !known {
		export.Warn(t.Line, "the send type %s is not known", entry.Clip(row.Cell("Send Type")))
	}
	t.Style, t.LeadStyle = entry.StylesOf(result, boulder)
	t.Attempts = entry.FirstTry(result)
	if isRepeat(row.Cell("Send Type")) {
		t.Traits = []string{"repeat"}
	}
	t.YourStars = stars(row.Cell("Rating"), t.Line, export)
	var cut bool
	if t.Notes, cut = entry.Note(row.Cell("Comments")); cut {
		export.Warn(t.Line, "the comment is longer than a tick can hold, and its end was left out")
	}
}

// parseSendType reads the words of the site; false for others. A repeat is a send that somebody has had before.
func parseSendType(text string) (climb.Result, bool) {
	switch strings.NewReplacer("_", " ", "-", " ").Replace(strings.ToLower(text)) {
	case "":
		return climb.ResultUnknown, true
	case "onsight", "on sight":
		return climb.ResultOnsight, true
	case "flash":
		return climb.ResultFlash, true
	case "redpoint", "red point", "send", "repeat":
		return climb.ResultRedpoint, true
	case "pinkpoint", "pink point":
		return climb.ResultPinkpoint, true
	case "toprope", "top rope", "tr":
		return climb.ResultTopRope, true
	case "solo", "free solo":
		return climb.ResultSolo, true
	case "attempt", "project", "working":
		return climb.ResultAttempt, true
	}
	return climb.ResultUnknown, false
}

func isRepeat(sendType string) bool { return strings.EqualFold(sendType, "repeat") }

// stars brings 1 to 5 stars to the scale of 0 to 4.
func stars(text string, line int, export *entry.Export) float64 {
	if text == "" || text == "0" {
		return -1
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n > 0 && n <= 5) {
		export.Warn(line, "the rating %s is no number of stars from 0 to 5 and was left out", entry.Clip(text))
		return -1
	}
	return n * 4 / 5
}
