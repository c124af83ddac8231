package jobs

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

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
