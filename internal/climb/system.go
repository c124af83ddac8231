// Package climb knows how climbing is graded and logged: the grade systems and what they have in common, the
// disciplines, and what the words of a logbook say about how something was climbed. It is pure: no state, no input or
// output.
package climb

// System is a way to grade climbs.
type System string

// The systems that are read. SystemMixed and SystemAid are not called Mixed and Aid because the disciplines are.
const (
	YDS           System = "yds"
	French        System = "french"
	UIAA          System = "uiaa"
	Ewbank        System = "ewbank"
	Saxon         System = "saxon"
	Norwegian     System = "norwegian"
	BrazilianCrux System = "brazilian_crux"
	V             System = "v"
	Font          System = "font"
	WI            System = "wi"
	AI            System = "ai"
	SystemMixed   System = "mixed"
	SystemAid     System = "aid"
	Snow          System = "snow" // recognised, but without a score
)

// Family is what grades can be compared within: the systems of one family share one score, those of two never do.
type Family string

// The families. Snow belongs to none.
const (
	FamilyRoute   Family = "route"   // scores -3 to 107
	FamilyBoulder Family = "boulder" // scores 0 to 107
	FamilyIce     Family = "ice"     // scores 0 to 91
	FamilyMixed   Family = "mixed"   // scores 0 to 63
	FamilyAid     Family = "aid"     // scores 0 to 35
)

// Family of a system; "" for snow and for what is no system.
func (s System) Family() Family {
	switch s {
	case YDS, French, UIAA, Ewbank, Saxon, Norwegian, BrazilianCrux:
		return FamilyRoute
	case V, Font:
		return FamilyBoulder
	case WI, AI:
		return FamilyIce
	case SystemMixed:
		return FamilyMixed
	case SystemAid:
		return FamilyAid
	}
	return ""
}
