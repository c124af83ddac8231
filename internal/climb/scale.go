package climb

import (
	"slices"
	"sort"
	"strings"
	"sync"
)

// Bin is one grade of a system: its label and the scores it covers, both ends included.
type Bin struct {
	Label     string
	Low, High int
}

// scale is the table of a system, ready to be searched.
type scale struct {
	system System
	bins   []Bin            // easiest first, contiguous
	index  map[string]entry // by label in lower case, other names of a bin included
}

// entry is a name of a bin.
type entry struct {
	label string // as it is written
	pos   int    // in the bins
}

// scales are built from the tables at first use, and never change.
var scales = sync.OnceValue(func() map[System]*scale {
	built := map[System]*scale{}
	for system, bins := range map[System][]Bin{
		YDS: ydsBins, French: frenchBins, UIAA: uiaaBins, Ewbank: ewbankBins, Saxon: saxonBins,
		Norwegian: norwegianBins, BrazilianCrux: brazilianCruxBins, V: vBins, Font: fontBins,
		WI: wiBins, AI: alpineIceBins(), SystemMixed: mixedBins, SystemAid: aidBins,
	} {
		built[system] = newScale(system, bins)
	}
	built[V].alias("V-easy", "VB")
	for _, bin := range aidBins {
		built[SystemAid].alias(strings.Replace(bin.Label, "A", "C", 1), bin.Label)
	}
	return built
})

func newScale(system System, bins []Bin) *scale {
	s := &scale{system: system, bins: bins, index: make(map[string]entry, 2*len(bins))}
	for i, bin := range bins {
		s.index[strings.ToLower(bin.Label)] = entry{bin.Label, i}
	}
	return s
}

// alias gives a bin another name, which grades keep as their text.
func (s *scale) alias(name, label string) {
	s.index[strings.ToLower(name)] = entry{name, s.index[strings.ToLower(label)].pos}
}

// alpineIceBins are the steps of water ice under another prefix.
func alpineIceBins() []Bin {
	bins := slices.Clone(wiBins)
	for i := range bins {
		bins[i].Label = "AI" + strings.TrimPrefix(bins[i].Label, "WI")
	}
	return bins
}

// grade of a bin under one of its names.
func (s *scale) grade(e entry) Grade {
	bin := s.bins[e.pos]
	return Grade{Text: e.label, System: s.system, Low: bin.Low, High: bin.High}
}

// binOf finds the bin of a score. The easy terrain below 5.0 has grades in YDS alone; in the other systems of the
// family it counts in the easiest grade.
func (s *scale) binOf(score int) (Bin, bool) {
	lowest, highest := s.bins[0], s.bins[len(s.bins)-1]
	switch {
	case score > highest.High:
		return Bin{}, false
	case score >= lowest.Low:
		return s.bins[sort.Search(len(s.bins), func(i int) bool { return s.bins[i].High >= score })], true
	}
	if s.system.Family() == FamilyRoute && score >= ydsBins[0].Low {
		return lowest, true
	}
	return Bin{}, false
}

// Bins are the grades of a system, the easiest first, without a gap between their scores; nil for snow and for what
// is no system. The caller owns them.
func Bins(s System) []Bin {
	if scale, ok := scales()[s]; ok {
		return slices.Clone(scale.bins)
	}
	return nil
}

// BinOf is the grade of a system that covers a score of its family; false outside the family's scores.
func BinOf(s System, score int) (Bin, bool) {
	if scale, ok := scales()[s]; ok {
		return scale.binOf(score)
	}
	return Bin{}, false
}
