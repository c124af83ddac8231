package analytics

import (
	"time"

	"github.com/pocketbase/pocketbase/core"
)

const calendarRule = "A day out is a date with at least one tick, whatever came of it; pitches count laps. " +
	"Days in a week are days out divided by the weeks of the month, the year, or the time from the first to the last day out. " +
	"Weeks run from Monday to Sunday. Ticks of which only the month or the year is known count in months and years alone, and never as days. " +
	"Days, weeks, months and years without ticks are not listed."

// Calendar shows when somebody climbed.
type Calendar struct {
	Basis
	Totals      CalendarTotals    `json:"totals"`
	FirstDay    *string           `json:"first_day"` // YYYY-MM-DD; null without ticks of a day
	LastDay     *string           `json:"last_day"`
	DaysPerWeek *float64          `json:"days_per_week"` // from FirstDay to LastDay; null without ticks of a day
	Days        []CalendarDay     `json:"days"`          // the earliest first, as in all lists; only those with ticks
	Weeks       []CalendarWeek    `json:"weeks"`
	Months      []CalendarMonth   `json:"months"`
	Years       []CalendarYear    `json:"years"`
	Weekdays    []CalendarWeekday `json:"weekdays"` // all seven, Monday first
	Streaks     CalendarStreaks   `json:"streaks"`
	LeftOut     CalendarLeftOut   `json:"left_out"`
}

// CalendarTotals sum up what the filter lets through.
type CalendarTotals struct {
	Days    int `json:"days"` // distinct dates
	Ticks   int `json:"ticks"`
	Pitches int `json:"pitches"`
}

// CalendarDay is one square of the calendar heat map.
type CalendarDay struct {
	Date    string `json:"date"` // YYYY-MM-DD
	Ticks   int    `json:"ticks"`
	Pitches int    `json:"pitches"`
	Sends   int    `json:"sends"`
	weekday int    // ISO 8601
}

// CalendarWeek is a week of ISO 8601, Monday to Sunday.
type CalendarWeek struct {
	Period
	Days    int `json:"days"` // 1 to 7
	Ticks   int `json:"ticks"`
	Pitches int `json:"pitches"`
}

// CalendarMonth is one square of the heat map of months and years.
type CalendarMonth struct {
	Year        int     `json:"year"`
	Month       int     `json:"month"` // 1 to 12
	Season      string  `json:"season"`
	Days        int     `json:"days"`          // 0 when all its ticks lack the day
	DaysPerWeek float64 `json:"days_per_week"` // Days / (days of the month / 7)
	Ticks       int     `json:"ticks"`
	Pitches     int     `json:"pitches"`
}

// CalendarYear sums up a year.
type CalendarYear struct {
	Year        int     `json:"year"`
	Days        int     `json:"days"`
	DaysPerWeek float64 `json:"days_per_week"` // Days / (days of the year / 7)
	Ticks       int     `json:"ticks"`
	Pitches     int     `json:"pitches"`
}

// CalendarWeekday sums up the days of one name.
type CalendarWeekday struct {
	Weekday int    `json:"weekday"` // ISO 8601: 1 is Monday, 7 Sunday
	Name    string `json:"name"`
	Days    int    `json:"days"`
	Ticks   int    `json:"ticks"`
	Pitches int    `json:"pitches"`
}

// CalendarStreaks are the longest runs, the earliest of equals; null without ticks of a day.
type CalendarStreaks struct {
	Days        *Streak `json:"days"`         // days in a row
	Weeks       *Streak `json:"weeks"`        // weeks in a row with a day out in each
	LatestWeeks *Streak `json:"latest_weeks"` // the run of weeks that ends with the week of the last day
	Break       *Streak `json:"break"`        // days in a row without one, between two days out; null when there never was one
}

// Streak is a run of days or weeks.
type Streak struct {
	Length int    `json:"length"`
	From   string `json:"from"` // its first day, YYYY-MM-DD
	To     string `json:"to"`   // its last day; of weeks the last Sunday
}

// CalendarLeftOut counts what the filter leaves out, and the ticks that single lists do not show.
type CalendarLeftOut struct {
	Filtered
	NoDay   int `json:"no_day"`   // of a month or a year: not in days, weeks, weekdays and streaks, and in no count of days
	NoMonth int `json:"no_month"` // of a year: not in months either
}

// CalendarOf computes when a user climbed (domain: distinct dates, calendar heat map, months and years, weekdays, streaks,
// days in a week).
func CalendarOf(app core.App, userID string, filter Filter) (*Calendar, error) {
	ticks, err := load(app, userID, filter)
	if err != nil {
		return nil, err
	}
	return calendarOf(ticks, filter), nil
}

func calendarOf(all []tick, filter Filter) *Calendar {
	ticks, filtered := inScope(all, filter)
	calendar := &Calendar{
		Basis: newBasis(calendarRule, map[string]string{"days": "distinct dates", "days_per_week": "days", "pitches": "pitches and laps"}, filter),
		Days:  []CalendarDay{}, Weeks: []CalendarWeek{}, Months: []CalendarMonth{}, Years: []CalendarYear{},
		LeftOut: CalendarLeftOut{Filtered: filtered},
	}
	walk := calendarWalk{Calendar: calendar, filter: filter}
	for n := 1; n <= 7; n++ {
		calendar.Weekdays = append(calendar.Weekdays, CalendarWeekday{Weekday: n, Name: time.Weekday(n % 7).String()})
	}
	for _, t := range ticks {
		walk.add(t)
	}
	walk.finish()
	return calendar
}
