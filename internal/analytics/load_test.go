package analytics

import (
	"testing"

	"github.com/cragbase/cragbase/internal/climb"
)

// kept is a tick whose grade its source has left as text.
func kept(id, grade string, result climb.Result, disciplines ...climb.Discipline) tick {
	return tick{
		id: id, date: "2025-01-01", route: id, routeName: id, location: "England > Peak > Stanage", gradeText: grade,
		disciplines: disciplines, style: climb.StyleLead, result: result, pitches: 1,
	}
}

func TestGradeIn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule string
		tick tick
		in   climb.Discipline
		want climb.System // "": none
	}{
		{"the stored grade", sport("1", "2025-01-01", "A", "5.9", "Onsight"), climb.Trad, climb.YDS},
		{"a British grade is none of the French ones", kept("1", "E5 6a", climb.ResultOnsight, climb.Trad), climb.Trad, ""},
		{"nor is a technical grade alone", kept("1", "6a", climb.ResultOnsight, climb.Trad), climb.Trad, ""},
		{"in no other discipline of the family", kept("1", "E5 6a", climb.ResultOnsight, climb.Trad, climb.Sport), climb.Sport, ""},
		{"nor where another family is the first", kept("1", "E5 6a", climb.ResultOnsight, climb.Aid, climb.Trad), climb.Trad, ""},
		{"the aid grade beside it counts in aid", kept("1", "E5 6a A2", climb.ResultOnsight, climb.Trad, climb.Aid), climb.Aid, climb.SystemAid},
		{"the text has the grade of another family", entry("1", "2025-01-01", "A", "5.9 C2", "Trad, Aid", "Lead", "Onsight"), climb.Aid, climb.SystemAid},
	} {
		if got, ok := test.tick.gradeIn(test.in); got.System != test.want || ok != (test.want != "") {
			t.Errorf("%s: got %q, %v", test.rule, got.System, ok)
		}
	}
}

// A send and an attempt of a British grade are in no chart of grades, and every chart says that it left them out.
func TestBritishGradesAreLeftOutEverywhere(t *testing.T) {
	t.Parallel()
	ticks := []tick{
		kept("send", "E5 6a", climb.ResultOnsight, climb.Trad), kept("try", "E5 6b", climb.ResultAttempt, climb.Trad),
	}
	filter := Filter{Discipline: climb.Trad}
	styles, err := stylesOf(ticks, filter)
	if err != nil {
		t.Fatal(err)
	}
	overview, pyramid, lengths := overviewOf(ticks, filter), pyramidOf(ticks, filter), lengthsOf(ticks, filter)
	progression, volume, tiers := progressionOf(ticks, filter), volumeOf(ticks, filter), tiersOf(ticks, filter)
	breakthroughs, attempts, projects := breakthroughsOf(ticks, filter), attemptsOf(ticks, filter), projectsOf(ticks, filter)
	for chart, got := range map[string][3]int{ // shown, left out, and how many should be
		"overview":      {len(overview.Best) + len(overview.RecentHardSends) + len(overview.Scores), overview.LeftOut.NoGrade, 1},
		"pyramid":       {pyramid.Routes, pyramid.LeftOut.NoGrade, 1},
		"progression":   {len(progression.Seasons), progression.LeftOut.NoGrade, 1},
		"volume":        {len(volume.Base), volume.LeftOut.NoGrade, 2},
		"styles":        {len(styles.Grades), styles.LeftOut.NoGrade, 1},
		"lengths":       {len(lengths.Classes[0].Grades), lengths.LeftOut.NoGrade + lengths.LeftOut.UnknownLength, 2},
		"tiers":         {tiersShown(tiers), tiers.LeftOut.NoGrade, 2},
		"breakthroughs": {len(breakthroughs.Grades), breakthroughs.LeftOut.NoGrade, 1},
		"attempts":      {attempts.Routes, attempts.LeftOut.RoutesNoGrade, 1},
		"projects":      {projects.Open, projects.LeftOut.RoutesNoGrade, 1},
	} {
		if got[0] != 0 || got[1] != got[2] {
			t.Errorf("%s shows %d, and leaves out %d of %d", chart, got[0], got[1], got[2])
		}
	}
}
