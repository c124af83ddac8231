package fetch

import (
	"context"
	"errors"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

// gate lets one request through at a time, with a pause between two, and none while the site should be left alone.
type gate struct {
	config  *Config
	breaker circuitbreaker.CircuitBreaker[any]
	turn    chan struct{} // holds a token while a request is under way; its holder may use what follows
	last    time.Time     // when the last request ended
	until   time.Time     // before which the site wants no request
	failure *Error        // the last that was the site's
}

func newGate(config *Config) *gate {
	breaker := circuitbreaker.NewBuilder[any]().WithFailureThreshold(config.Failures).WithSuccessThreshold(1).WithDelay(config.Rest).Build()
	return &gate{config: config, breaker: breaker, turn: make(chan struct{}, 1)}
}

// enter waits for a request's turn. The returned function ends it and is told how the request went.
func (g *gate) enter(ctx context.Context) (leave func(error), err error) {
	select {
	case g.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := g.pass(ctx); err != nil {
		<-g.turn
		return nil, err
	}
	return func(err error) {
		g.last = g.config.Now()
		g.note(err)
		<-g.turn
	}, nil
}

// pass waits until the site may be asked, or fails at once when that is not soon.
func (g *gate) pass(ctx context.Context) error {
	if rest := max(g.until.Sub(g.config.Now()), g.breaker.RemainingDelay()); rest > 0 {
		return g.closed(rest)
	}
	if pause := g.last.Add(g.config.Delay).Sub(g.config.Now()); pause > 0 {
		if err := g.config.Wait(ctx, pause); err != nil {
			return err
		}
	}
	if !g.breaker.TryAcquirePermit() {
		return g.closed(g.breaker.RemainingDelay())
	}
	return nil
}

// closed repeats how the site failed last, for a request that was not made.
func (g *gate) closed(rest time.Duration) error {
	failure := *g.failure
	failure.RetryAfter, failure.NotAsked = rest, true
	return &failure
}

// note counts what says something about the site, and not about one of its profiles.
func (g *gate) note(err error) {
	var failure *Error
	switch {
	case err == nil:
		g.breaker.RecordSuccess()
	case !errors.As(err, &failure): // cancelled: nothing is known, and the trial of a site that rests was none
		if g.breaker.IsHalfOpen() {
			g.breaker.RecordFailure()
		}
	case !failure.Reason.ofSite():
		g.breaker.RecordSuccess()
	default:
		g.failure = failure
		g.until = g.config.Now().Add(failure.RetryAfter)
		g.breaker.RecordFailure()
	}
}
