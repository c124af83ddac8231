package llm_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	fake "github.com/cragbase/cragbase/internal/coach/fakemodel"
	"github.com/cragbase/cragbase/internal/coach/llm"
)

// A model that can use no tools, by the configuration or by what its server says, gets the figures with the question.
func TestModelsWithoutTools(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name     string
		config   llm.Config
		script   fake.Script
		requests int
	}{
		{"COACH_TOOLS=off", llm.Config{NoTools: true}, fake.Text("Two 7a."), 1},
		{"one round only", llm.Config{MaxRounds: 1}, fake.Text("Two 7a."), 1},
		{"the server refuses tools", llm.Config{}, fake.RefusesTools(fake.Text("Two 7a.")), 2},
		{"and wants max_completion_tokens, and knows no stream_options", llm.Config{}, fake.RefusesStreamOptions(fake.RefusesMaxTokens(fake.RefusesTools(fake.Text("Two 7a.")))), 4},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var ran uses
			got := ask(t, row.config, asked(ran.tool("get_pyramid"), ran.tool("query_ticks"), ran.tool("get_crags")), row.script)
			if got.err != nil || got.text != "Two 7a." {
				t.Fatalf("%q %v", got.text, got.err)
			}
			equal(t, "runs", ran, []string{`get_pyramid{"limit":20}`, `query_ticks{"limit":20}`})
			requests := got.server.Requests()
			last := requests[len(requests)-1].Chat
			data := `{"get_pyramid":{"of":"get_pyramid","total":3},"query_ticks":{"of":"query_ticks","total":3}}`
			if question := last.Last("user"); !strings.Contains(question, data) || !strings.HasSuffix(question, asked().Content) || strings.Contains(last.Last("system"), "total") {
				t.Errorf("asked %q", last.Messages)
			}
			if len(requests) != row.requests || len(last.Tools) > 0 {
				t.Errorf("%d requests, the last with %d tools", len(requests), len(last.Tools))
			}
		})
	}
}

// What a server refuses is not tried again for an hour, then once.
func TestAccentIsRemembered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := fake.NewInMemory(t, fake.RefusesMaxTokens(fake.RefusesTools(fake.Text("Two 7a."))))
		model := newModel(t, llm.Config{}, server)
		var ran uses
		for i, want := range []int{3, 4, 7, 8} { // requests so far: two refusals and an answer, an answer, and the same after an hour
			if i == 2 {
				<-time.After(time.Hour + time.Second)
			}
			if _, err := model.Answer(t.Context(), asked(ran.tool("get_pyramid")), &taker{}); err != nil {
				t.Fatal(err)
			}
			if n := len(server.Requests()); n != want {
				t.Errorf("%d requests after answer %d, want %d", n, i+1, want)
			}
		}
	})
}

// A refusal that is about something else teaches nothing, and is not sent again and again.
func TestRefusalsEnd(t *testing.T) {
	t.Parallel()
	var ran uses
	got := ask(t, llm.Config{}, asked(ran.tool("get_pyramid")), fake.Refuse(400, "the tools, stream_options, max_tokens and the rest are wrong", "", ""))
	if n := len(got.server.Requests()); got.err == nil || n > 8 {
		t.Errorf("%d requests: %v", n, got.err)
	}
}

// Where the history has tool calls, Anthropic wants the tools named also in the last round; none may be used.
func TestToolsNamedInTheLastRound(t *testing.T) {
	t.Parallel()
	var ran uses
	got := ask(t, llm.Config{MaxRounds: 2}, asked(ran.tool("get_pyramid")),
		fake.Calls(fake.Call{Name: "get_pyramid", Arguments: `{}`}), fake.WantsToolsNamed(fake.Text("Two 7a.")))
	requests := got.server.Requests()
	if got.err != nil || got.text != "Two 7a." || len(requests) != 3 || requests[2].Chat.ToolChoice != "none" {
		t.Errorf("%q after %d requests: %v", got.text, len(requests), got.err)
	}
}

// Every request is limited in tokens, by the parameter that its model knows.
func TestTokenLimit(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name       string
		config     llm.Config
		script     fake.Script
		max, other int
	}{
		{"by default", llm.Config{}, fake.Text("Two"), 1200, 0},
		{"configured", llm.Config{MaxTokens: 50}, fake.Text("Two"), 50, 0},
		{"a model that go-openai knows as one that reasons", llm.Config{Model: "gpt-5-mini"}, fake.Text("Two"), 0, 1200},
		{"one that only its server knows", llm.Config{}, fake.RefusesMaxTokens(fake.Text("Two")), 0, 1200},
		{"a server that takes neither", llm.Config{}, fake.RefusesMaxTokens(fake.RefusesMaxCompletionTokens(fake.Text("Two"))), 0, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := ask(t, row.config, asked(), row.script)
			requests := got.server.Requests()
			if got.err != nil || len(requests) == 0 {
				t.Fatalf("%d requests: %v", len(requests), got.err)
			}
			if last := requests[len(requests)-1].Chat; last.MaxTokens != row.max || last.MaxCompletionTokens != row.other {
				t.Errorf("max_tokens %d, max_completion_tokens %d", last.MaxTokens, last.MaxCompletionTokens)
			}
		})
	}
}

// Tools are offered as the coach describes them.
func TestToolsAreOffered(t *testing.T) {
	t.Parallel()
	var ran uses
	got := ask(t, llm.Config{}, asked(ran.tool("get_pyramid")), fake.Text("Two"))
	tools := got.server.Requests()[0].Chat.Tools
	if len(tools) != 1 || tools[0].Type != "function" || tools[0].Function.Name != "get_pyramid" || tools[0].Function.Description != "Figures by grade." {
		t.Fatalf("%+v", tools)
	}
	var schema struct{ Properties map[string]any }
	if err := json.Unmarshal(tools[0].Function.Parameters, &schema); err != nil || len(schema.Properties) != 2 {
		t.Errorf("%s: %v", tools[0].Function.Parameters, err)
	}
}
