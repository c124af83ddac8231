package llm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	openai "github.com/sashabaranov/go-openai"

	"github.com/cragbase/cragbase/internal/coach"
)

func readFrames(reader io.Reader) (string, error) {
	data, err := io.ReadAll(newFrames(io.NopCloser(reader)))
	return string(data), err
}

// What is left of a stream for go-openai.
func TestFrames(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, stream, frames string
		err                  error
	}{
		{"nothing", "", "", nil},
		{"frames", "data: {}\n\ndata:{\"a\":1}\r\n\r\ndata: [DONE]\n", "data: {}\ndata: {\"a\":1}\ndata: [DONE]\n", nil},
		{"without blank lines", "data: {}\ndata: {}\n", "data: {}\ndata: {}\n", nil},
		{"comments, other fields, empty data", ": x\nevent: e\nid: 1\nretry: 2\ndata:\ndata\ndata: {}\n", "data: {}\n", nil},
		{"a byte-order mark", "\uFEFFdata: {}\n", "data: {}\n", nil},
		{"the last line without a line feed", "data: {}\ndata: {}", "data: {}\ndata: {}\n", nil},
		{"[DONE] without a line feed", "data: [DONE]", "data: [DONE]\n", nil},
		{"cut in a frame", "data: {}\ndata: {\"a", "data: {}\n", io.ErrUnexpectedEOF},
		{"cut in a field", "data: {}\nda", "data: {}\n", io.ErrUnexpectedEOF},
		{"no stream", "<html>", "", errNoStream},
		{"a line in the stream", "data: {}\nInternal Server Error\n", "data: {}\n", errGarbled},
		{"a frame that is a list", "data: []\n", "", errGarbled},
		{"error: null", "data: {\"error\":null}\n", "data: {\"error\":null}\n", nil},
		{"a line as long as may be", "data: {" + strings.Repeat(" ", maxLine-9) + "}\n", "data: {" + strings.Repeat(" ", maxLine-9) + "}\n", nil},
		{"a longer one", "data: {" + strings.Repeat(" ", maxLine) + "}\n", "", errTooLong},
		{"a long stream of comments", strings.Repeat(": "+strings.Repeat("x", 1021)+"\n", maxStream/1024+1), "", errTooLong},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			frames, err := readFrames(strings.NewReader(row.stream))
			if frames != row.frames || !errors.Is(err, row.err) {
				t.Errorf("%.80q %v", frames, err)
			}
		})
	}
}

// The forms in which servers say that something went wrong within a stream.
func TestErrorFrames(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		`{"error":{"message":"boom","type":"server_error","code":null}}`: "server_error, boom",
		`{"error":{"message":["a","b"],"code":503}}`:                     "503, [a b]",
		`{"error":"llama runner process has terminated"}`:                "llama runner process has terminated",
		`{"error":17}`: "an error without words",
		`{"object":"error","message":"boom","type":"BadRequestError","code":400}`:     "BadRequestError, 400, boom",
		`{"id":"x","error":{"code":502,"message":"gone"},"choices":[{"index":0}]}`:    "502, gone",
		`{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`: "overloaded_error, Overloaded",
	} {
		_, err := readFrames(strings.NewReader("data: " + data + "\n\n"))
		if frame, is := errors.AsType[*frameError](err); !is || frame.Error() != want {
			t.Errorf("%s: %v", data, err)
		}
	}
}

func FuzzFrames(f *testing.F) {
	for _, seed := range []string{
		"data: {}\n\ndata: [DONE]\n\n", ": x\r\ndata:{\"a\":1}\r\n", "\uFEFFdata: {\"error\":null}", "data: {\"error\":{\"message\":\"x\"}}\n", "<html>", "data: {\"a", "event: error\ndata\n", "data: [DONE]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		frames, err := readFrames(bytes.NewReader(stream))
		again, errAgain := readFrames(iotest.OneByteReader(bytes.NewReader(stream)))
		if frames != again || !errors.Is(errAgain, err) && err.Error() != errAgain.Error() {
			t.Fatalf("depends on the pieces: %q %v, %q %v", frames, err, again, errAgain)
		}
		for line := range strings.Lines(frames) {
			data, is := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "data: ")
			if !is || !strings.HasSuffix(line, "\n") || data != "[DONE]" && !json.Valid([]byte(data)) {
				t.Fatalf("the line %q", line)
			}
		}
		if len(frames) > 3*len(stream)+1 { // "data:{}" gets a space and a line feed
			t.Fatalf("%d bytes of %d", len(frames), len(stream))
		}
	})
}

// played is a transport that answers every request with one stream.
type played []byte

func (p played) RoundTrip(request *http.Request) (*http.Response, error) {
	header := http.Header{"Content-Type": {"text/event-stream"}}
	return &http.Response{StatusCode: http.StatusOK, Header: header, Body: io.NopCloser(bytes.NewReader(p)), Request: request}, nil
}

// text is a sink that holds what Answer promises about pieces.
type text struct {
	t *testing.T
	strings.Builder
}

func (s *text) Tool(string, string) error { return nil }

func (s *text) Delta(piece string) error {
	if piece == "" || !utf8.ValidString(piece) {
		s.t.Fatalf("the piece %q", piece)
	}
	s.WriteString(piece)
	return nil
}

// Whatever a server streams, the answer is one with a text and a reason, or an error with a code; it is never longer than its limit.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		`data: {"choices":[{"index":0,"delta":{"content":"Two"},"finish_reason":"stop"}],"usage":{"prompt_tokens":-5}}` + "\n\ndata: [DONE]\n",
		`data: {"choices":[{"delta":{"tool_calls":[{"function":{"name":"get_pyramid","arguments":"{\"limit\":1}"}}]}}]}` + "\n" + `data: {"choices":[{"delta":{},"finish_reason":"tool_calls"}]}` + "\n",
		`data: {"choices":[{"delta":{"tool_calls":[{"index":-3,"id":"a","function":{}},{"index":7}]}}]}` + "\n",
		`data: {"error":{"message":"boom"}}` + "\n", `data: {"choices":7}` + "\n", "<html>",
	} {
		f.Add([]byte(seed))
	}
	tool := coach.Tool{Name: "get_pyramid", Parameters: json.RawMessage(`{"properties":{"limit":{}}}`), Run: nothingFound}
	f.Fuzz(func(t *testing.T, stream []byte) {
		model, err := New(Config{Model: "fake-1", MaxCharacters: 100, Transport: played(stream)})
		if err != nil {
			t.Fatal(err)
		}
		out := &text{t: t}
		ending, err := model.Answer(t.Context(), coach.Question{Content: "How?", Tools: []coach.Tool{tool}}, out)
		_, failed := errors.AsType[*coach.ModelError](err)
		if (err == nil) != (ending.FinishReason != "") || err != nil && !failed || err == nil && strings.TrimSpace(out.String()) == "" {
			t.Fatalf("%q %+v %v", out.String(), ending, err)
		}
		if utf8.RuneCountInString(out.String()) > 100 || ending.PromptTokens < 0 || ending.CompletionTokens < 0 {
			t.Fatalf("%q %+v", out.String(), ending)
		}
	})
}

// Whatever pieces come, every call has an id of its own, a name that may be sent, arguments that are JSON, and pieces of it are not lost.
func FuzzCalls(f *testing.F) {
	f.Add([]byte(`[{"index":0,"id":"a","function":{"name":"x","arguments":"{"}},{"index":0,"function":{"arguments":"}"}}]`))
	f.Add([]byte(`[{"function":{"name":"x","arguments":"{}"}},{"function":{"name":"x","arguments":"{}"}},{"id":"call_1_1"}]`))
	f.Add([]byte(`[{"id":"call_1_2","function":{"name":"x"}},{"function":{"name":"y"}},{"id":"","function":{"name":"z"}}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var pieces []openai.ToolCall
		if json.Unmarshal(data, &pieces) != nil {
			return
		}
		var list calls
		total, kept := 0, 0
		for _, piece := range pieces {
			if err := list.add(piece); err != nil {
				break
			}
			total += len(piece.Function.Arguments)
		}
		list.settle(1)
		seen := map[string]bool{}
		for _, call := range list {
			shown := call.repeated()
			if shown.ID == "" || seen[shown.ID] || !functionName.MatchString(shown.Function.Name) || !json.Valid([]byte(shown.Function.Arguments)) {
				t.Fatalf("%+v", shown)
			}
			seen[shown.ID] = true
			kept += len(call.arguments)
		}
		if len(list) > maxCalls || kept > total || kept < total && total <= maxArguments {
			t.Fatalf("%d calls with %d of %d bytes", len(list), kept, total)
		}
	})
}

func nothingFound(context.Context, json.RawMessage) (coach.ToolResult, error) {
	return coach.ToolResult{JSON: json.RawMessage(`{"total":0}`), Summary: "looked at the pyramid"}, nil
}
