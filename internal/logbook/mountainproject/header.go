package mountainproject

import (
	"fmt"
	"strings"
)

// column is a column of the export that is read. The order of the constants is that of columnNames and not that of any
// file: columns are found by name.
type column int

const (
	columnDate column = iota
	columnRoute
	columnRating
	columnPitches
	columnLocation
	columnStyle
	columnLeadStyle
	columnRouteType
	requiredColumns // the columns above occur in every export, those below are optional

	columnNotes column = iota - 1
	columnURL
	columnAvgStars
	columnYourStars
	columnYourRating
	columnLength
	columnRatingCode
	columnCount
)

var columnNames = [columnCount]string{
	"Date", "Route", "Rating", "Pitches", "Location", "Style", "Lead Style", "Route Type",
	"Notes", "URL", "Avg Stars", "Your Stars", "Your Rating", "Length", "Rating Code",
}

// ownColumn is in our own export, whose ticks are of several logbooks.
const ownColumn = "Rating Key"

// header says where in a record each column stands.
type header struct {
	position [columnCount]int // -1 when the file does not have the column
	width    int              // fields of a record
}

func (h *header) has(c column) bool { return h.position[c] >= 0 }

// newHeader reads the header row. problem is empty, or says why the row is not the header of a tick export.
func newHeader(fields []string) (h header, problem string) {
	h.width = len(fields)
	for c, name := range columnNames {
		found, times := find(fields, name)
		if times > 1 {
			return h, fmt.Sprintf("the header row has the column %s %d times", name, times)
		}
		h.position[c] = found
	}
	if _, times := find(fields, ownColumn); times > 0 {
		return h, "this is the ticks.csv of Cragbase, which has more than Mountain Project's columns"
	}
	return h, missing(&h, fields)
}

// find returns the first position of name in fields, or -1, and how often it occurs.
func find(fields []string, name string) (first, times int) {
	first = -1
	for i, field := range fields {
		if !strings.EqualFold(strings.TrimSpace(field), name) {
			continue
		}
		if times++; times == 1 {
			first = i
		}
	}
	return first, times
}

func missing(h *header, fields []string) string {
	absent := h.absent()
	switch {
	case len(absent) == 0:
		return ""
	case len(absent) == int(requiredColumns):
		return foreignHeader(fields)
	}
	return "the header row does not have " + strings.Join(absent, ", ")
}

// absent names the required columns that the file does not have.
func (h *header) absent() (names []string) {
	for c := range requiredColumns {
		if !h.has(c) {
			names = append(names, columnNames[c])
		}
	}
	return names
}

// foreignHeader describes a first row in which not one expected column is found.
func foreignHeader(fields []string) string {
	return "this looks like another kind of text file: its first row begins with " + clip(fields[0])
}
