package main

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cragbase/cragbase/internal/coach/fakemodel"
)

// A server that is killed in the middle of an answer gives its place back at the next start, and at no other.
func TestKilledInAnAnswer(t *testing.T) {
	model := fakemodel.New(t, fakemodel.Stall("Climb ", "more"))
	t.Setenv("COACH_BASE_URL", model.URL)
	t.Setenv("COACH_MODEL", "fake")
	dir := t.TempDir()
	p := start(t, dir, "--demo")
	token := p.login(t, "ben@demo.cragbase.example", "chalk-bucket-sunrise")
	counted := func() any {
		_, count := p.call(t, "GET", "/v1/users/me/message-count", token, nil)
		return count["daily_message_count"]
	}
	before := counted()
	events := p.stream(t, token, "What now?")
	for events.Scan() && !strings.HasPrefix(events.Text(), "event: delta") {
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := model.AwaitHeld(ctx, 1); err != nil {
		t.Fatal(err)
	}
	if got := counted(); got == before {
		t.Errorf("an answer on its way does not count: %v", got)
	}
	p.Process.Kill()
	p.Wait()
	for range 2 {
		p = start(t, dir, "--demo")
		if got := counted(); got != before {
			t.Errorf("%v messages count, want %v", got, before)
		}
		_, list := p.call(t, "GET", "/api/collections/messages/records?filter="+url.QueryEscape("role='assistant'"), token, nil)
		items := list["items"].([]any)
		if len(items) != 1 || items[0].(map[string]any)["state"] != "failed" || items[0].(map[string]any)["error"] != "interrupted" {
			t.Errorf("answers %v", items)
		}
		stop(t, p)
	}
}

// stream posts a message and returns the lines of the answer.
func (p *process) stream(t *testing.T, token, content string) *bufio.Scanner {
	t.Helper()
	request, err := p.request("POST", "/v1/users/me/messages", token, map[string]string{"content": content})
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "text/event-stream")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	if response.StatusCode != http.StatusOK {
		t.Fatalf("status %d", response.StatusCode)
	}
	return bufio.NewScanner(response.Body)
}
