package offline

import (
	"fmt"
	"strconv"

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
	found.text = fmt.Sprintf("You have sent %s, the hardest at %s. ", count(p.Routes, "route", "routes"), p.Grades[0].Grade) + missing(p.Goal)
	for _, row := range p.Goal.Rows {
		found.add(row.Grade, "%d of %s", row.Have, count(row.Target, "route", "routes"))
	}
	return found, nil
}

func missing(g *tools.Goal) string {
	if g.Missing == 0 {
		return "For " + g.Grade + ", the next grade, nothing is missing: it has the base that it needs."
	}
	var targets []string
	for _, row := range g.Rows {
		targets = append(targets, strconv.Itoa(row.Target))
	}
	return fmt.Sprintf("A solid pyramid for %s, the next grade, has %s routes from the top down. Of these %s %s missing.",
		g.Grade, list(targets), thousands(g.Missing), verb(g.Missing, "is", "are"))
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
	found := &finding{title: "Onsight and redpoint"}
	if d.Onsight != "" {
		found.add("Hardest onsight", "%s", d.Onsight)
	}
	if d.Redpoint != "" {
		found.add("Hardest redpoint", "%s", d.Redpoint)
	}
	if d.OnsightGap == nil {
		found.text = "To compare the two in " + named(q.discipline) + ", there must be sends of both kinds with a grade. Log whether a send was an onsight, a flash or a redpoint."
		return found, nil
	}
	found.add("Between them", "%s", count(abs(*d.OnsightGap), "grade", "grades"))
	found.text = gap(*d.OnsightGap)
	return found, nil
}

func gap(grades int) string {
	switch {
	case grades <= 0:
		return "Your onsights are as hard as your redpoints or harder. As a rule of thumb, routes that take you several days should now be harder than any you have tried."
	case grades == 1:
		return "Your redpoints are one grade above your onsights. As a rule of thumb that is close: a project over several days could bring more."
	case grades <= 4:
		return fmt.Sprintf("Your redpoints are %d grades above your onsights. As a rule of thumb that is a usual distance.", grades)
	}
	return fmt.Sprintf("Your redpoints are %d grades above your onsights. As a rule of thumb that is far: more routes that you do not know, a little above your hardest onsight, would close it.", grades)
}

func abs(n int) int { return max(n, -n) }
