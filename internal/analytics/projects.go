package analytics

import (
	"cmp"
	"slices"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/climb"
)

const projectsRule = "A project is a route that was tried and never sent, up to the last day asked for: it has at least one tick whose result is an attempt, and none that is a send. " +
	"Its grade is at or above the base of its discipline's pyramid, which is three grades below the hardest send; where nothing was sent, every grade counts. " +
	"Tries are all ticks of the route in any style, and laps where it has one pitch; where a tick tells how many tries it took so far, and that is more, it counts instead. " +
	"Days are distinct dates of the ticks whose day is known, 0 without one. Both count from the beginning of the logbook. " +
	"A project is shown when its last try is within the dates asked for. The latest are first, at most 100."

// Projects lists the routes that were tried and never sent.
type Projects struct {
	Basis
	Open     int             `json:"open"` // also of those beyond the list
	Bases    []ProjectBase   `json:"bases"`
	Projects []Project       `json:"projects"` // the latest tried first
	LeftOut  ProjectsLeftOut `json:"left_out"`
}

// ProjectBase is the easiest grade of a project in a discipline.
type ProjectBase struct {
	Discipline climb.Discipline `json:"discipline"`
	Hardest    string           `json:"hardest"` // grade sent
	Base       string           `json:"base"`
}

// Project is one open project.
type Project struct {
	Discipline         climb.Discipline `json:"discipline"`
	Grade              string           `json:"grade"`      // on the scale asked for
	AboveBest          *int             `json:"above_best"` // grades above the hardest send, below 0 when easier; null where nothing was sent
	RouteName          string           `json:"route_name"`
	Location           string           `json:"location"`
	Days               int              `json:"days"` // 0 when none is known
	Tries              int              `json:"tries"`
	FirstDate          string           `json:"first_date"`
	FirstDatePrecision string           `json:"first_date_precision"` // day, month or year
	LastDate           string           `json:"last_date"`
	LastDatePrecision  string           `json:"last_date_precision"`
	TickID             string           `json:"tick_id"` // of the last try
}

// ProjectsLeftOut counts the ticks that the filter leaves out, and the routes that are no projects.
type ProjectsLeftOut struct {
	Filtered
	RoutesSent         int `json:"routes_sent"`
	RoutesNotTried     int `json:"routes_not_tried"`    // only followed, on top-rope or solo, without a word of an attempt
	RoutesUndetermined int `json:"routes_undetermined"` // without an attempt, and with a tick that has no result
	RoutesNoGrade      int `json:"routes_no_grade"`
	RoutesBelowBase    int `json:"routes_below_base"`
	RoutesOtherDates   int `json:"routes_other_dates"`   // last tried before the first day asked for
	RoutesOtherResults int `json:"routes_other_results"` // without a tick of the results asked for
}

// pyramidRows is how many grades a pyramid has, as climbers draw it: its base is three grades below its top.
const pyramidRows = 4

// maxProjects is how many projects an answer lists.
const maxProjects = 100

// ProjectsOf finds the open projects of a user under a filter (domain: routes attempted, never sent, at or above the
// pyramid's base).
func ProjectsOf(app core.App, userID string, filter Filter) (*Projects, error) {
	ticks, err := load(app, userID, filter.history())
	if err != nil {
		return nil, err
	}
	return projectsOf(ticks, filter), nil
}

func projectsOf(all []tick, filter Filter) *Projects {
	p := &Projects{
		Basis:    newBasis(projectsRule, map[string]string{"tries": "ticks, and laps on single-pitch routes, or the number that a tick tells", "days": "distinct dates", "above_best": "grades"}, filter),
		Bases:    []ProjectBase{},
		Projects: []Project{},
	}
	var ticks []*tick
	ticks, p.LeftOut.Filtered = inScope(all, filter.anyResult())
	walk := projectWalk{filter, filter.results(), ladders(filter), nil, &p.LeftOut}
	walk.best = walk.hardest(ticks)
	p.Bases = walk.bases()
	for _, log := range routeLogs(ticks, filter) {
		if project, ok := walk.project(log); ok {
			p.Projects = append(p.Projects, project)
		}
	}
	slices.SortStableFunc(p.Projects, func(a, b Project) int {
		return cmp.Or(cmp.Compare(b.LastDate, a.LastDate), cmp.Compare(b.Tries, a.Tries), cmp.Compare(a.RouteName, b.RouteName))
	})
	p.Open = len(p.Projects)
	p.Projects = p.Projects[:min(p.Open, maxProjects)]
	return p
}

// projectWalk goes through the routes of a logbook.
type projectWalk struct {
	filter  Filter
	asked   resultSet
	ladders map[climb.Discipline][]climb.Bin
	best    map[climb.Discipline]int // the hardest rung sent
	out     *ProjectsLeftOut
}

// ladders are the grades of each discipline on the scale that a filter shows it in.
func ladders(filter Filter) map[climb.Discipline][]climb.Bin {
	all := map[climb.Discipline][]climb.Bin{}
	for _, d := range climb.AllDisciplines() {
		all[d] = rungs(filter.scaleOf(d))
	}
	return all
}

// hardest are the hardest rungs sent, by discipline.
func (w *projectWalk) hardest(ticks []*tick) map[climb.Discipline]int {
	best := map[climb.Discipline]int{}
	for _, t := range ticks {
		if !t.sent(w.filter) {
			continue
		}
		for _, d := range t.disciplines {
			if rung, ok := t.rungIn(d, w.ladders[d]); ok && (w.filter.Discipline == "" || w.filter.Discipline == d) {
				if old, found := best[d]; !found || rung > old {
					best[d] = rung
				}
			}
		}
	}
	return best
}

func (w *projectWalk) bases() []ProjectBase {
	bases := []ProjectBase{}
	for _, d := range climb.AllDisciplines() {
		if hardest, ok := w.best[d]; ok {
			bases = append(bases, ProjectBase{d, w.ladders[d][hardest].Label, w.ladders[d][base(hardest)].Label})
		}
	}
	return bases
}

// base is the lowest row of the pyramid below a rung.
func base(hardest int) int { return max(0, hardest-pyramidRows+1) }

// project makes a project of a route, or counts why it is none.
func (w *projectWalk) project(log *routeLog) (Project, bool) {
	last := log.last()
	d := last.disciplineUnder(w.filter)
	rung, graded := last.rungIn(d, w.ladders[d])
	if count := w.whyNot(log, d, rung, graded); count != nil {
		*count++
		return Project{}, false
	}
	project := Project{
		Discipline: d, Grade: w.ladders[d][rung].Label, RouteName: last.routeName, Location: last.location,
		FirstDate: log.ticks[0].date, FirstDatePrecision: log.ticks[0].datePrecision(),
		LastDate: last.date, LastDatePrecision: last.datePrecision(), TickID: last.id,
	}
	project.Tries, project.Days = tries(log.ticks), daysOf(log.ticks)
	if hardest, ok := w.best[d]; ok {
		above := rung - hardest
		project.AboveBest = &above
	}
	return project, true
}

// whyNot is the count of what keeps a route from being a project; nil: nothing.
func (w *projectWalk) whyNot(log *routeLog, d climb.Discipline, rung int, graded bool) *int {
	hardest, anySent := w.best[d]
	tried := log.has(climb.Result.IsAttempt)
	switch {
	case log.sent():
		return &w.out.RoutesSent
	case !tried && log.has(climb.Result.IsUndetermined):
		return &w.out.RoutesUndetermined
	case !tried:
		return &w.out.RoutesNotTried
	case !graded:
		return &w.out.RoutesNoGrade
	case anySent && rung < base(hardest):
		return &w.out.RoutesBelowBase
	case !w.filter.shows(log.last().date):
		return &w.out.RoutesOtherDates
	case !log.has(w.asked.has):
		return &w.out.RoutesOtherResults
	}
	return nil
}

// disciplineUnder is the discipline that a tick counts in where it counts once: the one asked for, or its primary one.
func (t *tick) disciplineUnder(filter Filter) climb.Discipline {
	if filter.Discipline != "" || len(t.disciplines) == 0 {
		return filter.Discipline
	}
	return t.disciplines[0]
}
