// Package fakemodel is an OpenAI-compatible server for tests and for trying things by hand: POST /v1/chat/completions, streaming
// only. It plays scripts of frames in the shapes that real servers send, their faults included, keeps every request it got, and
// refuses those that a real server would refuse. Nothing in it sleeps: a script that is slow waits until the client leaves or
// [Server.Release].
package fakemodel

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// Server is a fake model. It is safe for concurrent use.
type Server struct {
	URL       string          // the base URL, "http://127.0.0.1:40123/v1"
	Transport *http.Transport // reaches the server; needed for one of [NewInMemory]

	scripts []Script
	http    http.Server

	mu        sync.Mutex
	requests  []Request
	running   int
	held      int
	cancelled int
	closing   bool
	changed   chan struct{} // closed and replaced at each change of the counts
	released  chan struct{} // closed by Release
}

// TB is what the server needs of a test.
type TB interface {
	Helper()
	Cleanup(func())
	Fatal(...any)
}

// New serves on a free port of 127.0.0.1 until the test ends. The first request is answered by the first script and so on; the
// last script answers all that follow.
func New(t TB, scripts ...Script) *Server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := Serve(listener, scripts...)
	t.Cleanup(s.Close)
	return s
}

// NewInMemory is [New] without a network: connections are pipes, so that the whole runs in a bubble of testing/synctest. Only
// Transport reaches it.
func NewInMemory(t TB, scripts ...Script) *Server {
	t.Helper()
	pipes := newPipes()
	s := Serve(pipes, scripts...)
	s.Transport.DialContext = pipes.dial
	t.Cleanup(s.Close)
	return s
}

// Serve serves on listener until Close.
func Serve(listener net.Listener, scripts ...Script) *Server {
	s := &Server{
		URL: "http://" + listener.Addr().String() + "/v1", Transport: &http.Transport{},
		scripts: scripts, changed: make(chan struct{}), released: make(chan struct{}),
	}
	s.http.Handler = http.HandlerFunc(s.answer)
	go s.http.Serve(listener)
	return s
}

// Close ends every answer that is still being given, and returns when they have ended.
func (s *Server) Close() {
	s.count(func() { s.closing = true })
	s.http.Close()
	s.Transport.CloseIdleConnections()
	s.AwaitIdle(context.Background()) // held answers end with their connections
}

// Release lets go of every answer that is held, and of those that would be.
func (s *Server) Release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.released:
	default:
		close(s.released)
	}
}

// Requests are those that arrived, also the refused ones, the earliest first.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// Cancelled says how many clients left before their answer was complete.
func (s *Server) Cancelled() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cancelled
}

// AwaitHeld returns when n answers are being held.
func (s *Server) AwaitHeld(ctx context.Context, n int) error {
	return s.await(ctx, func() bool { return s.held >= n })
}

// AwaitCancelled returns when n clients have left before their answer was complete.
func (s *Server) AwaitCancelled(ctx context.Context, n int) error {
	return s.await(ctx, func() bool { return s.cancelled >= n })
}

// AwaitIdle returns when no answer is being given.
func (s *Server) AwaitIdle(ctx context.Context) error {
	return s.await(ctx, func() bool { return s.running == 0 })
}

func (s *Server) await(ctx context.Context, reached func() bool) error {
	for {
		s.mu.Lock()
		done, changed := reached(), s.changed
		s.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *Server) count(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	close(s.changed)
	s.changed = make(chan struct{})
}

// answer gives a request to its script.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	request, err := readRequest(r)
	var script Script
	s.count(func() {
		s.running++
		script = s.scripts[min(len(s.requests), len(s.scripts)-1)]
		s.requests = append(s.requests, request)
	})
	ended := false // by the script's own will
	defer s.count(func() {
		s.running--
		if !ended && r.Context().Err() != nil && !s.closing {
			s.cancelled++
		}
	})
	p := &Play{Request: request, server: s, w: w, ctx: r.Context()}
	if err != nil {
		p.Refuse(http.StatusBadRequest, complaint(err.Error(), "invalid_request_error", "invalid_value"))
	} else {
		script(p)
	}
	ended = true
}
