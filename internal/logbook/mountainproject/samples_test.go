package mountainproject

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cragbase/cragbase/internal/climb"
)

// samples is the folder of real exports. It is no part of the repository; where it is missing the fixtures are all that runs.
const samples = "../../../../shared/data/mountain-project"

// figures are what a plain count over an export says, under the names of the file of expected counts.
type figures struct {
	Rows           int            `json:"rows"`
	SumPitches     int            `json:"sum_pitches"`
	Dates          int            `json:"distinct_dates"`
	MinDate        string         `json:"min_date"`
	MaxDate        string         `json:"max_date"`
	RouteIDs       int            `json:"distinct_route_ids"`
	Locations      int            `json:"distinct_locations"`
	BlankLength    int            `json:"blank_length"`
	YourStarsUnset int            `json:"your_stars_unset"`
	AvgStarsUnset  int            `json:"avg_stars_unset"`
	Notes          int            `json:"notes_nonempty"`
	NotesMultiline int            `json:"notes_multiline"`
	Style          map[string]int `json:"style"`
	LeadStyle      map[string]int `json:"lead_style"`
	RouteType      map[string]int `json:"route_type"`
	SameDayRoute   int            `json:"same_date_same_route_extra_rows"`
}

// fixtureFigures are those of testdata/modern.csv.
var fixtureFigures = figures{
	Rows: 24, SumPitches: 75, Dates: 19, MinDate: "1987-07-04", MaxDate: "2026-12-29", RouteIDs: 21, Locations: 7,
	BlankLength: 3, YourStarsUnset: 13, AvgStarsUnset: 2, Notes: 9, NotesMultiline: 1, SameDayRoute: 3,
	Style:     map[string]int{"lead": 12, "tr": 2, "": 4, "send": 1, "flash": 1, "attempt": 1, "solo": 2, "follow": 1},
	LeadStyle: map[string]int{"onsight": 3, "redpoint": 3, "fell_hung": 2, "pinkpoint": 1, "flash": 1, "": 14},
	RouteType: map[string]int{
		"Sport": 4, "Trad, Sport": 2, "Sport, TR": 3, "Trad": 5, "Trad, Ice": 1, "Boulder": 2, "TR, Boulder": 1, "Trad, Alpine": 1,
		"Trad, Aid": 1, "Trad, Mixed, Ice": 1, "Ice, Snow": 1, "Alpine": 1, "TR, Aid, Boulder, Mixed, Ice, Snow": 1,
	},
}

func TestExpectedFigures(t *testing.T) {
	t.Parallel()
	files := map[string]figures{"testdata/modern.csv": fixtureFigures}
	for name, want := range sampleFigures(t) {
		files[filepath.Join(samples, name)] = canonical(want)
	}
	for name, want := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			export := parseText(t, string(data))
			if got := count(export.Ticks); !reflect.DeepEqual(got, want) {
				t.Errorf("got\n%+v, want\n%+v", got, want)
			}
			if len(export.Skipped)+len(export.Warnings)+export.Repaired != 0 || !Recognise(data) {
				t.Errorf("skipped %v, warnings %v, %d repaired", export.Skipped, export.Warnings, export.Repaired)
			}
		})
	}
}

// sampleFigures reads the expected counts of the real exports, none when they are not there.
func sampleFigures(t *testing.T) map[string]figures {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(samples, "expected-counts.json"))
	if err != nil {
		return nil
	}
	var all map[string]figures
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// canonical turns the words of the expected counts, which are the site's, into those of ticks.
func canonical(f figures) figures {
	words := map[string]string{
		"Lead": "lead", "TR": "tr", "Follow": "follow", "Solo": "solo", "Send": "send", "Flash": "flash", "Attempt": "attempt",
		"Onsight": "onsight", "Fell/Hung": "fell_hung", "Redpoint": "redpoint", "Pinkpoint": "pinkpoint", "": "",
	}
	f.Style, f.LeadStyle = rename(f.Style, words), rename(f.LeadStyle, words)
	return f
}

func rename(counts map[string]int, words map[string]string) map[string]int {
	renamed := map[string]int{}
	for word, n := range counts {
		renamed[words[word]] += n
	}
	return renamed
}

func count(ticks []Tick) figures {
	f := figures{
		Rows:           len(ticks),
		SumPitches:     sum(ticks, func(t Tick) int { return t.Pitches }),
		BlankLength:    number(ticks, func(t Tick) bool { return t.LengthFeet == 0 }),
		YourStarsUnset: number(ticks, func(t Tick) bool { return t.YourStars == noVote }),
		AvgStarsUnset:  number(ticks, func(t Tick) bool { return t.AvgStars == noVote }),
		Notes:          number(ticks, func(t Tick) bool { return t.Notes != "" }),
		NotesMultiline: number(ticks, func(t Tick) bool { return strings.Contains(t.Notes, "\n") }),
		Style:          tally(ticks, func(t Tick) string { return string(t.Style) }),
		LeadStyle:      tally(ticks, func(t Tick) string { return string(t.LeadStyle) }),
		RouteType:      tally(ticks, func(t Tick) string { return t.RouteType }),
	}
	dates := tally(ticks, func(t Tick) string { return t.Date })
	days := slices.Sorted(maps.Keys(dates))
	f.Dates, f.MinDate, f.MaxDate = len(days), days[0], days[len(days)-1]
	f.RouteIDs = len(tally(ticks, func(t Tick) string { return t.RouteID }))
	f.Locations = len(tally(ticks, func(t Tick) string { return strings.Join(t.Location, " > ") }))
	f.SameDayRoute = len(ticks) - len(tally(ticks, func(t Tick) string { return t.Date + t.RouteID }))
	return f
}

func sum(ticks []Tick, of func(Tick) int) (total int) {
	for _, tick := range ticks {
		total += of(tick)
	}
	return total
}

func number(ticks []Tick, holds func(Tick) bool) (n int) {
	for _, tick := range ticks {
		if holds(tick) {
			n++
		}
	}
	return n
}

func tally(ticks []Tick, key func(Tick) string) map[string]int {
	counts := map[string]int{}
	for _, tick := range ticks {
		counts[key(tick)]++
	}
	return counts
}

// The root of a real location is a state or the word International in every form of the export.
func TestSampleLocationsBeginAtTheRoot(t *testing.T) {
	t.Parallel()
	for name := range sampleFigures(t) {
		data, err := os.ReadFile(filepath.Join(samples, name))
		if err != nil {
			t.Fatal(err)
		}
		roots := tally(parseText(t, string(data)).Ticks, func(t Tick) string { return t.Location[0] })
		if len(roots) > 40 || roots["International"]+roots["Washington"]+roots["Colorado"] == 0 {
			t.Errorf("%s: the roots are %v", name, roots)
		}
	}
	if got := parseFixture(t, "2018.csv").Ticks[0]; got.Location[0] != "Colorado" || got.Style != climb.StyleLead {
		t.Errorf("the 2018 fixture begins with %+v", got)
	}
}
