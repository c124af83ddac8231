package billing_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/billing/sandbox"
	"github.com/cragbase/cragbase/internal/billing/sandbox/contract"
	"github.com/cragbase/cragbase/internal/jobs"
	"github.com/cragbase/cragbase/internal/pbtest"
	"github.com/cragbase/cragbase/internal/plan"
)

// What the worlds of the tests have in common.
const (
	secretKey     = "sk_test_world"
	webhookSecret = "whsec_world"
	site          = "https://climb.example.com"
	priceBasic    = "price_basic"
	pricePremium  = "price_premium"
	priceTrial    = "price_trial" // of no plan, until a test gives it to one
	amountBasic   = 999
	amountPremium = 2999
)

// check refuses every request that the API of stripe-go's version would refuse.
var check = sync.OnceValues(contract.New)

// world is a Cragbase beside a Stripe, with one clock.
type world struct {
	*pbtest.App
	stripe *sandbox.Sandbox
}

// unusual is what a world has besides the usual.
type unusual struct {
	stripe func(*sandbox.Config)
	deps   func(*hooks.Deps)
}

// newWorld starts both. Webhooks are held until they are delivered. Every call to Stripe is checked against the contract,
// and fails the test when it is made while a transaction holds the database.
func newWorld(t testing.TB, configure ...func(*billing.Config)) *world {
	t.Helper()
	return newUnusualWorld(t, unusual{}, configure...)
}

func newUnusualWorld(t testing.TB, u unusual, configure ...func(*billing.Config)) *world {
	t.Helper()
	w := &world{}
	w.stripe = newStripe(t, u.stripe, http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) { w.App.Handler.ServeHTTP(response, request) }))
	config := billing.Config{
		SecretKey: secretKey, WebhookSecrets: []string{webhookSecret}, Transport: sandbox.Transport(w.stripe.API()), Retries: -1,
		SiteURL: func(core.App) string { return site }, PerSecond: 1e6,
	}
	for _, change := range configure {
		change(&config)
	}
	w.App = pbtest.New(t, func(deps *hooks.Deps) {
		deps.Billing, deps.Now, deps.Crons = config, w.stripe.Now, map[string]string{}
		for name := range hooks.Schedules() {
			deps.Crons[name] = "0 0 1 1 *" // tests count calls: nothing runs by itself
		}
		if u.deps != nil {
			u.deps(deps)
		}
	})
	sellPlans(t, w)
	watchTransactions(t, w, w.stripe, 10*time.Second)
	return w
}

// newStripe starts a sandbox whose webhooks go to a handler.
func newStripe(t testing.TB, configure func(*sandbox.Config), receiver http.Handler) *sandbox.Sandbox {
	t.Helper()
	validate, err := check()
	if err != nil {
		t.Fatal(err)
	}
	config := sandbox.Config{
		SecretKey: secretKey, WebhookSecret: webhookSecret, WebhookURL: site + "/v1/stripe/webhook", BaseURL: "https://pay.example.com", Hold: true, Check: validate,
		Client: &http.Client{Transport: sandbox.Transport(receiver)},
	}
	if configure != nil {
		configure(&config)
	}
	stripe, err := sandbox.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stripe.Close)
	for id, amount := range map[string]int64{priceBasic: amountBasic, pricePremium: amountPremium} {
		stripe.AddPrice(sandbox.Price{ID: id, Nickname: id, Currency: "usd", Interval: "month", Amount: amount})
	}
	stripe.AddPrice(sandbox.Price{ID: priceTrial, Nickname: "trial", Currency: "usd", Interval: "month", Amount: amountBasic, TrialDays: 14})
	return stripe
}

func sellPlans(t testing.TB, app core.App) {
	t.Helper()
	if err := plan.SetStripePrices(app, map[string]string{"basic": priceBasic, "premium": pricePremium}); err != nil {
		t.Fatal(err)
	}
}

// watchTransactions fails the test when Stripe is called while a transaction is open (I9): a write that waits for the one
// connection would never get it.
func watchTransactions(t testing.TB, app core.App, stripe *sandbox.Sandbox, patience time.Duration) {
	t.Helper()
	if _, err := app.NonconcurrentDB().NewQuery("CREATE TABLE probe (n INTEGER)").Execute(); err != nil {
		t.Fatal(err)
	}
	stripe.OnCall(func(call sandbox.Call) {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if _, err := app.NonconcurrentDB().NewQuery("DELETE FROM probe").WithContext(ctx).Execute(); err != nil && ctx.Err() != nil {
			t.Errorf("%s %s was called inside a transaction: %v", call.Method, call.Path, err)
		}
	})
}

// as sends a request of a user.
func (w *world) as(t testing.TB, userID, method, path string, body any, header ...string) pbtest.Response {
	t.Helper()
	token := ""
	if userID != "" {
		token = w.TokenOf(t, userID)
	}
	request := pbtest.NewRequest(t, method, path, token, body)
	for n := 0; n+1 < len(header); n += 2 {
		request.Header.Set(header[n], header[n+1])
	}
	return w.Send(t, request)
}

// subscribe asks for a tier and returns the answer.
func (w *world) subscribe(t testing.TB, userID, tier string) pbtest.Response {
	t.Helper()
	return w.as(t, userID, "POST", "/v1/users/me/subscribe", map[string]any{"desired_tier": tier})
}

// checkout asks for a tier and returns the session to pay.
func (w *world) checkout(t testing.TB, userID, tier string) string {
	t.Helper()
	response := w.subscribe(t, userID, tier)
	if response.Status != http.StatusCreated {
		t.Fatalf("subscribe to %s: status %d: %s", tier, response.Status, response.Body)
	}
	id, _ := response.Map(t)["session_id"].(string)
	return id
}

// subscribed brings a user to a paid tier: checkout, payment, all webhooks.
func (w *world) subscribed(t testing.TB, userID, tier string) *stripe.Subscription {
	t.Helper()
	if err := w.stripe.Pay(w.checkout(t, userID, tier), sandbox.CardPays); err != nil {
		t.Fatal(err)
	}
	w.deliverAll(t)
	w.wantTier(t, userID, tier, "active")
	live := w.stripe.Live(w.customer(t, userID))
	if len(live) != 1 {
		t.Fatalf("%d live subscriptions, want 1", len(live))
	}
	return live[0]
}

// deliverAll delivers every webhook that waits, in order, and wants each to be taken.
func (w *world) deliverAll(t testing.TB) {
	t.Helper()
	for len(w.stripe.Pending()) > 0 {
		for _, event := range w.stripe.Pending() {
			if status, err := w.stripe.Deliver(event.ID); err != nil || status != http.StatusOK {
				t.Fatalf("deliver %s: status %d, %v", event.Type, status, err)
			}
		}
	}
}

// dropAll loses every webhook that waits.
func (w *world) dropAll() {
	for _, event := range w.stripe.Pending() {
		w.stripe.Drop(event.ID)
	}
}

// post delivers a webhook of the test's own making.
func (w *world) post(t testing.TB, payload, signature string) pbtest.Response {
	t.Helper()
	request := httptest.NewRequest(http.MethodPost, "/v1/stripe/webhook", strings.NewReader(payload))
	request.Header.Set("Content-Type", "application/json")
	if signature != "" {
		request.Header.Set("Stripe-Signature", signature)
	}
	return w.Send(t, request)
}

// customer is a user's customer at Stripe, "" for none.
func (w *world) customer(t testing.TB, userID string) string {
	t.Helper()
	var customer string
	err := w.DB().Select("coalesce(max(customer), '')").From(billing.CustomerCollection).Where(dbx.HashExp{"user": userID}).Row(&customer)
	if err != nil {
		t.Fatal(err)
	}
	return customer
}

// wantTier checks what is written down of a user.
func (w *world) wantTier(t testing.TB, userID, tier, status string) {
	t.Helper()
	user, err := w.FindRecordById("users", userID)
	if err != nil {
		t.Fatal(err)
	}
	if user.GetString("tier") != tier || user.GetString("payment_status") != status {
		t.Errorf("%s: %s and %s, want %s and %s", user.GetString("username"), user.GetString("tier"), user.GetString("payment_status"), tier, status)
	}
}

// wantCode checks status and code of an answer.
func wantCode(t testing.TB, response pbtest.Response, status int, code string) {
	t.Helper()
	if response.Status != status || code != "" && response.Map(t)["code"] != code {
		t.Errorf("status %d: %s; want %d %s", response.Status, response.Body, status, code)
	}
}

// charged is the sum of all money that moved.
func (w *world) charged() int64 {
	var sum int64
	for _, charge := range w.stripe.Ledger() {
		sum += charge.Amount
	}
	return sum
}

// writes counts the calls since the last ResetCalls that were meant to change something.
func (w *world) writes() int {
	count := 0
	for _, call := range w.stripe.Calls() {
		if call.Method != http.MethodGet {
			count++
		}
	}
	return count
}

// run runs a job to its end: done, or dead, or waiting for its next attempt.
func (w *world) run(t testing.TB, kind string) *core.Record {
	t.Helper()
	var id string
	err := w.RunInTransaction(func(txApp core.App) (err error) {
		id, err = jobs.Enqueue(txApp, kind, map[string]any{}, jobs.Options{RunAt: w.stripe.Now()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return w.waitForJob(t, func(job *core.Record) bool {
		return job.Id == id && (job.GetString("state") == jobs.Done || job.GetString("state") == jobs.Dead || job.GetString("last_error") != "")
	})
}

// sweep runs the sweep and wants it to work.
func (w *world) sweep(t testing.TB) {
	t.Helper()
	if job := w.run(t, "billing_sweep"); job.GetString("state") != jobs.Done {
		t.Fatalf("sweep: %s: %s", job.GetString("state"), job.GetString("last_error"))
	}
}

// settled waits until no job of billing is left to do.
func (w *world) settled(t testing.TB) {
	t.Helper()
	eventually(t, "no job of billing is left", func() bool {
		count, err := w.CountRecords(jobs.Collection, dbx.HashExp{"kind": []any{"billing", "stripe_settle", "stripe_delete_customer"}, "state": []any{jobs.Queued, jobs.Running}})
		return err == nil && count == 0
	})
}

func (w *world) waitForJob(t testing.TB, ended func(*core.Record) bool) *core.Record {
	t.Helper()
	var found *core.Record
	eventually(t, "the job ends", func() bool {
		all, err := w.FindAllRecords(jobs.Collection)
		if err != nil {
			t.Fatal(err)
		}
		for _, job := range all {
			if ended(job) {
				found = job
			}
		}
		return found != nil
	})
	return found
}

// eventually waits for what happens in the background.
func eventually(t testing.TB, what string, happened func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !happened() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("it does not come to pass: %s", what)
		}
	}
}

// newUser adds a user to the world.
func (w *world) newUser(t testing.TB) string {
	t.Helper()
	users, err := w.FindCollectionByNameOrId("users")
	if err != nil {
		t.Fatal(err)
	}
	user := core.NewRecord(users)
	name := fmt.Sprintf("climber%d", userNumber.Add(1))
	user.Load(map[string]any{"username": name, "email": name + "@example.com"})
	user.SetPassword(pbtest.Password)
	if err := w.Save(user); err != nil {
		t.Fatal(err)
	}
	return user.Id
}

var userNumber atomic.Int64
