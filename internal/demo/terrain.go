package demo

import "math/rand/v2"

// terrain says what there is to climb in an area.
type terrain int

const (
	boulders terrain = iota
	boltedCliffs
	cracks   // gear-protected, mostly of one pitch
	walls    // gear-protected, several pitches
	peaks    // alpine rock, many pitches
	icefalls // frozen
)

// ladder lists the grades of a terrain, easiest first. Each rung has its usual spelling and others of the same bin.
type ladder [][]string

var (
	boulderLadder = ladder{
		{"V0"}, {"V1"}, {"V2", "V2+"}, {"V3", "V3-4", "V3+"}, {"V4", "V4+"}, {"V5", "V5+"}, {"V6", "V6+"}, {"V7"}, {"V8"},
	}
	sportLadder = ladder{
		{"5.8", "5.8+"},
		{"5.9", "5.9+"},
		{"5.10a", "5.10-", "5.10a/b"},
		{"5.10b", "5.10", "5.10b/c"},
		{"5.10c", "5.10+", "5.10c/d"},
		{"5.10d"},
		{"5.11a", "5.11-", "5.11a/b"},
		{"5.11b", "5.11", "5.11b/c"},
		{"5.11c", "5.11+"},
		{"5.11d"},
		{"5.12a", "5.12-"},
		{"5.12b"},
		{"5.12c"},
	}
	tradLadder = ladder{
		{"5.5"},
		{"5.6"},
		{"5.7", "5.7+"},
		{"5.8", "5.8+"},
		{"5.9", "5.9+"},
		{"5.10a", "5.10-"},
		{"5.10b", "5.10"},
		{"5.10c", "5.10+"},
		{"5.10d"},
	}
	iceLadder = ladder{{"WI2"}, {"WI3"}, {"WI4"}, {"WI5"}}
)

func (t terrain) ladder() ladder {
	switch t {
	case boulders:
		return boulderLadder
	case boltedCliffs:
		return sportLadder
	case icefalls:
		return iceLadder
	default:
		return tradLadder
	}
}

// spelling is how a guidebook writes the grade of a rung: mostly as everybody does.
func (l ladder) spelling(rng *rand.Rand, rung int) string {
	spellings := l[rung]
	if len(spellings) > 1 && chance(rng, 0.2) {
		return spellings[1+rng.IntN(len(spellings)-1)]
	}
	return spellings[0]
}

// types are the words of Mountain Project's "Route Type" that occur on a terrain, the usual ones repeated.
func (t terrain) types() []string {
	switch t {
	case boulders:
		return []string{"Boulder"}
	case boltedCliffs:
		return []string{"Sport", "Sport", "Sport", "Sport", "Sport", "Sport", "Sport", "Sport", "Sport, TR"}
	case cracks:
		return []string{"Trad", "Trad", "Trad", "Trad", "Trad", "Trad", "Trad", "Trad, TR", "Trad, Sport"}
	case walls:
		return []string{"Trad"}
	case peaks:
		return []string{"Trad, Alpine"}
	default:
		return []string{"Ice", "Ice", "Trad, Ice"}
	}
}

// remark is what follows the grade of some ratings: how bad a fall would be, or the snow on the way.
func (t terrain) remark(rng *rand.Rand) string {
	switch {
	case (t == cracks || t == walls) && chance(rng, 0.07):
		return pick(rng, []string{" PG13", " PG13", " R"})
	case t == peaks && chance(rng, 0.3):
		return pick(rng, []string{" Easy Snow", " Steep Snow"})
	}
	return ""
}

// pitches is how many pitches a route has.
func (t terrain) pitches(rng *rand.Rand) int {
	switch t {
	case boltedCliffs:
		if chance(rng, 0.04) {
			return 2 + rng.IntN(3)
		}
	case cracks:
		if chance(rng, 0.2) {
			return 2 + rng.IntN(2)
		}
	case walls:
		return 2 + rng.IntN(6)
	case peaks:
		return 4 + rng.IntN(9)
	case icefalls:
		return 1 + rng.IntN(3)
	}
	return 1
}

// feet is the length of a whole route, to the 5 ft that guidebooks round to.
func (t terrain) feet(rng *rand.Rand, pitches int) int {
	shortest, longest := 70, 130
	switch {
	case t == boulders:
		shortest, longest = 8, 22
	case pitches == 1:
		shortest, longest = 40, 115
	}
	feet := 0
	for range pitches {
		feet += shortest + rng.IntN(longest-shortest+1)
	}
	if t == boulders {
		return feet
	}
	return feet / 5 * 5
}

// chance is true with the given probability.
func chance(rng *rand.Rand, probability float64) bool { return rng.Float64() < probability }

// pick returns one of the choices, each as likely as the others.
func pick[T any](rng *rand.Rand, choices []T) T { return choices[rng.IntN(len(choices))] }
