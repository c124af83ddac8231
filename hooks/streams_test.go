package hooks_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cragbase/cragbase/internal/pbtest"
)

// stream is an open realtime connection, or the refusal of one.
type stream struct {
	id     string // of the client
	status int
	header http.Header
	close  func()
}

// openStream connects to realtime and waits until the server has said the client's id.
func openStream(t *testing.T, address string) *stream {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	request, _ := http.NewRequestWithContext(ctx, "GET", "http://"+address+"/api/realtime", nil)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Error(err)
		return &stream{close: cancel}
	}
	s := &stream{status: response.StatusCode, header: response.Header, close: func() { cancel(); response.Body.Close() }}
	t.Cleanup(s.close)
	lines := bufio.NewScanner(response.Body)
	for s.status == http.StatusOK && s.id == "" && lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data:"); ok {
			var connected struct {
				ClientID string `json:"clientId"`
			}
			if err := json.Unmarshal([]byte(data), &connected); err != nil {
				t.Error(err)
			}
			s.id = connected.ClientID
		}
	}
	return s
}

// subscribeStream subscribes it to the usage of the caller and returns the status.
func subscribeStream(t *testing.T, app *pbtest.App, address string, s *stream, caller pbtest.Caller) int {
	t.Helper()
	body, _ := json.Marshal(map[string]any{"clientId": s.id, "subscriptions": []string{"usage/*"}})
	request, _ := http.NewRequest("POST", "http://"+address+"/api/realtime", strings.NewReader(string(body)))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", app.Token(t, caller))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Error(err)
		return 0
	}
	response.Body.Close()
	if response.StatusCode == http.StatusTooManyRequests && response.Header.Get("Retry-After") == "" {
		t.Error("refused without Retry-After")
	}
	return response.StatusCode
}

// openWhenRoom opens a stream once the server has noticed that another one left.
func openWhenRoom(t *testing.T, address string) *stream {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		s := openStream(t, address)
		if s.status == http.StatusOK {
			return s
		}
		s.close()
		select {
		case <-time.Tick(5 * time.Millisecond):
		case <-deadline:
			t.Fatalf("no room within 10 s: status %d", s.status)
		}
	}
}

// awaitClients waits until the server knows of so many streams.
func awaitClients(t *testing.T, app *pbtest.App, count int) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for app.SubscriptionsBroker().TotalClients() != count {
		select {
		case <-time.Tick(time.Millisecond):
		case <-deadline:
			t.Fatalf("%d streams, want %d", app.SubscriptionsBroker().TotalClients(), count)
		}
	}
}

func TestGuestsHaveTwentyStreams(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	address := listen(t, app)
	var open []*stream
	for i := range 20 {
		s := openStream(t, address)
		if s.status != http.StatusOK {
			t.Fatalf("stream %d of a guest: status %d", i+1, s.status)
		}
		open = append(open, s)
	}
	refused := openStream(t, address)
	if refused.status != http.StatusTooManyRequests || refused.header.Get("Retry-After") == "" || refused.header.Get("Content-Type") != "application/json" {
		t.Fatalf("stream 21 of a guest: status %d, %v", refused.status, refused.header)
	}
	if status := subscribeStream(t, app, address, open[0], pbtest.Guest); status != http.StatusNoContent {
		t.Errorf("a guest's own stream cannot be subscribed: status %d", status)
	}

	// A subscription with a token makes room for a guest ...
	if status := subscribeStream(t, app, address, open[0], pbtest.Owner); status != http.StatusNoContent {
		t.Fatalf("subscribe with a token: status %d", status)
	}
	if s := openStream(t, address); s.status != http.StatusOK {
		t.Fatalf("after one became a user's: status %d", s.status)
	}
	if s := openStream(t, address); s.status != http.StatusTooManyRequests {
		t.Fatalf("over the limit again: status %d", s.status)
	}
	// ... and so does a guest who leaves, once.
	open[1].close()
	openWhenRoom(t, address)
	if s := openStream(t, address); s.status != http.StatusTooManyRequests {
		t.Errorf("one left, two came: status %d", s.status)
	}
	// A user's stream that ends leaves the count of guests alone.
	open[0].close()
	awaitClients(t, app, 20)
	if s := openStream(t, address); s.status != http.StatusTooManyRequests {
		t.Errorf("a user left and a guest came: status %d", s.status)
	}
}

func TestUsersHaveFiftyStreams(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	address := listen(t, app)
	var open []*stream
	for i := range 50 {
		s := openStream(t, address)
		for range 2 { // again with other topics is no second stream
			if status := subscribeStream(t, app, address, s, pbtest.Owner); status != http.StatusNoContent {
				t.Fatalf("stream %d of a user: status %d", i+1, status)
			}
		}
		open = append(open, s)
	}
	next := openStream(t, address)
	if status := subscribeStream(t, app, address, next, pbtest.Owner); status != http.StatusTooManyRequests {
		t.Errorf("stream 51 of a user: status %d", status)
	}
	if status := subscribeStream(t, app, address, next, pbtest.Stranger); status != http.StatusNoContent {
		t.Errorf("another user's first: status %d", status)
	}
	open[0].close()
	awaitClients(t, app, 50)
	after := openStream(t, address)
	deadline := time.Now().Add(10 * time.Second)
	for subscribeStream(t, app, address, after, pbtest.Owner) != http.StatusNoContent {
		if time.Now().After(deadline) {
			t.Fatal("no room although one left")
		}
	}
	if status := subscribeStream(t, app, address, openStream(t, address), pbtest.Owner); status != http.StatusTooManyRequests {
		t.Errorf("one left, two came: status %d", status)
	}
}

// Clients that come and go at the same time leave nothing behind: afterwards there is room for all twenty.
func TestStreamsAreCountedExactly(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	address := listen(t, app)
	done := make(chan struct{})
	for range 8 {
		go func() {
			defer func() { done <- struct{}{} }()
			for range 10 { // half of them leave before the server has answered
				conn, err := net.Dial("tcp", address)
				if err != nil {
					t.Error(err)
					return
				}
				conn.Write([]byte("GET /api/realtime HTTP/1.1\r\nHost: x\r\n\r\n"))
				conn.Close()
				s := openStream(t, address)
				if s.id != "" {
					subscribeStream(t, app, address, s, pbtest.Owner)
				}
				s.close()
			}
		}()
	}
	for range 8 {
		<-done
	}
	awaitClients(t, app, 0)
	for range 20 {
		openWhenRoom(t, address)
	}
	if s := openStream(t, address); s.status != http.StatusTooManyRequests {
		t.Errorf("stream 21: status %d", s.status)
	}
}
