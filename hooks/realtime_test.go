package hooks_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cragbase/cragbase/internal/pbtest"
)

// subscriber is an open realtime stream.
type subscriber struct {
	events chan string // their data, in the order of arrival
}

// subscribe opens a stream as caller and subscribes it to topics.
func subscribe(t *testing.T, app *pbtest.App, address string, caller pbtest.Caller, topics ...string) *subscriber {
	t.Helper()
	stream, err := http.Get("http://" + address + "/api/realtime")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stream.Body.Close() })
	s := &subscriber{events: make(chan string, 100)}
	go func() {
		defer close(s.events)
		lines := bufio.NewScanner(stream.Body)
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data:"); ok {
				s.events <- data
			}
		}
	}()
	var connected struct {
		ClientID string `json:"clientId"`
	}
	if err := json.Unmarshal([]byte(s.next(t)), &connected); err != nil {
		t.Fatal(err)
	}
	body, _ := json.Marshal(map[string]any{"clientId": connected.ClientID, "subscriptions": topics})
	request, _ := http.NewRequest("POST", "http://"+address+"/api/realtime", strings.NewReader(string(body)))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", app.Token(t, caller))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusNoContent {
		t.Fatalf("subscribe as %s: status %d", caller, response.StatusCode)
	}
	return s
}

// next is the next event; it fails the test when none comes.
func (s *subscriber) next(t *testing.T) string {
	t.Helper()
	select {
	case data := <-s.events:
		return data
	case <-time.After(10 * time.Second):
		t.Fatal("no event within 10 s")
		return ""
	}
}

// ended waits for the server to close the stream; it fails the test when it does not, or sends anything before.
func (s *subscriber) ended(t *testing.T) {
	t.Helper()
	select {
	case data, open := <-s.events:
		if open {
			t.Errorf("an event after the end of the session: %s", data)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the stream is still open after 10 s")
	}
}

// The owner sees an import in realtime, and nobody else does.
func TestRealtimeShowsOnlyTheOwnersRecords(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	address := listen(t, app)
	topics := []string{"ticks/*", "imports/*", "usage/*", "usage/" + pbtest.OwnerID, "users/*", "users/" + pbtest.OwnerID, "plans/*"}
	owner := subscribe(t, app, address, pbtest.Owner, topics...)
	var others []*subscriber
	for _, caller := range []pbtest.Caller{pbtest.Guest, pbtest.Stranger, pbtest.Deactivated} {
		others = append(others, subscribe(t, app, address, caller, topics...))
	}
	if response := app.Upload(t, pbtest.Owner, canary+".csv", rows(1), nil); response.Status != http.StatusOK {
		t.Fatal(response.Body)
	}
	if data := owner.next(t); !strings.Contains(data, canary) || strings.Contains(data, "fingerprint") {
		t.Errorf("the owner's event: %s", data)
	}
	link(t, app, pbtest.Owner, "https://www.mountainproject.com/user/777")
	if data := owner.next(t); !strings.Contains(data, pbtest.OwnerID) || strings.Contains(data, "tokenKey") || strings.Contains(data, "banned_at") {
		t.Errorf("the owner's event: %s", data)
	}
	// Plans are public: this event comes to everybody, and nothing came before it.
	plan, err := app.FindFirstRecordByData("plans", "tier", "basic")
	if err != nil {
		t.Fatal(err)
	}
	plan.Set("name", "Basic+")
	if err := app.Save(plan); err != nil {
		t.Fatal(err)
	}
	for _, other := range others {
		if data := other.next(t); !strings.Contains(data, "Basic+") || strings.Contains(data, "stripe_price") {
			t.Errorf("somebody else's event: %s", data)
		}
	}
}

// A stream that was opened with a valid token is closed at once when its user may not act any more.
func TestRealtimeEndsWithTheSession(t *testing.T) {
	t.Parallel()
	for _, end := range []struct {
		rule string
		act  func(*testing.T, *pbtest.App)
	}{
		{"deactivation", func(t *testing.T, app *pbtest.App) { changeUser(t, app, "is_active", false) }},
		{"ban", func(t *testing.T, app *pbtest.App) { changeUser(t, app, "banned_at", "2026-01-01 00:00:00.000Z") }},
		{"password change", func(t *testing.T, app *pbtest.App) { changeUser(t, app, "password", "quartz-harness-dawn-77") }},
	} {
		t.Run(end.rule, func(t *testing.T) {
			t.Parallel()
			app := pbtest.New(t)
			owner := subscribe(t, app, listen(t, app), pbtest.Owner, "imports/*", "plans/*")
			stranger := subscribe(t, app, listen(t, app), pbtest.Stranger, "plans/*")
			end.act(t, app)
			owner.ended(t)
			plan, err := app.FindFirstRecordByData("plans", "tier", "basic")
			if err != nil {
				t.Fatal(err)
			}
			plan.Set("name", "Basic+")
			if err := app.Save(plan); err != nil {
				t.Fatal(err)
			}
			if data := stranger.next(t); !strings.Contains(data, "Basic+") {
				t.Errorf("somebody else's stream: %s", data)
			}
		})
	}
}
