package analytics

import (
	"fmt"
	"strings"

	validation "github.com/go-ozzo/ozzo-validation/v4"

	"github.com/cragbase/cragbase/internal/climb"
)

// shape is how many routes a pyramid should have in each grade, from its top down.
type shape struct {
	name    string
	targets []int
	above   int // how many grades the top is above the hardest send, unless a grade is asked for
}

// shapes are the goals that can be asked for. The first is the common one among climbers, the others lead to the next grade
// along a base of different breadth.
func shapes() []shape {
	return []shape{
		{"1-2-4-8", []int{1, 2, 4, 8}, 0},
		{"conservative", []int{1, 3, 6, 12, 24}, 1},
		{"normal", []int{1, 3, 5, 8, 16}, 1},
		{"fast", []int{1, 3, 4, 6, 9}, 1},
	}
}

// Goal holds a pyramid against a shape.
type Goal struct {
	Shape     string     `json:"shape"`
	Grade     *string    `json:"grade"` // of the top row; null without a send that it could be told from
	Rows      []GoalRow  `json:"rows"`  // the top first
	Missing   int        `json:"missing"`
	NextSteps []GoalStep `json:"next_steps"` // the base first; empty when the pyramid is complete
	Rule      string     `json:"rule"`
}

// GoalRow is one grade of the shape. Have is Sent and what is left over from above; Gap is what is missing to Target.
type GoalRow struct {
	Grade  string `json:"grade"`
	Target int    `json:"target"` // routes
	Sent   int    `json:"sent"`   // distinct routes sent at this grade
	Have   int    `json:"have"`
	Gap    int    `json:"gap"`
}

// GoalStep says how many routes of a grade are still to be sent.
type GoalStep struct {
	Grade  string `json:"grade"`
	Routes int    `json:"routes"`
}

func parseGoal(value string, problems validation.Errors) string {
	if value == "" {
		return ""
	}
	var known []string
	for _, s := range shapes() {
		if s.name == value {
			return value
		}
		known = append(known, s.name)
	}
	problems["goal"] = oneOf(known)
	return ""
}

// goalOf holds the bins of a pyramid, the hardest first, against the shape that a filter names. It fails with
// validation.Errors when the grade asked for is none of the scale.
func goalOf(bins []PyramidBin, scale climb.System, filter Filter) (*Goal, error) {
	var asked shape
	for _, s := range shapes() {
		if s.name == filter.Goal {
			asked = s
		}
	}
	all := rungs(scale)
	goal := &Goal{Shape: asked.name, Rows: []GoalRow{}, NextSteps: []GoalStep{}, Rule: asked.rule()}
	top := -1
	if len(bins) > 0 {
		top = min(rungOf(all, bins[0].High)+asked.above, len(all)-1)
	}
	if filter.GoalGrade != "" {
		grade, err := climb.ParseGrade(filter.GoalGrade, scale)
		if err != nil {
			return nil, validation.Errors{"goal_grade": validation.NewError("validation_in_invalid", fmt.Sprintf("Must be a grade such as %s.", all[len(all)/2].Label))}
		}
		top = rungOf(all, grade.Mid())
	}
	if top >= 0 {
		goal.Grade = &all[top].Label
		goal.fill(asked.targets, all, top, sentByRung(bins, all))
	}
	return goal, nil
}

// rule says how the goal is counted.
func (s *shape) rule() string {
	targets := strings.Trim(strings.ReplaceAll(fmt.Sprint(s.targets), " ", ", "), "[]")
	top := "the hardest grade sent"
	if s.above > 0 {
		top = "the grade above the hardest one sent"
	}
	return "From the top down the rows should have " + targets + " distinct routes. The top is goal_grade or, without one, " + top + ". " +
		"A row has the routes sent at its grade and those from above it that are more than the rows there need."
}

func sentByRung(bins []PyramidBin, all []climb.Bin) []int {
	sent := make([]int, len(all))
	for i := range bins {
		sent[rungOf(all, bins[i].High)] += bins[i].Count
	}
	return sent
}

// fill makes the rows from the top down; a scale may end before the shape does.
func (g *Goal) fill(targets []int, all []climb.Bin, top int, sent []int) {
	spare := 0
	for i := top + 1; i < len(all); i++ {
		spare += sent[i]
	}
	for i, target := range targets {
		rung := top - i
		if rung < 0 {
			break
		}
		have := sent[rung] + spare
		row := GoalRow{all[rung].Label, target, sent[rung], have, max(0, target-have)}
		spare = max(0, have-target)
		g.Rows = append(g.Rows, row)
		g.Missing += row.Gap
		if row.Gap > 0 {
			g.NextSteps = append([]GoalStep{{row.Grade, row.Gap}}, g.NextSteps...)
		}
	}
}
