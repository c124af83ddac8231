package analytics

import (
	"cmp"
	"fmt"
	"sort"
	"time"
)

// Period is a week, month, season or year.
type Period struct {
	Name string `json:"period"` // "2024-W05", "2024-05", "Fall, 2024", "Winter, 2023-2024", "2024"
	From string `json:"from"`   // its first day, YYYY-MM-DD
	To   string `json:"to"`     // its last day
}

// periods are those that a day is in. Ticks come in the order of their days, so that most calls ask for the day before again.
type periods struct {
	date                      string
	week, month, season, year Period
}

// of are the periods of a date.
func (p *periods) of(date string) *periods {
	if p.date == date {
		return p
	}
	p.date = date
	at := day(date)
	p.week = weekOf(at)
	if date < p.month.From || date > p.month.To {
		p.month, p.season, p.year = monthOf(at), seasonOf(at), yearOf(at)
	}
	return p
}

// weekOf is the week of ISO 8601, which belongs to the year that has its Thursday.
func weekOf(at time.Time) Period {
	year, week := at.ISOWeek()
	monday := at.AddDate(0, 0, 1-isoWeekday(at))
	return between(fmt.Sprintf("%04d-W%02d", year, week), monday, monday.AddDate(0, 0, 6))
}

func monthOf(at time.Time) Period {
	first := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
	return between(first.Format("2006-01"), first, first.AddDate(0, 1, -1))
}

// seasonOf is a season of three months, spring from March on; a winter has December and the January and February after it.
func seasonOf(at time.Time) Period {
	year, quarter := at.Year(), int(at.Month())%12/3
	if at.Month() < time.March {
		year-- // of the December that the winter began in
	}
	if quarter == 0 {
		december := time.Date(year, time.December, 1, 0, 0, 0, 0, time.UTC)
		return between(fmt.Sprintf("Winter, %d-%d", year, year+1), december, december.AddDate(0, 3, -1))
	}
	first := time.Date(year, time.Month(3*quarter), 1, 0, 0, 0, 0, time.UTC)
	name := [...]string{"", "Spring", "Summer", "Fall"}[quarter]
	return between(fmt.Sprintf("%s, %d", name, year), first, first.AddDate(0, 3, -1))
}

func yearOf(at time.Time) Period {
	first := time.Date(at.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	return between(first.Format("2006"), first, first.AddDate(1, 0, -1))
}

func between(name string, first, last time.Time) Period {
	return Period{name, first.Format(time.DateOnly), last.Format(time.DateOnly)}
}

// isoWeekday is 1 for a Monday to 7 for a Sunday.
func isoWeekday(at time.Time) int { return (int(at.Weekday())+6)%7 + 1 }

// since splits ticks, which are in the order of their days, into those before a day and the others; "" is before all days.
func since(ticks []tick, from string) (before, after []tick) {
	i := sort.Search(len(ticks), func(i int) bool { return ticks[i].date >= from })
	return ticks[:i], ticks[i:]
}

// hasDay reports whether the day of a tick is known.
func (t *tick) hasDay() bool { return t.precision == "" }

// datePrecision says how much of the date of a tick is known: day, month or year.
func (t *tick) datePrecision() string { return cmp.Or(t.precision, "day") }

// hasMonth reports whether at least the month of a tick is known.
func (t *tick) hasMonth() bool { return t.precision != "year" }
