package hooks

import (
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/ratelimit"
)

// sendTimeout is how long a realtime client may leave its events unread before it is dropped.
const sendTimeout = 5 * time.Second

// How many realtime streams may be open at a time: of guests by network, of users by user. Every stream is a guest's
// until it is subscribed with a token, because the request that opens it carries none.
const (
	maxGuestStreams = 20
	maxUserStreams  = 50
)

// streamRetry is what a client is told to wait for a place: nobody knows when a stream ends.
const streamRetry = 10 * time.Second

// bindRealtime keeps clients that stopped reading from piling up events in memory, and anybody from opening streams
// without end.
func bindRealtime(app core.App) {
	app.OnRealtimeMessageSend().BindFunc(func(e *core.RealtimeMessageEvent) error {
		control := http.NewResponseController(e.Response)
		if err := control.SetWriteDeadline(time.Now().Add(sendTimeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return err
		}
		defer control.SetWriteDeadline(time.Time{}) // fails only where setting it failed
		return e.Next()
	})
	open := newStreams()
	app.OnRealtimeConnectRequest().BindFunc(func(e *core.RealtimeConnectRequestEvent) error {
		id := e.Client.Id()
		if !open.enter(id, guestsOf(e.RequestEvent)) {
			e.Response.Header().Del("Content-Type") // PocketBase has announced a stream
			return tooMany("Too many realtime connections from your network. Please try again later.", streamRetry)
		}
		defer open.leave(id)
		return e.Next() // returns when the client has left
	})
	app.OnRealtimeSubscribeRequest().BindFunc(func(e *core.RealtimeSubscribeRequestEvent) error {
		to := guestsOf(e.RequestEvent)
		if e.Auth != nil {
			to = owner{e.Auth.Collection().Id + "/" + e.Auth.Id, maxUserStreams}
		}
		if !open.move(e.Client.Id(), to) {
			return tooMany("Too many realtime connections. Please close one or try again later.", streamRetry)
		}
		return e.Next()
	})
}

// owner is whom an open stream counts for, and how many of them they may have.
type owner struct {
	name string
	most int
}

func guestsOf(e *core.RequestEvent) owner {
	return owner{"guests of " + ratelimit.Block(e.RealIP()), maxGuestStreams}
}

// streams counts the open streams of each owner.
type streams struct {
	mu     sync.Mutex
	owners map[string]owner // by id of the client; guarded by mu
	counts map[owner]int    // guarded by mu
}

func newStreams() *streams {
	return &streams{owners: map[string]owner{}, counts: map[owner]int{}}
}

// enter counts a new stream, unless its owner has as many as allowed.
func (s *streams) enter(id string, o owner) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.add(id, o)
}

// move counts a stream for another owner, unless that one has as many as allowed. A stream that has left meanwhile counts
// for nobody.
func (s *streams) move(id string, to owner) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	from, isOpen := s.owners[id]
	if !isOpen || from == to {
		return true
	}
	if !s.add(id, to) {
		return false
	}
	s.drop(from)
	return true
}

// leave ends the counting of a stream.
func (s *streams) leave(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(s.owners[id])
	delete(s.owners, id)
}

func (s *streams) add(id string, o owner) bool {
	if s.counts[o] >= o.most {
		return false
	}
	s.counts[o]++
	s.owners[id] = o
	return true
}

func (s *streams) drop(o owner) {
	s.counts[o]--
	if s.counts[o] == 0 {
		delete(s.counts, o)
	}
}
