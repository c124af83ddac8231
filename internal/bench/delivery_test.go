package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// board is a server of realtime streams that has nothing but versions.
type board struct {
	mu      sync.Mutex
	clients map[string]chan string // by id of the client; guarded by mu
	topics  map[string]chan string // guarded by mu
}

func (b *board) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet:
		b.stream(w, r)
	case http.MethodPost:
		var body struct {
			ClientID      string
			Subscriptions []string
		}
		json.NewDecoder(r.Body).Decode(&body)
		b.mu.Lock()
		b.topics[body.Subscriptions[0]] = b.clients[body.ClientID]
		b.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	case http.MethodPatch:
		var record struct{ Version int }
		json.NewDecoder(r.Body).Decode(&record)
		topic := strings.TrimPrefix(strings.Replace(r.URL.Path, "/records/", "/", 1), "/api/collections/")
		b.mu.Lock()
		b.topics[topic] <- fmt.Sprintf(`{"record":{"version":%d}}`, record.Version)
		b.mu.Unlock()
	}
}

func (b *board) stream(w http.ResponseWriter, r *http.Request) {
	events := make(chan string, 1_000)
	b.mu.Lock()
	id := fmt.Sprint("client", len(b.clients))
	b.clients[id] = events
	b.mu.Unlock()
	events <- fmt.Sprintf(`{"clientId":%q}`, id)
	for {
		select {
		case <-r.Context().Done():
			return
		case data := <-events:
			fmt.Fprintf(w, "event:x\ndata:%s\n\n", data)
			w.(http.Flusher).Flush()
		}
	}
}

// Every update of a round is told to the one subscriber whose it is, and timed.
func TestRoundOfDeliveries(t *testing.T) {
	t.Parallel()
	web := httptest.NewServer(&board{clients: map[string]chan string{}, topics: map[string]chan string{}})
	defer web.Close()
	s := &site{&server{url: web.URL}, people{subscribers: []user{{id: "a"}, {id: "b"}, {id: "c"}}}}
	a := newAudience(s)
	defer a.leave()
	if err := a.gather(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		took, err := a.round(t.Context())
		if err != nil || len(took) != updatesPerRound {
			t.Fatalf("%d updates were timed, %v", len(took), err)
		}
		if took[0] <= 0 || quantile(took, 0.5) > quantile(took, 0.99) {
			t.Errorf("times from %v to %v", took[0], took[len(took)-1])
		}
	}
}

func TestQuantile(t *testing.T) {
	t.Parallel()
	var took []time.Duration
	for i := range 101 {
		took = append(took, time.Duration(i)*time.Microsecond)
	}
	if p50, p99 := quantile(took, 0.5), quantile(took, 0.99); p50 != 50 || p99 != 99 {
		t.Errorf("p50 %v, p99 %v", p50, p99)
	}
}

func TestVersionOf(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]int{`{"action":"update","record":{"version":7}}`: 7, `{"clientId":"x"}`: -1, `{`: -1} {
		if got := versionOf(data); got != want {
			t.Errorf("%s: %d", data, got)
		}
	}
}
