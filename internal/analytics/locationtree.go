package analytics

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// How far the tree of places reaches.
const (
	maxTreeDepth   = 5
	maxTreeBreadth = 20
)

// place is a node of the tree that is being filled.
type place struct {
	name, path                 string
	ticks, pitches, sends      int
	directTicks, directPitches int
	dates                      []string // distinct ones, in their order
	children                   map[string]*place
}

// add counts a tick in a place and in those of the path that it is in, down to the depth of the tree.
func (p *place) add(t *tick, sent bool) {
	rest := t.location
	p.count(t, sent)
	for depth := 0; rest != "" && depth < maxTreeDepth; depth++ {
		name, deeper, _ := strings.Cut(rest, pathSeparator)
		p = p.child(name, t.location[:len(t.location)-len(rest)+len(name)])
		p.count(t, sent)
		rest = deeper
	}
	p.directTicks++
	p.directPitches += t.pitches
}

func (p *place) child(name, path string) *place {
	child := p.children[name]
	if child == nil {
		child = &place{name: name, path: path}
		if p.children == nil {
			p.children = map[string]*place{}
		}
		p.children[name] = child
	}
	return child
}

func (p *place) count(t *tick, sent bool) {
	p.ticks++
	p.pitches += t.pitches
	if sent {
		p.sends++
	}
	if t.hasDay() && (len(p.dates) == 0 || p.dates[len(p.dates)-1] != t.date) {
		p.dates = append(p.dates, t.date)
	}
}

// rows are the places inside, the most pitches first; those beyond the breadth of the tree share the last row.
func (p *place) rows() []LocationNode {
	inside := slices.SortedFunc(maps.Values(p.children), func(a, b *place) int {
		return cmp.Or(cmp.Compare(b.pitches, a.pitches), cmp.Compare(b.ticks, a.ticks), cmp.Compare(a.name, b.name))
	})
	rows := make([]LocationNode, 0, min(len(inside), maxTreeBreadth+1))
	for _, child := range inside[:min(len(inside), maxTreeBreadth)] {
		rows = append(rows, child.row(p.pitches))
	}
	if len(inside) > maxTreeBreadth {
		rows = append(rows, p.others(inside[maxTreeBreadth:]))
	}
	return rows
}

func (p *place) row(parentPitches int) LocationNode {
	return LocationNode{
		Name: p.name, Path: p.path, Ticks: p.ticks, Pitches: p.pitches, Sends: p.sends, Days: len(p.dates), Share: share(p.pitches, parentPitches),
		DirectTicks: p.directTicks, DirectPitches: p.directPitches, Children: p.rows(),
	}
}

// others sums up places in one row, without what is in them.
func (p *place) others(places []*place) LocationNode {
	sum := place{path: p.path}
	days := map[string]bool{}
	for _, other := range places {
		sum.ticks += other.ticks
		sum.pitches += other.pitches
		sum.sends += other.sends
		for _, date := range other.dates {
			days[date] = true
		}
	}
	sum.directTicks, sum.directPitches = sum.ticks, sum.pitches
	row := sum.row(p.pitches)
	row.Others, row.Days = len(places), len(days)
	return row
}
