// Package mountainproject reads the tick export of Mountain Project, the CSV file that a climber downloads from the ticks of
// a profile, and knows the addresses of the site's profiles.
package mountainproject

import (
	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/entry"
)

// Tick is one row of the export, with the export's damage repaired and its vocabulary made canonical; nothing else is
// interpreted.
type Tick struct {
	Line       int             // line of the file on which the row starts, 1-based
	Date       string          // YYYY-MM-DD; exports hold no time of day and can hold days to come
	Route      string          // name of the route, never empty
	Rating     string          // as exported, such as "5.11a PG13"; see Repaired
	Notes      string          // character references decoded once, line breaks are "\n"
	URL        string          // page of the route on mountainproject.com, or ""
	RouteID    string          // the digits of URL that identify the route, or ""
	Pitches    int             // at least 1; on a single-pitch route the site's users also count laps here
	Location   []string        // areas from the root to the crag
	AvgStars   float64         // 0 to 4; -1 when nobody has voted
	YourStars  float64         // 0 to 4; -1 when the climber has not voted
	Style      climb.Style     // how the route was climbed
	LeadStyle  climb.LeadStyle // how the lead went
	RouteType  string          // as exported, such as "Trad, TR"
	YourRating string          // the climber's own rating, mostly ""
	LengthFeet int             // length of the whole route; 0 when unknown
	RatingCode int             // the site's sort key of the rating; 0 when unknown
	Repaired   bool            // Rating was restored from RatingCode
}

// Skip is a row that holds no usable tick.
type Skip struct {
	Line   int    `json:"line"`    // line of the file on which the row starts, 1-based
	Reason string `json:"reason"`  // names the column and the value
	NoTick bool   `json:"no_tick"` // it is none for certain: nothing stands in the row, or no date
}

// Warning is a detail of a kept tick that could not be read and was left out.
type Warning struct {
	Line   int    `json:"line"`   // line of the file on which the row starts, 1-based
	Reason string `json:"reason"` // names the column and the value
}

// Form is the shape in which an export arrived.
type Form string

// The forms of an export.
const (
	FormModern  Form = "modern"  // as downloaded since 2019
	Form2018    Form = "2018"    // without Rating Code, and with locations from the crag to the root
	FormResaved Form = "resaved" // saved by a spreadsheet: other dates, 5.10 turned into 5.1, a header without quotes, other separators or letters
)

// Export is a whole tick export. Every record after the header is in exactly one of Ticks and Skipped.
type Export struct {
	Form     Form
	Ticks    []Tick    // in file order: newest day first, and within a day the latest entry first
	Skipped  []Skip    // in file order
	Warnings []Warning // in file order, the first 1,000
	Repaired int       // ticks whose rating was repaired
}

// Limits bound what Parse reads. A value that is not positive stands for its default.
type Limits struct {
	Rows       int // records after the header; default entry.MaxRows, as of every source
	Columns    int // fields of one record; default 64
	FieldBytes int // size of one field as written, quotes included; default 64 KiB
}

const (
	defaultColumns    = 64
	defaultFieldBytes = 64 << 10

	// maxWarnings bounds the memory that a file of nothing but oddities costs; nobody reads further.
	maxWarnings = 1_000
)

func (l Limits) withDefaults() Limits {
	return Limits{
		Rows:       positiveOr(l.Rows, entry.MaxRows),
		Columns:    positiveOr(l.Columns, defaultColumns),
		FieldBytes: positiveOr(l.FieldBytes, defaultFieldBytes),
	}
}

func positiveOr(n, fallback int) int {
	if n > 0 {
		return n
	}
	return fallback
}
