package climb

import (
	"errors"
	"fmt"
	"strings"
)

// ErrUnknownGrade says that a text is no grade of the system it was read in.
var ErrUnknownGrade = errors.New("unknown grade")

// Grade is how hard a climb is: the scores Low to High of its system's family, both included. A slash grade, or one
// with a sign that the system has no step for, lies between two grades and overlaps both.
type Grade struct {
	Text      string // in the system's own spelling
	System    System // "" in the zero Grade
	Low, High int
}

// Family is what the grade can be compared within.
func (g Grade) Family() Family { return g.System.Family() }

// Mid is the score that the grade counts at: the middle of its range, the lower one of two.
func (g Grade) Mid() int { return floorHalf(g.Low + g.High) }

// maxGradeBytes is far above the longest grade; what is longer is not looked at.
const maxGradeBytes = 32

// ParseGrade reads a grade of a system in any case. Besides the labels of [Bins] it reads
//
//   - two grades with a slash, or for systems with a prefix a dash: 6a+/6b, 5.10d/5.11a, V3-4;
//   - the short forms of the second: 5.10a/b, 6a/a+, 5.10d/11a, WI3/4;
//   - a number with a sign: 5.9+, V3-, WI5-; from 5.10 up the sign, or none, stands for a pair of letters;
//   - V-easy as VB, and the clean aid grades C0 to C5 as A0 to A5.
//
// What lies between two grades has the scores from the middle of the one to the middle of the other, rounded inward,
// as OpenBeta's sandbag library has it. The error wraps [ErrUnknownGrade].
func ParseGrade(text string, system System) (Grade, error) {
	if grade, ok := parseGrade(text, system); ok {
		return grade, nil
	}
	return Grade{}, fmt.Errorf("%w: %.40q in system %.40q", ErrUnknownGrade, text, string(system))
}

func parseGrade(text string, system System) (Grade, bool) {
	text = strings.TrimSpace(text)
	if len(text) > maxGradeBytes {
		return Grade{}, false
	}
	text = strings.ToLower(text)
	if system == Snow {
		return parseSnow(text)
	}
	if s, ok := scales()[system]; ok {
		return s.parse(text)
	}
	return Grade{}, false
}

// parse reads one grade or a pair, in lower case.
func (s *scale) parse(text string) (Grade, bool) {
	if grade, ok := s.single(text); ok {
		return grade, true
	}
	left, right, ok := cutPair(text)
	if !ok {
		return Grade{}, false
	}
	low, okLow := s.single(left)
	high, okHigh := s.single(completeSecond(left, right))
	if !okLow || !okHigh || low.Low+low.High >= high.Low+high.High {
		return Grade{}, false
	}
	return between(pairText(low.Text, high.Text), low, high), true
}

// single reads a label, or a number with a sign.
func (s *scale) single(text string) (Grade, bool) {
	if e, ok := s.index[text]; ok {
		return s.grade(e), true
	}
	number, sign := cutSign(text)
	if number == "" || !isDigit(number[len(number)-1]) {
		return Grade{}, false
	}
	if s.system == YDS {
		if grade, ok := s.lettered(number, sign); ok {
			return grade, true
		}
	}
	e, ok := s.index[number]
	if !ok || sign == "" {
		return Grade{}, false
	}
	return s.signed(e, sign), true
}

// lettered reads 5.10-, 5.10 and 5.10+ and their like of the harder numbers, which mean a pair of letters.
func (s *scale) lettered(number, sign string) (Grade, bool) {
	letter := "b"
	switch sign {
	case "-":
		letter = "a"
	case "+":
		letter = "c"
	}
	e, ok := s.index[number+letter]
	if !ok {
		return Grade{}, false
	}
	return s.toward(e.pos, e.pos+1, number+sign), true
}

// signed reads a number with a sign that is no step of the system: the place between it and its neighbour.
func (s *scale) signed(e entry, sign string) Grade {
	if sign == "-" {
		return s.toward(e.pos, e.pos-1, e.label+sign)
	}
	return s.toward(e.pos, e.pos+1, e.label+sign)
}

// toward is the place between a bin and its neighbour; at the ends of the scale, where there is none, the bin itself.
func (s *scale) toward(pos, neighbour int, text string) Grade {
	if neighbour < 0 || neighbour >= len(s.bins) {
		return s.grade(entry{text, pos})
	}
	return between(text, s.grade(entry{"", min(pos, neighbour)}), s.grade(entry{"", max(pos, neighbour)}))
}

// between spans from the middle of the easier of two grades to the middle of the harder, rounded inward. The middles
// are multiples of a half and differ, so the range is never empty.
func between(text string, low, high Grade) Grade {
	return Grade{
		Text:   text,
		System: low.System,
		Low:    floorHalf(low.Low + low.High + 1),
		High:   floorHalf(high.Low + high.High),
	}
}

// floorHalf is n/2 rounded down, also below zero, where the easy terrain is.
func floorHalf(n int) int { return n >> 1 }
