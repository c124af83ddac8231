package analytics

// Calendar shows when somebody climbed.
type Calendar struct {
	Rule        string            `json:"rule"`
	Units       map[string]string `json:"units"`
	Filters     Filter            `json:"filters"`
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
	Break       *Streak `json:"break"`        // days in a row between two days out; null when there never was one
}

// Streak is a run of days or weeks.
type Streak struct {
	Length int    `json:"length"`
	From   string `json:"from"` // its first day, YYYY-MM-DD
	To     string `json:"to"`   // its last day; of weeks the last Sunday
}

// CalendarLeftOut counts the ticks that single lists do not show.
type CalendarLeftOut struct {
	NoDay    int `json:"no_day"`    // of a month or a year: not in days, weeks, weekdays and streaks, and in no count of days
	NoMonth  int `json:"no_month"`  // of a year: not in months either
	LeadOnly int `json:"lead_only"` // what lead_only leaves out
}
