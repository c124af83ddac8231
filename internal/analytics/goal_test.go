package analytics

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	validation "github.com/go-ozzo/ozzo-validation/v4"

	"github.com/cragbase/cragbase/internal/climb"
)

// climbed makes sends of as many routes as each grade says.
func climbed(grades ...any) []tick {
	var ticks []tick
	for i := 0; i < len(grades); i += 2 {
		for n := range grades[i+1].(int) {
			id := fmt.Sprint(grades[i], "-", n)
			ticks = append(ticks, sport(id, "2025-01-01", id, grades[i].(string), "Onsight"))
		}
	}
	return ticks
}

func TestGoal(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule   string
		ticks  []tick
		filter Filter
		want   []GoalRow
		steps  []GoalStep
	}{
		{
			"the hardest send is the top of 1-2-4-8",
			climbed("5.11a", 1, "5.10d", 1, "5.10c", 4, "5.10b", 2),
			Filter{Goal: "1-2-4-8"},
			[]GoalRow{{"5.11a", 1, 1, 1, 0}, {"5.10d", 2, 1, 1, 1}, {"5.10c", 4, 4, 4, 0}, {"5.10b", 8, 2, 2, 6}},
			[]GoalStep{{"5.10b", 6}, {"5.10d", 1}},
		},
		{
			"what a row has too much counts below it, and once",
			climbed("5.11a", 4, "5.10d", 1, "5.10c", 2),
			Filter{Goal: "1-2-4-8"},
			[]GoalRow{{"5.11a", 1, 4, 4, 0}, {"5.10d", 2, 1, 4, 0}, {"5.10c", 4, 2, 4, 0}, {"5.10b", 8, 0, 0, 8}},
			[]GoalStep{{"5.10b", 8}},
		},
		{
			"the others lead to the grade above the hardest send",
			climbed("5.11a", 3, "5.10d", 5),
			Filter{Goal: "normal"},
			[]GoalRow{{"5.11b", 1, 0, 0, 1}, {"5.11a", 3, 3, 3, 0}, {"5.10d", 5, 5, 5, 0}, {"5.10c", 8, 0, 0, 8}, {"5.10b", 16, 0, 0, 16}},
			[]GoalStep{{"5.10b", 16}, {"5.10c", 8}, {"5.11b", 1}},
		},
		{
			"a grade below the hardest send: what is above counts at the top",
			climbed("5.11c", 2, "5.10c", 1),
			Filter{Goal: "1-2-4-8", GoalGrade: "5.10d"},
			[]GoalRow{{"5.10d", 1, 0, 2, 0}, {"5.10c", 2, 1, 2, 0}, {"5.10b", 4, 0, 0, 4}, {"5.10a", 8, 0, 0, 8}},
			[]GoalStep{{"5.10a", 8}, {"5.10b", 4}},
		},
		{
			"a grade of a logbook without sends",
			nil,
			Filter{Goal: "fast", GoalGrade: "4th", Discipline: climb.Sport},
			[]GoalRow{{"4th", 1, 0, 0, 1}, {"3rd", 3, 0, 0, 3}}, // and the scale ends
			[]GoalStep{{"3rd", 3}, {"4th", 1}},
		},
		{"no sends and no grade", nil, Filter{Goal: "fast", Discipline: climb.Sport}, []GoalRow{}, []GoalStep{}},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			pyramid := pyramidOf(test.ticks, test.filter)
			goal, err := goalOf(pyramid.Bins, pyramid.Scale, test.filter)
			if err != nil {
				t.Fatal(err)
			}
			missing := 0
			for _, row := range goal.Rows {
				missing += row.Gap
			}
			if !reflect.DeepEqual(goal.Rows, test.want) || goal.Missing != missing {
				t.Errorf("%d missing in\n     %+v\nwant %+v", goal.Missing, goal.Rows, test.want)
			}
			if !reflect.DeepEqual(goal.NextSteps, test.steps) {
				t.Errorf("steps\n got %+v\nwant %+v", goal.NextSteps, test.steps)
			}
			if (goal.Grade == nil) != (len(goal.Rows) == 0) || goal.Rule == "" {
				t.Errorf("grade %v, rule %q", goal.Grade, goal.Rule)
			}
		})
	}
}

// By hand: 1+2+4+8, 1+3+6+12+24, 1+3+5+8+16 and 1+3+4+6+9.
func TestGoalShapes(t *testing.T) {
	t.Parallel()
	want := map[string]int{"1-2-4-8": 15, "conservative": 46, "normal": 33, "fast": 23}
	for _, shape := range shapes() {
		sum := 0
		for _, target := range shape.targets {
			sum += target
		}
		if sum != want[shape.name] {
			t.Errorf("%s has %d routes, want %d", shape.name, sum, want[shape.name])
		}
	}
	if len(shapes()) != len(want) {
		t.Errorf("%d shapes", len(shapes()))
	}
}

func TestGoalGradeIsOfTheScale(t *testing.T) {
	t.Parallel()
	for _, grade := range []string{"V5", "7a", "hard", "5.16z"} {
		var problems validation.Errors
		if _, err := goalOf(nil, climb.YDS, Filter{Goal: "fast", GoalGrade: grade}); !errors.As(err, &problems) || problems["goal_grade"] == nil {
			t.Errorf("%s: %v", grade, err)
		}
	}
	if goal, err := goalOf(nil, climb.Font, Filter{Goal: "fast", GoalGrade: "7a"}); err != nil || *goal.Grade != "7A" {
		t.Errorf("7a in Font: %v, %v", goal, err)
	}
}
