package billing_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pocketbase/dbx"
	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/billing/sandbox"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// wantInvariants checks what holds of a user once everything is quiet: at most one live subscription (I1), the tier of it
// (I2), and nothing of anybody else (I16).
func (w *world) wantInvariants(t testing.TB, userID string) {
	t.Helper()
	user, err := w.FindRecordById("users", userID)
	if err != nil {
		t.Fatal(err)
	}
	customer := w.customer(t, userID)
	live := w.stripe.Live(customer)
	if len(live) > 1 {
		t.Errorf("I1: %s has %d live subscriptions", userID, len(live))
	}
	want, slot := "free", ""
	if len(live) == 1 {
		slot = live[0].ID
		if live[0].Status == stripe.SubscriptionStatusActive {
			want = map[string]string{priceBasic: "basic", pricePremium: "premium"}[live[0].Items.Data[0].Price.ID]
		}
	}
	if tier := user.GetString("tier"); tier != want {
		t.Errorf("I2: %s is %s, and Stripe says %s", userID, tier, want)
	}
	if customer != "" && w.slot(t, userID) != slot {
		t.Errorf("I2: of %s counts %q, and live is %q", userID, w.slot(t, userID), slot)
	}
	mirror, err := w.FindAllRecords(billing.SubscriptionCollection, dbx.HashExp{"user": userID})
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range mirror {
		if record.GetString("customer") != customer {
			t.Errorf("I16: %s has a subscription of %s, and is %s", userID, record.GetString("customer"), customer)
		}
	}
	if all := w.stripe.Subscriptions(customer); len(all) != len(mirror) {
		t.Errorf("%s has %d subscriptions at Stripe and %d here", userID, len(all), len(mirror))
	}
}

// wantKeys checks that every write to Stripe had a key of its own (I7).
func (w *world) wantKeys(t testing.TB) {
	t.Helper()
	seen := map[string]string{}
	for _, call := range w.stripe.Calls() {
		if call.Method == http.MethodGet || strings.HasPrefix(call.Path, "/v1/billing_portal") {
			continue
		}
		what := call.Method + " " + call.Path + " " + call.Form.Encode()
		if call.Key == "" || seen[call.Key] != "" && seen[call.Key] != what {
			t.Errorf("I7: %s with the key %q of %q", what, call.Key, seen[call.Key])
		}
		seen[call.Key] = what
	}
}

// openSessions are the checkouts of a user that can still be paid.
func (w *world) openSessions(t testing.TB, userID string) []string {
	t.Helper()
	var open []string
	for _, session := range w.stripe.Sessions(w.customer(t, userID)) {
		if session.Status == stripe.CheckoutSessionStatusOpen {
			open = append(open, session.ID)
		}
	}
	return open
}

// together does the same thing many times at once.
func together(n int, do func(n int)) {
	var running sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		running.Go(func() {
			<-begin
			do(i)
		})
	}
	close(begin)
	running.Wait()
}

func TestCase39_FiftySubscribesAtOnce(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]func(n int) []string{
		"without a key":           func(int) []string { return nil },
		"with one key":            func(int) []string { return []string{"Idempotency-Key", "click"} },
		"with a key for each one": func(n int) []string { return []string{"Idempotency-Key", fmt.Sprint("click ", n)} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			answers := make([]pbtest.Response, 50)
			together(len(answers), func(n int) {
				answers[n] = w.as(t, pbtest.OwnerID, "POST", "/v1/users/me/subscribe", map[string]any{"desired_tier": "basic"}, header(n)...)
			})
			url := answers[0].Map(t)["checkout_url"]
			for _, answer := range answers {
				if answer.Status != http.StatusCreated || answer.Map(t)["checkout_url"] != url || url == nil {
					t.Errorf("status %d: %s; the first had %v", answer.Status, answer.Body, url)
				}
			}
			if customers, sessions := len(w.stripe.Customers()), len(w.stripe.Sessions(w.customer(t, pbtest.OwnerID))); customers != 1 || sessions != 1 {
				t.Errorf("%d customers and %d sessions", customers, sessions)
			}
			w.wantKeys(t)
			if writes := w.writes(); writes != 2 {
				t.Errorf("%d writes to Stripe, want 2: a customer and a session", writes)
			}
			if err := w.stripe.Pay(w.openSessions(t, pbtest.OwnerID)[0], sandbox.CardPays); err != nil {
				t.Fatal(err)
			}
			w.deliverAll(t)
			w.wantInvariants(t, pbtest.OwnerID)
			if w.charged() != amountBasic {
				t.Errorf("%d charged", w.charged())
			}
		})
	}
}

func TestCase39_FiftySubscribesToTwoTiersAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	together(50, func(n int) {
		if answer := w.subscribe(t, pbtest.OwnerID, []string{"basic", "premium"}[n%2]); answer.Status != http.StatusCreated {
			t.Errorf("status %d: %s", answer.Status, answer.Body)
		}
	})
	if open := w.openSessions(t, pbtest.OwnerID); len(open) != 1 || len(w.stripe.Customers()) != 1 {
		t.Errorf("%d sessions can be paid, of %d customers", len(open), len(w.stripe.Customers()))
	}
	w.wantKeys(t)
}

// Two devices that pay at the same time, each on the page that it was given.
func TestCase39_PaidWhileSubscribing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 20 {
		userID := w.newUser(t)
		session := w.checkout(t, userID, "basic")
		together(3, func(n int) {
			switch n {
			case 0:
				ignore(w.stripe.Pay(session, sandbox.CardPays))
			case 1:
				if answer := w.subscribe(t, userID, "premium"); answer.Status != http.StatusCreated && answer.Status != http.StatusOK {
					t.Errorf("status %d: %s", answer.Status, answer.Body)
				}
			case 2:
				for _, open := range w.openSessions(t, userID) {
					ignore(w.stripe.Pay(open, sandbox.CardPays))
				}
			}
		})
		for _, open := range w.openSessions(t, userID) {
			ignore(w.stripe.Pay(open, sandbox.CardPays))
		}
		w.deliverAll(t)
		w.wantInvariants(t, userID)
	}
	w.wantKeys(t)
}

// ignore is for what may fail: it lost a race.
func ignore(error) {}

// leave deactivates a user's account.
func (w *world) leave(t testing.TB, userID string) pbtest.Response {
	t.Helper()
	return w.as(t, userID, "POST", "/v1/users/me/deactivate", map[string]any{"password": pbtest.Password})
}

func TestCase42_SubscribeWhileDeactivating(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var users []string
	for n := range 24 {
		userID := w.newUser(t)
		users = append(users, userID)
		if n%3 == 1 {
			w.subscribed(t, userID, "basic")
		}
		tokens := []string{w.TokenOf(t, userID), w.TokenOf(t, userID), w.TokenOf(t, userID)}
		together(3, func(i int) {
			switch i {
			case 0, 2:
				answer := w.Send(t, pbtest.NewRequest(t, "POST", "/v1/users/me/subscribe", tokens[i], map[string]any{"desired_tier": "premium"}))
				if !slices.Contains([]int{201, 200, 401, 409}, answer.Status) {
					t.Errorf("subscribe: status %d: %s", answer.Status, answer.Body)
				}
				if id, ok := answer.Map(t)["session_id"].(string); ok && n%2 == 0 {
					ignore(w.stripe.Pay(id, sandbox.CardPays))
				}
			case 1:
				answer := w.Send(t, pbtest.NewRequest(t, "POST", "/v1/users/me/deactivate", tokens[i], map[string]any{"password": pbtest.Password}))
				if answer.Status != http.StatusOK {
					t.Errorf("deactivate: status %d: %s", answer.Status, answer.Body)
				}
			}
		})
	}
	w.settled(t)
	w.deliverAll(t)
	w.sweep(t)
	for _, userID := range users {
		customer := w.customer(t, userID)
		if live, open := w.stripe.Live(customer), w.openSessions(t, userID); len(live) != 0 || len(open) != 0 {
			t.Errorf("who left has %d live subscriptions and %d sessions to pay", len(live), len(open))
		}
		w.wantInvariants(t, userID)
	}
	w.wantKeys(t)
	wantRefunds(t, w, users)
}

// wantRefunds checks that whatever was paid by who had left is marked to be paid back.
func wantRefunds(t *testing.T, w *world, users []string) {
	t.Helper()
	for _, userID := range users {
		user, err := w.FindRecordById("users", userID)
		if err != nil {
			t.Fatal(err)
		}
		left := user.GetDateTime("deactivated_at").Time()
		for _, sub := range w.stripe.Subscriptions(w.customer(t, userID)) {
			due, err := w.CountRecords(billing.SubscriptionCollection, dbx.HashExp{"stripe_id": sub.ID, "refund_due": true})
			if err != nil {
				t.Fatal(err)
			}
			if sub.Created > left.Unix() && sub.Status != stripe.SubscriptionStatusIncompleteExpired && due != 1 {
				t.Errorf("%s paid for %s after leaving, and nobody is told", userID, sub.ID)
			}
		}
	}
}

// A session that was paid in the moment in which its user left is cancelled when its webhook arrives.
func TestCase42_LateCheckoutOfWhoLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	session := w.checkout(t, pbtest.OwnerID, "basic")
	hold := make(chan struct{})
	w.stripe.Fault(sandbox.Fault{Method: "POST", Path: "/v1/checkout/sessions/" + session + "/expire", Block: hold})
	if answer := w.leave(t, pbtest.OwnerID); answer.Status != http.StatusOK {
		t.Fatalf("status %d: %s", answer.Status, answer.Body)
	}
	if err := w.stripe.Pay(session, sandbox.CardPays); err != nil {
		t.Fatal(err)
	}
	close(hold)
	w.settled(t)
	w.deliverAll(t)
	w.sweep(t)
	if live := w.stripe.Live(w.customer(t, pbtest.OwnerID)); len(live) != 0 {
		t.Errorf("%d live subscriptions", len(live))
	}
	w.wantTier(t, pbtest.OwnerID, "free", "cancelled")
}

func TestCase43_TwoChangesAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for n := range 20 {
		userID := w.newUser(t)
		w.subscribed(t, userID, []string{"basic", "premium"}[n%2])
		answers := make([]pbtest.Response, 2)
		together(2, func(i int) { answers[i] = w.subscribe(t, userID, []string{"basic", "premium"}[i]) })
		changes := 0
		for _, answer := range answers {
			switch answer.Status {
			case http.StatusOK:
				changes++
			default:
				wantCode(t, answer, http.StatusConflict, "already_subscribed")
			}
		}
		if invoices := len(w.stripe.Invoices(w.customer(t, userID))) - 1; changes == 0 || invoices != changes {
			t.Errorf("%d changes and %d invoices for them", changes, invoices)
		}
		w.wantInvariants(t, userID) // before any webhook
		w.deliverAll(t)
		w.wantInvariants(t, userID)
	}
	w.wantKeys(t)
}

func TestCase44_ChangeAndCancelAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 20 {
		userID := w.newUser(t)
		sub := w.subscribed(t, userID, "basic")
		together(2, func(i int) {
			if i == 0 {
				if answer := w.subscribe(t, userID, "premium"); answer.Status != http.StatusOK && answer.Status != http.StatusCreated {
					t.Errorf("change: status %d: %s", answer.Status, answer.Body)
				}
				return
			}
			wantCode(t, w.as(t, userID, "POST", "/v1/users/me/cancel-subscription", nil), http.StatusOK, "")
		})
		w.wantTier(t, userID, "free", "cancelled")
		w.wantInvariants(t, userID)
		w.deliverAll(t)
		w.wantTier(t, userID, "free", "cancelled")
		if ended := w.stripe.Subscriptions(w.customer(t, userID)); len(ended) != 1 || ended[0].ID != sub.ID || ended[0].Status != stripe.SubscriptionStatusCanceled {
			t.Errorf("%d subscriptions", len(ended))
		}
	}
	w.wantKeys(t)
}

func TestCase45_ManyUsersDoManyThings(t *testing.T) {
	t.Parallel()
	const users, operations = 20, 20
	w := newWorld(t)
	ids := make([]string, users)
	for n := range ids {
		ids[n] = w.newUser(t)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	together(users, func(n int) {
		random := rand.New(rand.NewPCG(seed, uint64(n)))
		for range operations {
			w.doSomething(t, ids[n], random)
		}
	})
	w.deliverAll(t)
	w.sweep(t)
	w.deliverAll(t)
	for _, userID := range ids {
		w.wantInvariants(t, userID)
	}
	if customers := len(w.stripe.Customers()); customers > users {
		t.Errorf("%d customers of %d users", customers, users)
	}
	w.wantKeys(t)
}

// doSomething is one step of a user: a request, a payment, a webhook.
func (w *world) doSomething(t *testing.T, userID string, random *rand.Rand) {
	t.Helper()
	request := func(method, path string, body any, allowed ...int) {
		if answer := w.as(t, userID, method, "/v1/users/me/"+path, body); !slices.Contains(allowed, answer.Status) {
			t.Errorf("%s %s: status %d: %s", method, path, answer.Status, answer.Body)
		}
	}
	switch random.IntN(12) {
	case 0, 1:
		request("POST", "subscribe", map[string]any{"desired_tier": []string{"basic", "premium"}[random.IntN(2)]}, 200, 201, 402, 409, 429)
	case 2, 3:
		for _, open := range w.openSessions(t, userID) {
			ignore(w.stripe.Pay(open, []sandbox.Card{sandbox.CardPays, sandbox.CardPays, sandbox.CardDeclines}[random.IntN(3)]))
		}
	case 4:
		request("POST", "cancel-subscription", map[string]any{"at_period_end": random.IntN(2) == 0}, 200, 409)
	case 5:
		request("POST", "resume-subscription", nil, 200, 409)
	case 6:
		request("GET", "subscription", nil, 200)
	case 7:
		request("GET", "subscription/preview?tier=premium", nil, 200, 409)
	case 8:
		if customer := w.customer(t, userID); customer != "" {
			w.stripe.Subscribe(customer, []string{priceBasic, pricePremium}[random.IntN(2)])
		}
	default:
		if waiting := w.stripe.Pending(); len(waiting) > 0 {
			w.deliver(t, waiting[random.IntN(len(waiting))].ID)
		}
	}
}
