package jobs

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"
)

// Config of a Runner. Zero values mean the defaults given here.
type Config struct {
	Kinds   []Kind
	Workers int              // jobs at once over all kinds; 4
	Now     func() time.Time // time.Now
	Grace   time.Duration    // how long after its deadline a handler may take to return; 5 s
	// OnEnd is told how every attempt ended: done, retry, dead, returned (at shutdown) or lost. It may be nil.
	OnEnd func(kind, result string, took time.Duration)
}

// Runner claims jobs as they become due and runs them in a bounded number of goroutines.
type Runner struct {
	config Config
	kinds  map[string]Kind
	wake   chan struct{} // holds one token when there may be work
	done   chan struct{} // closed when the loop has ended

	running sync.WaitGroup

	mu                       sync.Mutex // guards what follows
	stopClaiming, cutRunning context.CancelFunc
	ours                     map[string]bool      // jobs that this process runs, by id
	busy                     map[string]int       // running jobs by kind
	hosts                    map[string]bool      // hosts that a job is running for
	paused                   map[string]time.Time // hosts by when their next job may start
	total                    int
}

// Bounds of the loop: it looks at the queue at least so often, and so seldom when something is always due.
const (
	longestWait  = 5 * time.Second
	shortestWait = 10 * time.Millisecond
)

// New returns a runner of the given kinds, or an error for kinds without a name or handler, or named twice.
func New(config Config) (*Runner, error) {
	if config.Workers == 0 {
		config.Workers = 4
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Grace == 0 {
		config.Grace = 5 * time.Second
	}
	if config.OnEnd == nil {
		config.OnEnd = func(string, string, time.Duration) {}
	}
	r := &Runner{
		config: config, kinds: map[string]Kind{},
		wake: make(chan struct{}, 1), done: make(chan struct{}),
		ours: map[string]bool{}, busy: map[string]int{}, hosts: map[string]bool{}, paused: map[string]time.Time{},
	}
	for _, kind := range config.Kinds {
		if _, twice := r.kinds[kind.Name]; twice || kind.Name == "" || kind.Run == nil {
			return nil, fmt.Errorf("kind of job %q: needs a name of its own and a handler", kind.Name)
		}
		r.kinds[kind.Name] = withDefaults(kind)
	}
	return r, nil
}

func withDefaults(kind Kind) Kind {
	if kind.Timeout == 0 {
		kind.Timeout = time.Minute
	}
	if kind.MaxAttempts == 0 {
		kind.MaxAttempts = 8
	}
	if kind.Concurrency == 0 {
		kind.Concurrency = 1
	}
	if kind.Backoff == nil {
		kind.Backoff = Exponential
	}
	return kind
}

// Exponential doubles from 2 seconds to an hour, each somewhere in its upper half so that jobs that failed together do not
// come back together.
func Exponential(attempt int) time.Duration {
	delay := min(time.Hour, 2*time.Second<<min(attempt-1, 20))
	return delay/2 + rand.N(delay/2)
}

// Start queues again what a crashed process left running, and begins. No other process may work on the same database.
func (r *Runner) Start(app core.App) error {
	left, err := requeue(app, time.Time{})
	if err != nil {
		return err
	}
	if left > 0 {
		app.Logger().Warn("jobs of a process that ended were queued again", "jobs", left)
	}
	claiming, stopClaiming := context.WithCancel(context.Background())
	running, cutRunning := context.WithCancel(context.Background())
	r.mu.Lock()
	r.stopClaiming, r.cutRunning = stopClaiming, cutRunning
	r.mu.Unlock()
	go r.loop(claiming, running, app)
	return nil
}

// Wake makes the runner look at the queue now.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// Stop takes no new jobs, lets the running ones finish until ctx ends, and gives back those that have not by then. It
// does nothing on a runner that was not started.
func (r *Runner) Stop(ctx context.Context) {
	r.mu.Lock()
	stopClaiming, cutRunning := r.stopClaiming, r.cutRunning
	r.mu.Unlock()
	if stopClaiming == nil {
		return
	}
	stopClaiming()
	<-r.done
	finished := make(chan struct{})
	go func() {
		r.running.Wait()
		close(finished)
	}()
	select {
	case <-finished:
	case <-ctx.Done():
		cutRunning()
		select {
		case <-finished:
		case <-time.After(2 * r.config.Grace): // the database may be busy; the next start takes up what is left
		}
	}
	cutRunning()
}

func (r *Runner) loop(claiming, running context.Context, app core.App) {
	defer close(r.done)
	timer, sweep := time.NewTimer(0), time.NewTicker(longestWait)
	defer timer.Stop()
	defer sweep.Stop()
	for {
		select {
		case <-claiming.Done():
			return
		case <-r.wake:
		case <-timer.C:
		case <-sweep.C:
			r.takeBack(app)
		}
		r.fill(claiming, running, app)
		timer.Reset(r.wait(app))
	}
}

// takeBack queues jobs again whose lease has ended: their result could not be written down.
func (r *Runner) takeBack(app core.App) {
	if _, err := requeue(app, r.config.Now()); err != nil {
		app.Logger().Error("jobs", "error", err)
	}
}

// fill starts jobs until nothing more is due or all workers are busy.
func (r *Runner) fill(claiming, running context.Context, app core.App) {
	for claiming.Err() == nil {
		kinds, hosts, free := r.unavailable()
		if !free {
			return
		}
		now := r.config.Now()
		claimed, err := claim(app, now, security.RandomString(20), now.Add(r.longestTimeout()), r.runningIDs(), kinds, hosts)
		if err != nil {
			app.Logger().Error("jobs", "error", err)
			return
		}
		if claimed == nil {
			return
		}
		r.occupy(claimed, now)
		r.running.Go(func() {
			defer r.Wake()
			defer r.free(claimed)
			r.run(running, app, claimed)
		})
	}
}

// longestTimeout is how long a lease holds; a handler that takes longer is told to stop at its own deadline before.
func (r *Runner) longestTimeout() time.Duration {
	longest := time.Minute
	for _, kind := range r.kinds {
		longest = max(longest, kind.Timeout)
	}
	return longest + 2*r.config.Grace
}

// runningIDs lists the jobs that this process runs: one that was queued again by hand waits until its first run has ended.
func (r *Runner) runningIDs() []any {
	r.mu.Lock()
	defer r.mu.Unlock()
	ids := make([]any, 0, len(r.ours))
	for id := range r.ours {
		ids = append(ids, id)
	}
	return ids
}

// unavailable lists the kinds and hosts that no further job may be started of, and whether a worker is free.
func (r *Runner) unavailable() (kinds, hosts []any, free bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, count := range r.busy {
		if count >= r.kinds[name].Concurrency && count > 0 {
			kinds = append(kinds, name)
		}
	}
	for host := range r.hosts {
		hosts = append(hosts, host)
	}
	for host, until := range r.paused {
		switch {
		case !r.config.Now().Before(until):
			delete(r.paused, host)
		case !r.hosts[host]:
			hosts = append(hosts, host)
		}
	}
	return kinds, hosts, r.total < r.config.Workers
}

func (r *Runner) occupy(job *row, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total++
	r.ours[job.ID] = true
	r.busy[job.Kind]++
	if job.Host != "" {
		r.hosts[job.Host] = true
		r.paused[job.Host] = now.Add(r.kinds[job.Kind].HostPause)
	}
}

func (r *Runner) free(job *row) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total--
	delete(r.ours, job.ID)
	r.busy[job.Kind]--
	delete(r.hosts, job.Host)
}

// wait is how long the loop may sleep: until the next job is due or a host's pause ends.
func (r *Runner) wait(app core.App) time.Duration {
	due, ok, err := nextDue(app)
	if err != nil {
		app.Logger().Error("jobs", "error", err)
	}
	wait := longestWait
	now := r.config.Now()
	if ok && due.After(now) {
		wait = due.Sub(now)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, until := range r.paused {
		if until.After(now) {
			wait = min(wait, until.Sub(now))
		}
	}
	return max(shortestWait, min(wait, longestWait))
}
