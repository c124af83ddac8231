package billing_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/billing/sandbox"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// move gives a subscription another price at Stripe.
func (w *world) move(t testing.TB, sub, price string) {
	t.Helper()
	api := w.dashboard()
	found, err := api.Subscriptions.Get(sub, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = api.Subscriptions.Update(sub, &stripe.SubscriptionParams{
		Items:             []*stripe.SubscriptionItemsParams{{ID: stripe.String(found.Items.Data[0].ID), Price: stripe.String(price)}},
		ProrationBehavior: stripe.String("always_invoice"),
	})
	if err != nil {
		t.Fatal(err)
	}
}

// deliver delivers webhooks and wants each to be taken.
func (w *world) deliver(t testing.TB, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if status, err := w.stripe.Deliver(id); err != nil || status != http.StatusOK {
			t.Errorf("deliver %s: status %d, %v", id, status, err)
		}
	}
}

// pendingIDs are the events that wait, oldest first, of which a type contains a text.
func (w *world) pendingIDs(part string) []string {
	var ids []string
	for _, event := range w.stripe.Pending() {
		if strings.Contains(event.Type, part) {
			ids = append(ids, event.ID)
		}
	}
	return ids
}

// mailsOf counts the mails of a kind to a user.
func (w *world) mailsOf(t testing.TB, userID, kind string) int64 {
	t.Helper()
	count, err := w.CountRecords("outbox", dbx.HashExp{"user": userID, "kind": kind})
	if err != nil {
		t.Fatal(err)
	}
	return count
}

// slot is the subscription that counts for a user.
func (w *world) slot(t testing.TB, userID string) string {
	t.Helper()
	var id string
	if err := w.DB().Select("subscription").From(billing.CustomerCollection).Where(dbx.HashExp{"user": userID}).Row(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestCase30_UpdatedBeforeCreated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.paid(t, "basic")
	w.deliver(t, w.pendingOf(t, "customer.subscription.updated").ID)
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
	created := w.pendingOf(t, "customer.subscription.created")
	if !strings.Contains(string(created.Payload), `"status":"incomplete"`) {
		t.Fatalf("it is to be the event of the incomplete subscription: %s", created.Payload)
	}
	w.deliver(t, created.ID)
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
	w.deliverAll(t)
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
}

// permutations lists all orders of n things.
func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{{}}
	}
	var all [][]int
	for _, shorter := range permutations(n - 1) {
		for at := range n {
			all = append(all, slices.Insert(slices.Clone(shorter), at, n-1))
		}
	}
	return all
}

func TestCase31_AnyOrderOfTheFirstEventsTwiceAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kinds := []string{"checkout.session.completed", "customer.subscription.created", "customer.subscription.updated", "invoice.paid"}
	for _, order := range permutations(len(kinds)) {
		for _, oneByOne := range []bool{true, false} {
			userID := w.newUser(t)
			if err := w.stripe.Pay(w.checkout(t, userID, "basic"), sandbox.CardPays); err != nil {
				t.Fatal(err)
			}
			events := make([]string, len(kinds))
			for n, at := range order {
				events[n] = w.pendingOf(t, kinds[at]).ID
			}
			w.dropAll()
			deliverTwice(t, w, events, oneByOne)
			w.wantTier(t, userID, "basic", "active")
			if mails := w.mailsOf(t, userID, "subscription_started"); mails != 1 {
				t.Errorf("order %v: %d mails of the start", order, mails)
			}
			mirrored, err := w.CountRecords(billing.SubscriptionCollection, dbx.HashExp{"user": userID, "status": "active"})
			if err != nil || mirrored != 1 {
				t.Errorf("order %v: %d rows in the mirror, %v", order, mirrored, err)
			}
			for _, id := range events {
				if state := w.eventState(t, id); state != "done" {
					t.Errorf("order %v: an event is %q", order, state)
				}
			}
			if live := w.stripe.Live(w.customer(t, userID)); len(live) != 1 || live[0].ID != w.slot(t, userID) {
				t.Errorf("order %v: %d live subscriptions, and %q counts", order, len(live), w.slot(t, userID))
			}
		}
	}
	if want := int64(amountBasic * 2 * 24); w.charged() != want {
		t.Errorf("%d charged, want %d", w.charged(), want)
	}
	count, err := w.CountRecords(billing.EventCollection)
	if err != nil || count != 4*2*24 {
		t.Errorf("%d events written down, want each once: %d; %v", count, 4*2*24, err)
	}
}

// deliverTwice delivers each event twice at once: one event after another, or all together.
func deliverTwice(t *testing.T, w *world, events []string, oneByOne bool) {
	t.Helper()
	var running sync.WaitGroup
	for _, id := range events {
		for range 2 {
			running.Go(func() { w.deliver(t, id) })
		}
		if oneByOne {
			running.Wait()
		}
	}
	running.Wait()
}

func TestCase32_TwoUpdatesInOneSecond(t *testing.T) {
	t.Parallel()
	for name, backwards := range map[string]bool{"in order": false, "the other way round": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := time.Now()
			w := newUnusualWorld(t, unusual{stripe: func(c *sandbox.Config) { c.Now = func() time.Time { return now } }})
			sub := w.subscribed(t, pbtest.OwnerID, "basic")
			w.move(t, sub.ID, pricePremium)
			w.move(t, sub.ID, priceBasic)
			w.move(t, sub.ID, pricePremium)
			events := w.pendingIDs("customer.subscription.updated")
			if len(events) != 3 {
				t.Fatalf("%d updates", len(events))
			}
			if backwards {
				slices.Reverse(events)
			}
			w.deliver(t, events...)
			w.wantTier(t, pbtest.OwnerID, "premium", "active")
			w.deliverAll(t)
			w.wantTier(t, pbtest.OwnerID, "premium", "active")
		})
	}
}

func TestCase34_DeletedOldSubscriptionLeavesTheNewOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := w.subscribed(t, pbtest.OwnerID, "basic")
	if err := w.stripe.CancelSubscription(old.ID); err != nil {
		t.Fatal(err)
	}
	deleted := w.pendingOf(t, "customer.subscription.deleted")
	if err := w.stripe.Pay(w.checkout(t, pbtest.OwnerID, "premium"), sandbox.CardPays); err != nil {
		t.Fatal(err)
	}
	for _, event := range w.stripe.Pending() {
		if event.ID != deleted.ID {
			w.deliver(t, event.ID)
		}
	}
	w.wantTier(t, pbtest.OwnerID, "premium", "active")
	current := w.slot(t, pbtest.OwnerID)
	w.deliver(t, deleted.ID, deleted.ID)
	w.wantTier(t, pbtest.OwnerID, "premium", "active")
	if w.slot(t, pbtest.OwnerID) != current || current == old.ID {
		t.Errorf("%q counts, and %q before the event of %q", w.slot(t, pbtest.OwnerID), current, old.ID)
	}
	if mails := w.mailsOf(t, pbtest.OwnerID, "subscription_cancelled"); mails != 1 {
		t.Errorf("%d mails of the end, want one, of the first", mails)
	}
}

func TestCase35_EventThreeDaysLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sub := w.subscribed(t, pbtest.OwnerID, "basic")
	w.move(t, sub.ID, pricePremium)
	late := w.pendingIDs("")
	wantCode(t, w.as(t, pbtest.OwnerID, "POST", "/v1/users/me/cancel-subscription", nil), http.StatusOK, "")
	for _, event := range w.stripe.Pending() {
		if !slices.Contains(late, event.ID) {
			w.deliver(t, event.ID)
		}
	}
	w.wantTier(t, pbtest.OwnerID, "free", "cancelled")
	w.stripe.Advance(3 * 24 * time.Hour)
	before := w.written(t)
	w.deliver(t, late...)
	w.wantTier(t, pbtest.OwnerID, "free", "cancelled")
	after := w.written(t)
	for _, id := range late {
		after = strings.Replace(after, "event="+id+" state=done \n", "", 1)
	}
	if after != before {
		t.Errorf("late events changed:\n%s\nto:\n%s", before, after)
	}
}

func TestCase37_ReturnWithoutAnyWebhook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.paid(t, "basic")
	w.dropAll()
	session := w.stripe.Sessions(w.customer(t, pbtest.OwnerID))[0]
	back := strings.TrimPrefix(strings.ReplaceAll(session.SuccessURL, "{CHECKOUT_SESSION_ID}", session.ID), site)
	before := w.written(t)
	w.stripe.ResetCalls()
	for _, path := range []string{back, "/v1/billing/return?session_id=cs_unknown", "/v1/billing/return?session_id=", "/v1/billing/return"} {
		wantCode(t, w.as(t, pbtest.StrangerID, "GET", path, nil), http.StatusNotFound, "not_found")
	}
	wantCode(t, w.as(t, "", "GET", back, nil), http.StatusUnauthorized, "unauthorized")
	browser := w.as(t, "", "GET", back, nil, "Accept", "text/html,*/*")
	if browser.Status != http.StatusSeeOther || browser.Header.Get("Location") != "/billing?session_id="+session.ID {
		t.Errorf("a browser without a token: status %d to %q", browser.Status, browser.Header.Get("Location"))
	}
	if after := w.written(t); after != before || len(w.stripe.Calls()) != 0 {
		t.Errorf("strangers made %d calls and changed:\n%s\nto:\n%s", len(w.stripe.Calls()), before, after)
	}
	for range 2 { // a reload does no harm
		response := w.as(t, pbtest.OwnerID, "GET", back, nil)
		if response.Status != http.StatusSeeOther || response.Header.Get("Location") != "/billing?checkout=success" {
			t.Errorf("status %d to %q: %s", response.Status, response.Header.Get("Location"), response.Body)
		}
		w.wantTier(t, pbtest.OwnerID, "basic", "active")
	}
	w.wantTier(t, pbtest.StrangerID, "free", "inactive")
	if mails := w.mailsOf(t, pbtest.OwnerID, "subscription_started"); mails != 1 {
		t.Errorf("%d mails of the start", mails)
	}
}

func TestCase38_SweepWithoutWebhookAndReturn(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]func(w *world){
		"Stripe could not deliver":  func(w *world) { w.dropAll() },
		"Stripe has not tried yet":  func(*world) {},
		"we lost what we had taken": func(w *world) { forEachPending(w, w.stripe.MarkDelivered) },
		"the events are too old": func(w *world) {
			w.dropAll()
			w.stripe.Advance(4 * 24 * time.Hour)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.paid(t, "basic")
			lost(w)
			w.stripe.Advance(5 * time.Minute) // the period of the sweep
			w.sweep(t)
			w.wantTier(t, pbtest.OwnerID, "basic", "active")
		})
	}
}

func forEachPending(w *world, do func(id string)) {
	for _, event := range w.stripe.Pending() {
		do(event.ID)
	}
}

// What the sweep finds of a subscription without any event at all: its end, and the end of its grace.
func TestCase38_ReconciliationAloneRepairs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owner, stranger := w.subscribed(t, pbtest.OwnerID, "basic"), w.subscribed(t, pbtest.StrangerID, "premium")
	if err := w.stripe.CancelSubscription(owner.ID); err != nil {
		t.Fatal(err)
	}
	w.move(t, stranger.ID, priceBasic)
	forEachPending(w, w.stripe.MarkDelivered)
	w.stripe.Advance(24 * time.Hour)
	if job := w.run(t, "billing_reconcile"); job.GetString("state") != "done" {
		t.Fatalf("reconciliation: %s", job.GetString("last_error"))
	}
	w.wantTier(t, pbtest.OwnerID, "free", "cancelled")
	w.wantTier(t, pbtest.StrangerID, "basic", "active")
}

func TestCase53_ReadThatFailsInsideAWebhook(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.Fault{
		"refused":   {Method: "GET", Status: http.StatusServiceUnavailable},
		"cut":       {Method: "GET", Drop: true},
		"500":       {Method: "GET", Status: http.StatusInternalServerError},
		"a page":    {Method: "GET", Status: http.StatusBadGateway, HTML: true},
		"a page OK": {Method: "GET", Status: http.StatusOK, HTML: true},
		"the limit": {Method: "GET", Status: http.StatusTooManyRequests},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.paid(t, "basic")
			event := w.pendingOf(t, "checkout.session.completed")
			w.stripe.Fault(fault)
			response := w.post(t, string(event.Payload), w.stripe.Sign(event.Payload, w.stripe.Now()))
			wantCode(t, response, http.StatusServiceUnavailable, "stripe_unavailable")
			if response.Header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			if state := w.eventState(t, event.ID); state != "received" {
				t.Errorf("the event is %q, want received", state)
			}
			w.wantTier(t, pbtest.OwnerID, "free", "inactive")
			w.stripe.ClearFaults()
			w.deliver(t, event.ID)
			if state := w.eventState(t, event.ID); state != "done" {
				t.Errorf("after another delivery the event is %q", state)
			}
			w.wantTier(t, pbtest.OwnerID, "basic", "active")
		})
	}
}

// Events that were taken and not finished are the sweep's.
func TestCase53_SweepFinishesTheEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.paid(t, "basic")
	event := w.pendingOf(t, "checkout.session.completed")
	w.stripe.Fault(sandbox.Fault{Method: "GET", Status: http.StatusServiceUnavailable})
	if status, err := w.stripe.Deliver(event.ID); err != nil || status != http.StatusServiceUnavailable {
		t.Errorf("status %d, %v", status, err)
	}
	w.stripe.ClearFaults()
	forEachPending(w, w.stripe.MarkDelivered)
	w.sweep(t)
	if state := w.eventState(t, event.ID); state != "done" {
		t.Errorf("the event is %q", state)
	}
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
}

// A database that fails while a webhook is worked on leaves the event to its next delivery.
func TestCase54_WriteThatFailsInsideAWebhook(t *testing.T) {
	t.Parallel()
	for _, collection := range []string{"users", billing.SubscriptionCollection, billing.EventCollection, billing.CustomerCollection, billing.IntentCollection, "outbox"} {
		t.Run(collection, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.paid(t, "basic")
			event := w.pendingOf(t, "checkout.session.completed")
			heal := w.failWrites(collection)
			response := w.post(t, string(event.Payload), w.stripe.Sign(event.Payload, w.stripe.Now()))
			wantCode(t, response, http.StatusInternalServerError, "internal_error")
			if state := w.eventState(t, event.ID); state == "done" {
				t.Error("the event is done")
			}
			heal()
			w.deliver(t, event.ID)
			w.wantTier(t, pbtest.OwnerID, "basic", "active")
			if writes := w.writes(); writes != 2 { // the customer and the session
				t.Errorf("%d writes to Stripe, want 2", writes)
			}
		})
	}
}

var errDisk = errors.New("the disk is full")

// failWrites makes every write to a collection fail until it is healed.
func (w *world) failWrites(collection string) (heal func()) {
	var mu sync.Mutex
	failing := true
	fail := func(e *core.RecordEvent) error {
		mu.Lock()
		defer mu.Unlock()
		if failing {
			return fmt.Errorf("%s: %w", collection, errDisk)
		}
		return e.Next()
	}
	w.OnRecordCreateExecute(collection).BindFunc(fail)
	w.OnRecordUpdateExecute(collection).BindFunc(fail)
	return func() {
		mu.Lock()
		defer mu.Unlock()
		failing = false
	}
}
