package account

import (
	"context"
	"errors"
	"sync/atomic"
)

// ErrBusy means that so many passwords wait to be hashed that one more would wait too long.
var ErrBusy = errors.New("too many sign-ins at once: try again in a moment")

// Bcrypt takes a core for 60 ms. Two at a time leave the machine to everybody else in between, and what may wait is about
// ten seconds of work.
const (
	hashesAtOnce  = 2
	hashesWaiting = 256
)

// Gate lets few passwords be hashed at a time, so that a storm of logins does not slow everything else.
type Gate struct {
	slots   chan struct{}
	waiting atomic.Int64
}

// NewGate returns a Gate that nobody waits at.
func NewGate() *Gate { return &Gate{slots: make(chan struct{}, hashesAtOnce)} }

// Enter waits for a place and returns how to leave it; ErrBusy at once when too many wait, or the error of ctx.
func (g *Gate) Enter(ctx context.Context) (leave func(), err error) {
	if g.waiting.Add(1) > hashesWaiting+hashesAtOnce {
		g.waiting.Add(-1)
		return nil, ErrBusy
	}
	select {
	case g.slots <- struct{}{}:
		return func() { <-g.slots; g.waiting.Add(-1) }, nil
	case <-ctx.Done():
		g.waiting.Add(-1)
		return nil, ctx.Err()
	}
}
