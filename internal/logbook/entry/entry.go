// Package entry is the form to which every source brings its ticks: files of other logbooks, and profiles that are read.
package entry

import (
	"fmt"
	"strings"

	"github.com/cragbase/cragbase/internal/climb"
)

// Precision says how much of a date was logged.
type Precision string

// The precisions. A tick of a month or a year has its first day as date.
const (
	Day   Precision = ""
	Month Precision = "month"
	Year  Precision = "year"
)

// Holds reports whether a date, YYYY-MM-DD, is one that ticks of the precision have.
func (p Precision) Holds(date string) bool {
	switch p {
	case Year:
		return strings.HasSuffix(date, "-01-01")
	case Month:
		return strings.HasSuffix(date, "-01")
	}
	return true
}

// Feel is what somebody thought of a grade.
type Feel string

// The feels.
const (
	FeelNone Feel = ""
	FeelSoft Feel = "soft"
	FeelHard Feel = "hard"
)

// Tick is one entry of a logbook: somebody was on a route on a day.
type Tick struct {
	Line        int    // where the file has it, 1-based: a line, or the position in a list
	ID          string // the source's id of the tick, "" when it has none
	Date        string // YYYY-MM-DD
	Precision   Precision
	RouteName   string
	RouteID     string // the source's id of the route, "" when it has none
	RouteURL    string
	RouteType   string             // as the source has it
	Disciplines []climb.Discipline // what the route is, the primary one first; empty: told from RouteType and Rating
	Rating      climb.Rating
	YourGrade   string
	Style       climb.Style
	LeadStyle   climb.LeadStyle
	Attempts    int      // tries that it took, this one included, as the source says; 0: it does not say
	Pitches     int      // pitches; on single-pitch routes also laps; at least 1
	LengthFeet  int      // of the whole route; 0: unknown
	Location    []string // from the largest area down
	AvgStars    float64  // 0 to 4; -1: no votes
	YourStars   float64  // 0 to 4; -1: not rated
	Feel        Feel
	Traits      []string // of the route, such as overhang, slab, crimpy; lower case, sorted
	Notes       string
	Kept        *Kept // what our own export says beside; nil in all other sources
}

// Kept is what our own export says of a tick that other logbooks know nothing of.
type Kept struct {
	Source   string // the logbook that the tick came from
	Identity string // what makes it the same tick in the next export of that logbook; "": a row that its reader has added
	DayOrder int    // order within the day, 1 was climbed first; 0: not said
	Edited   bool   // by its owner
	GoneAt   string // when an export of its source no longer had it, as stored; "": it had
}

// Remark points at a line and says what is the matter.
type Remark struct {
	Line   int
	Reason string // one sentence without its full stop, written for users
	NoTick bool   // of a row that was skipped: it is no tick for certain, whatever else the row says
}

// Export is what a source says: every row is a tick or was skipped with a reason.
type Export struct {
	Ticks       []Tick
	Skipped     []Remark
	Warnings    []Remark
	NewestFirst bool // the later of two ticks of a day stands first
	Partial     bool // it may be less than the whole logbook, so that nothing follows from what it does not have
}

// Rows is how many rows the source had.
func (e *Export) Rows() int { return len(e.Ticks) + len(e.Skipped) }

// Skip notes a row that cannot be read, and may stand for a tick that is known from another time.
func (e *Export) Skip(line int, format string, args ...any) {
	e.Skipped = append(e.Skipped, Remark{Line: line, Reason: fmt.Sprintf(format, args...)})
}

// NoTick notes a row that is read, and is no tick: a wish, an empty row, an ascent without a day.
func (e *Export) NoTick(line int, format string, args ...any) {
	e.Skipped = append(e.Skipped, Remark{Line: line, Reason: fmt.Sprintf(format, args...), NoTick: true})
}

// maxWarnings bounds the memory that a file of nothing but oddities costs; nobody reads further.
const maxWarnings = 1_000

// Warn notes something about a row that is one.
func (e *Export) Warn(line int, format string, args ...any) {
	if len(e.Warnings) > maxWarnings {
		return
	}
	if len(e.Warnings) == maxWarnings {
		format, args = "from here on, warnings are not listed", nil
	}
	e.Warnings = append(e.Warnings, Remark{Line: line, Reason: fmt.Sprintf(format, args...)})
}

// Limits bound what a parser takes.
type Limits struct {
	Rows int // 0: MaxRows
}

// MaxRows is more than anybody climbs in a life.
const MaxRows = 200_000

// FormatError means that content is not of the format that a parser reads. Its text says what was expected and what was
// there, and is written for users.
type FormatError struct {
	Expected string
	Found    string
}

func (e *FormatError) Error() string {
	return "expected " + e.Expected + ", found " + e.Found
}

// TooManyRowsError means that a file has more rows than allowed.
type TooManyRowsError struct{ Limit int }

func (e *TooManyRowsError) Error() string {
	return fmt.Sprintf("the file has more than %d rows", e.Limit)
}

// Text is a cell without what spreadsheets and web pages leave around it.
func Text(cell string) string {
	return strings.TrimSpace(strings.ToValidUTF8(strings.TrimPrefix(cell, "\ufeff"), "\ufffd"))
}
