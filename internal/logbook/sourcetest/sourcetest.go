// Package sourcetest holds every source of ticks to the same rules. A source's own tests say what its words mean; what all
// sources must do alike stands here once.
//
// The samples in testdata are synthetic files with the quirks of real ones, <source>.<form>.<extension>. They stand together
// so that each source is tried on those of all others.
package sourcetest

import (
	"bytes"
	"embed"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/cragbase/cragbase/internal/logbook/entry"
)

// Source is a parser under test, with one form of the files that it reads. A parser of several forms is tried with each.
type Source struct {
	Name      string // the part of the samples' file names before the first dot
	Recognise func(head []byte) bool
	Parse     func(content []byte, limits entry.Limits, now time.Time) (*entry.Export, error)

	Sample         []byte
	Ticks, Skipped int // what is in the sample, counted by hand

	// Rows is a file of the same form with n rows, each the same tick on the same day.
	Rows func(n int) []byte

	// DaysAhead is how many days after tomorrow a tick may have, for sites whose users log days to come.
	DaysAhead int

	// UTF8Only is for forms that nothing but UTF-8 is allowed in, such as JSON, and for samples with letters that older
	// encodings do not have.
	UTF8Only bool
}

//go:embed testdata
var testdata embed.FS

// Sample is a file of testdata.
func Sample(tb testing.TB, name string) []byte {
	tb.Helper()
	content, err := testdata.ReadFile(path.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

// Samples are the names of the files of testdata.
func Samples(tb testing.TB) []string {
	tb.Helper()
	files, err := testdata.ReadDir("testdata")
	if err != nil {
		tb.Fatal(err)
	}
	names := make([]string, len(files))
	for i, file := range files {
		names[i] = file.Name()
	}
	return names
}

// Repeat makes the Rows of a text format.
func Repeat(header, row string) func(n int) []byte {
	return func(n int) []byte { return []byte(header + strings.Repeat(row, n)) }
}

// Now is the time at which the suite parses; a sample's last day is the one after.
func Now() time.Time { return time.Date(2026, time.June, 15, 12, 0, 0, 0, time.UTC) }

// Run holds a source to the rules.
func Run(t *testing.T, s Source) {
	t.Helper()
	t.Run("sample", s.sample)
	t.Run("recognised", s.recognised)
	t.Run("samples of others", s.samplesOfOthers)
	t.Run("same content", s.sameContent)
	t.Run("laps", s.laps)
	t.Run("clock", s.clock)
	t.Run("other files", s.otherFiles)
	t.Run("row limit", s.rowLimit)
	t.Run("cut anywhere", s.cutAnywhere)
	t.Run("hostile files", s.hostileFiles) // the last one, alone: it measures memory
}

// parse is a parse that has to succeed.
func (s *Source) parse(t *testing.T, content []byte) *entry.Export {
	t.Helper()
	export, err := s.Parse(content, entry.Limits{}, Now())
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	return export
}

func (s *Source) sample(t *testing.T) {
	before := bytes.Clone(s.Sample)
	export := s.parse(t, s.Sample)
	if !bytes.Equal(before, s.Sample) {
		t.Error("the parser writes into the content")
	}
	s.checkExport(t, export, Now())
	if len(export.Ticks) != s.Ticks || len(export.Skipped) != s.Skipped {
		t.Errorf("%d ticks and %d skipped rows, want %d and %d: %v", len(export.Ticks), len(export.Skipped), s.Ticks, s.Skipped, export.Skipped)
	}
	if s.Skipped == 0 {
		t.Error("the sample has no row that is skipped, so it shows little")
	}
}

func (s *Source) recognised(t *testing.T) {
	for rule, content := range map[string][]byte{
		"the sample":     s.Sample,
		"with a mark":    marked(s.Sample),
		"with CRLF":      crlf(s.Sample),
		"a file of laps": s.Rows(40),
	} {
		if !s.Recognise(beginning(content)) {
			t.Errorf("%s is not recognised", rule)
		}
	}
	for size := range beginning(s.Sample) {
		s.Recognise(s.Sample[:size]) // must not panic
	}
}

func (s *Source) samplesOfOthers(t *testing.T) {
	for _, name := range Samples(t) {
		if owner, _, _ := strings.Cut(name, "."); owner == s.Name {
			continue
		}
		content := Sample(t, name)
		if s.Recognise(beginning(content)) {
			t.Errorf("%s is recognised", name)
		}
		if export, err := s.Parse(content, entry.Limits{}, Now()); err == nil {
			t.Errorf("%s is parsed: %d ticks", name, len(export.Ticks))
		} else {
			checkError(t, err)
		}
	}
}

// beginning is what Recognise gets to see.
func beginning(content []byte) []byte { return content[:min(len(content), 1024)] }
