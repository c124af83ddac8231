package billing_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/billing/sandbox"
	"github.com/cragbase/cragbase/internal/jobs"
	"github.com/cragbase/cragbase/internal/pbtest"
)

var errKilled = errors.New("the process was killed")

// mortal is a process that can be killed at a step. A step is a write to the database, and the moments before a call to
// Stripe arrives there and before its answer arrives here. Once it is dead, nothing of it gets through.
type mortal struct {
	t  *testing.T
	w  *world
	to http.RoundTripper

	mu       sync.Mutex
	steps    int
	last     int // the step at which it dies; 0: none
	counting bool
	dead     bool
}

// newMortalWorld is a world whose process can be killed.
func newMortalWorld(t *testing.T) (*world, *mortal) {
	t.Helper()
	m := &mortal{t: t}
	m.w = newWorld(t, func(c *billing.Config) {
		m.to = c.Transport
		c.Transport = m
	})
	tables := []string{"users", "outbox", billing.IntentCollection, billing.CustomerCollection, billing.SubscriptionCollection, billing.EventCollection}
	write := func(e *core.RecordEvent) error {
		if err := m.step(); err != nil {
			return err
		}
		return e.Next()
	}
	m.w.OnRecordCreateExecute(tables...).BindFunc(write)
	m.w.OnRecordUpdateExecute(tables...).BindFunc(write)
	return m.w, m
}

// step fails from the last one on.
func (m *mortal) step() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.counting {
		m.steps++
		m.dead = m.dead || m.steps == m.last
	}
	if m.dead {
		return errKilled
	}
	return nil
}

// killAt lets the process die at a step from now on.
func (m *mortal) killAt(step int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.steps, m.last, m.counting, m.dead = 0, step, true, false
}

// restart ends the life of the process. It reports whether it was killed, and returns the next one, which knows nothing but
// what is in the database.
func (m *mortal) restart() (next *billing.Billing, killed bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	killed = m.dead
	m.counting, m.dead = false, false
	return billing.New(billing.Config{
		SecretKey: secretKey, WebhookSecrets: []string{webhookSecret}, Transport: m.to, Retries: -1, Now: m.w.stripe.Now, PerSecond: 1e6,
		SiteURL: func(core.App) string { return site },
	}), killed
}

func (m *mortal) RoundTrip(request *http.Request) (*http.Response, error) {
	if err := m.step(); err != nil {
		return nil, err
	}
	m.wantIntent(request)
	response, err := m.to.RoundTrip(request)
	if killed := m.step(); killed != nil {
		if err == nil {
			response.Body.Close()
		}
		return nil, killed
	}
	return response, err
}

// wantIntent checks that a write has a committed intent with its key before it is sent (I7). A portal session changes
// nothing.
func (m *mortal) wantIntent(request *http.Request) {
	key := request.Header.Get("Idempotency-Key")
	if request.Method == http.MethodGet || strings.HasPrefix(request.URL.Path, "/v1/billing_portal") {
		return
	}
	intents := 0
	err := m.w.ConcurrentDB().Select("count(*)").From(billing.IntentCollection).Where(dbx.HashExp{"key": key, "state": "open"}).Row(&intents)
	if err != nil || intents != 1 {
		m.t.Errorf("I7: %s %s was sent with the key %q of %d committed intents, %v", request.Method, request.URL.Path, key, intents, err)
	}
}

// life is an operation that may be cut anywhere.
type life struct {
	prepare func(w *world, t *testing.T, userID string)
	ask     func(w *world, t *testing.T, userID, token string) int
	// after what the user comes back to, given that they repeated it or not
	holds func(w *world, t *testing.T, userID string, repeated bool)
}

func lives() map[string]life {
	all := map[string]life{}
	for name, o := range requests() {
		if name == "customer" {
			continue // the same request as checkout
		}
		all[name] = life{
			prepare: func(w *world, t *testing.T, userID string) { w.prepare(t, userID, o) },
			ask: func(w *world, t *testing.T, userID, _ string) int {
				return o.ask(w, t, userID).Status
			},
			holds: func(w *world, t *testing.T, userID string, repeated bool) {
				if repeated {
					o.holds(w, t, userID)
				}
			},
		}
	}
	basic := requests()["change"]
	subscribed := func(w *world, t *testing.T, userID string) { w.prepare(t, userID, basic) }
	post := func(path string, body any) func(*world, *testing.T, string, string) int {
		return func(w *world, t *testing.T, _, token string) int {
			return w.Send(t, pbtest.NewRequest(t, "POST", "/v1/users/me/"+path, token, body)).Status
		}
	}
	all["other tier in place of an open session"] = life{
		prepare: func(w *world, t *testing.T, userID string) { w.checkout(t, userID, "basic") },
		ask:     post("subscribe", map[string]any{"desired_tier": "premium"}),
		holds: func(w *world, t *testing.T, userID string, _ bool) {
			if open := w.openSessions(t, userID); len(open) > 1 {
				t.Errorf("%d sessions are open", len(open))
			}
		},
	}
	all["webhook of a payment"] = life{
		prepare: func(w *world, t *testing.T, userID string) {
			if err := w.stripe.Pay(w.checkout(t, userID, "premium"), sandbox.CardPays); err != nil {
				t.Fatal(err)
			}
		},
		ask: func(w *world, t *testing.T, userID, _ string) int {
			for _, event := range w.stripe.Pending() {
				if event.Type == "checkout.session.completed" && event.Customer == w.customer(t, userID) {
					status, _ := w.stripe.Deliver(event.ID)
					return status
				}
			}
			return 0
		},
		holds: func(w *world, t *testing.T, userID string, _ bool) {
			w.wantTier(t, userID, "premium", "active")
			if mails := w.mailsOf(t, userID, "subscription_started"); mails > 1 {
				t.Errorf("%d mails of the start", mails)
			}
		},
	}
	all["a second subscription is found"] = life{
		prepare: func(w *world, t *testing.T, userID string) {
			subscribed(w, t, userID)
			w.stripe.Subscribe(w.customer(t, userID), pricePremium)
		},
		ask: func(w *world, t *testing.T, _, token string) int {
			return w.Send(t, pbtest.NewRequest(t, "GET", "/v1/users/me/subscription", token, nil)).Status
		},
		holds: func(w *world, t *testing.T, userID string, _ bool) { w.wantTier(t, userID, "basic", "active") },
	}
	all["deactivation"] = life{
		prepare: func(w *world, t *testing.T, userID string) { subscribed(w, t, userID) },
		ask:     leaves, holds: gone,
	}
	all["deactivation with an open session"] = life{
		prepare: func(w *world, t *testing.T, userID string) { w.checkout(t, userID, "basic") },
		ask:     leaves, holds: gone,
	}
	return all
}

// leaves deactivates the account and waits for the job that follows.
func leaves(w *world, t *testing.T, userID, token string) int {
	answer := w.Send(t, pbtest.NewRequest(t, "POST", "/v1/users/me/deactivate", token, map[string]any{"password": pbtest.Password}))
	if answer.Status == http.StatusOK {
		w.waitForJob(t, func(job *core.Record) bool {
			return job.GetString("kind") == "billing" && strings.Contains(job.GetString("payload"), userID) &&
				(job.GetString("state") == jobs.Done || job.GetString("last_error") != "")
		})
	}
	return answer.Status
}

// gone checks that nothing is left to pay of who left.
func gone(w *world, t *testing.T, userID string, repeated bool) {
	user, err := w.FindRecordById("users", userID)
	if err != nil {
		t.Fatal(err)
	}
	if user.GetBool("is_active") {
		if repeated {
			t.Error("still active")
		}
		return // it was killed before they had left
	}
	if live, open := w.stripe.Live(w.customer(t, userID)), w.openSessions(t, userID); len(live) != 0 || len(open) != 0 {
		t.Errorf("who left has %d live subscriptions and %d sessions to pay", len(live), len(open))
	}
}

// The ways in which life goes on after a crash.
const (
	bySweep    = "sweep"
	byWebhooks = "webhooks"
	byRetry    = "retry"
)

// Each operation is killed between each pair of its steps. The next process comes to a state that is Stripe's, in which
// everything was done once or not at all, whether by its sweep, by Stripe's webhooks or by the user's next try.
func TestCase55_KilledAtEachStepOfEachOperation(t *testing.T) {
	t.Parallel()
	for name, l := range lives() {
		for _, by := range []string{bySweep, byWebhooks, byRetry} {
			t.Run(name+"/"+by, func(t *testing.T) {
				t.Parallel()
				w, m := newMortalWorld(t)
				step := 1
				for l.liveUntil(t, w, m, step, by) {
					step++
				}
				t.Logf("killed at each of %d steps", step-1)
				if step < 4 {
					t.Errorf("there are only %d steps", step-1)
				}
			})
		}
	}
}

// liveUntil lets an operation of a new user run up to a step, and another process go on. It reports whether there was such
// a step.
func (l life) liveUntil(t *testing.T, w *world, m *mortal, step int, by string) bool {
	t.Helper()
	userID := w.newUser(t)
	l.prepare(w, t, userID)
	token := w.TokenOf(t, userID)
	m.killAt(step)
	status := l.ask(w, t, userID, token)
	next, killed := m.restart()
	if _, err := w.DB().Update("jobs", dbx.Params{"state": "dead"}, dbx.HashExp{"state": "queued", "kind": "billing"}).Execute(); err != nil {
		t.Fatal(err) // it would run in the old process
	}
	w.stripe.Advance(15 * time.Second)
	switch by {
	case byWebhooks:
		w.deliverTo(t, next)
		w.wantInvariantsOfLife(t, userID, step)
	case byRetry:
		if status := l.ask(w, t, userID, token); killed && status >= 500 {
			t.Errorf("killed at step %d, the next try: status %d", step, status)
		}
	}
	if _, err := next.Sweep(t.Context(), w); err != nil {
		t.Errorf("killed at step %d, the sweep: %v", step, err)
	}
	w.wantInvariantsOfLife(t, userID, step)
	l.holds(w, t, userID, by == byRetry || !killed)
	w.wantIntentsSettled(t, userID, step)
	w.deliverTo(t, next)
	w.wantInvariantsOfLife(t, userID, step)
	if t.Failed() {
		t.Logf("killed at step %d with status %d: %s", step, status, w.intentsOf(t, userID))
		return false
	}
	return killed
}

// deliverTo hands the webhooks that wait to a process.
func (w *world) deliverTo(t *testing.T, b *billing.Billing) {
	t.Helper()
	for len(w.stripe.Pending()) > 0 {
		for _, event := range w.stripe.Pending() {
			if _, err := b.Webhook(t.Context(), w, event.Payload, w.stripe.Sign(event.Payload, w.stripe.Now())); err != nil {
				t.Errorf("%s: %v", event.Type, err)
			}
			w.stripe.MarkDelivered(event.ID)
		}
	}
}

func (w *world) wantInvariantsOfLife(t *testing.T, userID string, step int) {
	t.Helper()
	if !w.isLeaving(t, userID) {
		w.wantInvariants(t, userID)
	}
	reasons := map[string]int{}
	for _, charge := range w.stripe.Ledger() {
		if charge.Customer == w.customer(t, userID) {
			reasons[charge.Reason+" "+charge.Subscription]++
		}
	}
	for reason, times := range reasons {
		if times > 1 {
			t.Errorf("killed at step %d: charged %d times for %s", step, times, reason)
		}
	}
	customers := 0
	for _, customer := range w.stripe.Customers() {
		if customer.Metadata["user_id"] == userID {
			customers++
		}
	}
	if customers > 1 {
		t.Errorf("killed at step %d: %d customers", step, customers)
	}
}

// isLeaving reports whether the end of what a user pays for is recorded and not done: until then they are free here, and
// live at Stripe (I10).
func (w *world) isLeaving(t *testing.T, userID string) bool {
	t.Helper()
	undone, err := w.CountRecords(billing.IntentCollection, dbx.HashExp{"user": userID, "kind": "end", "state": []any{"open", "unknown"}})
	if err != nil {
		t.Fatal(err)
	}
	return undone > 0
}

func (w *world) wantIntentsSettled(t *testing.T, userID string, step int) {
	t.Helper()
	undone, err := w.CountRecords(billing.IntentCollection, dbx.HashExp{"user": userID, "state": []any{"open", "unknown"}})
	if err != nil || undone != 0 {
		t.Errorf("killed at step %d: %d intents are undone, %v", step, undone, err)
	}
}

func (w *world) intentsOf(t *testing.T, userID string) string {
	t.Helper()
	intents, err := w.FindAllRecords(billing.IntentCollection, dbx.HashExp{"user": userID})
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, i := range intents {
		fmt.Fprintf(&all, "%s of %s is %s (%s), ", i.GetString("kind"), i.GetString("object"), i.GetString("state"), i.GetString("error"))
	}
	return all.String()
}
