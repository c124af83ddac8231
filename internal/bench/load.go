package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// connections is how many clients ask at the same time, each over a connection that it keeps.
const connections = 16

// direct is how all requests go: over kept connections, through no proxy, and without asking for compression.
var direct = &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true}

// endpoint is one request of a server, varied by its number.
type endpoint struct {
	server  *server
	count   int // requests of a round
	status  int // the only status that counts
	request func(ctx context.Context, i int) (*http.Request, error)
}

// round asks count times, and measures the processor time of the server per request in microseconds.
func (e *endpoint) round(ctx context.Context) (sample, error) {
	before, err := e.server.cpuTime()
	if err != nil {
		return sample{}, err
	}
	started := time.Now()
	if err := spread(ctx, e.count, e.ask); err != nil {
		return sample{}, err
	}
	elapsed := time.Since(started)
	after, err := e.server.cpuTime()
	if err != nil {
		return sample{}, err
	}
	count := float64(e.count)
	return sample{figure: float64((after - before).Microseconds()) / count, perSecond: count / elapsed.Seconds()}, nil
}

// ask sends one request and reads the whole answer, without which its connection could not be used again.
func (e *endpoint) ask(ctx context.Context, i int) error {
	request, err := e.request(ctx, i)
	if err != nil {
		return err
	}
	response, err := direct.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != e.status {
		return fmt.Errorf("%s %s: status %d, want %d: %.300s", request.Method, request.URL.Path, response.StatusCode, e.status, body)
	}
	return nil
}

// spread does the jobs 0 to count-1 with as many workers as there are connections, and stops at the first error.
func spread(ctx context.Context, count int, job func(context.Context, int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var last atomic.Int64
	var workers sync.WaitGroup
	for range connections {
		workers.Go(func() {
			for ctx.Err() == nil {
				i := int(last.Add(1)) - 1
				if i >= count {
					return
				}
				if err := job(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}
