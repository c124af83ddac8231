package sourcetest

import (
	"bytes"
	"errors"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/cragbase/cragbase/internal/logbook/entry"
)

// A file that is something else is refused in words that tell its owner what it is.
func (s *Source) otherFiles(t *testing.T) {
	tests := []struct {
		rule, content string
		found         []string // one of them is in the message
	}{
		{"nothing", "", []string{"empty"}},
		{"a byte order mark alone", "\ufeff", []string{"empty"}},
		{"empty lines", "\r\n\n  \n", []string{"empty"}},
		{"a page", "\n<!DOCTYPE html><html><body>Please log in</body></html>", []string{"HTML", "web page"}},
		{"a page in capitals", "<HTML><HEAD>", []string{"HTML", "web page"}},
		{"a zip archive or workbook", "PK\x03\x04\x14\x00\x06\x00\x08", []string{"zip"}},
		{"a picture", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", []string{"PNG", "image"}},
		{"UTF-16", utf16Of(string(s.Sample), true, true), []string{"UTF-16"}},
		{"UTF-16, big end first", utf16Of(string(s.Sample), false, true), []string{"UTF-16"}},
		{"UTF-16 without a mark", utf16Of(string(s.Sample), true, false), []string{"UTF-16"}},
		{"binary data", "\x7fELF\x02\x01\x01\x00\x00\x00", nil},
		{"prose", "Dear climber,\nit was a good day\n", nil},
		{"no row", string(s.Rows(0)), []string{"no row", "no tick", "no ascent", "nothing", "empty"}},
		{"a row of another logbook", "Date,Name,Grade,Where\n2026-05-01,Kettle,6a,Anthill\n", nil},
		{"JSON of something else", `{"hello": [1, 2, {"ascents": null}]}`, nil},
	}
	for _, test := range tests {
		content := []byte(test.content)
		if test.rule != "no row" && s.Recognise(beginning(content)) {
			t.Errorf("%s is recognised", test.rule)
		}
		export, err := s.Parse(content, entry.Limits{}, Now())
		if err == nil || export != nil {
			t.Errorf("%s is parsed: %+v", test.rule, export)
			continue
		}
		checkError(t, err)
		if !mentions(err, test.found) {
			t.Errorf("%s: %q names none of %q", test.rule, err, test.found)
		}
	}
}

func mentions(err error, words []string) bool {
	var format *entry.FormatError
	if !errors.As(err, &format) {
		return false
	}
	for _, word := range words {
		if strings.Contains(format.Found, word) {
			return true
		}
	}
	return len(words) == 0
}

func utf16Of(text string, littleEnd, mark bool) string {
	if mark {
		text = "\ufeff" + text
	}
	var encoded strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		low, high := byte(unit), byte(unit>>8)
		if !littleEnd {
			low, high = high, low
		}
		encoded.Write([]byte{low, high})
	}
	return encoded.String()
}

func (s *Source) rowLimit(t *testing.T) {
	const limit = 5
	if export, err := s.Parse(s.Rows(limit), entry.Limits{Rows: limit}, Now()); err != nil || export.Rows() != limit {
		t.Errorf("as many rows as allowed: %v", err)
	}
	var rows *entry.TooManyRowsError
	if export, err := s.Parse(s.Rows(limit+1), entry.Limits{Rows: limit}, Now()); export != nil || !errors.As(err, &rows) || rows.Limit != limit {
		t.Errorf("a row too many: %v and %v", export, err)
	}
	if export, err := s.Parse(s.Sample, entry.Limits{Rows: s.Ticks + s.Skipped - 1}, Now()); export != nil || !errors.As(err, &rows) {
		t.Errorf("skipped rows count as rows: %v and %v", export, err)
	}
}

// A download or a copy can end anywhere, in a quote, a letter or a mark. What is left is refused, or read as far as it is sound.
func (s *Source) cutAnywhere(t *testing.T) {
	for _, content := range [][]byte{s.Sample, crlf(s.Sample)} {
		for size := 0; size < len(content); size += step {
			s.tryOn(t, content[:size])
			if t.Failed() {
				t.Fatalf("after %d bytes", size)
			}
		}
	}
}

// tryOn parses whatever it is twice and holds the outcome to the rules.
func (s *Source) tryOn(tb testing.TB, content []byte) {
	tb.Helper()
	export, err := s.Parse(content, entry.Limits{}, Now())
	if err != nil {
		if export != nil {
			tb.Errorf("an export beside the error %v", err)
		}
		checkError(tb, err)
		return
	}
	s.checkExport(tb, export, Now())
	if again, err := s.Parse(content, entry.Limits{}, Now()); err != nil || !reflect.DeepEqual(again, export) {
		tb.Errorf("parsed again: %v, %s", err, difference(again, export))
	}
}

const (
	hostileBytes = (64 << 20) / slowdown

	// maxAllocated bounds what a hostile file may cost in all, as a multiple of its size; most of it is short-lived.
	maxAllocated = 12

	// maxDuration is far above what the slowest parser needs, and far below what a quadratic one does.
	maxDuration = time.Minute
)

// A file of 64 MB, whatever is in it, is done with in a small multiple of its size.
func (s *Source) hostileFiles(t *testing.T) {
	row := string(bytes.TrimPrefix(s.Rows(2), s.Rows(1)))
	for _, unit := range []string{
		",", "x", `""`, `"`, "\n", "\r", " \n", "\"\"\"\"\n", "x\n", "x,", "&amp;", "&", "\x00", "\xff", "é", "\u2028", "-", " - ",
		"[", "{", `{"a":`, "[{}],", "<", row, row[:len(row)/2] + "\n", strings.ReplaceAll(row, "a", "?"),
	} {
		if unit == "" {
			continue
		}
		s.survive(t, hostile(s.Rows(1), unit), unit)
		s.survive(t, hostile(nil, unit), unit)
	}
}

func hostile(head []byte, unit string) []byte {
	content := make([]byte, 0, hostileBytes+len(unit))
	content = append(content, head...)
	for len(content) < hostileBytes {
		content = append(content, unit...)
	}
	return content
}

func (s *Source) survive(t *testing.T, content []byte, unit string) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	s.Recognise(beginning(content))
	export, err := s.Parse(content, entry.Limits{}, Now())
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > maxAllocated*hostileBytes+allowance || took > maxDuration {
		t.Errorf("%d MB of %.20q: %d MB in %v, ended with %.200v", hostileBytes>>20, unit, allocated>>20, took, err)
	}
	if err != nil {
		checkError(t, err)
	} else if len(export.Warnings) > maxWarnings {
		t.Errorf("%d MB of %.20q: %d warnings", hostileBytes>>20, unit, len(export.Warnings))
	}
}

// Fuzz holds a source to the rules on whatever the fuzzer makes of its sample.
func Fuzz(f *testing.F, s Source) {
	f.Helper()
	for _, seed := range [][]byte{s.Sample, crlf(s.Sample), marked(s.Sample), s.Rows(0), s.Rows(2), []byte("<html>"), []byte(strings.Repeat("9", 300))} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		s.Recognise(beginning(content))
		s.tryOn(t, content)
	})
}
