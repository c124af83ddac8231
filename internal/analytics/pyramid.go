package analytics

import (
	"cmp"
	"slices"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/climb"
)

const pyramidRule = "Each route counts once, with its best send: onsight before flash, send, redpoint and pinkpoint. " +
	"A send is a tick with style Send or Flash or lead style Onsight, Flash, Redpoint or Pinkpoint. " +
	"A grade between two, such as 5.10 or V3-4, counts in the lower middle of its range."

// Pyramid counts the distinct routes that were sent, by grade.
type Pyramid struct {
	Basis
	Discipline climb.Discipline `json:"discipline"`
	Scale      climb.System     `json:"scale"`
	Routes     int              `json:"routes"`
	Bins       []PyramidBin     `json:"bins"`           // hardest first, without gaps between the hardest and the easiest
	Goal       *Goal            `json:"goal,omitempty"` // when one is asked for
	LeftOut    PyramidLeftOut   `json:"left_out"`
}

// PyramidBin is one grade of the scale, Low to High on the score of its family.
type PyramidBin struct {
	Grade  string         `json:"grade"`
	Low    int            `json:"low"`
	High   int            `json:"high"`
	Count  int            `json:"count"`
	Styles map[string]int `json:"styles"` // by how each route was best sent; sums to Count
	Routes []PyramidRoute `json:"routes"`
}

// PyramidRoute is the tick that counts for a route.
type PyramidRoute struct {
	TickID        string       `json:"tick_id"`
	RouteName     string       `json:"route_name"`
	Location      string       `json:"location"`
	Date          string       `json:"date"`
	DatePrecision string       `json:"date_precision"` // day, month or year
	Grade         string       `json:"grade"`          // as logged
	Result        climb.Result `json:"result"`
}

// PyramidLeftOut counts the ticks that the pyramid does not show, and why.
type PyramidLeftOut struct {
	Filtered
	NoGrade      int `json:"no_grade"`     // sends whose grade is unknown or of another family
	Undetermined int `json:"undetermined"` // no result logged
	Attempts     int `json:"attempts"`
	OtherStyles  int `json:"other_styles"` // top-rope, follow and solo without a lead style
}

// pyramidStyles are the keys of PyramidBin.Styles.
var pyramidStyles = []string{"onsight", "flash", "send", "redpoint", "pinkpoint", "undetermined"}

// PyramidOf computes the performance pyramid of a user (domain: distinct routes with at least one send per grade,
// each once with its best style). Without a discipline in the filter it takes the one with the most sends.
func PyramidOf(app core.App, userID string, filter Filter) (*Pyramid, error) {
	ticks, err := load(app, userID, filter)
	if err != nil {
		return nil, err
	}
	pyramid := pyramidOf(ticks, filter)
	if filter.Goal != "" {
		if pyramid.Goal, err = goalOf(pyramid.Bins, pyramid.Scale, filter); err != nil {
			return nil, err
		}
	}
	return pyramid, nil
}

func pyramidOf(all []tick, filter Filter) *Pyramid {
	scoped := filter.orMostSent(all)
	d := scoped.Discipline
	pyramid := &Pyramid{
		Basis:      newBasis(pyramidRule, map[string]string{"count": "distinct routes", "low": "score", "high": "score"}, filter),
		Discipline: d,
		Scale:      filter.scaleOf(d),
	}
	var ticks []*tick
	ticks, pyramid.LeftOut.Filtered = inScope(all, scoped)
	best := map[string]*tick{}
	for _, t := range ticks {
		if pyramid.LeftOut.keeps(t, d, filter) {
			if old, ok := best[t.route]; !ok || t.result.Rank() < old.result.Rank() {
				best[t.route] = t
			}
		}
	}
	pyramid.Routes = len(best)
	pyramid.Bins = fillBins(best, d, pyramid.Scale)
	return pyramid
}

// keeps reports whether a tick belongs into the pyramid, and counts it when not.
func (l *PyramidLeftOut) keeps(t *tick, discipline climb.Discipline, filter Filter) bool {
	switch {
	case !t.sent(filter) && t.result.IsAttempt():
		l.Attempts++
	case !t.sent(filter) && t.result.IsUndetermined():
		l.Undetermined++
	case !t.sent(filter):
		l.OtherStyles++
	default:
		if _, ok := t.gradeIn(discipline); ok {
			return true
		}
		l.NoGrade++
	}
	return false
}

// fillBins sorts the best sends into the grades of a scale, from the hardest sent to the easiest sent.
func fillBins(best map[string]*tick, discipline climb.Discipline, scale climb.System) []PyramidBin {
	all := rungs(scale)
	bins := make([]PyramidBin, len(all))
	first, last := len(all), -1
	for _, t := range best {
		grade, _ := t.gradeIn(discipline)
		i := rungOf(all, grade.Mid())
		first, last = min(first, i), max(last, i)
		bins[i].add(t)
	}
	if last < 0 {
		return []PyramidBin{}
	}
	for i := first; i <= last; i++ {
		bins[i].finish(all[i])
	}
	filled := bins[first : last+1]
	slices.Reverse(filled)
	return filled
}

func (b *PyramidBin) add(t *tick) {
	b.Routes = append(b.Routes, PyramidRoute{t.id, t.routeName, t.location, t.date, t.datePrecision(), t.gradeText, t.result})
}

// finish labels a bin, counts its styles and puts its routes in order, the latest first.
func (b *PyramidBin) finish(bin climb.Bin) {
	b.Grade, b.Low, b.High = bin.Label, bin.Low, bin.High
	b.Count = len(b.Routes)
	b.Styles = make(map[string]int, len(pyramidStyles))
	for _, style := range pyramidStyles {
		b.Styles[style] = 0
	}
	for _, route := range b.Routes {
		if route.Result.IsUndetermined() {
			b.Styles["undetermined"]++
		} else {
			b.Styles[string(route.Result)]++
		}
	}
	slices.SortFunc(b.Routes, func(x, y PyramidRoute) int {
		return cmp.Or(cmp.Compare(y.Date, x.Date), cmp.Compare(x.RouteName, y.RouteName), cmp.Compare(x.TickID, y.TickID))
	})
	if b.Routes == nil {
		b.Routes = []PyramidRoute{}
	}
}

// orMostSent is the filter with a discipline: the one asked for, that of the period which this one is compared with, or the one
// with the most sends.
func (f Filter) orMostSent(ticks []tick) Filter {
	if f.Discipline == "" {
		f.Discipline = f.likewise
	}
	if f.Discipline == "" {
		f.Discipline = mostSent(ticks, f)
	}
	return f
}

// mostSent is the discipline with the most sends among the ticks that a filter shows, of those that are graded in the scale asked
// for; without sends the first of them.
func mostSent(ticks []tick, filter Filter) climb.Discipline {
	_, asked := since(ticks, filter.From)
	shown, _ := inScope(asked, filter)
	sends := map[climb.Discipline]int{}
	for _, t := range shown {
		if !t.sent(filter) {
			continue
		}
		for _, d := range t.disciplines {
			sends[d]++
		}
	}
	var most climb.Discipline
	for _, d := range climb.AllDisciplines() {
		if filter.Scale != "" && filter.Scale.Family() != d.Family() {
			continue
		}
		if most == "" || sends[d] > sends[most] {
			most = d
		}
	}
	return most
}
