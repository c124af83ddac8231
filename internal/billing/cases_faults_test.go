package billing_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/billing/sandbox"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// line is the way to Stripe, which can be cut.
type line struct {
	current atomic.Pointer[http.RoundTripper]
}

func newLine(to http.RoundTripper) *line {
	l := &line{}
	l.current.Store(&to)
	return l
}

func (l *line) switchTo(other http.RoundTripper) { l.current.Store(&other) }

func (l *line) RoundTrip(request *http.Request) (*http.Response, error) {
	return (*l.current.Load()).RoundTrip(request)
}

// outages are the ways in which Stripe can be of no use. Each returns the way to it.
func outages(t *testing.T) map[string]func(w *world) http.RoundTripper {
	t.Helper()
	fault := func(f sandbox.Fault) func(*world) http.RoundTripper {
		return func(w *world) http.RoundTripper {
			w.stripe.Fault(f)
			return sandbox.Transport(w.stripe.API())
		}
	}
	dial := func(dial func(ctx context.Context, network, address string) (net.Conn, error)) func(*world) http.RoundTripper {
		return func(*world) http.RoundTripper { return &http.Transport{DialContext: dial, DisableKeepAlives: true} }
	}
	down := pbtest.HoldPort(t)
	return map[string]func(w *world) http.RoundTripper{
		"refused": dial(func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", strconv.Itoa(down.Number)))
		}),
		"no such host": dial(func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.DNSError{Err: "no such host", Name: "api.stripe.com", IsNotFound: true}
		}),
		"503":               fault(sandbox.Fault{Status: http.StatusServiceUnavailable}),
		"500":               fault(sandbox.Fault{Status: http.StatusInternalServerError}),
		"429":               fault(sandbox.Fault{Status: http.StatusTooManyRequests}),
		"a page with 502":   fault(sandbox.Fault{Status: http.StatusBadGateway, HTML: true}),
		"a page with 200":   fault(sandbox.Fault{Status: http.StatusOK, HTML: true}),
		"a page with 403":   fault(sandbox.Fault{Status: http.StatusForbidden, HTML: true}),
		"cut":               fault(sandbox.Fault{Drop: true}),
		"slow, 30 s":        fault(sandbox.Fault{Delay: 30 * time.Second}),
		"cut after applied": fault(sandbox.Fault{Drop: true, After: true}),
		"our key is wrong":  fault(sandbox.Fault{Status: http.StatusUnauthorized, Type: "invalid_request_error"}),
	}
}

const longestQuick = 1200 * time.Millisecond

// quick has deadlines in the relation of the real ones: a fraction of them.
func quick(config *billing.Config) {
	config.ReadDeadline, config.WriteDeadline, config.HookDeadline = 500*time.Millisecond, longestQuick, 800*time.Millisecond
}

// slack is what a loaded machine may need besides the waiting.
const slack = 4 * time.Second

// Stripe unreachable, slow, answering a page or a limit: each route answers as the contract says and within its deadline,
// nothing is changed but the intent, and the rest of the product does not notice (I8).
func TestCase46_EachRouteInEachOutage(t *testing.T) {
	t.Parallel()
	for name, outage := range outages(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var way *line
			w := newWorld(t, func(c *billing.Config) {
				if strings.HasPrefix(name, "slow") {
					quick(c)
				}
				way = newLine(c.Transport)
				c.Transport = way
			})
			w.subscribed(t, pbtest.OwnerID, "basic")
			session := w.stripe.Sessions(w.customer(t, pbtest.OwnerID))[0].ID
			before := w.written(t)
			healthy := sandbox.Transport(w.stripe.API())
			way.switchTo(outage(w))
			w.askEverything(t, session)
			w.wantOnlyIntents(t, before)
			w.stripe.ClearFaults()
			way.switchTo(healthy)
			w.afterOutage(t)
		})
	}
}

// askEverything calls every route of billing while Stripe is of no use.
func (w *world) askEverything(t *testing.T, session string) {
	t.Helper()
	premium := map[string]any{"desired_tier": "premium"}
	for _, route := range []struct {
		user, method, path string
		body               any
		status             int
	}{
		{pbtest.OwnerID, "GET", "/v1/users/me/subscription", nil, 200},
		{pbtest.StrangerID, "GET", "/v1/users/me/subscription", nil, 200},
		{pbtest.OwnerID, "GET", "/v1/users/me/subscription/preview?tier=premium", nil, 503},
		{pbtest.OwnerID, "POST", "/v1/users/me/subscribe", premium, 503},
		{pbtest.OwnerID, "POST", "/v1/users/me/subscribe", map[string]any{"desired_tier": "basic"}, 503},
		{pbtest.OwnerID, "POST", "/v1/users/me/subscribe", map[string]any{"desired_tier": "free"}, 503},
		{pbtest.StrangerID, "POST", "/v1/users/me/subscribe", premium, 503},
		{pbtest.OwnerID, "POST", "/v1/users/me/cancel-subscription", nil, 503},
		{pbtest.OwnerID, "POST", "/v1/users/me/cancel-subscription", map[string]any{"at_period_end": true}, 503},
		{pbtest.StrangerID, "POST", "/v1/users/me/cancel-subscription", nil, 409},
		{pbtest.OwnerID, "POST", "/v1/users/me/resume-subscription", nil, 503},
		{pbtest.OwnerID, "POST", "/v1/users/me/billing-portal", nil, 503},
		{pbtest.StrangerID, "POST", "/v1/users/me/billing-portal", nil, 409},
		{pbtest.OwnerID, "GET", "/v1/users/me/invoices", nil, 503},
		{pbtest.StrangerID, "GET", "/v1/users/me/invoices", nil, 200},
		{pbtest.OwnerID, "GET", "/v1/billing/return?session_id=" + session, nil, 503},
		{"admin", "POST", "/v1/admin/users/" + pbtest.OwnerID + "/billing-sync", nil, 503},
		{"stripe", "POST", "/v1/stripe/webhook", nil, 503},
		{pbtest.OwnerID, "GET", "/v1/users/me", nil, 200},
		{pbtest.OwnerID, "GET", "/v1/plans", nil, 200},
		{pbtest.OwnerID, "GET", "/v1/users/me/analytics/overview", nil, 200},
		{"", "GET", "/v1/health", nil, 200},
	} {
		what := fmt.Sprintf("%s %s of %s", route.method, route.path, route.user)
		begin := time.Now()
		answer := w.askAs(t, route.user, route.method, route.path, route.body)
		if took := time.Since(begin); took > longestQuick+slack {
			t.Errorf("%s took %v", what, took)
		}
		if answer.Status != route.status {
			t.Errorf("%s: status %d: %s, want %d", what, answer.Status, answer.Body, route.status)
			continue
		}
		switch {
		case route.status == 503:
			wantCode(t, answer, 503, "stripe_unavailable")
			if wait, err := strconv.Atoi(answer.Header.Get("Retry-After")); err != nil || wait < 1 {
				t.Errorf("%s: Retry-After %q", what, answer.Header.Get("Retry-After"))
			}
		case route.path == "/v1/users/me/subscription" && route.user == pbtest.OwnerID:
			if known := answer.Map(t); known["stale"] != true || known["source"] != "local" || known["tier"] != "basic" || known["payment_status"] != "active" {
				t.Errorf("%s: %s", what, answer.Body)
			}
		}
	}
}

// askAs sends a request of a user, an administrator or Stripe.
func (w *world) askAs(t *testing.T, who, method, path string, body any) pbtest.Response {
	t.Helper()
	switch who {
	case "admin":
		return w.Do(t, pbtest.Superuser, method, path, body)
	case "stripe":
		payload := eventAbout("evt_outage", "customer.subscription.deleted", w.customer(t, pbtest.OwnerID), nil)
		return w.post(t, payload, signed(webhookSecret, payload, w.stripe.Now()))
	}
	return w.as(t, who, method, path, body)
}

// wantOnlyIntents checks that nothing was written since but intents, and the event that is to come again.
func (w *world) wantOnlyIntents(t *testing.T, before string) {
	t.Helper()
	known := strings.Split(before, "\n")
	for row := range strings.SplitSeq(w.written(t), "\n") {
		if !slices.Contains(known, row) && !strings.Contains(row, " kind=customer ") && row != "event=evt_outage state=received " {
			t.Errorf("it was written in the outage: %s", row)
		}
	}
	for _, row := range known {
		if !strings.Contains(w.written(t), row) {
			t.Errorf("it was changed in the outage: %s", row)
		}
	}
}

// afterOutage does what failed before.
func (w *world) afterOutage(t *testing.T) {
	t.Helper()
	if session := w.checkout(t, pbtest.StrangerID, "premium"); session == "" {
		t.Error("no session")
	}
	if len(w.stripe.Customers()) != 2 || len(w.openSessions(t, pbtest.StrangerID)) != 1 {
		t.Errorf("%d customers, %d open sessions", len(w.stripe.Customers()), len(w.openSessions(t, pbtest.StrangerID)))
	}
	answer := w.subscribe(t, pbtest.OwnerID, "premium")
	for tries := 0; answer.Status == http.StatusServiceUnavailable && tries < 5; tries++ { // a loaded machine may miss a quick deadline
		answer = w.subscribe(t, pbtest.OwnerID, "premium")
	}
	if answer.Status != http.StatusOK && answer.Map(t)["code"] != "already_subscribed" {
		t.Errorf("change: status %d: %s", answer.Status, answer.Body)
	}
	w.sweep(t)
	w.deliverAll(t)
	w.wantInvariants(t, pbtest.OwnerID)
	if state := w.eventState(t, "evt_outage"); state != "done" {
		t.Errorf("the event that was not done in the outage is %q", state)
	}
}

// Requests that wait for Stripe hold nothing that others need.
func TestCase46_OthersDoNotWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *billing.Config) { c.WriteDeadline = 30 * time.Second })
	var users []string
	for range 10 {
		userID := w.newUser(t)
		w.checkout(t, userID, "basic")
		users = append(users, userID)
	}
	hold, waiting := make(chan struct{}), make(chan struct{}, 100)
	w.stripe.OnCall(func(sandbox.Call) { waiting <- struct{}{} })
	w.stripe.Fault(sandbox.Fault{Block: hold})
	answers := make(chan int, len(users))
	for _, userID := range users {
		go func() { answers <- w.subscribe(t, userID, "basic").Status }()
	}
	for range users {
		<-waiting
	}
	for _, userID := range users {
		for _, request := range []struct {
			method, path string
			body         any
		}{
			{"GET", "/v1/users/me", nil}, {"PATCH", "/v1/users/me", map[string]any{"username": "new_" + userID}}, {"GET", "/v1/users/me/analytics/overview", nil},
		} {
			if answer := w.as(t, userID, request.method, request.path, request.body); answer.Status != http.StatusOK {
				t.Errorf("%s %s beside a Stripe that hangs: status %d: %s", request.method, request.path, answer.Status, answer.Body)
			}
		}
	}
	select {
	case status := <-answers:
		t.Errorf("a request did not wait for Stripe: status %d", status)
	default:
	}
	close(hold)
	for range users {
		if status := <-answers; status != http.StatusCreated {
			t.Errorf("status %d", status)
		}
	}
}

func TestCase47_NoRetryStorm(t *testing.T) {
	t.Parallel()
	for name, storm := range map[string]struct {
		fault sandbox.Fault
		most  int
	}{
		"429 rate_limit":    {sandbox.Fault{Status: http.StatusTooManyRequests, Code: "rate_limit"}, 1},
		"429 lock_timeout":  {sandbox.Fault{Status: http.StatusTooManyRequests, Code: "lock_timeout"}, 2},
		"503":               {sandbox.Fault{Status: http.StatusServiceUnavailable}, 2},
		"a broken line":     {sandbox.Fault{Drop: true}, 2},
		"a proxy's page":    {sandbox.Fault{Status: http.StatusBadGateway, HTML: true}, 2},
		"500, on all calls": {sandbox.Fault{Status: http.StatusInternalServerError}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *billing.Config) { c.Retries = 1 })
			w.subscribed(t, pbtest.OwnerID, "basic")
			w.stripe.Fault(storm.fault)
			for _, tier := range []string{"premium", "free"} {
				w.stripe.ResetCalls()
				answer := w.subscribe(t, pbtest.OwnerID, tier)
				wantCode(t, answer, http.StatusServiceUnavailable, "stripe_unavailable")
				if answer.Header.Get("Retry-After") == "" {
					t.Error("no Retry-After")
				}
				if calls := len(w.stripe.Calls()); calls > storm.most {
					t.Errorf("%d calls, want at most %d", calls, storm.most)
				}
			}
			w.wantTier(t, pbtest.OwnerID, "basic", "active")
		})
	}
}

// A sweep gives up on a Stripe that does not answer, however many users are due.
func TestCase47_SweepGivesUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 20 {
		w.checkout(t, w.newUser(t), "basic")
	}
	w.stripe.Advance(10 * time.Minute)
	w.stripe.ResetCalls()
	w.stripe.Fault(sandbox.Fault{Status: http.StatusTooManyRequests, Path: "/v1/checkout"})
	job := w.run(t, "billing_sweep")
	if calls := len(w.stripe.Calls()); job.GetString("state") == "done" || calls > 5 {
		t.Errorf("%s after %d calls", job.GetString("state"), calls)
	}
}

// request is a thing that a user asks for and that writes to Stripe once.
type request struct {
	begin        string // the tier that they have before; "": none, "ending": basic that ends with its period
	method, path string // of the write
	ask          func(w *world, t testing.TB, userID string) pbtest.Response
	good         int // status
	again        []int
	holds        func(w *world, t testing.TB, userID string) // once it is done
}

func requests() map[string]request {
	post := func(path string, body any) func(*world, testing.TB, string) pbtest.Response {
		return func(w *world, t testing.TB, userID string) pbtest.Response {
			return w.as(t, userID, "POST", "/v1/users/me/"+path, body)
		}
	}
	tier := func(tier, status string) func(*world, testing.TB, string) {
		return func(w *world, t testing.TB, userID string) { w.wantTier(t, userID, tier, status) }
	}
	oneSession := func(w *world, t testing.TB, userID string) {
		if open := w.openSessions(t, userID); len(open) != 1 || len(w.stripe.Sessions(w.customer(t, userID))) != 1 {
			t.Errorf("%d sessions are open, of %d", len(open), len(w.stripe.Sessions(w.customer(t, userID))))
		}
	}
	flag := func(set bool) func(*world, testing.TB, string) {
		return func(w *world, t testing.TB, userID string) {
			w.wantTier(t, userID, "basic", "active")
			if live := w.stripe.Live(w.customer(t, userID)); len(live) != 1 || live[0].CancelAtPeriodEnd != set {
				t.Errorf("%d live subscriptions, and it does not end as wanted", len(live))
			}
		}
	}
	basic, premium := map[string]any{"desired_tier": "basic"}, map[string]any{"desired_tier": "premium"}
	return map[string]request{
		"customer":      {"", "POST", "/v1/customers", post("subscribe", basic), 201, []int{201}, oneSession},
		"checkout":      {"", "POST", "/v1/checkout/sessions", post("subscribe", basic), 201, []int{201}, oneSession},
		"change":        {"basic", "POST", "/v1/subscriptions/", post("subscribe", premium), 200, []int{200, 409}, tier("premium", "active")},
		"cancel":        {"basic", "DELETE", "/v1/subscriptions/", post("cancel-subscription", nil), 200, []int{200, 409}, tier("free", "cancelled")},
		"cancel at end": {"basic", "POST", "/v1/subscriptions/", post("cancel-subscription", map[string]any{"at_period_end": true}), 200, []int{200}, flag(true)},
		"resume":        {"ending", "POST", "/v1/subscriptions/", post("resume-subscription", nil), 200, []int{200}, flag(false)},
	}
}

// prepare brings a user to where an operation begins, without webhooks.
func (w *world) prepare(t testing.TB, userID string, o request) {
	t.Helper()
	if o.begin == "" {
		return
	}
	if err := w.stripe.Pay(w.checkout(t, userID, "basic"), sandbox.CardPays); err != nil {
		t.Fatal(err)
	}
	if answer := w.as(t, userID, "GET", "/v1/users/me/subscription", nil); answer.Status != http.StatusOK {
		t.Fatalf("status %d: %s", answer.Status, answer.Body)
	}
	if o.begin == "ending" {
		wantCode(t, w.as(t, userID, "POST", "/v1/users/me/cancel-subscription", map[string]any{"at_period_end": true}), 200, "")
	}
	forEachPending(w, w.stripe.MarkDelivered)
}

// A write that fails before or after Stripe carried it out: the user is told so, nothing is changed here, and the next try
// finds out what happened and comes to a good end, with everything done once.
func TestCase51_WriteThatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	faults := map[string]sandbox.Fault{
		"500 before": {Status: http.StatusInternalServerError}, "503 before": {Status: http.StatusServiceUnavailable}, "429": {Status: http.StatusTooManyRequests},
		"cut before": {Drop: true}, "a page before": {Status: http.StatusBadGateway, HTML: true}, "conflict": {Status: http.StatusConflict, Code: "lock_timeout"},
		"500 after": {Status: http.StatusInternalServerError, After: true}, "cut after": {Drop: true, After: true},
		"a page after": {Status: http.StatusBadGateway, HTML: true, After: true}, "slow": {Delay: 30 * time.Second, After: true},
	}
	for what, o := range requests() {
		for name, fault := range faults {
			t.Run(what+"/"+name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, func(c *billing.Config) { c.WriteDeadline = longestQuick })
				if fault.Delay == 0 {
					w = newWorld(t)
				}
				w.prepare(t, pbtest.OwnerID, o)
				before := w.tierOf(t, pbtest.OwnerID)
				fault.Method, fault.Path, fault.Times = o.method, o.path, 1
				w.stripe.Fault(fault)
				wantCode(t, o.ask(w, t, pbtest.OwnerID), http.StatusServiceUnavailable, "stripe_unavailable")
				if after := w.tierOf(t, pbtest.OwnerID); after != before {
					t.Errorf("the tier went from %s to %s", before, after)
				}
				if answer := o.ask(w, t, pbtest.OwnerID); !slices.Contains(append(o.again, o.good), answer.Status) {
					t.Errorf("the next try: status %d: %s", answer.Status, answer.Body)
				}
				w.wantDoneOnce(t, o, pbtest.OwnerID)
			})
		}
	}
}

func (w *world) tierOf(t testing.TB, userID string) string {
	t.Helper()
	user, err := w.FindRecordById("users", userID)
	if err != nil {
		t.Fatal(err)
	}
	return user.GetString("tier")
}

// wantDoneOnce checks what is there after an operation whose first try failed.
func (w *world) wantDoneOnce(t testing.TB, o request, userID string) {
	t.Helper()
	o.holds(w, t, userID)
	w.wantInvariants(t, userID)
	w.wantKeys(t)
	if customers := len(w.stripe.Customers()); customers != 1 {
		t.Errorf("%d customers", customers)
	}
	undone, err := w.CountRecords(billing.IntentCollection, dbx.HashExp{"state": []any{"open", "unknown"}})
	if err != nil || undone != 0 {
		t.Errorf("%d intents are undone, %v", undone, err)
	}
	invoices := map[string]int{"": 0, "basic": 1, "ending": 1}[o.begin]
	if o.good == 200 && o.method == "POST" && strings.HasSuffix(w.tierOf(t, userID), "premium") {
		invoices++
	}
	if got := len(w.stripe.Invoices(w.customer(t, userID))); got != invoices {
		t.Errorf("%d invoices, want %d", got, invoices)
	}
	w.deliverAll(t)
	w.sweep(t)
	o.holds(w, t, userID)
	w.wantInvariants(t, userID)
}

// A write that Stripe carried out and that cannot be written down is found by the next try, or by the sweep, and not made
// again.
func TestCase54_DatabaseFailsAfterStripe(t *testing.T) {
	t.Parallel()
	for what, o := range requests() {
		for _, then := range []string{"retry", "webhooks", "sweep"} {
			t.Run(what+"/"+then, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.prepare(t, pbtest.OwnerID, o)
				heal := w.failAfter(o)
				w.stripe.ResetCalls()
				wantCode(t, o.ask(w, t, pbtest.OwnerID), http.StatusInternalServerError, "internal_error")
				heal()
				w.stripe.Advance(time.Minute)
				switch then {
				case "retry":
					if answer := o.ask(w, t, pbtest.OwnerID); !slices.Contains(append(o.again, o.good), answer.Status) {
						t.Errorf("the next try: status %d: %s", answer.Status, answer.Body)
					}
				case "webhooks":
					w.deliverAll(t)
				case "sweep":
					forEachPending(w, w.stripe.MarkDelivered)
					w.sweep(t)
				}
				if o.begin == "" && then != "retry" { // nobody has a session yet: the user comes back for it
					if answer := o.ask(w, t, pbtest.OwnerID); answer.Status != http.StatusCreated {
						t.Errorf("status %d: %s", answer.Status, answer.Body)
					}
				}
				if count := w.applied(o); count != 1 {
					t.Errorf("%s %s was carried out %d times", o.method, o.path, count)
				}
				w.sweep(t)
				w.wantDoneOnce(t, o, pbtest.OwnerID)
			})
		}
	}
}

// failAfter makes every write of billing to the database fail from the moment in which an operation's write goes to Stripe.
func (w *world) failAfter(o request) (heal func()) {
	var failing, healed atomic.Bool
	w.stripe.OnCall(func(call sandbox.Call) {
		if call.Method == o.method && strings.HasPrefix(call.Path, o.path) {
			failing.Store(true)
		}
	})
	fail := func(e *core.RecordEvent) error {
		if failing.Load() && !healed.Load() {
			return errDisk
		}
		return e.Next()
	}
	tables := []string{"users", billing.IntentCollection, billing.CustomerCollection, billing.SubscriptionCollection, billing.EventCollection}
	w.OnRecordCreateExecute(tables...).BindFunc(fail)
	w.OnRecordUpdateExecute(tables...).BindFunc(fail)
	return func() { healed.Store(true) }
}

// applied counts how often the write of an operation was carried out.
func (w *world) applied(o request) int {
	count := 0
	for _, call := range w.stripe.Calls() {
		if call.Method == o.method && strings.HasPrefix(call.Path, o.path) && !strings.HasSuffix(call.Path, "/expire") && call.Applied {
			count++
		}
	}
	return count
}

// After a day Stripe has forgotten the key of a write whose answer was lost: we look, and never send it again.
func TestCase57_UnknownForMoreThanADay(t *testing.T) {
	t.Parallel()
	for what, o := range requests() {
		for name, after := range map[string]bool{"it was carried out": true, "it was not": false} {
			for _, by := range []string{"the user", "the sweep"} {
				t.Run(what+"/"+name+"/"+by, func(t *testing.T) {
					t.Parallel()
					w := newWorld(t)
					w.prepare(t, pbtest.OwnerID, o)
					w.stripe.ResetCalls()
					w.stripe.Fault(sandbox.Fault{Method: o.method, Path: o.path, Times: 1, Drop: true, After: after})
					wantCode(t, o.ask(w, t, pbtest.OwnerID), http.StatusServiceUnavailable, "stripe_unavailable")
					lost := map[string]bool{}
					for _, call := range w.stripe.Calls() {
						lost[call.Key] = lost[call.Key] || call.Key != ""
					}
					w.stripe.Advance(25 * time.Hour)
					w.stripe.ResetCalls()
					if by == "the sweep" {
						w.sweep(t)
					} else if answer := o.ask(w, t, pbtest.OwnerID); !slices.Contains(append(o.again, o.good), answer.Status) {
						t.Errorf("status %d: %s", answer.Status, answer.Body)
					}
					for _, call := range w.stripe.Calls() {
						if call.Key != "" && lost[call.Key] {
							t.Errorf("%s %s was sent again with a key that Stripe has forgotten", call.Method, call.Path)
						}
					}
					if first := w.stripe.Calls()[0]; first.Method != http.MethodGet {
						t.Errorf("%s %s came before any look", first.Method, first.Path)
					}
					if len(w.stripe.Customers()) > 1 {
						t.Errorf("%d customers", len(w.stripe.Customers()))
					}
					w.deliverAll(t)
					w.wantInvariants(t, pbtest.OwnerID)
				})
			}
		}
	}
}

// broken counts the failures of a test in place of failing.
type broken struct {
	testing.TB
	failures []string
}

func (b *broken) Helper() {}

func (b *broken) Errorf(format string, args ...any) {
	b.failures = append(b.failures, fmt.Sprintf(format, args...))
}

// A call to Stripe inside a transaction fails the test that makes it (I9): the watcher of all worlds sees it.
func TestCallInsideATransactionIsSeen(t *testing.T) {
	t.Parallel()
	stripe := newStripe(t, nil, http.NotFoundHandler())
	app, seen := pbtest.Bare(t), &broken{TB: t}
	watchTransactions(seen, app, stripe, 300*time.Millisecond)
	b := billing.New(billing.Config{SecretKey: secretKey, Transport: sandbox.Transport(stripe.API()), Retries: -1})
	if err := b.CheckPrice(t.Context(), priceBasic); err != nil || len(seen.failures) != 0 {
		t.Fatalf("outside: %v, %v", err, seen.failures)
	}
	err := app.RunInTransaction(func(core.App) error { return b.CheckPrice(t.Context(), priceBasic) })
	if err != nil || len(seen.failures) != 1 || !strings.Contains(seen.failures[0], "/v1/prices/"+priceBasic) {
		t.Errorf("inside: %v; it saw %q", err, seen.failures)
	}
}

// The addresses that users are sent to are ours and Stripe's, whatever is asked.
func TestAddressesAreOurs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.checkout(t, pbtest.OwnerID, "basic")
	session := w.stripe.Sessions(w.customer(t, pbtest.OwnerID))[0]
	for _, address := range []string{session.SuccessURL, session.CancelURL} {
		if parsed, err := url.Parse(address); err != nil || parsed.Scheme+"://"+parsed.Host != site {
			t.Errorf("%s is not ours", address)
		}
	}
}
