package analytics

import (
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/climb"
)

const lengthsRule = "A tick counts by the length of its whole route: short below 60 ft, medium from 60 ft, long from 85 ft, multipitch from 130 ft on. " +
	"A route of unknown length counts as multipitch when several pitches were logged and it is no boulder; several pitches on a shorter route are laps. " +
	"The send rate is sends / (sends + attempts). Grades count each distinct route once, at its hardest logged grade."

// Lengths shows what lengths of routes somebody climbs, and how well.
type Lengths struct {
	Basis
	Discipline climb.Discipline `json:"discipline"` // of max and grades: the filter's, or the one with the most sends
	Scale      climb.System     `json:"scale"`
	Classes    []LengthClass    `json:"classes"` // always the four, the shortest first
	LeftOut    LengthsLeftOut   `json:"left_out"`
}

// LengthClass is a range of lengths of the whole route.
type LengthClass struct {
	Class       string        `json:"class"` // short, medium, long or multipitch
	FromFeet    int           `json:"from_feet"`
	BelowFeet   *int          `json:"below_feet"`  // null: no end
	FromMetres  float64       `json:"from_metres"` // the same in metres
	BelowMetres *float64      `json:"below_metres"`
	Ticks       int           `json:"ticks"`
	Pitches     int           `json:"pitches"`
	Routes      int           `json:"routes"` // distinct ones
	Sends       int           `json:"sends"`
	Attempts    int           `json:"attempts"`
	SendRate    *float64      `json:"send_rate"` // sends / (sends + attempts), 0..1; null without either
	Max         *GradeValue   `json:"max"`       // the hardest send of the discipline; null without a graded one
	Grades      []GradeCount  `json:"grades"`    // routes sent of the discipline: the hardest first, only those with routes
	Months      []LengthMonth `json:"months"`    // the earliest first, only those with ticks
}

// LengthMonth is the progress in a class.
type LengthMonth struct {
	Month             string      `json:"month"` // YYYY-MM
	Pitches           int         `json:"pitches"`
	CumulativePitches int         `json:"cumulative_pitches"` // of the months up to this one
	Sends             int         `json:"sends"`
	Attempts          int         `json:"attempts"`
	Max               *GradeValue `json:"max"`         // of the month; null without a graded send of the discipline
	RunningMax        *GradeValue `json:"running_max"` // of the months up to this one
}

// LengthsLeftOut counts what the filter leaves out, and the ticks that are not shown.
type LengthsLeftOut struct {
	Filtered
	UnknownLength int `json:"unknown_length"` // neither a length nor several pitches logged
	NoGrade       int `json:"no_grade"`       // sends of the discipline without a grade of its family: not in max and grades
	NoMonth       int `json:"no_month"`       // of a year: not in months
}

// LengthsOf computes what lengths of routes a user climbs (domain: the length classes, with send rate and progression).
func LengthsOf(app core.App, userID string, filter Filter) (*Lengths, error) {
	ticks, err := load(app, userID, filter)
	if err != nil {
		return nil, err
	}
	return lengthsOf(ticks, filter), nil
}

func lengthsOf(all []tick, filter Filter) *Lengths {
	ticks, filtered := inScope(all, filter)
	ladder := filter.ladderOf(filter.orMostSent(all).Discipline)
	lengths := &Lengths{
		Basis: newBasis(lengthsRule, map[string]string{
			"from_feet": "ft", "below_feet": "ft", "from_metres": "m", "below_metres": "m", "pitches": "pitches and laps", "send_rate": "fraction of ticks with a known result",
		}, filter),
		Discipline: ladder.discipline, Scale: filter.scaleOf(ladder.discipline), LeftOut: LengthsLeftOut{Filtered: filtered},
	}
	walk := lengthsWalk{filter: filter, ladder: ladder, leftOut: &lengths.LeftOut}
	for _, t := range ticks {
		walk.add(t)
	}
	lengths.Classes = walk.finished()
	return lengths
}
