// Package sandbox stands in for Stripe: API 2023-10-16 as far as subscriptions need it, with hosted pages, webhooks and a test clock.
//
// It keeps state and moves it as Stripe does: a checkout session that is paid makes a subscription, a period that ends makes an invoice,
// a declined card makes a subscription past due. What it does not model it refuses. Two things differ on purpose: renewal invoices are
// finalized at once (Stripe waits about an hour), and a customer's first card is the one that paid.
package sandbox

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// APIVersion is the one version of Stripe's API that the sandbox speaks.
const APIVersion = "2023-10-16"

type Config struct {
	SecretKey     string           // the key that is accepted; another one is answered with 401
	WebhookSecret string           // signs the events
	WebhookURL    string           // where events go; "": nowhere
	Client        *http.Client     // for deliveries; nil: one with a timeout of 20 s
	BaseURL       string           // public address of Pages, for the URLs of sessions and invoices
	Now           func() time.Time // nil: time.Now; Advance adds to it
	Hold          bool             // events wait for Deliver; otherwise they are delivered in the background, with retries

	// Check is asked about each request before anything else; a status other than 0 is the answer.
	Check func(r *http.Request, body []byte) (status int, answer []byte)

	File    string // where the state is kept between runs (JSON, written after each change); "": memory only
	Dunning string // what the last failed retry makes of a subscription: "canceled" (default) or "unpaid"
	Prefix  string // of all ids after cus_, sub_ and so on; "": random, so that two sandboxes never share an id
}

// Sandbox is safe for concurrent use. One lock guards the state; nothing is sent or awaited under it.
type Sandbox struct {
	config  Config
	client  *http.Client
	backoff func(attempt int) (wait time.Duration, again bool)
	prefix  string

	mu       sync.Mutex
	state    state
	dirty    bool
	agenda   agenda
	at       int64        // the time, while the state is locked
	offset   atomic.Int64 // nanoseconds that Advance added
	requests atomic.Int64
	changing *subscription // whose change is being told of
	baseURL  func() string
	faults   []*Fault
	calls    []Call
	onCall   []func(Call)
	flights  map[string]bool // idempotency keys of requests that run
	origin   origin          // the request that runs

	running context.Context // until Close
	stop    context.CancelFunc
	wake    chan struct{}
	workers sync.WaitGroup
}

// New builds a sandbox, from what File holds if it exists.
func New(config Config) (*Sandbox, error) {
	config.Dunning = cmp.Or(config.Dunning, statusCanceled)
	if config.SecretKey == "" || config.WebhookURL != "" && config.WebhookSecret == "" {
		return nil, errors.New("sandbox: a secret key is needed, and a webhook secret where events are delivered")
	}
	if config.Dunning != statusCanceled && config.Dunning != statusUnpaid {
		return nil, fmt.Errorf("sandbox: dunning %q", config.Dunning)
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	s := &Sandbox{
		config: config, client: deliveryClient(config.Client), backoff: deliveryBackoff,
		baseURL: func() string { return config.BaseURL },
		flights: map[string]bool{}, wake: make(chan struct{}, 1),
	}
	s.running, s.stop = context.WithCancel(context.Background())
	s.state.Prefix = cmp.Or(config.Prefix, "1"+rand.Text()[:8])
	if err := s.load(); err != nil {
		return nil, err
	}
	s.prefix = s.state.Prefix
	s.workers.Go(s.deliverAll)
	return s, nil
}

// Close ends deliveries, and requests that a fault holds back.
func (s *Sandbox) Close() {
	s.stop()
	s.workers.Wait()
}

// SetBaseURL says where Pages is served, for an address that is known late.
func (s *Sandbox) SetBaseURL(base func() string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.baseURL = base
}

func (s *Sandbox) url(path string) string {
	return strings.TrimSuffix(s.baseURL(), "/") + path
}

// lock takes the state as it is now: whatever fell due in between has happened.
func (s *Sandbox) lock() {
	s.mu.Lock()
	s.runUntil(s.Now().Unix())
}

func (s *Sandbox) unlock() {
	if s.dirty {
		s.dirty = false
		s.save()
		select {
		case s.wake <- struct{}{}:
		default: // it is awake already
		}
	}
	s.mu.Unlock()
}

// newID returns an id that looks like Stripe's.
func (s *Sandbox) newID(kind string) string {
	s.state.Counter++
	s.dirty = true
	return fmt.Sprintf("%s_%s%08d", kind, s.state.Prefix, s.state.Counter)
}
