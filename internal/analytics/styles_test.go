package analytics

import (
	"reflect"
	"testing"

	"github.com/cragbase/cragbase/internal/climb"
)

// marked gives a tick the traits and the feel that 8a.nu's ascents have.
func marked(t tick, traits, feel string) tick {
	t.traits, t.feel = traits, feel
	return t
}

// styles is a logbook whose figures were worked out by hand.
func styles() []tick {
	return []tick{
		marked(sport("1", "2024-11-01", "A", "5.10a", "Onsight"), `["recommended","slab","technical"]`, "soft"),
		marked(sport("2", "2024-12-01", "B", "5.10a", "Flash"), `["crimpy","slab"]`, "hard"),
		marked(sport("3", "2025-01-01", "C", "5.10c", "Redpoint"), `["overhang"]`, "soft"),
		marked(sport("4", "2025-01-02", "C", "5.10c", "Redpoint"), `["overhang"]`, ""), // a repeat
		marked(sport("5", "2025-01-02", "D", "5.11a", "Fell/Hung"), `["overhang"]`, "hard"),
		marked(sport("6", "2025-01-02", "E", "project", "Pinkpoint"), `["slab"]`, ""),
		sport("7", "2025-01-02", "F", "5.9", ""),
		entry("8", "2025-01-03", "G", "V3", "Boulder", "Send", ""),
		entry("9", "2025-01-03", "H", "5.9", "Trad, Sport", "Follow", ""),
		withPrecision("year", sized(entry("10", "2025-01-01", "I", "V3", "Boulder", "Send", ""), 2, 0)),
	}
}

func part(p float64) *float64 { return &p }

func TestStyles(t *testing.T) {
	t.Parallel()
	got, err := stylesOf(styles(), Filter{})
	if err != nil {
		t.Fatal(err)
	}
	none := map[string]int{"onsight": 0, "flash": 0, "send": 0, "redpoint": 0, "pinkpoint": 0, "undetermined": 0}
	with := func(counts map[string]int) map[string]int {
		all := map[string]int{}
		for _, from := range []map[string]int{none, counts} {
			for style, n := range from {
				all[style] = n
			}
		}
		return all
	}
	for _, test := range []struct {
		what      string
		got, want any
	}{
		{"split of the seven sends", got.Split, []StyleShare{
			{"onsight", 1, part(0.1429)}, {"flash", 1, part(0.1429)}, {"send", 2, part(0.2857)}, {"redpoint", 2, part(0.2857)}, {"pinkpoint", 1, part(0.1429)}, {"undetermined", 0, part(0)},
		}},
		{"grades of sport, the hardest sent first, with the gap between", got.Grades, []GradeStyles{
			{GradeStep{"5.10c", 64, 65}, 2, with(map[string]int{"redpoint": 2}), part(0)},
			{GradeStep{"5.10b", 62, 63}, 0, with(nil), nil},
			{GradeStep{"5.10a", 57, 61}, 2, with(map[string]int{"onsight": 1, "flash": 1}), part(1)},
		}},
		{"disciplines, a route of two in both: 11 pitches", got.Disciplines, []DisciplineSplit{
			{climb.Sport, 8, 8, 5, 0.7273, part(0.4)}, {climb.Boulder, 2, 3, 2, 0.2727, part(0)}, {climb.Trad, 1, 1, 0, 0.0909, nil},
		}},
		{"disciplines by year", got.Years, []DisciplinePeriod{
			{Period{"2024", "2024-01-01", "2024-12-31"}, []DisciplineAmount{{climb.Sport, 2, 2}}},
			{Period{"2025", "2025-01-01", "2025-12-31"}, []DisciplineAmount{{climb.Sport, 6, 6}, {climb.Boulder, 2, 3}, {climb.Trad, 1, 1}}},
		}},
		{"disciplines by season", got.Seasons, []DisciplinePeriod{
			{Period{"Fall, 2024", "2024-09-01", "2024-11-30"}, []DisciplineAmount{{climb.Sport, 1, 1}}},
			{Period{"Winter, 2024-2025", "2024-12-01", "2025-02-28"}, []DisciplineAmount{{climb.Sport, 7, 7}, {climb.Boulder, 1, 1}, {climb.Trad, 1, 1}}},
		}},
		{"traits: routes once, sends of no grade too", got.Traits, []TraitShare{
			{"angle", "slab", 3, 0, 3, 3, []GradeCount{{"5.10a", 2}}},
			{"angle", "overhang", 3, 0, 2, 1, []GradeCount{{"5.10c", 1}}},
			{"energy", "technical", 1, 0, 1, 1, []GradeCount{{"5.10a", 1}}},
			{"hold", "crimpy", 1, 0, 1, 1, []GradeCount{{"5.10a", 1}}},
		}},
		{"feel of the sends", got.Feel, FeelShare{2, 1, 4, part(0.6667), part(0.3333)}},
		{"left out", got.LeftOut, StylesLeftOut{Undetermined: 1, Attempts: 1, OtherStyles: 1, NoGrade: 1, NoMonth: 1}},
		{"first go", []any{got.Sends, *got.FirstGoRate, got.Discipline, got.Scale}, []any{7, 0.2857, climb.Sport, climb.YDS}},
	} {
		if !reflect.DeepEqual(test.got, test.want) {
			t.Errorf("%s\n got %s\nwant %s", test.what, asJSON(test.got), asJSON(test.want))
		}
	}
}

func TestStylesFilters(t *testing.T) {
	t.Parallel()
	boulders, err := stylesOf(styles(), Filter{Discipline: climb.Boulder, Scale: climb.Font})
	if err != nil || boulders.Sends != 2 || len(boulders.Grades) != 1 || boulders.Grades[0].Grade != "6A" || boulders.LeftOut.NoTraits != 2 || boulders.LeftOut.OtherDisciplines != 8 {
		t.Errorf("boulders: %s, %v", asJSON(boulders), err)
	}
	counted, err := stylesOf(styles(), Filter{CountUnknown: true})
	if err != nil || counted.Sends != 8 || counted.Split[5].Sends != 1 || counted.LeftOut.Undetermined != 0 {
		t.Errorf("unknown counted: %s, %v", asJSON(counted), err)
	}
	empty, err := stylesOf(nil, Filter{})
	if err != nil || empty.FirstGoRate != nil || empty.Split[0].Share != nil || empty.Feel.SoftShare != nil || empty.Grades == nil || empty.Disciplines == nil ||
		empty.Years == nil || empty.Seasons == nil || empty.Traits == nil || len(empty.Split) != 6 {
		t.Errorf("an empty logbook: %s, %v", asJSON(empty), err)
	}
	if _, err := stylesOf([]tick{marked(sport("1", "2026-01-01", "A", "5.9", ""), `{"slab":1}`, "")}, Filter{}); err == nil {
		t.Error("traits that are no list were taken")
	}
}
