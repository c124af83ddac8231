// Package cragbase writes and reads our own export, ticks.csv. Its first columns are those of Mountain Project's tick export,
// so that whatever reads that file reads this one; the columns after them make it whole: a logbook that is exported and
// imported again is the same logbook.
package cragbase

import (
	"strings"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/table"
)

// columns of Mountain Project, in its order, and ours.
var columns = []string{
	"Date", "Route", "Rating", "Notes", "URL", "Pitches", "Location", "Avg Stars", "Your Stars", "Style", "Lead Style",
	"Route Type", "Your Rating", "Length", "Rating Code",

	"Source", "Identity", "Tick ID", "Route ID", "Day Order", "Date Precision", "Disciplines", "Rating Key", "Attempts", "Feel",
	"Traits", "Edited", "Gone At",
}

// format needs the columns that no other logbook has.
var format = table.Format{
	Expected:   "the ticks.csv that Cragbase exports",
	Columns:    []string{"Date", "Route", "Rating", "Source", "Identity", "Rating Key"},
	FieldBytes: 320 << 10, // the longest note, of four bytes a character
}

// Recognise reports whether head, the first KiB of a file, begins like our own export.
func Recognise(head []byte) bool { return format.Recognise(head) }

const (
	separator  = " > "                      // of the areas of a location
	goneLayout = "2006-01-02 15:04:05.000Z" // as times are stored
)

// styles and leadStyles are Mountain Project's words.
var styles = map[climb.Style]string{
	climb.StyleLead: "Lead", climb.StyleTopRope: "TR", climb.StyleFollow: "Follow", climb.StyleSolo: "Solo",
	climb.StyleSend: "Send", climb.StyleFlash: "Flash", climb.StyleAttempt: "Attempt",
}

var leadStyles = map[climb.LeadStyle]string{
	climb.LeadOnsight: "Onsight", climb.LeadFlash: "Flash", climb.LeadRedpoint: "Redpoint", climb.LeadPinkpoint: "Pinkpoint",
	climb.LeadFellHung: "Fell/Hung",
}

// special are the characters that make a spreadsheet take a cell for a formula, or skip it.
const special = "=+-@\t\r\n"

// escape keeps a cell from being a formula: an apostrophe in front makes it text. A cell that begins with one gets another, so
// that unescape finds back what was there.
func escape(cell string) string {
	if cell != "" && (strings.ContainsRune(special, rune(cell[0])) || cell[0] == '\'') {
		return "'" + cell
	}
	return cell
}

func unescape(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && (strings.ContainsRune(special, rune(cell[1])) || cell[1] == '\'') {
		return cell[1:]
	}
	return cell
}
