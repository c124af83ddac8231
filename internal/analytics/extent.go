package analytics

import (
	"fmt"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/climb"
)

// Extent says how large a logbook is, and how it is graded.
type Extent struct {
	Ticks    int
	FirstDay string // YYYY-MM-DD; "" of an empty logbook, as is LastDay
	LastDay  string
	Usual    Scales
}

// Scales are the systems that the grades of the two families with a choice are shown in; "": the default of the discipline.
type Scales struct {
	Route, Boulder climb.System
}

// of is the scale of a discipline.
func (s Scales) of(d climb.Discipline) climb.System {
	switch d.Family() {
	case climb.FamilyRoute:
		return s.Route
	case climb.FamilyBoulder:
		return s.Boulder
	}
	return ""
}

// ScaleOf is what the grades of a discipline are shown in under a filter.
func (f Filter) ScaleOf(d climb.Discipline) climb.System { return f.scaleOf(d) }

// ExtentOf measures the logbook of a user in one pass. Its usual scales are, of those that charts know, the ones that most of
// its ticks are graded in.
func ExtentOf(app core.App, userID string) (Extent, error) {
	var systems []struct {
		System climb.System `db:"grade_system"`
		Ticks  int          `db:"ticks"`
		First  string       `db:"first"`
		Last   string       `db:"last"`
	}
	err := app.ConcurrentDB().Select("grade_system", "count(*) AS ticks", "min([[date]]) AS first", "max([[date]]) AS last").
		From("ticks").Where(dbx.HashExp{"user": userID}).GroupBy("grade_system").OrderBy("ticks DESC", "grade_system").All(&systems)
	if err != nil {
		return Extent{}, fmt.Errorf("measure logbook: %w", err)
	}
	var extent Extent
	for _, s := range systems {
		extent.Ticks += s.Ticks
		if extent.FirstDay == "" || s.First < extent.FirstDay {
			extent.FirstDay = s.First
		}
		extent.LastDay = max(extent.LastDay, s.Last)
		extent.Usual.add(s.System)
	}
	return extent, nil
}

// VersionOf is the version of a user's logbook, which every change of a tick raises; 0 before its first change.
func VersionOf(app core.App, userID string) (int64, error) { return versionOf(app, userID) }

// add takes a system as the usual one of its family unless one was there before.
func (s *Scales) add(system climb.System) {
	if !slices.Contains(scales, system) {
		return
	}
	switch {
	case system.Family() == climb.FamilyRoute && s.Route == "":
		s.Route = system
	case system.Family() == climb.FamilyBoulder && s.Boulder == "":
		s.Boulder = system
	}
}

// ScaleNames are the grade systems that a chart can be asked for. The caller owns the list.
func ScaleNames() []climb.System { return slices.Clone(scales) }

// GoalNames are the shapes that a pyramid can be held against.
func GoalNames() []string {
	var names []string
	for _, s := range shapes() {
		names = append(names, s.name)
	}
	return names
}
