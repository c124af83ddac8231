// Package twentysevencrags reads the JSON export of 27 Crags: everything that the site has about a climber, of which the
// ascents are read.
package twentysevencrags

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/entry"
	"github.com/cragbase/cragbase/internal/logbook/table"
)

// Recognise reports whether head, the first KiB of a file, is the beginning of an export: an object whose first member is
// the climber, with fields that no other site has.
func Recognise(head []byte) bool {
	if table.Disguise(head) != table.KindJSON {
		return false
	}
	decoder := table.JSON(head)
	if open(decoder) != nil {
		return false
	}
	for {
		key, err := decoder.Token()
		name, isKey := key.(string)
		switch {
		case err != nil || !isKey:
			return false
		case name == "param_id", strings.HasPrefix(name, "grading_system_"):
			return true
		case decoder.Decode(new(json.RawMessage)) != nil:
			return false
		}
	}
}

var errOther = errors.New("JSON of something else")

// open reads up to the first field of the climber.
func open(decoder *json.Decoder) error {
	for _, want := range []json.Token{json.Delim('{'), "climber", json.Delim('{')} {
		token, err := decoder.Token()
		if err != nil {
			return err
		}
		if token != want {
			return errOther
		}
	}
	return nil
}

// Parse reads an export. It returns an [entry.FormatError] or an [entry.TooManyRowsError], and nothing beside it.
func Parse(content []byte, limits entry.Limits, now time.Time) (*entry.Export, error) {
	switch kind := table.Disguise(content); kind {
	case table.KindJSON:
	case "":
		return nil, refuse("%s", plainText(content))
	default:
		return nil, refuse("%s", kind)
	}
	r := reader{decoder: table.JSON(content), limit: limits.Max(), now: now, export: new(entry.Export)}
	if err := r.read(); err != nil {
		return nil, r.failure(err)
	}
	if r.export.Rows() == 0 {
		return nil, refuse("no ascent in it")
	}
	r.export.NewestFirst = entry.NewestFirst(r.export.Ticks, false)
	return r.export, nil
}

func refuse(found string, args ...any) error {
	return &entry.FormatError{Expected: "the JSON export of 27 Crags, as the site's account settings offer it", Found: fmt.Sprintf(found, args...)}
}

// plainText is what a text is called that is no JSON.
func plainText(content []byte) string {
	head := entry.Name(entry.Decode(content[:min(len(content), 200)]))
	if head == "" {
		return "an empty file"
	}
	return "a text that begins with " + entry.Clip(head)
}

// reader reads ascent by ascent, so that a list without end costs no more than its limit.
type reader struct {
	decoder *json.Decoder
	limit   int
	rows    int
	now     time.Time
	export  *entry.Export
}

func (r *reader) failure(err error) error {
	var format *entry.FormatError
	var rows *entry.TooManyRowsError
	switch {
	case errors.As(err, &format), errors.As(err, &rows):
		return err
	case errors.Is(err, errOther):
		return refuse("%v", errOther)
	}
	return refuse("%s", table.BrokenJSON(r.decoder, err))
}

// read reads the climber, of whom the list of ascents counts, and sees that the text ends where the export does.
func (r *reader) read() error {
	if err := open(r.decoder); err != nil {
		return err
	}
	found := false
	for r.decoder.More() {
		key, err := r.decoder.Token()
		switch {
		case err != nil:
			return err
		case key == "ascents" && found:
			return refuse("two lists of ascents")
		case key == "ascents":
			found = true
			err = r.ascents()
		default:
			err = r.decoder.Decode(new(json.RawMessage))
		}
		if err != nil {
			return err
		}
	}
	if _, err := r.decoder.Token(); err != nil {
		return err
	}
	if !found {
		return refuse("JSON without a list of ascents")
	}
	return r.end()
}

func (r *reader) end() error {
	for r.decoder.More() { // what the site says beside the climber
		if _, err := r.decoder.Token(); err != nil {
			return err
		}
		if err := r.decoder.Decode(new(json.RawMessage)); err != nil {
			return err
		}
	}
	if _, err := r.decoder.Token(); err != nil {
		return err
	}
	if r.decoder.More() {
		return refuse("something behind the end of the export")
	}
	return nil
}

func (r *reader) ascents() error {
	token, err := r.decoder.Token()
	if err != nil {
		return err
	}
	if token != json.Delim('[') {
		return refuse("JSON without a list of ascents")
	}
	for r.decoder.More() {
		if r.rows++; r.rows > r.limit {
			return &entry.TooManyRowsError{Limit: r.limit}
		}
		var a ascent
		odd, instead, err := table.DecodeElement(r.decoder, &a)
		switch {
		case err != nil:
			return err
		case instead != "":
			r.export.Skip(r.rows, "this is not an ascent but a %s", instead)
		default:
			a.addTo(r.export, r.rows, odd, r.now)
		}
	}
	_, err = r.decoder.Token()
	return err
}

// ascent is one of the list. The export has neither the names nor the places of its routes.
type ascent struct {
	ID          int64
	RouteID     int64           `json:"route_id"`
	Todo        any             // null, or true for a climb that is still to be done
	Date        string          // the day
	Grade       json.RawMessage `json:"grade_opinion"` // a text, or in its place the number below
	GradeNumber *int            `json:"grade_opinion_int"`
	Type        string          `json:"ascent_type"`
	Details     string
	Rating      float64
	First       any  `json:"first_ascent"` // "" or null, otherwise a yes or a remark
	Repeat      bool `json:"repeat_entry"`
	Deleted     any  `json:"deleted_at"`
}

// addTo adds the ascent to an export as a tick, or says there why it is none.
func (a *ascent) addTo(export *entry.Export, line int, odd string, now time.Time) {
	tick, problem := a.tick(now)
	switch {
	case problem == deleted, problem == todo, problem == entry.NoDate && odd == "":
		export.NoTick(line, "%s", problem)
		return
	case problem != "":
		export.Skip(line, "%s", problem)
		return
	}
	if len(export.Ticks) == 0 {
		export.Warn(line, "the export names neither routes nor crags, nor kinds of climbs: routes go by their numbers, capitals in "+
			"a grade mean a boulder, and everything else counts as sport")
	}
	if odd != "" {
		export.Warn(line, "%s has an unexpected form and was left out", entry.Clip(odd))
	}
	tick.Line = line
	a.warnOfGrade(tick, export)
	result, known := parseType(a.Type)
	if !known {
		export.Warn(line, "the ascent type %s is not known", entry.Clip(a.Type))
	}
	tick.Style, tick.LeadStyle = entry.StylesOf(result, tick.Disciplines[0] == climb.Boulder)
	tick.Attempts = entry.FirstTry(result)
	var cut bool
	if tick.Notes, cut = entry.Note(a.Details); cut {
		export.Warn(line, "the details are longer than a tick can hold, and their end was left out")
	}
	export.Add(tick)
}

// Why an ascent is none for certain.
const (
	deleted = "the ascent was deleted"
	todo    = "the climb is on the list of those to be done"
)

// tick is what the ascent says without its style; problem is empty, or says why it is no tick.
func (a *ascent) tick(now time.Time) (tick *entry.Tick, problem string) {
	switch {
	case isSet(a.Deleted):
		return nil, deleted
	case isSet(a.Todo):
		return nil, todo
	case a.RouteID <= 0:
		return nil, "the number of the route is missing"
	}
	date, problem := entry.ParseDay(entry.Name(a.Date), now)
	tick = &entry.Tick{
		Date: date, RouteID: strconv.FormatInt(a.RouteID, 10), Rating: a.rating(),
		Pitches: 1, AvgStars: -1, YourStars: stars(a.Rating), Traits: a.traits(),
	}
	if a.ID > 0 {
		tick.ID = strconv.FormatInt(a.ID, 10)
	}
	tick.RouteName = "Route " + tick.RouteID
	tick.RouteType, tick.Disciplines = "Sport", []climb.Discipline{climb.Sport}
	if _, ok := tick.Rating.Grade(climb.Boulder); ok {
		tick.RouteType, tick.Disciplines = "Boulder", []climb.Discipline{climb.Boulder}
	}
	if problem == "" {
		problem = tick.TooLong()
	}
	return tick, problem
}

func (a *ascent) traits() (traits []string) {
	if isSet(a.First) {
		traits = append(traits, "first ascent")
	}
	if a.Repeat {
		traits = append(traits, "repeat")
	}
	return traits
}

// isSet reports whether a field holds more than null, "", 0 or false.
func isSet(value any) bool {
	return value != nil && value != "" && value != false && value != 0.0
}

// rating reads the grade as text. Font grades have capitals and French ones have none, which is all that tells a boulder
// from a route.
func (a *ascent) rating() climb.Rating {
	var text string
	if err := json.Unmarshal(a.Grade, &text); err != nil || text == "?" {
		return climb.Rating{}
	}
	return climb.ParseRating(entry.Name(text))
}

func (a *ascent) warnOfGrade(t *entry.Tick, export *entry.Export) {
	written := strings.Trim(string(a.Grade), `" `)
	switch {
	case t.Rating.Text != "" && len(t.Rating.Grades) == 0:
		export.Warn(t.Line, "the grade %s is not known", entry.Clip(t.Rating.Text))
	case t.Rating.Text != "":
	case written != "" && written != "null" && written != "?":
		export.Warn(t.Line, "the grade %s is a number of the site's, which does not say what kind of climb it is for", entry.Clip(written))
	case a.GradeNumber != nil && *a.GradeNumber != 0:
		export.Warn(t.Line, "the grade is there only as the site's number %d, which does not say what kind of climb it is for", *a.GradeNumber)
	}
}

// parseType reads the site's words for how a climb was done; false for others.
func parseType(text string) (climb.Result, bool) {
	switch strings.NewReplacer("_", " ", "-", " ").Replace(strings.ToLower(entry.Name(text))) {
	case "":
		return climb.ResultUnknown, true
	case "onsight", "on sight":
		return climb.ResultOnsight, true
	case "flash":
		return climb.ResultFlash, true
	case "redpoint", "red point", "send":
		return climb.ResultRedpoint, true
	case "pinkpoint", "pink point":
		return climb.ResultPinkpoint, true
	case "lead":
		return climb.ResultLead, true
	case "toprope", "top rope", "tr":
		return climb.ResultTopRope, true
	case "solo", "free solo":
		return climb.ResultSolo, true
	case "second", "follow":
		return climb.ResultFollow, true
	case "attempt", "try", "project":
		return climb.ResultAttempt, true
	}
	return climb.ResultUnknown, false
}

// stars brings 1 to 5 stars, 0 for none, to the scale of 0 to 4.
func stars(of5 float64) float64 {
	if of5 > 0 && of5 <= 5 {
		return of5 * 4 / 5
	}
	return -1
}
