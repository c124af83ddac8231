package tools

import (
	"github.com/cragbase/cragbase/internal/analytics"
	"github.com/cragbase/cragbase/internal/climb"
)

// Pyramid is the result of get_pyramid.
type Pyramid struct {
	About
	Discipline climb.Discipline `json:"discipline"`
	Scale      climb.System     `json:"scale"`
	Routes     int              `json:"routes"` // of all grades
	Grades     []PyramidGrade   `json:"grades"` // the hardest first
	Goal       *Goal            `json:"goal"`
	LeftOut    map[string]int   `json:"left_out"` // ticks that do not count, by reason
}

// PyramidGrade counts the routes of a grade.
type PyramidGrade struct {
	Grade  string         `json:"grade"`
	Routes int            `json:"routes"`
	Styles map[string]int `json:"styles"` // by how each was best sent
}

// Goal holds the pyramid against a shape.
type Goal struct {
	Shape   string              `json:"shape"`
	Grade   string              `json:"grade"` // of its top; "" without a send
	Missing int                 `json:"missing"`
	Rows    []analytics.GoalRow `json:"rows"` // the top first
}

// defaultGoal leads to the next grade.
const defaultGoal = "normal"

func pyramidSpec() spec {
	return spec{
		name: GetPyramid,
		description: "Distinct routes that the user has sent, by grade, the hardest first, each route once with its best style; " +
			"and the goal: what is missing to a pyramid under the next grade (or of the shape asked for). Without a discipline the one with the most sends.",
		parameters: []parameter{
			disciplineParameter(),
			{name: "style", description: "only routes sent like this", words: sendResults(), list: true},
			fromParameter(), toParameter(), scaleParameter(),
			{name: "goal", description: "shape to hold the pyramid against; normal (1, 3, 5, 8, 16 routes from the grade above the hardest down) without it", words: analytics.GoalNames()},
		},
		find: findPyramid,
	}
}

// sendResults are the results that are sends.
func sendResults() []string {
	var names []string
	for _, result := range climb.AllResults() {
		if result.IsSend() {
			names = append(names, string(result))
		}
	}
	return names
}

func findPyramid(l *look, a arguments) (finding, error) {
	if a["goal"] == "" {
		a = a.with("goal", defaultGoal)
	}
	filter, err := l.filter(a, "discipline", "style", "from", "to", "scale", "goal")
	if err != nil {
		return finding{}, err
	}
	pyramid, err := analytics.PyramidOf(l.app, l.userID, filter)
	if err != nil {
		return finding{}, err
	}
	about, err := l.about(filter, len(pyramid.Bins), map[string]string{"routes": "distinct routes sent", "have": "routes sent at the grade, and spare ones from above"})
	if err != nil {
		return finding{}, err
	}
	shown := func(n int) any {
		return Pyramid{
			about.showing(n), pyramid.Discipline, pyramid.Scale, pyramid.Routes, pyramidGrades(pyramid.Bins[:n]), goalOf(pyramid.Goal),
			counted(map[string]int{
				"attempts": pyramid.LeftOut.Attempts, "no_grade": pyramid.LeftOut.NoGrade, "no_result_logged": pyramid.LeftOut.Undetermined,
				"toprope_follow_solo": pyramid.LeftOut.OtherStyles,
			}),
		}
	}
	return finding{len(pyramid.Bins), shown, "looked at your " + name(pyramid.Discipline) + " pyramid, " + dates(filter)}, nil
}

func pyramidGrades(bins []analytics.PyramidBin) []PyramidGrade {
	grades := make([]PyramidGrade, len(bins))
	for i, bin := range bins {
		grades[i] = PyramidGrade{bin.Grade, bin.Count, counted(bin.Styles)}
	}
	return grades
}

func goalOf(g *analytics.Goal) *Goal {
	goal := &Goal{Shape: g.Shape, Missing: g.Missing, Rows: g.Rows}
	if g.Grade != nil {
		goal.Grade = *g.Grade
	}
	return goal
}
