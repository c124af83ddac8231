package billing_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/logger"
	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/billing/sandbox"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// process is another billing on the database of a world.
func (w *world) process(configure ...func(*billing.Config)) *billing.Billing {
	config := billing.Config{
		SecretKey: secretKey, WebhookSecrets: []string{webhookSecret}, Transport: sandbox.Transport(w.stripe.API()), Retries: -1, Now: w.stripe.Now, PerSecond: 1e6,
		SiteURL: func(core.App) string { return site },
	}
	for _, change := range configure {
		change(&config)
	}
	return billing.New(config)
}

// missed makes customers who subscribed while nothing arrived here.
func (w *world) missed(t *testing.T, n int) (users []string) {
	t.Helper()
	for range n {
		userID := w.newUser(t)
		customer := w.newCustomer(t, userID)
		w.stripe.Subscribe(customer, priceBasic)
		users = append(users, userID)
	}
	return users
}

// newCustomer makes a user a customer without a checkout.
func (w *world) newCustomer(t *testing.T, userID string) string {
	t.Helper()
	customer, err := w.dashboard().Customers.New(&stripe.CustomerParams{Metadata: map[string]string{"user_id": userID}})
	if err != nil {
		t.Fatal(err)
	}
	addCustomer(t, w, userID, customer.ID)
	return customer.ID
}

func TestCase72_SweepAndReconciliationReadAllPages(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(*billing.Billing, context.Context, core.App, time.Time) error{
		"the sweep, of 250 events that were not delivered": func(b *billing.Billing, ctx context.Context, app core.App, _ time.Time) error {
			_, err := b.Sweep(ctx, app)
			return err
		},
		"the reconciliation, of 250 customers": func(b *billing.Billing, ctx context.Context, app core.App, now time.Time) error {
			_, done, err := b.Reconcile(ctx, app, now)
			if err == nil && !done {
				err = fmt.Errorf("it is not done")
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			users := w.missed(t, 250)
			if strings.Contains(name, "sweep") {
				w.dropAll()
			} else {
				forEachPending(w, w.stripe.MarkDelivered)
			}
			w.stripe.ResetCalls()
			b := w.process()
			now := w.stripe.Now().Add(time.Second)
			if err := run(b, t.Context(), w, now); err != nil {
				t.Fatal(err)
			}
			for _, userID := range users {
				w.wantTier(t, userID, "basic", "active")
			}
			if reads := len(w.sent("GET", "/v1/subscriptions")); reads != len(users) {
				t.Errorf("%d reads of %d customers", reads, len(users))
			}
			before, first := w.written(t), len(w.stripe.Calls())
			w.stripe.ResetCalls()
			if err := run(b, t.Context(), w, now); err != nil {
				t.Fatal(err)
			}
			if after := w.written(t); after != before {
				t.Error("the second run changed something")
			}
			if again := len(w.stripe.Calls()); again > first || w.writes() != 0 {
				t.Errorf("the second run made %d calls (%d writes), the first %d", again, w.writes(), first)
			}
			w.wantNothingUndone(t)
		})
	}
}

// A customer's subscriptions come in pages too, and the one that counts may be on the last.
func TestCase72_AllPagesOfOneCustomer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	customer := w.newCustomer(t, pbtest.OwnerID)
	current := w.stripe.Subscribe(customer, pricePremium)
	for range 249 {
		if err := w.stripe.CancelSubscription(w.stripe.Subscribe(customer, priceBasic)); err != nil {
			t.Fatal(err)
		}
	}
	forEachPending(w, w.stripe.MarkDelivered)
	w.stripe.ResetCalls()
	if answer := w.subscription(t, pbtest.OwnerID); answer.Map(t)["stripe_subscription_id"] != current {
		t.Errorf("%s, want %s", answer.Body, current)
	}
	w.wantTier(t, pbtest.OwnerID, "premium", "active")
	if pages := len(w.sent("GET", "/v1/subscriptions")); pages != 3 {
		t.Errorf("%d pages", pages)
	}
	mirrored, err := w.CountRecords(billing.SubscriptionCollection)
	if err != nil || mirrored != 250 {
		t.Errorf("%d in the mirror, %v", mirrored, err)
	}
}

// Two sweeps at once share the limit on calls, and change nothing that one would not.
func TestCase72_TwoSweepsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const customers, perSecond = 20, 100
	users := w.missed(t, customers)
	w.dropAll()
	w.stripe.Subscribe(w.customer(t, users[0]), pricePremium) // one that is to be cancelled, once
	w.dropAll()
	w.stripe.ResetCalls()
	b := w.process(func(c *billing.Config) { c.PerSecond = perSecond })
	begin := time.Now()
	together(2, func(int) {
		if _, err := b.Sweep(t.Context(), w); err != nil {
			t.Error(err)
		}
	})
	took := time.Since(begin)
	reads := len(w.sent("GET", "/v1/subscriptions"))
	if reads > 2*customers+1 { // one more after the cancellation
		t.Errorf("%d reads of %d customers by two sweeps", reads, customers)
	}
	if least := time.Duration(reads-2) * time.Second / perSecond; took < least {
		t.Errorf("%d reads in %v: that is more than %d a second", reads, took, perSecond)
	}
	if w.writes() != 1 {
		t.Errorf("%d writes, want the one cancellation", w.writes())
	}
	for _, userID := range users {
		w.wantInvariants(t, userID)
	}
	w.wantKeys(t)
}

// A server whose clock is off refuses good signatures, says so in log and metrics, and loses nothing: the sweep looks.
func TestCase74_ClockIsOffByTenMinutes(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{10 * time.Minute, -10 * time.Minute} {
		t.Run(skew.String(), func(t *testing.T) {
			t.Parallel()
			metricsAddress := pbtest.FreeAddress(t)
			var now func() time.Time
			w := newUnusualWorld(t, unusual{deps: func(deps *hooks.Deps) {
				stripeNow := deps.Now
				now = func() time.Time { return stripeNow().Add(skew) }
				deps.Now, deps.Metrics = now, metricsAddress
			}})
			w.Settings().Logs.MaxDays = 5 // test apps keep none
			w.paid(t, "basic")
			for _, event := range w.stripe.Pending() {
				if status, err := w.stripe.Deliver(event.ID); err != nil || status != http.StatusBadRequest {
					t.Errorf("%s: status %d, %v", event.Type, status, err)
				}
			}
			w.wantTier(t, pbtest.OwnerID, "free", "inactive")
			mustNot(t, w.Logger().Handler().(*logger.BatchHandler).WriteAll(t.Context()))
			logged, err := logsAbout(w, "is the clock of this server right?")
			if err != nil || logged == 0 {
				t.Errorf("the log says nothing of it, %v", err)
			}
			if metrics := scrape(t, metricsAddress); !regexp.MustCompile(`billing_alerts_total\{[^}]*"clock_skew"[^}]*\} [1-9]`).MatchString(metrics) {
				t.Errorf("no metric of it: %s", linesWith(metrics, "alert"))
			}
			if _, err := w.process(func(c *billing.Config) { c.Now = now }).Sweep(t.Context(), w); err != nil {
				t.Fatal(err)
			}
			w.wantTier(t, pbtest.OwnerID, "basic", "active")
			w.wantInvariants(t, pbtest.OwnerID)
		})
	}
}

func logsAbout(w *world, text string) (count int, err error) {
	err = w.AuxDB().Select("count(*)").From("_logs").Where(dbx.Like("message", text)).Row(&count)
	return count, err
}

func scrape(t *testing.T, address string) string {
	t.Helper()
	response, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var body strings.Builder
	if err := response.Write(&body); err != nil {
		t.Fatal(err)
	}
	return body.String()
}

func linesWith(text, part string) string {
	lines := strings.Split(text, "\n")
	return strings.Join(slices.DeleteFunc(lines, func(line string) bool { return !strings.Contains(line, part) }), "\n")
}

// Every kind of call that we make is well formed for API 2023-10-16.
func TestCase76_EveryKindOfCallKeepsToTheContract(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	kinds := map[string]bool{}
	ids := regexp.MustCompile(`/(cus|sub|cs_test|in|price|evt)_\w+`)
	w := newUnusualWorld(t, unusual{stripe: func(c *sandbox.Config) {
		contract := c.Check
		c.Check = func(r *http.Request, body []byte) (int, []byte) {
			status, answer := contract(r, body)
			mu.Lock()
			defer mu.Unlock()
			kinds[r.Method+" "+ids.ReplaceAllString(r.URL.Path, "/*")] = true
			if status != 0 {
				t.Errorf("%s %s: %d %s", r.Method, r.URL.Path, status, answer)
			}
			if version := r.Header.Get("Stripe-Version"); version != sandbox.APIVersion {
				t.Errorf("%s %s for API version %q", r.Method, r.URL.Path, version)
			}
			return status, answer
		}
	}})
	w.useEverything(t)
	for _, kind := range []string{
		"POST /v1/customers", "GET /v1/customers", "POST /v1/customers/*", "DELETE /v1/customers/*", "GET /v1/prices/*",
		"POST /v1/checkout/sessions", "GET /v1/checkout/sessions", "GET /v1/checkout/sessions/*", "POST /v1/checkout/sessions/*/expire",
		"GET /v1/subscriptions", "GET /v1/subscriptions/*", "POST /v1/subscriptions/*", "DELETE /v1/subscriptions/*",
		"GET /v1/invoices", "GET /v1/invoices/upcoming", "POST /v1/billing_portal/sessions", "GET /v1/events",
	} {
		if !kinds[kind] {
			t.Errorf("%s was not made: it is not checked", kind)
		}
		delete(kinds, kind)
	}
	if len(kinds) != 0 {
		t.Errorf("calls that nobody expects: %v", kinds)
	}
}

// useEverything lets users do all there is to do, with failures that make us look for what happened.
func (w *world) useEverything(t *testing.T) {
	t.Helper()
	lose := func(path string) {
		w.stripe.Fault(sandbox.Fault{Method: "POST", Path: path, Times: 1, Drop: true, After: true})
	}
	owner := pbtest.OwnerID
	lose("/v1/customers")
	wantCode(t, w.subscribe(t, owner, "basic"), 503, "stripe_unavailable")
	lose("/v1/checkout/sessions")
	wantCode(t, w.subscribe(t, owner, "basic"), 503, "stripe_unavailable")
	w.checkout(t, owner, "basic")
	session := w.checkout(t, owner, "premium") // which expires the first one
	if err := w.stripe.Pay(session, sandbox.CardPays); err != nil {
		t.Fatal(err)
	}
	if answer := w.as(t, owner, "GET", "/v1/billing/return?session_id="+session, nil); answer.Status != http.StatusSeeOther {
		t.Errorf("return: status %d: %s", answer.Status, answer.Body)
	}
	w.deliverAll(t)
	for _, answer := range []pbtest.Response{
		w.subscription(t, owner), w.preview(t, owner, "basic"), w.invoices(t, owner, "?limit=1"), w.subscribe(t, owner, "basic"), w.cancel(t, owner, true), w.preview(t, owner, "premium"),
		w.resume(t, owner), w.Do(t, pbtest.Superuser, "POST", "/v1/admin/users/"+owner+"/billing-sync", nil),
	} {
		wantCode(t, answer, 200, "")
	}
	if answer := w.portal(t, owner); answer.Status != http.StatusCreated {
		t.Errorf("portal: status %d: %s", answer.Status, answer.Body)
	}
	lose("/v1/subscriptions")
	wantCode(t, w.subscribe(t, owner, "premium"), 503, "stripe_unavailable")
	w.deliverAll(t)
	wantCode(t, w.cancel(t, owner, false), http.StatusOK, "")
	basic, err := w.FindFirstRecordByData("plans", "tier", "basic")
	mustNot(t, err)
	wantCode(t, w.Do(t, pbtest.Superuser, "PATCH", "/api/collections/plans/records/"+basic.Id, map[string]any{"stripe_price": priceTrial}), http.StatusOK, "")
	user, err := w.FindRecordById("users", owner)
	if err != nil {
		t.Fatal(err)
	}
	user.SetEmail("olga.anew@example.com")
	mustNot(t, w.Save(user))
	w.settled(t)
	w.sweep(t)
	if job := w.run(t, "billing_reconcile"); job.GetString("state") != "done" {
		t.Errorf("reconciliation: %s", job.GetString("last_error"))
	}
	w.checkout(t, pbtest.StrangerID, "premium")
	if answer := w.leave(t, pbtest.StrangerID); answer.Status != http.StatusOK {
		t.Errorf("leave: status %d: %s", answer.Status, answer.Body)
	}
	wantCode(t, w.Do(t, pbtest.Superuser, "DELETE", "/api/collections/users/records/"+owner, nil), http.StatusNoContent, "")
	w.settled(t)
}
