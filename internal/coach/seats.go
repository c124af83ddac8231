package coach

import (
	"context"
	"sync"
	"time"
)

// seats let each user have a number of answers on their way. Who finds none free waits a little: several quick questions at
// once are answered one after another, while two slow answers hold the third back.
type seats struct {
	most     int
	patience time.Duration
	mu       sync.Mutex
	users    map[string]*userSeats // guarded by mu
}

type userSeats struct {
	taken chan struct{} // as many as are taken
	known int           // who holds one or waits for one; guarded by the mu of seats
}

func newSeats(most int, patience time.Duration) *seats {
	return &seats{most: most, patience: patience, users: map[string]*userSeats{}}
}

// take waits for a seat and returns how to leave it. It fails with ErrBusy when none gets free in time, or
// before ctx ends.
func (s *seats) take(ctx context.Context, userID string) (leave func(), err error) {
	own, ok := s.enter(userID)
	if !ok {
		return nil, ErrBusy
	}
	patience := time.NewTimer(s.patience)
	defer patience.Stop()
	select {
	case own.taken <- struct{}{}:
		return func() {
			<-own.taken
			s.leave(userID)
		}, nil
	case <-patience.C:
	case <-ctx.Done(): // nobody reads the error
	}
	s.leave(userID)
	return nil, ErrBusy
}

// maxWaiting bounds what one user can have waiting.
const maxWaiting = 128

func (s *seats) enter(userID string) (own *userSeats, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	own = s.users[userID]
	if own == nil {
		own = &userSeats{taken: make(chan struct{}, s.most)}
		s.users[userID] = own
	}
	if own.known >= maxWaiting {
		return nil, false
	}
	own.known++
	return own, true
}

func (s *seats) leave(userID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	own := s.users[userID]
	if own.known--; own.known == 0 {
		delete(s.users, userID)
	}
}
