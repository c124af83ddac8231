package climb

import (
	"slices"
	"strings"
)

// DisciplinesOf are the disciplines of a climb, the primary one first, from Mountain Project's list of route types
// ("Trad, TR") and the rating. Every type that says what is climbed counts:
//
//   - TR beside another type only says that the climb can be top-roped, and is left out.
//   - Boulder beside other types is a boulder when the rating has a boulder grade, otherwise what the others say.
//   - Ice beside Mixed are both when both have a grade, mixed first; otherwise the one that has.
//   - Snow alone is alpine. Types that are not known are ignored.
//   - What the rating has a grade for goes before what it has none for: "Trad, Ice" rated WI5 is first of all ice.
//
// Without a type the rating's family decides; a rating for routes leaves it open, and so does none: nil.
func DisciplinesOf(routeType string, r Rating) []Discipline {
	types := parseRouteTypes(routeType)
	if len(types.disciplines) == 0 && !types.topRope && !types.snow {
		return disciplinesOfRating(r)
	}
	list := types.disciplines
	if slices.Contains(list, Boulder) && (len(list) > 1 || types.topRope) {
		if _, ok := r.Grade(Boulder); ok {
			return []Discipline{Boulder}
		}
		list = slices.DeleteFunc(list, func(d Discipline) bool { return d == Boulder })
	}
	switch {
	case len(list) == 0 && types.topRope:
		return []Discipline{TopRope}
	case len(list) == 0:
		return []Discipline{Alpine}
	}
	return gradedFirst(iceOrMixed(list, r), r)
}

// routeTypes are the types of a climb, each once, in the order of the list.
type routeTypes struct {
	disciplines   []Discipline // what is climbed
	topRope, snow bool         // what counts only alone
}

func parseRouteTypes(text string) routeTypes {
	var types routeTypes
	for name := range strings.SplitSeq(text, ",") {
		switch d := Discipline(strings.ToLower(strings.TrimSpace(name))); d {
		case TopRope:
			types.topRope = true
		case "snow":
			types.snow = true
		default:
			if d.Family() != "" && !slices.Contains(types.disciplines, d) {
				types.disciplines = append(types.disciplines, d)
			}
		}
	}
	return types
}

// disciplinesOfRating guesses from the grades alone.
func disciplinesOfRating(r Rating) []Discipline {
	if _, ok := r.gradeIn(FamilyRoute); ok {
		return nil
	}
	var list []Discipline
	for _, d := range [...]Discipline{Boulder, Mixed, Ice, Aid} {
		if _, ok := r.Grade(d); ok {
			list = append(list, d)
		}
	}
	return list
}

// iceOrMixed settles what a climb of ice and rock is; other lists it leaves alone.
func iceOrMixed(list []Discipline, r Rating) []Discipline {
	ice, mixed := slices.Index(list, Ice), slices.Index(list, Mixed)
	if ice < 0 || mixed < 0 {
		return list
	}
	_, iceGraded := r.Grade(Ice)
	_, mixedGraded := r.Grade(Mixed)
	switch {
	case iceGraded && mixedGraded:
		list[min(ice, mixed)], list[max(ice, mixed)] = Mixed, Ice
	case iceGraded:
		list = slices.Delete(list, mixed, mixed+1)
	case mixedGraded:
		list = slices.Delete(list, ice, ice+1)
	}
	return list
}

// gradedFirst keeps the order of the list among the graded and among the ungraded.
func gradedFirst(list []Discipline, r Rating) []Discipline {
	sorted := make([]Discipline, 0, len(list))
	for _, graded := range [...]bool{true, false} {
		for _, d := range list {
			if _, ok := r.Grade(d); ok == graded {
				sorted = append(sorted, d)
			}
		}
	}
	return sorted
}
