package analytics

import "time"

// calendarWalk counts ticks in the order of their days.
type calendarWalk struct {
	*Calendar
	filter Filter
	at     periods
}

func (w *calendarWalk) add(t *tick) {
	w.Totals.Ticks++
	w.Totals.Pitches += t.pitches
	at := w.at.of(t.date)
	isNew := t.hasDay() && (len(w.Days) == 0 || w.Days[len(w.Days)-1].Date != t.date)
	w.addYear(t, at, isNew)
	if !t.hasMonth() {
		w.LeftOut.NoMonth++
		w.LeftOut.NoDay++
		return
	}
	w.addMonth(t, at, isNew)
	if !t.hasDay() {
		w.LeftOut.NoDay++
		return
	}
	w.addDay(t, isNew)
	w.addWeek(t, at.week, isNew)
}

func (w *calendarWalk) addYear(t *tick, at *periods, isNew bool) {
	year := day(at.year.From).Year()
	if last := len(w.Years) - 1; last < 0 || w.Years[last].Year != year {
		w.Years = append(w.Years, CalendarYear{Year: year})
	}
	now := &w.Years[len(w.Years)-1]
	now.Ticks++
	now.Pitches += t.pitches
	if isNew {
		now.Days++
		now.DaysPerWeek = perWeek(now.Days, at.year.From, at.year.To)
	}
}

func (w *calendarWalk) addMonth(t *tick, at *periods, isNew bool) {
	first := day(at.month.From)
	year, month := first.Year(), int(first.Month())
	if last := len(w.Months) - 1; last < 0 || w.Months[last].Year != year || w.Months[last].Month != month {
		w.Months = append(w.Months, CalendarMonth{Year: year, Month: month, Season: at.season.Name})
	}
	now := &w.Months[len(w.Months)-1]
	now.Ticks++
	now.Pitches += t.pitches
	if isNew {
		now.Days++
		now.DaysPerWeek = perWeek(now.Days, at.month.From, at.month.To)
	}
}

func (w *calendarWalk) addDay(t *tick, isNew bool) {
	if isNew {
		w.Days = append(w.Days, CalendarDay{Date: t.date, weekday: isoWeekday(day(t.date))})
		w.Totals.Days++
	}
	now := &w.Days[len(w.Days)-1]
	weekday := &w.Weekdays[now.weekday-1]
	if isNew {
		weekday.Days++
	}
	now.Ticks++
	weekday.Ticks++
	now.Pitches += t.pitches
	weekday.Pitches += t.pitches
	if t.sent(w.filter) {
		now.Sends++
	}
}

func (w *calendarWalk) addWeek(t *tick, week Period, isNew bool) {
	if last := len(w.Weeks) - 1; last < 0 || w.Weeks[last].Period != week {
		w.Weeks = append(w.Weeks, CalendarWeek{Period: week})
	}
	now := &w.Weeks[len(w.Weeks)-1]
	now.Ticks++
	now.Pitches += t.pitches
	if isNew {
		now.Days++
	}
}

// finish works out what needs all days.
func (w *calendarWalk) finish() {
	if len(w.Days) == 0 {
		return
	}
	first, last := &w.Days[0].Date, &w.Days[len(w.Days)-1].Date
	average := perWeek(len(w.Days), *first, *last)
	w.FirstDay, w.LastDay, w.DaysPerWeek = first, last, &average
	days, weeks := make([]string, len(w.Days)), make([]string, len(w.Weeks))
	for i := range w.Days {
		days[i] = w.Days[i].Date
	}
	for i := range w.Weeks {
		weeks[i] = w.Weeks[i].From
	}
	w.Streaks.Days, _ = longestRun(days, 1)
	w.Streaks.Weeks, w.Streaks.LatestWeeks = longestRun(weeks, 7)
	w.Streaks.Break = longestBreak(days)
}

// perWeek is how many of some days there are in a week, over the days from one to another, both included; not less than a week.
func perWeek(days int, from, to string) float64 {
	return hundredths(7 * float64(days) / float64(max(7, daysBetween(from, to)+1)))
}

// longestRun finds the longest run of days that follow each other by so many days, the earliest of equals, and the last one.
func longestRun(starts []string, apart int) (longest, last *Streak) {
	for i, start := range starts {
		if i == 0 || daysBetween(starts[i-1], start) != apart {
			last = &Streak{From: start}
		}
		last.Length++
		last.To = day(start).AddDate(0, 0, apart-1).Format(time.DateOnly)
		if longest == nil || last.Length > longest.Length {
			longest = last
		}
	}
	return longest, last
}

// longestBreak finds the most days in a row that are not among days, between two that are; nil when there are none.
func longestBreak(days []string) *Streak {
	var longest *Streak
	for i := 1; i < len(days); i++ {
		if free := daysBetween(days[i-1], days[i]) - 1; free > 0 && (longest == nil || free > longest.Length) {
			longest = &Streak{free, day(days[i-1]).AddDate(0, 0, 1).Format(time.DateOnly), day(days[i]).AddDate(0, 0, -1).Format(time.DateOnly)}
		}
	}
	return longest
}

// daysBetween is how many days a date is after another.
func daysBetween(from, to string) int {
	if from == to {
		return 0
	}
	return int((day(to).Unix() - day(from).Unix()) / (24 * 60 * 60))
}
