package usage

import (
	"context"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

// Expirer saves a usage record when a message leaves its window, so that subscribers see the number fall. It waits for the
// earliest of all of them with one timer, and asks the database for the next one then.
type Expirer struct {
	now    func() time.Time
	glance time.Duration // how often the clock is looked at
	pause  time.Duration // how long the database is not asked at most
	wake   chan struct{} // holds one token when something may be due earlier than was known
	done   chan struct{} // closed when the loop has ended

	mu   sync.Mutex
	next time.Time          // when the database is asked again; zero: now. Guarded by mu
	stop context.CancelFunc // nil: not started. Guarded by mu
}

// Bounds of the loop.
const (
	clockGlance = time.Second // no timer notices that the clock was set, so that it is looked at; this asks nobody
	longestWait = time.Minute // for what was changed behind our back
	errorPause  = time.Second // after a record that could not be saved
)

// NewExpirer returns an Expirer that goes by the given clock.
func NewExpirer(now func() time.Time) *Expirer {
	return &Expirer{now: now, glance: clockGlance, pause: longestWait, wake: make(chan struct{}, 1), done: make(chan struct{})}
}

// Start publishes what became due while nobody looked, and begins to wait. It can be started once. No other process may do the
// same on the same database.
func (x *Expirer) Start(app core.App) {
	ctx, stop := context.WithCancel(context.Background())
	x.mu.Lock()
	x.stop = stop
	x.mu.Unlock()
	go x.loop(ctx, app)
}

// Stop ends it, after the record that is being saved. It does nothing on one that was not started.
func (x *Expirer) Stop() {
	x.mu.Lock()
	stop := x.stop
	x.mu.Unlock()
	if stop == nil {
		return
	}
	stop()
	<-x.done
}

// Note must be told of every record that was saved, after the commit.
func (x *Expirer) Note(usage *core.Record) {
	resets := usage.GetDateTime(fieldResets).Time()
	x.mu.Lock()
	defer x.mu.Unlock()
	if resets.IsZero() || !x.next.IsZero() && !resets.Before(x.next) {
		return
	}
	select {
	case x.wake <- struct{}{}:
	default: // it will look anyway
	}
}

func (x *Expirer) loop(ctx context.Context, app core.App) {
	defer close(x.done)
	setBack, seen := true, time.Time{} // for all that is known of the clock when this was last running
	for ctx.Err() == nil {
		now := x.wall()
		setBack, seen = setBack || now.Before(seen), now
		x.waitFor(time.Time{}) // what is saved from here on may be missed by the queries
		next := x.look(ctx, app, now, setBack)
		x.waitFor(next)
		setBack, seen = false, x.sleep(ctx, seen, next)
	}
}

// wall is the time without the monotonic clock, by which a clock that was set back would go on.
func (x *Expirer) wall() time.Time { return x.now().Round(0) }

func (x *Expirer) waitFor(next time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.next = next
}

// sleep returns when the clock shows next, when it was set back, when something may be due before, or when ctx ends. It passes on
// what the clock has shown last, and so not what it was set back to.
func (x *Expirer) sleep(ctx context.Context, seen, next time.Time) time.Time {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		now := x.wall()
		if now.Before(seen) || !now.Before(next) {
			return seen
		}
		seen = now
		timer.Reset(min(next.Sub(now), x.glance))
		select {
		case <-ctx.Done():
			return seen
		case <-x.wake:
			return seen
		case <-timer.C:
		}
	}
}
