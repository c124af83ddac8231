package ukc

import (
	"strings"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/entry"
)

// hows are the first words of a style. Who leads in turns leads.
var hows = map[string]climb.Style{
	"lead": climb.StyleLead, "altld": climb.StyleLead, "2nd": climb.StyleFollow, "tr": climb.StyleTopRope,
	"solo": climb.StyleSolo, "dws": climb.StyleSolo, "sent": climb.StyleSend, "-": climb.StyleNone, "": climb.StyleNone,
}

// results are the second words. "β" came and comes in several disguises. The site has words of their own for falls and rests,
// so that a repeat, like an ascent from the ground up, is one without.
var results = map[string]climb.LeadStyle{
	"": climb.LeadNone, "o/s": climb.LeadOnsight, "β": climb.LeadFlash, "î²": climb.LeadFlash, "flash": climb.LeadFlash, "b": climb.LeadFlash,
	"rp": climb.LeadRedpoint, "x": climb.LeadRedpoint, "g/u": climb.LeadRedpoint, "rpt": climb.LeadRedpoint,
	"dog": climb.LeadFellHung, "dnf": climb.LeadFellHung,
}

// setStyle reads a style such as Lead O/S, 2nd rpt or Sent x.
func (p *parser) setStyle(t *entry.Tick, text string) {
	first, second, _ := strings.Cut(strings.ToLower(text), " ")
	how, knownHow := hows[first]
	result, knownResult := results[strings.TrimSpace(second)]
	if !knownHow || !knownResult || how == climb.StyleNone && result != climb.LeadNone {
		p.warnOnce(t.Line, "the style %s is not known, so its ticks have none", text)
		return
	}
	if result == climb.LeadOnsight || result == climb.LeadFlash {
		t.Attempts = 1
	}
	t.Style, t.LeadStyle = styles(how, result)
}

// styles are the words of a tick. An onsight with the rope above is no send, but a fall is still a fall.
func styles(how climb.Style, result climb.LeadStyle) (climb.Style, climb.LeadStyle) {
	switch {
	case how == climb.StyleSend:
		return boulderStyles(result)
	case (how == climb.StyleFollow || how == climb.StyleTopRope) && result != climb.LeadFellHung:
		return how, climb.LeadNone
	}
	return how, result
}

// boulderStyles has no lead, but keeps an onsight apart from a flash.
func boulderStyles(result climb.LeadStyle) (climb.Style, climb.LeadStyle) {
	switch result {
	case climb.LeadOnsight:
		return climb.StyleFlash, climb.LeadOnsight
	case climb.LeadFlash:
		return climb.StyleFlash, climb.LeadNone
	case climb.LeadFellHung:
		return climb.StyleAttempt, climb.LeadNone
	}
	return climb.StyleSend, climb.LeadNone
}

// types are the site's types of climbs that are disciplines.
var types = map[string]climb.Discipline{
	"sport": climb.Sport, "trad": climb.Trad, "bouldering": climb.Boulder, "boulder": climb.Boulder, "boulder circuit": climb.Boulder,
	"top rope": climb.TopRope, "aid": climb.Aid, "alpine": climb.Alpine, "ice": climb.Ice, "mixed": climb.Mixed,
}

// disciplines are what the climb is. Winter is ice or mixed where its grade says so, and otherwise of the mountains.
func (p *parser) disciplines(line int, routeType, grade string) []climb.Discipline {
	name := strings.ToLower(routeType)
	if d, ok := types[name]; ok {
		return []climb.Discipline{d}
	}
	if name == "winter" {
		rating := climb.ParseRating(grade)
		for _, d := range []climb.Discipline{climb.Ice, climb.Mixed} {
			if _, ok := rating.Grade(d); ok {
				return []climb.Discipline{d}
			}
		}
		return []climb.Discipline{climb.Alpine}
	}
	if name != "" {
		p.warnOnce(line, "the type %s is none of the disciplines that are told apart", routeType)
	}
	return nil
}
