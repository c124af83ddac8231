package analytics

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
)

// characteristics are the traits that say what a route is like to climb, by their kind. Others, such as "repeat" or "bad bolts",
// say something else.
var characteristics = []struct{ kind, trait string }{
	{"angle", "slab"},
	{"angle", "vertical"},
	{"angle", "overhang"},
	{"angle", "roof"},
	{"hold", "crimpy"},
	{"hold", "sloper"},
	{"energy", "athletic"},
	{"energy", "cruxy"},
	{"energy", "endurance"},
	{"energy", "technical"},
}

// traitCounts count ticks by their characteristics.
type traitCounts struct {
	ladder ladder
	lists  map[string][]int // parsed lists, as indexes into characteristics
	counts []traitCount
}

type traitCount struct {
	ticks, sends int
	routes       map[string]bool // that were sent
	grades       gradeCounter
}

func newTraitCounts(l ladder) traitCounts {
	return traitCounts{l, map[string][]int{}, make([]traitCount, len(characteristics))}
}

// add counts a tick, whose score is none when it has no grade. known tells whether it has a characteristic.
func (c *traitCounts) add(t *tick, sent bool, score int) (known bool, err error) {
	list, err := c.parse(t.traits)
	if err != nil {
		return false, fmt.Errorf("traits of tick %s: %w", t.id, err)
	}
	for _, i := range list {
		count := &c.counts[i]
		if count.routes == nil {
			count.routes, count.grades = map[string]bool{}, newGradeCounter(c.ladder)
		}
		count.ticks++
		if !sent {
			continue
		}
		count.sends++
		count.routes[t.route] = true
		if score != none {
			count.grades.add(t.route, score)
		}
	}
	return len(list) > 0, nil
}

// parse reads a list of traits. A logbook has few different ones.
func (c *traitCounts) parse(text string) ([]int, error) {
	if text == "" {
		return nil, nil
	}
	if list, ok := c.lists[text]; ok {
		return list, nil
	}
	var names []string
	if err := json.Unmarshal([]byte(text), &names); err != nil {
		return nil, err
	}
	var list []int
	for i, known := range characteristics {
		if slices.Contains(names, known.trait) {
			list = append(list, i)
		}
	}
	c.lists[text] = list
	return list, nil
}

// shares are those that occur, by kind and in each the most routes first.
func (c *traitCounts) shares() []TraitShare {
	shares := []TraitShare{}
	for i, known := range characteristics {
		if n := c.counts[i]; n.ticks > 0 {
			shares = append(shares, TraitShare{known.kind, known.trait, n.ticks, n.sends, len(n.routes), n.grades.counts()})
		}
	}
	slices.SortStableFunc(shares, func(a, b TraitShare) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(b.Routes, a.Routes))
	})
	return shares
}
