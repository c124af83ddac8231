package sourcetest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/entry"
)

// maxWarnings is how many warnings a parser may keep, however odd a file is.
const maxWarnings = 1_001

// checkExport holds what a parser returned to the promises of package entry.
func (s *Source) checkExport(tb testing.TB, export *entry.Export, now time.Time) {
	tb.Helper()
	if export == nil {
		tb.Fatal("neither an export nor an error")
	}
	if export.Rows() == 0 {
		tb.Error("an export without a row, where a FormatError was due")
	}
	if len(export.Warnings) > maxWarnings {
		tb.Errorf("%d warnings", len(export.Warnings))
	}
	latest := now.UTC().AddDate(0, 0, 1+s.DaysAhead).Format(time.DateOnly)
	for i := range export.Ticks {
		if problem := problemOf(&export.Ticks[i], latest); problem != "" {
			tb.Errorf("line %d: %s: %+v", export.Ticks[i].Line, problem, export.Ticks[i])
		}
	}
	for _, remark := range slices.Concat(export.Skipped, export.Warnings) {
		if problem := problemOfRemark(remark); problem != "" {
			tb.Errorf("%s: %+v", problem, remark)
		}
	}
	checkLines(tb, export)
}

// checkLines sees that no row is counted twice.
func checkLines(tb testing.TB, export *entry.Export) {
	tb.Helper()
	seen := make(map[int]bool, export.Rows())
	note := func(line int) {
		if seen[line] {
			tb.Errorf("line %d is counted twice", line)
		}
		seen[line] = true
	}
	for i := range export.Ticks {
		note(export.Ticks[i].Line)
	}
	for _, skipped := range export.Skipped {
		note(skipped.Line)
	}
}

// problemOf is the first promise that a tick breaks, "" when it keeps all.
func problemOf(t *entry.Tick, latest string) string {
	day, err := time.Parse(time.DateOnly, t.Date)
	switch {
	case err != nil || t.Date > latest || t.Date < "1900":
		return "the date is none, or too late, or before 1900"
	case t.Precision == entry.Month && day.Day() != 1, t.Precision == entry.Year && day.YearDay() != 1:
		return "the date is more precise than it says"
	case !slices.Contains([]entry.Precision{entry.Day, entry.Month, entry.Year}, t.Precision):
		return "the precision is none"
	case t.Line < 1:
		return "there is no line"
	case t.RouteName == "" || strings.TrimSpace(t.RouteName) != t.RouteName:
		return "the route name is missing or has space around it"
	case t.Pitches < 1 || t.Attempts < 0 || t.LengthFeet < 0:
		return "a number is too small"
	}
	return problemOfValues(t)
}

func problemOfValues(t *entry.Tick) string {
	_, styleErr := climb.ParseStyle(string(t.Style))
	_, leadErr := climb.ParseLeadStyle(string(t.LeadStyle))
	switch {
	case !isStars(t.AvgStars) || !isStars(t.YourStars):
		return "the stars are not -1 or from 0 to 4"
	case styleErr != nil || leadErr != nil:
		return "the style is none"
	case !slices.Contains([]entry.Feel{entry.FeelNone, entry.FeelSoft, entry.FeelHard}, t.Feel):
		return "the feel is none"
	case !areDisciplines(t.Disciplines):
		return "a discipline is none, or there twice"
	case slices.Contains(t.Location, ""):
		return "an area has no name"
	case !entry.AreTraits(t.Traits):
		return "the traits are not lower case, sorted, each once"
	case !entry.IsPage(t.RouteURL):
		return "the page of the route is none"
	}
	return problemOfText(t)
}

func problemOfText(t *entry.Tick) string {
	texts := append([]string{t.ID, t.RouteName, t.RouteID, t.RouteURL, t.RouteType, t.Rating.Text, t.YourGrade, t.Notes}, t.Location...)
	for _, text := range texts {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return fmt.Sprintf("%q is not UTF-8, or has a NUL", text)
		}
	}
	return ""
}

func isStars(n float64) bool { return n == -1 || n >= 0 && n <= 4 }

func areDisciplines(list []climb.Discipline) bool {
	seen := map[climb.Discipline]bool{}
	for _, d := range list {
		if _, err := climb.ParseDiscipline(string(d)); err != nil || seen[d] {
			return false
		}
		seen[d] = true
	}
	return true
}

// jargon are words of programs, which mean nothing to users.
var jargon = []string{"strconv", "parsing", "parse error", "EOF", "syntax", "<nil>", "record on line", "panic", "unmarshal", "%!", "goroutine"}

func problemOfRemark(r entry.Remark) string {
	switch {
	case r.Line < 1:
		return "a remark without a line"
	case strings.TrimSpace(r.Reason) == "":
		return "a remark without a reason"
	case strings.HasSuffix(r.Reason, "."):
		return "a reason with a full stop"
	case len(r.Reason) > 500 || !utf8.ValidString(r.Reason):
		return "a reason that cannot be shown"
	}
	return problemOfSpeech(r.Reason)
}

func problemOfSpeech(text string) string {
	for _, word := range jargon {
		// what is quoted are the user's own words
		if strings.Contains(withoutQuoted(text), word) {
			return fmt.Sprintf("%q is no word for users", word)
		}
	}
	return ""
}

// withoutQuoted takes the quoted words out of a text.
func withoutQuoted(text string) string {
	var kept strings.Builder
	for i, part := range strings.Split(text, `"`) {
		if i%2 == 0 {
			kept.WriteString(part)
		}
	}
	return kept.String()
}

// checkError sees that a failure is one of the two kinds that a caller can tell a user about.
func checkError(tb testing.TB, err error) {
	tb.Helper()
	var format *entry.FormatError
	var rows *entry.TooManyRowsError
	switch {
	case errors.As(err, &rows):
	case !errors.As(err, &format):
		tb.Errorf("%v (%T) is neither a FormatError nor a TooManyRowsError", err, err)
	case format.Expected == "" || format.Found == "":
		tb.Errorf("%+v does not say what was expected and what was found", format)
	case len(err.Error()) > 1_000 || !utf8.ValidString(err.Error()):
		tb.Errorf("%.80q cannot be shown", err)
	case problemOfSpeech(err.Error()) != "":
		tb.Errorf("%v: %s", err, problemOfSpeech(err.Error()))
	}
}

// difference says where two exports begin to differ.
func difference(got, want *entry.Export) string {
	if got == nil || want == nil {
		return fmt.Sprintf("%v instead of %v", got, want)
	}
	for i := range min(len(got.Ticks), len(want.Ticks)) {
		if !reflect.DeepEqual(got.Ticks[i], want.Ticks[i]) {
			return fmt.Sprintf("tick %d is\n%+v instead of\n%+v", i, got.Ticks[i], want.Ticks[i])
		}
	}
	return fmt.Sprintf("%d ticks, skipped %v, warnings %v, newest first %v instead of %d, %v, %v, %v",
		len(got.Ticks), got.Skipped, got.Warnings, got.NewestFirst, len(want.Ticks), want.Skipped, want.Warnings, want.NewestFirst)
}
