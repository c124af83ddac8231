package demo

import "math/rand/v2"

// Words of the export's columns Style and Lead Style.
const (
	styleLead    = "Lead"
	styleTopRope = "TR"
	styleFollow  = "Follow"
	styleSolo    = "Solo"
	styleSend    = "Send"
	styleFlash   = "Flash"
	styleAttempt = "Attempt"

	leadOnsight   = "Onsight"
	leadFlash     = "Flash"
	leadRedpoint  = "Redpoint"
	leadPinkpoint = "Pinkpoint"
	leadFellHung  = "Fell/Hung"
)

// soloGap is how many rungs below their level climbers leave the rope behind.
const soloGap = -3

// aside decides whether a go is one of those that the climber's habits name, and returns its style.
func (s *simulation) aside(r *route, gap float64) (style string, ok bool) {
	h, drawn := s.habits, s.rng.Float64()
	within := func(share float64) bool {
		drawn -= share
		return drawn < 0
	}
	switch {
	case within(h.unlogged):
		return "", true
	case within(h.topRope) && !r.isMultipitch():
		return styleTopRope, true
	case within(h.follow):
		return styleFollow, true
	case within(h.solo) && gap < soloGap:
		return styleSolo, true
	}
	return "", false
}

// result is how a go is logged that was meant to be a send.
func (s *simulation) result(r *route, known *acquaintance, success bool) (style, leadStyle string) {
	if r.terrain == boulders {
		return boulderStyle(known, success), ""
	}
	switch {
	case !success:
		return styleLead, leadFellHung
	case chance(s.rng, s.habits.bare):
		return styleLead, ""
	case known.goes == 0:
		return styleLead, firstGo(s.rng)
	case known.sent && chance(s.rng, 0.3): // a repeat is not always worth a word
		return styleLead, ""
	case chance(s.rng, 0.08):
		return styleLead, leadPinkpoint
	default:
		return styleLead, leadRedpoint
	}
}

func boulderStyle(known *acquaintance, success bool) string {
	switch {
	case !success:
		return styleAttempt
	case known.goes == 0:
		return styleFlash
	default:
		return styleSend
	}
}

// firstGo tells a go without any knowledge of the route from one with.
func firstGo(rng *rand.Rand) string {
	if chance(rng, 0.22) {
		return leadFlash
	}
	return leadOnsight
}

// Notes by how the go ended.
var (
	fallNotes = []string{
		"Came off at the crux.", "So close! Slipped off the last hard move.", "Pumped out of my mind, back next week",
		"Couldn't see the foothold. It's left, always left.", "Too warm, skin gone.", "Worked the moves, \"all there\" now",
	}
	sendNotes = []string{
		"Finally!", "Great line, worth the walk", "Cool start, then cruising.", "Better than the guide says",
		"Perfect conditions: cold, dry, no wind", "Don't rush the start.", "Soft, but I'll take it",
		"Sat under it for an hour,\nthen everything worked.",
	}
	otherNotes = []string{
		"Lovely evening lap", "With the whole crew", "Wet streak at the top", "Cold & quiet",
	}
)

func note(rng *rand.Rand, style, leadStyle string) string {
	switch {
	case style == styleAttempt || leadStyle == leadFellHung:
		return pick(rng, fallNotes)
	case style == styleSend || style == styleFlash || leadStyle != "":
		return pick(rng, sendNotes)
	default:
		return pick(rng, otherNotes)
	}
}
