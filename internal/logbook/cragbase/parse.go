package cragbase

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/entry"
	"github.com/cragbase/cragbase/internal/logbook/table"
)

// Parse reads our own export. It returns an [entry.FormatError] or an [entry.TooManyRowsError], and nothing beside it.
func Parse(content []byte, limits entry.Limits, now time.Time) (*entry.Export, error) {
	rows, err := format.Open(content, limits)
	if err != nil {
		return nil, err
	}
	export := new(entry.Export)
	for {
		r, err := rows.Next()
		switch {
		case errors.Is(err, io.EOF):
			return export, nil
		case err != nil:
			return nil, err
		}
		if r.IsBlank() {
			export.NoTick(r.Line, entry.NoText)
			continue
		}
		tick, problem := (&row{r, export}).tick(now)
		if problem != "" { // also where the day is missing: every tick that is stored has one, so it was lost on the way
			export.Skip(r.Line, "%s", problem)
			continue
		}
		export.Add(tick)
	}
}

// row reads cells, and notes in the export which of them cannot be read.
type row struct {
	*table.Row
	export *entry.Export
}

func (r *row) tick(now time.Time) (t *entry.Tick, problem string) {
	if problem := r.Problem(); problem != "" {
		return nil, problem
	}
	// A day that was stored is as far ahead as its source allows; how far, every source says for itself.
	date, problem := entry.ParseDay(dayOf(r.text("Date")), now.AddDate(1, 0, 0))
	if problem != "" {
		return nil, problem
	}
	t = &entry.Tick{
		Line: r.Line, ID: r.most("Tick ID", 100), Date: date, RouteName: entry.Name(r.text("Route")), RouteID: r.most("Route ID", 100),
		RouteURL: r.url(), RouteType: r.most("Route Type", 200), YourGrade: r.most("Your Rating", 200), Pitches: max(1, r.count("Pitches", 1_000)),
		LengthFeet: r.count("Length", 30_000), Attempts: r.count("Attempts", 10_000), AvgStars: r.stars("Avg Stars"), YourStars: r.stars("Your Stars"),
		Style: word(r, "Style", climb.ParseStyle), LeadStyle: word(r, "Lead Style", climb.ParseLeadStyle),
		Feel: oneOf(r, "Feel", entry.FeelSoft, entry.FeelHard), Precision: oneOf(r, "Date Precision", entry.Month, entry.Year),
		Rating: r.rating(), Disciplines: r.disciplines(), Location: r.location(), Traits: r.traits(), Kept: r.kept(),
	}
	note, cut := entry.WholeNote(unescape(r.Raw("Notes")))
	if t.Notes = note; cut {
		r.export.Warn(r.Line, "Notes are longer than a tick can hold and were cut")
	}
	if t.RouteName == "" {
		return nil, "Route is empty"
	}
	if !t.Precision.Holds(date) {
		t.Precision = entry.Day
	}
	return t, t.TooLong()
}

// text is a cell as it was before it was escaped.
func (r *row) text(column string) string { return entry.Text(unescape(r.Cell(column))) }

func (r *row) warn(column, problem string) {
	r.export.Warn(r.Line, "%s %s %s and was left out", column, entry.Clip(r.text(column)), problem)
}

// most is a name of so many characters at most.
func (r *row) most(column string, most int) string {
	text := entry.Name(r.text(column))
	if len([]rune(text)) > most {
		r.warn(column, fmt.Sprintf("is longer than %d characters", most))
		return ""
	}
	return text
}

// url is a page; nothing else becomes a link.
func (r *row) url() string {
	url := r.most("URL", 1_000)
	if url != "" && !entry.IsPage(url) {
		r.warn("URL", "is not the address of a page")
		return ""
	}
	return url
}

func (r *row) count(column string, most int) int {
	text := r.text(column)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > most {
		r.warn(column, fmt.Sprintf("is no whole number from 0 to %d", most))
		return 0
	}
	return n
}

func (r *row) stars(column string) float64 {
	text := r.text(column)
	if text == "" {
		return -1
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n != -1 && !(n >= 0 && n <= 4) {
		r.warn(column, "is not a number of stars from 0 to 4")
		return -1
	}
	return n
}

func word[T ~string](r *row, column string, parse func(string) (T, error)) T {
	found, err := parse(r.text(column))
	if err != nil {
		r.warn(column, "is not a known word")
		return ""
	}
	return found
}

func oneOf[T ~string](r *row, column string, allowed ...T) T {
	text := T(r.text(column))
	if text != "" && !slices.Contains(allowed, text) {
		r.warn(column, "is not a known word")
		return ""
	}
	return text
}

// rating is the grade as it was understood when it was stored, unless the text was changed since.
func (r *row) rating() climb.Rating {
	text := entry.Name(r.text("Rating"))
	key := strings.SplitN(unescape(r.Cell("Rating Key")), "|", 5)
	if len(key) < 5 || key[4] != text && !sameNumber(key[4], text) {
		return climb.ParseRating(text)
	}
	text = key[4]
	rating := climb.Rating{Text: text, Danger: dangerOf(key[3])}
	low, errLow := strconv.Atoi(key[1])
	high, errHigh := strconv.Atoi(key[2])
	switch system := climb.System(key[0]); {
	case system == "":
	case system.Family() == "" || errLow != nil || errHigh != nil || low > high || low < lowestScore || high > highestScore:
		return climb.ParseRating(text)
	default:
		rating.Grades = []climb.Grade{{Text: text, System: system, Low: low, High: high}}
	}
	return rating
}

// dayOf is a day in our form where a spreadsheet has put it into its own, 3/10/2025.
func dayOf(text string) string {
	if day, err := time.Parse("1/2/2006", text); err == nil {
		return day.Format(time.DateOnly)
	}
	return text
}

// sameNumber reports whether a spreadsheet has written one text as the other: 5.10 as 5.1.
func sameNumber(a, b string) bool {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return errX == nil && errY == nil && x == y
}

// The scores that grades of any family have.
const lowestScore, highestScore = -3, 107

func dangerOf(word string) string { return climb.ParseRating(word).Danger }

// disciplines are those that a rating does not tell.
func (r *row) disciplines() []climb.Discipline {
	text := r.text("Disciplines")
	if text == "" {
		return nil
	}
	var list []climb.Discipline
	for name := range strings.SplitSeq(text, ",") {
		d, err := climb.ParseDiscipline(strings.TrimSpace(name))
		if err != nil || slices.Contains(list, d) {
			r.warn("Disciplines", "is not a list of disciplines")
			return nil
		}
		list = append(list, d)
	}
	return list
}

func (r *row) location() []string {
	var areas []string
	for area := range strings.SplitSeq(r.text("Location"), separator) {
		if area = entry.Name(area); area != "" {
			areas = append(areas, area)
		}
	}
	return areas
}

func (r *row) traits() []string {
	text := r.text("Traits")
	if text == "" {
		return nil
	}
	var traits []string
	if json.Unmarshal([]byte(text), &traits) != nil || !entry.AreTraits(traits) || len(text) > 2_000 {
		r.warn("Traits", "is not a list of traits")
		return nil
	}
	return traits
}

func (r *row) kept() *entry.Kept {
	kept := &entry.Kept{
		Source: r.text("Source"), Identity: r.most("Identity", 250), DayOrder: r.count("Day Order", entry.MaxRows),
		Edited: r.text("Edited") == "yes", GoneAt: r.text("Gone At"),
	}
	if _, err := time.Parse(goneLayout, kept.GoneAt); err != nil && kept.GoneAt != "" {
		r.warn("Gone At", "is not a time")
		kept.GoneAt = ""
	}
	return kept
}
