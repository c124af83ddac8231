package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// request is a call of the API as handlers see it; id is that of the path's object.
type request struct {
	form   form
	path   string
	id     string
	expand expansion
}

// route leads to a handler, which runs under the lock and changes nothing when it fails. kind is what the answer holds, for expand.
type route struct {
	method, pattern string // * in the pattern is the id
	kind            string
	handle          func(*request) (any, *apiError)
}

func (s *Sandbox) routes() []route {
	return []route{
		{"POST", "/v1/customers", "customer", s.createCustomer},
		{"GET", "/v1/customers", "customer", s.listCustomers},
		{"GET", "/v1/customers/*", "customer", s.getCustomer},
		{"POST", "/v1/customers/*", "customer", s.updateCustomer},
		{"DELETE", "/v1/customers/*", "", s.deleteCustomer},
		{"GET", "/v1/prices", "price", s.listPrices},
		{"GET", "/v1/prices/*", "price", s.getPrice},
		{"POST", "/v1/checkout/sessions", "session", s.createSession},
		{"GET", "/v1/checkout/sessions", "session", s.listSessions},
		{"GET", "/v1/checkout/sessions/*", "session", s.getSession},
		{"GET", "/v1/checkout/sessions/*/line_items", "", s.listSessionItems},
		{"POST", "/v1/checkout/sessions/*/expire", "session", s.expireSession},
		{"POST", "/v1/subscriptions", "subscription", s.createSubscription},
		{"GET", "/v1/subscriptions", "subscription", s.listSubscriptions},
		{"GET", "/v1/subscriptions/*", "subscription", s.getSubscription},
		{"POST", "/v1/subscriptions/*", "subscription", s.updateSubscription},
		{"DELETE", "/v1/subscriptions/*", "subscription", s.cancelSubscription},
		{"GET", "/v1/invoices", "invoice", s.listInvoices},
		{"GET", "/v1/invoices/upcoming", "invoice", s.upcomingInvoice},
		{"GET", "/v1/invoices/*", "invoice", s.getInvoice},
		{"POST", "/v1/invoices/*/pay", "invoice", s.payInvoice},
		{"POST", "/v1/invoices/*/void", "invoice", s.voidInvoice},
		{"POST", "/v1/billing_portal/sessions", "", s.createPortal},
		{"GET", "/v1/events", "", s.listEvents},
		{"GET", "/v1/events/*", "", s.getEvent},
	}
}

// match returns the id in a path that fits the pattern.
func (t route) match(path string) (id string, ok bool) {
	before, after, hasID := strings.Cut(t.pattern, "*")
	if !hasID {
		return "", path == t.pattern
	}
	id, ok = strings.CutPrefix(path, before)
	if !ok {
		return "", false
	}
	id, ok = strings.CutSuffix(id, after)
	return id, ok && id != "" && !strings.Contains(id, "/")
}

// answer is what goes back to the client.
type answer struct {
	status   int
	body     []byte
	replayed bool
	html     bool
	drop     bool
}

// API serves what stripe-go talks to.
func (s *Sandbox) API() http.Handler {
	routes := s.routes()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		call := Call{Method: r.Method, Path: r.URL.Path, Key: r.Header.Get("Idempotency-Key"), At: s.Now()}
		requestID := s.newRequestID()
		a := s.serve(r, routes, body, requestID, &call)
		call.Status, call.Replayed = a.status, a.replayed
		s.record(call)
		write(w, a, requestID, call.Key)
	})
}

// newRequestID counts on its own: a request that changes nothing leaves the state as it is.
func (s *Sandbox) newRequestID() string {
	return fmt.Sprintf("req_%s%08d", s.prefix, s.requests.Add(1))
}

// serve passes the stages of a request: contract, key of the account, faults in front of the API, idempotency, and the handler.
func (s *Sandbox) serve(r *http.Request, routes []route, body []byte, requestID string, call *Call) *answer {
	f, err := parseForm(r, body)
	if err != nil {
		return failure(invalid("", "Invalid form: %v", err), requestID)
	}
	call.Form = url.Values(f)
	if s.config.Check != nil {
		if status, checked := s.config.Check(r, body); status != 0 {
			return &answer{status: status, body: checked}
		}
	}
	s.announce(*call)
	if fault := s.authorize(r); fault != nil {
		return failure(fault, requestID)
	}
	if f := s.takeFault(r.Method, r.URL.Path, true); f != nil {
		s.wait(r, f)
		return f.answer(requestID, nil)
	}
	for _, t := range routes {
		if id, ok := t.match(r.URL.Path); ok && t.method == r.Method {
			return s.once(r, t, &request{form: f, path: r.URL.Path, id: id}, requestID, call)
		}
	}
	fault := invalid("", "Unrecognized request URL (%s: %s).", r.Method, r.URL.Path)
	fault.Status = http.StatusNotFound
	return failure(fault, requestID)
}

func (s *Sandbox) authorize(r *http.Request) *apiError {
	key, _, ok := r.BasicAuth()
	if !ok {
		key = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	}
	if key == s.config.SecretKey {
		return nil
	}
	fault := invalid("", "Invalid API Key provided: %s", masked(key))
	if key == "" {
		fault.Message = "You did not provide an API key."
	}
	fault.Status = http.StatusUnauthorized
	return fault
}

func masked(key string) string {
	if len(key) < 12 {
		return "****"
	}
	return key[:8] + strings.Repeat("*", len(key)-12) + key[len(key)-4:]
}

// once runs a request unless its key was used: then the first answer is given again.
func (s *Sandbox) once(r *http.Request, t route, req *request, requestID string, call *Call) *answer {
	if r.Method != http.MethodPost || call.Key == "" {
		a, _ := s.run(r, t, req, requestID, call)
		return a
	}
	print := fingerprint(r.Method, r.URL.Path, req.form)
	s.lock()
	known, fault := s.claim(call.Key, print)
	s.unlock()
	switch {
	case fault != nil:
		return failure(fault, requestID)
	case known != nil:
		return &answer{status: known.Status, body: known.Body, replayed: true}
	}
	var kept *answer
	defer func() {
		s.lock()
		defer s.unlock()
		if kept == nil { // it panicked
			kept = &answer{}
		}
		s.release(call.Key, storedAnswer{Fingerprint: print, Status: kept.status, Body: kept.body, RequestID: requestID})
	}()
	var sent *answer
	sent, kept = s.run(r, t, req, requestID, call)
	return sent
}

// run carries a request out, with the fault that is meant for it. What is sent and what is kept differ when the answer is lost on its way.
func (s *Sandbox) run(r *http.Request, t route, req *request, requestID string, call *Call) (sent, kept *answer) {
	f := s.takeFault(r.Method, r.URL.Path, false)
	if f == nil {
		a := s.carryOut(t, req, requestID, call)
		return a, a
	}
	if !f.After {
		s.wait(r, f)
		if f.Status != 0 {
			a := f.answer(requestID, nil)
			return a, a
		}
	}
	real := s.carryOut(t, req, requestID, call)
	if f.After {
		s.wait(r, f)
	}
	sent = f.answer(requestID, real)
	if !f.Drop && !f.HTML && stored(sent.status) {
		return sent, sent
	}
	return sent, real
}

func (s *Sandbox) carryOut(t route, req *request, requestID string, call *Call) *answer {
	var fault *apiError
	list := t.method == http.MethodGet && !strings.Contains(t.pattern, "*") && t.pattern != "/v1/invoices/upcoming"
	if req.expand, fault = req.form.expansions(t.kind, list); fault != nil {
		return failure(fault, requestID)
	}
	s.lock()
	defer s.unlock()
	s.origin = origin{id: requestID, key: call.Key}
	defer func() { s.origin = origin{} }()
	result, fault := t.handle(req)
	if fault != nil {
		return failure(fault, requestID)
	}
	call.Applied = true
	return &answer{status: http.StatusOK, body: encode(result)}
}

func failure(fault *apiError, requestID string) *answer {
	return &answer{status: fault.Status, body: encode(fault.object(requestID))}
}

func encode(value any) []byte {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err) // of maps, strings and numbers
	}
	return buffer.Bytes()
}

func write(w http.ResponseWriter, a *answer, requestID, key string) {
	if a.drop {
		hangUp(w)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(len(a.body)))
	if a.html {
		header.Set("Content-Type", "text/html")
		w.WriteHeader(a.status)
		w.Write(a.body)
		return
	}
	header.Set("Request-Id", requestID)
	header.Set("Stripe-Version", APIVersion)
	if key != "" {
		header.Set("Idempotency-Key", key)
	}
	if a.replayed {
		header.Set("Idempotent-Replayed", "true")
	}
	w.WriteHeader(a.status)
	w.Write(a.body)
}

// hangUp closes the connection. It sends one byte of an answer first: Go's client takes a connection that closes before any for one that was
// closed while idle, and would silently repeat the request.
func hangUp(w http.ResponseWriter) {
	if hijacker, ok := w.(http.Hijacker); ok {
		if conn, _, err := hijacker.Hijack(); err == nil {
			conn.Write([]byte("H"))
			conn.Close()
			return
		}
	}
	panic(http.ErrAbortHandler)
}
