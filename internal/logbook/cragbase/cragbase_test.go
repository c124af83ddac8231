package cragbase

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/entry"
	"github.com/cragbase/cragbase/internal/logbook/sourcetest"
)

// Every cell comes back as it was, and none is a formula.
func TestEscape(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.OneOf(rapid.String(), rapid.StringMatching(`['=+\-@\t\r\n]{0,4}.{0,3}`)).Draw(t, "cell")
		escaped := escape(cell)
		if escaped != "" && strings.ContainsRune(special, rune(escaped[0])) {
			t.Errorf("%q is a formula", escaped)
		}
		if got := unescape(escaped); got != cell {
			t.Errorf("%q comes back as %q", cell, got)
		}
	})
}

// The sample's ticks are written and read to the same ticks.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	read := func(content []byte) []entry.Tick {
		export, err := Parse(content, entry.Limits{}, sourcetest.Now())
		if err != nil {
			t.Fatal(err)
		}
		for i := range export.Ticks {
			export.Ticks[i].Line = 0
		}
		return export.Ticks
	}
	ticks := read(sourcetest.Sample(t, "cragbase.csv"))
	var file bytes.Buffer
	writer, err := NewWriter(&file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range ticks {
		if err := writer.Write(&ticks[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Flush(); err != nil {
		t.Fatal(err)
	}
	if got := read(file.Bytes()); !reflect.DeepEqual(got, ticks) {
		t.Errorf("got\n%+v\nwant\n%+v", got, ticks)
	}
}

// A rating that was changed in a spreadsheet is read anew; one that was not has the grade that it had.
func TestRatingKey(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule, rating, key string
		system            climb.System
		low, high         int
		danger            string
	}{
		{"as it was understood", "18", "ewbank|57|61||18", climb.Ewbank, 57, 61, ""},
		{"as no grade", "E1 5b", "|0|0||E1 5b", "", 0, 0, ""},
		{"with its danger", "5.9 R", "yds|52|56|R|5.9 R", climb.YDS, 52, 56, "R"},
		{"with a bar in the text", "5.9|x", "yds|52|56||5.9|x", climb.YDS, 52, 56, ""},
		{"changed since", "5.10a", "yds|52|56||5.9", climb.YDS, 57, 61, ""},
		{"as a spreadsheet writes it", "5.1", "yds|63|64||5.10", climb.YDS, 63, 64, ""},
		{"without a key", "5.9", "", climb.YDS, 52, 56, ""},
		{"of no system", "5.9", "inches|52|56||5.9", climb.YDS, 52, 56, ""},
		{"with scores the wrong way round", "5.9", "yds|56|52||5.9", climb.YDS, 52, 56, ""},
		{"with scores beyond all", "5.9", "yds|52|5000||5.9", climb.YDS, 52, 56, ""},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			content := "Date,Route,Rating,Source,Identity,Rating Key\n2026-05-01,Kettle," + test.rating + ",,," + test.key + "\n"
			export, err := Parse([]byte(content), entry.Limits{}, sourcetest.Now())
			if err != nil {
				t.Fatal(err)
			}
			got := export.Ticks[0].Rating
			var grade climb.Grade
			if len(got.Grades) > 0 {
				grade = got.Grades[0]
			}
			if grade.System != test.system || grade.Low != test.low || grade.High != test.high || got.Danger != test.danger {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// What somebody broke in a spreadsheet is left out with a warning, and the tick stays.
func TestBrokenCells(t *testing.T) {
	t.Parallel()
	for column, cell := range map[string]string{
		"URL": "javascript:alert(1)", "Pitches": "many", "Your Stars": "5", "Style": "Floating", "Lead Style": "Dabbed", "Length": "-3",
		"Disciplines": "chess", "Feel": "tender", "Date Precision": "decade", "Traits": "crimpy", "Gone At": "yesterday", "Attempts": "1.5",
		"Tick ID": strings.Repeat("9", 101), "Day Order": "x",
	} {
		t.Run(column, func(t *testing.T) {
			t.Parallel()
			content := "Date,Route,Rating,Source,Identity,Rating Key," + column + "\n2026-05-01,Kettle,5.9,manual,x,," + cell + "\n"
			export, err := Parse([]byte(content), entry.Limits{}, sourcetest.Now())
			if err != nil || len(export.Ticks) != 1 || len(export.Warnings) != 1 || !strings.HasPrefix(export.Warnings[0].Reason, column) {
				t.Errorf("%+v, %v", export, err)
			}
		})
	}
}
