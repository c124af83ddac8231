package sandbox

import (
	"cmp"
	"net/http"
	"strings"
	"time"
)

// Fault makes requests fail. The first that fits a request is used for it, and counts down.
//
// A status of 500 or 402 is the answer of the API itself and is kept for the idempotency key. Everything else comes from in front of it: a
// 429 or 503, a proxy's page, a broken connection; the request may be repeated with its key.
type Fault struct {
	Method, Path string // Path is a prefix such as /v1/subscriptions; "": any
	Times        int    // 0: until ClearFaults
	Status       int    // answered instead of the real answer; 0: only Delay, Block and Drop count
	Code, Type   string // of the error
	HTML         bool   // a page instead of JSON
	After        bool   // the request is carried out first
	Drop         bool   // the connection closes without an answer
	Delay        time.Duration
	Block        chan struct{} // waits until it is closed, also when the client has gone
}

// Fault adds a fault behind the others.
func (s *Sandbox) Fault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// ClearFaults takes all faults back. Requests that one holds back go on waiting.
func (s *Sandbox) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// outside faults strike before the request reaches the API.
func (f *Fault) outside() bool {
	return !f.After && (f.HTML || f.Drop || f.Status != 0 && !stored(f.Status))
}

// takeFault returns the fault of a request; outside or inside the API.
func (s *Sandbox) takeFault(method, path string, outside bool) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if f.Method != "" && f.Method != method || !strings.HasPrefix(path, f.Path) || f.outside() != outside {
			continue
		}
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
			}
		}
		return f
	}
	return nil
}

// wait holds a request back: until the time is over, Block is closed or the sandbox is.
func (s *Sandbox) wait(r *http.Request, f *Fault) {
	if f.Block != nil {
		select {
		case <-f.Block:
		case <-s.running.Done():
		}
	}
	if f.Delay > 0 {
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
		case <-s.running.Done():
		}
	}
}

// answer is what the client gets instead of the real one.
func (f *Fault) answer(requestID string, real *answer) *answer {
	switch {
	case f.Drop:
		return &answer{drop: true}
	case f.HTML:
		return &answer{status: cmp.Or(f.Status, http.StatusBadGateway), html: true, body: []byte("<html><body><h1>Bad Gateway</h1></body></html>\n")}
	case f.Status == 0:
		return real
	}
	kind := "api_error"
	switch {
	case f.Status == http.StatusPaymentRequired:
		kind = "card_error"
	case f.Status/100 == 4:
		kind = "invalid_request_error"
	}
	code := f.Code
	if f.Status == http.StatusTooManyRequests {
		code = cmp.Or(code, "rate_limit")
	}
	fault := &apiError{Status: f.Status, Type: cmp.Or(f.Type, kind), Code: code, Message: http.StatusText(f.Status)}
	return &answer{status: f.Status, body: encode(fault.object(requestID))}
}
