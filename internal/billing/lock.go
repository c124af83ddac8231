package billing

import (
	"context"
	"sync"
)

// locks are one lock per user, there as long as somebody holds it or waits for it.
type locks struct {
	mu   sync.Mutex
	held map[string]*userLock
}

type userLock struct {
	free  chan struct{} // holds a token when nobody has the lock
	users int           // who have it or wait
}

func newLocks() *locks { return &locks{held: map[string]*userLock{}} }

// take waits for a user's lock until ctx ends.
func (l *locks) take(ctx context.Context, userID string) (unlock func(), err error) {
	l.mu.Lock()
	lock, ok := l.held[userID]
	if !ok {
		lock = &userLock{free: make(chan struct{}, 1)}
		lock.free <- struct{}{}
		l.held[userID] = lock
	}
	lock.users++
	l.mu.Unlock()

	leave := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if lock.users--; lock.users == 0 {
			delete(l.held, userID)
		}
	}
	select {
	case <-lock.free:
		return func() { lock.free <- struct{}{}; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
