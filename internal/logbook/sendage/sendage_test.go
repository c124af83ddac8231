package sendage

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/entry"
	"github.com/cragbase/cragbase/internal/logbook/sourcetest"
)

const preamble = "\"These climbs were exported from Sendage Climbing.\",http://sendage.com\nAda,2026-06-14\n\n\n"

const header = `Date,"Send Type",Climb,"Climb Type",Grade,Area,Country,Rating,Comments` + "\n"

// 8 rows, 6 ticks: line 12 has no date, and line 13 one that no calendar has.
func source(tb testing.TB) sourcetest.Source {
	tb.Helper()
	return sourcetest.Source{
		Name: "sendage", Recognise: Recognise, Parse: Parse, Sample: sourcetest.Sample(tb, "sendage.export.csv"), Ticks: 6, Skipped: 2,
		Rows: sourcetest.Repeat(preamble+header, `2026-05-01,flash,"Lump Sum",boulder,V4,"Sugar Boulders",,,`+"\n"),
	}
}

func TestSource(t *testing.T) { sourcetest.Run(t, source(t)) }

func FuzzParse(f *testing.F) { sourcetest.Fuzz(f, source(f)) }

func parse(t *testing.T, content []byte) *entry.Export {
	t.Helper()
	export, err := Parse(content, entry.Limits{}, sourcetest.Now())
	if err != nil {
		t.Fatal(err)
	}
	return export
}

func TestTicks(t *testing.T) {
	t.Parallel()
	export := parse(t, sourcetest.Sample(t, "sendage.export.csv"))
	first := entry.Tick{
		Line: 6, Date: "2026-06-12", RouteName: "Kettle Café", RouteType: "sport", Disciplines: []climb.Discipline{climb.Sport},
		Rating: climb.ParseRating("5.11c"), Style: climb.StyleLead, LeadStyle: climb.LeadOnsight, Attempts: 1, Pitches: 1,
		Location: []string{"United States", "Tea Wall"}, AvgStars: -1, YourStars: 3.2, Notes: `Very "British", très chic`,
	}
	if !reflect.DeepEqual(export.Ticks[0], first) {
		t.Errorf("got\n%+v, want\n%+v", export.Ticks[0], first)
	}
	want := []struct {
		grade  string
		family climb.Family
		result climb.Result
	}{
		{"5.11c", climb.FamilyRoute, climb.ResultOnsight},
		{"7a+", climb.FamilyRoute, climb.ResultRedpoint}, // capitals on a route
		{"V4", climb.FamilyBoulder, climb.ResultFlash},
		{"6C+", climb.FamilyBoulder, climb.ResultOnsight}, // small letters on a boulder
		{"V8", climb.FamilyBoulder, climb.ResultAttempt},
		{"5.9", climb.FamilyRoute, climb.ResultUnknown}, // words that nobody knows
	}
	for i, tick := range export.Ticks {
		got := tick.Rating
		if got.Text != want[i].grade || got.Grades[0].Family() != want[i].family || climb.ResultOf(tick.Style, tick.LeadStyle) != want[i].result {
			t.Errorf("tick %d: %+v", i, tick)
		}
	}
	if len(export.Warnings) != 2 || export.Warnings[0].Line != 11 || !export.NewestFirst {
		t.Errorf("warnings %v, newest first %v", export.Warnings, export.NewestFirst)
	}
	if lines := []int{export.Skipped[0].Line, export.Skipped[1].Line}; !slices.Equal(lines, []int{12, 13}) {
		t.Errorf("skipped %v", export.Skipped)
	}
}

// Somebody who opens an export in an editor removes what looks odd, and a spreadsheet separates otherwise.
func TestPreambles(t *testing.T) {
	t.Parallel()
	row := "2026-05-01,flash,Lump Sum,boulder,V4,Sugar Boulders,,,\n"
	for rule, test := range map[string]struct {
		text string
		line int
	}{
		"as exported": {preamble + header + row, 6}, "none": {header + row, 2}, "a mark before it": {"\ufeff" + preamble + header + row, 6},
		"semicolons": {strings.ReplaceAll(preamble+header+row, ",", ";"), 6},
	} {
		if export := parse(t, []byte(test.text)); len(export.Ticks) != 1 || export.Ticks[0].Line != test.line || !Recognise([]byte(test.text)) {
			t.Errorf("%s: %+v", rule, export)
		}
	}
	if Recognise([]byte(strings.Repeat("\n", 30)+preamble)) || Recognise([]byte(preamble)) {
		t.Error("a preamble alone is recognised")
	}
}

// The real export has 2 rows: 1 tick, a flash of a V4, and 1 row without a date, which is skipped for that.
func TestRealSample(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../../../shared/data/other-exports/Sendage_Climbing_export_L_2023-06-01.csv")
	if err != nil {
		t.Log("no real exports here: the synthetic sample has the same quirks")
		return
	}
	export := parse(t, content)
	if len(export.Ticks) != 1 || export.Ticks[0].Line != 6 || export.Ticks[0].Style != climb.StyleFlash {
		t.Errorf("%+v", export.Ticks)
	}
	if want := []entry.Remark{{Line: 7, Reason: "the date is missing", NoTick: true}}; !slices.Equal(export.Skipped, want) || len(export.Warnings) != 0 {
		t.Errorf("skipped %v, warnings %v", export.Skipped, export.Warnings)
	}
}
