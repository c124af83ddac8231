package climb

import (
	"errors"
	"fmt"
	"slices"
)

// ErrUnknownDiscipline says that a text names no discipline.
var ErrUnknownDiscipline = errors.New("unknown discipline")

// Discipline is a kind of climbing that people keep apart in their statistics.
type Discipline string

// The disciplines.
const (
	Sport   Discipline = "sport"
	Trad    Discipline = "trad"
	Boulder Discipline = "boulder"
	TopRope Discipline = "tr"
	Alpine  Discipline = "alpine"
	Ice     Discipline = "ice"
	Mixed   Discipline = "mixed"
	Aid     Discipline = "aid"
)

// AllDisciplines lists the disciplines in the order they are shown in. The caller owns the list.
func AllDisciplines() []Discipline {
	return []Discipline{Sport, Trad, Boulder, TopRope, Alpine, Ice, Mixed, Aid}
}

// ParseDiscipline reads the name of a discipline. The error wraps [ErrUnknownDiscipline].
func ParseDiscipline(text string) (Discipline, error) {
	if d := Discipline(text); slices.Contains(AllDisciplines(), d) {
		return d, nil
	}
	return "", fmt.Errorf("%w: %.40q", ErrUnknownDiscipline, text)
}

// Family is what the discipline is graded in; "" for what is no discipline.
func (d Discipline) Family() Family {
	switch d {
	case Sport, Trad, TopRope, Alpine:
		return FamilyRoute
	case Boulder:
		return FamilyBoulder
	case Ice:
		return FamilyIce
	case Mixed:
		return FamilyMixed
	case Aid:
		return FamilyAid
	}
	return ""
}

// DefaultSystem is the system that grades are shown in when nobody asks for another one.
func (d Discipline) DefaultSystem() System {
	switch d.Family() {
	case FamilyRoute:
		return YDS
	case FamilyBoulder:
		return V
	case FamilyIce:
		return WI
	case FamilyMixed:
		return SystemMixed
	case FamilyAid:
		return SystemAid
	}
	return ""
}
