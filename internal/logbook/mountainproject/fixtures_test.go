package mountainproject

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"github.com/cragbase/cragbase/internal/climb"
)

const modernHeader = `Date,Route,Rating,Notes,URL,Pitches,Location,"Avg Stars",` +
	`"Your Stars",Style,"Lead Style","Route Type","Your Rating",Length,"Rating Code"` + "\n"

const plainRow = `2024-06-02,Kettle,5.9,,https://www.mountainproject.com/route/900000002/kettle,1,` +
	`"Colorado > Owl Buttress",2.8,3,Lead,Onsight,Sport,,80,2400` + "\n"

// testNow is the day on which the tests parse.
func testNow() time.Time { return time.Date(2026, time.May, 4, 12, 0, 0, 0, time.UTC) }

func parseText(t *testing.T, text string) *Export {
	t.Helper()
	export, err := parseAt(strings.NewReader(text), Limits{}, testNow())
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	return export
}

func parseFixture(t *testing.T, name string) *Export {
	t.Helper()
	return parseText(t, string(readFixture(t, name)))
}

func readFixture(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// parseRow parses a file of one row, which is plainRow with some columns replaced.
func parseRow(t *testing.T, replace map[string]string) *Export {
	t.Helper()
	return parseText(t, modernHeader+editRow(replace))
}

// editRow returns plainRow with the values of replace, each quoted, under their column names.
func editRow(replace map[string]string) string {
	names := strings.Split(strings.ReplaceAll(strings.TrimSpace(modernHeader), `"`, ""), ",")
	fields := strings.Split(strings.ReplaceAll(strings.TrimSpace(plainRow), `"`, ""), ",")
	for i, name := range names {
		if value, ok := replace[name]; ok {
			fields[i] = value
		}
		fields[i] = `"` + strings.ReplaceAll(fields[i], `"`, `""`) + `"`
	}
	return strings.Join(fields, ",") + "\n"
}

func TestModernFixture(t *testing.T) {
	t.Parallel()
	export := parseFixture(t, "modern.csv")
	if export.Form != FormModern || len(export.Ticks) != 24 || export.Repaired != 0 {
		t.Errorf("form %q, %d ticks, %d repaired; want modern, 24, 0", export.Form, len(export.Ticks), export.Repaired)
	}
	if len(export.Skipped) != 0 || len(export.Warnings) != 0 {
		t.Errorf("skipped %v, warnings %v; want none", export.Skipped, export.Warnings)
	}
}

func TestFirstTickInFull(t *testing.T) {
	t.Parallel()
	got := parseFixture(t, "modern.csv").Ticks[1]
	want := Tick{
		Line: 3, Date: "2024-06-02", Route: "Kettle Logic", Rating: "5.11a PG13",
		Notes:   `Fell at the crux, then "hung" on the third bolt`,
		URL:     "https://www.mountainproject.com/route/900000002/kettle-logic",
		RouteID: "900000002", Pitches: 1,
		Location: []string{"Colorado", "Lantern Canyon", "Owl Buttress", "07. Suntrap"},
		AvgStars: 2.8, YourStars: 3, Style: climb.StyleLead, LeadStyle: climb.LeadRedpoint,
		RouteType: "Trad, Sport", YourRating: "5.11b", LengthFeet: 80, RatingCode: 4600,
	}
	assertTick(t, got, want)
}

func assertTick(t *testing.T, got, want Tick) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("tick\n%+v, want\n%+v", got, want)
	}
}

// The 2018 form has the same ticks as the modern one, apart from the rating code, which it lacks.
func Test2018FixtureEqualsItsModernForm(t *testing.T) {
	t.Parallel()
	modern, old := parseFixture(t, "modern.csv"), parseFixture(t, "2018.csv")
	if old.Form != Form2018 || len(old.Ticks) != 9 || len(old.Skipped)+len(old.Warnings) != 0 {
		t.Fatalf("form %q, %d ticks, skipped %v, warnings %v", old.Form, len(old.Ticks), old.Skipped, old.Warnings)
	}
	for i, got := range old.Ticks {
		want := modern.Ticks[i+1]
		want.RatingCode, want.Line = 0, got.Line
		want.Date = strings.Replace(want.Date, "2024", "2018", 1)
		assertTick(t, got, want)
	}
}

// What the spreadsheet did to the file is undone: the ticks are those of the modern file.
func TestResavedFixtureEqualsItsModernForm(t *testing.T) {
	t.Parallel()
	modern, resaved := parseFixture(t, "modern.csv"), parseFixture(t, "resaved.csv")
	if resaved.Form != FormResaved || resaved.Repaired != 3 || len(resaved.Ticks) != 6 {
		t.Fatalf("form %q, %d repaired, %d ticks; want resaved, 3, 6", resaved.Form, resaved.Repaired, len(resaved.Ticks))
	}
	for i, original := range []int{3, 4, 6, 16, 17, 23} {
		got, want := resaved.Ticks[i], modern.Ticks[original]
		want.Line, want.Repaired = got.Line, want.Rating == "5.10" || want.Rating == "5.0"
		if i == 0 {
			want.YourRating = "5.10"
		}
		assertTick(t, got, want)
	}
}

func TestRecogniseFixtures(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"modern.csv", "2018.csv", "resaved.csv"} {
		if head := readFixture(t, name); !Recognise(head) || !Recognise(head[:250]) {
			t.Errorf("%s is not recognised by its beginning", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"modern.csv", "2018.csv", "resaved.csv"} {
		f.Add(readFixture(f, name))
	}
	f.Add([]byte(""))
	for _, rows := range []string{"", plainRow, "\"", "a\"b,\n", ",,,\n\n\n"} {
		f.Add([]byte("\xef\xbb\xbf" + modernHeader + rows))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		first, errFirst := parseAt(bytes.NewReader(data), Limits{Rows: 50}, testNow())
		second, errSecond := parseAt(bytes.NewReader(data), Limits{Rows: 50}, testNow())
		if (errFirst == nil) != (errSecond == nil) || errFirst != nil && errFirst.Error() != errSecond.Error() {
			t.Fatalf("two parses ended with %v and %v", errFirst, errSecond)
		}
		if errFirst != nil {
			if first != nil {
				t.Fatal("an error came with an export")
			}
			return
		}
		checkInvariants(t, first)
		if !reflect.DeepEqual(first, second) {
			t.Fatal("two parses differ")
		}
		if !Recognise(data) {
			t.Fatal("a file that parses is not recognised")
		}
	})
}

// checkInvariants checks what holds for every export.
func checkInvariants(t *testing.T, export *Export) {
	t.Helper()
	repaired, line := 0, 1
	for _, tick := range export.Ticks {
		if tick.Route == "" || len(tick.Date) != len("2006-01-02") || tick.Pitches < 1 || tick.LengthFeet < 0 || tick.Line <= line {
			t.Errorf("impossible tick %+v after line %d", tick, line)
		}
		line = tick.Line
		if tick.Repaired {
			repaired++
		}
	}
	if repaired != export.Repaired || len(export.Ticks)+len(export.Skipped) == 0 {
		t.Errorf("%d ticks are repaired, the export says %d of %d", repaired, export.Repaired, len(export.Ticks))
	}
}

func BenchmarkParse(b *testing.B) {
	data := []byte(modernHeader + strings.Repeat(plainRow, 5000))
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(bytes.NewReader(data), Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

// However a spreadsheet saves the file, the ticks are those of the file that the site gave.
func TestResavedForms(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer("Kettle Logic", "Café “Zürich”", "🧗", "€").Replace(string(readFixture(t, "modern.csv")))
	want := parseText(t, text)
	old := func(text string) string {
		encoded, err := charmap.Windows1252.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return encoded
	}
	for rule, resaved := range map[string]string{
		"Windows-1252":                    old(text),
		"Windows-1252 in some cells only": strings.Replace(text, "Café “Zürich”", old("Café “Zürich”"), 1),
		"semicolons":                      resave(t, text, ';'),
		"tabs":                            resave(t, text, '\t'),
		"tabs, with a mark":               "\ufeff" + resave(t, text, '\t'),
		"semicolons and Windows-1252":     old(resave(t, text, ';')),
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			if !Recognise([]byte(resaved)[:1024]) {
				t.Error("it is not recognised")
			}
			got := parseText(t, resaved)
			if got.Form != FormResaved || !reflect.DeepEqual(got.Ticks, want.Ticks) || len(got.Skipped)+len(got.Warnings) > 0 {
				t.Errorf("form %q, %d ticks, skipped %v, warnings %v; the first is\n%+v, want\n%+v", got.Form, len(got.Ticks), got.Skipped, got.Warnings, got.Ticks[1], want.Ticks[1])
			}
		})
	}
}

// resave writes a file with another separator.
func resave(t *testing.T, text string, separator rune) string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var resaved strings.Builder
	writer := csv.NewWriter(&resaved)
	writer.Comma = separator
	if err := writer.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return resaved.String()
}

// semicolons is a text without commas in its fields, separated by semicolons.
func semicolons(text string) string { return strings.ReplaceAll(text, ",", ";") }
