package entry

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/cragbase/cragbase/internal/climb"
)

// firstDay is before anybody's logbook begins, and after the dates that stand for none.
const firstDay = "1900-01-01"

// NoDate and NoText are why a row is no tick for certain.
const (
	NoDate = "the date is missing"
	NoText = "the row is empty"
)

// ParseDay reads a day in the form YYYY-MM-DD, with or without a time of day after it, which is left out as written: it is that
// of the place where somebody climbed. problem is empty, or says why this is not the day of a tick; tomorrow can be one,
// because the climber's day can be ahead of ours.
func ParseDay(text string, now time.Time) (date, problem string) {
	if text == "" {
		return "", NoDate
	}
	date, rest := text, ""
	if size := len(time.DateOnly); len(text) > size {
		date, rest = text[:size], text[size:]
	}
	_, err := time.Parse(time.DateOnly, date)
	switch {
	case err != nil || rest != "" && rest[0] != 'T' && rest[0] != ' ':
		return "", fmt.Sprintf("the date %s is no day written YYYY-MM-DD", Clip(text))
	case date < firstDay:
		return "", fmt.Sprintf("the date %s is before 1900", date)
	case date > now.UTC().AddDate(0, 0, 1).Format(time.DateOnly):
		return "", fmt.Sprintf("the date %s is still to come", date)
	}
	return date, ""
}

// NewestFirst tells from the days whether the newest tick stands first; otherwise where all are of one day.
func NewestFirst(ticks []Tick, otherwise bool) bool {
	rises, falls := 0, 0
	for i := 1; i < len(ticks); i++ {
		switch {
		case ticks[i].Date > ticks[i-1].Date:
			rises++
		case ticks[i].Date < ticks[i-1].Date:
			falls++
		}
	}
	if rises == falls {
		return otherwise
	}
	return falls > rises
}

// Name is a text on one line, without control characters.
func Name(text string) string {
	return Text(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text))
}

// maxNote is less than the notes of a tick may have, in characters.
const maxNote = 64 << 10

// Note is a text of several lines, without other control characters and without space around it. It is cut where it is longer
// than a tick can hold.
func Note(text string) (note string, cut bool) { return WholeNote(Text(text)) }

// WholeNote is a note with the space around it.
func WholeNote(text string) (note string, cut bool) {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
	if len(text) <= maxNote {
		return text, false
	}
	seen := 0
	for i := range text {
		if seen == maxNote {
			return text[:i], true
		}
		seen++
	}
	return text, false
}

// Feet turns metres into feet, 0 for what is no length of a climb.
func Feet(metres float64) int {
	const perMetre, highest = 1 / 0.3048, 9_000
	if !(metres > 0 && metres < highest) {
		return 0
	}
	return int(math.Round(metres * perMetre))
}

// The longest texts that a tick holds, in characters.
const (
	maxName     = 500
	maxGrade    = 200
	maxLocation = 2_000
)

// TooLong says which text of a tick is longer than the tick can hold, "" when none is.
func (t *Tick) TooLong() string {
	switch {
	case longer(t.RouteName, maxName):
		return fmt.Sprintf("the name %s is longer than %d characters", Clip(t.RouteName), maxName)
	case longer(t.Rating.Text, maxGrade), longer(t.YourGrade, maxGrade):
		return fmt.Sprintf("the grade %s is longer than %d characters", Clip(t.Rating.Text+t.YourGrade), maxGrade)
	case longer(t.RouteType, maxGrade):
		return fmt.Sprintf("the type %s is longer than %d characters", Clip(t.RouteType), maxGrade)
	case longer(strings.Join(t.Location, " > "), maxLocation):
		return fmt.Sprintf("the location %s is longer than %d characters", Clip(t.Location[0]), maxLocation)
	}
	return ""
}

func longer(text string, most int) bool {
	return len(text) > most && len([]rune(text)) > most
}

// Clip quotes the beginning of a text, on one line.
func Clip(text string) string {
	const most = 40
	seen := 0
	for i := range text {
		if seen == most {
			text = text[:i] + "..."
			break
		}
		seen++
	}
	return `"` + strings.ReplaceAll(Name(text), `"`, "'") + `"`
}

// Max is how many rows are taken.
func (l Limits) Max() int {
	if l.Rows <= 0 {
		return MaxRows
	}
	return l.Rows
}

// StylesOf writes a result in the words of a tick. A boulder has no lead; that it was an onsight is kept apart from a flash.
func StylesOf(r climb.Result, boulder bool) (climb.Style, climb.LeadStyle) {
	switch r {
	case climb.ResultTopRope:
		return climb.StyleTopRope, climb.LeadNone
	case climb.ResultFollow:
		return climb.StyleFollow, climb.LeadNone
	case climb.ResultSolo:
		return climb.StyleSolo, climb.LeadNone
	}
	if boulder {
		return boulderStyles(r)
	}
	switch r {
	case climb.ResultOnsight:
		return climb.StyleLead, climb.LeadOnsight
	case climb.ResultFlash:
		return climb.StyleLead, climb.LeadFlash
	case climb.ResultRedpoint, climb.ResultSend:
		return climb.StyleLead, climb.LeadRedpoint
	case climb.ResultPinkpoint:
		return climb.StyleLead, climb.LeadPinkpoint
	case climb.ResultAttempt:
		return climb.StyleLead, climb.LeadFellHung
	case climb.ResultLead:
		return climb.StyleLead, climb.LeadNone
	}
	return climb.StyleNone, climb.LeadNone
}

func boulderStyles(r climb.Result) (climb.Style, climb.LeadStyle) {
	switch r {
	case climb.ResultOnsight:
		return climb.StyleFlash, climb.LeadOnsight
	case climb.ResultFlash:
		return climb.StyleFlash, climb.LeadNone
	case climb.ResultRedpoint, climb.ResultSend, climb.ResultPinkpoint:
		return climb.StyleSend, climb.LeadNone
	case climb.ResultAttempt:
		return climb.StyleAttempt, climb.LeadNone
	}
	return climb.StyleNone, climb.LeadNone
}

// FirstTry is how many tries a result takes that only a first one can have; 0 for the others.
func FirstTry(r climb.Result) int {
	if r == climb.ResultOnsight || r == climb.ResultFlash {
		return 1
	}
	return 0
}

// Grade is a grade in the spelling of the logbooks that use both: French for routes in lower case, Font for boulders in
// capitals. Other systems are left as they are.
func Grade(text string, boulder bool) string {
	text = Name(text)
	system, spelled := climb.French, strings.ToLower(text)
	if boulder {
		system, spelled = climb.Font, strings.ToUpper(text)
	}
	if _, err := climb.ParseGrade(text, system); err != nil {
		return text
	}
	return spelled
}

// Add adds a tick. It doubles the room where append adds a quarter, which for long lists is copied five times over.
func (e *Export) Add(t *Tick) {
	if len(e.Ticks) == cap(e.Ticks) {
		e.Ticks = slices.Grow(e.Ticks, max(16, len(e.Ticks)))
	}
	e.Ticks = append(e.Ticks, *t)
}

// Traits are the words that sources and owners have for what a route is like, and for what else is to be known of it or of an
// ascent; sorted.
func Traits() []string {
	return []string{
		"athletic", "bad anchor", "bad bolts", "bad clipping position", "bolted by me", "chipped", "crimpy", "cruxy", "dangerous", "endurance",
		"first ascent", "high first bolt", "kneepad", "loose rock", "overhang", "private", "recommended", "repeat", "roof", "slab", "sloper",
		"technical", "vertical",
	}
}

// AreTraits reports whether names are in lower case, sorted, each once.
func AreTraits(names []string) bool {
	for i, name := range names {
		if name == "" || name != strings.ToLower(name) || i > 0 && name <= names[i-1] {
			return false
		}
	}
	return true
}

// IsPage reports whether a text is the address of a page on the web, or nothing.
func IsPage(address string) bool {
	if address == "" {
		return true
	}
	page, err := url.Parse(address)
	return err == nil && (page.Scheme == "https" || page.Scheme == "http") && page.Host != ""
}
