package offline

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/coach/tools"
)

// openProjects are those of the discipline of a question.
func openProjects(f *figures, q question) (*tools.Projects, error) {
	return ask[tools.Projects](f, tools.ListProjects, arguments{"discipline": string(q.discipline), "limit": "30"})
}

// projectsShown is how many of a list are named.
const projectsShown = 5

// projectsOf lists the open projects, the latest tried first.
func projectsOf(f *figures, q question) (*finding, error) {
	p, err := openProjects(f, q)
	if err != nil {
		return nil, err
	}
	c, err := f.profile()
	if err != nil {
		return nil, err
	}
	found := &finding{title: "Your open projects", text: openText(p, q.discipline, len(c.in(q.discipline).Hardest) > 0)}
	if p.Total > projectsShown {
		found.text += fmt.Sprintf(" These are the %d that you tried last.", projectsShown)
	}
	for _, project := range p.Projects[:min(len(p.Projects), projectsShown)] {
		found.add(project.Route, "%s", effort(&project))
	}
	return found, nil
}

// openText counts open projects. Without a best, nothing can be said to be near it.
func openText(p *tools.Projects, d climb.Discipline, hasBest bool) string {
	switch {
	case p.Total == 0 && hasBest:
		return "There is no open project in " + named(d) + ": nothing that was tried near your best is unsent."
	case p.Total == 0:
		return "There is no open project in " + named(d) + "."
	}
	text := fmt.Sprintf("You have %s in %s: tried", count(p.Total, "open project", "open projects"), named(d))
	if slices.ContainsFunc(p.Projects, func(p tools.Project) bool { return p.GradesAboveBest != nil }) {
		return text + ", not sent, and not far below your best."
	}
	return text + " and not sent."
}

func effort(p *tools.Project) string {
	return fmt.Sprintf("%s, %s on %s, last on %s", p.Grade, count(p.Tries, "try", "tries"), count(p.Days, "day", "days"), date(p.LastDay))
}

// nextOf says which grade lacks most, and which open projects are in reach.
func nextOf(f *figures, q question) (*finding, error) {
	q.from, q.to = "", "" // what to try next depends on all years
	p, err := ask[tools.Pyramid](f, tools.GetPyramid, arguments{"discipline": string(q.discipline), "from": "", "to": ""})
	if err != nil {
		return nil, err
	}
	open, err := openProjects(f, q)
	if err != nil {
		return nil, err
	}
	found := &finding{title: "What to try next", text: steps(p)}
	candidates := inReach(open.Projects)
	if len(candidates) > 0 {
		found.text += " " + verb(len(candidates), "One open project is", "Some open projects are") + " in reach:"
	}
	for _, project := range candidates {
		found.add(project.Route, "%s", effort(&project))
	}
	return found, nil
}

// steps are the rows of a pyramid to fill, from the base up.
func steps(p *tools.Pyramid) string {
	if p.Routes == 0 {
		return "Log sends with their grade first: without one there is no next grade."
	}
	var missing []string
	for _, row := range slices.Backward(p.Goal.Rows) {
		if row.Gap > 0 {
			missing = append(missing, fmt.Sprintf("%d at %s", row.Gap, row.Grade))
		}
	}
	switch len(missing) {
	case 0:
		return "Your pyramid is full: try " + p.Goal.Grade + " or the grade above it."
	case 1:
		return "Your base is there. What is missing for the next grade is " + missing[0] + "."
	}
	return "Fill your pyramid from the base up. What is missing is " + list(missing) + "."
}

// candidatesShown is how many projects are proposed.
const candidatesShown = 3

// inReach are the projects at most a grade above the hardest send, the easiest first and of these the latest tried.
func inReach(projects []tools.Project) []tools.Project {
	found := near(projects)
	slices.SortStableFunc(found, func(a, b tools.Project) int { return cmp.Compare(*a.GradesAboveBest, *b.GradesAboveBest) })
	return found[:min(len(found), candidatesShown)]
}

// near are the projects at most a grade above the hardest send, the latest tried first.
func near(projects []tools.Project) []tools.Project {
	return slices.DeleteFunc(slices.Clone(projects), func(p tools.Project) bool { return p.GradesAboveBest == nil || *p.GradesAboveBest > 1 })
}
