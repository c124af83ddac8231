package analytics

import (
	"math"

	"github.com/cragbase/cragbase/internal/climb"
)

// Estimate is what a pitch of unknown length counts as.
type Estimate struct {
	Discipline climb.Discipline `json:"discipline"` // "": of ticks that do not say what kind of climb it was
	Feet       int              `json:"feet"`       // of a pitch
	Metres     int              `json:"metres"`
	Ticks      int              `json:"ticks"` // how often it was needed
}

// estimatedPitch is what a pitch of a discipline is taken for when nobody wrote its length down, in feet: what is usual, not
// what is true of a single route.
func estimatedPitch(d climb.Discipline) int {
	switch d {
	case climb.Boulder:
		return 15
	case climb.TopRope:
		return 60
	case climb.Sport, climb.Mixed:
		return 80
	}
	return 100
}

// vertical is how many feet a tick goes up, and whether that is an estimate for lack of a length. The length is that of the
// whole route: a multipitch has it once, however many pitches it has.
func (t *tick) vertical(d climb.Discipline) (feet int, estimated bool) {
	if t.lengthFeet > 0 {
		return t.lengthFeet * t.laps(), false
	}
	return estimatedPitch(d) * max(t.pitches, 1), true
}

// metres are feet in metres.
func metres(feet int) int { return int(math.Round(float64(feet) * metresPerFoot)) }

const metresPerFoot = 0.3048

// Milestone is a known distance to compare with.
type Milestone struct {
	Name      string  `json:"name"`
	Feet      int     `json:"feet"`
	Metres    int     `json:"metres"`
	Reached   bool    `json:"reached"`
	ReachedOn *string `json:"reached_on"` // the day that the sum passed it, YYYY-MM-DD; null: not yet, or with a tick of no known day
}

// milestones are the distances, the shortest first, in feet.
var milestones = []struct {
	name string
	feet int
}{
	{"the Diamond on Longs Peak", 1_000},
	{"the Eiffel Tower", 1_083},
	{"the Burj Khalifa", 2_717},
	{"El Capitan", 3_000},
	{"a mile", 5_280},
	{"the north face of the Eiger", 5_900},
	{"the Matterhorn, from the sea", 14_692},
	{"Mont Blanc, from the sea", 15_774},
	{"Kilimanjaro, from the sea", 19_341},
	{"Denali, from the sea", 20_310},
	{"Mount Everest, from the sea", 29_032},
	{"the deepest trench of the sea", 35_876},
	{"ten miles", 52_800},
	{"Olympus Mons on Mars", 72_000},
	{"100,000 feet", 100_000},
	{"five times Mount Everest", 145_160},
	{"fifty miles", 264_000},
	{"the edge of space", 328_084},
	{"half a million feet", 500_000},
	{"a million feet", 1_000_000},
	{"the International Space Station", 1_340_000},
	{"two million feet", 2_000_000},
}
