package llm

import (
	"context"
	"slices"

	openai "github.com/sashabaranov/go-openai"

	"github.com/cragbase/cragbase/internal/coach"
)

// maxTries is how often a request is sent in other accents before the refusal stands: a little above the number of accents.
const maxTries = 6

// toolUse says what a request lets the model do with tools.
type toolUse int

const (
	noTools   toolUse = iota // there are none
	mayUse                   // the model chooses
	mayNoMore                // it has used some in the rounds before
)

// talk is what is said to the model and by it for one answer.
type talk struct {
	model    *Model
	accent   accent
	messages []openai.ChatCompletionMessage
	tools    []coach.Tool
	tokens   int // that the model may answer with
}

// toollessError says that the model can use no tools; the question has to be put otherwise.
type toollessError struct{ error }

func (e *toollessError) Unwrap() error { return e.error }

// open sends what was said and returns the stream of the answer. A server that refuses a parameter is asked again without it:
// such a refusal comes before any work, so nothing is paid twice.
func (t *talk) open(ctx context.Context, use toolUse) (*openai.ChatCompletionStream, error) {
	for try := 1; ; try++ {
		stream, err := t.model.client.CreateChatCompletionStream(ctx, t.request(use))
		if err == nil {
			t.model.dialect.learn(t.accent)
			return stream, nil
		}
		next, otherwise := t.accent.after(err, use)
		if !otherwise || try == maxTries {
			return nil, err
		}
		t.accent = next
		if next.noTools && use == mayUse {
			return nil, &toollessError{err}
		}
	}
}

func (t *talk) request(use toolUse) openai.ChatCompletionRequest {
	request := openai.ChatCompletionRequest{Model: t.model.name, Messages: slices.Clone(t.messages), Stream: true}
	switch t.accent.limit {
	case maxTokens:
		//lint:ignore SA1019 most servers other than OpenAI know no other one
		request.MaxTokens = t.tokens
	case maxCompletionTokens:
		request.MaxCompletionTokens = t.tokens
	}
	if !t.accent.noUsage {
		request.StreamOptions = &openai.StreamOptions{IncludeUsage: true}
	}
	named := use == mayNoMore && t.accent.nameTools
	if use == mayUse || named {
		request.Tools = offered(t.tools)
	}
	if named {
		request.ToolChoice = "none"
	}
	return request
}

func offered(tools []coach.Tool) []openai.Tool {
	var list []openai.Tool
	for _, tool := range tools {
		list = append(list, openai.Tool{Type: openai.ToolTypeFunction, Function: &openai.FunctionDefinition{
			Name: tool.Name, Description: tool.Description, Parameters: tool.Parameters,
		}})
	}
	return list
}

// said are the texts of the chat, which must not get into a log.
func (t *talk) said() []string {
	var texts []string
	for _, message := range t.messages {
		if message.Role != openai.ChatMessageRoleSystem {
			texts = append(texts, message.Content)
		}
	}
	return texts
}
