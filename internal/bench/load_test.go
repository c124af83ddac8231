package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

func TestSpreadDoesEachJobOnce(t *testing.T) {
	t.Parallel()
	var done [100]atomic.Int32
	err := spread(t.Context(), len(done), func(_ context.Context, i int) error {
		done[i].Add(1)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range done {
		if n := done[i].Load(); n != 1 {
			t.Errorf("job %d was done %d times", i, n)
		}
	}
}

func TestSpreadStopsAtTheFirstError(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	var started atomic.Int32
	err := spread(t.Context(), 1_000_000, func(ctx context.Context, i int) error {
		if started.Add(1) == 1 {
			return broken
		}
		<-ctx.Done()
		return ctx.Err()
	})
	if !errors.Is(err, broken) {
		t.Errorf("error %v, want the first one", err)
	}
	if n := started.Load(); n > connections {
		t.Errorf("%d jobs were started after the error", n)
	}
}

func TestAnotherStatusIsAnError(t *testing.T) {
	t.Parallel()
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	e := &endpoint{status: http.StatusOK, request: func(ctx context.Context, _ int) (*http.Request, error) {
		return http.NewRequestWithContext(ctx, http.MethodGet, web.URL+"/thing", nil)
	}}
	err := e.ask(t.Context(), 0)
	if err == nil || !strings.Contains(err.Error(), "GET /thing: status 404, want 200: 404 page not found") {
		t.Errorf("error %v", err)
	}
	e.status = http.StatusNotFound
	if err := e.ask(t.Context(), 0); err != nil {
		t.Errorf("the status that counts: %v", err)
	}
}
