package mountainproject

import (
	"slices"
	"strings"
	"testing"

	"github.com/cragbase/cragbase/internal/climb"
)

func TestRowQuirks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule    string
		replace map[string]string
		holds   func(Tick) bool
	}{
		{
			"character references of notes are decoded once",
			map[string]string{"Notes": "&#39;a&#34; &amp;#39;"},
			func(k Tick) bool { return k.Notes == `'a" &#39;` },
		},
		{
			"an ampersand of the climber is no reference",
			map[string]string{"Notes": "R&D me&notes &copy 5&6; &nothing; & &;"},
			func(k Tick) bool { return k.Notes == "R&D me&notes &copy 5&6; &nothing; & &;" },
		},
		{
			"references are decoded in notes only",
			map[string]string{"Route": "Don&#39;t", "Location": "A &amp; B"},
			func(k Tick) bool { return k.Route == "Don&#39;t" && k.Location[0] == "A &amp; B" },
		},
		{
			"every kind of reference is decoded",
			map[string]string{"Notes": "&amp;&lt;&eacute;&#8217;&#x2019;&#59;&semi;"},
			func(k Tick) bool { return k.Notes == "&<é’’;;" },
		},
		{
			"line breaks of notes become LF, the last one stays",
			map[string]string{"Notes": "one\r\ntwo\n"},
			func(k Tick) bool { return k.Notes == "one\ntwo\n" },
		},
		{
			"a backslash is a character like others",
			map[string]string{"Notes": `c:\" \n`},
			func(k Tick) bool { return k.Notes == `c:\" \n` },
		},
		{
			"dates of a spreadsheet have the month first",
			map[string]string{"Date": "3/10/2025"},
			func(k Tick) bool { return k.Date == "2025-03-10" },
		},
		{
			"dates can lie ahead",
			map[string]string{"Date": "2026-12-29"},
			func(k Tick) bool { return k.Date == "2026-12-29" },
		},
		{
			"5.1 with the code of 5.10 is repaired",
			map[string]string{"Rating": "5.1", "Rating Code": "3000"},
			func(k Tick) bool { return k.Rating == "5.10" && k.Repaired },
		},
		{
			"5 with the code of 5.0 is repaired",
			map[string]string{"Rating": "5", "Rating Code": "1000"},
			func(k Tick) bool { return k.Rating == "5.0" && k.Repaired },
		},
		{
			"the own rating shares the fate of the rating",
			map[string]string{"Rating": "5.1", "Rating Code": "3000", "Your Rating": "5.1"},
			func(k Tick) bool { return k.YourRating == "5.10" },
		},
		{
			"a true 5.1 stays",
			map[string]string{"Rating": "5.1", "Rating Code": "1100", "Your Rating": "5.1"},
			func(k Tick) bool { return k.Rating == "5.1" && k.YourRating == "5.1" && !k.Repaired },
		},
		{
			"a code that contradicts the rating repairs nothing",
			map[string]string{"Rating": "5.9", "Rating Code": "3000"},
			func(k Tick) bool { return k.Rating == "5.9" && !k.Repaired },
		},
		{
			"a rating of several systems is kept whole",
			map[string]string{"Rating": "5.8 V0 R", "Rating Code": "2100"},
			func(k Tick) bool { return k.Rating == "5.8 V0 R" && !k.Repaired },
		},
		{
			"no votes are -1",
			map[string]string{"Avg Stars": "-1.0", "Your Stars": "-1"},
			func(k Tick) bool { return k.AvgStars == -1 && k.YourStars == -1 },
		},
		{
			"empty numbers are unknown",
			map[string]string{"Avg Stars": "", "Your Stars": "", "Length": "", "Rating Code": "", "Pitches": ""},
			func(k Tick) bool {
				return k.AvgStars == -1 && k.YourStars == -1 && k.LengthFeet == 0 && k.RatingCode == 0 && k.Pitches == 1
			},
		},
		{
			"a bomb of a route has no stars",
			map[string]string{"Avg Stars": "0.0", "Your Stars": "0"},
			func(k Tick) bool { return k.AvgStars == 0 && k.YourStars == 0 },
		},
		{
			"whole numbers may be written as decimals",
			map[string]string{"Length": "90.0", "Pitches": "2.0"},
			func(k Tick) bool { return k.LengthFeet == 90 && k.Pitches == 2 },
		},
		{
			"no style is no style",
			map[string]string{"Style": "", "Lead Style": ""},
			func(k Tick) bool { return k.Style == climb.StyleNone && k.LeadStyle == "" },
		},
		{
			"old data has a lead style on a top rope",
			map[string]string{"Style": "TR", "Lead Style": "Fell/Hung"},
			func(k Tick) bool { return k.Style == climb.StyleTopRope && k.LeadStyle == climb.LeadFellHung },
		},
		{
			"areas keep their punctuation",
			map[string]string{"Location": "* In Progress > Wall #3, (East/West) > 07. Suerte"},
			func(k Tick) bool {
				return slices.Equal(k.Location, []string{"* In Progress", "Wall #3, (East/West)", "07. Suerte"})
			},
		},
		{
			"a tick can have no location",
			map[string]string{"Location": ""},
			func(k Tick) bool { return k.Location == nil },
		},
		{
			"a route can have no page",
			map[string]string{"URL": ""},
			func(k Tick) bool { return k.URL == "" && k.RouteID == "" },
		},
		{
			"a page in the site's old form has no route number",
			map[string]string{"URL": "http://www.mountainproject.com/v/kettle/105"},
			func(k Tick) bool { return k.URL != "" && k.RouteID == "" },
		},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			export := parseRow(t, test.replace)
			if len(export.Ticks) != 1 || len(export.Warnings) != 0 || !test.holds(export.Ticks[0]) {
				t.Errorf("got %+v", export)
			}
		})
	}
}

const noDate = " is not a day of the calendar written YYYY-MM-DD or M/D/YYYY"

func TestSkippedRows(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule, row, reason string
		noTick            bool // for certain
	}{
		{"no date", editRow(map[string]string{"Date": ""}), "Date is empty", true},
		{"no calendar date", editRow(map[string]string{"Date": "2023-02-30"}), `Date "2023-02-30"` + noDate, false},
		{"day first", editRow(map[string]string{"Date": "25/12/2023"}), `Date "25/12/2023"` + noDate, false},
		{"year 0", editRow(map[string]string{"Date": "0000-01-01"}), `Date "0000-01-01" is not between 1900-01-01 and 2027-05-05`, false},
		{"before 1900", editRow(map[string]string{"Date": "1899-12-31"}), `Date "1899-12-31" is not between 1900-01-01 and 2027-05-05`, false},
		{"too far ahead", editRow(map[string]string{"Date": "2027-05-06"}), `Date "2027-05-06" is not between 1900-01-01 and 2027-05-05`, false},
		{"no route", editRow(map[string]string{"Route": "  "}), "Route is empty", false},
		{"too few fields", "2024-01-01,Kettle\n", "the row has 2 fields where the header has 15", false},
		{"too many fields", strings.TrimSuffix(plainRow, "\n") + ",,\n", "the row has 17 fields where the header has 15", false},
		{"a row of a spreadsheet without values", strings.Repeat(",", 14) + "\n", "the row is empty", true},
		{"a long value is cut", editRow(map[string]string{"Date": strings.Repeat("é", 41)}), `Date "` + strings.Repeat("é", 40) + `"...` + noDate, false},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			export := parseText(t, modernHeader+plainRow+test.row+plainRow)
			want := []Skip{{Line: 3, Reason: test.reason, NoTick: test.noTick}}
			if len(export.Ticks) != 2 || !slices.Equal(export.Skipped, want) {
				t.Errorf("%d ticks, skipped %+v; want 2, %+v", len(export.Ticks), export.Skipped, want)
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	tests := []struct{ rule, column, value, reason string }{
		{"unknown style", "Style", "Teleport", `Style "Teleport" is not a known word`},
		{"unknown lead style", "Lead Style", "Nearly", `Lead Style "Nearly" is not a known word`},
		{"no pitches", "Pitches", "0", `Pitches "0" is not a whole number from 1 to 1000`},
		{"half a pitch", "Pitches", "1.5", `Pitches "1.5" is not a whole number from 1 to 1000`},
		{"huge length", "Length", "1e308", `Length "1e308" is not a whole number from 0 to 30000`},
		{"negative length", "Length", "-1", `Length "-1" is not a whole number from 0 to 30000`},
		{"no number", "Rating Code", "NaN", `Rating Code "NaN" is not a whole number from 0 to 100000`},
		{"five stars", "Your Stars", "5", `Your Stars "5" is not a number of stars from 0 to 4`},
		{"stars beyond numbers", "Avg Stars", "1e400", `Avg Stars "1e400" is not a number of stars from 0 to 4`},
		{"link to another site", "URL", "https://example.com/route/1", `URL "https://example.com/route/1" is not a page of mountainproject.com`},
		{"link that runs a script", "URL", "javascript:alert(1)", `URL "javascript:alert(1)" is not a page of mountainproject.com`},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			export := parseRow(t, map[string]string{test.column: test.value})
			want := []Warning{{Line: 2, Reason: test.reason}}
			if len(export.Ticks) != 1 || !slices.Equal(export.Warnings, want) {
				t.Errorf("%d ticks, warnings %+v; want 1, %+v", len(export.Ticks), export.Warnings, want)
			}
			checkInvariants(t, export)
		})
	}
}

// What could not be read is unknown, and never the text of the file.
func TestUnreadableValuesAreUnknown(t *testing.T) {
	t.Parallel()
	got := parseRow(t, map[string]string{
		"Style": "?", "Lead Style": "?", "Pitches": "?", "Length": "?", "Rating Code": "?", "Your Stars": "?", "Avg Stars": "?", "URL": "?",
	})
	tick := got.Ticks[0]
	if tick.Style != "" || tick.LeadStyle != "" || tick.Pitches != 1 || tick.LengthFeet != 0 || tick.RatingCode != 0 ||
		tick.YourStars != -1 || tick.AvgStars != -1 || tick.URL != "" || len(got.Warnings) != 8 {
		t.Errorf("got %+v", got)
	}
}

func TestForms(t *testing.T) {
	t.Parallel()
	bare := strings.ReplaceAll(modernHeader, `"`, "")
	short := strings.Replace(modernHeader, `,"Rating Code"`, "", 1)
	shortRow := strings.Replace(plainRow, ",2400", "", 1)
	dated := editRow(map[string]string{"Date": "6/2/2024"})
	tests := []struct {
		rule, text string
		want       Form
	}{
		{"as downloaded", modernHeader + plainRow, FormModern},
		{"a header without quotes", bare + plainRow, FormResaved},
		{"a byte order mark", "\ufeff" + modernHeader + plainRow, FormResaved},
		{"a byte order mark before a quoted name", "\ufeff" + strings.Replace(modernHeader, "Date", `"Date"`, 1) + plainRow, FormResaved},
		{"the dates of a spreadsheet", modernHeader + dated, FormResaved},
		{"a damaged rating", modernHeader + editRow(map[string]string{"Rating": "5.1", "Rating Code": "3000"}), FormResaved},
		{"no rating code, and places as in the modern form", short + shortRow, FormModern},
		{"records that end in CRLF", strings.ReplaceAll(modernHeader+plainRow, "\n", "\r\n"), FormModern},
		{"no line end at the end", modernHeader + strings.TrimSpace(plainRow), FormModern},
		{"empty lines before the header", "\n\r\n" + modernHeader + plainRow, FormModern},
		{"names in another case, with space", strings.Replace(modernHeader, "Route,", `" ROUTE ",`, 1) + plainRow, FormModern},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			export := parseText(t, test.text)
			if export.Form != test.want || len(export.Ticks) != 1 || export.Ticks[0].Route != "Kettle" {
				t.Errorf("form %q with %d ticks, want %q with 1", export.Form, len(export.Ticks), test.want)
			}
		})
	}
}

func TestColumnsAreFoundByName(t *testing.T) {
	t.Parallel()
	got := parseText(t, `Shoes,"Route Type","Lead Style",Style,Location,Pitches,Rating,Route,Date`+"\n"+
		"left,Trad,Onsight,Lead,Wall > Canyon,3,5.9,Kettle,2024-06-02\n").Ticks[0]
	if got.Route != "Kettle" || got.Pitches != 3 || got.Style != climb.StyleLead || got.Location[0] != "Canyon" || got.AvgStars != -1 {
		t.Errorf("got %+v", got)
	}
}

func TestLineNumbersCountTheLinesOfNotes(t *testing.T) {
	t.Parallel()
	export := parseText(t, modernHeader+editRow(map[string]string{"Notes": "a\nb\nc"})+"\n"+plainRow)
	if export.Ticks[0].Line != 2 || export.Ticks[1].Line != 6 {
		t.Errorf("ticks on lines %d and %d, want 2 and 6", export.Ticks[0].Line, export.Ticks[1].Line)
	}
}

func TestWarningsAreBounded(t *testing.T) {
	t.Parallel()
	row := editRow(map[string]string{"Style": "?", "Pitches": "?", "Length": "?"})
	export := parseText(t, modernHeader+strings.Repeat(row, 500))
	if len(export.Ticks) != 500 || len(export.Warnings) != maxWarnings+1 {
		t.Errorf("%d ticks with %d warnings, want 500 with %d and a last one that says so", len(export.Ticks), len(export.Warnings), maxWarnings)
	}
}

func TestDeepLocationsAreBounded(t *testing.T) {
	t.Parallel()
	got := parseRow(t, map[string]string{"Location": strings.Repeat("a > ", 450) + "b"}).Ticks[0].Location
	if len(got) != maxDepth {
		t.Errorf("%d areas, want %d", len(got), maxDepth)
	}
}

// A file without rating codes is the old form only if its places begin at the crag.
func TestLocationsTellTheOldFormApart(t *testing.T) {
	t.Parallel()
	for location, want := range map[string]Form{
		"Kettle Wall > Ember Canyon > Utah": Form2018, "Utah > Ember Canyon > Kettle Wall": FormResaved, "Kettle Wall": Form2018,
	} {
		text := "Date,Route,Rating,Pitches,Location,Style,Lead Style,Route Type\n2024-01-01,Ember,5.9,1," + location + ",Lead,Onsight,Sport\n"
		export := parseText(t, text)
		if root := export.Ticks[0].Location[0]; export.Form != want || strings.Contains(location, ">") && root != "Utah" {
			t.Errorf("%s: form %s, root %s", location, export.Form, root)
		}
	}
}
