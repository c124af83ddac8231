package billing_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"pgregory.net/rapid"

	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/billing/sandbox"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// priceOther is a price at Stripe that no plan has, unless a step of the model sells it.
const priceOther = "price_other"

// modelCounts are what all runs together did.
type modelCounts struct {
	runs, steps, crashes, faults, webhooks, late, together atomic.Int64
	subscriptions, superfluous, charges                    atomic.Int64
	doubleCharges, untrueTiers                             atomic.Int64
}

// modelBase is what the runs of the model share: one database, emptied for each. To clone one takes longer than most runs.
type modelBase struct {
	core.App
	users  []string
	run    *model // whose process writes
	counts modelCounts
}

// model is one run: some users, their Stripe, and a process that may die.
type model struct {
	*modelBase
	stripe   *sandbox.Sandbox
	process  *process
	users    []string
	calm     bool // one thing happens at a time
	faulty   bool // faults may be left
	lost     bool // an event was missed for longer than the sweep looks back
	unsold   bool // a plan has lost its price
	repriced bool // it did at some time, or what was not sold is sold now
	premium  string
	tiers    map[string]string // price -> tier, as they are meant to be
	history  history
	mu       sync.Mutex
	problems []problem
	keys     map[string]string // idempotency key -> the request that it was used for
	inVain   []string          // subscriptions that were paid when their user had left
	promised []string          // subscriptions whose users left while they lived
	late     []*http.Request   // sent by clients that did not wait for the answer, and not there yet
	delayed  atomic.Int64      // how many of the next writes will be late
}

// newModelBase opens the database, and lets every write ask whether the process still lives.
func newModelBase(t testing.TB) *modelBase {
	t.Helper()
	app := pbtest.Bare(t)
	base := &modelBase{App: app}
	base.Settings().Logs.MaxDays = 0
	for _, statement := range []string{
		"PRAGMA synchronous=OFF", // no power is cut here
		"CREATE TABLE model_jobs (user TEXT PRIMARY KEY)",
		"CREATE TABLE model_told (user TEXT, kind TEXT, event TEXT, tier TEXT)",
		"CREATE UNIQUE INDEX model_told_event ON model_told (event) WHERE event != ''",
	} {
		base.execute(t, statement)
	}
	collections := []string{"users", billing.CustomerCollection, billing.SubscriptionCollection, billing.IntentCollection, billing.EventCollection}
	step := func(e *core.RecordEvent) error {
		base.step()
		return e.Next()
	}
	base.OnRecordCreateExecute(collections...).BindFunc(step)
	base.OnRecordUpdateExecute(collections...).BindFunc(step)
	base.OnRecordAfterCreateSuccess(collections...).BindFunc(step)
	base.OnRecordAfterUpdateSuccess(collections...).BindFunc(step)
	for n := range 3 {
		base.users = append(base.users, base.newUser(t, fmt.Sprintf("climber%08d", n))) // a run must be able to come again
	}
	return base
}

func (base *modelBase) newUser(t testing.TB, name string) string {
	t.Helper()
	users, err := base.FindCollectionByNameOrId("users")
	if err != nil {
		t.Fatal(err)
	}
	user := core.NewRecord(users)
	user.Load(map[string]any{"id": name, "username": name, "email": name + "@example.com", "is_active": true, "tier": "free", "payment_status": "inactive"})
	user.SetPassword(pbtest.Password)
	if err := base.Save(user); err != nil {
		t.Fatal(err)
	}
	return user.Id
}

func (base *modelBase) step() {
	if base.run != nil {
		base.run.process.step(nil)
	}
}

type fataler interface {
	Helper()
	Fatal(args ...any)
}

func (base *modelBase) execute(t fataler, statement string) {
	t.Helper()
	if _, err := base.NonconcurrentDB().NewQuery(statement).Execute(); err != nil {
		t.Fatal(statement, err)
	}
}

// newModel empties the database and starts a run.
func newModel(t *rapid.T, base *modelBase) *model {
	premium := rapid.SampledFrom([]string{pricePremium, pricePremium, priceTrial}).Draw(t, "price of premium")
	for _, table := range []string{"model_jobs", "model_told", billing.IntentCollection, billing.EventCollection, billing.SubscriptionCollection, billing.CustomerCollection} {
		base.execute(t, "DELETE FROM "+table)
	}
	base.run = nil
	base.execute(t, "UPDATE users SET email=username || '@example.com', is_active=TRUE, deactivated_at='', tier='free', payment_status='inactive'")
	m := &model{
		modelBase: base, users: base.users[:rapid.IntRange(1, len(base.users)).Draw(t, "users")], calm: true, premium: premium, tiers: map[string]string{priceBasic: "basic", premium: "premium"}, keys: map[string]string{},
		history: newHistory(),
	}
	m.setPlans(t)
	m.stripe = newModelStripe(t, rapid.SampledFrom([]string{"canceled", "unpaid"}).Draw(t, "dunning"))
	m.restart()
	base.run = m
	base.counts.runs.Add(1)
	return m
}

func (m *model) setPlans(t fataler) {
	former := "[]"
	if m.tiers[priceOther] != "" {
		former = `["` + priceOther + `"]`
	}
	m.execute(t, "UPDATE plans SET stripe_former_prices='[]', stripe_price='"+priceBasic+"' WHERE tier='basic'")
	m.execute(t, "UPDATE plans SET stripe_former_prices='"+former+"', stripe_price='"+m.premium+"' WHERE tier='premium'")
	m.unsold = false
}

func newModelStripe(t *rapid.T, dunning string) *sandbox.Sandbox {
	begin := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	stripe, err := sandbox.New(sandbox.Config{
		SecretKey: secretKey, WebhookSecret: webhookSecret, BaseURL: "https://pay.example.com", Hold: true, Prefix: "1", Dunning: dunning,
		Now: func() time.Time { return begin },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stripe.Close)
	for id, amount := range map[string]int64{priceBasic: amountBasic, pricePremium: amountPremium, priceOther: 777} {
		stripe.AddPrice(sandbox.Price{ID: id, Nickname: id, Currency: "usd", Interval: "month", Amount: amount})
	}
	stripe.AddPrice(sandbox.Price{ID: priceTrial, Nickname: "trial", Currency: "usd", Interval: "month", Amount: amountPremium, TrialDays: 14})
	return stripe
}

// process is one life of the server.
type process struct {
	*billing.Billing
	fuse     atomic.Int64 // steps until it dies; 0: it does not
	dead     atomic.Bool
	inFlight bool // a request that was about to be sent when it died arrives some time
}

// died is what the goroutines of a dead process panic with: no error is handled, and nothing more is written or sent.
type died struct{}

// step is a point at which the process can die: before and after each write to the database and each call of Stripe.
func (p *process) step(last func()) {
	if p.dead.Load() {
		panic(died{})
	}
	if p.fuse.Load() > 0 && p.fuse.Add(-1) == 0 {
		p.dead.Store(true)
		if p.inFlight && last != nil {
			last()
		}
		panic(died{})
	}
}

// restart starts a process on what the last one left.
func (m *model) restart() {
	m.process = &process{}
	m.process.Billing = billing.New(billing.Config{
		SecretKey: secretKey, WebhookSecrets: []string{webhookSecret}, Transport: &wire{m, m.process, sandbox.Transport(m.stripe.API())}, Retries: -1,
		Now: m.stripe.Now, SiteURL: func(core.App) string { return site }, PerSecond: 1e6, Tell: tellModel,
	})
}

// tellModel notes what users are told, once for each key, as the outbox does.
func tellModel(txApp core.App, event billing.Event) error {
	_, err := txApp.DB().NewQuery("INSERT OR IGNORE INTO model_told VALUES ({:user}, {:kind}, {:event}, {:tier})").Bind(dbx.Params{
		"user": event.UserID, "kind": string(event.Kind), "event": event.Key, "tier": event.Tier,
	}).Execute()
	return err
}

// wire is the way of a process to Stripe.
type wire struct {
	m       *model
	process *process
	stripe  http.RoundTripper
}

func (w *wire) RoundTrip(request *http.Request) (*http.Response, error) {
	body := []byte{}
	if request.Body != nil {
		body, _ = io.ReadAll(request.Body) // of a buffer
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	w.m.inspect(request, string(body))
	later := func() { w.m.delay(request, body) }
	w.process.step(later)
	if request.Method != http.MethodGet && w.m.delayed.Load() > 0 && w.m.delayed.Add(-1) >= 0 {
		later()
		return nil, errors.New("connection timed out")
	}
	response, err := w.stripe.RoundTrip(request)
	if err == nil && response.StatusCode == http.StatusBadRequest {
		answer, _ := io.ReadAll(response.Body)
		response.Body = io.NopCloser(bytes.NewReader(answer))
		w.m.refusal(request, string(answer))
	}
	w.process.step(nil)
	return response, err
}

func (m *model) delay(request *http.Request, body []byte) {
	m.counts.late.Add(1)
	again := request.Clone(context.Background())
	again.Body = io.NopCloser(bytes.NewReader(body))
	m.mu.Lock()
	defer m.mu.Unlock()
	m.late = append(m.late, again)
}

// arrive lets the requests that are late arrive. Nobody waits for their answers.
func (m *model) arrive() {
	m.mu.Lock()
	late := m.late
	m.late = nil
	m.mu.Unlock()
	for _, request := range late {
		if response, err := sandbox.Transport(m.stripe.API()).RoundTrip(request); err == nil {
			response.Body.Close()
		}
	}
}

// problem is something that must not be. Its kind tells rapid that a shorter run failed in the same way.
type problem struct{ kind, text string }

func (m *model) problem(format string, args ...any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.problems = append(m.problems, problem{format, fmt.Sprintf(format, args...)})
}

// kindOf is the kind of intent that a write needs, "" for one that needs none.
func kindOf(method, path string) string {
	switch {
	case method == http.MethodGet, path == "/v1/billing_portal/sessions":
		return ""
	case path == "/v1/customers":
		return "customer"
	case strings.HasPrefix(path, "/v1/customers/"):
		return "email"
	case path == "/v1/checkout/sessions":
		return "checkout"
	case strings.HasSuffix(path, "/expire"):
		return "expire"
	case method == http.MethodDelete:
		return "cancel"
	}
	return "change cancel_at_period_end resume"
}

// inspect holds what is true of every call: it has an intent that is committed, with a key of its own (I7), it is about
// its user's own things (I15), and no transaction waits for it (I9).
func (m *model) inspect(request *http.Request, body string) {
	if m.calm {
		if database, ok := m.NonconcurrentDB().(*dbx.DB); ok && database.DB().Stats().InUse > 0 {
			m.problem("%s %s is called inside a transaction", request.Method, request.URL.Path)
		}
	}
	kinds := kindOf(request.Method, request.URL.Path)
	if kinds == "" {
		return
	}
	var intent struct{ User, Kind, State, Object string }
	key := request.Header.Get("Idempotency-Key")
	err := m.ConcurrentDB().NewQuery("SELECT user, kind, state, object FROM stripe_intents WHERE key={:key}").Bind(dbx.Params{"key": key}).One(&intent)
	switch {
	case err != nil:
		m.problem("%s %s with key %q has no intent: %v", request.Method, request.URL.Path, key, err)
	case !strings.Contains(kinds, intent.Kind) || intent.State != "open" && intent.State != "unknown":
		m.problem("%s %s has an intent %s that is %s", request.Method, request.URL.Path, intent.Kind, intent.State)
	case intent.Object != "" && !strings.Contains(request.URL.Path, intent.Object):
		m.problem("%s %s has an intent about %s", request.Method, request.URL.Path, intent.Object)
	}
	m.mu.Lock()
	print := request.Method + request.URL.Path + body
	former, used := m.keys[key]
	m.keys[key] = print
	m.mu.Unlock()
	if used && former != print {
		m.problem("the key of %s %s was used before for another request", request.Method, request.URL.Path)
	}
}

// refusal notes requests that Stripe calls wrong. What is gone, and what ended meanwhile, is nobody's mistake.
func (m *model) refusal(request *http.Request, answer string) {
	for _, known := range []string{"resource_missing", "Only Checkout Sessions with a status in"} {
		if strings.Contains(answer, known) {
			return
		}
	}
	if !m.calm && strings.Contains(answer, "canceled subscription can only update") {
		return
	}
	m.problem("%s %s is refused: %s", request.Method, request.URL.Path, answer)
}

// result is what came of an operation.
type result struct {
	err      error
	fresh    bool   // Stripe was read: what is written down is true
	checkout string // the session to pay
	tier     string // that the session is for
	skipped  bool
}

func (r result) String() string {
	switch {
	case r.err != nil:
		return r.err.Error()
	case r.skipped:
		return "not done"
	case r.checkout != "":
		return "a checkout of " + r.tier + ": " + r.checkout
	}
	return "done"
}

// attempt does something in the process. Dead says that the process died in it.
func (m *model) attempt(work func(p *process) result) (r result, dead bool) {
	defer func() {
		switch reason := recover().(type) {
		case nil:
		case died:
			dead = true
		default:
			m.problem("panic: %v\n%s", reason, debug.Stack())
		}
	}()
	return work(m.process), false
}
