package analytics

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/climb"
)

// tick is what the charts need of one entry of a logbook.
type tick struct {
	id, date            string
	route               string // the source's id of the route, or its name and place
	routeName, location string
	gradeText           string
	grade               climb.Grade // of the primary discipline; System "" when unknown
	yourGrade           string
	disciplines         []climb.Discipline
	style               climb.Style
	leadStyle           climb.LeadStyle
	result              climb.Result
	pitches             int
	attempts            int      // tries that it took, as the source says; 0: it does not say
	lengthFeet          int      // of the whole route; 0: unknown
	precision           string   // of the date: "" is a day, else month or year
	feel                string   // soft or hard for its grade; "" when not said
	traits              string   // JSON list of the route's traits, as the source or the owner has them
	edited              bool     // by its owner
	noted               traitSet // what its notes say of the route, where they were read
}

// pathSeparator is between the parts of a location.
const pathSeparator = " > "

// load reads the ticks of a user between the dates and in the area of a filter, the earliest first, in one pass. The rest of
// the filter is for inScope, because what it leaves out is part of the answer.
func load(app core.App, userID string, filter Filter) ([]tick, error) {
	return read(app, userID, filter, false)
}

// loadNoted is load with what the notes say of the routes. They are long, so that only who needs them reads them.
func loadNoted(app core.App, userID string, filter Filter) ([]tick, error) {
	return read(app, userID, filter, true)
}

// tickColumns are those that every chart reads.
func tickColumns() []string {
	return []string{
		"id", "date", "route_id", "route_name", "location", "grade", "grade_system", "grade_low", "grade_high", "your_grade",
		"disciplines", "style", "lead_style", "result", "pitches", "attempts", "length_ft", "date_precision", "feel",
		"coalesce([[traits]], '')", "edited",
	}
}

// ticksOf asks for columns of the ticks of a user between the dates and in the area of a filter, the earliest first.
func ticksOf(app core.App, userID string, filter Filter, columns []string) *dbx.SelectQuery {
	query := app.ConcurrentDB().Select(columns...).From("ticks").Where(dbx.HashExp{"user": userID}).OrderBy("date", "day_order", "id")
	if filter.From != "" {
		query.AndWhere(dbx.NewExp("[[date]] >= {:from}", dbx.Params{"from": filter.From}))
	}
	if filter.To != "" {
		query.AndWhere(dbx.NewExp("[[date]] <= {:to}", dbx.Params{"to": filter.To}))
	}
	if filter.Area != "" {
		// What begins with "A > " is what sorts from "A > " up to "A >!", the next character after the space.
		inside := filter.Area + pathSeparator
		query.AndWhere(dbx.NewExp("([[location]] = {:area} OR [[location]] >= {:inside} AND [[location]] < {:beyond})",
			dbx.Params{"area": filter.Area, "inside": inside, "beyond": strings.TrimSuffix(inside, " ") + "!"}))
	}
	return query
}

func read(app core.App, userID string, filter Filter, withNotes bool) ([]tick, error) {
	columns := tickColumns()
	if withNotes {
		columns = append(columns, "notes")
	}
	rows, err := ticksOf(app, userID, filter, columns).Rows()
	if err != nil {
		return nil, fmt.Errorf("read ticks: %w", err)
	}
	defer rows.Close()
	var ticks []tick
	var withoutID []int // those whose source has no id of the route
	disciplines := disciplineLists{}
	for rows.Next() {
		var t tick
		var names, notes string
		values := []any{
			&t.id, &t.date, &t.route, &t.routeName, &t.location, &t.gradeText, &t.grade.System, &t.grade.Low, &t.grade.High, &t.yourGrade,
			&names, &t.style, &t.leadStyle, &t.result, &t.pitches, &t.attempts, &t.lengthFeet, &t.precision, &t.feel, &t.traits, &t.edited,
		}
		if withNotes {
			values = append(values, &notes)
		}
		if err := rows.Scan(values...); err != nil {
			return nil, fmt.Errorf("read tick: %w", err)
		}
		t.noted = notedIn(notes)
		if t.route == "" {
			withoutID = append(withoutID, len(ticks))
		}
		if t.disciplines, err = disciplines.parse(names); err != nil {
			return nil, fmt.Errorf("disciplines of tick %s: %w", t.id, err)
		}
		ticks = append(ticks, t)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read ticks: %w", err)
	}
	return ticks, findRoutes(app, userID, ticks, withoutID)
}

// namedRoute is what a route goes by where its source has no id of it.
type namedRoute struct{ name, location string }

// findRoutes gives ticks without the id of their route that of another tick of the same name and place, so that a tick by hand and
// one that was imported are of one route, whichever came first. Where the logbook has several, the earliest tick's counts; where
// it has none, the name and the place stand for the route.
func findRoutes(app core.App, userID string, ticks []tick, without []int) error {
	if len(without) == 0 {
		return nil
	}
	ids, err := routeIDs(app, userID)
	if err != nil {
		return err
	}
	for _, i := range without {
		t := &ticks[i]
		if t.route = ids[namedRoute{t.routeName, t.location}]; t.route == "" {
			t.route = t.routeName + "\x00" + t.location
		}
	}
	return nil
}

// routeIDs are the ids of the routes of which a user's logbook also has ticks without one, from all of its days.
func routeIDs(app core.App, userID string) (map[namedRoute]string, error) {
	rows, err := app.ConcurrentDB().NewQuery(`
		SELECT [[route_name]], [[location]], [[route_id]] FROM {{ticks}} WHERE [[user]] = {:user} AND [[route_id]] != ''
		AND ([[route_name]], [[location]]) IN (SELECT [[route_name]], [[location]] FROM {{ticks}} WHERE [[user]] = {:user} AND [[route_id]] = '')
		ORDER BY [[date]], [[day_order]], [[id]]`).Bind(dbx.Params{"user": userID}).Rows()
	if err != nil {
		return nil, fmt.Errorf("read ids of routes: %w", err)
	}
	defer rows.Close()
	ids := map[namedRoute]string{}
	for rows.Next() {
		var route namedRoute
		var id string
		if err := rows.Scan(&route.name, &route.location, &id); err != nil {
			return nil, fmt.Errorf("read id of a route: %w", err)
		}
		if ids[route] == "" {
			ids[route] = id
		}
	}
	return ids, rows.Err()
}

// disciplineLists remembers the parsed form of the few lists that a logbook has.
type disciplineLists map[string][]climb.Discipline

func (l disciplineLists) parse(text string) ([]climb.Discipline, error) {
	if list, ok := l[text]; ok {
		return list, nil
	}
	var list []climb.Discipline
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, err
	}
	l[text] = list
	return list, nil
}

// is reports whether a tick counts for a discipline; "" is any.
func (t *tick) is(d climb.Discipline) bool {
	return d == "" || slices.Contains(t.disciplines, d)
}

// gradeIn is the tick's grade in the family that a discipline is graded in. Only the grade of the primary
// discipline is stored; a "Trad, Aid" route keeps its aid grade in the text. Where its source found no grade of the family
// there is none: the text may only look like one, as the 6a of a British E5 6a does.
func (t *tick) gradeIn(d climb.Discipline) (climb.Grade, bool) {
	family := d.Family()
	switch {
	case t.grade.System != "" && t.grade.Family() == family:
		return t.grade, true
	case len(t.disciplines) > 0 && t.disciplines[0].Family() == family:
		return climb.Grade{}, false
	case family == climb.FamilyRoute && climb.IsBritish(t.gradeText):
		return climb.Grade{}, false
	}
	return climb.ParseRating(t.gradeText).Grade(d)
}

// sent reports whether a tick is a send under a filter.
func (t *tick) sent(filter Filter) bool {
	return t.result.IsSend() || filter.CountUnknown && t.result.IsUndetermined()
}

// followed reports whether somebody else, or nobody, led: what lead_only leaves out.
func (t *tick) followed() bool {
	return t.style == climb.StyleTopRope || t.style == climb.StyleFollow
}

// multipitchFeet is the length from which on a route has more than one pitch (domain: the length classes).
const multipitchFeet = 130

// multipitch reports whether the pitches of a tick are those of a long route. Sources count the laps on a short route and the
// pitches of a long one alike; what has several, is no boulder and no known length is taken for a long route.
func (t *tick) multipitch() bool {
	if t.lengthFeet > 0 {
		return t.lengthFeet >= multipitchFeet
	}
	return t.pitches > 1 && !(len(t.disciplines) > 0 && t.disciplines[0] == climb.Boulder)
}

// laps are how often a tick says that the route was climbed or tried: its pitches where it has one pitch, else once.
func (t *tick) laps() int {
	if t.multipitch() {
		return 1
	}
	return max(t.pitches, 1)
}

// area is the place that a climber would name: the path of a location without its last part, which is a wall or a
// boulder, where the path is long enough.
func area(location string) string {
	parts := strings.Split(location, pathSeparator)
	if len(parts) < 3 {
		return location
	}
	return strings.Join(parts[:len(parts)-1], pathSeparator)
}

// scaleOf is the scale that a discipline is shown in under a filter.
func (f Filter) scaleOf(d climb.Discipline) climb.System {
	if f.Scale != "" && f.Scale.Family() == d.Family() {
		return f.Scale
	}
	if usual := f.Usual.of(d); usual != "" {
		return usual
	}
	return d.DefaultSystem()
}
