package sandbox

import (
	"net/url"
	"slices"
	"time"
)

// Call is a request to the API. Applied: it was carried out, whatever the client was told. Status 0: no answer was sent.
type Call struct {
	Method, Path, Key string
	Form              url.Values
	Status            int
	Replayed, Applied bool
	At                time.Time
}

// keepCalls bounds the log of a sandbox that runs for long.
const keepCalls = 200_000

// Calls returns the finished calls since the last ResetCalls, in the order in which they ended.
func (s *Sandbox) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// ResetCalls forgets the calls.
func (s *Sandbox) ResetCalls() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = nil
}

// OnCall is told of every call before it is applied, outside of locks: it may wait, and use the sandbox.
func (s *Sandbox) OnCall(told func(Call)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onCall = append(s.onCall, told)
}

func (s *Sandbox) announce(call Call) {
	s.mu.Lock()
	told := slices.Clone(s.onCall)
	s.mu.Unlock()
	for _, tell := range told {
		tell(call)
	}
}

func (s *Sandbox) record(call Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.calls) >= keepCalls {
		s.calls = slices.Clone(s.calls[keepCalls/2:])
	}
	s.calls = append(s.calls, call)
}
