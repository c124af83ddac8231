package thecrag

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/entry"
	"github.com/cragbase/cragbase/internal/logbook/table"
)

// how is the part of an ascent type that says how somebody was on the rope; the gear style says it for the newer types.
type how int

const (
	asGear how = iota
	onLead
	onTopRope
	following
	soloing
)

// ascent is what an ascent type says.
type ascent struct {
	how   how
	lead  climb.LeadStyle // how it went; on a boulder, a top-rope or as a second it means the like
	clean bool            // done without a fall, and not said whether led
	first bool            // on the first try
	aid   bool            // gear was pulled on
	wish  bool            // no ascent at all
}

// kinds are the site's ascent types by their letters. It has renamed some in the course of time, such as "Dog". Free with
// rests ("All free with rest"), and on a boulder with a dab, is not without a fall.
var kinds = map[string]ascent{
	"onsight": {lead: climb.LeadOnsight, first: true}, "flash": {lead: climb.LeadFlash, first: true},
	"redpoint": {lead: climb.LeadRedpoint}, "groundupredpoint": {lead: climb.LeadRedpoint}, "secondgo": {lead: climb.LeadRedpoint},
	"pinkpoint": {lead: climb.LeadPinkpoint}, "greenpoint": {lead: climb.LeadRedpoint},
	"greenpointonsight": {lead: climb.LeadOnsight, first: true}, "greenpointflash": {lead: climb.LeadFlash, first: true},
	"send": {clean: true}, "clean": {clean: true}, "repeat": {clean: true},
	"hangdog": {lead: climb.LeadFellHung}, "dog": {lead: climb.LeadFellHung}, "allfreewithrest": {lead: climb.LeadFellHung}, "dab": {lead: climb.LeadFellHung},
	"attempt": {lead: climb.LeadFellHung}, "working": {lead: climb.LeadFellHung}, "retreat": {lead: climb.LeadFellHung},
	"": {}, "tick": {}, "viaferrata": {}, "firstascent": {}, "firstfreeascent": {clean: true},
	"lead": {how: onLead}, "leadsolo": {how: onLead},
	"second": {how: following}, "secondclean": {how: following}, "secondonsight": {how: following, first: true}, "secondflash": {how: following, first: true},
	"secondwithrest": {how: following, lead: climb.LeadFellHung}, "secondattempt": {how: following, lead: climb.LeadFellHung},
	"toprope": {how: onTopRope}, "topropeclean": {how: onTopRope}, "topropeonsight": {how: onTopRope, first: true}, "topropeflash": {how: onTopRope, first: true},
	"topropewithrest": {how: onTopRope, lead: climb.LeadFellHung}, "topropeattempt": {how: onTopRope, lead: climb.LeadFellHung}, "ropedsolo": {how: onTopRope},
	"solo": {how: soloing}, "onsightsolo": {how: soloing, lead: climb.LeadOnsight, first: true}, "deepwatersolo": {how: soloing},
	"aid": {how: onLead, aid: true}, "aidsolo": {how: onLead, aid: true},
	"target": {wish: true}, "mark": {wish: true}, "hit": {wish: true},
}

// key leaves of a word what does not change from export to export: "Red point", "Redpoint" and "Top rope (clean)".
func key(word string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ', r == '-', r == '_', r == '(', r == ')':
			return -1
		}
		return r
	}, strings.ToLower(word))
}

// gear is how somebody climbed; without a word of their own, as the route is climbed.
func gear(row *table.Row) string {
	if own := key(row.Cell("Ascent Gear Style")); own != "" && own != "unknown" {
		return own
	}
	return key(row.Cell("Route Gear Style"))
}

// styles are the words of a tick for an ascent by some gear.
func (a ascent) styles(gear string) (climb.Style, climb.LeadStyle) {
	how := a.how
	if how == asGear {
		how = hows[gear]
	}
	switch {
	case how == onTopRope:
		return climb.StyleTopRope, a.withoutSend()
	case how == following:
		return climb.StyleFollow, a.withoutSend()
	case how == soloing && a.clean:
		return climb.StyleSolo, climb.LeadRedpoint
	case how == soloing:
		return climb.StyleSolo, a.lead
	case gear == "boulder":
		return a.boulderStyles()
	case a.clean:
		return climb.StyleSend, climb.LeadNone
	case how == onLead, a.lead != climb.LeadNone:
		return climb.StyleLead, a.lead
	}
	return climb.StyleNone, climb.LeadNone
}

// hows are the gear styles that say how somebody climbed, whatever the route is.
var hows = map[string]how{"toprope": onTopRope, "second": following, "freesolo": soloing, "solo": soloing, "deepwatersolo": soloing}

// withoutSend keeps the failures of those who climb with the rope above them: their onsights and flashes are no sends.
func (a ascent) withoutSend() climb.LeadStyle {
	if a.lead == climb.LeadFellHung {
		return climb.LeadFellHung
	}
	return climb.LeadNone
}

// boulderStyles has no lead, but keeps an onsight apart from a flash.
func (a ascent) boulderStyles() (climb.Style, climb.LeadStyle) {
	switch {
	case a.lead == climb.LeadOnsight:
		return climb.StyleFlash, climb.LeadOnsight
	case a.lead == climb.LeadFlash:
		return climb.StyleFlash, climb.LeadNone
	case a.lead == climb.LeadFellHung:
		return climb.StyleAttempt, climb.LeadNone
	case a.clean || a.lead != climb.LeadNone:
		return climb.StyleSend, climb.LeadNone
	case a.how == onLead:
		return climb.StyleLead, climb.LeadNone
	}
	return climb.StyleNone, climb.LeadNone
}

// gears are the gear styles that are disciplines. Mixed trad is trad with a bolt here and there.
var gears = map[string]climb.Discipline{
	"sport": climb.Sport, "trad": climb.Trad, "mixedtrad": climb.Trad, "mixed": climb.Trad, "boulder": climb.Boulder,
	"toprope": climb.TopRope, "alpine": climb.Alpine, "ice": climb.Ice, "aid": climb.Aid,
}

// disciplines are what the route is. Who pulled on gear was aid climbing, also on a route that goes free: the free grade is
// not theirs.
func (p *parser) disciplines(row *table.Row, kind ascent) []climb.Discipline {
	if kind.aid || gear(row) == "aid" {
		return []climb.Discipline{climb.Aid}
	}
	style := key(row.Cell("Route Gear Style"))
	if d, ok := gears[style]; ok {
		return []climb.Discipline{d}
	}
	if style == "" || style == "unknown" {
		if d, ok := gears[gear(row)]; ok {
			return []climb.Discipline{d}
		}
		return nil
	}
	p.warnOnce(row, "Route Gear Style", "the gear style %s is none of the disciplines that are told apart")
	return nil
}

// length is the route's height or, where it has none, the ascent's.
func (p *parser) length(row *table.Row) int {
	for _, column := range []string{"Route Height", "Ascent Height"} {
		text := strings.ToLower(strings.ReplaceAll(row.Cell(column), " ", ""))
		if text == "" {
			continue
		}
		if feet, ok := parseLength(text); ok {
			return feet
		}
		p.export.Warn(row.Line, "%s %s is no height in metres or feet", column, entry.Clip(row.Cell(column)))
	}
	return 0
}

func parseLength(text string) (feet int, ok bool) {
	const highest = 30_000
	number, isFeet := strings.CutSuffix(text, "ft")
	if !isFeet {
		number = strings.TrimSuffix(text, "m")
	}
	n, err := strconv.ParseFloat(number, 64)
	switch {
	case err != nil || !(n >= 0 && n <= highest):
		return 0, false
	case isFeet:
		return int(math.Round(n)), true
	}
	feet = entry.Feet(n)
	return feet, feet > 0 || n == 0
}

// maxRouteStars is the site's best route.
const maxRouteStars = 3

// stars are the site's, none to three, on a scale to four; -1 when it has none.
func stars(text string) float64 {
	n := len(text)
	if n == 0 || n > maxRouteStars || strings.Trim(text, "*") != "" {
		return -1
	}
	return math.Round(float64(n)*40/maxRouteStars) / 10
}

// qualities are what climbers say of a route, the worst first. The site has changed one of the words.
var qualities = [...][]string{
	{"crap"}, {"dontbother", "don'tbother", "poor"}, {"average"}, {"good"}, {"verygood", "excellent"}, {"classic"}, {"megaclassic"},
}

// quality is what the climber thought of the route, from 0 to 4; -1 when they did not say.
func (p *parser) quality(row *table.Row) float64 {
	text := row.Cell("Quality")
	if text == "" || strings.Trim(text, "*") == "" {
		return stars(text)
	}
	for i, words := range qualities {
		if slices.Contains(words, key(text)) {
			return math.Round(float64(i)*40/float64(len(qualities)-1)) / 10
		}
	}
	p.warnOnce(row, "Quality", "the quality %s is not known and was left out")
	return -1
}
