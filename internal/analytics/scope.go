package analytics

import (
	"slices"
	"strings"
	"time"

	"github.com/cragbase/cragbase/internal/climb"
)

// Filtered counts the ticks of the dates and the area asked for that the rest of the filter leaves out. Each tick is
// counted once, under the first reason of this order.
type Filtered struct {
	OtherDisciplines int `json:"other_disciplines"` // of none that is looked at
	LeadOnly         int `json:"lead_only"`         // on top-rope or following, when only leads are looked at
	OtherResults     int `json:"other_results"`     // of none of the results asked for by style
}

// inScope are the ticks that a chart looks at under a filter, in their order, and counts of those that it does not. A chart
// that chooses its discipline itself puts it into the filter first. Ticks before the first day asked for, which are there
// for charts that rest on all that came before, are counted nowhere.
func inScope(all []tick, filter Filter) ([]*tick, Filtered) {
	var filtered, earlier Filtered
	ticks := make([]*tick, 0, len(all))
	asked := filter.results()
	for i := range all {
		t, count := &all[i], &filtered
		if t.date < filter.From {
			count = &earlier
		}
		switch {
		case !t.is(filter.Discipline):
			count.OtherDisciplines++
		case filter.LeadOnly && t.followed():
			count.LeadOnly++
		case !asked.has(t.result):
			count.OtherResults++
		default:
			ticks = append(ticks, t)
		}
	}
	return ticks, filtered
}

// resultSet holds results that were asked for; nil: all.
type resultSet []climb.Result

func (s resultSet) has(r climb.Result) bool { return s == nil || slices.Contains(s, r) }

// results are those asked for by style.
func (f Filter) results() resultSet {
	if f.Style == "" {
		return nil
	}
	var asked resultSet
	for name := range strings.SplitSeq(f.Style, ",") {
		asked = append(asked, climb.Result(name))
	}
	return asked
}

// anyResult is the filter without its style, for charts that follow a route through all of its ticks.
func (f Filter) anyResult() Filter {
	f.Style = ""
	return f
}

// history is the filter without its first day, for charts whose figures rest on all that came before a day. What of it they
// show is for [Filter.shows] to say.
func (f Filter) history() Filter {
	f.From = ""
	return f
}

// shows reports whether a day is between the dates of a filter.
func (f Filter) shows(date string) bool {
	return date >= f.From && (f.To == "" || date <= f.To)
}

// previous is the filter over as many days, just before. Both dates are given.
func (f Filter) previous() Filter {
	from, to := day(f.From), day(f.To)
	days := int((to.Unix()-from.Unix())/(24*60*60)) + 1
	f.From = from.AddDate(0, 0, -days).Format(time.DateOnly)
	f.To = from.AddDate(0, 0, -1).Format(time.DateOnly)
	return f
}

// day is the midnight, in UTC, of a date that was checked when it was stored or asked for.
func day(date string) time.Time {
	at, _ := time.Parse(time.DateOnly, date)
	return at
}
