// Package analytics computes the figures behind every chart from the ticks of one user.
package analytics

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	validation "github.com/go-ozzo/ozzo-validation/v4"

	"github.com/cragbase/cragbase/internal/climb"
)

// Filter says which ticks count and how grades are shown. Filters that mean the same are equal.
type Filter struct {
	Discipline   climb.Discipline `json:"discipline"`    // "": all, or the chart's own choice
	From         string           `json:"from"`          // YYYY-MM-DD, inclusive; "": from the first day
	To           string           `json:"to"`            // YYYY-MM-DD, inclusive; "": to the last day
	Area         string           `json:"area"`          // path of a place, "Colorado > Boulder Canyon"; "": everywhere
	Style        string           `json:"style"`         // results, separated by commas, the best first; "": all
	Scale        climb.System     `json:"scale"`         // "": the discipline's own
	LeadOnly     bool             `json:"lead_only"`     // leave out what was climbed on top-rope or following
	CountUnknown bool             `json:"count_unknown"` // count ticks without a result as sends
	Compare      string           `json:"compare"`       // ComparePrevious, or "": with nothing

	Goal      string `json:"goal,omitempty"`       // of the pyramid: the name of a shape
	GoalGrade string `json:"goal_grade,omitempty"` // of the pyramid: the grade at its top

	Today string `json:"-"` // YYYY-MM-DD, for the charts that look back from today
	Usual Scales `json:"-"` // what grades are shown in where Scale does not say

	likewise climb.Discipline // of another period that this one is compared with: the one that it chose
}

// ComparePrevious asks for the same figures over the period of the same number of days just before.
const ComparePrevious = "previous"

// rule says in words what a filter does to the counting.
func (f Filter) rule() string {
	rule := ""
	if f.Area != "" {
		rule += " Only what is in " + f.Area + " is looked at."
	}
	if f.Style != "" {
		rule += " Only ticks of these results are looked at: " + strings.ReplaceAll(f.Style, ",", ", ") + "."
	}
	if f.LeadOnly {
		rule += " What was climbed on top-rope or following is left out."
	}
	if f.CountUnknown {
		rule += " Ticks without a result count as sends, as was asked."
	}
	return rule
}

// scales are the grade systems that a chart can be asked for.
var scales = []climb.System{climb.YDS, climb.French, climb.UIAA, climb.V, climb.Font}

// commonParameters are those of every chart.
func commonParameters() []string {
	return []string{"discipline", "from", "to", "area", "style", "scale", "lead_only", "count_unknown", "compare"}
}

// ParseFilter reads a filter from the parameters of a request; own are the names of those that only this chart has. What
// is not allowed comes back as validation.Errors by parameter.
func ParseFilter(query url.Values, own ...string) (Filter, error) {
	problems := validation.Errors{}
	filter := Filter{
		Discipline:   parseDiscipline(query.Get("discipline"), problems),
		From:         parseDate(query.Get("from"), "from", problems),
		To:           parseDate(query.Get("to"), "to", problems),
		Area:         parseArea(query.Get("area"), problems),
		Style:        parseStyle(query.Get("style"), problems),
		Scale:        parseScale(query.Get("scale"), problems),
		LeadOnly:     parseBool(query.Get("lead_only"), "lead_only", problems),
		CountUnknown: parseBool(query.Get("count_unknown"), "count_unknown", problems),
		Compare:      parseCompare(query.Get("compare"), problems),
		Goal:         parseGoal(query.Get("goal"), problems),
		GoalGrade:    query.Get("goal_grade"),
	}
	known := append(commonParameters(), own...)
	filter.check(problems)
	for name, values := range query {
		switch {
		case !slices.Contains(known, name):
			problems[name] = validation.NewError("unknown_field", "This parameter does not exist; there are "+strings.Join(known, ", ")+".")
		case len(values) > 1:
			problems[name] = validation.NewError("validation_repeated", "Give this parameter once.")
		}
	}
	if len(problems) > 0 {
		return Filter{}, problems
	}
	return filter, nil
}

// check looks for parameters that do not go together.
func (f *Filter) check(problems validation.Errors) {
	if f.From != "" && f.To != "" && f.From > f.To {
		problems["from"] = validation.NewError("validation_date_range", "from must not be after to.")
	}
	if f.Compare != "" && (f.From == "" || f.To == "") {
		problems["compare"] = validation.NewError("validation_required", "To compare with the previous period, give from and to.")
	}
	if f.GoalGrade != "" && f.Goal == "" && problems["goal"] == nil {
		problems["goal"] = validation.NewError("validation_required", "A goal_grade needs a goal, which is a shape.")
	}
	if f.Discipline != "" && f.Scale != "" && f.Scale.Family() != f.Discipline.Family() {
		problems["scale"] = validation.NewError("validation_in_invalid", fmt.Sprintf("%s is not graded in %s.", f.Discipline, f.Scale))
	}
}

func parseDiscipline(value string, problems validation.Errors) climb.Discipline {
	if value == "" {
		return ""
	}
	discipline, err := climb.ParseDiscipline(value)
	if err != nil {
		problems["discipline"] = oneOf(climb.AllDisciplines())
	}
	return discipline
}

func parseScale(value string, problems validation.Errors) climb.System {
	if value != "" && !slices.Contains(scales, climb.System(value)) {
		problems["scale"] = oneOf(scales)
	}
	return climb.System(value)
}

func parseDate(value, name string, problems validation.Errors) string {
	if value == "" {
		return ""
	}
	if _, err := time.Parse(time.DateOnly, value); err != nil {
		problems[name] = validation.NewError("validation_invalid_date", "Must be a day such as 2026-11-23.")
	}
	return value
}

// maxArea is the longest location of a tick, in bytes.
const maxArea = 8_000

// parseArea brings the path of a place to the form of the ticks' locations.
func parseArea(value string, problems validation.Errors) string {
	if len(value) > maxArea {
		problems["area"] = validation.NewError("validation_length_too_long", "This is longer than any location.")
		return ""
	}
	var parts []string
	for part := range strings.SplitSeq(value, pathSeparator) {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, pathSeparator)
}

// parseStyle reads a list of results and brings it in order, each once.
func parseStyle(value string, problems validation.Errors) string {
	if value == "" {
		return ""
	}
	results := climb.AllResults()
	asked := map[climb.Result]bool{}
	for name := range strings.SplitSeq(value, ",") {
		result := climb.Result(strings.TrimSpace(name))
		if !slices.Contains(results, result) {
			problems["style"] = validation.NewError("validation_in_invalid", "Must be one or more of these, separated by commas: "+names(results)+".")
			return ""
		}
		asked[result] = true
	}
	var list []string
	for _, result := range results {
		if asked[result] {
			list = append(list, string(result))
		}
	}
	return strings.Join(list, ",")
}

func parseCompare(value string, problems validation.Errors) string {
	if value != "" && value != ComparePrevious {
		problems["compare"] = oneOf([]string{ComparePrevious})
		return ""
	}
	return value
}

func parseBool(value, name string, problems validation.Errors) bool {
	if value == "" {
		return false
	}
	on, err := strconv.ParseBool(value)
	if err != nil {
		problems[name] = validation.NewError("validation_in_invalid", "Must be true or false.")
	}
	return on
}

func oneOf[T ~string](allowed []T) error {
	return validation.NewError("validation_in_invalid", "Must be one of "+names(allowed)+".")
}

func names[T ~string](list []T) string {
	words := make([]string, len(list))
	for i, name := range list {
		words[i] = string(name)
	}
	return strings.Join(words, ", ")
}
