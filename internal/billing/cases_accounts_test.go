package billing_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/logger"
	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/billing/sandbox"
	"github.com/cragbase/cragbase/internal/jobs"
	"github.com/cragbase/cragbase/internal/pbtest"
)

func TestCase59_CustomerDeletedAtStripe(t *testing.T) {
	t.Parallel()
	for name, learn := range map[string]func(*world){
		"told by events":           func(w *world) { w.deliverAll(t) },
		"found by a read":          func(w *world) { w.dropAll(); w.subscription(t, pbtest.OwnerID) },
		"found by the next choice": func(w *world) { w.dropAll() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			old := w.subscribed(t, pbtest.OwnerID, "basic")
			mustNot(t, w.stripe.DeleteCustomer(old.Customer.ID))
			learn(w)
			if name != "found by the next choice" {
				w.wantTier(t, pbtest.OwnerID, "free", "cancelled")
				w.wantMirror(t, old.ID, map[string]string{"status": "canceled"})
				wantBody(t, w.subscription(t, pbtest.OwnerID), 200, map[string]any{"tier": "free", "payment_status": "cancelled", "stripe_subscription_id": nil})
				wantCode(t, w.portal(t, pbtest.OwnerID), 409, "no_subscription")
				wantCode(t, w.cancel(t, pbtest.OwnerID, false), 409, "no_subscription")
				wantBody(t, w.as(t, pbtest.OwnerID, "GET", "/v1/users/me/invoices", nil), 200, nil)
			}
			w.stripe.ResetCalls()
			session := w.checkout(t, pbtest.OwnerID, "premium")
			now := w.customer(t, pbtest.OwnerID)
			if generation := w.row(t, pbtest.OwnerID).GetInt("generation"); now == old.Customer.ID || now == "" || generation != 2 {
				t.Errorf("customer %s of generation %d, after %s", now, generation, old.Customer.ID)
			}
			if made := w.sent("POST", "/v1/customers"); len(made) != 1 || made[0].Replayed || made[0].Key == "" {
				t.Errorf("customers were made by %+v", made)
			}
			w.wantTier(t, pbtest.OwnerID, "free", "cancelled")
			w.wantMirror(t, old.ID, map[string]string{"status": "canceled"})
			mustNot(t, w.stripe.Pay(session, sandbox.CardPays))
			w.deliverAll(t)
			w.wantTier(t, pbtest.OwnerID, "premium", "active")
			w.wantCharges(t, old.Customer.ID, amountBasic)
			w.wantCharges(t, now, amountPremium)

			// What comes late about the former customer is about nobody.
			for _, event := range w.stripe.Events() {
				if event.Customer != old.Customer.ID {
					continue
				}
				if status, err := w.stripe.Deliver(event.ID); err != nil || status != 200 {
					t.Errorf("%s: status %d, %v", event.Type, status, err)
				}
			}
			w.wantTier(t, pbtest.OwnerID, "premium", "active")
			w.wantMails(t, pbtest.OwnerID, "subscription_started", "subscription_cancelled", "subscription_started")
			w.wantNothingUndone(t)
		})
	}
}

// An open checkout goes with its customer, and does not stand in the way of the next one.
func TestCase59_CustomerDeletedDuringCheckout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.checkout(t, pbtest.OwnerID, "basic")
	gone := w.customer(t, pbtest.OwnerID)
	mustNot(t, w.stripe.DeleteCustomer(gone))
	w.deliverAll(t)
	second := w.checkout(t, pbtest.OwnerID, "basic")
	if second == first {
		t.Fatal("the session of the deleted customer, which cannot be paid")
	}
	mustNot(t, w.stripe.Pay(second, sandbox.CardPays))
	w.deliverAll(t)
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
}

func TestCase61_UnknownPriceForASubscriber(t *testing.T) {
	t.Parallel()
	w, metrics := newMeasuredWorld(t)
	sub := w.subscribed(t, pbtest.OwnerID, "basic")
	w.stripe.AddPrice(sandbox.Price{ID: "price_team", Currency: "usd", Interval: "month", Amount: 4999})
	_, err := w.dashboard().Subscriptions.Update(sub.ID, &stripe.SubscriptionParams{
		Items: []*stripe.SubscriptionItemsParams{{ID: stripe.String(sub.Items.Data[0].ID), Price: stripe.String("price_team")}}, ProrationBehavior: stripe.String("none"),
	})
	mustNot(t, err)
	w.deliverAll(t) // wants 200
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
	w.wantMirror(t, sub.ID, map[string]string{"price": "price_team", "tier": "", "status": "active"})
	if alert := w.row(t, pbtest.OwnerID).GetString("alert"); alert != "unknown_price" {
		t.Errorf("alert %q", alert)
	}
	wantMetrics(t, metrics, `cragbase_billing_alerts_total{kind="unknown_price"} 1`)
	wantBody(t, w.subscription(t, pbtest.OwnerID), 200, map[string]any{"tier": "basic", "payment_status": "active", "next_billing_amount": 4999})
	wantMetrics(t, metrics, `cragbase_billing_alerts_total{kind="unknown_price"} 1`) // once, not at every read

	w.setPlan(t, "premium", map[string]any{"stripe_former_prices": []string{"price_team"}})
	w.advance(t, 2*time.Hour)
	w.sweep(t)
	w.wantTier(t, pbtest.OwnerID, "premium", "active")
	w.wantMirror(t, sub.ID, map[string]string{"tier": "premium"})
	if alert := w.row(t, pbtest.OwnerID).GetString("alert"); alert != "" {
		t.Errorf("alert %q stays", alert)
	}
	w.wantPlans(t, pbtest.OwnerID, "free>basic", "basic>premium")
}

func TestCase61_UnknownPriceForAFreeUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.checkout(t, pbtest.OwnerID, "basic") // makes the customer
	w.stripe.AddPrice(sandbox.Price{ID: "price_team", Currency: "usd", Interval: "month", Amount: 4999})
	sub := w.stripe.Subscribe(w.customer(t, pbtest.OwnerID), "price_team")
	w.deliverAll(t)
	w.wantTier(t, pbtest.OwnerID, "free", "active")
	w.wantMirror(t, sub, map[string]string{"price": "price_team", "tier": "", "status": "active"})
	w.wantMails(t, pbtest.OwnerID)
	w.setPlan(t, "premium", map[string]any{"stripe_former_prices": []string{"price_team"}})
	w.advance(t, 2*time.Hour)
	w.sweep(t)
	w.wantTier(t, pbtest.OwnerID, "premium", "active")
	if w.current(t, pbtest.OwnerID).ID != sub {
		t.Error("it is not the same subscription")
	}
	w.wantPlans(t, pbtest.OwnerID, "free>premium")
}

func TestCase63_SubscriptionMadeInTheDashboard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	open := w.checkout(t, pbtest.OwnerID, "basic")
	customer := w.customer(t, pbtest.OwnerID)
	sub := w.stripe.Subscribe(customer, pricePremium)
	w.deliverAll(t)
	w.wantTier(t, pbtest.OwnerID, "premium", "active")
	w.wantMirror(t, sub, map[string]string{"user": pbtest.OwnerID, "tier": "premium"})
	if got := w.row(t, pbtest.OwnerID).GetString("subscription"); got != sub {
		t.Errorf("%q counts", got)
	}
	w.wantMails(t, pbtest.OwnerID, "subscription_started")
	w.wantPlans(t, pbtest.OwnerID, "free>premium")
	wantCode(t, w.subscribe(t, pbtest.OwnerID, "premium"), 409, "already_subscribed")

	// The user goes on with it as with one of their own.
	wantBody(t, w.subscribe(t, pbtest.OwnerID, "basic"), 200, map[string]any{"subscription.tier": "basic", "subscription.stripe_subscription_id": sub})
	w.wantPrice(t, pbtest.OwnerID, priceBasic)
	if err := w.stripe.Pay(open, sandbox.CardPays); err == nil {
		w.deliverAll(t)
		w.wantTier(t, pbtest.OwnerID, "basic", "active")
		w.wantPrice(t, pbtest.OwnerID, priceBasic) // and there is one alone
	}
}

func TestCase69_CustomersAreNeverShared(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	// Somebody else at Stripe has the owner's address, and pays for premium.
	foreign, err := w.dashboard().Customers.New(&stripe.CustomerParams{Email: stripe.String(pbtest.OwnerEmail)})
	mustNot(t, err)
	w.stripe.Subscribe(foreign.ID, pricePremium)
	w.deliverAll(t)
	wantBody(t, w.subscription(t, pbtest.OwnerID), 200, map[string]any{"tier": "free", "source": "local"})
	first := w.subscribed(t, pbtest.OwnerID, "basic").Customer.ID
	if first == foreign.ID {
		t.Error("a customer was taken over by its address")
	}
	// Another user gets the address that the owner had before.
	owner, err := w.FindRecordById("users", pbtest.OwnerID)
	mustNot(t, err)
	owner.SetEmail("olga.new@example.com")
	mustNot(t, w.Save(owner))
	stranger, err := w.FindRecordById("users", pbtest.StrangerID)
	mustNot(t, err)
	stranger.SetEmail(pbtest.OwnerEmail)
	mustNot(t, w.Save(stranger))
	second := w.subscribed(t, pbtest.StrangerID, "premium").Customer.ID
	if second == first || second == foreign.ID {
		t.Errorf("customers %s, %s and %s", foreign.ID, first, second)
	}
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
	w.wantTier(t, pbtest.StrangerID, "premium", "active")
	w.cancel(t, pbtest.StrangerID, false)
	w.deliverAll(t)
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
	w.wantTier(t, pbtest.StrangerID, "free", "cancelled")
	if live := w.stripe.Live(foreign.ID); len(live) != 1 {
		t.Errorf("the foreign customer has %d subscriptions", len(live))
	}
}

func TestCase73_TooManyChangesInADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sub := w.subscribed(t, pbtest.OwnerID, "basic")
	w.stripe.SetCard(sub.Customer.ID, sandbox.CardPays)
	flips, response := 0, pbtest.Response{}
	for flips = range 21 {
		w.stripe.Advance(10 * time.Minute)
		w.stripe.ResetCalls()
		if response = w.subscribe(t, pbtest.OwnerID, []string{"premium", "basic"}[flips%2]); response.Status != 200 {
			break
		}
	}
	if flips != 18 {
		t.Errorf("%d changes went through, want 18", flips)
	}
	wantCode(t, response, 429, "rate_limited")
	if response.Header.Get("Retry-After") == "" {
		t.Error("it does not say when to try again")
	}
	w.wantNoWrites(t, "one change too many")
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
	w.wantPrice(t, pbtest.OwnerID, priceBasic)
	w.deliverAll(t)
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
	wantBody(t, w.cancel(t, pbtest.OwnerID, true), 200, nil) // which makes no invoice
	w.stripe.Advance(24 * time.Hour)
	wantBody(t, w.subscribe(t, pbtest.OwnerID, "premium"), 200, map[string]any{"subscription.tier": "premium"})
}

// Stripe's own limit, of ten invoices in a minute, comes as a clear answer too.
func TestCase73_TooManyChangesInAMinute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subscribed(t, pbtest.OwnerID, "basic")
	tiers := []string{"premium", "basic"}
	last, response := "basic", pbtest.Response{}
	for n := range 12 {
		if response = w.subscribe(t, pbtest.OwnerID, tiers[n%2]); response.Status != 200 {
			break
		}
		last = tiers[n%2]
	}
	wantCode(t, response, 503, "stripe_unavailable")
	if response.Header.Get("Retry-After") == "" {
		t.Error("it does not say when to try again")
	}
	w.wantTier(t, pbtest.OwnerID, last, "active")
	w.wantPrice(t, pbtest.OwnerID, map[string]string{"basic": priceBasic, "premium": pricePremium}[last])
	w.wantNothingUndone(t)
	w.stripe.Advance(2 * time.Minute)
	wantBody(t, w.subscribe(t, pbtest.OwnerID, map[string]string{"basic": "premium", "premium": "basic"}[last]), 200, nil)
}

func TestCase75_NothingSecretIsToldOrKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Settings().Logs.MaxDays = 5 // test apps keep none
	sub := w.subscribed(t, pbtest.OwnerID, "basic")
	var told []string
	answer := func(response pbtest.Response, status int) {
		t.Helper()
		wantCode(t, response, status, "")
		told = append(told, fmt.Sprint(response.Header), response.Body)
	}
	for _, card := range []sandbox.Card{sandbox.CardDeclines, sandbox.CardNeedsAction} { // case 16
		w.stripe.SetCard(sub.Customer.ID, card)
		answer(w.subscribe(t, pbtest.OwnerID, "premium"), 402)
	}
	w.deliverAll(t)

	payload := `{"id":"evt_1","object":"event","type":"invoice.paid","data":{"object":{"id":"in_1","object":"invoice","customer":"` + sub.Customer.ID + `","note":"payloadmarker"}}}`
	for _, signature := range []string{"", "v0=00", "t=1,v1=00", w.stripe.Sign([]byte(payload+" "), w.stripe.Now()), w.stripe.Sign([]byte(payload), w.stripe.Now().Add(-time.Hour))} { // case 22
		answer(w.post(t, payload, signature), 400)
	}
	answer(w.post(t, "payloadmarker", w.stripe.Sign([]byte("payloadmarker"), w.stripe.Now())), 400)

	for _, fault := range []sandbox.Fault{ // case 46, and what else Stripe can say
		{Drop: true},
		{Drop: true, After: true},
		{Status: 503},
		{Status: 502, HTML: true},
		{Status: 500, Code: "api_error", Type: "api_error"},
		{Status: 401, Type: "invalid_request_error"},
		{Status: 429, Code: "rate_limit"},
	} {
		w.stripe.Fault(fault)
		answer(w.subscribe(t, pbtest.OwnerID, "premium"), 503)
		answer(w.cancel(t, pbtest.OwnerID, true), 503)
		answer(w.portal(t, pbtest.OwnerID), 503)
		answer(w.as(t, pbtest.OwnerID, "GET", "/v1/users/me/invoices", nil), 503)
		answer(w.as(t, pbtest.OwnerID, "GET", "/v1/users/me/subscription/preview?tier=premium", nil), 503)
		answer(w.subscription(t, pbtest.OwnerID), 200)
		answer(w.as(t, pbtest.OwnerID, "GET", "/v1/users/me", nil), 200)
		w.run(t, "billing_sweep")
		w.stripe.ClearFaults()
	}
	w.wantTier(t, pbtest.OwnerID, "basic", "active")

	var kept string
	eventually(t, "the requests are logged", func() bool { // which PocketBase does in the background
		kept = w.everythingKept(t)
		return strings.Contains(kept, "Stripe does not answer") && strings.Count(kept, "/v1/users/me/subscription/preview") >= 7 && strings.Count(kept, "/v1/stripe/webhook") >= 6
	})
	if strings.Contains(kept, "pay.example.com/portal") {
		t.Error("whoever has the address of a portal is its user, and one is kept")
	}
	for _, secret := range []string{secretKey, webhookSecret, "sk_test", "whsec_", "_secret_", "client_secret", "payloadmarker"} {
		for where, text := range map[string]string{"the answers": strings.Join(told, "\n"), "what is kept": kept} {
			if before, _, found := strings.Cut(text, secret); found {
				t.Errorf("%s is in %s: ...%s", secret, where, before[max(0, len(before)-200):])
			}
		}
	}
}

// everythingKept is what an administrator can read: the log, and what billing and its jobs wrote down.
func (w *world) everythingKept(t testing.TB) string {
	t.Helper()
	mustNot(t, w.Logger().Handler().(*logger.BatchHandler).WriteAll(context.Background()))
	var all []string
	read := func(db dbx.Builder, table string, columns ...string) {
		var texts []string
		for n, column := range columns {
			columns[n] = "coalesce(" + column + ", '')"
		}
		mustNot(t, db.Select(strings.Join(columns, " || ' ' || ")).From(table).Column(&texts))
		all = append(all, texts...)
	}
	read(w.AuxDB(), core.LogsTableName, "message", "data")
	read(w.DB(), billing.IntentCollection, "params", "error", "object")
	read(w.DB(), billing.EventCollection, "error", "object", "type")
	read(w.DB(), jobs.Collection, "payload", "last_error")
	read(w.DB(), "audit_log", "details")
	return strings.Join(all, "\n")
}

// A subscription that holds something beside the plan is still one of the plan, wherever that stands in it.
func TestPlanWithAnAddOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	customer := w.subscribed(t, pbtest.OwnerID, "basic").Customer.ID
	wantBody(t, w.cancel(t, pbtest.OwnerID, false), 200, nil)
	w.stripe.AddPrice(sandbox.Price{ID: "price_rope", Currency: "usd", Interval: "month", Amount: 500})
	sub, err := w.dashboard().Subscriptions.New(&stripe.SubscriptionParams{
		Customer: stripe.String(customer), Items: []*stripe.SubscriptionItemsParams{{Price: stripe.String("price_rope")}, {Price: stripe.String(priceBasic)}},
	})
	mustNot(t, err)
	w.deliverAll(t)
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
	w.wantMirror(t, sub.ID, map[string]string{"price": priceBasic, "tier": "basic"})
	wantCode(t, w.subscribe(t, pbtest.OwnerID, "basic"), 409, "already_subscribed")
	wantBody(t, w.preview(t, pbtest.OwnerID, "premium"), 200, map[string]any{"action": "change"})
	wantBody(t, w.subscribe(t, pbtest.OwnerID, "premium"), 200, map[string]any{"subscription.tier": "premium", "subscription.next_billing_amount": amountPremium + 500})
	prices := map[string]bool{}
	for _, item := range w.current(t, pbtest.OwnerID).Items.Data {
		prices[item.Price.ID] = true
	}
	if len(prices) != 2 || !prices["price_rope"] || !prices[pricePremium] {
		t.Errorf("the subscription sells %v", prices)
	}
	w.deliverAll(t)
	w.wantTier(t, pbtest.OwnerID, "premium", "active")
	w.wantNothingUndone(t)
}
