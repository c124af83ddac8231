// Package offline answers climbers without a language model: what it says is computed from the figures of the coach's tools,
// and the same question over the same logbook on the same day has the same answer.
package offline

import (
	"context"
	"strings"

	"github.com/cragbase/cragbase/internal/coach"
)

// Name is the author of its answers.
const Name = "Cragbase, computed without a language model"

// New returns the Answerer.
func New() coach.Answerer { return answerer{} }

type answerer struct{}

func (answerer) Name() string { return Name }

const (
	label     = "*Computed from the figures of your logbook, without a language model.*\n\n"
	tooFew    = "these figures rest on little. Take them as a beginning: a trend needs more."
	logMore   = " [Import the rest of your logbook](/logbook), or go on logging.\n\n"
	importIt  = "[Import your logbook](/logbook), or log your first tick there by hand. Then ask me again.\n"
	whatElse  = "I can only compute. Ask me about your pyramid, progress, onsights, volume, one year against another, projects, places, what to try next, or a plan.\n"
	fewTicks  = 20
	deltaSize = 48 // bytes of a delta, about
)

// Answer looks at the words of the question, finds figures that go with them, and writes them down.
func (answerer) Answer(ctx context.Context, q coach.Question, out coach.Sink) (coach.Ending, error) {
	f := newFigures(ctx, q.Tools, out.Tool)
	w := &writer{ctx: ctx, out: out}
	if err := answer(f, w, q); err != nil {
		return coach.Ending{}, err
	}
	return coach.Ending{FinishReason: "stop"}, nil
}

func answer(f *figures, w *writer, q coach.Question) error {
	asked := understand(q.Content, q.Now)
	climber, err := f.profile()
	if err != nil {
		return err
	}
	if err := w.write(label); err != nil {
		return err
	}
	if climber.Logbook.Ticks == 0 {
		return w.write(nothingYet().markdown() + importIt)
	}
	if asked.discipline != "" && climber.in(asked.discipline).Ticks == 0 {
		if err := w.write("There is no tick of " + named(asked.discipline) + " in your logbook, so I look at the rest.\n\n"); err != nil {
			return err
		}
		asked.discipline = ""
	}
	asked.only = asked.discipline
	asked.discipline = climber.discipline(asked.discipline)
	if climber.Logbook.Ticks < fewTicks {
		if err := w.write("Your logbook has " + count(climber.Logbook.Ticks, "tick", "ticks") + ", so " + tooFew + logMore); err != nil {
			return err
		}
	}
	for _, s := range asked.sections() {
		found, err := s.compute(f, asked)
		if err != nil {
			return err
		}
		if err := w.write(found.markdown()); err != nil {
			return err
		}
	}
	if asked.understood() {
		return nil
	}
	return w.write(whatElse)
}

// writer sends text in pieces of a few words.
type writer struct {
	ctx context.Context
	out coach.Sink
}

func (w *writer) write(text string) error {
	for text != "" {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		end := len(text)
		if end > deltaSize {
			if space := strings.IndexAny(text[deltaSize:], " \n"); space >= 0 {
				end = deltaSize + space + 1
			}
		}
		if err := w.out.Delta(text[:end]); err != nil {
			return err
		}
		text = text[end:]
	}
	return nil
}
