package llm_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/cragbase/cragbase/internal/coach"
	fake "github.com/cragbase/cragbase/internal/coach/fakemodel"
	"github.com/cragbase/cragbase/internal/coach/llm"
)

// A model that never stops asking for tools gets none in the last of four requests, and answers then.
func TestRoundsEnd(t *testing.T) {
	t.Parallel()
	var ran uses
	more := fake.CallsAfter("Let me look.", fake.Call{Name: "get_pyramid", Arguments: `{}`})
	got := ask(t, llm.Config{}, asked(ran.tool("get_pyramid")), more, more, more, fake.Text("Two 7a."))
	if got.err != nil || got.text != "Let me look.\n\nLet me look.\n\nLet me look.\n\nTwo 7a." || len(ran) != 3 {
		t.Errorf("%q after %d uses: %v", got.text, len(ran), got.err)
	}
	if want := (coach.Ending{FinishReason: "stop", PromptTokens: 4 * fake.PromptTokens, CompletionTokens: 4 * fake.CompletionTokens}); got.ending != want {
		t.Errorf("%+v, want %+v", got.ending, want)
	}
	for i, request := range got.server.Requests() {
		if has := len(request.Chat.Tools) > 0; has != (i < 3) {
			t.Errorf("request %d has tools: %t", i+1, has)
		}
	}
}

// A model that asks for tools where there are none has answered only if it also said something.
func TestCallsInTheLastRound(t *testing.T) {
	t.Parallel()
	for text, code := range map[string]coach.ModelCode{"": coach.ModelFailed, "Two 7a.": ""} {
		var ran uses
		call := fake.Call{Name: "get_pyramid", Arguments: `{}`}
		got := ask(t, llm.Config{MaxRounds: 2}, asked(ran.tool("get_pyramid")), fake.Calls(call), fake.CallsAfter(text, call))
		if got.code() != code || got.text != text || len(ran) != 1 || len(got.server.Requests()) != 2 {
			t.Errorf("%q after %d uses: %v", got.text, len(ran), got.err)
		}
	}
}

// What the model does wrong with tools it is told, and the tool is not run.
func TestWrongCalls(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		call fake.Call
		says string // in the result; "" where the tool is run
	}{
		{"an unknown tool", fake.Call{Name: "delete_ticks", Arguments: `{}`}, "there is no such tool; there are get_pyramid"},
		{"a name that is no name", fake.Call{Name: "get pyramid!", Arguments: `{}`}, "there is no such tool"},
		{"arguments that are no JSON", fake.Call{Name: "get_pyramid", Arguments: `{"style":"onsi`}, "no JSON object"},
		{"arguments that are a list", fake.Call{Name: "get_pyramid", Arguments: `["onsight"]`}, "no JSON object"},
		{"arguments above 16 KB", fake.Call{Name: "get_pyramid", Arguments: `{"style":"` + strings.Repeat("x", 17<<10) + `"}`}, "no JSON object"},
		{"another user's id", fake.Call{Name: "get_pyramid", Arguments: `{"style":"onsight","user_id":"u2"}`}, `unknown argument \"user_id\"; there are: limit, style`},
		{"no arguments at all", fake.Call{Name: "get_pyramid"}, ""},
		{"null", fake.Call{Name: "get_pyramid", Arguments: `null`}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var ran uses
			got := ask(t, llm.Config{}, asked(ran.tool("get_pyramid")), fake.Calls(row.call), fake.Text("Two 7a."))
			if got.err != nil || got.text != "Two 7a." {
				t.Fatalf("%q %v", got.text, got.err)
			}
			told := results(got.server.Requests()[1])
			if row.says != "" && (len(ran) != 0 || len(got.tools) != 0 || len(told) != 1 || !strings.HasPrefix(told[0], `{"error":`) || !strings.Contains(told[0], row.says)) {
				t.Errorf("ran %q, told %q", ran, told)
			}
			if row.says == "" {
				equal(t, "runs", ran, []string{"get_pyramid{}"})
			}
		})
	}
}

// A tool that fails for a reason of ours tells the log, not the model; one of the arguments tells the model.
func TestToolsThatFail(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		result coach.ToolResult
		err    error
		says   string
		logged string
	}{
		{"the arguments", coach.ToolResult{}, errors.New("there is no style \"sideways\""), `there is no style \"sideways\"`, ""},
		{"internal", coach.ToolResult{}, fmt.Errorf("%w: disk full", coach.ErrInternal), "the tool failed", "disk full"},
		{"no JSON", coach.ToolResult{JSON: json.RawMessage("{")}, nil, "the tool failed", "unexpected end"},
		{"too long", coach.ToolResult{JSON: json.RawMessage(`"` + strings.Repeat("x", 33<<10) + `"`)}, nil, "too long", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			tool := coach.Tool{Name: "get_pyramid", Run: func(context.Context, json.RawMessage) (coach.ToolResult, error) { return row.result, row.err }}
			var log bytes.Buffer
			config := llm.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}
			got := ask(t, config, asked(tool), fake.Calls(fake.Call{Name: "get_pyramid", Arguments: "{}"}), fake.Text("Two 7a."))
			if got.err != nil || len(got.tools) != 0 {
				t.Fatalf("%q %v", got.tools, got.err)
			}
			told := results(got.server.Requests()[1])
			if len(told) != 1 || !strings.Contains(told[0], row.says) || strings.Contains(told[0], "disk") {
				t.Errorf("told %q", told)
			}
			if !strings.Contains(log.String(), row.logged) || (row.logged == "") != (log.Len() == 0) {
				t.Errorf("logged %q", log.String())
			}
		})
	}
}

// Of many calls at once the first eight are run; more than 32 are no sane answer.
func TestManyCalls(t *testing.T) {
	t.Parallel()
	for n, code := range map[int]coach.ModelCode{12: "", 33: coach.ModelFailed} {
		var ran uses
		list := make([]fake.Call, n)
		for i := range list {
			list[i] = fake.Call{Name: "get_pyramid", Arguments: fmt.Sprintf(`{"limit":%d}`, i)}
		}
		got := ask(t, llm.Config{}, asked(ran.tool("get_pyramid")), fake.Calls(list...), fake.Text("Two 7a."))
		if got.code() != code {
			t.Fatalf("%d calls: %v", n, got.err)
		}
		if code == "" && (len(ran) != 8 || len(results(got.server.Requests()[1])) != 12) {
			t.Errorf("ran %d, told %q", len(ran), results(got.server.Requests()[1]))
		}
	}
}
