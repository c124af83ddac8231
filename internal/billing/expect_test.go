package billing_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/audit"
	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/billing/sandbox"
	"github.com/cragbase/cragbase/internal/pbtest"
)

const day = 24 * time.Hour

// newMeasuredWorld is a world that counts; the address is where Prometheus would read it.
func newMeasuredWorld(t testing.TB) (w *world, address string) {
	t.Helper()
	address = pbtest.FreeAddress(t)
	return newUnusualWorld(t, unusual{deps: func(deps *hooks.Deps) { deps.Metrics = address }}), address
}

// wantMetrics wants lines that Prometheus would read, and none that begins with one of the absent.
func wantMetrics(t testing.TB, address string, lines ...string) {
	t.Helper()
	response, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		if !strings.Contains(string(body), line+"\n") {
			t.Errorf("the metrics have no %s", line)
		}
	}
}

// wantBody wants a status and fields of a JSON body; a name with dots goes into objects.
func wantBody(t testing.TB, response pbtest.Response, status int, fields map[string]any) {
	t.Helper()
	if response.Status != status {
		t.Errorf("status %d, want %d: %s", response.Status, status, response.Body)
		return
	}
	for name, want := range fields {
		var got any = response.Map(t)
		for part := range strings.SplitSeq(name, ".") {
			object, _ := got.(map[string]any)
			got = object[part]
		}
		if want = asJSON(t, want); !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v, want %v, in %s", name, got, want, response.Body)
		}
	}
}

// asJSON is a value as it comes out of a JSON body.
func asJSON(t testing.TB, value any) any {
	t.Helper()
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var decoded any
	if err := json.Unmarshal(encoded, &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}

// date is a time of Stripe's as the contract writes it.
func date(unix int64) string { return time.Unix(unix, 0).UTC().Format("2006-01-02T15:04:05.000Z") }

// subscription asks for a user's subscription.
func (w *world) subscription(t testing.TB, userID string) pbtest.Response {
	t.Helper()
	return w.as(t, userID, "GET", "/v1/users/me/subscription", nil)
}

// cancel cancels a user's subscription, now or with the period.
func (w *world) cancel(t testing.TB, userID string, atPeriodEnd bool) pbtest.Response {
	t.Helper()
	return w.as(t, userID, "POST", "/v1/users/me/cancel-subscription", map[string]any{"at_period_end": atPeriodEnd})
}

func (w *world) resume(t testing.TB, userID string) pbtest.Response {
	t.Helper()
	return w.as(t, userID, "POST", "/v1/users/me/resume-subscription", nil)
}

// portal asks for the way to Stripe's portal.
func (w *world) portal(t testing.TB, userID string) pbtest.Response {
	t.Helper()
	return w.as(t, userID, "POST", "/v1/users/me/billing-portal", nil)
}

// current is the one live subscription of a user at Stripe.
func (w *world) current(t testing.TB, userID string) *stripe.Subscription {
	t.Helper()
	live := w.stripe.Live(w.customer(t, userID))
	if len(live) != 1 {
		t.Fatalf("%d live subscriptions, want 1", len(live))
	}
	return live[0]
}

// wantNoneLive wants nothing at Stripe that could be charged.
func (w *world) wantNoneLive(t testing.TB, customer string) {
	t.Helper()
	if live := w.stripe.Live(customer); len(live) != 0 {
		t.Errorf("%d live subscriptions, want none", len(live))
	}
}

// wantPrice wants the one live subscription of a user to sell exactly a price.
func (w *world) wantPrice(t testing.TB, userID, price string) {
	t.Helper()
	items := w.current(t, userID).Items.Data
	if len(items) != 1 || items[0].Price.ID != price || items[0].Quantity != 1 {
		t.Errorf("the subscription has %d items, the first %d of %s; want one of %s", len(items), items[0].Quantity, items[0].Price.ID, price)
	}
}

// wantCharges wants the money that moved from and to a customer, oldest first.
func (w *world) wantCharges(t testing.TB, customer string, amounts ...int64) {
	t.Helper()
	var got []int64
	for _, charge := range w.stripe.Ledger() {
		if charge.Customer == customer {
			got = append(got, charge.Amount)
		}
	}
	if !slices.Equal(got, amounts) {
		t.Errorf("charged %v, want %v", got, amounts)
	}
}

// wantMails wants the kinds of mails about payments that a user got, oldest first.
func (w *world) wantMails(t testing.TB, userID string, kinds ...string) {
	t.Helper()
	var got []string
	err := w.DB().Select("kind").From("outbox").Where(dbx.HashExp{"user": userID}).
		AndWhere(dbx.NewExp("kind LIKE 'subscription%' OR kind LIKE 'payment%'")).OrderBy("rowid").Column(&got)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, kinds) {
		t.Errorf("mails %v, want %v", got, kinds)
	}
}

// wantPlans wants what the audit log has of a user's plans, oldest first, as "free>basic".
func (w *world) wantPlans(t testing.TB, userID string, changes ...string) {
	t.Helper()
	var got []string
	err := w.DB().Select("json_extract(details, '$.from') || '>' || json_extract(details, '$.to')").From(audit.Collection).
		Where(dbx.HashExp{"user": userID, "event": audit.PlanChanged}).OrderBy("rowid").Column(&got)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, changes) {
		t.Errorf("changes of plan %v, want %v", got, changes)
	}
}

// mirrored is what is written down of a subscription.
func (w *world) mirrored(t testing.TB, id string) *core.Record {
	t.Helper()
	record, err := w.FindFirstRecordByData(billing.SubscriptionCollection, "stripe_id", id)
	if err != nil {
		t.Fatalf("subscription %s is not mirrored: %v", id, err)
	}
	return record
}

// wantMirror wants columns of the mirror of a subscription.
func (w *world) wantMirror(t testing.TB, id string, columns map[string]string) {
	t.Helper()
	record := w.mirrored(t, id)
	for name, want := range columns {
		if got := record.GetString(name); got != want {
			t.Errorf("%s of the mirror is %q, want %q", name, got, want)
		}
	}
}

// row is what is written down of a user at Stripe.
func (w *world) row(t testing.TB, userID string) *core.Record {
	t.Helper()
	record, err := w.FindFirstRecordByData(billing.CustomerCollection, "user", userID)
	if err != nil {
		t.Fatal(err)
	}
	return record
}

// wantNothingUndone wants every intent of a user to be settled, and every event.
func (w *world) wantNothingUndone(t testing.TB) {
	t.Helper()
	for collection, where := range map[string]dbx.Expression{
		billing.IntentCollection: dbx.In("state", "open", "unknown"), billing.EventCollection: dbx.HashExp{"state": "received"},
	} {
		if count, err := w.CountRecords(collection, where); err != nil || count != 0 {
			t.Errorf("%d records of %s are undone (%v)", count, collection, err)
		}
	}
}

// sent lists the calls since the last ResetCalls with a method and a path that begins so.
func (w *world) sent(method, path string) []sandbox.Call {
	return slices.DeleteFunc(w.stripe.Calls(), func(call sandbox.Call) bool {
		return call.Method != method || !strings.HasPrefix(call.Path, path)
	})
}

// wantNoCalls wants Stripe not to have been asked since the last ResetCalls.
func (w *world) wantNoCalls(t testing.TB, during string) {
	t.Helper()
	for _, call := range w.stripe.Calls() {
		t.Errorf("%s: %s %s was called", during, call.Method, call.Path)
	}
}

// wantNoWrites wants Stripe to have been only read since the last ResetCalls, but for portals, which change nothing.
func (w *world) wantNoWrites(t testing.TB, during string) {
	t.Helper()
	for _, call := range w.stripe.Calls() {
		if call.Method != http.MethodGet && call.Path != "/v1/billing_portal/sessions" {
			t.Errorf("%s: %s %s was called", during, call.Method, call.Path)
		}
	}
}

// wantPortal wants an error with the way to the portal of the user's own customer.
func (w *world) wantPortal(t testing.TB, response pbtest.Response, userID string) {
	t.Helper()
	data, _ := response.Map(t)["data"].(map[string]any)
	address, _ := data["portal_url"].(string)
	calls := w.sent("POST", "/v1/billing_portal/sessions")
	if !strings.HasPrefix(address, "https://pay.example.com/portal/") || len(calls) == 0 {
		t.Fatalf("no portal in %s", response.Body)
	}
	last := calls[len(calls)-1].Form
	if last.Get("customer") != w.customer(t, userID) || last.Get("return_url") != site+"/billing" {
		t.Errorf("the portal is of %s and leads back to %s", last.Get("customer"), last.Get("return_url"))
	}
}

// dashboard is Stripe in the hands of an administrator. Its calls are logged like ours.
func (w *world) dashboard() *client.API {
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		HTTPClient: &http.Client{Transport: sandbox.Transport(w.stripe.API())}, MaxNetworkRetries: stripe.Int64(0), LeveledLogger: &stripe.LeveledLogger{},
	})
	return client.New(secretKey, &stripe.Backends{API: backend, Connect: backend, Uploads: backend})
}

// setPlan edits a plan as an administrator does.
func (w *world) setPlan(t testing.TB, tier string, values map[string]any) {
	t.Helper()
	record, err := w.FindFirstRecordByData("plans", "tier", tier)
	if err != nil {
		t.Fatal(err)
	}
	record.Load(values)
	if err := w.Save(record); err != nil {
		t.Fatal(err)
	}
}

// advance lets time pass at Stripe and here, and delivers what happens.
func (w *world) advance(t testing.TB, d time.Duration) {
	t.Helper()
	w.stripe.Advance(d)
	w.deliverAll(t)
}

// pastDue brings a subscriber to where a renewal has just failed.
func (w *world) pastDue(t testing.TB, userID, tier string) *stripe.Subscription {
	t.Helper()
	sub := w.subscribed(t, userID, tier)
	w.stripe.SetCard(sub.Customer.ID, sandbox.CardDeclines)
	w.advance(t, time.Unix(sub.CurrentPeriodEnd, 0).Sub(w.stripe.Now())+time.Second)
	if sub = w.current(t, userID); sub.Status != stripe.SubscriptionStatusPastDue {
		t.Fatalf("the subscription is %s, want past_due", sub.Status)
	}
	return sub
}

// share is a part of an amount, rounded half up.
func share(amount, part, whole int64) int64 { return (2*amount*part + whole) / (2 * whole) }

// rest is what the rest of a subscription's period is worth at a price, from a time.
func rest(sub *stripe.Subscription, amount, from int64) int64 {
	return share(amount, sub.CurrentPeriodEnd-from, sub.CurrentPeriodEnd-sub.CurrentPeriodStart)
}

// route is a route of billing as a test calls it.
type route struct{ method, path, body string }

func (r route) String() string { return r.method + " " + r.path }

// userRoutes are all that a user reaches.
func userRoutes() []route {
	return []route{
		{"GET", "/v1/users/me/subscription", ""},
		{"GET", "/v1/users/me/subscription/preview?tier=premium", ""},
		{"POST", "/v1/users/me/subscribe", `{"desired_tier":"basic"}`},
		{"POST", "/v1/users/me/cancel-subscription", `{}`},
		{"POST", "/v1/users/me/resume-subscription", `{}`},
		{"POST", "/v1/users/me/billing-portal", `{}`},
		{"GET", "/v1/users/me/invoices", ""},
		{"GET", "/v1/billing/return?session_id=cs_test_1", ""},
	}
}

func (r route) request(t testing.TB, token string) *http.Request {
	t.Helper()
	if r.body == "" {
		return pbtest.NewRequest(t, r.method, r.path, token, nil)
	}
	return pbtest.NewRequest(t, r.method, r.path, token, r.body)
}

func mustNot(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(fmt.Errorf("unexpected: %w", err))
	}
}
