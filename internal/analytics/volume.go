package analytics

import "github.com/cragbase/cragbase/internal/climb"

// Volume is how much somebody climbed.
type Volume struct {
	Rule       string            `json:"rule"`
	Units      map[string]string `json:"units"`
	Filters    Filter            `json:"filters"`
	Totals     Amount            `json:"totals"`
	Years      []VolumePeriod    `json:"years"` // the earliest first, as in all lists; only those with ticks
	Seasons    []VolumePeriod    `json:"seasons"`
	Months     []VolumePeriod    `json:"months"`
	Weeks      []VolumePeriod    `json:"weeks"` // ISO 8601: Monday to Sunday
	Cumulative []CumulativePoint `json:"cumulative"`
	Milestones []Milestone       `json:"milestones"` // of vertical distance: those that were reached, and the next one
	Capacity   []WorkCapacity    `json:"capacity"`
	Base       []BaseShare       `json:"base"`
	Estimates  []Estimate        `json:"estimates"`
	LeftOut    VolumeLeftOut     `json:"left_out"`
}

// Amount is an amount of climbing.
type Amount struct {
	Ticks          int      `json:"ticks"`
	Pitches        int      `json:"pitches"` // laps too
	Routes         int      `json:"routes"`  // distinct ones
	VerticalFeet   int      `json:"vertical_feet"`
	VerticalMetres int      `json:"vertical_metres"`
	EstimatedFeet  int      `json:"estimated_feet"`  // the part of VerticalFeet on routes of unknown length
	EstimatedShare *float64 `json:"estimated_share"` // EstimatedFeet / VerticalFeet, 0..1; null when nothing was climbed
}

// VolumePeriod is the amount of one period.
type VolumePeriod struct {
	Period
	Amount
}

// CumulativePoint is everything up to a month, this one included.
type CumulativePoint struct {
	Month          string `json:"month"` // YYYY-MM; ticks of which only the year is known count from its first month on
	Ticks          int    `json:"ticks"`
	Pitches        int    `json:"pitches"`
	VerticalFeet   int    `json:"vertical_feet"`
	VerticalMetres int    `json:"vertical_metres"`
}

// Milestone is a known distance to compare with.
type Milestone struct {
	Name      string  `json:"name"`
	Feet      int     `json:"feet"`
	Metres    int     `json:"metres"`
	ReachedOn *string `json:"reached_on"` // the day that the sum passed it; null: not yet
}

// WorkCapacity is what a climbing day of a season was made of.
type WorkCapacity struct {
	Period
	Days           int     `json:"days"`
	Pitches        float64 `json:"pitches_per_day"`
	VerticalFeet   float64 `json:"vertical_feet_per_day"`
	VerticalMetres float64 `json:"vertical_metres_per_day"`
}

// BaseShare is how much of a discipline was climbed well below the limit.
type BaseShare struct {
	Discipline  climb.Discipline `json:"discipline"`
	Max         GradeValue       `json:"max"`          // the hardest send between the dates of the filter
	Pitches     int              `json:"pitches"`      // graded ones
	BasePitches int              `json:"base_pitches"` // four grades or more under Max
	Share       float64          `json:"share"`        // BasePitches / Pitches, 0..1
}

// Estimate is what a pitch of unknown length counts as.
type Estimate struct {
	Discipline climb.Discipline `json:"discipline"`
	Feet       int              `json:"feet"` // of a pitch
	Metres     int              `json:"metres"`
	Ticks      int              `json:"ticks"` // how often it was needed
}

// VolumeLeftOut counts what single lists do not show; the totals and the years have it all but for LeadOnly.
type VolumeLeftOut struct {
	NoDay    int `json:"no_day"`    // ticks of a month or a year: not in weeks and capacity
	NoMonth  int `json:"no_month"`  // ticks of a year: not in months and seasons
	NoGrade  int `json:"no_grade"`  // ticks without a grade, or of a discipline without a graded send: not in base
	LeadOnly int `json:"lead_only"` // what lead_only leaves out
}
