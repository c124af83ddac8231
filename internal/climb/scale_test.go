package climb

import "testing"

// scoredSystems are all systems that have bins.
func scoredSystems() []System {
	return []System{
		YDS, French, UIAA, Ewbank, Saxon, Norwegian, BrazilianCrux, V, Font, WI, AI, SystemMixed, SystemAid,
	}
}

// familyScores are the first and the last score of each family.
func familyScores(f Family) (first, last int) {
	switch f {
	case FamilyRoute:
		return -3, 107
	case FamilyBoulder:
		return 0, 107
	case FamilyIce:
		return 0, 91
	case FamilyMixed:
		return 0, 63
	}
	return 0, 35
}

func TestBinsCoverTheFamilyWithoutAGap(t *testing.T) {
	t.Parallel()
	for _, system := range scoredSystems() {
		bins := Bins(system)
		first, last := familyScores(system.Family())
		if system != YDS {
			first = max(first, 0) // easy terrain has grades in YDS alone
		}
		for _, bin := range bins {
			if bin.Low != first || bin.High < bin.Low {
				t.Errorf("%s %q covers %d to %d; want it from %d", system, bin.Label, bin.Low, bin.High, first)
			}
			first = bin.High + 1
		}
		if first != last+1 {
			t.Errorf("%s ends at %d; want %d", system, first-1, last)
		}
	}
}

func TestBinOfKnowsEveryScoreOfTheFamilyAndNoOther(t *testing.T) {
	t.Parallel()
	for _, system := range scoredSystems() {
		first, last := familyScores(system.Family())
		for score := first - 2; score <= last+2; score++ {
			bin, ok := BinOf(system, score)
			if ok != (first <= score && score <= last) {
				t.Errorf("%s %d = %+v, %t", system, score, bin, ok)
			}
			if ok && score >= 0 && (score < bin.Low || score > bin.High) {
				t.Errorf("%s %d lies in %+v", system, score, bin)
			}
		}
	}
}

func TestEasyTerrain(t *testing.T) {
	t.Parallel()
	for score, want := range map[int]string{-3: "3rd", -2: "4th", -1: "Easy 5th", 0: "5.0"} {
		if bin, ok := BinOf(YDS, score); !ok || bin.Label != want {
			t.Errorf("YDS %d = %q, %t; want %q", score, bin.Label, ok, want)
		}
		if bin, ok := BinOf(French, score); !ok || bin != (Bin{"1a", 0, 1}) {
			t.Errorf("French %d = %+v, %t; want its easiest grade", score, bin, ok)
		}
	}
}

func TestScoresOfLabels(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		system    System
		label     string
		low, high int
	}{
		{YDS, "5.0", 0, 11},
		{YDS, "5.9", 52, 56},
		{YDS, "5.10a", 57, 61},
		{YDS, "5.12a", 75, 75},
		{YDS, "5.16a", 106, 107},
		{French, "6a", 60, 61},
		{French, "9c+", 106, 107},
		{UIAA, "1", 0, 11},
		{UIAA, "7+/8-", 68, 69},
		{UIAA, "11", 94, 97},
		{Ewbank, "18", 57, 61},
		{Saxon, "7b", 54, 57},
		{Norwegian, "6-", 56, 61},
		{BrazilianCrux, "VIsup", 66, 67},
		{V, "VB", 12, 23},
		{V, "V0-", 36, 39},
		{V, "V3", 58, 62},
		{V, "V22", 106, 107},
		{Font, "7c+", 82, 83},
		{WI, "WI2", 4, 7},
		{WI, "WI3+", 12, 15},
		{AI, "AI13+", 88, 91},
		{SystemAid, "A2+", 12, 15},
		{SystemAid, "A5", 32, 35},
		{SystemMixed, "M1", 0, 3},
		{SystemMixed, "M16", 60, 63},
	} {
		grade, err := ParseGrade(test.label, test.system)
		if want := (Grade{test.label, test.system, test.low, test.high}); err != nil || grade != want {
			t.Errorf("%+v, %v; want %+v", grade, err, want)
		}
	}
}

func TestSystemsWithoutAScoreHaveNoBins(t *testing.T) {
	t.Parallel()
	for _, system := range []System{Snow, "", "font "} {
		if bins := Bins(system); bins != nil || system.Family() != "" {
			t.Errorf("%q: family %q, bins %v", system, system.Family(), bins)
		}
		if bin, ok := BinOf(system, 0); ok {
			t.Errorf("%q: %+v", system, bin)
		}
	}
}

func TestBinsAreTheCallersOwn(t *testing.T) {
	t.Parallel()
	Bins(Saxon)[0].Label = "spoilt"
	if label := Bins(Saxon)[0].Label; label != "1" {
		t.Errorf("the table now begins with %q", label)
	}
}
