package billing_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/billing/sandbox"
	"github.com/cragbase/cragbase/internal/pbtest"
)

func TestCase01_SubscribeOpensCheckout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	response := w.subscribe(t, pbtest.OwnerID, "basic")
	customer := w.customer(t, pbtest.OwnerID)
	sessions := w.stripe.Sessions(customer)
	if len(sessions) != 1 {
		t.Fatalf("%d sessions, want 1: %s", len(sessions), response.Body)
	}
	session := sessions[0]
	wantBody(t, response, http.StatusCreated, map[string]any{
		"action": "checkout", "checkout_url": session.URL, "session_id": session.ID, "expires_at": date(session.ExpiresAt),
	})
	if session.URL == "" || session.Customer.ID != customer || session.ClientReferenceID != pbtest.OwnerID || session.Metadata["user_id"] != pbtest.OwnerID ||
		session.AmountTotal != amountBasic || session.Mode != stripe.CheckoutSessionModeSubscription {
		t.Errorf("session %+v", session)
	}
	if session.SuccessURL != site+"/v1/billing/return?session_id={CHECKOUT_SESSION_ID}" || session.CancelURL != site+"/billing?checkout=cancelled" {
		t.Errorf("the ways back are %s and %s", session.SuccessURL, session.CancelURL)
	}
	form := w.sent("POST", "/v1/checkout/sessions")[0].Form
	if form.Get("subscription_data[metadata][user_id]") != pbtest.OwnerID || form.Get("line_items[0][price]") != priceBasic || form.Get("line_items[0][quantity]") != "1" {
		t.Errorf("the session was asked for with %v", form)
	}
	if customers := w.stripe.Customers(); len(customers) != 1 || customers[0].Email != pbtest.OwnerEmail || customers[0].Metadata["user_id"] != pbtest.OwnerID {
		t.Errorf("customers %+v", customers)
	}
	w.deliverAll(t) // customer.created
	w.wantTier(t, pbtest.OwnerID, "free", "inactive")
	w.wantCharges(t, customer)
	w.wantMails(t, pbtest.OwnerID)
	w.wantPlans(t, pbtest.OwnerID)
	w.wantNothingUndone(t)
	wantBody(t, w.subscription(t, pbtest.OwnerID), http.StatusOK, map[string]any{
		"tier": "free", "payment_status": "inactive", "stripe_subscription_id": nil, "renewal_date": nil, "next_billing_date": nil, "next_billing_amount": nil, "stale": false,
	})
}

func TestCase02_PaymentGivesTheTier(t *testing.T) {
	t.Parallel()
	w, metrics := newMeasuredWorld(t)
	mustNot(t, w.stripe.Pay(w.checkout(t, pbtest.OwnerID, "basic"), sandbox.CardPays))
	w.wantTier(t, pbtest.OwnerID, "free", "inactive") // nobody has told us yet
	w.deliverAll(t)
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
	sub := w.current(t, pbtest.OwnerID)
	if sub.Metadata["user_id"] != pbtest.OwnerID {
		t.Errorf("metadata of the subscription: %v", sub.Metadata)
	}
	w.wantPrice(t, pbtest.OwnerID, priceBasic)
	w.wantMirror(t, sub.ID, map[string]string{"user": pbtest.OwnerID, "customer": sub.Customer.ID, "status": "active", "price": priceBasic, "tier": "basic", "cancel_at_period_end": "false"})
	if end := w.mirrored(t, sub.ID).GetDateTime("period_end").Time().Unix(); end != sub.CurrentPeriodEnd || end == 0 {
		t.Errorf("period ends at %d, want %d", end, sub.CurrentPeriodEnd)
	}
	if got := w.row(t, pbtest.OwnerID); got.GetString("subscription") != sub.ID || got.GetInt("generation") != 1 || got.GetString("alert") != "" || !got.GetDateTime("grace_until").IsZero() {
		t.Errorf("customer %v", got)
	}
	w.wantCharges(t, sub.Customer.ID, amountBasic)
	w.wantMails(t, pbtest.OwnerID, "subscription_started")
	w.wantPlans(t, pbtest.OwnerID, "free>basic")
	w.wantNothingUndone(t)
	wantBody(t, w.subscription(t, pbtest.OwnerID), http.StatusOK, map[string]any{
		"tier": "basic", "payment_status": "active", "stripe_subscription_id": sub.ID, "stripe_status": "active", "renewal_date": date(sub.CurrentPeriodEnd),
		"next_billing_date": date(sub.CurrentPeriodEnd), "next_billing_amount": amountBasic, "currency": "usd", "cancel_at_period_end": false,
		"pending_change": nil, "grace_until": nil, "source": "stripe", "stale": false,
	})
	wantBody(t, w.as(t, pbtest.OwnerID, "GET", "/v1/users/me", nil), http.StatusOK, map[string]any{"tier": "basic", "payment_status": "active"})
	wantMetrics(t, metrics, `cragbase_tier_changes_total{from="free",to="basic"} 1`, `cragbase_webhook_events_total{result="done",type="checkout.session.completed"} 1`)
}

func TestCase03_TheUserChoosesTiersOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range []struct{ rule, body, field, code string }{
		{"an unknown tier", `{"desired_tier":"gold"}`, "desired_tier", "validation_not_in"},
		{"a price", `{"desired_tier":"price_basic"}`, "desired_tier", "validation_not_in"},
		{"another case", `{"desired_tier":"Basic"}`, "desired_tier", "validation_not_in"},
		{"no tier", `{}`, "desired_tier", "validation_required"},
		{"a price beside the tier", `{"desired_tier":"basic","price":"price_premium"}`, "price", "unknown_field"},
		{"many", `{"desired_tier":"basic","quantity":99}`, "quantity", "unknown_field"},
		{"somebody else's customer", `{"desired_tier":"basic","customer":"cus_1"}`, "customer", "unknown_field"},
		{"a way back", `{"desired_tier":"basic","success_url":"https://evil.example.com"}`, "success_url", "unknown_field"},
		{"a number", `{"desired_tier":1}`, "", ""},
		{"a list", `{"desired_tier":["basic"]}`, "", ""},
		{"null", `null`, "", ""},
		{"no JSON", `basic`, "", ""},
	} {
		t.Run(c.rule, func(t *testing.T) {
			response := w.as(t, pbtest.OwnerID, "POST", "/v1/users/me/subscribe", c.body)
			wantBody(t, response, http.StatusBadRequest, nil)
			if c.field != "" {
				wantBody(t, response, http.StatusBadRequest, map[string]any{"code": "validation_failed", "data." + c.field + ".code": c.code})
			}
			w.wantNoCalls(t, c.rule)
		})
	}
	w.wantTier(t, pbtest.OwnerID, "free", "inactive")
	if count, err := w.CountRecords(billing.IntentCollection); err != nil || count != 0 {
		t.Errorf("%d intents (%v)", count, err)
	}
}

func TestCase04_OnlyTheUserReachesBilling(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for caller, want := range map[pbtest.Caller]struct {
		status int
		code   string
	}{
		pbtest.Guest: {401, "unauthorized"}, pbtest.Deactivated: {401, "unauthorized"}, pbtest.Superuser: {403, "forbidden"},
	} {
		for _, r := range userRoutes() {
			wantCode(t, w.Send(t, r.request(t, w.Token(t, caller))), want.status, want.code)
			w.wantNoCalls(t, string(caller)+" "+r.String())
		}
	}
	for caller, want := range map[pbtest.Caller]int{pbtest.Guest: 401, pbtest.Deactivated: 401, pbtest.Owner: 403} {
		wantCode(t, w.Do(t, caller, "POST", "/v1/admin/users/"+pbtest.OwnerID+"/billing-sync", nil), want, "")
		w.wantNoCalls(t, string(caller)+" billing-sync")
	}
	for _, r := range userRoutes() {
		wantCode(t, w.Send(t, r.request(t, "not.a.token")), 401, "unauthorized")
	}
	w.wantNoCalls(t, "a broken token")
}

// A user's token reaches that user's billing alone, whatever else they name.
func TestCase04_UsersAreApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	session := w.checkout(t, pbtest.OwnerID, "basic")
	mustNot(t, w.stripe.Pay(session, sandbox.CardPays))
	w.dropAll()
	w.stripe.ResetCalls()
	wantCode(t, w.as(t, pbtest.StrangerID, "GET", "/v1/billing/return?session_id="+session, nil), 404, "not_found")
	wantBody(t, w.subscription(t, pbtest.StrangerID), 200, map[string]any{"tier": "free", "stripe_subscription_id": nil, "source": "local", "stale": false})
	wantBody(t, w.as(t, pbtest.StrangerID, "GET", "/v1/users/me/invoices", nil), 200, map[string]any{"items": []any{}, "has_more": false, "next": nil})
	wantCode(t, w.cancel(t, pbtest.StrangerID, false), 409, "no_subscription")
	wantCode(t, w.resume(t, pbtest.StrangerID), 409, "no_subscription")
	wantCode(t, w.portal(t, pbtest.StrangerID), 409, "no_subscription")
	w.wantNoCalls(t, "a stranger")
	w.wantTier(t, pbtest.OwnerID, "free", "inactive")
	w.wantTier(t, pbtest.StrangerID, "free", "inactive")
}

func TestCase05_SameTierAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sub := w.subscribed(t, pbtest.OwnerID, "basic")
	w.stripe.ResetCalls()
	wantCode(t, w.subscribe(t, pbtest.OwnerID, "basic"), 409, "already_subscribed")
	if w.writes() != 0 {
		t.Errorf("calls %v", w.stripe.Calls())
	}
	if sessions := w.stripe.Sessions(sub.Customer.ID); len(sessions) != 1 {
		t.Errorf("%d sessions, want the first alone", len(sessions))
	}
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
	w.wantCharges(t, sub.Customer.ID, amountBasic)
	w.wantMails(t, pbtest.OwnerID, "subscription_started")
}

func TestCase06_UpgradeIsImmediateAndProrated(t *testing.T) {
	t.Parallel()
	w, metrics := newMeasuredWorld(t)
	before := w.subscribed(t, pbtest.OwnerID, "basic")
	w.stripe.Advance(15 * day)
	w.stripe.ResetCalls()
	response := w.subscribe(t, pbtest.OwnerID, "premium")
	sub := w.current(t, pbtest.OwnerID)
	wantBody(t, response, 200, map[string]any{
		"action": "changed", "subscription.tier": "premium", "subscription.payment_status": "active", "subscription.stripe_subscription_id": before.ID,
		"subscription.stripe_status": "active", "subscription.renewal_date": date(before.CurrentPeriodEnd), "subscription.next_billing_date": date(before.CurrentPeriodEnd),
		"subscription.next_billing_amount": amountPremium, "subscription.currency": "usd", "subscription.source": "stripe", "subscription.cancel_at_period_end": false,
	})
	w.wantTier(t, pbtest.OwnerID, "premium", "active") // before any webhook
	w.wantPrice(t, pbtest.OwnerID, pricePremium)
	if sub.ID != before.ID || sub.Items.Data[0].ID != before.Items.Data[0].ID || sub.CurrentPeriodEnd != before.CurrentPeriodEnd {
		t.Errorf("another subscription, item or period: %+v", sub)
	}
	invoices := w.stripe.Invoices(sub.Customer.ID)
	if len(invoices) != 2 {
		t.Fatalf("%d invoices, want one of the start and one of the change", len(invoices))
	}
	invoice := invoices[0]
	due := rest(before, amountPremium, invoice.Created) - rest(before, amountBasic, invoice.Created)
	if invoice.BillingReason != stripe.InvoiceBillingReasonSubscriptionUpdate || invoice.Status != stripe.InvoiceStatusPaid || invoice.Total-due < -1 || invoice.Total-due > 1 {
		t.Errorf("invoice: %s, %s, %d, want %d", invoice.BillingReason, invoice.Status, invoice.Total, due)
	}
	w.wantCharges(t, sub.Customer.ID, amountBasic, invoice.Total)
	w.wantMirror(t, sub.ID, map[string]string{"price": pricePremium, "tier": "premium", "status": "active"})
	change := w.sent("POST", "/v1/subscriptions/")
	if len(change) != 1 || change[0].Form.Get("payment_behavior") != "error_if_incomplete" || change[0].Form.Get("proration_behavior") != "always_invoice" || change[0].Key == "" {
		t.Errorf("changed by %v", change)
	}
	w.deliverAll(t)
	w.wantTier(t, pbtest.OwnerID, "premium", "active")
	w.wantMails(t, pbtest.OwnerID, "subscription_started", "subscription_changed")
	w.wantPlans(t, pbtest.OwnerID, "free>basic", "basic>premium")
	w.wantNothingUndone(t)
	wantMetrics(t, metrics, `cragbase_tier_changes_total{from="basic",to="premium"} 1`)

	w.advance(t, 20*day)
	w.wantCharges(t, sub.Customer.ID, amountBasic, invoice.Total, amountPremium)
}

func TestCase07_ChangeToTheSameTierMakesNoInvoice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sub := w.subscribed(t, pbtest.OwnerID, "basic")
	w.stripe.Advance(10 * day)
	wantCode(t, w.subscribe(t, pbtest.OwnerID, "basic"), 409, "already_subscribed")
	if invoices := w.stripe.Invoices(sub.Customer.ID); len(invoices) != 1 {
		t.Errorf("%d invoices, want 1", len(invoices))
	}
	if len(w.stripe.Pending()) != 0 {
		t.Errorf("something happened at Stripe: %v", w.stripe.Pending())
	}
}

func TestCase08_DowngradeIsCredited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.subscribed(t, pbtest.OwnerID, "premium")
	w.stripe.Advance(15 * day)
	wantBody(t, w.subscribe(t, pbtest.OwnerID, "basic"), 200, map[string]any{"action": "changed", "subscription.tier": "basic", "subscription.payment_status": "active"})
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
	w.wantPrice(t, pbtest.OwnerID, priceBasic)
	invoice := w.stripe.Invoices(before.Customer.ID)[0]
	credit := rest(before, amountPremium, invoice.Created) - rest(before, amountBasic, invoice.Created)
	balance := w.stripe.Customers()[0].Balance
	if invoice.AmountPaid != 0 || invoice.Total != balance || balance+credit < -1 || balance+credit > 1 {
		t.Errorf("invoice of %d, %d paid, balance %d, want a credit of %d", invoice.Total, invoice.AmountPaid, balance, credit)
	}
	w.wantCharges(t, before.Customer.ID, amountPremium) // no refund
	w.deliverAll(t)
	w.wantMails(t, pbtest.OwnerID, "subscription_started", "subscription_changed")
	w.wantPlans(t, pbtest.OwnerID, "free>premium", "premium>basic")

	// The credit pays what comes next, and the response says so.
	w.advance(t, 20*day)
	wantBody(t, w.subscription(t, pbtest.OwnerID), 200, map[string]any{"tier": "basic", "next_billing_amount": max(0, amountBasic-(-balance-amountBasic))})
	w.wantCharges(t, before.Customer.ID, amountPremium)
}

func TestCase09_CancelNow(t *testing.T) {
	t.Parallel()
	w, metrics := newMeasuredWorld(t)
	before := w.subscribed(t, pbtest.OwnerID, "basic")
	response := w.as(t, pbtest.OwnerID, "POST", "/v1/users/me/cancel-subscription", nil) // without a body
	wantBody(t, response, 200, map[string]any{
		"tier": "free", "payment_status": "cancelled", "stripe_subscription_id": nil, "stripe_status": "canceled", "renewal_date": nil, "next_billing_date": nil,
		"next_billing_amount": nil, "cancel_at_period_end": false, "pending_change": nil, "source": "stripe",
	})
	w.wantNoneLive(t, before.Customer.ID)
	if sub := w.stripe.Subscriptions(before.Customer.ID)[0]; sub.Status != stripe.SubscriptionStatusCanceled {
		t.Errorf("at Stripe it is %s", sub.Status)
	}
	w.wantTier(t, pbtest.OwnerID, "free", "cancelled")
	w.wantMirror(t, before.ID, map[string]string{"status": "canceled", "refund_due": "false"})
	if w.mirrored(t, before.ID).GetDateTime("ended_at").IsZero() || w.row(t, pbtest.OwnerID).GetString("subscription") != "" {
		t.Error("the mirror does not know the end")
	}
	w.deliverAll(t)
	w.wantTier(t, pbtest.OwnerID, "free", "cancelled")
	w.wantMails(t, pbtest.OwnerID, "subscription_started", "subscription_cancelled")
	w.wantPlans(t, pbtest.OwnerID, "free>basic", "basic>free")
	w.wantNothingUndone(t)
	w.advance(t, 70*day)
	w.wantCharges(t, before.Customer.ID, amountBasic) // neither renewed nor refunded
	wantCode(t, w.cancel(t, pbtest.OwnerID, false), 409, "no_subscription")
	wantCode(t, w.resume(t, pbtest.OwnerID), 409, "no_subscription")
	wantMetrics(t, metrics, `cragbase_cancellations_total{when="now"} 1`, `cragbase_tier_changes_total{from="basic",to="free"} 1`)
}

// Asking for the free tier is the same.
func TestCase09_SubscribeToFree(t *testing.T) {
	t.Parallel()
	w, metrics := newMeasuredWorld(t)
	wantCode(t, w.subscribe(t, pbtest.OwnerID, "free"), 409, "no_subscription")
	w.wantNoCalls(t, "free to free")
	sub := w.subscribed(t, pbtest.OwnerID, "premium")
	wantBody(t, w.subscribe(t, pbtest.OwnerID, "free"), 200, map[string]any{"tier": "free", "payment_status": "cancelled"})
	w.wantNoneLive(t, sub.Customer.ID)
	w.wantTier(t, pbtest.OwnerID, "free", "cancelled")
	wantMetrics(t, metrics, `cragbase_cancellations_total{when="now"} 1`)
}

func TestCase10_CancelAtPeriodEnd(t *testing.T) {
	t.Parallel()
	w, metrics := newMeasuredWorld(t)
	sub := w.subscribed(t, pbtest.OwnerID, "basic")
	end := date(sub.CurrentPeriodEnd)
	scheduled := map[string]any{
		"tier": "basic", "payment_status": "active", "stripe_subscription_id": sub.ID, "stripe_status": "active", "cancel_at_period_end": true, "renewal_date": end,
		"next_billing_date": nil, "next_billing_amount": nil, "pending_change": map[string]any{"tier": "free", "at": end}, "source": "stripe",
	}
	wantBody(t, w.cancel(t, pbtest.OwnerID, true), 200, scheduled)
	if !w.current(t, pbtest.OwnerID).CancelAtPeriodEnd {
		t.Error("Stripe does not know")
	}
	w.deliverAll(t)
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
	w.wantMirror(t, sub.ID, map[string]string{"cancel_at_period_end": "true", "status": "active"})

	w.stripe.ResetCalls()
	wantBody(t, w.cancel(t, pbtest.OwnerID, true), 200, scheduled) // again: it is so already
	w.wantNoWrites(t, "the same again")

	wantBody(t, w.resume(t, pbtest.OwnerID), 200, map[string]any{
		"tier": "basic", "cancel_at_period_end": false, "next_billing_date": end, "next_billing_amount": amountBasic, "pending_change": nil,
	})
	if w.current(t, pbtest.OwnerID).CancelAtPeriodEnd {
		t.Error("Stripe does not know that it goes on")
	}
	w.deliverAll(t)
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
	w.wantMirror(t, sub.ID, map[string]string{"cancel_at_period_end": "false"})
	w.stripe.ResetCalls()
	wantBody(t, w.resume(t, pbtest.OwnerID), 200, map[string]any{"cancel_at_period_end": false})
	w.wantNoWrites(t, "resumed twice")

	wantBody(t, w.cancel(t, pbtest.OwnerID, true), 200, scheduled)
	w.deliverAll(t)
	w.advance(t, 40*day)
	w.wantTier(t, pbtest.OwnerID, "free", "cancelled")
	w.wantNoneLive(t, sub.Customer.ID)
	w.wantCharges(t, sub.Customer.ID, amountBasic)
	w.wantPlans(t, pbtest.OwnerID, "free>basic", "basic>free")
	wantCode(t, w.resume(t, pbtest.OwnerID), 409, "no_subscription")
	wantMetrics(t, metrics, `cragbase_cancellations_total{when="period_end"} 3`)
}

func TestCase11_CancelResumeCancel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subscribed(t, pbtest.OwnerID, "basic")
	w.stripe.ResetCalls()
	for _, step := range []struct {
		response pbtest.Response
		want     bool
	}{{w.cancel(t, pbtest.OwnerID, true), true}, {w.resume(t, pbtest.OwnerID), false}, {w.cancel(t, pbtest.OwnerID, true), true}} {
		wantBody(t, step.response, 200, map[string]any{"cancel_at_period_end": step.want})
	}
	if !w.current(t, pbtest.OwnerID).CancelAtPeriodEnd {
		t.Error("the third call did not set the flag")
	}
	keys := map[string]bool{}
	calls := w.sent("POST", "/v1/subscriptions/")
	for _, call := range calls {
		keys[call.Key] = true
		if call.Key == "" || call.Replayed {
			t.Errorf("call %+v", call)
		}
	}
	if len(calls) != 3 || len(keys) != 3 {
		t.Errorf("%d calls with %d keys, want 3", len(calls), len(keys))
	}
	w.deliverAll(t)
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
	w.wantMirror(t, w.current(t, pbtest.OwnerID).ID, map[string]string{"cancel_at_period_end": "true"})
}

func TestCase12_Portal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	wantCode(t, w.portal(t, pbtest.OwnerID), 409, "no_subscription")
	w.wantNoCalls(t, "who never paid")
	if len(w.stripe.Customers()) != 0 {
		t.Error("a customer was made")
	}
	w.subscribed(t, pbtest.StrangerID, "basic")
	sub := w.subscribed(t, pbtest.OwnerID, "basic")
	seen := map[string]bool{}
	for range 2 {
		w.stripe.ResetCalls()
		response := w.portal(t, pbtest.OwnerID)
		wantBody(t, response, 201, nil)
		address, _ := response.Map(t)["url"].(string)
		calls := w.sent("POST", "/v1/billing_portal/sessions")
		if !strings.HasPrefix(address, "https://pay.example.com/portal/") || len(calls) != 1 || calls[0].Form.Get("customer") != sub.Customer.ID || calls[0].Form.Get("return_url") != site+"/billing" {
			t.Errorf("%s by %v", address, calls)
		}
		seen[address] = true
	}
	if len(seen) != 2 {
		t.Error("a portal's address is a secret, and was given out twice")
	}
	w.cancel(t, pbtest.OwnerID, false)
	wantBody(t, w.portal(t, pbtest.OwnerID), 201, nil) // the invoices are still there
}

func TestCase15_Trial(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.setPlan(t, "basic", map[string]any{"stripe_price": priceTrial})
	session := w.checkout(t, pbtest.OwnerID, "basic")
	mustNot(t, w.stripe.Pay(session, sandbox.CardPays))
	w.deliverAll(t)
	sub := w.current(t, pbtest.OwnerID)
	if paid := w.stripe.Sessions(sub.Customer.ID)[0].PaymentStatus; paid != stripe.CheckoutSessionPaymentStatusNoPaymentRequired || sub.Status != stripe.SubscriptionStatusTrialing {
		t.Fatalf("session %s, subscription %s", paid, sub.Status)
	}
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
	w.wantCharges(t, sub.Customer.ID)
	w.wantMails(t, pbtest.OwnerID, "subscription_started")
	wantBody(t, w.subscription(t, pbtest.OwnerID), 200, map[string]any{
		"tier": "basic", "stripe_status": "trialing", "renewal_date": date(sub.TrialEnd), "next_billing_date": date(sub.TrialEnd), "next_billing_amount": amountBasic,
	})
	wantCode(t, w.subscribe(t, pbtest.OwnerID, "basic"), 409, "already_subscribed")

	w.stripe.SetCard(sub.Customer.ID, sandbox.CardDeclines)
	w.advance(t, time.Unix(sub.TrialEnd, 0).Sub(w.stripe.Now())+time.Second)
	if status := w.current(t, pbtest.OwnerID).Status; status != stripe.SubscriptionStatusPastDue {
		t.Fatalf("after the trial it is %s", status)
	}
	w.wantTier(t, pbtest.OwnerID, "basic", "past_due")
	w.wantMails(t, pbtest.OwnerID, "subscription_started", "payment_failed")
	w.advance(t, 7*day)
	w.sweep(t)
	w.wantTier(t, pbtest.OwnerID, "free", "past_due") // the grace is over
	w.wantCharges(t, sub.Customer.ID)
	w.wantPlans(t, pbtest.OwnerID, "free>basic", "basic>free")
}

// A trial whose card works goes over into a paid month.
func TestCase15_TrialThatIsPaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.setPlan(t, "basic", map[string]any{"stripe_price": priceTrial})
	sub := w.subscribed(t, pbtest.OwnerID, "basic")
	w.advance(t, 15*day)
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
	w.wantCharges(t, sub.Customer.ID, amountBasic)
	w.wantMails(t, pbtest.OwnerID, "subscription_started")
}
