package tools

import (
	"github.com/cragbase/cragbase/internal/analytics"
	"github.com/cragbase/cragbase/internal/climb"
)

// Progression is the result of get_progression.
type Progression struct {
	About
	Discipline climb.Discipline `json:"discipline"`
	Scale      climb.System     `json:"scale"`
	Periods    []Progress       `json:"periods"` // the latest first; only those with a graded send
}

// Progress is a period's climbing; the grades are "" where there is none.
type Progress struct {
	Period     string `json:"period"`
	Sends      int    `json:"sends"`
	Routes     int    `json:"routes"`
	Max        string `json:"max"`
	TopMean    string `json:"top_mean"`
	Median     string `json:"median"`
	Onsight    string `json:"onsight,omitempty"`
	Redpoint   string `json:"redpoint,omitempty"`
	BestSoFar  string `json:"best_so_far"`
	OnsightGap *int   `json:"onsight_gap,omitempty"`
}

// Buckets of a progression.
const (
	bucketSeason = "season"
	bucketMonth  = "month"
)

func progressionSpec() spec {
	return spec{
		name: GetProgression,
		description: "How hard the user climbed in one discipline from season to season or month to month, the latest first: hardest send, mean of the five hardest routes, " +
			"median, hardest onsight (of boulders also flash) and redpoint, the best so far, and how many grades redpoints are above onsights by then.",
		parameters: []parameter{
			disciplineParameter(),
			{name: "bucket", description: "season (three months) without it", words: []string{bucketSeason, bucketMonth}},
			fromParameter(), toParameter(), scaleParameter(),
		},
		find: findProgression,
	}
}

func findProgression(l *look, a arguments) (finding, error) {
	filter, err := l.filter(a, "discipline", "from", "to", "scale")
	if err != nil {
		return finding{}, err
	}
	p, err := analytics.ProgressionOf(l.app, l.userID, filter)
	if err != nil {
		return finding{}, err
	}
	periods, bucket := p.Seasons, bucketSeason
	if a["bucket"] == bucketMonth {
		periods, bucket = p.Months, bucketMonth
	}
	about, err := l.about(filter, len(periods), map[string]string{"sends": "ticks, repeats too", "routes": "distinct routes", "onsight_gap": "grades from onsight up to redpoint"})
	if err != nil {
		return finding{}, err
	}
	rows := make([]Progress, len(periods))
	for i := range periods {
		rows[len(rows)-1-i] = progressOf(&periods[i])
	}
	shown := func(n int) any { return Progression{about.showing(n), p.Discipline, p.Scale, rows[:n]} }
	return finding{len(rows), shown, "looked at your " + name(p.Discipline) + " progress by " + bucket + ", " + dates(filter)}, nil
}

func progressOf(p *analytics.ProgressionPeriod) Progress {
	return Progress{
		p.Name, p.Sends, p.Routes, p.Max.Grade, p.TopMean.Grade, p.Median.Grade, gradeOf(p.Onsight), gradeOf(p.Redpoint),
		p.Running.Max.Grade, p.Running.Gap,
	}
}

func gradeOf(v *analytics.GradeValue) string {
	if v == nil {
		return ""
	}
	return v.Grade
}
