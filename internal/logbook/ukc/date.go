package ukc

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cragbase/cragbase/internal/logbook/entry"
)

// noDate is of an ascent whose climber does not know when it was.
const noDate = "the date is unknown"

// parseDate reads 31/May/23 and what the site writes for a date that is known only in part: ??/Apr/23, ???/2023. Spreadsheets
// put dashes between, or numbers for months, the day first as in Britain. problem is empty, or says why this cannot be the
// date of a tick.
func parseDate(text string, now time.Time) (date string, precision entry.Precision, problem string) {
	if strings.Trim(text, "?-/ ") == "" {
		return "", "", noDate
	}
	if len(text) == len(time.DateOnly) && text[4] == '-' {
		date, problem = entry.ParseDay(text, now)
		return date, entry.Day, problem
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == '/' || r == '-' || r == ' ' })
	for len(parts) > 0 && len(parts) < 3 {
		parts = slices.Insert(parts, 0, "??")
	}
	if len(parts) != 3 {
		return "", "", notADate(text)
	}
	year, yearKnown := parseYear(parts[2], now)
	month, monthKnown := parseMonth(parts[1])
	day, dayKnown := parseNumber(parts[0], 31)
	switch {
	case !yearKnown, !monthKnown && !isUnknown(parts[1]), !dayKnown && !isUnknown(parts[0]), dayKnown && !monthKnown:
		return "", "", notADate(text)
	case !monthKnown:
		month, day, precision = 1, 1, entry.Year
	case !dayKnown:
		day, precision = 1, entry.Month
	}
	first := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if first.Day() != day {
		return "", "", notADate(text)
	}
	date, problem = entry.ParseDay(first.Format(time.DateOnly), now)
	return date, precision, problem
}

func notADate(text string) string {
	return "the date " + entry.Clip(text) + " is not written like 31/May/23, ??/May/23 or ???/2023"
}

func isUnknown(part string) bool { return strings.Trim(part, "?") == "" }

// parseYear reads a year of four digits, or of two, which is one of the last ninety or the next ten: a slip into the next year
// has to be seen as one.
func parseYear(text string, now time.Time) (year int, ok bool) {
	const ahead = 10
	n, ok := parseNumber(text, 9999)
	switch {
	case !ok || len(text) != 2 && len(text) != 4:
		return 0, false
	case len(text) == 4:
		return n, true
	}
	latest := now.UTC().Year() + ahead
	return latest - (latest-n)%100, true
}

var months = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}

func parseMonth(text string) (month int, ok bool) {
	if text = strings.ToLower(text); len(text) >= 3 {
		if i := slices.Index(months, text[:3]); i >= 0 {
			return i + 1, true
		}
	}
	month, ok = parseNumber(text, len(months))
	return month, ok && month > 0
}

func parseNumber(text string, most int) (n int, ok bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0 && n <= most && text[0] != '+'
}
