package analytics

import (
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/climb"
)

const stylesRule = "Styles are shares of the sends, repeats too; a first go is an onsight or a flash. " +
	"Grades and traits are of one discipline; traits count distinct routes that were sent, each trait on its own and each route at its hardest logged grade. " +
	"A trait is what the source's flags or the owner of the tick say of a route. Beside these, English words of the notes count, such as slabby, crimps or pumpy, unless a word such as no or not takes them back; " +
	"ticks_from_notes says how many ticks have a trait from there alone. The notes of a tick that its owner has edited and that has traits are not looked at. " +
	"The disciplines count every tick; a route of two disciplines counts in both, so that their shares can sum to more than the whole. " +
	"A grade between two, such as 5.10 or V3-4, counts in the lower middle of its range."

// Styles shows how somebody climbed what they climbed.
type Styles struct {
	Basis
	Sends       int                `json:"sends"`
	Split       []StyleShare       `json:"split"`         // always the six styles, the best first; sums to Sends
	FirstGoRate *float64           `json:"first_go_rate"` // onsights and flashes / sends, 0..1; null without sends
	Discipline  climb.Discipline   `json:"discipline"`    // of Grades and Traits: the filter's, or the one with the most sends
	Scale       climb.System       `json:"scale"`         // of Grades and Traits
	Grades      []GradeStyles      `json:"grades"`        // the hardest first, without gaps
	Disciplines []DisciplineSplit  `json:"disciplines"`   // the most ticks first
	Years       []DisciplinePeriod `json:"years"`         // the disciplines over time
	Seasons     []DisciplinePeriod `json:"seasons"`       // the same by season
	Traits      []TraitShare       `json:"traits"`        // those that occur: by kind, the most routes first
	Feel        FeelShare          `json:"feel"`          // of the sends
	LeftOut     StylesLeftOut      `json:"left_out"`
}

// StyleShare is a style's part of the sends.
type StyleShare struct {
	Style string   `json:"style"` // onsight, flash, send, redpoint, pinkpoint or undetermined
	Sends int      `json:"sends"`
	Share *float64 `json:"share"` // of all sends, 0..1; null without sends
}

// GradeStyles are the sends of one grade by style.
type GradeStyles struct {
	GradeStep
	Sends       int            `json:"sends"`
	Styles      map[string]int `json:"styles"`        // by the names of StyleShare; sums to Sends
	FirstGoRate *float64       `json:"first_go_rate"` // null without sends
}

// DisciplineSplit is a discipline's part; a "Trad, Sport" route counts in both.
type DisciplineSplit struct {
	Discipline   climb.Discipline `json:"discipline"`
	Ticks        int              `json:"ticks"`
	Pitches      int              `json:"pitches"`
	Sends        int              `json:"sends"`
	PitchesShare float64          `json:"pitches_share"` // of the pitches of all disciplines, 0..1
	FirstGoRate  *float64         `json:"first_go_rate"` // null without sends
}

// DisciplinePeriod has the disciplines of a year or a season.
type DisciplinePeriod struct {
	Period
	Disciplines []DisciplineAmount `json:"disciplines"` // in the order of Styles.Disciplines, only those that were climbed
}

// DisciplineAmount counts one discipline in a period.
type DisciplineAmount struct {
	Discipline climb.Discipline `json:"discipline"`
	Ticks      int              `json:"ticks"`
	Pitches    int              `json:"pitches"`
}

// TraitShare counts the routes with a trait, in the discipline of the answer.
type TraitShare struct {
	Kind      string       `json:"kind"`  // angle, hold or energy
	Trait     string       `json:"trait"` // slab, vertical, overhang, roof; crimpy, sloper; athletic, cruxy, endurance, technical
	Ticks     int          `json:"ticks"`
	FromNotes int          `json:"ticks_from_notes"` // of the ticks, those of which only the notes say it; of the others the source or the owner does
	Sends     int          `json:"sends"`
	Routes    int          `json:"routes"` // distinct ones that were sent, graded or not
	Grades    []GradeCount `json:"grades"` // the hardest first, only those with routes
}

// FeelShare counts the sends by what the climber thought of the grade.
type FeelShare struct {
	Soft      int      `json:"soft"`
	Hard      int      `json:"hard"`
	NotSaid   int      `json:"not_said"`
	SoftShare *float64 `json:"soft_share"` // of soft and hard, 0..1; null when nothing was said
	HardShare *float64 `json:"hard_share"`
}

// StylesLeftOut counts what the filter leaves out, the ticks that are no sends, and the sends that single lists do not show.
type StylesLeftOut struct {
	Filtered
	Undetermined int `json:"undetermined"` // no result logged
	Attempts     int `json:"attempts"`
	OtherStyles  int `json:"other_styles"` // top-rope, follow and solo without a lead style
	NoGrade      int `json:"no_grade"`     // sends of the discipline without a grade of its family: not in grades
	NoTraits     int `json:"no_traits"`    // sends of the discipline of which no trait is known, by the notes neither: not in traits
	NoMonth      int `json:"no_month"`     // ticks of which only the year is known: not in seasons
}

// StylesOf computes how a user climbed (domain: the tick-type split per grade and overall, the disciplines, the characteristics
// of the routes, soft and hard grades). The grades and traits are of the filter's discipline, or of the one with the most sends.
func StylesOf(app core.App, userID string, filter Filter) (*Styles, error) {
	ticks, err := loadNoted(app, userID, filter)
	if err != nil {
		return nil, err
	}
	return stylesOf(ticks, filter)
}

func stylesOf(all []tick, filter Filter) (*Styles, error) {
	ticks, filtered := inScope(all, filter)
	walk := newStylesWalk(filter, filter.orMostSent(all).Discipline)
	for _, t := range ticks {
		if err := walk.add(t); err != nil {
			return nil, err
		}
	}
	walk.leftOut.Filtered = filtered
	order := walk.disciplines.order()
	return &Styles{
		Basis: newBasis(stylesRule, map[string]string{
			"sends": "ticks", "share": "fraction of the sends", "first_go_rate": "fraction of the sends", "pitches": "pitches and laps",
			"pitches_share": "fraction of all pitches", "routes": "distinct routes", "soft_share": "fraction of soft and hard", "hard_share": "fraction of soft and hard",
		}, filter),
		Sends: walk.overall.sends(), Split: walk.overall.split(), FirstGoRate: walk.overall.firstGoRate(),
		Discipline: walk.ladder.discipline, Scale: filter.scaleOf(walk.ladder.discipline), Grades: walk.gradeStyles(),
		Disciplines: walk.disciplines.split(order, walk.pitches), Years: walk.years.finished(order), Seasons: walk.seasons.finished(order),
		Traits: walk.traits.shares(), Feel: walk.feel.share(), LeftOut: walk.leftOut,
	}, nil
}
