package llm_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cragbase/cragbase/internal/coach"
	fake "github.com/cragbase/cragbase/internal/coach/fakemodel"
	"github.com/cragbase/cragbase/internal/coach/llm"
)

// What real servers do differently, and a whole answer all the same.
func TestQuirksOfAnswers(t *testing.T) {
	t.Parallel()
	const told = fake.PromptTokens
	for _, row := range []struct {
		name   string
		script fake.Script
		text   string
		reason string
		tokens int // of the prompt
	}{
		{"as OpenAI: usage in a frame with empty choices", fake.Text("Two ", "7a."), "Two 7a.", "stop", told},
		{"the limit of tokens ends it", fake.Ended("length", "Two"), "Two", "length", told},
		{"a filter ends it", fake.Ended("content_filter", "Two"), "Two", "content_filter", told},
		{"another word for the end", fake.Ended("end_turn", "Two"), "Two", "stop", told},
		{"another word for the limit", fake.Ended("max_tokens", "Two"), "Two", "length", told},
		{"tool_calls as the reason, without any", fake.Ended("tool_calls", "Two"), "Two", "stop", told},
		{": comments for ten minutes' worth, and between frames", fake.Comments("Two ", "7a."), "Two 7a.", "stop", told},
		{"CRLF, a byte-order mark, event names, no space after data:", fake.CRLF("Two ", "7a."), "Two 7a.", "stop", 0},
		{"no usage at all", fake.NoUsage("Two"), "Two", "stop", 0},
		{"no [DONE], and no line feed at the end", fake.NoDone("Two"), "Two", "stop", 0},
		{"the connection stays open after the reason", fake.LingersAtEnd("Two"), "Two", "stop", 0},
		{"finish_reason \"\" in every frame, null content, reasoning", fake.EmptyReasons("Two ", "7a."), "Two 7a.", "stop", told},
		{"invalid UTF-8", fake.InvalidUTF8, "grade \uFFFD\uFFFD done", "stop", told},
		{"max_completion_tokens only", fake.RefusesMaxTokens(fake.Text("Two")), "Two", "stop", told},
		{"stream_options unknown", fake.RefusesStreamOptions(fake.NoUsage("Two")), "Two", "stop", 0},
		{"white space before the text", fake.Text("\n", "\n Two"), "Two", "stop", told},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := ask(t, llm.Config{}, asked(), row.script)
			if got.err != nil || got.text != row.text || got.ending.FinishReason != row.reason || got.ending.PromptTokens != row.tokens {
				t.Errorf("%q %+v %v", got.text, got.ending, got.err)
			}
			if got.took > 3*time.Second {
				t.Errorf("took %s", got.took)
			}
		})
	}
}

// What goes wrong, the word for it, what of the text stands, and how long it takes.
func TestQuirksOfFailures(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		script fake.Script
		code   coach.ModelCode
		text   string
		took   time.Duration
	}{
		{"429 with Retry-After", fake.RateLimited(7), coach.ModelBusy, "", 0},
		{"529 overloaded", fake.Refuse(529, "Overloaded", "overloaded_error", ""), coach.ModelBusy, "", 0},
		{"503 that says it is overloaded", fake.Refuse(503, "later", "overloaded_error", ""), coach.ModelBusy, "", 0},
		{"401", fake.Refuse(401, "Incorrect API key provided: "+key, "invalid_request_error", "invalid_api_key"), coach.ModelUnavailable, "", 0},
		{"404", fake.Refuse(404, "model 'fake-1' not found", "api_error", ""), coach.ModelUnavailable, "", 0},
		{"500", fake.Refuse(500, "boom", "server_error", ""), coach.ModelUnavailable, "", 0},
		{"502 with HTML", fake.Page(502), coach.ModelUnavailable, "", 0},
		{"200 with HTML", fake.Page(200), coach.ModelUnavailable, "", 0},
		{"200 with HTML that is called a stream", func(p *fake.Play) { p.Raw("<!DOCTYPE html>\n<html></html>\n") }, coach.ModelUnavailable, "", 0},
		{"200 with one JSON object", fake.Whole("Two"), coach.ModelUnavailable, "", 0},
		{"a redirect", fake.Redirect("http://fakemodel.invalid/v1/chat/completions"), coach.ModelUnavailable, "", 0},
		{"a context that is too long", fake.Refuse(400, "'max_tokens' is too large: 1200", "invalid_request_error", ""), coach.ModelUnavailable, "", 0},
		{"an error object in a data frame", fake.ErrorFrame("Two"), coach.ModelFailed, "Two", 0},
		{"an error object before the first token", fake.ErrorFrame(), coach.ModelFailed, "", 0},
		{"an error object beside choices, after a comment", fake.ErrorBesideChoices("Two"), coach.ModelFailed, "Two", 0},
		{"an error frame that says overloaded", fake.OverloadedFrame, coach.ModelBusy, "", 0},
		{"the finish reason is error", fake.Ended("error", "Two"), coach.ModelFailed, "Two", 0},
		{"a frame that is no JSON", fake.Garbage("Two"), coach.ModelFailed, "Two", 0},
		{"a frame with other types", func(p *fake.Play) { p.Frame(`{"choices":"none"}`) }, coach.ModelFailed, "", 0},
		{"a huge frame", fake.Huge, coach.ModelFailed, "", 0},
		{"no text", fake.Text(), coach.ModelFailed, "", 0},
		{"white space only", fake.Text(" ", "\n"), coach.ModelFailed, "", 0},
		{"[DONE] without a finish reason", fake.NoReason("Two"), coach.ModelCut, "Two", 0},
		{"an end in good order without a finish reason", fake.EndsWithoutReason("Two"), coach.ModelCut, "Two", 0},
		{"a cut stream", fake.Cut("Two"), coach.ModelCut, "Two", 0},
		{"a cut before the first token", fake.Cut(), coach.ModelCut, "", 0},
		{"a cut in the middle of a frame", fake.CutInFrame("Two"), coach.ModelCut, "Two", 0},
		{"no headers within a minute", fake.Silent("Two"), coach.ModelTimeout, "", time.Minute},
		{"no first token within a minute", fake.Slow("Two"), coach.ModelTimeout, "", time.Minute},
		{"a stall after the first token", fake.Stall("Two"), coach.ModelTimeout, "Two", 30 * time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := ask(t, llm.Config{}, asked(), row.script)
			if got.code() != row.code || got.text != row.text || got.ending.FinishReason != "" || got.took != row.took {
				t.Errorf("%q %+v after %s: %v", got.text, got.ending, got.took, got.err)
			}
			if got.err == nil || strings.Contains(got.err.Error(), key) || strings.Contains(got.err.Error(), asked().Content) {
				t.Errorf("the error says %q", got.err)
			}
			if n := len(got.server.Requests()); n != 1 {
				t.Errorf("%d requests: it would be paid %d times", n, n)
			}
		})
	}
}

// Where tool calls belong, whatever marks a server leaves out: each is run once, in order, and answered under its own id.
func TestQuirksOfToolCalls(t *testing.T) {
	t.Parallel()
	list := []fake.Call{{Name: "get_pyramid", Arguments: `{"style":"onsight"}`}, {Name: "query_ticks", Arguments: `{"limit":5}`}, {Name: "query_ticks", Arguments: `{"limit":9}`}}
	for _, row := range []struct {
		name   string
		script fake.Script
	}{
		{"as OpenAI", fake.Calls(list...)},
		{"no ids", fake.CallsWithoutIDs(list...)},
		{"no indexes", fake.CallsWithoutIndex(list...)},
		{"neither", fake.CallsWithNeither(list...)},
		{"index 0 for every parallel call", fake.CallsAllIndexZero(list...)},
		{"all in one frame, index 0, no ids", fake.CallsInOneFrame(list...)},
		{"id and name repeated with every piece", fake.CallsWithRepeatedIDs(list...)},
		{"finish_reason stop despite tool calls", fake.CallsEndingInStop(list...)},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var ran uses
			got := ask(t, llm.Config{}, asked(ran.tool("get_pyramid"), ran.tool("query_ticks")), row.script, fake.Text("Two 7a."))
			if got.err != nil || got.text != "Two 7a." || got.ending.PromptTokens != 2*fake.PromptTokens {
				t.Errorf("%q %+v %v", got.text, got.ending, got.err)
			}
			equal(t, "runs", ran, []string{`get_pyramid{"style":"onsight"}`, `query_ticks{"limit":5}`, `query_ticks{"limit":9}`})
			equal(t, "told", got.tools, []string{"get_pyramid: looked at get_pyramid", "query_ticks: looked at query_ticks", "query_ticks: looked at query_ticks"})
			equal(t, "results", results(got.server.Requests()[1]), []string{`{"of":"get_pyramid","total":3}`, `{"of":"query_ticks","total":3}`, `{"of":"query_ticks","total":3}`})
		})
	}
}

// Nobody is there: refused connections are told from everything else.
func TestNoServer(t *testing.T) {
	t.Parallel()
	server := fake.New(t, fake.Text("Two"))
	model := newModel(t, llm.Config{}, server)
	server.Close()
	_, err := model.Answer(t.Context(), asked(), &taker{})
	if failure, is := errors.AsType[*coach.ModelError](err); !is || failure.Code != coach.ModelUnavailable {
		t.Errorf("%v", err)
	}
}
