package offline

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/coach/tools"
)

// pyramidOf holds a pyramid against the shape that leads to the next grade.
func pyramidOf(f *figures, q question) (*finding, error) {
	p, err := ask[tools.Pyramid](f, tools.GetPyramid, arguments{"discipline": string(q.discipline), "from": q.from, "to": q.to})
	if err != nil {
		return nil, err
	}
	found := &finding{title: "Your " + named(q.discipline) + " pyramid" + q.during()}
	if p.Routes == 0 {
		found.text = "There is no send with a grade in it."
		if missed := p.LeftOut["no_result_logged"]; missed > 0 {
			found.text += fmt.Sprintf(" %s of it %s no result: log how they went, and they can count.", thousands(missed), verb(missed, "has", "have"))
		}
		return found, nil
	}
	above, err := goalName(f, q, p)
	if err != nil {
		return nil, err
	}
	found.text = fmt.Sprintf("You have sent %s, the hardest at %s. ", climbs(p.Routes, q.discipline), p.Grades[0].Grade) + missing(p.Goal, above, q.discipline)
	for _, row := range p.Goal.Rows {
		if row.Gap == 0 {
			found.add(row.Grade, "full, with %s needed", thousands(row.Target))
			continue
		}
		found.add(row.Grade, "%d of %s", row.Have, climbs(row.Target, q.discipline))
	}
	return found, nil
}

// goalName is what the grade at the top of a pyramid is: not the next one for who has sent harder in other years.
func goalName(f *figures, q question, p *tools.Pyramid) (string, error) {
	if q.from != "" {
		ever, err := ask[tools.Pyramid](f, tools.GetPyramid, arguments{"discipline": string(q.discipline), "from": "", "to": ""})
		if err != nil {
			return "", err
		}
		if len(ever.Grades) == 0 || ever.Grades[0].Grade != p.Grades[0].Grade {
			return "the grade above it", nil
		}
	}
	return "the next grade", nil
}

func missing(g *tools.Goal, above string, d climb.Discipline) string {
	if g.Missing == 0 {
		return "For " + g.Grade + ", " + above + ", nothing is missing: it has the base that it needs."
	}
	var targets []string
	for _, row := range g.Rows {
		targets = append(targets, strconv.Itoa(row.Target))
	}
	return fmt.Sprintf("A solid pyramid for %s, %s, has %s %s from the top down. Of these %s %s missing.",
		g.Grade, above, list(targets), nouns(d).many, thousands(g.Missing), verb(g.Missing, "is", "are"))
}

func verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// onsightOf tells how far onsights are below redpoints.
func onsightOf(f *figures, q question) (*finding, error) {
	c, err := f.profile()
	if err != nil {
		return nil, err
	}
	d := c.in(q.discipline)
	words := nouns(q.discipline)
	found := &finding{title: words.firstGo + " and " + words.worked}
	if d.Onsight != "" {
		found.add("Hardest "+strings.ToLower(words.firstGo), "%s", d.Onsight)
	}
	if d.Redpoint != "" {
		found.add("Hardest "+words.worked, "%s", d.Redpoint)
	}
	if d.OnsightGap == nil {
		found.text = "To compare the two in " + named(q.discipline) + ", there must be sends of both kinds with a grade. Log how each send went." + inAllYears(&q)
		return found, nil
	}
	found.add("Between them", "%s", count(abs(*d.OnsightGap), "grade", "grades"))
	found.text = gap(*d.OnsightGap, words) + inAllYears(&q)
	return found, nil
}

// inAllYears says so to who asked for some.
func inAllYears(q *question) string {
	if q.from == "" {
		return ""
	}
	return " This looks at all years, not only" + q.during() + "."
}

func gap(grades int, w discipline) string {
	if grades <= 0 {
		return fmt.Sprintf("Your hardest %s is as hard as your hardest %s or harder. As a rule of thumb, a project of several days could bring more than you have tried.",
			strings.ToLower(w.firstGo), w.worked)
	}
	text := fmt.Sprintf("Your hardest %s is %s above your hardest %s. As a rule of thumb that is ", w.worked, count(grades, "grade", "grades"), strings.ToLower(w.firstGo))
	switch {
	case grades == 1:
		return text + "close: a project of several days could bring more."
	case grades <= 4:
		return text + "a usual distance."
	}
	return text + "far: more " + w.many + " that you do not know, near your hardest " + strings.ToLower(w.firstGo) + ", would close it."
}

func abs(n int) int { return max(n, -n) }
