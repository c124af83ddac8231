package billing_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/billing/sandbox"
	"github.com/cragbase/cragbase/internal/pbtest"
)

func (w *world) preview(t testing.TB, userID, tier string) pbtest.Response {
	t.Helper()
	return w.as(t, userID, "GET", "/v1/users/me/subscription/preview?tier="+tier, nil)
}

func (w *world) invoices(t testing.TB, userID, query string) pbtest.Response {
	t.Helper()
	return w.as(t, userID, "GET", "/v1/users/me/invoices"+query, nil)
}

// number is a whole number in a body.
func number(t testing.TB, response pbtest.Response, name string) int64 {
	t.Helper()
	value, ok := response.Map(t)[name].(float64)
	if !ok {
		t.Fatalf("%s is no number in %s", name, response.Body)
	}
	return int64(value)
}

func TestCase13_PreviewSaysWhatAChangeCosts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from, to string
		ending   bool
	}{
		"upgrade": {"basic", "premium", false}, "downgrade": {"premium", "basic", false}, "upgrade of one that was to end": {"basic", "premium", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			sub := w.subscribed(t, pbtest.OwnerID, c.from)
			if c.ending {
				wantBody(t, w.cancel(t, pbtest.OwnerID, true), 200, nil)
				w.deliverAll(t)
			}
			w.stripe.Advance(10 * day)
			w.stripe.ResetCalls()
			preview := w.preview(t, pbtest.OwnerID, c.to)
			amount := map[string]int{"basic": amountBasic, "premium": amountPremium}[c.to]
			wantBody(t, preview, 200, map[string]any{
				"tier": c.to, "action": "change", "currency": "usd", "next_billing_amount": amount, "next_billing_date": date(sub.CurrentPeriodEnd),
			})
			w.wantNoWrites(t, "preview")
			lines, _ := preview.Map(t)["lines"].([]any)
			sum := int64(0)
			for _, line := range lines {
				sum += int64(line.(map[string]any)["amount"].(float64))
			}
			due, credit := number(t, preview, "amount_due"), number(t, preview, "credit")
			if len(lines) != 2 || sum != due-credit {
				t.Errorf("%d due, %d credit, lines %v", due, credit, lines)
			}
			if (c.to == "premium") != (due > 0) || (c.to == "basic") != (credit > 0) {
				t.Errorf("%d due, %d credit", due, credit)
			}
			w.wantTier(t, pbtest.OwnerID, c.from, "active")

			// It costs that, up to what the seconds in between are worth.
			before := w.charged()
			wantBody(t, w.subscribe(t, pbtest.OwnerID, c.to), 200, nil)
			if paid := w.charged() - before; paid-due > 1 || paid-due < -1 {
				t.Errorf("%d was paid, %d announced", paid, due)
			}
			if balance := -w.stripe.Customers()[0].Balance; balance-credit > 1 || balance-credit < -1 {
				t.Errorf("%d was credited, %d announced", balance, credit)
			}
		})
	}
}

func TestCase13_PreviewOfOtherSteps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.stripe.ResetCalls()
	wantBody(t, w.preview(t, pbtest.OwnerID, "basic"), 200, map[string]any{
		"tier": "basic", "action": "checkout", "amount_due": amountBasic, "credit": 0, "currency": "usd", "next_billing_amount": amountBasic,
	})
	wantBody(t, w.preview(t, pbtest.OwnerID, "free"), 200, map[string]any{"action": "none"})
	for _, tier := range []string{"", "gold", "price_basic"} {
		wantBody(t, w.preview(t, pbtest.OwnerID, tier), 400, map[string]any{"code": "validation_failed"})
	}
	w.wantNoCalls(t, "a user without a customer")
	if len(w.stripe.Customers()) != 0 {
		t.Error("a customer was made")
	}
	sub := w.subscribed(t, pbtest.OwnerID, "basic")
	wantBody(t, w.preview(t, pbtest.OwnerID, "basic"), 200, map[string]any{"action": "none", "lines": []any{}})
	wantBody(t, w.preview(t, pbtest.OwnerID, "free"), 200, map[string]any{"action": "cancel", "amount_due": 0, "next_billing_amount": nil, "next_billing_date": nil})
	wantBody(t, w.cancel(t, pbtest.OwnerID, true), 200, map[string]any{"next_billing_amount": nil}) // nothing is coming, and that is no error
	wantBody(t, w.subscription(t, pbtest.OwnerID), 200, map[string]any{"next_billing_amount": nil, "next_billing_date": nil, "renewal_date": date(sub.CurrentPeriodEnd)})
}

func TestCase14_InvoicesAreTheUsersOwnNewestFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subscribed(t, pbtest.StrangerID, "premium")
	sub := w.subscribed(t, pbtest.OwnerID, "basic")
	w.stripe.Advance(10 * day)
	wantBody(t, w.subscribe(t, pbtest.OwnerID, "premium"), 200, nil)
	w.stripe.Advance(5 * day)
	wantBody(t, w.subscribe(t, pbtest.OwnerID, "basic"), 200, nil) // a credit
	w.stripe.Advance(30 * day)
	invoices := w.stripe.Invoices(sub.Customer.ID)
	if len(invoices) != 4 {
		t.Fatalf("%d invoices at Stripe", len(invoices))
	}
	var want []any
	for _, invoice := range invoices {
		want = append(want, map[string]any{
			"id": invoice.ID, "number": invoice.Number, "date": date(invoice.Created), "amount": invoice.Total, "currency": "usd", "status": "paid",
			"hosted_url": invoice.HostedInvoiceURL, "pdf_url": invoice.InvoicePDF,
		})
		if invoice.HostedInvoiceURL == "" || invoice.InvoicePDF == "" {
			t.Errorf("no addresses: %+v", invoice)
		}
	}
	w.stripe.ResetCalls()
	wantBody(t, w.invoices(t, pbtest.OwnerID, ""), 200, map[string]any{"items": want, "has_more": false, "next": nil})
	if calls := w.stripe.Calls(); len(calls) != 1 || calls[0].Form.Get("customer") != sub.Customer.ID {
		t.Errorf("calls %v", calls)
	}
	if !slices.IsSortedFunc(invoices, func(x, y *stripe.Invoice) int { return int(y.Created - x.Created) }) {
		t.Error("they are not the newest first")
	}

	// In pages.
	wantBody(t, w.invoices(t, pbtest.OwnerID, "?limit=3"), 200, map[string]any{"items": want[:3], "has_more": true, "next": invoices[2].ID})
	wantBody(t, w.invoices(t, pbtest.OwnerID, "?limit=3&after="+invoices[2].ID), 200, map[string]any{"items": want[3:], "has_more": false, "next": nil})
	wantBody(t, w.invoices(t, pbtest.OwnerID, "?limit=4"), 200, map[string]any{"items": want, "has_more": false})
	wantBody(t, w.invoices(t, pbtest.OwnerID, "?limit=100&after="+invoices[3].ID), 200, map[string]any{"items": []any{}, "has_more": false, "next": nil})
}

func TestCase14_InvoicePagesAreChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign := w.stripe.Invoices(w.subscribed(t, pbtest.StrangerID, "premium").Customer.ID)[0]
	w.subscribed(t, pbtest.OwnerID, "basic")
	w.stripe.ResetCalls()
	for _, limit := range []string{"0", "101", "-1", "x", "1.5", "99999999999999999999"} {
		wantBody(t, w.invoices(t, pbtest.OwnerID, "?limit="+limit), 400, map[string]any{"data.limit.code": "validation_out_of_range"})
	}
	w.wantNoCalls(t, "a bad limit")
	for _, after := range []string{"in_nothing", "%00", "a/b?c=d&customer=cus_1", "cus_1"} {
		response := w.invoices(t, pbtest.OwnerID, "?after="+after)
		if response.Status != 400 && response.Status != 200 {
			t.Errorf("after=%s: %d %s", after, response.Status, response.Body)
		}
	}
	if response := w.invoices(t, pbtest.OwnerID, "?after="+foreign.ID); strings.Contains(response.Body, foreign.Number) || response.Status != 400 {
		t.Errorf("after a foreign invoice: %d %s", response.Status, response.Body)
	}
}

func TestReturnRouteSyncsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	session := w.checkout(t, pbtest.OwnerID, "basic")
	mustNot(t, w.stripe.Pay(session, sandbox.CardPays))
	w.dropAll() // no webhook
	path := "/v1/billing/return?session_id=" + session

	// The browser that follows Stripe's link has no token; the web app has.
	browser := w.as(t, "", "GET", path, nil, "Accept", "text/html,application/xhtml+xml")
	if browser.Status != http.StatusSeeOther || browser.Header.Get("Location") != "/billing?session_id="+session {
		t.Errorf("a browser: %d to %s", browser.Status, browser.Header.Get("Location"))
	}
	w.wantTier(t, pbtest.OwnerID, "free", "inactive")
	wantCode(t, w.as(t, "", "GET", path, nil), 401, "unauthorized")
	wantCode(t, w.as(t, "", "GET", path, nil, "Accept", "application/json"), 401, "unauthorized")
	if evil := w.as(t, "", "GET", "/v1/billing/return?session_id=x%26next%3Dhttps://evil.example.com%0d%0aSet-Cookie:a", nil, "Accept", "text/html"); evil.Status != http.StatusSeeOther ||
		!strings.HasPrefix(evil.Header.Get("Location"), "/billing?session_id=x%26next%3D") || strings.ContainsAny(evil.Header.Get("Location"), "\r\n") {
		t.Errorf("a crafted link leads to %q", evil.Header.Get("Location"))
	}

	for _, foreign := range []string{session, "", "cs_test_nothing", "in_1"} {
		wantCode(t, w.as(t, pbtest.StrangerID, "GET", "/v1/billing/return?session_id="+foreign, nil), 404, "not_found")
	}
	wantCode(t, w.as(t, pbtest.StrangerID, "GET", "/v1/billing/return", nil, "Accept", "text/html"), 404, "not_found")
	w.wantTier(t, pbtest.OwnerID, "free", "inactive")
	w.wantTier(t, pbtest.StrangerID, "free", "inactive")

	for range 2 { // a reload does no harm
		back := w.as(t, pbtest.OwnerID, "GET", path, nil)
		if back.Status != http.StatusSeeOther || back.Header.Get("Location") != "/billing?checkout=success" || back.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("back: %d to %s", back.Status, back.Header.Get("Location"))
		}
		w.wantTier(t, pbtest.OwnerID, "basic", "active")
	}
	w.wantMails(t, pbtest.OwnerID, "subscription_started")
	w.wantPlans(t, pbtest.OwnerID, "free>basic")
	w.wantNothingUndone(t)
}

// The way back does not make somebody pay who has not.
func TestReturnWithoutPayment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	session := w.checkout(t, pbtest.OwnerID, "basic")
	w.as(t, pbtest.OwnerID, "GET", "/v1/billing/return?session_id="+session, nil)
	w.wantTier(t, pbtest.OwnerID, "free", "inactive")
	w.stripe.Fault(sandbox.Fault{Status: 503})
	wantCode(t, w.as(t, pbtest.OwnerID, "GET", "/v1/billing/return?session_id="+session, nil), 503, "stripe_unavailable")
	w.stripe.ClearFaults()
	if again := w.checkout(t, pbtest.OwnerID, "basic"); again != session {
		t.Error("the session is not open any more")
	}
}

func TestResyncByAnAdministrator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sync := func(user string) pbtest.Response {
		t.Helper()
		return w.Do(t, pbtest.Superuser, "POST", "/v1/admin/users/"+user+"/billing-sync", nil)
	}
	wantCode(t, sync("nobody000000001"), 404, "not_found")
	wantBody(t, sync(pbtest.StrangerID), 200, map[string]any{"tier": "free", "payment_status": "inactive", "source": "local"})
	w.wantNoCalls(t, "a user without a customer")
	mustNot(t, w.stripe.Pay(w.checkout(t, pbtest.OwnerID, "basic"), sandbox.CardPays))
	w.dropAll()
	sub := w.current(t, pbtest.OwnerID)
	wantBody(t, sync(pbtest.OwnerID), 200, map[string]any{"tier": "basic", "payment_status": "active", "stripe_subscription_id": sub.ID})
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
	w.wantTier(t, pbtest.StrangerID, "free", "inactive")
	mustNot(t, w.stripe.CancelSubscription(sub.ID))
	w.dropAll()
	w.stripe.Fault(sandbox.Fault{Status: 503})
	wantCode(t, sync(pbtest.OwnerID), 503, "stripe_unavailable") // an administrator wants to know, and not what we knew
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
	w.stripe.ClearFaults()
	wantBody(t, sync(pbtest.OwnerID), 200, map[string]any{"tier": "free", "payment_status": "cancelled"})
	w.wantTier(t, pbtest.OwnerID, "free", "cancelled")
	w.wantPlans(t, pbtest.OwnerID, "free>basic", "basic>free")
}

// subscribeWith asks with an Idempotency-Key.
func (w *world) subscribeWith(t testing.TB, userID, tier, key string) pbtest.Response {
	t.Helper()
	return w.as(t, userID, "POST", "/v1/users/me/subscribe", map[string]any{"desired_tier": tier}, "Idempotency-Key", key)
}

func TestIdempotencyKeyOfACheckout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.subscribeWith(t, pbtest.OwnerID, "basic", "key-1")
	again := w.subscribeWith(t, pbtest.OwnerID, "basic", "key-1")
	session := first.Map(t)["session_id"]
	wantBody(t, again, 201, map[string]any{"action": "checkout", "session_id": session})
	wantCode(t, w.subscribeWith(t, pbtest.OwnerID, "premium", "key-1"), 409, "idempotency_key_reused")
	wantCode(t, w.subscribeWith(t, pbtest.StrangerID, "premium", "key-1"), 201, "") // keys are each user's own
	if sessions := w.stripe.Sessions(w.customer(t, pbtest.OwnerID)); len(sessions) != 1 || sessions[0].Status != stripe.CheckoutSessionStatusOpen {
		t.Errorf("%d sessions", len(sessions))
	}
	for _, key := range []string{strings.Repeat("k", 256), "ключ", "a\tb"} {
		wantBody(t, w.subscribeWith(t, pbtest.OwnerID, "basic", key), 400, map[string]any{"code": "validation_failed"})
	}
	wantBody(t, w.subscribeWith(t, pbtest.OwnerID, "basic", strings.Repeat("k", 255)), 201, map[string]any{"session_id": session})

	// A key whose session expired unpaid begins anew.
	w.advance(t, 25*time.Hour)
	fresh := w.subscribeWith(t, pbtest.OwnerID, "basic", "key-1")
	wantBody(t, fresh, 201, nil)
	if fresh.Map(t)["session_id"] == session {
		t.Error("the session that expired came again")
	}
}

func TestIdempotencyKeyOfAChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sub := w.subscribed(t, pbtest.OwnerID, "basic")
	w.stripe.SetCard(sub.Customer.ID, sandbox.CardDeclines)
	wantCode(t, w.subscribeWith(t, pbtest.OwnerID, "premium", "up"), 402, "payment_failed")
	w.stripe.SetCard(sub.Customer.ID, sandbox.CardPays)
	wantBody(t, w.subscribeWith(t, pbtest.OwnerID, "premium", "up"), 200, map[string]any{"action": "changed", "subscription.tier": "premium"}) // a failure is not kept
	invoices := len(w.stripe.Invoices(sub.Customer.ID))
	w.stripe.ResetCalls()
	wantBody(t, w.subscribeWith(t, pbtest.OwnerID, "premium", "up"), 200, map[string]any{"action": "changed", "subscription.tier": "premium"})
	w.wantNoWrites(t, "the same request again")
	wantBody(t, w.subscribeWith(t, pbtest.OwnerID, "basic", "down"), 200, map[string]any{"subscription.tier": "basic"})
	w.stripe.ResetCalls()
	wantBody(t, w.subscribeWith(t, pbtest.OwnerID, "premium", "up"), 200, map[string]any{"action": "changed", "subscription.tier": "basic"}) // late, and undone since
	w.wantNoWrites(t, "a late repetition")
	wantCode(t, w.subscribeWith(t, pbtest.OwnerID, "basic", "up"), 409, "idempotency_key_reused")
	if got := len(w.stripe.Invoices(sub.Customer.ID)); got != invoices+1 {
		t.Errorf("%d invoices, want %d", got, invoices+1)
	}
	w.wantPrice(t, pbtest.OwnerID, priceBasic)
}

// A request that is sent twice at once is carried out once.
func TestIdempotencyKeyAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sub := w.subscribed(t, pbtest.OwnerID, "basic")
	answers := make([]pbtest.Response, 5)
	var all sync.WaitGroup
	for n := range answers {
		all.Go(func() { answers[n] = w.subscribeWith(t, pbtest.OwnerID, "premium", "once") })
	}
	all.Wait()
	for _, answer := range answers {
		wantBody(t, answer, 200, map[string]any{"action": "changed", "subscription.tier": "premium"})
	}
	if invoices := w.stripe.Invoices(sub.Customer.ID); len(invoices) != 2 {
		t.Errorf("%d invoices, want 2", len(invoices))
	}
	w.deliverAll(t)
	w.wantMails(t, pbtest.OwnerID, "subscription_started", "subscription_changed")
}

// Quick double clicks, without any key.
func TestDoubleClicks(t *testing.T) {
	t.Parallel()
	twice := func(click func() pbtest.Response) (statuses []int) {
		statuses = make([]int, 2)
		var all sync.WaitGroup
		for n := range statuses {
			all.Go(func() { statuses[n] = click().Status })
		}
		all.Wait()
		slices.Sort(statuses)
		return statuses
	}
	w := newWorld(t)
	owner := pbtest.OwnerID
	if got := twice(func() pbtest.Response { return w.subscribe(t, owner, "basic") }); !slices.Equal(got, []int{201, 201}) {
		t.Errorf("subscribe: %v", got)
	}
	customer := w.customer(t, owner)
	if len(w.stripe.Customers()) != 1 || len(w.stripe.Sessions(customer)) != 1 {
		t.Errorf("%d customers, %d sessions", len(w.stripe.Customers()), len(w.stripe.Sessions(customer)))
	}
	mustNot(t, w.stripe.Pay(w.stripe.Sessions(customer)[0].ID, sandbox.CardPays))
	w.deliverAll(t)
	if got := twice(func() pbtest.Response { return w.subscribe(t, owner, "premium") }); !slices.Equal(got, []int{200, 409}) {
		t.Errorf("change: %v", got)
	}
	if invoices := w.stripe.Invoices(customer); len(invoices) != 2 {
		t.Errorf("%d invoices", len(invoices))
	}
	if got := twice(func() pbtest.Response { return w.cancel(t, owner, true) }); !slices.Equal(got, []int{200, 200}) {
		t.Errorf("cancel at the end: %v", got)
	}
	if got := twice(func() pbtest.Response { return w.resume(t, owner) }); !slices.Equal(got, []int{200, 200}) {
		t.Errorf("resume: %v", got)
	}
	if got := twice(func() pbtest.Response { return w.portal(t, owner) }); !slices.Equal(got, []int{201, 201}) {
		t.Errorf("portal: %v", got)
	}
	if got := twice(func() pbtest.Response { return w.cancel(t, owner, false) }); !slices.Equal(got, []int{200, 409}) {
		t.Errorf("cancel: %v", got)
	}
	w.deliverAll(t)
	w.wantTier(t, owner, "free", "cancelled")
	w.wantNothingUndone(t)
}

// Another tier during an open checkout: the first one cannot be paid any more.
func TestAnotherTierReplacesTheCheckout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	basic := w.checkout(t, pbtest.OwnerID, "basic")
	premium := w.checkout(t, pbtest.OwnerID, "premium")
	if err := w.stripe.Pay(basic, sandbox.CardPays); err != sandbox.ErrClosed {
		t.Errorf("paying the first: %v", err)
	}
	if basic == premium || w.checkout(t, pbtest.OwnerID, "premium") != premium {
		t.Error("the second one is not kept")
	}
	mustNot(t, w.stripe.Pay(premium, sandbox.CardPays))
	w.deliverAll(t)
	w.wantTier(t, pbtest.OwnerID, "premium", "active")
	w.wantCharges(t, w.customer(t, pbtest.OwnerID), amountPremium)
	w.wantNothingUndone(t)
}

// A checkout that was paid while the user asked for another tier counts: nobody pays twice.
func TestCheckoutPaidBeforeTheOtherTierIsChosen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mustNot(t, w.stripe.Pay(w.checkout(t, pbtest.OwnerID, "basic"), sandbox.CardPays))
	w.dropAll()
	response := w.subscribe(t, pbtest.OwnerID, "premium")
	wantBody(t, response, 200, map[string]any{"action": "changed", "subscription.tier": "premium"})
	if subs := w.stripe.Subscriptions(w.customer(t, pbtest.OwnerID)); len(subs) != 1 {
		t.Errorf("%d subscriptions", len(subs))
	}
	w.wantTier(t, pbtest.OwnerID, "premium", "active")
	w.wantPlans(t, pbtest.OwnerID, "free>basic", "basic>premium")
	w.wantMails(t, pbtest.OwnerID, "subscription_started", "subscription_changed")
}

// Who chooses a plan wants to stay: a planned end is taken back with the change, and is not when that fails.
func TestChangeTakesAPlannedEndBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sub := w.subscribed(t, pbtest.OwnerID, "basic")
	w.cancel(t, pbtest.OwnerID, true)
	w.deliverAll(t)
	w.stripe.SetCard(sub.Customer.ID, sandbox.CardDeclines)
	wantCode(t, w.subscribe(t, pbtest.OwnerID, "premium"), 402, "payment_failed")
	if !w.current(t, pbtest.OwnerID).CancelAtPeriodEnd {
		t.Error("a change that failed took the cancellation back")
	}
	wantBody(t, w.subscription(t, pbtest.OwnerID), 200, map[string]any{"tier": "basic", "cancel_at_period_end": true})
	w.stripe.SetCard(sub.Customer.ID, sandbox.CardPays)
	wantBody(t, w.subscribe(t, pbtest.OwnerID, "premium"), 200, map[string]any{
		"subscription.tier": "premium", "subscription.cancel_at_period_end": false, "subscription.next_billing_amount": amountPremium, "subscription.pending_change": nil,
	})
	w.deliverAll(t)
	w.advance(t, 40*day)
	w.wantTier(t, pbtest.OwnerID, "premium", "active")
}

// The same plan while it is to end: that is what resuming is for.
func TestSameTierWhileItIsToEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subscribed(t, pbtest.OwnerID, "basic")
	w.cancel(t, pbtest.OwnerID, true)
	w.stripe.ResetCalls()
	wantCode(t, w.subscribe(t, pbtest.OwnerID, "basic"), 409, "already_subscribed")
	w.wantNoWrites(t, "the same tier")
}

// An administrator's new price holds for those who come; who is there keeps the old one.
func TestNewPriceOfAPlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sub := w.subscribed(t, pbtest.OwnerID, "basic")
	waiting := w.checkout(t, pbtest.StrangerID, "basic") // at the old price
	late := w.newUser(t)
	paidLate := w.checkout(t, late, "basic")
	w.stripe.AddPrice(sandbox.Price{ID: "price_basic2", Currency: "usd", Interval: "month", Amount: 1499})
	w.setPlan(t, "basic", map[string]any{"stripe_price": "price_basic2", "price_amount": 1499})

	wantCode(t, w.subscribe(t, pbtest.OwnerID, "basic"), 409, "already_subscribed")
	wantBody(t, w.subscription(t, pbtest.OwnerID), 200, map[string]any{"tier": "basic", "next_billing_amount": amountBasic})
	w.advance(t, 31*day)
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
	w.wantCharges(t, sub.Customer.ID, amountBasic, amountBasic)

	again := w.checkout(t, pbtest.StrangerID, "basic")
	if again == waiting {
		t.Error("the open session still sells at the old price")
	}
	mustNot(t, w.stripe.Pay(again, sandbox.CardPays))
	w.deliverAll(t)
	w.wantTier(t, pbtest.StrangerID, "basic", "active")
	w.wantCharges(t, w.customer(t, pbtest.StrangerID), 1499)

	if err := w.stripe.Pay(paidLate, sandbox.CardPays); err != sandbox.ErrClosed {
		t.Errorf("after a month the session is still open: %v", err)
	}

	wantBody(t, w.subscribe(t, pbtest.OwnerID, "premium"), 200, nil)
	wantBody(t, w.subscribe(t, pbtest.OwnerID, "basic"), 200, nil) // who leaves the old price does not get it again
	w.wantPrice(t, pbtest.OwnerID, "price_basic2")
	w.deliverAll(t)
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
}

// Who pays an open session at a price that was replaced meanwhile has the plan.
func TestCheckoutAtAPriceThatWasReplaced(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	session := w.checkout(t, pbtest.OwnerID, "basic")
	w.stripe.AddPrice(sandbox.Price{ID: "price_basic2", Currency: "usd", Interval: "month", Amount: 1499})
	w.setPlan(t, "basic", map[string]any{"stripe_price": "price_basic2"})
	mustNot(t, w.stripe.Pay(session, sandbox.CardPays))
	w.deliverAll(t)
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
	w.wantPrice(t, pbtest.OwnerID, priceBasic)
}

// A plan without a price is not for sale, and says so.
func TestPlanWithoutAPrice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.setPlan(t, "premium", map[string]any{"stripe_price": ""})
	response := w.subscribe(t, pbtest.OwnerID, "premium")
	wantCode(t, response, 503, "billing_not_configured")
	w.wantNoCalls(t, "no price")
	w.subscribed(t, pbtest.OwnerID, "basic")
	w.stripe.ResetCalls()
	wantCode(t, w.subscribe(t, pbtest.OwnerID, "premium"), 503, "billing_not_configured")
	wantCode(t, w.preview(t, pbtest.OwnerID, "premium"), 503, "billing_not_configured")
	w.wantNoWrites(t, "no price")
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
}

// A price that Stripe does not know is our mistake: the user changes nothing with it, and somebody is told.
func TestPriceThatStripeDoesNotKnow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.setPlan(t, "premium", map[string]any{"stripe_price": "price_nowhere"})
	wantCode(t, w.subscribe(t, pbtest.OwnerID, "premium"), 500, "")
	w.wantTier(t, pbtest.OwnerID, "free", "inactive")
	w.wantNothingUndone(t)
	w.subscribed(t, pbtest.OwnerID, "basic")
	wantCode(t, w.subscribe(t, pbtest.OwnerID, "premium"), 500, "")
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
	w.wantPrice(t, pbtest.OwnerID, priceBasic)
	w.wantNothingUndone(t)
}

// Stripe down: a read answers with what we knew, and heals as soon as Stripe is back.
func TestStaleSubscription(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sub := w.subscribed(t, pbtest.OwnerID, "basic")
	w.stripe.CancelSubscription(sub.ID)
	w.dropAll()
	for name, fault := range map[string]sandbox.Fault{"503": {Status: 503}, "a proxy": {Status: 502, HTML: true}, "no answer": {Drop: true}, "429": {Status: 429, Code: "rate_limit"}} {
		w.stripe.Fault(fault)
		wantBody(t, w.subscription(t, pbtest.OwnerID), 200, map[string]any{
			"tier": "basic", "payment_status": "active", "stripe_subscription_id": sub.ID, "stripe_status": "active", "renewal_date": date(sub.CurrentPeriodEnd),
			"next_billing_amount": amountBasic, "currency": "usd", "source": "local", "stale": true,
		})
		w.stripe.ClearFaults()
		_ = name
	}
	if fetched, _ := w.subscription(t, pbtest.OwnerID).Map(t)["fetched_at"].(string); fetched == "" {
		t.Error("it does not say when it was read")
	}
	wantBody(t, w.subscription(t, pbtest.OwnerID), 200, map[string]any{"tier": "free", "payment_status": "cancelled", "source": "stripe", "stale": false})
	w.wantTier(t, pbtest.OwnerID, "free", "cancelled")
}

// What the portal changes arrives by webhook alone.
func TestChangesInThePortal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sub := w.subscribed(t, pbtest.OwnerID, "basic")
	api := w.dashboard()
	_, err := api.Subscriptions.Update(sub.ID, &stripe.SubscriptionParams{
		Items: []*stripe.SubscriptionItemsParams{{ID: stripe.String(sub.Items.Data[0].ID), Price: stripe.String(pricePremium)}}, CancelAtPeriodEnd: stripe.Bool(true),
	})
	mustNot(t, err)
	w.deliverAll(t)
	w.wantTier(t, pbtest.OwnerID, "premium", "active")
	w.wantMirror(t, sub.ID, map[string]string{"cancel_at_period_end": "true", "tier": "premium"})
	w.wantPlans(t, pbtest.OwnerID, "free>basic", "basic>premium")
	_, err = api.Subscriptions.Cancel(sub.ID, nil)
	mustNot(t, err)
	w.deliverAll(t)
	w.wantTier(t, pbtest.OwnerID, "free", "cancelled")
}

// A user pays, is told once, and no read or webhook that comes again tells them more.
func TestNothingIsToldTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subscribed(t, pbtest.OwnerID, "basic")
	for range 2 {
		for _, event := range w.stripe.Events() {
			if status, err := w.stripe.Deliver(event.ID); err != nil || status != 200 {
				t.Fatalf("%s: %d %v", event.Type, status, err)
			}
		}
		w.subscription(t, pbtest.OwnerID)
		w.sweep(t)
	}
	w.wantMails(t, pbtest.OwnerID, "subscription_started")
	w.wantPlans(t, pbtest.OwnerID, "free>basic")
	events, err := w.CountRecords(billing.EventCollection)
	if err != nil || int(events) != len(w.stripe.Events()) {
		t.Errorf("%d events written down of %d (%v)", events, len(w.stripe.Events()), err)
	}
	if count, err := w.CountRecords(billing.EventCollection, dbx.HashExp{"state": "done"}); err != nil || count != events {
		t.Errorf("%s", fmt.Sprint(count, err))
	}
}
