package tools

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// period is what a user would call a time.
type period struct {
	from, to string // YYYY-MM-DD
	name     string
}

var daysBack = regexp.MustCompile(`^(last|previous)_(\d{1,4})_days$`)

// parsePeriod reads a period; today is in UTC.
func parsePeriod(argument, text string, today time.Time) (period, error) {
	if at, err := time.Parse("2006", text); err == nil {
		return between(at, at.AddDate(1, 0, -1)), nil
	}
	if at, err := time.Parse("2006-01", text); err == nil {
		return between(at, at.AddDate(0, 1, -1)), nil
	}
	if found := daysBack.FindStringSubmatch(strings.ToLower(text)); found != nil {
		if days, _ := strconv.Atoi(found[2]); days > 0 {
			return back(found[1], days, today), nil
		}
	}
	if from, to, ok := strings.Cut(text, ".."); ok {
		first, errFirst := time.Parse(time.DateOnly, strings.TrimSpace(from))
		last, errLast := time.Parse(time.DateOnly, strings.TrimSpace(to))
		if errFirst == nil && errLast == nil && !last.Before(first) {
			return between(first, last), nil
		}
	}
	return period{}, wrong(argument + " must be a period such as 2026, 2026-03, last_90_days, previous_90_days or 2026-01-10..2026-02-20")
}

func between(first, last time.Time) period {
	from, to := first.Format(time.DateOnly), last.Format(time.DateOnly)
	return period{from, to, span(from, to)}
}

// back are the last days, today included, or as many before them.
func back(which string, days int, today time.Time) period {
	name := fmt.Sprintf("the last %d days", days)
	if which == "previous" {
		today = today.AddDate(0, 0, -days)
		name = fmt.Sprintf("the %d days before", days)
	}
	p := between(today.AddDate(0, 0, 1-days), today)
	p.name = name
	return p
}

// twoDecimals rounds a share.
func twoDecimals(x *float64) *float64 {
	if x == nil {
		return nil
	}
	rounded := math.Round(100**x) / 100
	return &rounded
}
