package sourcetest

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"github.com/cragbase/cragbase/internal/logbook/entry"
)

// What editors and spreadsheets do to a file does not change what is in it.
func (s *Source) sameContent(t *testing.T) {
	want := s.parse(t, s.Sample)
	trimmed := bytes.TrimRight(s.Sample, "\r\n")
	variants := map[string][]byte{
		"the same again":              s.Sample,
		"CRLF":                        crlf(s.Sample),
		"a byte order mark":           marked(s.Sample),
		"a byte order mark and CRLF":  marked(crlf(s.Sample)),
		"no line break at the end":    trimmed,
		"a line break at the end":     append(bytes.Clone(trimmed), '\n'),
		"an empty line at the end":    append(bytes.Clone(trimmed), "\n\n"...),
		"a CRLF and nothing more":     append(bytes.Clone(trimmed), "\r\n"...),
		"CRLF and an empty line more": append(crlf(trimmed), "\r\n\r\n"...),
	}
	if !s.UTF8Only {
		variants["Windows-1252"] = windows1252(t, s.Sample)
	}
	for rule, content := range variants {
		if got := s.parse(t, content); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %s", rule, difference(got, want))
		}
	}
}

// windows1252 needs a sample whose letters that encoding has, and one at least that is not ASCII, or the test is empty.
func windows1252(t *testing.T, content []byte) []byte {
	t.Helper()
	encoded, err := charmap.Windows1252.NewEncoder().Bytes(content)
	if err != nil {
		t.Fatalf("the sample has letters that Windows-1252 has not: %v", err)
	}
	if bytes.Equal(encoded, content) {
		t.Fatal("the sample is all ASCII")
	}
	return encoded
}

// Identical rows of a day are laps, so none is lost.
func (s *Source) laps(t *testing.T) {
	const laps = 3
	export := s.parse(t, s.Rows(laps))
	s.checkExport(t, export, Now())
	if len(export.Ticks) != laps {
		t.Fatalf("%d identical rows are %d ticks: %v", laps, len(export.Ticks), export.Skipped)
	}
	for i, tick := range export.Ticks {
		if i > 0 && tick.Line <= export.Ticks[i-1].Line {
			t.Errorf("line %d stands after line %d", tick.Line, export.Ticks[i-1].Line)
		}
		tick.Line = export.Ticks[0].Line
		if !reflect.DeepEqual(tick, export.Ticks[0]) {
			t.Errorf("two laps differ: %+v, %+v", tick, export.Ticks[0])
		}
	}
}

// A tick of days to come is a slip of the pen: of a file that was read a century early nothing is left.
func (s *Source) clock(t *testing.T) {
	early := Now().AddDate(-100, 0, 0)
	export, err := s.Parse(s.Sample, entry.Limits{}, early)
	if err != nil {
		checkError(t, err)
		return
	}
	s.checkExport(t, export, early)
	if export.Rows() != s.Ticks+s.Skipped {
		t.Errorf("%d rows, want %d", export.Rows(), s.Ticks+s.Skipped)
	}
	late := s.parse(t, s.Sample)
	again, err := s.Parse(s.Sample, entry.Limits{}, Now().Add(time.Hour))
	if err != nil || !reflect.DeepEqual(again, late) {
		t.Errorf("an hour later: %v, %s", err, difference(again, late))
	}
}

func marked(content []byte) []byte { return append([]byte("\xef\xbb\xbf"), content...) }

func crlf(content []byte) []byte {
	unix := bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(unix, []byte("\n"), []byte("\r\n"))
}
