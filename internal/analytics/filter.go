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

// Filter says which ticks count and how grades are shown.
type Filter struct {
	Discipline   climb.Discipline `json:"discipline"`    // "": all, or the chart's own choice
	From         string           `json:"from"`          // YYYY-MM-DD, inclusive; "": from the first day
	To           string           `json:"to"`            // YYYY-MM-DD, inclusive; "": to the last day
	Scale        climb.System     `json:"scale"`         // "": the discipline's own
	LeadOnly     bool             `json:"lead_only"`     // leave out what was climbed on top-rope or following
	CountUnknown bool             `json:"count_unknown"` // count ticks without a result as sends
}

// rule says in words what a filter does to the counting.
func (f Filter) rule() string {
	rule := ""
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

// ParseFilter reads a filter from the parameters of a request. What is not allowed comes back as
// validation.Errors by parameter.
func ParseFilter(query url.Values) (Filter, error) {
	problems := validation.Errors{}
	filter := Filter{
		Discipline:   parseDiscipline(query.Get("discipline"), problems),
		From:         parseDate(query.Get("from"), "from", problems),
		To:           parseDate(query.Get("to"), "to", problems),
		Scale:        parseScale(query.Get("scale"), problems),
		LeadOnly:     parseBool(query.Get("lead_only"), "lead_only", problems),
		CountUnknown: parseBool(query.Get("count_unknown"), "count_unknown", problems),
	}
	for name := range query {
		if !slices.Contains([]string{"discipline", "from", "to", "scale", "lead_only", "count_unknown"}, name) {
			problems[name] = validation.NewError("unknown_field", "This parameter does not exist; there are discipline, from, to, scale, lead_only and count_unknown.")
		}
	}
	if filter.From != "" && filter.To != "" && filter.From > filter.To {
		problems["from"] = validation.NewError("validation_date_range", "from must not be after to.")
	}
	if filter.Discipline != "" && filter.Scale != "" && filter.Scale.Family() != filter.Discipline.Family() {
		problems["scale"] = validation.NewError("validation_in_invalid", fmt.Sprintf("%s is not graded in %s.", filter.Discipline, filter.Scale))
	}
	if len(problems) > 0 {
		return Filter{}, problems
	}
	return filter, nil
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
	names := make([]string, len(allowed))
	for i, name := range allowed {
		names[i] = string(name)
	}
	return validation.NewError("validation_in_invalid", "Must be one of "+strings.Join(names, ", ")+".")
}
