package fakemodel

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// post sends a body and returns the status and what came until the end of the answer.
func post(ctx context.Context, s *Server, body string) (int, string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/chat/completions", strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	response, err := s.Transport.RoundTrip(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	return response.StatusCode, string(answer), err
}

// body is a request with messages, as JSON.
func body(messages ...string) string {
	return fmt.Sprintf(`{"model":"fake-1","stream":true,"stream_options":{"include_usage":true},"messages":[%s]}`, strings.Join(messages, ","))
}

const (
	question = `{"role":"user","content":"How?"}`
	call     = `{"role":"assistant","tool_calls":[{"id":"call_1","type":"function","function":{"name":"get_pyramid","arguments":"{}"}}]}`
	result   = `{"role":"tool","tool_call_id":"call_1","content":"{}"}`
)

// The first request gets the first script, the last script answers all that follow, and everything is kept.
func TestScriptsInOrder(t *testing.T) {
	t.Parallel()
	s := New(t, Text("one"), Text("two"))
	for _, want := range []string{"one", "two", "two"} {
		status, answer, err := post(t.Context(), s, body(question))
		if status != http.StatusOK || err != nil || !strings.Contains(answer, `{"content":"`+want+`"}`) || !strings.HasSuffix(answer, "data: [DONE]\n\n") {
			t.Errorf("%d %s %v", status, answer, err)
		}
	}
	requests := s.Requests()
	if len(requests) != 3 || requests[2].Path != "/v1/chat/completions" || requests[2].Chat.Last("user") != "How?" || string(requests[2].Body) != body(question) {
		t.Errorf("%+v", requests)
	}
	if s.Cancelled() != 0 {
		t.Errorf("%d cancelled", s.Cancelled())
	}
}

// The usage comes in a frame of its own, and only to those who ask for it.
func TestUsage(t *testing.T) {
	t.Parallel()
	s := New(t, Text("one"))
	for with, request := range map[bool]string{true: body(question), false: `{"model":"fake-1","stream":true,"messages":[` + question + `]}`} {
		_, answer, err := post(t.Context(), s, request)
		if err != nil || strings.Contains(answer, `"choices":[],"usage":{"prompt_tokens":420`) != with {
			t.Errorf("%t: %s %v", with, answer, err)
		}
	}
}

// What a real server refuses is refused.
func TestRefusals(t *testing.T) {
	t.Parallel()
	s := New(t, Text("one"))
	for _, row := range []struct {
		body string
		says string // "" where it is taken
	}{
		{`{`, "could not parse"},
		{`{"stream":true,"messages":[` + question + `]}`, "model"},
		{`{"model":"fake-1","messages":[` + question + `]}`, "streams"},
		{body(), "too short"},
		{body(question, call), "not answered"},
		{body(question, call, question), "not answered"},
		{body(question, result), "no preceding tool call"},
		{body(question, call, result, result), "no preceding tool call"},
		{body(question, strings.Replace(call, "call_1", "", 1)), "missing or doubled"},
		{body(question, strings.Replace(call, `"type":"function",`, "", 1)), "no function"},
		{body(question, strings.Replace(call, "get_pyramid", "get pyramid", 1)), "does not match the pattern"},
		{body(question, strings.Replace(call, `"{}"`, `"{"`, 1)), "not JSON"},
		{body(question, call, result), ""},
	} {
		status, answer, err := post(t.Context(), s, row.body)
		if err != nil || (status == http.StatusOK) != (row.says == "") || !strings.Contains(answer, row.says) {
			t.Errorf("%s: %d %s %v", row.body, status, answer, err)
		}
	}
	response, err := http.Get(s.URL + "/models")
	if err != nil {
		t.Fatal(err)
	}
	if response.Body.Close(); response.StatusCode != http.StatusBadRequest {
		t.Errorf("another path: %d", response.StatusCode)
	}
}

// A held answer goes on when it is released, and later ones are not held.
func TestRelease(t *testing.T) {
	t.Parallel()
	s := New(t, Slow("late"))
	answers := make(chan string, 2)
	ask := func() {
		_, answer, err := post(t.Context(), s, body(question))
		if err != nil {
			t.Error(err)
		}
		answers <- answer
	}
	go ask()
	if err := s.AwaitHeld(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	s.Release()
	go ask()
	for range 2 {
		if answer := <-answers; !strings.Contains(answer, "late") {
			t.Errorf("%s", answer)
		}
	}
	if err := s.AwaitIdle(t.Context()); err != nil || s.Cancelled() != 0 {
		t.Errorf("%d cancelled, %v", s.Cancelled(), err)
	}
}

// A client that leaves while an answer is held, or is being written, is counted; one whose connection the script cuts is not.
func TestCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := NewInMemory(t, Stall("Two"), Endless("x"), Cut("Two"))
		for range 2 {
			ctx, cancel := context.WithCancel(t.Context())
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/chat/completions", strings.NewReader(body(question)))
			if err != nil {
				t.Fatal(err)
			}
			response, err := s.Transport.RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			if line, err := bufio.NewReader(response.Body).ReadString('\n'); err != nil || !strings.HasPrefix(line, "data: {") {
				t.Errorf("%q %v", line, err)
			}
			cancel()
			response.Body.Close()
		}
		if err := s.AwaitCancelled(t.Context(), 2); err != nil {
			t.Fatal(err)
		}
		if _, _, err := post(t.Context(), s, body(question)); err == nil {
			t.Error("a cut answer came to its end")
		}
		synctest.Wait()
		if s.Cancelled() != 2 {
			t.Errorf("%d cancelled", s.Cancelled())
		}
	})
}

// Those who wait do not wait longer than their context.
func TestAwaitEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := NewInMemory(t, Text("one"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.AwaitHeld(ctx, 1); err != context.DeadlineExceeded {
			t.Error(err)
		}
	})
}

// Nobody reaches a server that is closed, and what it was giving has ended.
func TestClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := NewInMemory(t, Silent("one"))
		ended := make(chan error, 1)
		go func() {
			_, _, err := post(t.Context(), s, body(question))
			ended <- err
		}()
		if err := s.AwaitHeld(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		s.Close()
		if err := <-ended; err == nil {
			t.Error("answered")
		}
		if _, _, err := post(t.Context(), s, body(question)); err == nil || s.Cancelled() != 0 {
			t.Errorf("%d cancelled, %v", s.Cancelled(), err)
		}
	})
}
