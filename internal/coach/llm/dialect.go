package llm

import (
	"errors"
	"sync"
	"time"

	openai "github.com/sashabaranov/go-openai"
)

// accent is what a request must do without, or do otherwise, for a server to take it.
type accent struct {
	limit     tokenLimit
	noUsage   bool // stream_options is unknown
	noTools   bool // the model can use none
	nameTools bool // a history with tool calls must come with the tools, also where none may be used
}

// tokenLimit is the parameter that holds the limit of tokens.
type tokenLimit int

const (
	maxTokens tokenLimit = iota
	maxCompletionTokens
	noLimit // the limit of characters remains
)

// relearn is how long an accent is remembered: servers are updated, and models change behind a name.
const relearn = time.Hour

// dialect remembers the accent that the server took last.
type dialect struct {
	configured accent

	mu     sync.Mutex
	learnt accent
	until  time.Time
}

func (d *dialect) current() accent {
	d.mu.Lock()
	defer d.mu.Unlock()
	if time.Now().After(d.until) {
		return d.configured
	}
	return d.learnt
}

// learn remembers an accent that the server has taken. Only then: a refusal's words may be those of the one who asks.
func (d *dialect) learn(a accent) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if a != d.learnt || time.Now().After(d.until) {
		d.learnt, d.until = a, time.Now().Add(relearn)
	}
}

// after returns the accent to try after an error of a request, or false when the error is about something else.
func (a accent) after(err error, use toolUse) (accent, bool) {
	var refused *refusal
	switch {
	case errors.Is(err, openai.ErrReasoningModelMaxTokensDeprecated): // go-openai knows some models by name
		a.limit = maxCompletionTokens
	case errors.Is(err, openai.ErrReasoningToolsRequireResponses):
		a.noTools = true
	case !errors.As(err, &refused) || !refused.asked() || refused.names("context length", "context_length", "too large", "too long", "tool_use_failed"): // the last is about what a model has made of a tool
		return a, false
	case refused.names("stream_options") && !a.noUsage:
		a.noUsage = true
	case refused.names("max_tokens", "max_completion_tokens") && a.limit < noLimit:
		a.limit++
	case refused.names("tool") && use == mayUse:
		a.noTools = true
	case refused.names("tool") && use == mayNoMore && !a.nameTools:
		a.nameTools = true
	default:
		return a, false
	}
	return a, true
}
