package logbook

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cragbase/cragbase/internal/logbook/cragbase"
	"github.com/cragbase/cragbase/internal/logbook/eightanu"
	"github.com/cragbase/cragbase/internal/logbook/entry"
	"github.com/cragbase/cragbase/internal/logbook/mountainproject"
	"github.com/cragbase/cragbase/internal/logbook/sendage"
	"github.com/cragbase/cragbase/internal/logbook/thecrag"
	"github.com/cragbase/cragbase/internal/logbook/twentysevencrags"
	"github.com/cragbase/cragbase/internal/logbook/ukc"
)

// Source names the logbook that a tick comes from.
type Source string

// The sources. SourceAuto is told from the file; SourceManual is for ticks that are written here.
const (
	SourceAuto             Source = "auto"
	SourceMountainProject  Source = "mountain_project"
	SourceEightA           Source = "eight_a"
	SourceTheCrag          Source = "thecrag"
	SourceUKC              Source = "ukc"
	SourceSendage          Source = "sendage"
	SourceTwentySevenCrags Source = "27crags"
	SourceCragbase         Source = "cragbase"
	SourceManual           Source = "manual"
)

// format is a source whose files are read.
type format struct {
	source    Source
	name      string // as its users call it
	recognise func(head []byte) bool
	parse     func(content []byte, limits entry.Limits, now time.Time) (*entry.Export, error)
}

// formats are tried in this order. Our own export is Mountain Project's with more columns, so it comes first.
func formats() []format {
	return []format{
		{SourceCragbase, "Cragbase", cragbase.Recognise, cragbase.Parse},
		{SourceMountainProject, "Mountain Project", mountainproject.Recognise, mountainproject.Parse},
		{SourceEightA, "8a.nu", eightanu.Recognise, eightanu.Parse},
		{SourceTheCrag, "theCrag", thecrag.Recognise, thecrag.Parse},
		{SourceUKC, "UKClimbing", ukc.Recognise, ukc.Parse},
		{SourceSendage, "Sendage", sendage.Recognise, sendage.Parse},
		{SourceTwentySevenCrags, "27 Crags", twentysevencrags.Recognise, twentysevencrags.Parse},
	}
}

// ImportSources are what the source of an import can be.
func ImportSources() []Source {
	sources := []Source{SourceAuto}
	for _, f := range formats() {
		sources = append(sources, f.source)
	}
	return sources
}

// headBytes is how much of a file tells what it is.
const headBytes = 1024

// recognise finds the format that a file is of.
func recognise(content []byte) (format, bool) {
	head := content[:min(len(content), headBytes)]
	for _, f := range formats() {
		if f.recognise(head) {
			return f, true
		}
	}
	return format{}, false
}

// read parses a file as what it is said to be, or with SourceAuto as what it looks like. The errors are ErrUnrecognisedFile
// and ErrTooManyRows.
func read(content []byte, source Source, maxRows int, now time.Time) (*entry.Export, Source, error) {
	found, recognised := recognise(content)
	if source == SourceAuto {
		if !recognised {
			return nil, "", fmt.Errorf("%w: %w", ErrUnrecognisedFile, unrecognised(content, now))
		}
		source = found.source
	}
	for _, f := range formats() {
		if f.source != source {
			continue
		}
		export, err := f.parse(content, entry.Limits{Rows: maxRows}, now)
		if err != nil && recognised && found.source != source {
			return nil, "", fmt.Errorf("%w: %w; it looks like a logbook of %s", ErrUnrecognisedFile, err, found.name)
		}
		return export, source, fileError(err)
	}
	return nil, "", fmt.Errorf("unknown source %q", source)
}

// unrecognised says what is expected of a file that is none of ours, and what it is instead.
func unrecognised(content []byte, now time.Time) error {
	names := make([]string, 0, len(formats()))
	for _, f := range formats()[1:] {
		names = append(names, f.name)
	}
	expected := "the export of " + strings.Join(names, ", ") + " or Cragbase"
	_, err := mountainproject.Parse(content, entry.Limits{}, now) // any of them says what it is that is none
	var problem *entry.FormatError
	if errors.As(err, &problem) {
		return &entry.FormatError{Expected: expected, Found: problem.Found}
	}
	return cmp.Or(err, error(&entry.FormatError{Expected: expected, Found: "something else"}))
}

func fileError(err error) error {
	var problem *entry.FormatError
	var tooMany *entry.TooManyRowsError
	switch {
	case errors.As(err, &problem):
		return fmt.Errorf("%w: %w", ErrUnrecognisedFile, problem)
	case errors.As(err, &tooMany):
		return fmt.Errorf("%w: %w", ErrTooManyRows, tooMany)
	}
	return err
}
