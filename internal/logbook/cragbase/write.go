package cragbase

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/entry"
)

// Writer writes an export, tick by tick.
type Writer struct {
	csv  *csv.Writer
	cell []string
}

// NewWriter writes the header row.
func NewWriter(w io.Writer) (*Writer, error) {
	writer := &Writer{csv: csv.NewWriter(w), cell: make([]string, 0, len(columns))}
	if err := writer.csv.Write(columns); err != nil {
		return nil, fmt.Errorf("write ticks: %w", err)
	}
	return writer, nil
}

// Write adds a tick, whose Kept must be set. The primary grade is the first of its rating.
func (w *Writer) Write(t *entry.Tick) error {
	w.cell = append(w.cell[:0],
		t.Date, t.RouteName, t.Rating.Text, t.Notes, t.RouteURL, strconv.Itoa(t.Pitches), strings.Join(t.Location, separator),
		stars(t.AvgStars), stars(t.YourStars), styles[t.Style], leadStyles[t.LeadStyle], t.RouteType, t.YourGrade,
		number(t.LengthFeet), ratingCode(t.Rating.Text),
		t.Kept.Source, t.Kept.Identity, t.ID, t.RouteID, number(t.Kept.DayOrder), string(t.Precision), join(t.Disciplines),
		ratingKey(t.Rating), number(t.Attempts), string(t.Feel), list(t.Traits), flag(t.Kept.Edited), t.Kept.GoneAt,
	)
	for i := range w.cell {
		w.cell[i] = escape(w.cell[i])
	}
	if err := w.csv.Write(w.cell); err != nil {
		return fmt.Errorf("write tick: %w", err)
	}
	return nil
}

// Flush writes what is buffered, and returns the first error that there was.
func (w *Writer) Flush() error {
	w.csv.Flush()
	return w.csv.Error()
}

// stars are empty for none, because Mountain Project's -1 is a formula to a spreadsheet.
func stars(n float64) string {
	if n < 0 {
		return ""
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func flag(on bool) string {
	if on {
		return "yes"
	}
	return ""
}

func ratingCode(text string) string {
	code, ok := climb.CodeOfRating(text)
	if !ok {
		return ""
	}
	return strconv.Itoa(code)
}

func join[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, word := range words {
		texts[i] = string(word)
	}
	return strings.Join(texts, ", ")
}

func list(words []string) string {
	if len(words) == 0 {
		return ""
	}
	text, _ := json.Marshal(words) // strings always encode
	return string(text)
}

// ratingKey says how the rating was understood, because its text alone may not: an 18 is Ewbank in Australia. It ends with the
// text, and holds only as long as that is the rating's.
func ratingKey(r climb.Rating) string {
	var grade climb.Grade
	if len(r.Grades) > 0 {
		grade = r.Grades[0]
	}
	return fmt.Sprintf("%s|%d|%d|%s|%s", grade.System, grade.Low, grade.High, r.Danger, r.Text)
}
