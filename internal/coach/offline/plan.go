package offline

import (
	"fmt"
	"slices"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/coach/tools"
)

// planOf makes a plan of the figures: volume as it was, the base first, one thing at the limit, and what onsights lack.
func planOf(f *figures, q question) (*finding, error) {
	p, err := ask[tools.Pyramid](f, tools.GetPyramid, arguments{"discipline": string(q.discipline), "from": "", "to": ""})
	if err != nil {
		return nil, err
	}
	open, err := openProjects(f, q)
	if err != nil {
		return nil, err
	}
	volume, err := recent(f)
	if err != nil {
		return nil, err
	}
	found := &finding{
		title: "A plan from your figures",
		text:  "These are rules of thumb for four weeks, and no advice of somebody who has seen you climb. Leave out what hurts.",
	}
	found.add("How often", "%s", howOften(&volume.B))
	addBase(found, p, q.discipline)
	addLimit(found, p, open.Projects)
	c, err := f.profile()
	if err != nil {
		return nil, err
	}
	if d := c.in(q.discipline); d.OnsightGap != nil && *d.OnsightGap > 2 {
		found.add(nouns(q.discipline).firstGo, "two new %s at %s on each day out, before anything hard", nouns(q.discipline).many, d.Onsight)
	}
	found.add("Rest", "a day off after each hard day, and the fourth week with half as much")
	return found, nil
}

// weeks are about those of 90 days.
const weeks = 13

func howOften(a *tools.Amount) string {
	if a.DaysOut == 0 {
		return "one easy day a week: no day out is logged in the last 90 days"
	}
	each := count((a.Pitches+a.DaysOut/2)/a.DaysOut, "pitch", "pitches")
	if a.DaysOut < weeks {
		return fmt.Sprintf("one day a week: in the last 90 days it was %s, with %s each", count(a.DaysOut, "day", "days"), each)
	}
	return fmt.Sprintf("%.1f days a week with %s each, as in the last 90 days", float64(a.DaysOut)/weeks, each)
}

// addBase names the easiest row that is not full.
func addBase(found *finding, p *tools.Pyramid, d climb.Discipline) {
	for i := len(p.Goal.Rows) - 1; i > 0; i-- {
		if row := p.Goal.Rows[i]; row.Gap > 0 {
			found.add("Base", "most %s at %s, where %s %s missing, and easier", nouns(d).many, row.Grade, thousands(row.Gap), verb(row.Gap, "is", "are"))
			return
		}
	}
	if p.Routes > 0 {
		found.add("Base", "there: keep it with easier %s to warm up on", nouns(d).many)
	}
}

// addLimit names one route or grade to work on.
func addLimit(found *finding, p *tools.Pyramid, open []tools.Project) {
	limit := slices.DeleteFunc(near(open), func(p tools.Project) bool { return *p.GradesAboveBest < 0 })
	switch {
	case len(limit) > 0:
		found.add("At the limit", "one day in three on %s, %s", limit[0].Route, limit[0].Grade)
	case p.Routes > 0:
		found.add("At the limit", "one day in three on %s", p.Goal.Grade)
	}
}
