package analytics

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	validation "github.com/go-ozzo/ozzo-validation/v4"
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/climb"
)

// TickQuery chooses among the ticks of a filter.
type TickQuery struct {
	Place    string // part of the location, in any case; "": everywhere
	Route    string // part of the route's name, in any case; "": all
	GradeMin string // on the filter's scale, or the usual one; "": no bound
	GradeMax string
	Sort     TickSort // "": TicksNewest
	Limit    int
	Notes    bool // read them too
}

// TickSort is an order of ticks.
type TickSort string

// The orders. Ticks without a grade come after all others where grades are compared.
const (
	TicksNewest  TickSort = "newest"
	TicksOldest  TickSort = "oldest"
	TicksHardest TickSort = "hardest"
	TicksEasiest TickSort = "easiest"
)

// TickSorts lists the orders. The caller owns the list.
func TickSorts() []TickSort { return []TickSort{TicksNewest, TicksOldest, TicksHardest, TicksEasiest} }

// TickList is what was found: Ticks are the first Limit of Total.
type TickList struct {
	Ticks []ListedTick
	Total int
}

// ListedTick is one tick as it was logged.
type ListedTick struct {
	Date        string // YYYY-MM-DD; the first day of what is known of it
	RouteName   string
	Location    string
	GradeText   string // as logged
	Grade       string // on the scale of its discipline under the filter; "": unknown
	YourGrade   string
	Disciplines []climb.Discipline
	Style       climb.Style
	LeadStyle   climb.LeadStyle
	Result      climb.Result
	Pitches     int
	Attempts    int // 0: not said
	LengthFeet  int // 0: unknown
	Notes       string
	id          string
}

// TicksOf finds ticks of a user. A grade that is none of the scale comes back as validation.Errors under grade_min or grade_max.
func TicksOf(app core.App, userID string, filter Filter, query TickQuery) (*TickList, error) {
	match, err := newTickMatch(filter, query)
	if err != nil {
		return nil, err
	}
	all, err := load(app, userID, filter)
	if err != nil {
		return nil, err
	}
	ticks, _ := inScope(all, filter)
	list := match.list(ticks, query)
	if query.Notes {
		if err := readNotes(app, userID, list.Ticks); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// tickMatch is a query that is ready to be held against ticks.
type tickMatch struct {
	filter       Filter
	ladders      map[climb.Discipline][]climb.Bin
	place, route string
	family       climb.Family // of the bounds; "": there are none
	low, high    int          // scores
}

func newTickMatch(filter Filter, query TickQuery) (*tickMatch, error) {
	m := &tickMatch{
		filter: filter, ladders: ladders(filter),
		place: strings.ToLower(query.Place), route: strings.ToLower(query.Route), low: none, high: math.MaxInt,
	}
	problems := validation.Errors{}
	for _, bound := range []struct{ name, text string }{{"grade_min", query.GradeMin}, {"grade_max", query.GradeMax}} {
		if bound.text == "" {
			continue
		}
		grade, err := filter.readGrade(bound.text)
		switch {
		case err != nil:
			problems[bound.name] = validation.NewError("validation_in_invalid", "Must be a grade such as 5.11a, 7a, V5 or 7A.")
			continue
		case m.family != "" && m.family != grade.Family():
			problems[bound.name] = validation.NewError("validation_in_invalid", "grade_min and grade_max must both be of routes or both of boulders.")
		case bound.name == "grade_min":
			m.low = grade.Low
		default:
			m.high = grade.High
		}
		m.family = grade.Family()
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return m, nil
}

// readGrade reads a grade in the scale asked for, in that of the discipline, or in any scale that knows it.
func (f Filter) readGrade(text string) (climb.Grade, error) {
	if f.Scale != "" {
		return climb.ParseGrade(text, f.Scale)
	}
	if f.Discipline != "" {
		if grade, err := climb.ParseGrade(text, f.scaleOf(f.Discipline)); err == nil {
			return grade, nil
		}
		if grade, ok := climb.ParseRating(text).Grade(f.Discipline); ok {
			return grade, nil
		}
	}
	if grades := climb.ParseRating(text).Grades; f.Discipline == "" && len(grades) > 0 {
		return grades[0], nil
	}
	return climb.Grade{}, fmt.Errorf("%w: %.40q", climb.ErrUnknownGrade, text)
}

// scoredTick is a tick that matches.
type scoredTick struct {
	*tick
	discipline climb.Discipline
	score      int // none without a grade
}

// list takes the ticks that match, in the order asked for.
func (m *tickMatch) list(ticks []*tick, query TickQuery) *TickList {
	var found []scoredTick
	for _, t := range ticks {
		if scored, ok := m.match(t); ok {
			found = append(found, scored)
		}
	}
	if query.Sort != TicksOldest {
		slices.Reverse(found)
	}
	switch query.Sort {
	case TicksHardest:
		slices.SortStableFunc(found, func(a, b scoredTick) int { return cmp.Compare(b.score, a.score) })
	case TicksEasiest:
		slices.SortStableFunc(found, func(a, b scoredTick) int { return cmp.Compare(a.ease(), b.ease()) })
	}
	list := &TickList{Ticks: []ListedTick{}, Total: len(found)}
	for _, t := range found[:min(len(found), query.Limit)] {
		list.Ticks = append(list.Ticks, m.listed(t))
	}
	return list
}

// ease is the score, with the ticks that have none at the end.
func (t *scoredTick) ease() int {
	if t.score == none {
		return math.MaxInt
	}
	return t.score
}

// match reports whether a tick is asked for.
func (m *tickMatch) match(t *tick) (scoredTick, bool) {
	if !contains(t.location, m.place) || !contains(t.routeName, m.route) {
		return scoredTick{}, false
	}
	scored := scoredTick{t, t.disciplineUnder(m.filter), none}
	if grade, ok := t.gradeIn(scored.discipline); ok && scored.discipline != "" {
		scored.score = grade.Mid()
	}
	inRange := scored.discipline.Family() == m.family && scored.score != none && scored.score >= m.low && scored.score <= m.high
	return scored, m.family == "" || inRange
}

// contains looks for a part, which is in lower case, in any case.
func contains(text, part string) bool {
	return part == "" || strings.Contains(strings.ToLower(text), part)
}

func (m *tickMatch) listed(t scoredTick) ListedTick {
	grade := ""
	if t.score != none {
		ladder := m.ladders[t.discipline]
		grade = ladder[rungOf(ladder, t.score)].Label
	}
	return ListedTick{
		Date: t.date, RouteName: t.routeName, Location: t.location, GradeText: t.gradeText, Grade: grade, YourGrade: t.yourGrade,
		Disciplines: t.disciplines, Style: t.style, LeadStyle: t.leadStyle, Result: t.result,
		Pitches: t.pitches, Attempts: t.attempts, LengthFeet: t.lengthFeet, id: t.id,
	}
}

// readNotes reads the notes of ticks, which [load] leaves alone because they are long and no chart shows them.
func readNotes(app core.App, userID string, ticks []ListedTick) error {
	ids := make([]any, len(ticks))
	for i := range ticks {
		ids[i] = ticks[i].id
	}
	var rows []struct {
		ID    string `db:"id"`
		Notes string `db:"notes"`
	}
	err := app.ConcurrentDB().Select("id", "notes").From("ticks").
		Where(dbx.HashExp{"user": userID}).AndWhere(dbx.In("id", ids...)).All(&rows)
	if err != nil {
		return fmt.Errorf("read notes: %w", err)
	}
	notes := make(map[string]string, len(rows))
	for _, row := range rows {
		notes[row.ID] = row.Notes
	}
	for i := range ticks {
		ticks[i].Notes = notes[ticks[i].id]
	}
	return nil
}
