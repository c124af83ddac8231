package analytics

import "github.com/cragbase/cragbase/internal/climb"

// Lengths shows what lengths of routes somebody climbs, and how well.
type Lengths struct {
	Rule       string            `json:"rule"`
	Units      map[string]string `json:"units"`
	Filters    Filter            `json:"filters"`
	Discipline climb.Discipline  `json:"discipline"` // of the grades: the filter's, or the one with the most sends
	Scale      climb.System      `json:"scale"`
	Classes    []LengthClass     `json:"classes"` // always the four, the shortest first
	LeftOut    LengthsLeftOut    `json:"left_out"`
}

// LengthClass is a range of lengths of the whole route.
type LengthClass struct {
	Class      string        `json:"class"` // short, medium, long or multipitch
	FromFeet   int           `json:"from_feet"`
	BelowFeet  *int          `json:"below_feet"` // null: no end
	FromMetres float64       `json:"from_metres"`
	BelowMetre *float64      `json:"below_metres"`
	Ticks      int           `json:"ticks"`
	Pitches    int           `json:"pitches"`
	Routes     int           `json:"routes"` // distinct ones
	Sends      int           `json:"sends"`
	Attempts   int           `json:"attempts"`
	SendRate   *float64      `json:"send_rate"` // sends / (sends + attempts), 0..1; null without either
	Max        *GradeValue   `json:"max"`       // the hardest send of the discipline; null without a graded one
	Grades     []GradeCount  `json:"grades"`    // routes sent of the discipline: the hardest first, only those with routes
	Months     []LengthMonth `json:"months"`    // the earliest first, only those with ticks
}

// LengthMonth is the progress in a class.
type LengthMonth struct {
	Month             string      `json:"month"` // YYYY-MM
	Pitches           int         `json:"pitches"`
	CumulativePitches int         `json:"cumulative_pitches"`
	Sends             int         `json:"sends"`
	Attempts          int         `json:"attempts"`
	Max               *GradeValue `json:"max"`         // of the month; null without a graded send of the discipline
	RunningMax        *GradeValue `json:"running_max"` // up to its end
}

// LengthsLeftOut counts the ticks that are not shown.
type LengthsLeftOut struct {
	UnknownLength int `json:"unknown_length"` // neither a length nor several pitches logged
	NoGrade       int `json:"no_grade"`       // sends of the discipline without a grade of its family: not in max and grades
	NoMonth       int `json:"no_month"`       // ticks of which only the year is known: not in months
	LeadOnly      int `json:"lead_only"`      // what lead_only leaves out
}
