package eightanu

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/entry"
)

// ascent is an ascent of a page. The fields that describe the climber are not read.
type ascent struct {
	ID          *int64 `json:"ascentId"`
	Date        string `json:"date"`
	Difficulty  string `json:"difficulty"`
	GradeIndex  *int   `json:"zlagGradeIndex"`
	Category    *int   `json:"category"`
	Type        string `json:"type"`
	SecondGo    bool   `json:"secondGo"`
	Project     bool   `json:"project"`
	Rating      float64
	Comment     string
	Name        string `json:"zlaggableName"`
	Slug        string `json:"zlaggableSlug"`
	CountryName string
	CountrySlug string
	AreaName    string
	CragName    string
	CragSlug    string
	SectorName  string
	SectorSlug  string
	Traditional bool
	IsHard      bool
	IsSoft      bool
	flags

	asked    Category // what the page was asked for
	oddField string   // a field of another type than expected
	instead  string   // what the list has in the place of an ascent
}

// flags are what an ascent says in yes and no.
type flags struct {
	Repeat, FirstAscent, Recommended, UserPrivate                      bool
	Chipped, WithKneepad, IsBoltedByMe, IsDanger                       bool
	BadAnchor, BadBolts, HighFirstBolt, LooseRock, BadClippingPosition bool
	IsOverhang, IsVertical, IsSlab, IsRoof                             bool
	IsAthletic, IsEndurance, IsCrimpy, IsCruxy, IsSloper, IsTechnical  bool
}

// traits are the flags that are set.
func (f *flags) traits() []string {
	return traitsOf(
		trait{"repeat", f.Repeat}, trait{"first ascent", f.FirstAscent}, trait{"recommended", f.Recommended}, trait{"private", f.UserPrivate},
		trait{"chipped", f.Chipped}, trait{"kneepad", f.WithKneepad}, trait{"bolted by me", f.IsBoltedByMe}, trait{"dangerous", f.IsDanger},
		trait{"bad anchor", f.BadAnchor}, trait{"bad bolts", f.BadBolts}, trait{"high first bolt", f.HighFirstBolt},
		trait{"loose rock", f.LooseRock}, trait{"bad clipping position", f.BadClippingPosition},
		trait{"overhang", f.IsOverhang}, trait{"vertical", f.IsVertical}, trait{"slab", f.IsSlab}, trait{"roof", f.IsRoof},
		trait{"athletic", f.IsAthletic}, trait{"endurance", f.IsEndurance}, trait{"crimpy", f.IsCrimpy}, trait{"cruxy", f.IsCruxy},
		trait{"sloper", f.IsSloper}, trait{"technical", f.IsTechnical},
	)
}

// addTo adds the ascent to an export as a tick, or says there why it is none. seen has the lines of the ascents before it.
func (a *ascent) addTo(export *entry.Export, line int, seen map[string]int, now time.Time) {
	if a.instead != "" {
		export.Skip(line, "this is not an ascent but a %s", a.instead)
		return
	}
	id := a.id()
	if first, found := seen[id]; found {
		export.NoTick(line, "this is ascent %s again, which is there as number %d already", id, first)
		return
	}
	c := climbed{
		kind: a.kind(), date: a.Date, name: a.Name, difficulty: a.Difficulty, gradeIndex: a.GradeIndex, style: a.Type,
		secondGo: a.SecondGo, project: a.Project, comment: a.Comment,
		places: []string{a.CountryName, a.AreaName, a.CragName, a.SectorName}, damaged: a.oddField != "",
	}
	tick := c.tick(export, line, now)
	if tick == nil {
		return
	}
	if id != "" {
		seen[id] = line
	}
	if a.oddField != "" {
		export.Warn(line, "%s has an unexpected form and was left out", entry.Clip(a.oddField))
	}
	tick.ID, tick.RouteID, tick.RouteURL = id, a.routeID(), a.routeURL()
	tick.YourStars = stars(a.Rating)
	tick.Feel = feel(a.IsSoft, a.IsHard)
	tick.Traits = a.traits()
	export.Add(tick)
}

func (a *ascent) id() string {
	if a.ID == nil || *a.ID <= 0 {
		return ""
	}
	return strconv.FormatInt(*a.ID, 10)
}

// kind is what was climbed: as the ascent says, or as was asked for. The case of the grade is no sign: routes with capitals
// occur.
func (a *ascent) kind() kind {
	switch {
	case a.Category != nil && *a.Category == 1:
		return boulder
	case a.Category != nil && *a.Category == 0:
		return a.route()
	case a.asked == CategoryBoulder:
		return boulder
	case a.asked == CategoryRoute:
		return a.route()
	}
	return unknownKind
}

func (a *ascent) route() kind {
	if a.Traditional {
		return tradRoute
	}
	return sportRoute
}

// maxRouteID is what the column takes.
const maxRouteID = 100

// routeID is made of the names that the climb, its sector and its crag have in addresses; a climb's alone is not unique.
func (a *ascent) routeID() string {
	id := a.CragSlug + "/" + a.SectorSlug + "/" + a.Slug
	if !isSlug(a.CragSlug) || !isSlug(a.SectorSlug) || !isSlug(a.Slug) || len(id) > maxRouteID {
		return ""
	}
	return id
}

// routeURL is the climb's page, made of checked parts so that nothing that was pasted becomes a link elsewhere.
func (a *ascent) routeURL() string {
	category := CategoryRoute
	switch a.kind() {
	case boulder:
		category = CategoryBoulder
	case unknownKind:
		return ""
	}
	for _, slug := range []string{a.CountrySlug, a.CragSlug, a.SectorSlug, a.Slug} {
		if !isSlug(slug) {
			return ""
		}
	}
	return fmt.Sprintf("https://www.8a.nu/crags/%s/%s/%s/sectors/%s/routes/%s", category, a.CountrySlug, a.CragSlug, a.SectorSlug, a.Slug)
}

// kind is what was climbed.
type kind int

const (
	unknownKind kind = iota
	sportRoute
	tradRoute
	boulder
)

// describe sets what a tick says of the kind. The words are Mountain Project's, so that our own export has them.
func (k kind) describe(t *entry.Tick) {
	switch k {
	case sportRoute:
		t.RouteType, t.Disciplines = "Sport", []climb.Discipline{climb.Sport}
	case tradRoute:
		t.RouteType, t.Disciplines = "Trad", []climb.Discipline{climb.Trad}
	case boulder:
		t.RouteType, t.Disciplines = "Boulder", []climb.Discipline{climb.Boulder}
	}
}

// stars brings 1 to 5 stars, 0 for none, to the scale of 0 to 4.
func stars(of5 float64) float64 {
	if of5 > 0 && of5 <= 5 {
		return of5 * 4 / 5
	}
	return -1
}

func feel(soft, hard bool) entry.Feel {
	switch {
	case soft && !hard:
		return entry.FeelSoft
	case hard && !soft:
		return entry.FeelHard
	}
	return entry.FeelNone
}

// placesOf are the areas that have a name, the largest first, each once where a crag is its only sector.
func placesOf(names []string) []string {
	var places []string
	for _, name := range names {
		name = entry.Name(name)
		if name == "" || strings.EqualFold(name, "Unknown Sector") || len(places) > 0 && places[len(places)-1] == name {
			continue
		}
		places = append(places, name)
	}
	return places
}
