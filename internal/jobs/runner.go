package jobs

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
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

// outcome is what a handler returned.
type outcome struct {
	effect Effect
	err    error
}

// errOverdue means that a handler did not return after its deadline. Its goroutine is left behind, and its effect, if it
// ever returns one, is not applied.
var errOverdue = errors.New("did not stop at its deadline")

func (r *Runner) run(running context.Context, app core.App, claimed *row) {
	begin := time.Now()
	job, kind := claimed.job(), r.kinds[claimed.Kind]
	label := job.Kind
	var o outcome
	switch {
	case kind.Run == nil:
		label = "unknown"
		o.err = fmt.Errorf("%w: there is no such kind of job", ErrPermanent)
	case job.Attempt > kind.MaxAttempts:
		o.err = fmt.Errorf("%w: the server did not survive its last attempts", ErrPermanent)
	default:
		o = attempt(running, app, kind, job, r.config.Grace)
	}
	result, err := r.end(running, app, kind, job, claimed.Lease, o)
	if err != nil {
		result = "lost" // its lease ends, and it is queued again
		app.Logger().Error("job was not settled", "kind", job.Kind, "job", job.ID, "error", err)
	}
	r.config.OnEnd(label, result, time.Since(begin))
}

// attempt runs the handler and returns within its deadline and the grace.
func attempt(running context.Context, app core.App, kind Kind, job Job, grace time.Duration) outcome {
	ctx, cancel := context.WithTimeout(running, kind.Timeout)
	defer cancel()
	returned := make(chan outcome, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				app.Logger().Error("job panicked", "kind", job.Kind, "job", job.ID, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
				returned <- outcome{err: fmt.Errorf("panic: %v", r)}
			}
		}()
		effect, err := kind.Run(ctx, app, job)
		returned <- outcome{effect, err}
	}()
	select {
	case o := <-returned:
		return o
	case <-ctx.Done():
	}
	patience := time.NewTimer(grace)
	defer patience.Stop()
	select {
	case o := <-returned:
		return o
	case <-patience.C:
		return outcome{err: fmt.Errorf("%w (%v)", errOverdue, kind.Timeout)}
	}
}

// end writes down how an attempt ended and says it in a word.
func (r *Runner) end(running context.Context, app core.App, kind Kind, job Job, lease string, o outcome) (string, error) {
	now := r.config.Now()
	if o.err == nil {
		o.err = recovered(func() error { return finish(app, job.ID, lease, now, o.effect) })
		if o.err == nil || errors.Is(o.err, errLostLease) {
			return "done", o.err
		}
	}
	switch {
	case running.Err() != nil: // it failed because we are stopping
		return "returned", giveBack(app, job.ID, lease)
	case errors.Is(o.err, ErrPermanent) || job.Attempt >= kind.MaxAttempts:
		app.Logger().Error("job is dead", "kind", job.Kind, "job", job.ID, "attempts", job.Attempt, "error", o.err)
		return "dead", r.bury(app, kind, job, lease, now, o.err)
	}
	delay := kind.Backoff(job.Attempt)
	var after After
	if errors.As(o.err, &after) {
		delay = max(delay, after.Delay)
	}
	app.Logger().Warn("job failed and is tried again", "kind", job.Kind, "job", job.ID, "attempt", job.Attempt, "error", o.err)
	return "retry", retry(app, job.ID, lease, now.Add(delay), o.err.Error())
}

// bury marks a job as dead with its consequence or, where that fails too, without it: a job that cannot even be given up
// would come back for ever.
func (r *Runner) bury(app core.App, kind Kind, job Job, lease string, now time.Time, cause error) error {
	if kind.Dead == nil {
		return bury(app, job.ID, lease, now, cause.Error(), nil)
	}
	err := recovered(func() error {
		return bury(app, job.ID, lease, now, cause.Error(), func(txApp core.App) error { return kind.Dead(txApp, job, cause) })
	})
	if err == nil || errors.Is(err, errLostLease) {
		return err
	}
	app.Logger().Error("the consequence of a dead job failed", "kind", job.Kind, "job", job.ID, "error", err)
	return bury(app, job.ID, lease, now, errors.Join(cause, err).Error(), nil)
}

// recovered turns a panic of f into an error.
func recovered(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return f()
}
