package analytics

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
)

// characteristics are the traits that say what a route is like to climb, by their kind. Others, such as "repeat" or "bad bolts",
// say something else.
// The words are those by which notes say the same.
var characteristics = []struct {
	kind, trait string
	words       []string
}{
	{"angle", "slab", []string{"slab", "slabs", "slabby"}},
	{"angle", "vertical", []string{"vertical", "vert"}},
	{"angle", "overhang", []string{"overhang", "overhangs", "overhanging", "overhung"}},
	{"angle", "roof", []string{"roof", "roofs"}},
	{"hold", "crimpy", []string{"crimp", "crimps", "crimpy", "crimping", "crimper", "crimpers"}},
	{"hold", "sloper", []string{"sloper", "slopers", "slopey", "slopy"}},
	{"energy", "athletic", []string{"athletic", "powerful", "burly", "gymnastic", "dyno", "dynos"}},
	{"energy", "cruxy", []string{"cruxy", "bouldery"}},
	{"energy", "endurance", []string{"endurance", "enduro", "pumpy", "sustained", "stamina"}},
	{"energy", "technical", []string{"technical", "techy"}},
}

// traitSet has a bit for each of the characteristics.
type traitSet uint16

func (s traitSet) has(i int) bool { return s&(1<<i) != 0 }

// traitCounts count ticks by their characteristics.
type traitCounts struct {
	ladder ladder
	lists  map[string]traitSet // parsed lists
	counts []traitCount
}

type traitCount struct {
	ticks, noted, sends int             // noted: of the ticks, those of which only the notes say it
	routes              map[string]bool // that were sent
	grades              gradeCounter
}

func newTraitCounts(l ladder) traitCounts {
	return traitCounts{l, map[string]traitSet{}, make([]traitCount, len(characteristics))}
}

// add counts a tick, whose score is none when it has no grade. known tells whether it has a characteristic.
func (c *traitCounts) add(t *tick, sent bool, score int) (known bool, err error) {
	flags, err := c.parse(t.traits)
	if err != nil {
		return false, fmt.Errorf("traits of tick %s: %w", t.id, err)
	}
	all := flags
	if flags == 0 || !t.edited { // who edits a tick has seen its traits: what is missing there is missing
		all |= t.noted
	}
	for i := range characteristics {
		if !all.has(i) {
			continue
		}
		count := &c.counts[i]
		if count.routes == nil {
			count.routes, count.grades = map[string]bool{}, newGradeCounter(c.ladder)
		}
		count.ticks++
		if !flags.has(i) {
			count.noted++
		}
		if !sent {
			continue
		}
		count.sends++
		count.routes[t.route] = true
		if score != none {
			count.grades.add(t.route, score)
		}
	}
	return all != 0, nil
}

// parse reads a list of traits. A logbook has few different ones.
func (c *traitCounts) parse(text string) (traitSet, error) {
	if text == "" {
		return 0, nil
	}
	if set, ok := c.lists[text]; ok {
		return set, nil
	}
	var names []string
	if err := json.Unmarshal([]byte(text), &names); err != nil {
		return 0, err
	}
	var set traitSet
	for i, known := range characteristics {
		if slices.Contains(names, known.trait) {
			set |= 1 << i
		}
	}
	c.lists[text] = set
	return set, nil
}

// shares are those that occur, by kind and in each the most routes first.
func (c *traitCounts) shares() []TraitShare {
	shares := []TraitShare{}
	for i, known := range characteristics {
		if n := c.counts[i]; n.ticks > 0 {
			shares = append(shares, TraitShare{known.kind, known.trait, n.ticks, n.noted, n.sends, len(n.routes), n.grades.counts()})
		}
	}
	slices.SortStableFunc(shares, func(a, b TraitShare) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(b.Routes, a.Routes))
	})
	return shares
}
