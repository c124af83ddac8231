package twentysevencrags

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/entry"
	"github.com/cragbase/cragbase/internal/logbook/sourcetest"
)

// 8 rows, 5 ticks: 6 is still to be done, 7 was deleted, 8 has no date.
func source(tb testing.TB) sourcetest.Source {
	tb.Helper()
	return sourcetest.Source{
		Name: "27crags", Recognise: Recognise, Parse: Parse, Sample: sourcetest.Sample(tb, "27crags.export.json"), Ticks: 5, Skipped: 3,
		Rows: func(n int) []byte {
			return []byte(export(strings.TrimSuffix(strings.Repeat(`{"route_id":7,"date":"2026-05-01","grade_opinion":"6b","ascent_type":"flash"},`, n), ",")))
		},
		UTF8Only: true,
	}
}

// export is an export with ascents.
func export(ascents string) string {
	return fmt.Sprintf(`{"climber":{"id":1,"param_id":"ada","ascents":[%s],"posts":[]}}`+"\n", ascents)
}

func TestSource(t *testing.T) { sourcetest.Run(t, source(t)) }

func FuzzParse(f *testing.F) { sourcetest.Fuzz(f, source(f)) }

func parse(t *testing.T, content []byte) *entry.Export {
	t.Helper()
	got, err := Parse(content, entry.Limits{}, sourcetest.Now())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestTicks(t *testing.T) {
	t.Parallel()
	got := parse(t, sourcetest.Sample(t, "27crags.export.json"))
	second := entry.Tick{
		Line: 2, ID: "2", Date: "2026-05-03", RouteName: "Route 502", RouteID: "502", RouteType: "Sport", Disciplines: []climb.Discipline{climb.Sport},
		Rating: climb.ParseRating("6b+"), Style: climb.StyleLead, LeadStyle: climb.LeadRedpoint, Pitches: 1, AvgStars: -1, YourStars: 1.6, Notes: "Tuulinen päivä",
	}
	if !reflect.DeepEqual(got.Ticks[1], second) {
		t.Errorf("got\n%+v, want\n%+v", got.Ticks[1], second)
	}
	if boulder := got.Ticks[2]; boulder.Disciplines[0] != climb.Boulder || boulder.Style != climb.StyleFlash || boulder.Attempts != 1 || !slices.Equal(boulder.Traits, []string{"first ascent"}) {
		t.Errorf("a grade in capitals is a boulder's: %+v", boulder)
	}
	if again := got.Ticks[3]; again.Style != climb.StyleTopRope || !slices.Equal(again.Traits, []string{"repeat"}) {
		t.Errorf("a repeat on top-rope: %+v", again)
	}
	// one for the whole file, and of number 5 that its grade is a number and its type unknown
	if len(got.Warnings) != 3 || got.Warnings[1].Line != 5 || got.Warnings[2].Line != 5 {
		t.Errorf("%v", got.Warnings)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for text, found := range map[string]string{
		`{"climber":{"id":1}}`: "JSON without a list of ascents", `{"climber":{"ascents":{}}}`: "JSON without a list of ascents",
		`{"ascents":[{"ascentId":1}]}`: "JSON of something else", `{"climber":{"ascents":[`: "breaks off", export("") + "x": "something behind the end",
		export("}"): "no JSON", `{"climber":{"ascents":[],"ascents":[]}}`: "two lists of ascents", "ascents": "a text that begins with",
	} {
		var format *entry.FormatError
		if _, err := Parse([]byte(text), entry.Limits{}, sourcetest.Now()); !errors.As(err, &format) || !strings.Contains(format.Found, found) {
			t.Errorf("%q: %v, want %q found", text, err, found)
		}
	}
}

func TestOddAscents(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule, ascent   string
		ticks, remarks int // remarks beside the one of the whole file
	}{
		{"a rating of another type", `{"route_id":7,"date":"2026-05-01","grade_opinion":"6b","rating":"good"}`, 1, 1},
		{"a grade that is a number", `{"route_id":7,"date":"2026-05-01","grade_opinion":800}`, 1, 1},
		{"an unknown grade", `{"route_id":7,"date":"2026-05-01","grade_opinion":"stiff"}`, 1, 1},
		{"no grade", `{"route_id":7,"date":"2026-05-01","grade_opinion":"?"}`, 1, 0},
		{"no ascent", `7`, 0, 0},
		{"null", `null`, 0, 0},
		{"no route", `{"date":"2026-05-01"}`, 0, 0},
	}
	for _, test := range tests {
		got := parse(t, []byte(export(test.ascent)))
		if len(got.Ticks) != test.ticks || len(got.Skipped) != 1-test.ticks || len(got.Warnings) != test.ticks+test.remarks {
			t.Errorf("%s: %d ticks, skipped %v, warnings %v", test.rule, len(got.Ticks), got.Skipped, got.Warnings)
		}
	}
}

// The real export has 2 rows and 2 ticks, an onsight of 7b and a redpoint of 6b+, and one warning, of what it does not name.
func TestRealSample(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../../../shared/data/other-exports/export-2023-06-01.json")
	if err != nil {
		t.Log("no real exports here: the synthetic sample has the same quirks")
		return
	}
	got := parse(t, content)
	if len(got.Ticks) != 2 || len(got.Skipped) != 0 || len(got.Warnings) != 1 || !Recognise(content[:1024]) {
		t.Fatalf("%d ticks, skipped %v, warnings %v", len(got.Ticks), got.Skipped, got.Warnings)
	}
	if got.Ticks[0].LeadStyle != climb.LeadOnsight || got.Ticks[0].Rating.Text != "7b" || got.Ticks[1].LeadStyle != climb.LeadRedpoint {
		t.Errorf("%+v", got.Ticks)
	}
}
