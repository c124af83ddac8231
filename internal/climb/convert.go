package climb

import "strings"

// Convert writes a grade in another system of its family, as the label at the low end of its scores and, when it is
// another one, the label at the high end: 5.11a is "6b+/6c", 6a+ as a boulder "V3-V4", 6b+ as a route "5.10d/5.11a".
// The joints are those of OpenBeta's sandbag library, but for UIAA's grades that are pairs themselves: it would write
// 7+/7+/8- where this writes 7+/8-. False for another family and for an unscored grade.
func Convert(g Grade, to System) (string, bool) {
	if g.Family() == "" || g.Family() != to.Family() {
		return "", false
	}
	if g.System == to {
		return g.Text, true
	}
	low, okLow := BinOf(to, g.Low)
	high, okHigh := BinOf(to, g.High)
	if !okLow || !okHigh {
		return "", false
	}
	if low == high {
		return low.Label, true
	}
	return rangeText(low.Label, high.Label, to), true
}

// rangeText joins the labels at the two ends of a range.
func rangeText(low, high string, system System) string {
	switch system {
	case YDS:
		return pairText(low, high)
	case V:
		return low + "-" + high
	case UIAA:
		return outerPair(low, high)
	}
	return low + "/" + high
}

// outerPair joins labels that may be pairs themselves by their outer grades: 7+ and 7+/8- are 7+/8- together.
func outerPair(low, high string) string {
	low, _, _ = strings.Cut(low, "/")
	if _, upper, ok := strings.Cut(high, "/"); ok {
		high = upper
	}
	return low + "/" + high
}
