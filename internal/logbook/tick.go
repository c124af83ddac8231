// Package logbook holds the ticks of a user: it imports them from the files and profiles of other logbooks, keeps each tick
// one record however often its file comes again, and keeps what its owner writes and changes here.
package logbook

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/entry"
)

// Collection holds one record per tick.
const Collection = "ticks"

// Tick is one entry of a logbook with its place in it.
type Tick struct {
	entry.Tick
	DayOrder int // order within the day, 1 was climbed first
	source   Source
	identity string
}

// disciplines are what the route is, the primary one first.
func (t *Tick) disciplines() []climb.Discipline {
	if len(t.Disciplines) > 0 {
		return t.Disciplines
	}
	return climb.DisciplinesOf(t.RouteType, t.Rating)
}

// row is a tick as its columns hold it, in the order of contentColumns.
func (t *Tick) row() []any {
	disciplines := t.disciplines()
	var grade climb.Grade
	if len(disciplines) > 0 {
		grade, _ = t.Rating.Grade(disciplines[0])
	}
	names, _ := json.Marshal(append([]climb.Discipline{}, disciplines...)) // strings always encode
	traits, _ := json.Marshal(append([]string{}, t.Traits...))
	return []any{
		t.ID, t.Date, string(t.Precision), t.DayOrder, t.RouteName, t.RouteID, t.RouteURL, t.RouteType,
		t.Rating.Text, string(grade.System), grade.Low, grade.High, t.Rating.Danger, t.YourGrade,
		string(names), string(t.Style), string(t.LeadStyle), string(climb.ResultOf(t.Style, t.LeadStyle)),
		t.Attempts, t.Pitches, t.LengthFeet, strings.Join(t.Location, separator), t.AvgStars, t.YourStars,
		string(t.Feel), string(traits), t.Notes,
	}
}

// separator stands between the areas of a location.
const separator = " > "

// contentColumns are the columns that a source decides.
var contentColumns = []string{
	"source_id", "date", "date_precision", "day_order", "route_name", "route_id", "route_url", "route_type",
	"grade", "grade_system", "grade_low", "grade_high", "danger", "your_grade",
	"disciplines", "style", "lead_style", "result",
	"attempts", "pitches", "length_ft", "location", "avg_stars", "your_stars",
	"feel", "traits", "notes",
}

// fingerprint tells whether the content of a row changed since it was stored.
func fingerprint(row []any) string {
	hash := sha256.New()
	var buffer []byte
	for _, value := range row {
		buffer = buffer[:0]
		switch v := value.(type) {
		case string:
			buffer = append(buffer, v...)
		case int:
			buffer = strconv.AppendInt(buffer, int64(v), 10)
		case float64:
			buffer = strconv.AppendFloat(buffer, v, 'g', -1, 64)
		default:
			panic(fmt.Sprintf("fingerprint of a %T", v))
		}
		hash.Write(append(buffer, 0))
	}
	return hex.EncodeToString(hash.Sum(nil)[:16])
}
