package offline

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/coach"
	"github.com/cragbase/cragbase/internal/coach/tools"
)

// figures asks tools, each question once.
type figures struct {
	ctx   context.Context
	tools []coach.Tool
	tell  func(name, summary string) error
	found map[string]json.RawMessage // by tool and arguments
}

func newFigures(ctx context.Context, tools []coach.Tool, tell func(name, summary string) error) *figures {
	return &figures{ctx, tools, tell, map[string]json.RawMessage{}}
}

// arguments of a tool; those that are "" are not given.
type arguments map[string]string

// ask reads the result of a tool.
func ask[T any](f *figures, name string, a arguments) (*T, error) {
	body, err := f.run(name, a)
	if err != nil {
		return nil, err
	}
	result := new(T)
	if err := json.Unmarshal(body, result); err != nil {
		return nil, failed(fmt.Errorf("%s: %w", name, err))
	}
	return result, nil
}

func (f *figures) run(name string, a arguments) (json.RawMessage, error) {
	text, _ := json.Marshal(a) // a map of strings always encodes
	asked := name + string(text)
	if body, ok := f.found[asked]; ok {
		return body, nil
	}
	i := slices.IndexFunc(f.tools, func(t coach.Tool) bool { return t.Name == name })
	if i < 0 {
		return nil, failed(fmt.Errorf("there is no tool %s", name))
	}
	result, err := f.tools[i].Run(f.ctx, text)
	if err != nil {
		if ended := f.ctx.Err(); ended != nil {
			return nil, ended
		}
		return nil, failed(err)
	}
	f.found[asked] = result.JSON
	return result.JSON, f.tell(name, result.Summary)
}

func failed(err error) error { return &coach.ModelError{Code: coach.ModelFailed, Cause: err} }

// climber is what a user has done so far.
type climber struct{ *tools.ProfileResult }

func (f *figures) profile() (climber, error) {
	result, err := ask[tools.ProfileResult](f, tools.GetProfile, arguments{})
	return climber{result}, err
}

// discipline is the one asked for, or else the one with the most sends.
func (c climber) discipline(asked climb.Discipline) climb.Discipline {
	if asked != "" {
		return asked
	}
	best, sends := climb.Sport, -1
	for _, d := range climb.AllDisciplines() {
		if n := c.in(d).Sends; c.in(d).Ticks > 0 && n > sends {
			best, sends = d, n
		}
	}
	return best
}

// in is the profile of a discipline; without ticks where there are none.
func (c climber) in(d climb.Discipline) tools.DisciplineProfile {
	for _, p := range c.Disciplines {
		if p.Discipline == d {
			return p
		}
	}
	return tools.DisciplineProfile{Discipline: d}
}
