package billing_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/billing/sandbox"
	"github.com/cragbase/cragbase/internal/jobs"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// login signs a user in, which brings back who had left.
func (w *world) login(t testing.TB, userID string) pbtest.Response {
	t.Helper()
	record, err := w.FindRecordById("users", userID)
	if err != nil {
		t.Fatal(err)
	}
	return w.as(t, "", "POST", "/api/collections/users/auth-with-password", map[string]string{"identity": record.Email(), "password": pbtest.Password})
}

// erase asks for the end of a user.
func (w *world) erase(t testing.TB, userID string) pbtest.Response {
	t.Helper()
	return w.as(t, userID, "DELETE", "/v1/users/me", map[string]string{"password": pbtest.Password})
}

// wantDeliveries delivers every event of Stripe again and wants each to be taken.
func (w *world) wantDeliveries(t testing.TB) {
	t.Helper()
	for _, event := range w.stripe.Events() {
		if status, err := w.stripe.Deliver(event.ID); err != nil || status != http.StatusOK {
			t.Errorf("%s: status %d, %v", event.Type, status, err)
		}
	}
}

func TestCase64_LeavingEndsEverything(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		leave  func(*testing.T, *world) pbtest.Response
		status int
	}{
		"deactivate": {func(t *testing.T, w *world) pbtest.Response { return w.leave(t, pbtest.OwnerID) }, 200},
		"erase":      {func(t *testing.T, w *world) pbtest.Response { return w.erase(t, pbtest.OwnerID) }, 202},
		"deactivated by an administrator": {func(t *testing.T, w *world) pbtest.Response {
			return w.Do(t, pbtest.Superuser, "PATCH", "/api/collections/users/records/"+pbtest.OwnerID, map[string]any{"is_active": false})
		}, 200},
		"banned": {func(t *testing.T, w *world) pbtest.Response {
			return w.Do(t, pbtest.Superuser, "PATCH", "/api/collections/users/records/"+pbtest.OwnerID, map[string]any{"banned_at": "2026-01-01 00:00:00.000Z"})
		}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			sub := w.subscribed(t, pbtest.OwnerID, "basic")
			w.stripe.Advance(3 * day)
			wantCode(t, c.leave(t, w), c.status, "")
			w.settled(t)
			w.wantNoneLive(t, sub.Customer.ID)
			w.wantTier(t, pbtest.OwnerID, "free", "cancelled")
			w.wantMirror(t, sub.ID, map[string]string{"status": "canceled", "refund_due": "false"})
			w.deliverAll(t)
			w.wantPlans(t, pbtest.OwnerID, "free>basic", "basic>free")
			mails := []string{"subscription_started"} // who left gets none: the one about leaving says it
			if name == "banned" {
				mails = append(mails, "subscription_cancelled")
			}
			w.wantMails(t, pbtest.OwnerID, mails...)
			w.wantNothingUndone(t)
			if name != "erase" {
				w.advance(t, 70*day)
				w.wantDeliveries(t)
				w.wantTier(t, pbtest.OwnerID, "free", "cancelled")
			}
			w.wantCharges(t, sub.Customer.ID, amountBasic) // neither renewed nor refunded
		})
	}
}

func TestCase64_LeavingExpiresTheCheckout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	session := w.checkout(t, pbtest.OwnerID, "basic")
	_ = w.stripe.Pay(session, sandbox.CardDeclines) // leaves a first payment open as well
	w.deliverAll(t)
	wantCode(t, w.leave(t, pbtest.OwnerID), 200, "")
	w.settled(t)
	customer := w.customer(t, pbtest.OwnerID)
	if status := w.stripe.Sessions(customer)[0].Status; status != stripe.CheckoutSessionStatusExpired {
		t.Errorf("the session is %s", status)
	}
	for _, sub := range w.stripe.Subscriptions(customer) {
		if sub.Status == stripe.SubscriptionStatusIncomplete {
			t.Error("the first payment can still be made")
		}
	}
	w.deliverAll(t)
	w.wantTier(t, pbtest.OwnerID, "free", "failed")
	w.wantCharges(t, customer)
	w.wantMails(t, pbtest.OwnerID)
	w.wantNothingUndone(t)
}

func TestCase65_LeavingWhileStripeIsDown(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.Fault{
		"down": {Status: 503}, "refuses to cancel": {Method: "DELETE", Status: 500}, "cancels and does not answer": {Method: "DELETE", Drop: true, After: true},
		"too many requests": {Status: 429, Code: "rate_limit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			sub := w.subscribed(t, pbtest.OwnerID, "basic")
			w.stripe.Fault(fault)
			wantCode(t, w.leave(t, pbtest.OwnerID), 200, "")
			w.waitForJob(t, func(job *core.Record) bool {
				return job.GetString("kind") == "billing" && job.GetString("last_error") != ""
			})
			if count, err := w.CountRecords(billing.IntentCollection, dbx.HashExp{"user": pbtest.OwnerID, "kind": "end", "state": []any{"open", "unknown"}}); err != nil || count != 1 {
				t.Errorf("%d recorded ends (%v)", count, err)
			}
			w.stripe.ClearFaults()
			w.stripe.Advance(10 * time.Minute)
			w.sweep(t) // or the job, whichever comes first
			w.settled(t)
			w.wantNoneLive(t, sub.Customer.ID)
			w.deliverAll(t)
			w.wantTier(t, pbtest.OwnerID, "free", "cancelled")
			w.wantNothingUndone(t)
			w.advance(t, 70*day)
			w.wantCharges(t, sub.Customer.ID, amountBasic)
			w.wantMirror(t, sub.ID, map[string]string{"refund_due": "false"})
		})
	}
}

func TestCase67_EventsOfWhoIsGone(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(*testing.T, *world, string){
		"deactivated": func(t *testing.T, w *world, _ string) { wantCode(t, w.leave(t, pbtest.OwnerID), 200, "") },
		"deleted": func(t *testing.T, w *world, customer string) {
			wantCode(t, w.Do(t, pbtest.Superuser, "DELETE", "/api/collections/users/records/"+pbtest.OwnerID, nil), 204, "")
		},
		"erased after two weeks": func(t *testing.T, w *world, customer string) {
			wantCode(t, w.erase(t, pbtest.OwnerID), 202, "")
			w.settled(t)
			w.stripe.Advance(15 * day)
			w.waitForJob(t, func(job *core.Record) bool {
				return job.GetString("kind") == "erase" && job.GetString("state") == jobs.Done
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			sub := w.subscribed(t, pbtest.OwnerID, "basic")
			leave(t, w, sub.Customer.ID)
			w.settled(t)
			w.wantNoneLive(t, sub.Customer.ID)
			if name == "deactivated" {
				mustNot(t, w.stripe.DeleteCustomer(sub.Customer.ID)) // by the dashboard; the others were deleted by us
			}
			if deleted := w.stripe.Customers()[0].Deleted; !deleted {
				t.Error("Stripe still has the customer")
			}
			w.deliverAll(t)
			w.wantDeliveries(t)
			w.wantNothingUndone(t)
			w.sweep(t)
			w.advance(t, 40*day)
			w.wantCharges(t, sub.Customer.ID, amountBasic)
			if name == "deactivated" {
				w.wantTier(t, pbtest.OwnerID, "free", "cancelled")
			} else if count, err := w.CountRecords(billing.CustomerCollection); err != nil || count != 0 {
				t.Errorf("%d customers are still written down (%v)", count, err)
			}
		})
	}
}

func TestCase68_ComeBackAndSubscribeAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := w.subscribed(t, pbtest.OwnerID, "premium")
	wantCode(t, w.leave(t, pbtest.OwnerID), 200, "")
	w.settled(t)
	w.deliverAll(t)
	wantBody(t, w.login(t, pbtest.OwnerID), 200, nil)
	w.wantTier(t, pbtest.OwnerID, "free", "cancelled")
	wantBody(t, w.subscription(t, pbtest.OwnerID), 200, map[string]any{"tier": "free", "stripe_subscription_id": nil})
	wantBody(t, w.invoices(t, pbtest.OwnerID, ""), 200, map[string]any{"has_more": false})
	again := w.subscribed(t, pbtest.OwnerID, "basic")
	if again.ID == old.ID || again.Customer.ID != old.Customer.ID {
		t.Errorf("subscription %s of %s", again.ID, again.Customer.ID)
	}
	w.wantDeliveries(t) // what is late about the former one ends nothing
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
	w.wantCharges(t, old.Customer.ID, amountPremium, amountBasic)
	w.wantPlans(t, pbtest.OwnerID, "free>premium", "premium>free", "free>basic")
	w.wantNothingUndone(t)
}

// An erasure that is taken back leaves a user without a plan who can choose one.
func TestCase68_ComeBackFromAnErasure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sub := w.subscribed(t, pbtest.OwnerID, "premium")
	wantCode(t, w.erase(t, pbtest.OwnerID), 202, "")
	w.settled(t)
	w.wantNoneLive(t, sub.Customer.ID)
	w.stripe.Advance(5 * day)
	wantBody(t, w.login(t, pbtest.OwnerID), 200, nil)
	w.deliverAll(t)
	w.wantTier(t, pbtest.OwnerID, "free", "cancelled")
	w.subscribed(t, pbtest.OwnerID, "basic")
}

func TestCase70_NewAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sub := w.subscribed(t, pbtest.OwnerID, "basic")
	change := func(address string) {
		t.Helper()
		user, err := w.FindRecordById("users", pbtest.OwnerID)
		mustNot(t, err)
		wantBody(t, w.as(t, pbtest.OwnerID, "PATCH", "/v1/users/me", map[string]any{"email": address, "current_password": pbtest.Password}), 200, map[string]any{"pending_email": address})
		if email := w.stripe.Customers()[0].Email; email == address {
			t.Error("Stripe has an address that nobody has confirmed")
		}
		token, err := user.NewEmailChangeToken(address)
		mustNot(t, err)
		wantCode(t, w.as(t, "", "POST", "/api/collections/users/confirm-email-change", map[string]string{"token": token, "password": pbtest.Password}), 204, "")
	}
	change("olga.second@example.com")
	w.settled(t)
	if email := w.stripe.Customers()[0].Email; email != "olga.second@example.com" {
		t.Errorf("Stripe has %s", email)
	}

	// While Stripe is down it is queued, and what the user does waits for nobody.
	w.stripe.Fault(sandbox.Fault{Method: "POST", Path: "/v1/customers", Status: 503})
	change("olga.third@example.com")
	w.waitForJob(t, func(job *core.Record) bool {
		return job.GetString("kind") == "billing" && job.GetString("last_error") != ""
	})
	wantBody(t, w.subscription(t, pbtest.OwnerID), 200, map[string]any{"tier": "basic", "stale": false})
	w.stripe.ClearFaults()
	w.stripe.Advance(10 * time.Minute)
	w.settled(t)
	if email := w.stripe.Customers()[0].Email; email != "olga.third@example.com" {
		t.Errorf("Stripe has %s", email)
	}
	if len(w.stripe.Customers()) != 1 {
		t.Error("another customer was made")
	}
	wantBody(t, w.subscribe(t, pbtest.OwnerID, "premium"), 200, map[string]any{"subscription.tier": "premium", "subscription.stripe_subscription_id": sub.ID})
	w.deliverAll(t)
	w.wantNothingUndone(t)
}

// An address that Stripe has not heard of yet does not stand in the way of a subscription.
func TestCase70_SubscribeWhileTheAddressIsQueued(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.checkout(t, pbtest.OwnerID, "basic")
	w.stripe.Fault(sandbox.Fault{Method: "POST", Path: "/v1/customers/", Status: 500})
	user, err := w.FindRecordById("users", pbtest.OwnerID)
	mustNot(t, err)
	user.SetEmail("olga.second@example.com")
	mustNot(t, w.Save(user))
	w.waitForJob(t, func(job *core.Record) bool {
		return job.GetString("kind") == "billing" && job.GetString("last_error") != ""
	})
	wantBody(t, w.subscribe(t, pbtest.OwnerID, "premium"), 201, map[string]any{"action": "checkout"})
	w.stripe.ClearFaults()
	w.stripe.Advance(time.Hour)
	w.sweep(t)
	if email := w.stripe.Customers()[0].Email; email != "olga.second@example.com" {
		t.Errorf("Stripe has %s", email)
	}
}
