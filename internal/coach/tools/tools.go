// Package tools lets the coach look at the logbook of the user who asks, and at nobody else's. The figures are those of the
// charts; a tool only chooses among them what fits into a conversation.
//
// Texts of a logbook - names of routes and places, notes - come out as JSON strings only, without control characters and cut in
// length: they are data, whatever they say.
package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	validation "github.com/go-ozzo/ozzo-validation/v4"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/analytics"
	"github.com/cragbase/cragbase/internal/coach"
)

// The names of the tools.
const (
	GetProfile     = "get_profile"
	GetPyramid     = "get_pyramid"
	QueryTicks     = "query_ticks"
	GetProgression = "get_progression"
	GetCrags       = "get_crags"
	ComparePeriods = "compare_periods"
	ListProjects   = "list_projects"
)

// Kit makes tools that remember what they have found in a version of a logbook. The nil Kit remembers nothing.
type Kit struct {
	found *lru.Cache[key, coach.ToolResult]
}

// key is what a result depends on. It names the user, so that it leads to nobody else's figures.
type key struct {
	user, today, tool, arguments string
	version                      int64
}

// keptResults is how many results of at most 8 KB each a Kit remembers.
const keptResults = 4_000

// New returns a Kit that has found nothing yet.
func New() (*Kit, error) {
	found, err := lru.New[key, coach.ToolResult](keptResults)
	if err != nil {
		return nil, fmt.Errorf("tools: %w", err)
	}
	return &Kit{found}, nil
}

// For makes the tools over the logbook of one user. The user is fixed here: no argument of a tool names one.
func For(app core.App, userID string, now func() time.Time) []coach.Tool {
	return (*Kit)(nil).For(app, userID, now)
}

// For is [For] with the Kit's memory.
func (k *Kit) For(app core.App, userID string, now func() time.Time) []coach.Tool {
	l := newLook(app, userID, now)
	var tools []coach.Tool
	for _, s := range specs() {
		tools = append(tools, coach.Tool{
			Name: s.name, Description: s.description, Parameters: s.schema(),
			Run: func(ctx context.Context, raw json.RawMessage) (coach.ToolResult, error) {
				return k.run(ctx, l, &s, raw)
			},
		})
	}
	return tools
}

// spec is a tool before it knows whose data it looks at.
type spec struct {
	name, description string
	parameters        []parameter
	find              func(l *look, a arguments) (finding, error)
}

// finding is what a tool has found: a list of size entries, of which JSON is made with as many as fit.
type finding struct {
	size    int
	shown   func(entries int) any
	summary string // for the user
}

// specs are all tools.
func specs() []spec {
	return []spec{profileSpec(), pyramidSpec(), ticksSpec(), progressionSpec(), cragsSpec(), compareSpec(), projectsSpec()}
}

// look is the logbook of one user, as of a time.
type look struct {
	app    core.App
	userID string
	now    func() time.Time
	extent func() (analytics.Extent, error) // read once
}

func newLook(app core.App, userID string, now func() time.Time) *look {
	extent := sync.OnceValues(func() (analytics.Extent, error) { return analytics.ExtentOf(app, userID) })
	return &look{app, userID, now, extent}
}

func (l *look) today() string { return l.now().UTC().Format(time.DateOnly) }

// run uses a tool. Its error is one of the arguments, the context's, or has [coach.ErrInternal] in its chain.
func (k *Kit) run(ctx context.Context, l *look, s *spec, raw json.RawMessage) (coach.ToolResult, error) {
	if err := ctx.Err(); err != nil {
		return coach.ToolResult{}, err
	}
	a, err := s.read(raw)
	if err != nil {
		return coach.ToolResult{}, err
	}
	result, err := k.remember(l, s, a)
	var problems validation.Errors
	switch {
	case err == nil:
		return result, nil
	case errors.As(err, &problems):
		return coach.ToolResult{}, s.refuse(sentences(problems))
	case errors.As(err, new(wrong)):
		return coach.ToolResult{}, s.refuse([]string{err.Error()})
	}
	return coach.ToolResult{}, fmt.Errorf("%w: %s: %w", coach.ErrInternal, s.name, err)
}

// remember finds what was not found in this version of the logbook before.
func (k *Kit) remember(l *look, s *spec, a arguments) (coach.ToolResult, error) {
	if k == nil {
		return l.find(s, a)
	}
	version, err := analytics.VersionOf(l.app, l.userID) // before the ticks, so that what is kept is never older than its key
	if err != nil {
		return coach.ToolResult{}, err
	}
	at := key{l.userID, l.today(), s.name, a.String(), version}
	if result, ok := k.found.Get(at); ok {
		result.JSON = slices.Clone(result.JSON)
		return result, nil
	}
	result, err := newLook(l.app, l.userID, l.now).find(s, a)
	if err == nil {
		k.found.Add(at, coach.ToolResult{JSON: slices.Clone(result.JSON), Summary: result.Summary})
	}
	return result, err
}

func (l *look) find(s *spec, a arguments) (coach.ToolResult, error) {
	found, err := s.find(l, a)
	if err != nil {
		return coach.ToolResult{}, err
	}
	body, err := fit(found)
	return coach.ToolResult{JSON: body, Summary: found.summary}, err
}
