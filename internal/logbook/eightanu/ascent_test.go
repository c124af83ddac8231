package eightanu

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/entry"
	"github.com/cragbase/cragbase/internal/logbook/sourcetest"
)

func parse(t *testing.T, text string) *entry.Export {
	t.Helper()
	export, err := Parse([]byte(text), entry.Limits{}, sourcetest.Now())
	if err != nil {
		t.Fatal(err)
	}
	return export
}

// with is an ascent whose later fields win over the plain ones.
func with(fields string) string { return "{" + plainFields + "," + fields + "}" }

func TestAscents(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule, fields string
		style        climb.Style
		lead         climb.LeadStyle
		attempts     int
		grade        string
		system       climb.System
		warnings     int
	}{
		{"redpoint", `"type":"rp"`, climb.StyleLead, climb.LeadRedpoint, 0, "7a+", climb.French, 0},
		{"second go", `"secondGo":true`, climb.StyleLead, climb.LeadRedpoint, 2, "7a+", climb.French, 0},
		{"onsight", `"type":"os"`, climb.StyleLead, climb.LeadOnsight, 1, "7a+", climb.French, 0},
		{"second go says nothing of a flash", `"type":"f","secondGo":true`, climb.StyleLead, climb.LeadFlash, 1, "7a+", climb.French, 0},
		{"top-rope", `"type":"tr"`, climb.StyleTopRope, climb.LeadNone, 0, "7a+", climb.French, 0},
		{"a go", `"type":"go"`, climb.StyleLead, climb.LeadFellHung, 0, "7a+", climb.French, 0},
		{"a project is no send", `"project":true`, climb.StyleLead, climb.LeadFellHung, 0, "7a+", climb.French, 0},
		{"a project that was an onsight", `"project":true,"type":"os"`, climb.StyleLead, climb.LeadFellHung, 0, "7a+", climb.French, 1},
		{"an unknown type", `"type":"zz"`, climb.StyleNone, climb.LeadNone, 0, "7a+", climb.French, 1},
		{"a boulder", `"category":1`, climb.StyleSend, climb.LeadNone, 0, "7A+", climb.Font, 0},
		{"an onsight of a boulder", `"category":1,"type":"os"`, climb.StyleFlash, climb.LeadOnsight, 1, "7A+", climb.Font, 0},
		{"a project of boulders", `"category":1,"project":true`, climb.StyleAttempt, climb.LeadNone, 0, "7A+", climb.Font, 0},
		{"a route in capitals", `"difficulty":"7A+"`, climb.StyleLead, climb.LeadRedpoint, 0, "7a+", climb.French, 0},
		{"no category, a grade in capitals", `"category":null,"difficulty":"7A+"`, climb.StyleSend, climb.LeadNone, 0, "7A+", climb.Font, 1},
		{"no category", `"category":null`, climb.StyleLead, climb.LeadRedpoint, 0, "7a+", climb.French, 1},
		{"a grade number that disagrees", `"zlagGradeIndex":25`, climb.StyleLead, climb.LeadRedpoint, 0, "7a+", climb.French, 1},
		{"a grade number that is none", `"zlagGradeIndex":20`, climb.StyleLead, climb.LeadRedpoint, 0, "7a+", climb.French, 1},
		{"a grade number alone", `"difficulty":"","zlagGradeIndex":25`, climb.StyleLead, climb.LeadRedpoint, 0, "7b", climb.French, 0},
		{"number 0 stands for no grade", `"zlagGradeIndex":0`, climb.StyleLead, climb.LeadRedpoint, 0, "7a+", climb.French, 0},
		{"no grade", `"difficulty":"?","zlagGradeIndex":null`, climb.StyleLead, climb.LeadRedpoint, 0, "", "", 0},
		{"two grades", `"difficulty":"7a/7a+","zlagGradeIndex":23`, climb.StyleLead, climb.LeadRedpoint, 0, "7a/7a+", climb.French, 0},
		{"an unknown grade", `"difficulty":"stiff"`, climb.StyleLead, climb.LeadRedpoint, 0, "stiff", "", 1},
		{"a field of another type", `"rating":"good"`, climb.StyleLead, climb.LeadRedpoint, 0, "7a+", climb.French, 1},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			export := parse(t, page(with(test.fields)))
			if len(export.Ticks) != 1 || len(export.Warnings) != test.warnings {
				t.Fatalf("%d ticks, skipped %v, warnings %v", len(export.Ticks), export.Skipped, export.Warnings)
			}
			tick := export.Ticks[0]
			if tick.Style != test.style || tick.LeadStyle != test.lead || tick.Attempts != test.attempts {
				t.Errorf("%q, %q, %d tries; want %q, %q, %d", tick.Style, tick.LeadStyle, tick.Attempts, test.style, test.lead, test.attempts)
			}
			var system climb.System
			if len(tick.Rating.Grades) > 0 {
				system = tick.Rating.Grades[0].System
			}
			if tick.Rating.Text != test.grade || system != test.system {
				t.Errorf("%q of %q, want %q of %q", tick.Rating.Text, system, test.grade, test.system)
			}
		})
	}
}

// The sample's first boulder, with all that it has.
func TestWholeAscent(t *testing.T) {
	t.Parallel()
	got := parse(t, string(sourcetest.Sample(t, "eight_a.pages.json"))).Ticks[2]
	want := entry.Tick{
		Line: 3, ID: "9100005", Date: "2026-05-02", RouteName: "N.N.", RouteID: "hiboux/unknown-sector-0c1d2/n-n-77f00",
		RouteURL:  "https://www.8a.nu/crags/bouldering/france/hiboux/sectors/unknown-sector-0c1d2/routes/n-n-77f00",
		RouteType: "Boulder", Disciplines: []climb.Discipline{climb.Boulder}, Rating: climb.ParseRating("7A"),
		Style: climb.StyleFlash, Attempts: 1, Pitches: 1, Location: []string{"France", "Val des Hiboux", "Falaise des Hiboux"},
		AvgStars: -1, YourStars: -1, Feel: entry.FeelHard, Traits: []string{"chipped", "kneepad"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v, want\n%+v", got, want)
	}
}

func TestOfficialRows(t *testing.T) {
	t.Parallel()
	ticks := parse(t, string(sourcetest.Sample(t, "eight_a.official.csv"))).Ticks
	first := entry.Tick{
		Line: 2, Date: "2026-06-14", RouteName: "Porcelaine", RouteType: "Sport", Disciplines: []climb.Discipline{climb.Sport},
		Rating: climb.ParseRating("6c"), Style: climb.StyleLead, LeadStyle: climb.LeadRedpoint, Attempts: 2, Pitches: 1, LengthFeet: 79,
		Location: []string{"France", "Falaise des Hiboux", "Théière"}, AvgStars: -1, YourStars: 3.2, Traits: []string{"recommended"},
		Notes: "Enchaîné, \"enfin\"\nau soleil",
	}
	if !reflect.DeepEqual(ticks[0], first) {
		t.Errorf("got\n%+v, want\n%+v", ticks[0], first)
	}
	if ticks[1].RouteName != "Null" || ticks[1].Notes != "" || ticks[1].Rating.Text != "6c+" || ticks[1].Feel != entry.FeelSoft {
		t.Errorf("null in small letters is missing, with a capital a name: %+v", ticks[1])
	}
	if project := ticks[3]; project.LeadStyle != climb.LeadFellHung || project.Attempts != 5 || len(project.Location) != 4 {
		t.Errorf("a project of five tries: %+v", project)
	}
	if again := ticks[4]; !slices.Equal(again.Traits, []string{"repeat"}) || len(again.Location) != 2 || again.Style != climb.StyleTopRope {
		t.Errorf("repeated on top-rope at a crag without sectors: %+v", again)
	}
	if boulder := ticks[5]; boulder.Attempts != 12 || boulder.Rating.Text != "6B+/6C" || boulder.Location[0] != "Switzerland" {
		t.Errorf("a boulder between two grades: %+v", boulder)
	}
}

// Whatever an ascent says in yes and no has a word in the vocabulary of traits, in which owners write theirs.
func TestTraitsAreOfTheVocabulary(t *testing.T) {
	t.Parallel()
	export := parse(t, page(with(`"repeat":true,"firstAscent":true,"recommended":true,"userPrivate":true,"chipped":true,"withKneepad":true,"isBoltedByMe":true,
		"isDanger":true,"badAnchor":true,"badBolts":true,"highFirstBolt":true,"looseRock":true,"badClippingPosition":true,"isOverhang":true,"isVertical":true,
		"isSlab":true,"isRoof":true,"isAthletic":true,"isEndurance":true,"isCrimpy":true,"isCruxy":true,"isSloper":true,"isTechnical":true`)))
	if got := export.Ticks[0].Traits; !slices.Equal(got, entry.Traits()) {
		t.Errorf("%q, and the vocabulary is %q", got, entry.Traits())
	}
}

// An ascent that is on two pages counts once, and says so; without numbers two alike are two.
func TestPagesOverlap(t *testing.T) {
	t.Parallel()
	one, two := with(`"ascentId":1`), with(`"ascentId":2`)
	for rule, text := range map[string]string{
		"pasted one after another": page(one, two) + "\n" + page(two, one),
		"without a space":          page(one) + page(two) + page(one) + page(two),
		"in a list":                "[" + page(one, two) + ", " + page(one) + "\t,\r\n" + page(two) + "]",
		"lists":                    "[" + page(one) + "][" + page(two, one, two) + "]",
	} {
		if export := parse(t, text); len(export.Ticks) != 2 || len(export.Skipped) != 2 || !strings.Contains(export.Skipped[1].Reason, "again") || !export.Skipped[1].NoTick {
			t.Errorf("%s: %d ticks, %v", rule, len(export.Ticks), export.Skipped)
		}
	}
}

func TestParsePage(t *testing.T) {
	t.Parallel()
	plain := with(`"category":null`)
	text := strings.Replace(page(plain, plain), `"totalItems":2,"pageIndex":0`, `"totalItems":102,"pageIndex":2`, 1)
	for category, want := range map[Category]climb.Discipline{CategoryRoute: climb.Sport, CategoryBoulder: climb.Boulder} {
		got, err := ParsePage([]byte(text), category, entry.Limits{})
		if err != nil || got.Len() != 2 || got.TotalItems != 102 || got.PageIndex != 2 {
			t.Fatalf("%+v, %v", got, err)
		}
		export, err := Join([]Page{*got}, entry.Limits{}, sourcetest.Now())
		if err != nil || export.Ticks[0].Disciplines[0] != want || len(export.Warnings) != 0 {
			t.Errorf("what was asked for decides: %+v, %v", export, err)
		}
	}
	last, err := ParsePage([]byte(`{"ascents":[],"totalItems":0}`), CategoryRoute, entry.Limits{})
	if err != nil || last.Len() != 0 || last.TotalItems != 0 || last.PageIndex != -1 {
		t.Errorf("a page behind the last one: %+v, %v", last, err)
	}
}

func TestNoPage(t *testing.T) {
	t.Parallel()
	for text, found := range map[string]string{
		"": "an empty text", "<html>": "an HTML page", `{"statusCode":401,"message":"Unauthorized"}`: "JSON without a list of ascents",
		`{"ascents":null}`: "JSON without a list of ascents", page() + page(): "2 pages", `{"ascents":[`: "breaks off", "[1]": "something else",
		`{"ascents":[],"ascents":[]}`: "two lists", `[[]]`: "something else", `{"ascents":[{"date":}]}`: "no JSON",
	} {
		var format *entry.FormatError
		if got, err := ParsePage([]byte(text), CategoryRoute, entry.Limits{}); got != nil || !errors.As(err, &format) || !strings.Contains(format.Found, found) {
			t.Errorf("%q: %v, want %q found", text, err, found)
		}
	}
}

// What was pasted makes no link elsewhere.
func TestForeignLinks(t *testing.T) {
	t.Parallel()
	slugs := `"countrySlug":"france","cragSlug":"x","sectorSlug":"y","zlaggableSlug":`
	for _, slug := range []string{`""`, `"../../x"`, `"a?b"`, `"é"`, `"a b"`, `"` + strings.Repeat("a", 101) + `"`} {
		if tick := parse(t, page(with(slugs+slug))).Ticks[0]; tick.RouteURL != "" || tick.RouteID != "" {
			t.Errorf("%s: %q, %q", slug, tick.RouteURL, tick.RouteID)
		}
	}
}

// samples is the folder of real exports. It is no part of the repository; where it is missing the fixtures are all that runs.
const samples = "../../../../shared/data/8a.nu"

// Counted by hand:
//
//	file                            rows  ticks  skipped
//	ascents-page-a.json                3      3        0   routes: rp on the second go, os, os
//	ascents-page-b.json                2      2        0   a route whose grade has capitals (rp), a boulder (os)
//	official-export-19-columns.csv     3      3        0   rp, a boulder by flash, os
//	third-party-export-2023.csv        9      9        0   seven rp, two os
func TestSamples(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		rows     int
		onsights int
		boulders int
	}{
		"ascents-page-a.json": {3, 2, 0}, "ascents-page-b.json": {2, 1, 1}, "official-export-19-columns.csv": {3, 1, 1}, "third-party-export-2023.csv": {9, 2, 0},
	} {
		content, err := os.ReadFile(filepath.Join(samples, name))
		if err != nil {
			t.Log("no real exports here: the synthetic sample has the same quirks")
			return
		}
		export := parse(t, string(content))
		onsights, boulders := 0, 0
		for _, tick := range export.Ticks {
			if tick.LeadStyle == climb.LeadOnsight {
				onsights++
			}
			if tick.RouteType == "Boulder" {
				boulders++
			}
			if len(tick.Rating.Grades) != 1 || len(tick.Location) < 2 {
				t.Errorf("%s: %+v", name, tick)
			}
		}
		if len(export.Ticks) != want.rows || onsights != want.onsights || boulders != want.boulders || len(export.Skipped)+len(export.Warnings) != 0 {
			t.Errorf("%s: %d ticks, %d onsights, %d boulders, %v, %v", name, len(export.Ticks), onsights, boulders, export.Skipped, export.Warnings)
		}
	}
}
