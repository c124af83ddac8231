package eightanu

import (
	"strings"
	"time"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/entry"
)

// climbed is what all three forms say of an ascent.
type climbed struct {
	kind       kind
	date       string // with or without a time of day
	name       string
	difficulty string
	gradeIndex *int // 8a.nu's number of the grade; nil: not there
	style      string
	secondGo   bool
	project    bool
	tries      int // 0: unknown
	comment    string
	places     []string // country, area, crag, sector; "" where unknown
	damaged    bool     // a field could not be read, so that what is missing may be there
}

// tick is the ascent as a tick without what only some forms have; nil when it was skipped.
func (c *climbed) tick(export *entry.Export, line int, now time.Time) *entry.Tick {
	date, problem := entry.ParseDay(entry.Name(c.date), now)
	tick := &entry.Tick{
		Line: line, Date: date, RouteName: entry.Name(c.name), Rating: climb.Rating{Text: c.grade(c.difficulty)},
		Pitches: 1, AvgStars: -1, YourStars: -1, Location: placesOf(c.places),
	}
	switch {
	case problem == entry.NoDate && !c.damaged:
		export.NoTick(line, "%s", problem)
		return nil
	case problem != "":
	case tick.RouteName == "":
		problem = "the name is missing"
	default:
		problem = tick.TooLong()
	}
	if problem != "" {
		export.Skip(line, "%s", problem)
		return nil
	}
	if c.kind == unknownKind {
		export.Warn(line, "it is not said whether this is a route or a boulder, so the grade decides")
		c.kind = kindOfGrade(tick.Rating.Text)
	}
	c.kind.describe(tick)
	tick.Rating = c.rating(export, line)
	c.setStyle(tick, export)
	var cut bool
	if tick.Notes, cut = entry.Note(c.comment); cut {
		export.Warn(line, "the comment is longer than a tick can hold, and its end was left out")
	}
	return tick
}

// rating is the grade: lower case for a route, capitals for a boulder, whatever the case of the source. The site's number
// of the grade is only a check on it, and stands in where there is no text.
func (c *climbed) rating(export *entry.Export, line int) climb.Rating {
	text := c.grade(c.difficulty)
	if text == "?" {
		text = ""
	}
	index, known := "", false
	if c.gradeIndex != nil && *c.gradeIndex != 0 {
		if index, known = climb.EightAGrade(*c.gradeIndex); !known {
			export.Warn(line, "%d is none of 8a.nu's grade numbers", *c.gradeIndex)
		}
	}
	if text == "" {
		return climb.ParseRating(c.grade(index))
	}
	rating := climb.ParseRating(text)
	switch {
	case len(rating.Grades) == 0:
		export.Warn(line, "the grade %s is not known", entry.Clip(text))
	case known && !overlap(rating.Grades[0], climb.ParseRating(c.grade(index))):
		export.Warn(line, "the grade is %s, but its number %d stands for %s; the number was left out", entry.Clip(text), *c.gradeIndex, c.grade(index))
	}
	return rating
}

func overlap(grade climb.Grade, other climb.Rating) bool {
	for _, g := range other.Grades {
		if g.System == grade.System && g.Low <= grade.High && grade.Low <= g.High {
			return true
		}
	}
	return false
}

// kindOfGrade is a guess: capitals are a boulder's.
func kindOfGrade(text string) kind {
	if _, ok := climb.ParseRating(text).Grade(climb.Boulder); ok {
		return boulder
	}
	return sportRoute
}

// grade writes a grade as the kind of climb has it.
func (c *climbed) grade(text string) string {
	text = entry.Name(text)
	switch c.kind {
	case boulder:
		return strings.ToUpper(text)
	case sportRoute, tradRoute:
		return strings.ToLower(text)
	}
	return text
}

// setStyle sets how it was climbed and the tries that it took. A project is a climb that is worked on: whatever else the
// ascent says, it is no send.
func (c *climbed) setStyle(t *entry.Tick, export *entry.Export) {
	result, secondGo, known := parseType(c.style)
	if !known {
		export.Warn(t.Line, "the ascent type %s is not known", entry.Clip(c.style))
	}
	if c.project {
		if entry.FirstTry(result) == 1 {
			export.Warn(t.Line, "this is a project and done at the first try at once, and counts as a try")
		}
		result = climb.ResultAttempt
	}
	t.Style, t.LeadStyle = entry.StylesOf(result, c.kind == boulder)
	switch {
	case entry.FirstTry(result) == 1:
		t.Attempts = 1
		if c.tries > 1 {
			export.Warn(t.Line, "%d tries do not go with an %s, which is the first one", c.tries, result)
		}
	case c.tries > 0:
		t.Attempts = c.tries
	case result == climb.ResultRedpoint && (secondGo || c.secondGo):
		t.Attempts = 2
	}
}

// parseType reads the site's codes for how a climb was done, and the words that people put in their place; known is false
// for what is neither.
func parseType(text string) (result climb.Result, secondGo, known bool) {
	switch strings.NewReplacer("_", " ", "-", " ").Replace(strings.ToLower(strings.TrimSpace(text))) {
	case "":
		return climb.ResultUnknown, false, true
	case "os", "onsight", "on sight":
		return climb.ResultOnsight, false, true
	case "f", "fl", "flash":
		return climb.ResultFlash, false, true
	case "rp", "redpoint", "red point":
		return climb.ResultRedpoint, false, true
	case "second go", "2nd go", "secondgo":
		return climb.ResultRedpoint, true, true
	case "tr", "toprope", "top rope":
		return climb.ResultTopRope, false, true
	case "go", "project", "attempt", "try":
		return climb.ResultAttempt, false, true
	}
	return climb.ResultUnknown, false, false
}
