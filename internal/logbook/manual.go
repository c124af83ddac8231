package logbook

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	validation "github.com/go-ozzo/ozzo-validation/v4"
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/entry"
)

// fingerprintEdited is none that content can have: a tick whose owner gives up their edits is brought up to date by the next
// reading of its source.
const fingerprintEdited = "edited"

// ownFields are what the owner of a tick writes. All other fields follow from them, or are the source's.
var ownFields = []string{
	"date", "date_precision", "route_name", "route_url", "grade", "your_grade", "disciplines", "style", "lead_style", "attempts",
	"pitches", "length_ft", "location", "your_stars", "feel", "traits", "notes",
}

// PrepareCreate completes a tick that its owner writes by hand. Wrong values come back as validation.Errors by field.
func PrepareCreate(txApp core.App, record *core.Record, now time.Time) error {
	if err := refuseOthers(record, func(name string) bool { return !isZero(record, name) && name != "user" }); err != nil {
		return err
	}
	if record.Id == "" {
		record.Id = core.GenerateDefaultRandomId()
	}
	record.Load(map[string]any{"source": string(SourceManual), "identity": "manual|" + record.Id, "edited": true, "avg_stars": -1})
	if record.GetInt("pitches") == 0 {
		record.Set("pitches", 1)
	}
	return write(txApp, record, now, func(string) bool { return true })
}

// PrepareUpdate completes a tick that its owner has changed, and marks it so that no import and no sync changes it. An owner
// who takes the mark away gives the tick back to its source. Wrong values come back as validation.Errors by field.
func PrepareUpdate(txApp core.App, record *core.Record, now time.Time) error {
	before := record.Original()
	changed := func(name string) bool { return fmt.Sprint(record.Get(name)) != fmt.Sprint(before.Get(name)) }
	if err := refuseOthers(record, changed); err != nil {
		return err
	}
	manual := record.GetString("source") == string(SourceManual)
	if slices.ContainsFunc(ownFields, changed) {
		record.Set("edited", true)
	} else if !changed("edited") {
		return nil
	} else if manual {
		record.Set("edited", true)
	}
	if !manual {
		record.Set("fingerprint", fingerprintEdited)
		if !record.GetBool("edited") {
			if err := forgetReadings(txApp, record.GetString("user")); err != nil {
				return err
			}
		}
	}
	return write(txApp, record, now, changed)
}

// refuseOthers fails for fields that are touched and are not the owner's.
func refuseOthers(record *core.Record, touched func(name string) bool) error {
	problems := validation.Errors{}
	for _, field := range record.Collection().Fields {
		name := field.GetName()
		if name == "id" || name == "edited" || field.Type() == core.FieldTypeAutodate || slices.Contains(ownFields, name) {
			continue
		}
		if touched(name) {
			problems[name] = validation.NewError("validation_read_only", "This field is not yours to write: leave it out.")
		}
	}
	return problems.Filter()
}

func isZero(record *core.Record, name string) bool {
	switch fmt.Sprint(record.Get(name)) {
	case "", "0", "false", "[]", "null", "<nil>":
		return true
	}
	return false
}

// write checks the owner's values, and sets the columns that follow from them. A grade that was not touched stays what its
// source made of it, and so does a day, which can be later than one that is written here.
func write(txApp core.App, record *core.Record, now time.Time, changed func(name string) bool) error {
	t, problems := tickOf(record)
	if changed("traits") {
		t.Traits = traitsOf(record, problems)
	}
	if changed("date") || changed("date_precision") {
		checkDate(t, now, problems)
	}
	if changed("grade") || changed("disciplines") {
		t.Rating = ratingOf(t, record.GetString("grade"), problems)
	}
	if len(problems) > 0 {
		return problems
	}
	if t.source == SourceManual {
		t.RouteType = routeType(t.disciplines())
	}
	if t.source == SourceManual && (changed("route_name") || changed("location")) {
		var err error
		if t.RouteID, err = routeOf(txApp, record.GetString("user"), t); err != nil {
			return err
		}
	}
	if changed("date") {
		var err error
		if t.DayOrder, err = lastOf(txApp, record.GetString("user"), t.Date); err != nil {
			return err
		}
		t.DayOrder++
	}
	row := t.row()
	for i, column := range contentColumns {
		record.Set(column, row[i])
	}
	if t.source == SourceManual {
		record.Set("fingerprint", fingerprint(row))
	}
	return nil
}

// routeType says what a climb is in Mountain Project's words.
func routeType(disciplines []climb.Discipline) string {
	words := make([]string, len(disciplines))
	for i, d := range disciplines {
		words[i] = strings.ToUpper(string(d[:1])) + string(d[1:])
		if d == climb.TopRope {
			words[i] = "TR"
		}
	}
	return strings.Join(words, ", ")
}

// routeOf is the id of the route in the logbook that has others of its ticks, by name and place; "" when none has.
func routeOf(txApp core.App, userID string, t *Tick) (id string, err error) {
	err = txApp.DB().Select("route_id").From(Collection).
		Where(dbx.HashExp{"user": userID, "route_name": t.RouteName, "location": strings.Join(t.Location, separator)}).
		AndWhere(dbx.NewExp("[[route_id]] != ''")).Limit(1).Row(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return id, err
}

// lastOf is the order of the last tick of a day.
func lastOf(txApp core.App, userID, date string) (order int, err error) {
	err = txApp.DB().Select("coalesce(max([[day_order]]), 0)").From(Collection).Where(dbx.HashExp{"user": userID, "date": date}).Row(&order)
	return order, err
}

// tickOf reads a record as a tick, and says what is wrong with the owner's values.
func tickOf(record *core.Record) (*Tick, validation.Errors) {
	problems := validation.Errors{}
	number := func(name string, low, high int) int { return wholeNumber(record, name, low, high, problems) }
	t := &Tick{source: Source(record.GetString("source")), DayOrder: record.GetInt("day_order")}
	t.Tick = entry.Tick{
		ID: record.GetString("source_id"), RouteID: record.GetString("route_id"), RouteType: record.GetString("route_type"),
		Date: record.GetString("date"), Precision: entry.Precision(record.GetString("date_precision")),
		RouteName: entry.Name(record.GetString("route_name")), RouteURL: entry.Name(record.GetString("route_url")), YourGrade: entry.Name(record.GetString("your_grade")),
		Style: oneOf(record, "style", climb.Styles(), problems), LeadStyle: oneOf(record, "lead_style", climb.LeadStyles(), problems),
		Attempts: number("attempts", 0, 10_000), Pitches: number("pitches", 1, 1_000), LengthFeet: number("length_ft", 0, 30_000),
		AvgStars: record.GetFloat("avg_stars"), YourStars: record.GetFloat("your_stars"), Feel: entry.Feel(record.GetString("feel")),
		Location: areasOf(record.GetString("location")), Disciplines: disciplinesOf(record, problems),
		Rating: storedRating(record),
	}
	_ = record.UnmarshalJSONField("traits", &t.Traits) // as they are stored; those that are written are read apart
	note, cut := entry.WholeNote(strings.ReplaceAll(record.GetString("notes"), "\r\n", "\n"))
	if t.Notes = note; cut {
		problems["notes"] = validation.NewError("validation_length_too_long", "Must be at most 65536 characters.")
	}
	if t.source == SourceManual {
		t.RouteType = "" // it follows from the disciplines
	}
	check(t, problems)
	return t, problems
}

// checkDate holds a day to the calendar, and one of a month or a year to its first day.
func checkDate(t *Tick, now time.Time, problems validation.Errors) {
	if _, problem := entry.ParseDay(t.Date, now); problem != "" || len(t.Date) != len(time.DateOnly) {
		problems["date"] = validation.NewError("validation_invalid_date", "Must be a day such as 2026-11-23, from 1900 to tomorrow.")
	} else if !t.Precision.Holds(t.Date) {
		problems["date_precision"] = validation.NewError("validation_in_invalid", "A tick of a month or a year has the first day of it.")
	}
}

// check holds what the fields of a record do not.
func check(t *Tick, problems validation.Errors) {
	if t.RouteName == "" {
		problems["route_name"] = validation.NewError("validation_required", "Say which route it was.")
	}
	if !entry.IsPage(t.RouteURL) {
		problems["route_url"] = validation.NewError("validation_is_url", "Must be the address of a page, such as https://example.com/route.")
	}
	if t.YourStars != -1 && (t.YourStars < 0 || t.YourStars > 4) {
		problems["your_stars"] = validation.NewError("validation_min_max", "Must be from 0 to 4, or -1 for no vote.")
	}
}

func wholeNumber(record *core.Record, name string, low, high int, problems validation.Errors) int {
	n := record.GetFloat(name)
	if n != float64(int(n)) || int(n) < low || int(n) > high {
		problems[name] = validation.NewError("validation_min_max", fmt.Sprintf("Must be a whole number from %d to %d.", low, high))
	}
	return int(n)
}

func oneOf[T ~string](record *core.Record, name string, allowed []T, problems validation.Errors) T {
	word := T(record.GetString(name))
	if word != "" && !slices.Contains(allowed, word) {
		problems[name] = mustBeOneOf(allowed)
	}
	return word
}

func mustBeOneOf[T ~string](allowed []T) error {
	names := make([]string, len(allowed))
	for i, name := range allowed {
		names[i] = string(name)
	}
	return validation.NewError("validation_in_invalid", "Must be one of "+strings.Join(names, ", ")+", or nothing.")
}

func areasOf(path string) []string {
	var areas []string
	for area := range strings.SplitSeq(path, strings.TrimSpace(separator)) {
		if area = entry.Name(area); area != "" {
			areas = append(areas, area)
		}
	}
	return areas
}

func disciplinesOf(record *core.Record, problems validation.Errors) []climb.Discipline {
	var list []climb.Discipline
	for _, name := range record.GetStringSlice("disciplines") {
		d, err := climb.ParseDiscipline(name)
		if err != nil {
			problems["disciplines"] = mustBeOneOf(climb.AllDisciplines())
			return nil
		}
		list = append(list, d)
	}
	return list
}

// traitsOf reads what the owner writes, in any order. What is stored already can have words of another Cragbase.
func traitsOf(record *core.Record, problems validation.Errors) []string {
	var traits []string
	err := record.UnmarshalJSONField("traits", &traits)
	if err != nil || slices.ContainsFunc(traits, func(trait string) bool { return !slices.Contains(entry.Traits(), trait) }) {
		problems["traits"] = validation.NewError("validation_in_invalid", "Must be a list of some of "+strings.Join(entry.Traits(), ", ")+".")
		return nil
	}
	slices.Sort(traits)
	return slices.Compact(traits)
}

// storedRating is a rating as it was understood when it was stored.
func storedRating(record *core.Record) climb.Rating {
	rating := climb.Rating{Text: record.GetString("grade"), Danger: record.GetString("danger")}
	if system := climb.System(record.GetString("grade_system")); system != "" {
		rating.Grades = []climb.Grade{{Text: rating.Text, System: system, Low: record.GetInt("grade_low"), High: record.GetInt("grade_high")}}
	}
	return rating
}

// ratingOf reads a grade that was written by hand. It must be one of a system that the first discipline is graded in; without
// a discipline, one of any.
func ratingOf(t *Tick, text string, problems validation.Errors) climb.Rating {
	text = entry.Name(text)
	if text == "" {
		return climb.Rating{}
	}
	var discipline climb.Discipline
	if len(t.Disciplines) > 0 {
		discipline = t.Disciplines[0]
	}
	country := ""
	if len(t.Location) > 0 {
		country = t.Location[0]
	}
	rating := climb.ParseRatingIn(text, country, discipline)
	_, graded := rating.Grade(discipline)
	switch {
	case discipline == climb.Trad && climb.IsBritish(text): // kept as text: nothing converts it
	case discipline == "" && len(rating.Grades) == 0, discipline != "" && !graded:
		problems["grade"] = validation.NewError("validation_invalid_grade", gradeExpected(discipline))
	}
	return rating
}

// examples are grades of the systems in which a family is graded.
var examples = map[climb.Family]string{
	climb.FamilyRoute:   "5.10a, 6b+, VII- or 21",
	climb.FamilyBoulder: "V4 or 6B+",
	climb.FamilyIce:     "WI4 or AI3",
	climb.FamilyMixed:   "M6",
	climb.FamilyAid:     "A2 or C1",
}

func gradeExpected(d climb.Discipline) string {
	if d == "" {
		return "Is not a grade that we know. Give one such as 5.10a, 6b+, V4 or WI4, or say what kind of climb it was."
	}
	return fmt.Sprintf("Is not a grade of %s. Give one such as %s.", d, examples[d.Family()])
}
