package sandbox

import (
	"net/http"
	"sync"
	"testing"
	"time"
)

// takes refuses the first deliveries of each event.
type takes struct {
	mu      sync.Mutex
	refuse  int
	seen    map[string]int
	arrived chan string
}

func (e *takes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	id := r.Header.Get("Stripe-Signature")
	e.seen[r.URL.Path]++
	if e.seen[r.URL.Path] <= e.refuse {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	e.arrived <- id
}

func background(t *testing.T, e *takes, attempts int) *Sandbox {
	t.Helper()
	s, err := New(Config{SecretKey: "sk_test_x", WebhookSecret: "whsec_x", WebhookURL: "http://cragbase.test/webhook", Client: &http.Client{Transport: Transport(e)}, Hold: true})
	if err != nil {
		t.Fatal(err)
	}
	s.workers.Wait() // nothing runs while events are held
	s.config.Hold = false
	s.backoff = func(attempt int) (time.Duration, bool) { return time.Millisecond, attempt < attempts }
	s.workers.Go(s.deliverAll)
	t.Cleanup(s.Close)
	return s
}

// What is refused is delivered again.
func TestDeliveryRetries(t *testing.T) {
	t.Parallel()
	e := &takes{refuse: 3, seen: map[string]int{}, arrived: make(chan string, 10)}
	s := background(t, e, 10)
	s.lock()
	s.addCustomer(&customer{})
	s.unlock()
	select {
	case <-e.arrived:
	case <-time.After(20 * time.Second):
		t.Fatal("never delivered")
	}
	deadline := time.Now().Add(10 * time.Second)
	for len(s.Pending()) > 0 && time.Now().Before(deadline) {
		s.Advance(0)
	}
	if len(s.Pending()) != 0 {
		t.Error("it still waits")
	}
}

// After the last attempt an event is given up, and listed as not delivered.
func TestDeliveryGivesUp(t *testing.T) {
	t.Parallel()
	e := &takes{refuse: 1000, seen: map[string]int{}, arrived: make(chan string, 10)}
	s := background(t, e, 3)
	s.lock()
	s.addCustomer(&customer{})
	s.unlock()
	deadline := time.Now().Add(20 * time.Second)
	for len(s.Pending()) > 0 && time.Now().Before(deadline) {
		s.Advance(0)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if got := s.state.Events.Rows[0]; !got.Dropped || got.Delivered || got.Attempts != 3 {
		t.Errorf("%+v", got)
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	total := time.Duration(0)
	for attempt := 1; ; attempt++ {
		wait, again := deliveryBackoff(attempt)
		if !again {
			break
		}
		if wait < time.Second || wait > 6*time.Hour {
			t.Errorf("attempt %d: %v", attempt, wait)
		}
		total += wait
	}
	if total < 60*time.Hour || total > 84*time.Hour {
		t.Errorf("given up after %v, Stripe tries for three days", total)
	}
}
