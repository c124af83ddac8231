package analytics

import (
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/climb"
)

// Chart is a kind of answer.
type Chart struct {
	Name       string
	Parameters []string // its own, besides those of every chart
	Daily      bool     // looks back from today, so that it changes when no tick does
	compute    func(app core.App, userID string, filter Filter) (answer, error)
}

// Charts is the table of all of them.
func Charts() []Chart {
	return []Chart{
		{"overview", nil, true, of(OverviewOf)},
		{"pyramid", []string{"goal", "goal_grade"}, false, of(PyramidOf)},
		{"progression", nil, false, of(ProgressionOf)},
		{"volume", nil, false, of(VolumeOf)},
		{"calendar", nil, false, of(CalendarOf)},
		{"styles", nil, false, of(StylesOf)},
		{"locations", nil, false, of(LocationsOf)},
		{"projects", nil, false, of(ProjectsOf)},
		{"attempts", nil, false, of(AttemptsOf)},
		{"breakthroughs", nil, false, of(BreakthroughsOf)},
		{"tiers", nil, false, of(TiersOf)},
		{"lengths", nil, false, of(LengthsOf)},
	}
}

// Basis is what the answer of every chart says of itself.
type Basis struct {
	Rule     string            `json:"rule"`               // how the figures are counted
	Units    map[string]string `json:"units"`              // of the fields whose names do not tell
	Filters  Filter            `json:"filters"`            // as understood
	Previous any               `json:"previous,omitempty"` // the same answer over the previous period, when asked for
}

// answer is a struct that embeds a Basis.
type answer interface{ basis() *Basis }

func (b *Basis) basis() *Basis { return b }

// newBasis adds to the rule of a chart what the filter does to it.
func newBasis(rule string, units map[string]string, filter Filter) Basis {
	return Basis{Rule: rule + filter.rule(), Units: units, Filters: filter}
}

// Compute answers with the figures of a chart over the ticks of a user.
func (c *Chart) Compute(app core.App, userID string, filter Filter) (any, error) {
	return c.compute(app, userID, filter)
}

// of makes a chart out of the function that computes one period.
func of[A answer](compute func(core.App, string, Filter) (A, error)) func(core.App, string, Filter) (answer, error) {
	return func(app core.App, userID string, filter Filter) (answer, error) {
		now, err := compute(app, userID, filter)
		if err != nil || filter.Compare == "" {
			return now, err
		}
		earlier := filter.previous()
		if one, ok := any(now).(ofOneDiscipline); ok {
			earlier.likewise = one.about()
		}
		before, err := compute(app, userID, earlier)
		if err != nil {
			return nil, err
		}
		now.basis().Previous = before
		return now, nil
	}
}

// ofOneDiscipline is an answer that chooses a discipline when none is asked for. Two periods can only be compared in the same.
type ofOneDiscipline interface{ about() climb.Discipline }

func (p *Pyramid) about() climb.Discipline       { return p.Discipline }
func (p *Progression) about() climb.Discipline   { return p.Discipline }
func (s *Styles) about() climb.Discipline        { return s.Discipline }
func (a *Attempts) about() climb.Discipline      { return a.Discipline }
func (b *Breakthroughs) about() climb.Discipline { return b.Discipline }
func (t *Tiers) about() climb.Discipline         { return t.Discipline }
func (l *Lengths) about() climb.Discipline       { return l.Discipline }
