package analytics

import (
	"cmp"
	"slices"
	"strings"

	"github.com/cragbase/cragbase/internal/climb"
)

// rungs are the grades that a chart has a row for, the easiest first. They are the scale's own, with two exceptions.
// V0-, V0 and V0+ (and the same of VB) share a row: few boulders have the finer ones, and most pyramids would show a gap
// there. And Font grades are written in capitals, as climbers do to tell them from French ones.
func rungs(scale climb.System) []climb.Bin {
	bins := climb.Bins(scale)
	switch scale {
	case climb.V:
		return withoutSigns(bins)
	case climb.Font:
		bins = slices.Clone(bins)
		for i := range bins {
			bins[i].Label = strings.ToUpper(bins[i].Label)
		}
	}
	return bins
}

func withoutSigns(bins []climb.Bin) []climb.Bin {
	merged := make([]climb.Bin, 0, len(bins))
	for _, bin := range bins {
		bin.Label = strings.TrimRight(bin.Label, "+-")
		if last := len(merged) - 1; last >= 0 && merged[last].Label == bin.Label {
			merged[last].High = bin.High
			continue
		}
		merged = append(merged, bin)
	}
	return merged
}

// rungOf finds the grade of a score; scores outside the scale count at its ends.
func rungOf(rungs []climb.Bin, score int) int {
	i, _ := slices.BinarySearchFunc(rungs, score, func(b climb.Bin, score int) int { return cmp.Compare(b.High, score) })
	return min(i, len(rungs)-1)
}

// rungIn is the rung of a tick among the grades of one of its disciplines; false when its grade is unknown.
func (t *tick) rungIn(d climb.Discipline, rungs []climb.Bin) (int, bool) {
	grade, ok := t.gradeIn(d)
	if !ok {
		return 0, false
	}
	return rungOf(rungs, grade.Mid()), true
}
