package llm_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cragbase/cragbase/internal/coach"
	"github.com/cragbase/cragbase/internal/coach/fakemodel"
	"github.com/cragbase/cragbase/internal/coach/llm"
)

const key = "sk-canary-7f3e9d"

// taker is a sink that remembers.
type taker struct {
	text  strings.Builder
	tools []string
	fail  error // of the next Delta
}

func (s *taker) Tool(name, summary string) error {
	s.tools = append(s.tools, name+": "+summary)
	return nil
}

func (s *taker) Delta(text string) error {
	if text == "" {
		return errors.New("an empty delta")
	}
	s.text.WriteString(text)
	return s.fail
}

// answered is all that came of a question.
type answered struct {
	text   string
	tools  []string
	ending coach.Ending
	err    error
	took   time.Duration // in the bubble, where only waiting takes time
	server *fakemodel.Server
}

func (a answered) code() coach.ModelCode {
	if failure, is := errors.AsType[*coach.ModelError](a.err); is {
		return failure.Code
	}
	return ""
}

// ask puts a question to a model behind a fake server, in a bubble.
func ask(t *testing.T, config llm.Config, question coach.Question, scripts ...fakemodel.Script) (result answered) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server := fakemodel.NewInMemory(t, scripts...)
		model := newModel(t, config, server)
		out, began := &taker{}, time.Now()
		ending, err := model.Answer(t.Context(), question, out)
		result = answered{out.text.String(), out.tools, ending, err, time.Since(began), server}
	})
	return result
}

func newModel(t *testing.T, config llm.Config, server *fakemodel.Server) *llm.Model {
	t.Helper()
	config.BaseURL, config.APIKey, config.Transport = server.URL, key, server.Transport
	if config.Model == "" {
		config.Model = "fake-1"
	}
	model, err := llm.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return model
}

// asked is a plain question with tools.
func asked(tools ...coach.Tool) coach.Question {
	return coach.Question{
		Content: "How did my spring on rope go?", Profile: `{"disciplines": ["sport"]}`, Tools: tools,
		Now: time.Date(2026, 5, 30, 12, 0, 0, 0, time.UTC),
	}
}

// uses notes the arguments that tools are run with.
type uses []string

// tool has two parameters, "style" and "limit".
func (u *uses) tool(name string) coach.Tool {
	return coach.Tool{
		Name: name, Description: "Figures by grade.",
		Parameters: json.RawMessage(`{"type":"object","properties":{"style":{"type":"string"},"limit":{"type":"integer"}}}`),
		Run: func(_ context.Context, arguments json.RawMessage) (coach.ToolResult, error) {
			*u = append(*u, name+string(arguments))
			return coach.ToolResult{JSON: json.RawMessage(fmt.Sprintf(`{"of": %q, "total": 3}`, name)), Summary: "looked at " + name}, nil
		},
	}
}

// results are the contents of the tool messages of a request.
func results(request fakemodel.Request) []string {
	var contents []string
	for _, message := range request.Chat.Messages {
		if message.Role == "tool" {
			contents = append(contents, message.Content)
		}
	}
	return contents
}

func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}
