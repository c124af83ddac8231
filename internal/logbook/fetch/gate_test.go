package fetch_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cragbase/cragbase/internal/logbook/fetch"
	"github.com/cragbase/cragbase/internal/logbook/fetch/fetchtest"
)

// However many ask, a site gets one request at a time and its pause between two.
func TestOneRequestAtATime(t *testing.T) {
	t.Parallel()
	var under, most atomic.Int32
	site := fetchtest.Start(t, func(w http.ResponseWriter, _ *http.Request) {
		if now := under.Add(1); now > most.Load() {
			most.Store(now)
		}
		defer under.Add(-1)
		w.Write([]byte(export))
	})
	client := site.New(t, fetch.Config{Delay: time.Minute})
	var readers sync.WaitGroup
	for range 20 {
		readers.Go(func() {
			if _, err := client.Get(t.Context(), fetch.Request{Path: "/"}); err != nil {
				t.Error(err)
			}
		})
	}
	readers.Wait()
	if waits := site.Clock.Waits(); len(waits) != 19 || slices.Min(waits) != time.Minute || slices.Max(waits) != time.Minute {
		t.Errorf("waited %v between 20 requests", waits)
	}
	if most.Load() != 1 {
		t.Errorf("%d requests at once", most.Load())
	}
	site.Clock.Advance(time.Hour)
	if _, err := client.Get(t.Context(), fetch.Request{Path: "/"}); err != nil || len(site.Clock.Waits()) != 19 {
		t.Errorf("%v; an hour is pause enough", err)
	}
}

// A site that fails again and again is left alone for a while, with the reason why, and tried once after it.
func TestSiteIsLeftAlone(t *testing.T) {
	t.Parallel()
	var requests, status atomic.Int32
	status.Store(403)
	site := fetchtest.Start(t, func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		w.WriteHeader(int(status.Load()))
	})
	const rest = 300 * time.Millisecond
	client := site.New(t, fetch.Config{Failures: 3, Rest: rest})
	get := func() *fetch.Error {
		_, err := client.Get(t.Context(), fetch.Request{Path: "/"})
		return failure(t, err)
	}
	for range 3 {
		if failed := get(); failed.Reason != fetch.Refused || failed.NotAsked {
			t.Fatalf("%+v", failed)
		}
	}
	failed := get()
	if failed.Reason != fetch.Refused || !failed.NotAsked || failed.RetryAfter <= 0 || failed.RetryAfter > rest || requests.Load() != 3 {
		t.Errorf("%+v after %d requests", failed, requests.Load())
	}
	status.Store(404) // of the site it says that it answers
	deadline := time.After(20 * time.Second)
	for failed.NotAsked {
		select {
		case <-time.After(failed.RetryAfter):
			failed = get()
		case <-deadline:
			t.Fatal("the site is left alone for ever")
		}
	}
	if failed.Reason != fetch.NotFound || requests.Load() != 4 {
		t.Errorf("%+v after %d requests", failed, requests.Load())
	}
	if failed = get(); failed.NotAsked {
		t.Errorf("%+v: the site answers again", failed)
	}
}

// Profiles that cannot be read say nothing about the next one.
func TestProfilesDoNotCloseTheSite(t *testing.T) {
	t.Parallel()
	site := fetchtest.Start(t, answer(404, ""))
	client := site.New(t, fetch.Config{Failures: 2})
	for range 10 {
		_, err := client.Get(t.Context(), fetch.Request{Path: "/"})
		if failed := failure(t, err); failed.Reason != fetch.NotFound || failed.NotAsked {
			t.Fatalf("%+v", failed)
		}
	}
}

// A site that says for how long it wants to be left alone is left alone for so long, by the requests for others as well.
func TestRetryAfterHoldsForTheSite(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	site := fetchtest.Start(t, func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) == 1 {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		w.Write([]byte(export))
	})
	client := site.New(t, fetch.Config{})
	for _, want := range []struct {
		asked bool
		after time.Duration
	}{{true, time.Hour}, {false, time.Hour}, {false, 30 * time.Minute}} {
		_, err := client.Get(t.Context(), fetch.Request{Path: "/"})
		failed := failure(t, err)
		if failed.Reason != fetch.RateLimited || failed.NotAsked == want.asked || failed.RetryAfter != want.after {
			t.Errorf("%+v, want %+v", failed, want)
		}
		if !want.asked {
			site.Clock.Advance(30 * time.Minute)
		}
	}
	if _, err := client.Get(t.Context(), fetch.Request{Path: "/"}); err != nil || requests.Load() != 2 {
		t.Errorf("%v after %d requests", err, requests.Load())
	}
}

// Who does not want the answer any more gets its own error back, not one of the site; one who has no time left was too slow.
func TestEndOfContext(t *testing.T) {
	t.Parallel()
	started := make(chan struct{}, 1)
	site := fetchtest.Start(t, func(_ http.ResponseWriter, r *http.Request) {
		started <- struct{}{}
		<-r.Context().Done()
	})
	client := site.New(t, fetch.Config{Failures: 1})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-started
		cancel()
	}()
	_, err := client.Get(ctx, fetch.Request{Path: "/"})
	var failed *fetch.Error
	if !errors.Is(err, context.Canceled) || errors.As(err, &failed) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := client.Get(ctx, fetch.Request{Path: "/"}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}
	late, cancelLate := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancelLate()
	_, err = client.Get(late, fetch.Request{Path: "/"})
	if failed := failure(t, err); failed.Reason != fetch.TooSlow || failed.NotAsked {
		t.Errorf("late: %v", err)
	}
}
