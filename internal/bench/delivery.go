package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Subscribers of usage: how many there are, and the updates of a round, each of another one's record.
const (
	subscriberCount  = 1_000
	updatesPerRound  = 400
	updatesPerSecond = 200
	deliveryTime     = 10 * time.Second // that the last event of a round may take
)

// audience is a site with a subscriber for each of some users' usage records.
type audience struct {
	*site
	streams  []*stream
	memory   float64 // KiB of the server for each of them, right after they have come
	mu       sync.Mutex
	version  int               // of the last update; guarded by mu
	sent     map[int]time.Time // when updates were asked for that nobody was told of, by version; guarded by mu
	took     []time.Duration   // of those that were told of; guarded by mu
	finished chan struct{}     // gets a token when nothing is on its way any more
}

func newAudience(s *site) *audience {
	return &audience{site: s, sent: map[int]time.Time{}, finished: make(chan struct{}, 1), streams: make([]*stream, len(s.subscribers))}
}

// gather opens the streams.
func (a *audience) gather(ctx context.Context) error {
	return spread(ctx, len(a.subscribers), func(_ context.Context, i int) (err error) {
		a.streams[i], err = openStream(ctx, a.server, a.subscribers[i], a.told)
		return err
	})
}

// weigh does the same and measures the memory that it takes of the server.
func (a *audience) weigh(ctx context.Context) error {
	before, err := a.server.memory()
	if err != nil {
		return err
	}
	if err := a.gather(ctx); err != nil {
		return err
	}
	after, err := a.server.memory()
	a.memory = float64(after-before) / float64(len(a.subscribers))
	return err
}

func (a *audience) leave() {
	for _, stream := range a.streams {
		if stream != nil {
			stream.close()
		}
	}
}

// told notes how long an event was on its way.
func (a *audience) told(version int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	sent, ok := a.sent[version]
	if !ok {
		return
	}
	delete(a.sent, version)
	a.took = append(a.took, time.Since(sent))
	if len(a.took) == updatesPerRound {
		a.finished <- struct{}{}
	}
}

// round updates records at a steady pace, whatever becomes of those before, and returns how long it took until their
// subscribers knew, in the order of that. An update begins with the request of an administrator, so that the write is part of it.
func (a *audience) round(ctx context.Context) ([]time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, updatesPerRound*time.Second/updatesPerSecond+deliveryTime)
	defer cancel()
	var updates sync.WaitGroup
	defer updates.Wait()
	failed := make(chan error, updatesPerRound)
	pace := time.NewTicker(time.Second / updatesPerSecond)
	defer pace.Stop()
	for range updatesPerRound {
		select {
		case <-pace.C:
			updates.Go(func() {
				if err := a.update(ctx); err != nil {
					failed <- err
				}
			})
		case err := <-failed:
			return nil, err
		}
	}
	select {
	case <-a.finished:
	case err := <-failed:
		return nil, err
	case <-ctx.Done():
		return nil, fmt.Errorf("events that did not arrive: %w", ctx.Err())
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	took := a.took
	a.took = nil
	slices.Sort(took)
	return took, nil
}

// update writes the next version into the record of the subscriber whose turn it is.
func (a *audience) update(ctx context.Context) error {
	a.mu.Lock()
	a.version++
	version := a.version
	a.sent[version] = time.Now()
	a.mu.Unlock()
	e := endpoint{server: a.server, status: http.StatusOK, request: func(ctx context.Context, _ int) (*http.Request, error) {
		path := a.url + "/api/collections/usage/records/" + a.subscribers[version%len(a.subscribers)].id
		body := fmt.Sprintf(`{"daily_message_count":%d,"version":%d}`, version%25, version)
		return newRequest(ctx, http.MethodPatch, path, a.administrator, strings.NewReader(body))
	}}
	return e.ask(ctx, 0)
}

// delivered is what a round of a side has measured.
type delivered struct{ p50, p99, cpu []sample }

// add makes a round and keeps its figures, if it counts.
func (d *delivered) add(ctx context.Context, a *audience, counts bool) error {
	before, err := a.cpuTime()
	if err != nil {
		return err
	}
	took, err := a.round(ctx)
	if err != nil {
		return err
	}
	after, err := a.cpuTime()
	if err != nil || !counts {
		return err
	}
	d.p50 = append(d.p50, sample{figure: quantile(took, 0.50)})
	d.p99 = append(d.p99, sample{figure: quantile(took, 0.99)})
	d.cpu = append(d.cpu, sample{figure: float64((after - before).Microseconds()) / updatesPerRound})
	return nil
}

// measureDelivery compares what a subscriber costs, what an update does, and how long it takes until its subscriber knows.
func measureDelivery(ctx context.Context, ours, stock *site, rounds int) ([]result, error) {
	var sides [2]*audience
	for i, s := range []*site{ours, stock} {
		sides[i] = newAudience(s)
		defer sides[i].leave()
		if err := sides[i].weigh(ctx); err != nil {
			return nil, fmt.Errorf("subscribers: %w", err)
		}
	}
	var of [2]delivered
	for round := range rounds + 1 { // the first is not counted
		for turn := range sides {
			side := (round + turn) % 2
			if err := of[side].add(ctx, sides[side], round > 0); err != nil {
				return nil, fmt.Errorf("usage events: %w", err)
			}
		}
	}
	what := fmt.Sprintf("usage event, %d subscribers, %d updates/s, ", subscriberCount, updatesPerSecond)
	named := func(what, unit string, t target) *comparison {
		return &comparison{what, unit, t, side{name: "usage/<own id>"}, side{name: "stock PocketBase, the same record and topics"}}
	}
	return []result{
		newResult(named(what+"p50", "µs", target{}), of[0].p50, of[1].p50),
		newResult(named(what+"p99", "µs", target{"<=", 1.5}), of[0].p99, of[1].p99),
		newResult(named(what+"update", "µs CPU", target{}), of[0].cpu, of[1].cpu),
		newResult(named("memory of a subscriber", "KiB", target{}), []sample{{figure: sides[0].memory}}, []sample{{figure: sides[1].memory}}),
	}, nil
}

// quantile of sorted durations, in microseconds.
func quantile(sorted []time.Duration, q float64) float64 {
	return float64(sorted[int(q*float64(len(sorted)-1))].Microseconds())
}
