// Package logbook holds the ticks of a user: it imports them from the files of other logbooks and keeps each
// tick one record however often its file comes again.
package logbook

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/cragbase/cragbase/internal/climb"
)

// Collection holds one record per tick.
const Collection = "ticks"

// Source names the logbook that a tick comes from.
type Source string

// Sources that can be imported. SourceAuto is told from the file.
const (
	SourceAuto            Source = "auto"
	SourceMountainProject Source = "mountain_project"
)

// Tick is one entry of a logbook: somebody was on a route on a day. Every source is brought to this form.
type Tick struct {
	Line       int    // where the file has it, 1-based
	Date       string // YYYY-MM-DD
	DayOrder   int    // order within the day, 1 was climbed first
	RouteName  string
	RouteID    string // the source's id, "" when it has none
	RouteURL   string
	RouteType  string // as the source has it
	Rating     climb.Rating
	YourGrade  string
	Style      climb.Style
	LeadStyle  climb.LeadStyle
	Pitches    int
	LengthFeet int      // of the whole route; 0: unknown
	Location   []string // from the largest area down
	AvgStars   float64  // -1: no votes
	YourStars  float64  // -1: not rated
	Notes      string
	identity   string
}

// disciplines are what the route is, the primary one first.
func (t *Tick) disciplines() []climb.Discipline {
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
	return []any{
		t.Date, t.DayOrder, t.RouteName, t.RouteID, t.RouteURL, t.RouteType,
		t.Rating.Text, string(grade.System), grade.Low, grade.High, t.Rating.Danger, t.YourGrade,
		string(names), string(t.Style), string(t.LeadStyle), string(climb.ResultOf(t.Style, t.LeadStyle)),
		t.Pitches, t.LengthFeet, strings.Join(t.Location, " > "), t.AvgStars, t.YourStars, t.Notes,
	}
}

// contentColumns are the columns that a source's file decides.
var contentColumns = []string{
	"date", "day_order", "route_name", "route_id", "route_url", "route_type",
	"grade", "grade_system", "grade_low", "grade_high", "danger", "your_grade",
	"disciplines", "style", "lead_style", "result",
	"pitches", "length_ft", "location", "avg_stars", "your_stars", "notes",
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

// identify gives every tick what makes it the same tick in the next export of its source, and its order within
// the day. Sites publish no tick id, so it is date, route, style, lead style and pitches, and a count for
// identical rows: two equal laps of one day are two ticks. newestFirst says that the later of two rows of a day
// stands first; counting starts at the earliest, so that a lap added today leaves the others what they were.
func identify(ticks []Tick, newestFirst bool) {
	seen := make(map[string]int, len(ticks))
	order := make(map[string]int)
	for i := range ticks {
		t := &ticks[i]
		if newestFirst {
			t = &ticks[len(ticks)-1-i]
		}
		order[t.Date]++
		t.DayOrder = order[t.Date]
		base := strings.Join([]string{t.Date, t.routeKey(), string(t.Style), string(t.LeadStyle), strconv.Itoa(t.Pitches)}, "|")
		t.identity = base + "|" + strconv.Itoa(seen[base])
		seen[base]++
	}
}

// routeKey is the source's id of the route or, when it has none, a hash of name and place.
func (t *Tick) routeKey() string {
	if t.RouteID != "" {
		return t.RouteID
	}
	sum := sha256.Sum256([]byte(t.RouteName + "\x00" + strings.Join(t.Location, "\x00")))
	return "name:" + hex.EncodeToString(sum[:12])
}
