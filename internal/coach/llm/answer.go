package llm

import (
	"context"
	"errors"

	openai "github.com/sashabaranov/go-openai"

	"github.com/cragbase/cragbase/internal/coach"
)

// answer is one that is being given.
type answer struct {
	talk
	question coach.Question
	out      coach.Sink
	writer   writer
	ending   coach.Ending
}

// Answer lets the model answer, over as many requests as it uses tools in, up to MaxRounds. The tokens in the ending are those
// that the server has named, also when there is an error. The answer is cut at MaxCharacters, and the request ended, with the
// reason "length".
func (m *Model) Answer(ctx context.Context, question coach.Question, out coach.Sink) (coach.Ending, error) {
	limited, cancel := context.WithTimeoutCause(ctx, m.limits.total, errTooSlow)
	defer cancel()
	a := &answer{
		talk:     talk{model: m, accent: m.dialect.current(), tools: question.Tools, tokens: m.limits.tokens},
		question: question, out: out,
		writer: writer{out: out.Delta, limit: m.limits.characters},
	}
	err := a.give(limited)
	return a.ending, m.outcome(ctx, limited, err, a.said()...)
}

// give goes round by round: what the model says is passed on, the tools that it asks for are used, until it asks for none. In the
// last round it gets none.
func (a *answer) give(ctx context.Context) error {
	if err := a.begin(ctx); err != nil {
		return err
	}
	for round := 1; ; round++ {
		use := a.toolUse(round)
		r, err := a.ask(ctx, use, &a.writer)
		a.count(r)
		var toolless *toollessError
		if errors.As(err, &toolless) && round == 1 {
			if err = a.begin(ctx); err == nil {
				r, err = a.ask(ctx, noTools, &a.writer)
				a.count(r)
			}
		}
		if err != nil {
			return err
		}
		if use != mayUse || a.accent.noTools || len(r.calls) == 0 {
			return a.finish(r)
		}
		if err := a.useTools(ctx, round, r); err != nil {
			return err
		}
	}
}

// begin says what comes before the answer: with the figures in it, where the model cannot ask for them.
func (a *answer) begin(ctx context.Context) error {
	figures := ""
	if a.toolUse(1) == noTools && len(a.tools) > 0 {
		var err error
		if figures, err = a.figures(ctx); err != nil {
			return err
		}
	}
	a.messages = opening(a.question, figures)
	return nil
}

func (a *answer) toolUse(round int) toolUse {
	rounds := a.model.limits.rounds
	switch {
	case a.accent.noTools || len(a.tools) == 0 || rounds == 1:
		return noTools
	case round < rounds:
		return mayUse
	}
	return mayNoMore
}

func (a *answer) count(r *reply) {
	a.ending.PromptTokens += max(0, r.usage.PromptTokens)
	a.ending.CompletionTokens += max(0, r.usage.CompletionTokens)
}

// finish ends the answer with its last reply. One of white space, or of tool calls where there are no tools, is none.
func (a *answer) finish(r *reply) error {
	if !a.writer.wrote {
		return errNoText
	}
	a.ending.FinishReason = r.reason
	return nil
}

// useTools runs the calls of a reply in their order, and adds them and their results to what was said.
func (a *answer) useTools(ctx context.Context, round int, r *reply) error {
	r.calls.settle(round)
	asked := openai.ChatCompletionMessage{Role: openai.ChatMessageRoleAssistant, Content: r.text.String()}
	var results []openai.ChatCompletionMessage
	for i, call := range r.calls {
		result := problem("too many tools at once; ask again for those that are still needed")
		if i < maxUses {
			var err error
			if result, _, err = a.use(ctx, call.name, call.arguments); err != nil {
				return err
			}
		}
		asked.ToolCalls = append(asked.ToolCalls, call.repeated())
		results = append(results, openai.ChatCompletionMessage{Role: openai.ChatMessageRoleTool, ToolCallID: call.id, Content: result})
	}
	a.writer.pause = true
	a.messages = append(append(a.messages, asked), results...)
	return nil
}
