package analytics

import (
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/climb"
)

const volumeRule = "Every tick counts, attempts too, with its pitches; pitches on a short route are laps. " +
	"Vertical: the length of a multipitch counts once, that of a shorter route for every lap. A route is a multipitch from 130 ft on. " +
	"Where the length is not known, every pitch counts as the estimate for its discipline, and the estimated part is shown. " +
	"A climbing day's work is the sum of its ticks; the base is what is four grades or more below the hardest send of its discipline between the dates asked for. " +
	"Sums begin with the first day asked for. Ticks of which only the month or the year is known are summed up from its first day on; a milestone that one of them has reached has no day."

// Volume is how much somebody climbed.
type Volume struct {
	Basis
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

// CumulativePoint is everything up to the end of a month.
type CumulativePoint struct {
	Month          string `json:"month"` // YYYY-MM; ticks of which only the year is known count from its January on
	Ticks          int    `json:"ticks"`
	Pitches        int    `json:"pitches"`
	VerticalFeet   int    `json:"vertical_feet"`
	VerticalMetres int    `json:"vertical_metres"`
}

// WorkCapacity is what a climbing day of a season was made of, in the mean.
type WorkCapacity struct {
	Period
	Days           int     `json:"days"`
	Pitches        float64 `json:"pitches_per_day"`
	VerticalFeet   float64 `json:"vertical_feet_per_day"`
	VerticalMetres float64 `json:"vertical_metres_per_day"`
}

// VolumeLeftOut counts what the filter leaves out, and ticks that single lists do not show: totals and years have them.
type VolumeLeftOut struct {
	Filtered
	NoDay   int `json:"no_day"`   // of a month or a year: not in weeks and capacity
	NoMonth int `json:"no_month"` // of a year: not in months and seasons
	NoGrade int `json:"no_grade"` // without a grade, or of a discipline without a graded send: not in base
}

// VolumeOf computes how much a user climbed (domain: pitches, ticks, distinct routes and vertical by week, month and season,
// cumulative with milestones, work capacity and base).
func VolumeOf(app core.App, userID string, filter Filter) (*Volume, error) {
	ticks, err := load(app, userID, filter)
	if err != nil {
		return nil, err
	}
	return volumeOf(ticks, filter), nil
}

func volumeOf(all []tick, filter Filter) *Volume {
	ticks, filtered := inScope(all, filter)
	walk := volumeWalk{filter: filter, points: []CumulativePoint{}, guesses: map[climb.Discipline]int{}, base: newBaseWalk()}
	for _, t := range ticks {
		walk.add(t)
	}
	base := walk.base.shares()
	return &Volume{
		Basis: newBasis(volumeRule, map[string]string{
			"pitches": "pitches and laps", "vertical_feet": "ft", "vertical_metres": "m", "estimated_feet": "ft", "estimated_share": "fraction of vertical_feet",
			"pitches_per_day": "pitches", "vertical_feet_per_day": "ft", "vertical_metres_per_day": "m", "feet": "ft", "metres": "m", "share": "fraction of the graded pitches", "score": "score of the grade's family",
		}, filter),
		Totals: walk.total.sum(),
		Years:  walk.years.finished(), Seasons: walk.seasons.finished(), Months: walk.months.finished(), Weeks: walk.weeks.finished(),
		Cumulative: walk.points, Milestones: walk.milestones(), Capacity: walk.means(), Base: base, Estimates: walk.estimates(),
		LeftOut: VolumeLeftOut{filtered, walk.noDay, walk.noMonth, walk.base.noGrade},
	}
}
