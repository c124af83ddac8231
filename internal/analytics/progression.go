package analytics

import "github.com/cragbase/cragbase/internal/climb"

// Progression shows how hard somebody climbed from period to period, in one discipline.
type Progression struct {
	Rule       string              `json:"rule"`
	Units      map[string]string   `json:"units"`
	Filters    Filter              `json:"filters"`
	Discipline climb.Discipline    `json:"discipline"` // the filter's, or the one with the most sends
	Scale      climb.System        `json:"scale"`
	TopK       int                 `json:"top_k"`   // how many routes TopMean is over, at most
	Grades     []GradeStep         `json:"grades"`  // the axis: the easiest first, without gaps
	Seasons    []ProgressionPeriod `json:"seasons"` // the earliest first; only those with a graded send
	Months     []ProgressionPeriod `json:"months"`  // the same by month
	LeftOut    ProgressionLeftOut  `json:"left_out"`
}

// GradeStep is one grade of a scale, Low to High on the score of its family, both included.
type GradeStep struct {
	Grade string `json:"grade"`
	Low   int    `json:"low"`
	High  int    `json:"high"`
}

// GradeValue is a place on the grade axis. The grade of a score between two is the lower one.
type GradeValue struct {
	Score float64 `json:"score"` // of the family, see climb.Family
	Grade string  `json:"grade"` // on the scale asked for
}

// ProgressionPeriod is what was sent in one season or month.
type ProgressionPeriod struct {
	Period
	Sends         int                `json:"sends"`  // graded ones, repeats too
	Routes        int                `json:"routes"` // distinct ones among them
	Max           GradeValue         `json:"max"`
	TopMean       GradeValue         `json:"top_mean"` // over the TopK hardest distinct routes
	Median        GradeValue         `json:"median"`   // over the sends
	LowerQuartile GradeValue         `json:"lower_quartile"`
	UpperQuartile GradeValue         `json:"upper_quartile"`
	Min           GradeValue         `json:"min"`
	Onsight       *GradeValue        `json:"onsight"`  // the hardest onsight; of boulders also flash; null without one
	Redpoint      *GradeValue        `json:"redpoint"` // the hardest redpoint or pinkpoint; of boulders also send; null without one
	Running       ProgressionRunning `json:"running"`
}

// ProgressionRunning is the hardest up to the end of a period, since the first tick that the filter lets through.
type ProgressionRunning struct {
	Max      GradeValue  `json:"max"`
	Onsight  *GradeValue `json:"onsight"`
	Redpoint *GradeValue `json:"redpoint"`
	Gap      *int        `json:"gap"` // grades from Onsight up to Redpoint, negative when the onsight is harder; null without both
}

// ProgressionLeftOut counts the ticks of the discipline and dates that the chart does not show.
type ProgressionLeftOut struct {
	NoGrade      int `json:"no_grade"`     // sends whose grade is unknown or of another family
	NoMonth      int `json:"no_month"`     // sends of which only the year is known
	Undetermined int `json:"undetermined"` // no result logged
	Attempts     int `json:"attempts"`
	OtherStyles  int `json:"other_styles"` // top-rope, follow and solo without a lead style
	LeadOnly     int `json:"lead_only"`    // what lead_only leaves out
}
