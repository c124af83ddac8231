package mountainproject

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/cragbase/cragbase/internal/logbook/entry"
)

func TestRefusedFiles(t *testing.T) {
	t.Parallel()
	unclosed := "2024-06-02,\"Kettle,5.9\n"
	tests := []struct {
		rule, text string
		line       int
		reason     string
	}{
		{"empty file", "", 0, "this is an empty file"},
		{"byte order mark alone", "\ufeff", 0, "this is an empty file"},
		{"empty lines alone", "\n\r\n\n", 0, "this is an empty file"},
		{"header alone", modernHeader, 0, "there is a header row and nothing after it"},
		{"HTML page", "\r\n <!DOCTYPE html><html>", 0, "this looks like an HTML page"},
		{"XML", "<?xml version=\"1.0\"?>", 0, "this looks like an XML document"},
		{"JSON", `{"ticks": []}`, 0, "this looks like JSON"},
		{"PNG", "\x89PNG\r\n\x1a\n\x00\x00", 0, "this looks like a PNG image"},
		{"zip", "PK\x03\x04\x14\x00", 0, "this looks like a zip archive or a spreadsheet workbook (.xlsx, .ods)"},
		{"old workbook", "\xd0\xcf\x11\xe0\xa1\xb1", 0, "this looks like an old spreadsheet workbook (.xls)"},
		{"PDF", "%PDF-1.7\n", 0, "this looks like a PDF document"},
		{"gzip", "\x1f\x8b\x08\x00", 0, "this looks like a gzip archive"},
		{"UTF-16, little end first", "\xff\xfeD\x00a\x00", 0, "this looks like UTF-16 text"},
		{"UTF-16, big end first", "\xfe\xff\x00D\x00a", 0, "this looks like UTF-16 text"},
		{"UTF-16 without a mark", "D\x00a\x00t\x00e\x00", 0, "this looks like UTF-16 text"},
		{"binary data", "\x7fELF\x02\x01\x00\x00", 0, "this looks like binary data"},
		{"NUL further down", modernHeader + strings.Repeat(plainRow, 20) + "\x00", 22, "there is a NUL byte, this looks like binary data"},
		{"plain text", "Dear climber,\nhello\n", 1, `this looks like another kind of text file: its first row begins with "Dear climber"`},
		{"semicolons and columns missing", "Date;Route;Rating;Lead Style\n" + "x\n", 1, "the header row does not have Pitches, Location, Style, Route Type"},
		{"too many columns in a row of semicolons", semicolons(modernHeader+plainRow) + strings.Repeat(";", 64), 3, "there are more than 64 columns"},
		{"NUL behind semicolons", semicolons(modernHeader+strings.Repeat(plainRow, 20)) + "\x00", 22, "there is a NUL byte, this looks like binary data"},
		{"columns missing", strings.Replace(modernHeader, "Route,", "", 1), 1, "the header row does not have Route"},
		{
			"the site's route list",
			`Route,Location,URL,"Avg Stars","Your Stars","Route Type",Rating,Pitches,Length` + "\n",
			1, "the header row does not have Date, Style, Lead Style",
		},
		{"a column twice", strings.Replace(modernHeader, "Notes", "Date", 1) + plainRow, 1, "the header row has the column Date 2 times"},
		{"too many columns in the header", strings.Repeat("a,", 1_000_000) + "\n", 1, "there are more than 64 columns"},
		{"too many columns in a row", modernHeader + plainRow + strings.Repeat(",", 64), 3, "there are more than 64 columns"},
		{"quote never closed", modernHeader + plainRow + unclosed, 3, "a quote is opened here and never closed"},
		{"quote never closed before a quoted field", modernHeader + unclosed + strings.Repeat(plainRow, 2000), 2, badQuote},
		{
			"quote never closed before much plain text",
			modernHeader + unclosed + strings.Repeat("plain text\n", 9000),
			2, "a field that starts here is longer than 65536 bytes, its quote is probably never closed",
		},
		{"field of 10 MB", modernHeader + strings.Repeat("x", 10<<20), 2, "a field that starts here is longer than 65536 bytes"},
		{"text after a closing quote", modernHeader + plainRow + "\"a\"b,c\n" + plainRow, 3, badQuote},
		{"stray quote", modernHeader + plainRow + "12\" crack,c\n" + plainRow, 3, "a quote stands inside a field that is not quoted"},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			export, err := parseAt(strings.NewReader(test.text), Limits{}, testNow())
			var format *FormatError
			if export != nil || !errors.As(err, &format) {
				t.Fatalf("got %v and error %v, want a FormatError", export, err)
			}
			if format.Line != test.line || format.Reason != test.reason {
				t.Errorf("line %d: %s; want line %d: %s", format.Line, format.Reason, test.line, test.reason)
			}
		})
	}
}

func TestFormatErrorNamesWhatWasExpected(t *testing.T) {
	t.Parallel()
	_, err := Read(strings.NewReader("<html>"), Limits{})
	want := "expected a Mountain Project tick export: a CSV file whose header row has the columns Date, Route, Rating, " +
		"Pitches, Location, Style, Lead Style, Route Type; this looks like an HTML page"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestNotRecognised(t *testing.T) {
	t.Parallel()
	texts := []string{"", "\n\n", "<html>", "Date,Route\n", "PK\x03\x04", strings.Repeat("a,", 5000), modernHeader[:40], "\"" + modernHeader}
	for _, text := range texts {
		if Recognise([]byte(text)) {
			t.Errorf("%q is recognised", text)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	fits := modernHeader + plainRow + "short\n" + plainRow
	tests := []struct {
		rule   string
		limits Limits
		ok     bool
	}{
		{"as many rows as allowed", Limits{Rows: 3}, true},
		{"a row too many, skipped rows counted", Limits{Rows: 2}, false},
		{"as many columns as allowed", Limits{Columns: 15}, true},
		{"a column too many", Limits{Columns: 14}, false},
		{"fields as long as allowed", Limits{FieldBytes: 54}, true},
		{"a field too long", Limits{FieldBytes: 53}, false},
		{"values that are not positive are defaults", Limits{Rows: -1, Columns: -1, FieldBytes: -1}, true},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			if _, err := parseAt(strings.NewReader(fits), test.limits, testNow()); (err == nil) != test.ok {
				t.Errorf("error %v, want success %v", err, test.ok)
			}
		})
	}
}

// A plan decides how many ticks somebody may have, and a file of this site is no smaller than those of others.
func TestAsManyRowsAsOtherSources(t *testing.T) {
	t.Parallel()
	if got := (Limits{}).withDefaults().Rows; got != entry.MaxRows {
		t.Errorf("%d rows, others have %d", got, entry.MaxRows)
	}
}

func TestTooManyRowsNamesTheLimit(t *testing.T) {
	t.Parallel()
	_, err := Read(strings.NewReader(modernHeader+plainRow+plainRow), Limits{Rows: 1})
	var tooMany *TooManyRowsError
	if !errors.As(err, &tooMany) || tooMany.Limit != 1 || !errors.Is(err, ErrTooManyRows) {
		t.Errorf("got %v, want a TooManyRowsError of 1", err)
	}
}

// The reader of an upload can fail at any point, and its error has to reach the caller as what it is.
func TestReadErrorsArePassedOn(t *testing.T) {
	t.Parallel()
	cut := errors.New("the connection is gone")
	text := modernHeader + strings.Repeat(plainRow, 50)
	for _, size := range []int{0, 10, len(modernHeader), 2000, len(text)} {
		r := io.MultiReader(strings.NewReader(text[:size]), iotest.ErrReader(cut))
		if export, err := Read(r, Limits{}); export != nil || !errors.Is(err, cut) {
			t.Errorf("after %d bytes: %v, want %v", size, err, cut)
		}
	}
}

func TestSlowReadersMakeNoDifference(t *testing.T) {
	t.Parallel()
	data := readFixture(t, "modern.csv")
	export, err := parseAt(iotest.OneByteReader(bytes.NewReader(data)), Limits{}, testNow())
	if err != nil || len(export.Ticks) != 24 {
		t.Errorf("byte by byte: %v, want 24 ticks", err)
	}
}

// A file of 25 MB, whatever is in it, is done with in a small multiple of its size. The cases run one
// after another, because they measure the memory that the process allocates.
func TestHostileFilesAreCheap(t *testing.T) {
	const size = (25 << 20) / slowdown
	tests := []struct {
		rule, unit string
		memory     uint64 // bytes allocated in all, most of them for a short time
	}{
		{"columns without end", ",", 4 << 20},
		{"one field without end", "x", 4 << 20},
		{"one quoted field without end", `""`, 4 << 20},
		{"empty lines", "\n", 4 << 20},
		{"lines of one space", " \n", 100 << 20},
		{"lines of quotes", "\"\"\"\"\"\"\n", 100 << 20},
		{"rows too short", "2024-01-01,Kettle\n", 100 << 20},
		{"rows with everything wrong", editRow(map[string]string{"Style": strings.Repeat("?", 90), "Pitches": "?", "Length": "?"}), 250 << 20},
		{"locations of separators", editRow(map[string]string{"Location": strings.Repeat(" > ", 20_000)}), 250 << 20},
		{"notes of references", editRow(map[string]string{"Notes": strings.Repeat("&#39;", 12_000)}), 250 << 20},
		{"notes of broken references", editRow(map[string]string{"Notes": strings.Repeat("&", 60_000)}), 250 << 20},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			text := modernHeader + strings.Repeat(test.unit, size/len(test.unit))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Read(strings.NewReader(text), Limits{})
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > test.memory {
				t.Errorf("took %d MB, ended with %v", used>>20, err)
			}
		})
	}
}

func TestGuardKeepsItsFailure(t *testing.T) {
	t.Parallel()
	g := newGuard(strings.NewReader("a,b,c"), ',', Limits{Columns: 2, FieldBytes: 10})
	got, err := io.ReadAll(g)
	if _, again := g.Read(make([]byte, 1)); err == nil || !errors.Is(again, err) || string(got) != "a,b" {
		t.Errorf("read %q with %v, want a,b and a lasting failure", got, err)
	}
}

func ExampleFormatError() {
	_, err := Read(strings.NewReader("Date,Route\n"), Limits{})
	var format *FormatError
	fmt.Println(errors.As(err, &format), format.Line, format.Reason)
	// Output: true 1 the header row does not have Rating, Pitches, Location, Style, Lead Style, Route Type
}
