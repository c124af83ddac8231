package ukc

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
	names := strings.Split(strings.TrimSpace(header), ",")
	fields := []string{"Kettle", "6a+", "Lead RP", "", "", "01/May/26", "Anthill", "Derbyshire", "Peak District", "England", "1", "Sport"}
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

func TestDates(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule, text, date string // no date: skipped
		precision        entry.Precision
	}{
		{"a day", "31/May/23", "2023-05-31", entry.Day},
		{"a day with a whole year", "31/May/2023", "2023-05-31", entry.Day},
		{"a day with dashes", "31-May-23", "2023-05-31", entry.Day},
		{"a day in numbers, the day first", "03/05/2023", "2023-05-03", entry.Day},
		{"a day as a spreadsheet likes it", "2023-05-31", "2023-05-31", entry.Day},
		{"a month", "??/Apr/23", "2023-04-01", entry.Month},
		{"a month with a whole year", "??/Apr/2023", "2023-04-01", entry.Month},
		{"a month without a day", "Apr/2023", "2023-04-01", entry.Month},
		{"a year", "???/2023", "2023-01-01", entry.Year},
		{"a year with all its marks", "??/???/2023", "2023-01-01", entry.Year},
		{"a year of two digits", "???/98", "1998-01-01", entry.Year},
		{"a year alone", "2023", "2023-01-01", entry.Year},
		{"the last century", "31/Dec/99", "1999-12-31", entry.Day},
		{"this month, which has begun", "??/Jun/26", "2026-06-01", entry.Month},
		{"tomorrow", "16/Jun/26", "2026-06-16", entry.Day},
		{"the day after tomorrow", "17/Jun/26", "", entry.Day},
		{"next month", "??/Jul/26", "", entry.Month},
		{"next year, not a century ago", "???/27", "", entry.Year},
		{"no date", "", "", entry.Day},
		{"marks alone", "??/???/??", "", entry.Day},
		{"a dash", "-", "", entry.Day},
		{"a day that does not exist", "31/Feb/23", "", entry.Day},
		{"day 0", "00/May/23", "", entry.Day},
		{"month 0", "01/00/2023", "", entry.Day},
		{"a day of an unknown month", "31/???/2023", "", entry.Day},
		{"the American order", "05/31/2023", "", entry.Day},
		{"another language", "31/Mai/23", "", entry.Day},
		{"before anybody climbed", "01/May/1066", "", entry.Day},
		{"words", "last summer", "", entry.Day},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			tick, export := read(t, map[string]string{"Date": test.text})
			if tick.Date != test.date || test.date != "" && tick.Precision != test.precision {
				t.Errorf("%s %q, skipped %v; want %s %q", tick.Date, tick.Precision, export.Skipped, test.date, test.precision)
			}
		})
	}
}

func TestStyles(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text     string
		style    climb.Style
		lead     climb.LeadStyle
		attempts int
	}{
		{"Lead", "lead", "", 0},
		{"Lead O/S", "lead", "onsight", 1},
		{"Lead β", "lead", "flash", 1},
		{"Lead &beta;", "lead", "flash", 1},
		{"Lead Î²", "lead", "flash", 1},
		{"Lead Flash", "lead", "flash", 1},
		{"Lead RP", "lead", "redpoint", 0},
		{"Lead G/U", "lead", "redpoint", 0},
		{"Lead rpt", "lead", "redpoint", 0},
		{"Lead dog", "lead", "fell_hung", 0},
		{"Lead dnf", "lead", "fell_hung", 0},
		{"lead o/s", "lead", "onsight", 1},
		{"AltLd", "lead", "", 0},
		{"AltLd O/S", "lead", "onsight", 1},
		{"AltLd dnf", "lead", "fell_hung", 0},
		{"2nd", "follow", "", 0},
		{"2nd O/S", "follow", "", 1},
		{"2nd rpt", "follow", "", 0},
		{"2nd dog", "follow", "fell_hung", 0},
		{"TR", "tr", "", 0},
		{"TR O/S", "tr", "", 1},
		{"TR dnf", "tr", "fell_hung", 0},
		{"Solo", "solo", "", 0},
		{"Solo O/S", "solo", "onsight", 1},
		{"Solo rpt", "solo", "redpoint", 0},
		{"Solo dnf", "solo", "fell_hung", 0},
		{"DWS", "solo", "", 0},
		{"DWS β", "solo", "flash", 1},
		{"Sent", "send", "", 0},
		{"Sent x", "send", "", 0},
		{"Sent rpt", "send", "", 0},
		{"Sent Flash", "flash", "", 1},
		{"Sent β", "flash", "", 1},
		{"Sent O/S", "flash", "onsight", 1},
		{"Sent dnf", "attempt", "", 0},
		{"-", "", "", 0},
		{"", "", "", 0},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			t.Parallel()
			tick, export := read(t, map[string]string{"Style": test.text})
			if tick.Style != test.style || tick.LeadStyle != test.lead || tick.Attempts != test.attempts || len(export.Warnings) > 0 {
				t.Errorf("%q %q %d, want %q %q %d; %v", tick.Style, tick.LeadStyle, tick.Attempts, test.style, test.lead, test.attempts, export.Warnings)
			}
		})
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	is := func(list ...climb.Discipline) func(entry.Tick) bool {
		return func(t entry.Tick) bool { return slices.Equal(t.Disciplines, list) }
	}
	tests := []struct {
		rule    string
		cells   map[string]string
		holds   func(entry.Tick) bool
		warning string
	}{
		{"unknown styles are named", map[string]string{"Style": "Led it"}, func(t entry.Tick) bool { return t.Style == "" }, `the style "Led it" is not known, so its ticks have none`},
		{"a result of nothing", map[string]string{"Style": "- O/S"}, func(t entry.Tick) bool { return t.LeadStyle == "" }, `the style "- O/S" is not known, so its ticks have none`},
		{"sport", map[string]string{}, is(climb.Sport), ""},
		{"bouldering in Font", map[string]string{"Type": "Bouldering", "Grade": "f6A"}, func(t entry.Tick) bool {
			return is(climb.Boulder)(t) && t.Rating.Text == "f6A" && t.Rating.Grades[0].System == climb.Font
		}, ""},
		{"bouldering in V", map[string]string{"Type": "Bouldering", "Grade": "V5"}, func(t entry.Tick) bool { return t.Rating.Grades[0].System == climb.V }, ""},
		{
			"a British grade stays text",
			map[string]string{"Type": "Trad", "Grade": "E1 5b"},
			func(t entry.Tick) bool {
				return is(climb.Trad)(t) && t.Rating.Text == "E1 5b" && t.Rating.Grades == nil
			},
			"",
		},
		{
			"a winter grade stays text",
			map[string]string{"Type": "Winter", "Grade": "IV,5", "Country": "Scotland"},
			is(climb.Alpine),
			"",
		},
		{"winter on ice", map[string]string{"Type": "Winter", "Grade": "WI4"}, is(climb.Ice), ""},
		{"winter on rock and ice", map[string]string{"Type": "Winter", "Grade": "M6"}, is(climb.Mixed), ""},
		{"aid", map[string]string{"Type": "Aid", "Grade": "C0"}, is(climb.Aid), ""},
		{"a type that is no discipline", map[string]string{"Type": "Via Ferrata", "Grade": ""}, func(t entry.Tick) bool {
			return t.Disciplines == nil && t.RouteType == "Via Ferrata"
		}, `the type "Via Ferrata" is none of the disciplines that are told apart`},
		{"entities are decoded once", map[string]string{"Name": "Salt &amp;amp; Pepper", "Notes": "5&#39; long"}, func(t entry.Tick) bool {
			return t.RouteName == "Salt &amp; Pepper" && t.Notes == "5' long"
		}, ""},
		{"location", map[string]string{}, func(t entry.Tick) bool {
			return slices.Equal(t.Location, []string{"England", "Peak District", "Derbyshire", "Anthill"})
		}, ""},
		{"a region called like its country", map[string]string{"Country": "Wales", "Region": "Wales", "County": ""}, func(t entry.Tick) bool {
			return slices.Equal(t.Location, []string{"Wales", "Anthill"})
		}, ""},
		{"pitches", map[string]string{"Pitches": "4"}, func(t entry.Tick) bool { return t.Pitches == 4 }, ""},
		{"no pitch is one", map[string]string{"Pitches": "0"}, func(t entry.Tick) bool { return t.Pitches == 1 }, ""},
		{"pitches that are none", map[string]string{"Pitches": "many"}, func(t entry.Tick) bool { return t.Pitches == 1 }, `Pitches "many" is not a whole number up to 1000`},
		{"partners, if they come back", map[string]string{"Partner(empty)": "Anna", "Notes": "fine"}, func(t entry.Tick) bool { return t.Notes == "fine\nWith Anna" }, ""},
		{"nothing that the export does not have", map[string]string{}, func(t entry.Tick) bool {
			return t.ID == "" && t.RouteID == "" && t.RouteURL == "" && t.LengthFeet == 0 && t.AvgStars == -1 && t.YourStars == -1
		}, ""},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			tick, export := read(t, test.cells)
			if len(export.Ticks) != 1 || !test.holds(tick) {
				t.Errorf("%+v, skipped %v", tick, export.Skipped)
			}
			if len(export.Warnings) > 1 || len(export.Warnings) == 1 != (test.warning != "") || len(export.Warnings) == 1 && export.Warnings[0].Reason != test.warning {
				t.Errorf("warned of %v, want %s", export.Warnings, test.warning)
			}
		})
	}
}

// A logbook of two thousand via ferratas has one warning of them.
func TestWarningsAreNotRepeated(t *testing.T) {
	t.Parallel()
	row := strings.Replace(plainRow, ",Sport\n", ",Via Ferrata\n", 1)
	export, err := Parse([]byte(header+strings.Repeat(row, 50)), entry.Limits{}, sourcetest.Now())
	if err != nil || len(export.Ticks) != 50 || len(export.Warnings) != 1 || export.Warnings[0].Line != 2 {
		t.Errorf("%v, %v", err, export.Warnings)
	}
}

// The real export, where it is there. Checked by hand: 4 rows, 4 ticks, none skipped, all in Smith Rock, Oregon. Two led 5.8 of
// a day with nothing said of how they went, a 5.9 of a month and an aid route of 4 pitches of a year, both without a style.
func TestRealExport(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../../../shared/data/other-exports/CookiesImproveYourExperience_Logbook_DLOG.csv")
	if err != nil {
		t.Log("no real exports here: the synthetic sample has the same quirks")
		return
	}
	export, err := Parse(content, entry.Limits{}, sourcetest.Now())
	if err != nil || len(export.Ticks) != 4 || len(export.Skipped)+len(export.Warnings) != 0 || !Recognise(content) {
		t.Fatalf("%v: %+v", err, export)
	}
	for i, want := range []struct {
		name, date, grade string
		precision         entry.Precision
		style             climb.Style
		discipline        climb.Discipline
		pitches           int
	}{
		{"Five Gallon Buckets", "2023-05-31", "5.8", entry.Day, climb.StyleLead, climb.Sport, 1},
		{"Lion's Jaw", "2023-05-31", "5.8", entry.Day, climb.StyleLead, climb.Trad, 1},
		{"The Outsiders", "2023-04-01", "5.9", entry.Month, climb.StyleNone, climb.Sport, 1},
		{"Pioneer Route", "2023-01-01", "C0", entry.Year, climb.StyleNone, climb.Aid, 4},
	} {
		got := export.Ticks[i]
		if got.RouteName != want.name || got.Date != want.date || got.Rating.Grades[0].Text != want.grade || got.Precision != want.precision ||
			got.Style != want.style || got.LeadStyle != "" || got.Disciplines[0] != want.discipline || got.Pitches != want.pitches ||
			!slices.Equal(got.Location, []string{"USA", "Oregon", "OR Smith Rocks", "Smith Rock"}) {
			t.Errorf("%+v", got)
		}
	}
}
