package offline

import (
	"fmt"

	"github.com/cragbase/cragbase/internal/coach/tools"
)

// seasonsShown is how many seasons of a progression are listed.
const seasonsShown = 4

// progressOf tells how the best and the usual grade have moved from season to season.
func progressOf(f *figures, q question) (*finding, error) {
	p, err := ask[tools.Progression](f, tools.GetProgression, arguments{"discipline": string(q.discipline), "from": q.from, "to": q.to})
	if err != nil {
		return nil, err
	}
	found := &finding{title: "Your progress in " + named(q.discipline) + q.during()}
	if len(p.Periods) == 0 {
		found.text = "There is no send with a grade to tell it from."
		return found, nil
	}
	last := p.Periods[0]
	found.text = fmt.Sprintf("In %s your hardest send was %s, and half of your sends were %s or harder. ", last.Period, last.Max, last.Median) + best(p, &q)
	for _, season := range p.Periods[:min(len(p.Periods), seasonsShown)] {
		found.add(season.Period, "hardest %s, median %s, %s", season.Max, season.Median, count(season.Sends, "send", "sends"))
	}
	return found, nil
}

// best says since when the best stands, and what it was before. Where seasons are left out before the first of the list, the
// best may be older than all of them; and after years that are over, it may have become better.
func best(p *tools.Progression, q *question) string {
	periods, top := p.Periods, p.Periods[0].BestSoFar
	for i, period := range periods {
		switch {
		case period.BestSoFar == top:
		case q.over():
			return fmt.Sprintf("Your best became %s in %s; before that it was %s.", top, periods[i-1].Period, period.BestSoFar)
		default:
			return fmt.Sprintf("Your best is %s since %s; before that it was %s.", top, periods[i-1].Period, period.BestSoFar)
		}
	}
	switch {
	case q.over():
		return fmt.Sprintf("Your best by then was %s.", top)
	case q.from != "" || p.Truncated:
		return fmt.Sprintf("Your best so far is %s.", top)
	}
	return fmt.Sprintf("Your best has been %s since %s.", top, periods[len(periods)-1].Period)
}

// cragsShown is how many places are listed.
const cragsShown = 5

// cragsOf lists the places with the most pitches.
func cragsOf(f *figures, q question) (*finding, error) {
	c, err := ask[tools.Crags](f, tools.GetCrags, arguments{"from": q.from, "to": q.to, "top": fmt.Sprint(cragsShown)})
	if err != nil {
		return nil, err
	}
	found := &finding{title: "Where you climb" + q.during()}
	if len(c.Crags) == 0 {
		found.text = "No tick with a place is logged" + q.during() + "."
		return found, nil
	}
	found.text = fmt.Sprintf("You have climbed at %s. Most of it was here:", count(c.Total, "place", "places"))
	for _, crag := range c.Crags {
		found.add(crag.Location, "%s on %s, %s", count(crag.Pitches, "pitch", "pitches"), count(crag.Days, "day", "days"), count(crag.Sends, "send", "sends"))
	}
	return found, nil
}
