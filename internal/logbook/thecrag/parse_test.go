package thecrag

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/entry"
	"github.com/cragbase/cragbase/internal/logbook/sourcetest"
)

// read parses one row that differs from the plain one in some cells.
func read(t *testing.T, cells map[string]string) (entry.Tick, *entry.Export) {
	t.Helper()
	names, fields := strings.Split(strings.TrimSpace(header), ","), strings.Split(strings.TrimSuffix(plainRow, "\n"), ",")
	for name, text := range cells {
		i := slices.Index(names, name)
		if i < 0 {
			t.Fatalf("no column %s", name)
		}
		fields[i] = `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	}
	export, err := Parse([]byte(header+strings.Join(fields, ",")+"\n"), entry.Limits{}, sourcetest.Now())
	if err != nil {
		t.Fatal(err)
	}
	if len(export.Ticks) == 0 {
		return entry.Tick{}, export
	}
	return export.Ticks[0], export
}

func TestStyles(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule, kind, route, gear string
		style                   climb.Style
		lead                    climb.LeadStyle
	}{
		{"onsight", "Onsight", "Sport", "Sport", "lead", "onsight"},
		{"flash", "Flash", "Trad", "", "lead", "flash"},
		{"red point", "Red point", "Sport", "Sport", "lead", "redpoint"},
		{"red point in one word", "Redpoint", "Sport", "Sport", "lead", "redpoint"},
		{"ground up", "Ground up red point", "Trad", "Trad", "lead", "redpoint"},
		{"pink point", "Pink point", "Sport", "Sport", "lead", "pinkpoint"},
		{"green point", "Green point", "Sport", "Trad", "lead", "redpoint"},
		{"green point onsight, in the older spelling", "Greenpoint onsight", "Sport", "Trad", "lead", "onsight"},
		{"hang dog", "Hang dog", "Sport", "Sport", "lead", "fell_hung"},
		{"free, with rests", "All free with rest", "Trad", "Trad", "lead", "fell_hung"},
		{"attempt", "Attempt", "Sport", "Sport", "lead", "fell_hung"},
		{"working", "Working", "Sport", "Sport", "lead", "fell_hung"},
		{"retreat", "Retreat", "Alpine", "Alpine", "lead", "fell_hung"},
		{"lead, and no word of how", "Lead", "Trad", "Trad", "lead", ""},
		{"tick says no more than that", "Tick", "Trad", "Trad", "", ""},
		{"clean, and not said whether led", "Clean", "Trad", "Trad", "send", ""},
		{"first ascent", "First ascent", "Trad", "Trad", "", ""},
		{"first free ascent", "First free ascent", "Trad", "Trad", "send", ""},
		{"top rope", "Top rope", "Sport", "", "tr", ""},
		{"top rope clean is no send", "Top rope clean", "Sport", "", "tr", ""},
		{"with brackets", "Top rope (clean)", "Sport", "", "tr", ""},
		{"top rope with rest is a failure", "Top rope with rest", "Sport", "", "tr", "fell_hung"},
		{"top rope by gear style", "Onsight", "Sport", "Top rope", "tr", ""},
		{"top rope by gear style, with a rest", "Hang dog", "Sport", "Top rope", "tr", "fell_hung"},
		{"roped solo", "Roped Solo", "Sport", "", "tr", ""},
		{"lead solo", "Lead solo", "Sport", "", "lead", ""},
		{"second", "Second", "Trad", "", "follow", ""},
		{"second clean", "Second clean", "Trad", "", "follow", ""},
		{"second by gear style", "Clean", "Trad", "Second", "follow", ""},
		{"second with rest", "Second with rest", "Trad", "", "follow", "fell_hung"},
		{"solo", "Solo", "Trad", "", "solo", ""},
		{"onsight solo", "Onsight solo", "Trad", "", "solo", "onsight"},
		{"free solo by gear style", "Red point", "Trad", "Free solo", "solo", "redpoint"},
		{"deep water solo", "Deep water solo", "Deep water solo", "", "solo", ""},
		{"send", "Send", "Boulder", "Boulder", "send", ""},
		{"repeat", "Repeat", "Boulder", "Boulder", "send", ""},
		{"red point of a boulder", "Red point", "Boulder", "", "send", ""},
		{"flash of a boulder", "Flash", "Boulder", "Boulder", "flash", ""},
		{"onsight of a boulder", "Onsight", "Boulder", "Boulder", "flash", "onsight"},
		{"a dab is no send", "Dab", "Boulder", "Boulder", "attempt", ""},
		{"aid", "Aid", "Aid", "Aid", "lead", ""},
		{"ghost", "Ghost", "Sport", "Sport", "", ""},
		{"a word of the future", "Moon point", "Sport", "Sport", "", ""},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			tick, _ := read(t, map[string]string{"Ascent Type": test.kind, "Route Gear Style": test.route, "Ascent Gear Style": test.gear})
			if tick.Style != test.style || tick.LeadStyle != test.lead {
				t.Errorf("%q %q, want %q %q", tick.Style, tick.LeadStyle, test.style, test.lead)
			}
		})
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule     string
		cells    map[string]string
		holds    func(entry.Tick) bool
		warnings string // in one
	}{
		{"metres", map[string]string{"Route Height": "30m"}, func(t entry.Tick) bool { return t.LengthFeet == 98 }, ""},
		{"feet", map[string]string{"Route Height": "100ft"}, func(t entry.Tick) bool { return t.LengthFeet == 100 }, ""},
		{"no unit is metres", map[string]string{"Route Height": "12.5"}, func(t entry.Tick) bool { return t.LengthFeet == 41 }, ""},
		{"the ascent's height stands in", map[string]string{"Route Height": "", "Ascent Height": "10 m"}, func(t entry.Tick) bool { return t.LengthFeet == 33 }, ""},
		{"no height", map[string]string{"Route Height": "tall"}, func(t entry.Tick) bool { return t.LengthFeet == 0 }, `Route Height "tall" is no height in metres or feet`},
		{"three stars of three", map[string]string{"Route Stars": "***"}, func(t entry.Tick) bool { return t.AvgStars == 4 }, ""},
		{"a star of three", map[string]string{"Route Stars": "*"}, func(t entry.Tick) bool { return t.AvgStars == 1.3 }, ""},
		{"no stars", map[string]string{"Route Stars": ""}, func(t entry.Tick) bool { return t.AvgStars == -1 }, ""},
		{"best quality", map[string]string{"Quality": "Mega Classic"}, func(t entry.Tick) bool { return t.YourStars == 4 }, ""},
		{"average quality", map[string]string{"Quality": "Average"}, func(t entry.Tick) bool { return t.YourStars == 1.3 }, ""},
		{"worst quality", map[string]string{"Quality": "Crap"}, func(t entry.Tick) bool { return t.YourStars == 0 }, ""},
		{"unknown quality", map[string]string{"Quality": "Meh"}, func(t entry.Tick) bool { return t.YourStars == -1 }, `the quality "Meh" is not known and was left out`},
		{"shots are tries", map[string]string{"Shot": "3"}, func(t entry.Tick) bool { return t.Attempts == 3 }, ""},
		{"an onsight is the first try", map[string]string{"Ascent Type": "Onsight", "Shot": "3"}, func(t entry.Tick) bool { return t.Attempts == 1 }, ""},
		{"laps", map[string]string{"# Ascents": "4"}, func(t entry.Tick) bool { return t.Pitches == 4 }, ""},
		{"laps that are none", map[string]string{"# Ascents": "four"}, func(t entry.Tick) bool { return t.Pitches == 1 }, `# Ascents "four" is not a whole number up to 1000`},
		{"ids", map[string]string{"Ascent ID": "12", "Route ID": "34"}, func(t entry.Tick) bool { return t.ID == "12" && t.RouteID == "34" }, ""},
		{"the route's page", map[string]string{"Route Link": "http://www.thecrag.com/route/34"}, func(t entry.Tick) bool { return t.RouteURL == "https://www.thecrag.com/route/34" }, ""},
		{"a foreign page", map[string]string{"Route Link": "https://evil.example/route/34"}, func(t entry.Tick) bool { return t.RouteURL == "" }, ""},
		{"the climber's grade", map[string]string{"Ascent Grade": "7a+"}, func(t entry.Tick) bool { return t.YourGrade == "7a+" && t.Rating.Text == "7a" }, ""},
		{"the climber's grade stands in", map[string]string{"Route Grade": "", "Ascent Grade": "7a+"}, func(t entry.Tick) bool { return t.Rating.Text == "7a+" }, ""},
		{
			"a British grade stays text",
			map[string]string{"Route Grade": "E1 5b", "Route Gear Style": "Trad"},
			func(t entry.Tick) bool { return t.Rating.Text == "E1 5b" && t.Rating.Grades == nil },
			`the grade "E1 5b" is of a system that is not compared with others, so it stays text`,
		},
		{
			"Ewbank where it is at home",
			map[string]string{"Route Grade": "22", "Country": "Australia"},
			func(t entry.Tick) bool { return len(t.Rating.Grades) == 1 && t.Rating.Grades[0].System == climb.Ewbank },
			"",
		},
		{
			"who pulled on gear was aid climbing",
			map[string]string{"Ascent Gear Style": "Aid", "Ascent Type": "Tick"},
			func(t entry.Tick) bool { return slices.Equal(t.Disciplines, []climb.Discipline{climb.Aid}) },
			`the grade "7a" is not`,
		},
		{
			"the route's gear style is the discipline, not the ascent's",
			map[string]string{"Ascent Gear Style": "Top rope"},
			func(t entry.Tick) bool { return slices.Equal(t.Disciplines, []climb.Discipline{climb.Sport}) },
			"",
		},
		{
			"an unknown gear style of a route",
			map[string]string{"Route Gear Style": "Unknown", "Ascent Gear Style": "Trad"},
			func(t entry.Tick) bool { return slices.Equal(t.Disciplines, []climb.Discipline{climb.Trad}) },
			"",
		},
		{
			"a gear style that is no discipline",
			map[string]string{"Route Gear Style": "Via ferrata", "Ascent Type": "Tick"},
			func(t entry.Tick) bool { return t.Disciplines == nil && t.RouteType == "Via ferrata" },
			`the gear style "Via ferrata" is none of the disciplines that are told apart`,
		},
		{
			"unknown ascent types are named",
			map[string]string{"Ascent Type": "Ghost"},
			func(t entry.Tick) bool { return t.Style == climb.StyleNone },
			`the ascent type "Ghost" is not known, so its ticks have no style`,
		},
		{
			"the country stands first",
			map[string]string{"Crag Path": "Anthill - North - Kitchen"},
			func(t entry.Tick) bool {
				return slices.Equal(t.Location, []string{"France", "Anthill", "North", "Kitchen"})
			},
			"",
		},
		{
			"a crag with a dash in its name",
			map[string]string{"Crag Name": "Ant - Hill", "Crag Path": "Ant - Hill - North"},
			func(t entry.Tick) bool { return slices.Equal(t.Location, []string{"France", "Ant - Hill", "North"}) },
			"",
		},
		{
			"the crag where there is no path",
			map[string]string{"Crag Path": ""},
			func(t entry.Tick) bool { return slices.Equal(t.Location, []string{"France", "Anthill"}) },
			"",
		},
		{
			"label and partners are kept",
			map[string]string{"Comment": "fine", "Ascent Label": "Pitch 2", "With": "Anna"},
			func(t entry.Tick) bool { return t.Notes == "fine\nPitch 2\nWith Anna" },
			"",
		},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			tick, export := read(t, test.cells)
			if len(export.Ticks) != 1 || !test.holds(tick) {
				t.Errorf("%+v, skipped %v", tick, export.Skipped)
			}
			var warnings []string
			for _, w := range export.Warnings {
				warnings = append(warnings, w.Reason)
			}
			if got := strings.Join(warnings, "; "); !strings.HasPrefix(test.warnings, `the grade "7a" is not`) && got != test.warnings {
				t.Errorf("warned of %s, want %s", got, test.warnings)
			}
		})
	}
}

func TestSkipped(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule   string
		cells  map[string]string
		reason string
		noTick bool // for certain
	}{
		{"no date", map[string]string{"Ascent Date": ""}, "the date is missing", true},
		{"a date to come", map[string]string{"Ascent Date": "2027-01-01T00:00:00Z"}, "the date 2027-01-01 is still to come", false},
		{"no name", map[string]string{"Route Name": " "}, "the route has no name", false},
		{"a wish", map[string]string{"Ascent Type": "Target"}, `"Target" is a climb that somebody wants to do, and no ascent`, true},
		{"a wish by another word", map[string]string{"Ascent Type": "Hit"}, `"Hit" is a climb that somebody wants to do, and no ascent`, true},
		{"shifted cells", map[string]string{"Ascent ID": "Red point"}, "an ID is not a number, so the cells stand under the wrong columns", false},
		{"a grade as long as a book", map[string]string{"Route Grade": strings.Repeat("7a ", 100)}, `the grade "7a 7a 7a 7a 7a 7a 7a 7a 7a 7a 7a 7a 7a 7..." is longer than 200 characters`, false},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			_, export := read(t, test.cells)
			if len(export.Skipped) != 1 || export.Skipped[0] != (entry.Remark{Line: 2, Reason: test.reason, NoTick: test.noTick}) {
				t.Errorf("skipped %v, want %s, for certain: %v", export.Skipped, test.reason, test.noTick)
			}
		})
	}
}

// Some exports of the site have Route Name over the grades and Route Grade over the names. A route that is called like a
// grade does not make one of them.
func TestSwappedHeaders(t *testing.T) {
	t.Parallel()
	swap := func(s string) string {
		return strings.Replace(strings.Replace(strings.Replace(s, "Kettle,", "*,", 1), "7a,", "Kettle,", 1), "*,", "7a,", 1)
	}
	for rule, content := range map[string]string{
		"as it should be":           header + plainRow + plainRow,
		"swapped":                   header + swap(plainRow) + swap(plainRow),
		"one route called 7a":       header + plainRow + plainRow + strings.Replace(plainRow, "Kettle", "7a", 1),
		"swapped, one row no grade": header + swap(plainRow) + swap(plainRow) + strings.Replace(swap(plainRow), "7a", "", 1),
	} {
		export, err := Parse([]byte(content), entry.Limits{}, sourcetest.Now())
		if err != nil {
			t.Fatal(err)
		}
		for _, tick := range export.Ticks[:2] {
			if tick.RouteName != "Kettle" || tick.Rating.Text != "7a" {
				t.Errorf("%s: %s, %s", rule, tick.RouteName, tick.Rating.Text)
			}
		}
		if warned := len(export.Warnings) == 1; warned != strings.HasPrefix(rule, "swapped") {
			t.Errorf("%s: warnings %v", rule, export.Warnings)
		}
	}
}

// The real export, where it is there. Checked by hand: 3 rows, 3 ticks, none skipped; two red points (5.7 PG13, 98 ft, and
// 5.6, 39 ft) and a boulder of V3, all of 2023-06-01, with three stars, in the United States, Joshua Tree.
func TestRealExport(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../../../shared/data/other-exports/thecrag-logbook-2023-06-01.csv")
	if err != nil {
		t.Log("no real exports here: the synthetic sample has the same quirks")
		return
	}
	export, err := Parse(content, entry.Limits{}, sourcetest.Now())
	if err != nil || len(export.Ticks) != 3 || len(export.Skipped)+len(export.Warnings) != 0 || !Recognise(content) {
		t.Fatalf("%v: %+v", err, export)
	}
	for i, want := range []struct {
		name, grade string
		feet        int
		style       climb.Style
		discipline  climb.Discipline
		depth       int
	}{
		{"Double Cross", "5.7", 98, climb.StyleLead, climb.Trad, 5},
		{"SW Corner", "5.6", 39, climb.StyleLead, climb.Sport, 6},
		{"Caveman Finish", "V3", 7, climb.StyleSend, climb.Boulder, 4},
	} {
		got := export.Ticks[i]
		if got.RouteName != want.name || got.Rating.Grades[0].Text != want.grade || got.LengthFeet != want.feet || got.Style != want.style ||
			got.Disciplines[0] != want.discipline || len(got.Location) != want.depth || got.Location[1] != "Joshua Tree National Park" ||
			got.AvgStars != 4 || got.Date != "2023-06-01" || got.ID == "" || got.RouteID == "" {
			t.Errorf("%+v", got)
		}
	}
}
