package llm

import (
	"context"
	_ "embed"
	"strings"

	openai "github.com/sashabaranov/go-openai"

	"github.com/cragbase/cragbase/internal/coach"
)

//go:embed summary.md
var summaryText string

const summaryCharacters = 1500

// Summarise puts turns of a chat, and the summary of what was before them, into a few plain facts, at most 1,500 characters. The chat
// goes to the model as data, in one message. Its errors are those of Answer.
func (m *Model) Summarise(ctx context.Context, summary string, earlier []coach.Turn) (string, coach.Ending, error) {
	limited, cancel := context.WithTimeoutCause(ctx, m.limits.total, errTooSlow)
	defer cancel()
	t := &talk{model: m, accent: m.dialect.current(), tokens: m.limits.tokens, messages: toSummarise(summary, earlier)}
	var text strings.Builder
	w := writer{limit: summaryCharacters, out: func(piece string) error {
		text.WriteString(piece)
		return nil
	}}
	reply, err := t.ask(limited, noTools, &w)
	if err == nil && !w.wrote {
		err = errNoText
	}
	if err != nil {
		return "", coach.Ending{}, m.outcome(ctx, limited, err, t.said()...)
	}
	ending := coach.Ending{FinishReason: reply.reason, PromptTokens: max(0, reply.usage.PromptTokens), CompletionTokens: max(0, reply.usage.CompletionTokens)}
	return strings.TrimSpace(text.String()), ending, nil
}

func toSummarise(summary string, earlier []coach.Turn) []openai.ChatCompletionMessage {
	type said struct {
		Role    coach.Role `json:"role"`
		Content string     `json:"content"`
	}
	chat := struct {
		Summary string `json:"summary_so_far,omitempty"`
		Turns   []said `json:"turns"`
	}{Summary: cut(summary, maxSummary)}
	for _, turn := range recent(earlier) {
		chat.Turns = append(chat.Turns, said(turn))
	}
	return []openai.ChatCompletionMessage{
		{Role: openai.ChatMessageRoleSystem, Content: strings.TrimSpace(summaryText)},
		{Role: openai.ChatMessageRoleUser, Content: encoded(chat)},
	}
}
