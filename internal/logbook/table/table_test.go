package table

import (
	"encoding/csv"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cragbase/cragbase/internal/logbook/entry"
)

var format = Format{Expected: "a list of routes", Columns: []string{"Name", "Grade"}}

// read is all rows of a file, each with its problem or its cells, and what ended it.
func read(text string, limits entry.Limits) (rows [][]string, lines []int, err error) {
	table, err := format.Open([]byte(text), limits)
	if err != nil {
		return nil, nil, err
	}
	for {
		row, err := table.Next()
		if errors.Is(err, io.EOF) {
			return rows, lines, nil
		}
		if err != nil {
			return rows, lines, err
		}
		lines = append(lines, row.Line)
		if problem := row.Problem(); problem != "" {
			rows = append(rows, []string{problem})
			continue
		}
		rows = append(rows, []string{row.Cell("name"), row.Cell("Grade"), row.Cell("Notes")})
	}
}

func TestRows(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule, text string
		want       [][]string
		lines      []int
	}{
		{"columns by name, in any case and order", "GRADE, name \n6a,Kettle\n", [][]string{{"Kettle", "6a", ""}}, []int{2}},
		{"optional column", "Name,Grade,Notes\nKettle,6a,fine\n", [][]string{{"Kettle", "6a", "fine"}}, []int{2}},
		{"quotes", "Name,Grade,Notes\n\"Kettle, \"\"Black\"\"\",6a,\"a\r\nb\"\nPot,6b,c\n", [][]string{{`Kettle, "Black"`, "6a", "a\nb"}, {"Pot", "6b", "c"}}, []int{2, 4}},
		{"a quote inside a plain field", "Name,Grade\n12\" Crack,6a\n", [][]string{{`12" Crack`, "6a", ""}}, []int{2}},
		{"semicolons", "Name;Grade\nKettle, the;6a\n", [][]string{{"Kettle, the", "6a", ""}}, []int{2}},
		{"tabs, with empty cells", "Name\tGrade\n\t\nKettle\t6a\n", [][]string{{"", "", ""}, {"Kettle", "6a", ""}}, []int{2, 3}},
		{"mark, CRLF, empty lines, no end", "\ufeffName,Grade\r\n\r\n  \r\nKettle,6a", [][]string{{"Kettle", "6a", ""}}, []int{4}},
		{"Windows-1252, field by field", "Name,Grade\nCaf\xe9 \x80,6a\nCaf\u00e9,6b\n", [][]string{{"Café €", "6a", ""}, {"Café", "6b", ""}}, []int{2, 3}},
		{"a row of another width", "Name,Grade\nKettle\nPot,6a,\n", [][]string{{"the row has 1 fields where the header has 2"}, {"the row has 3 fields where the header has 2"}}, []int{2, 3}},
		{"a field in quotes at the end", "Name,Grade\nKettle,\"6a\"", [][]string{{"Kettle", "6a", ""}}, []int{2}},
		{"an empty field at the end", "Name,Grade\nKettle,", [][]string{{"Kettle", "", ""}}, []int{2}},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			rows, lines, err := read(test.text, entry.Limits{})
			if err != nil || !reflect.DeepEqual(rows, test.want) || !slices.Equal(lines, test.lines) {
				t.Errorf("%q in lines %v, %v; want %q in %v", rows, lines, err, test.want, test.lines)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	const header = "Name,Grade\n"
	tests := []struct{ rule, text, found string }{
		{"empty", "", "an empty file"},
		{"space alone", "\ufeff \r\n", "an empty file"},
		{"no row", header + "\n", "a header row and no row below it"},
		{"another table", "Grade,Price\n", "a table without the columns Name"},
		{"prose", "Dear \tclimber\n", `a text file that begins with "Dear  climber"`},
		{"a column twice", "Name,Grade,name\n", `a header row with the column "name" twice`},
		{"NUL", header + "a,\x00\n" + strings.Repeat("x", sniffBytes), "binary data"},
		{"NUL further down", header + strings.Repeat("a,b\n", sniffBytes) + "a,\x00\n", "in line 1026 a NUL byte, so this looks like binary data"},
		{"open quote", header + "a,b\n\"a,b\n", "in line 3 a quote that is opened and never closed"},
		{"open quote before much text", header + "\"" + strings.Repeat("a,b\n", maxFieldBytes), "in line 2 " + errLong.Error()},
		{"text after a quote", header + "\"a\"b,c\n", "in line 2 " + errQuote.Error()},
		{"long field", header + strings.Repeat("a", maxFieldBytes+1), "in line 2 " + errLong.Error()},
		{"many columns", header + strings.Repeat(",", maxColumns), "in line 2 more than 64 columns"},
		{"workbook", "PK\x03\x04", "a zip archive or a spreadsheet workbook (.xlsx, .ods): unpack it or save it as CSV"},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			_, _, err := read(test.text, entry.Limits{})
			var refused *entry.FormatError
			if !errors.As(err, &refused) || refused.Found != test.found || refused.Expected != format.Expected {
				t.Errorf("%v, want %q found", err, test.found)
			}
		})
	}
}

func TestRowLimit(t *testing.T) {
	t.Parallel()
	var many *entry.TooManyRowsError
	if _, _, err := read("Name,Grade\na,b\n\nc\n", entry.Limits{Rows: 2}); err != nil {
		t.Errorf("as many as allowed: %v", err)
	}
	if _, _, err := read("Name,Grade\na,b\n\nc\n", entry.Limits{Rows: 1}); !errors.As(err, &many) || many.Limit != 1 {
		t.Errorf("one too many: %v", err)
	}
}

// FuzzScanner holds the scanner against encoding/csv: what that reads without leniency, this reads to the same records. The
// two differ by design in lines of space, in lone carriage returns, in the size of things, and in NUL bytes.
func FuzzScanner(f *testing.F) {
	for _, seed := range []string{"a,b\n", "\"a\",\"b\"\"\"\r\n\n,\n", "a\nb", "\"\n\",x", ",,\n\"\"", "é\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		reader := csv.NewReader(strings.NewReader(text))
		reader.FieldsPerRecord = -1
		want, err := reader.ReadAll()
		lone := strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\r")
		if err != nil || lone || strings.ContainsAny(text, "\x00 \t\ufeff") || strings.ToValidUTF8(text, "") != text || len(text) > maxFieldBytes {
			return
		}
		var got [][]string
		for s := newScanner([]byte(text), ','); ; {
			fields, err := s.record()
			if errors.Is(err, io.EOF) {
				break
			}
			if errors.Is(err, errColumns) {
				return
			}
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			got = append(got, slices.Clone(fields))
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	})
}
