package billing_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/billing/sandbox"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// digest is the hex of what a secret makes of a payload at a time.
func digest(secret, payload string, at time.Time) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.%s", at.Unix(), payload)
	return hex.EncodeToString(mac.Sum(nil))
}

// signed is a header as Stripe writes it.
func signed(secret, payload string, at time.Time) string {
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), digest(secret, payload, at))
}

// eventAbout is an event about a customer, as the API version that we use writes it.
func eventAbout(id, kind, customer string, more map[string]any) string {
	event := map[string]any{
		"id": id, "object": "event", "type": kind, "created": 1_700_000_000, "livemode": false, "api_version": sandbox.APIVersion,
		"data": map[string]any{"object": map[string]any{"id": "sub_" + id, "object": "subscription", "customer": customer, "status": "active"}},
	}
	maps.Copy(event, more)
	encoded, err := json.Marshal(event)
	if err != nil {
		panic(err) // of maps, strings and numbers
	}
	return string(encoded)
}

// written is everything that billing has written down, but for the times of reading and writing.
func (w *world) written(t testing.TB) string {
	t.Helper()
	queries := []string{
		"SELECT id, tier, payment_status FROM users ORDER BY id",
		"SELECT user, customer, generation, subscription, grace_until, alert FROM stripe_customers ORDER BY user",
		"SELECT stripe_id, user, status, price, tier, cancel_at_period_end, period_end, ended_at, latest_invoice, refund_due FROM subscriptions ORDER BY stripe_id",
		"SELECT user, kind, key, state, object FROM stripe_intents ORDER BY key",
		"SELECT event, state FROM stripe_events ORDER BY event",
		"SELECT user, kind FROM outbox ORDER BY id",
	}
	var all strings.Builder
	for _, query := range queries {
		var rows []dbx.NullStringMap
		if err := w.DB().NewQuery(query).All(&rows); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		for _, row := range rows {
			for _, name := range slices.Sorted(maps.Keys(row)) {
				fmt.Fprintf(&all, "%s=%s ", name, row[name].String)
			}
			all.WriteString("\n")
		}
	}
	return all.String()
}

// eventState is the state of an event that was written down, "" for one that was not.
func (w *world) eventState(t testing.TB, id string) string {
	t.Helper()
	var state string
	if err := w.DB().Select("coalesce(max(state), '')").From(billing.EventCollection).Where(dbx.HashExp{"event": id}).Row(&state); err != nil {
		t.Fatal(err)
	}
	return state
}

// paid is a world where the owner has paid for a tier and no webhook has arrived yet. It returns the events that wait.
func (w *world) paid(t testing.TB, tier string) []sandbox.Event {
	t.Helper()
	if err := w.stripe.Pay(w.checkout(t, pbtest.OwnerID, tier), sandbox.CardPays); err != nil {
		t.Fatal(err)
	}
	return w.stripe.Pending()
}

// pendingOf is the first event of a type that waits.
func (w *world) pendingOf(t testing.TB, kind string) sandbox.Event {
	t.Helper()
	for _, event := range w.stripe.Pending() {
		if event.Type == kind {
			return event
		}
	}
	t.Fatalf("no %s waits", kind)
	return sandbox.Event{}
}

func TestCase22_ForgedWebhooksAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.paid(t, "basic")
	event := w.pendingOf(t, "customer.subscription.updated")
	payload, now := string(event.Payload), w.stripe.Now()
	good := digest(webhookSecret, payload, now)
	reordered := map[string]any{}
	if err := json.Unmarshal(event.Payload, &reordered); err != nil {
		t.Fatal(err)
	}
	sorted, err := json.MarshalIndent(reordered, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	before := w.written(t)
	w.stripe.ResetCalls()
	for name, attack := range map[string]struct{ payload, header string }{
		"wrong secret":            {payload, signed("whsec_other", payload, now)},
		"the API key as secret":   {payload, signed(secretKey, payload, now)},
		"empty secret":            {payload, signed("", payload, now)},
		"no header":               {payload, ""},
		"v0 only":                 {payload, fmt.Sprintf("t=%d,v0=%s", now.Unix(), good)},
		"no time":                 {payload, "v1=" + good},
		"time of another":         {payload, fmt.Sprintf("t=%d,v1=%s", now.Unix()+1, good)},
		"cut signature":           {payload, fmt.Sprintf("t=%d,v1=%s", now.Unix(), good[:32])},
		"empty signature":         {payload, fmt.Sprintf("t=%d,v1=", now.Unix())},
		"not hex":                 {payload, fmt.Sprintf("t=%d,v1=%s", now.Unix(), strings.Repeat("zz", 32))},
		"tampered byte":           {strings.Replace(payload, `"livemode":false`, `"livemode":falsE`, 1), fmt.Sprintf("t=%d,v1=%s", now.Unix(), good)},
		"another customer":        {strings.Replace(payload, event.Customer, "cus_other", 1), fmt.Sprintf("t=%d,v1=%s", now.Unix(), good)},
		"byte at the end":         {payload + " ", fmt.Sprintf("t=%d,v1=%s", now.Unix(), good)},
		"reordered JSON":          {string(sorted), fmt.Sprintf("t=%d,v1=%s", now.Unix(), good)},
		"an old one's second t":   {payload, fmt.Sprintf("t=%d,v1=%s,t=%d", now.Unix()-4000, digest(webhookSecret, payload, now.Add(-4000*time.Second)), now.Unix())},
		"a new t before an old t": {payload, fmt.Sprintf("t=%d,t=%d,v1=%s", now.Unix(), now.Unix()-4000, digest(webhookSecret, payload, now.Add(-4000*time.Second)))},
	} {
		t.Run(name, func(t *testing.T) {
			response := w.post(t, attack.payload, attack.header)
			wantCode(t, response, http.StatusBadRequest, "invalid_signature")
			for _, secret := range []string{webhookSecret, secretKey, good, event.Customer, event.Object} {
				if strings.Contains(response.Body, secret) {
					t.Errorf("the answer shows %q: %s", secret, response.Body)
				}
			}
		})
	}
	if after := w.written(t); after != before {
		t.Errorf("forged webhooks changed:\n%s\nto:\n%s", before, after)
	}
	if state := w.eventState(t, event.ID); state != "" {
		t.Errorf("the event is %s", state)
	}
	if calls := w.stripe.Calls(); len(calls) != 0 {
		t.Errorf("%d calls of Stripe for forged webhooks: %v", len(calls), calls)
	}
	if response := w.post(t, payload, "t="+fmt.Sprint(now.Unix())+",v1="+strings.Repeat("00", 32)+",v1="+good); response.Status != http.StatusOK {
		t.Errorf("one good signature of several, as while a secret is rolled: status %d", response.Status)
	}
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
}

func TestCase22_EitherOfTwoSecretsHolds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *billing.Config) { c.WebhookSecrets = []string{"whsec_new", webhookSecret} })
	for n, secret := range []string{"whsec_new", webhookSecret} {
		payload := eventAbout(fmt.Sprintf("evt_roll%d", n), "invoice.paid", "cus_nobody", nil)
		wantCode(t, w.post(t, payload, signed(secret, payload, w.stripe.Now())), http.StatusOK, "")
	}
}

// frozen is a world without Stripe whose clock stands still.
func frozen(t *testing.T, now time.Time) *world {
	t.Helper()
	return &world{App: pbtest.New(t, func(deps *hooks.Deps) {
		deps.Billing = billing.Config{SecretKey: secretKey, WebhookSecrets: []string{webhookSecret}}
		deps.Now = func() time.Time { return now }
	})}
}

func TestCase23_SignaturesHoldForFiveMinutes(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Second)
	w := frozen(t, now)
	for seconds, status := range map[int]int{-301: 400, -300: 200, -299: 200, 0: 200, 299: 200, 301: 400, 3600: 400, -3600: 400, 10 * 365 * 86400: 400} {
		t.Run(fmt.Sprintf("%+d s", seconds), func(t *testing.T) {
			payload := eventAbout(fmt.Sprintf("evt_at%d", seconds), "invoice.paid", "cus_nobody", nil)
			response := w.post(t, payload, signed(webhookSecret, payload, now.Add(time.Duration(seconds)*time.Second)))
			if response.Status != status {
				t.Errorf("status %d: %s, want %d", response.Status, response.Body, status)
			}
			if state := w.eventState(t, fmt.Sprintf("evt_at%d", seconds)); (state != "") != (status == 200) {
				t.Errorf("the event is %q", state)
			}
		})
	}
}

func TestCase25_ReplayOfADoneEventChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subscribed(t, pbtest.OwnerID, "basic")
	before := w.written(t)
	w.stripe.ResetCalls()
	for _, event := range w.stripe.Events() {
		payload := string(event.Payload)
		response := w.post(t, payload, w.stripe.Sign(event.Payload, w.stripe.Now()))
		wantCode(t, response, http.StatusOK, "")
		if result := response.Map(t)["result"]; result != billing.WebhookDuplicate {
			t.Errorf("%s again: %v", event.Type, result)
		}
	}
	if calls := w.stripe.Calls(); len(calls) != 0 {
		t.Errorf("replays read Stripe %d times", len(calls))
	}
	if after := w.written(t); after != before {
		t.Errorf("replays changed:\n%s\nto:\n%s", before, after)
	}
}

func TestCase26_OddEventsAreAnsweredWithoutAFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subscribed(t, pbtest.OwnerID, "basic")
	ours := w.customer(t, pbtest.OwnerID)
	long := strings.Repeat("x", 300)
	for name, odd := range map[string]struct {
		payload string
		status  int
	}{
		"data null":                  {eventAbout("evt_1", "customer.subscription.updated", "", map[string]any{"data": nil}), 200},
		"no data":                    {`{"id":"evt_2","object":"event","type":"invoice.paid","livemode":false}`, 200},
		"object null":                {eventAbout("evt_3", "invoice.paid", "", map[string]any{"data": map[string]any{"object": nil}}), 200},
		"unknown type":               {eventAbout("evt_4", "radar.unheard_of", "cus_nobody", nil), 200},
		"unknown type of ours":       {eventAbout("evt_5", "radar.unheard_of", ours, nil), 200},
		"unknown customer":           {eventAbout("evt_6", "customer.subscription.deleted", "cus_nobody", nil), 200},
		"customer deleted, unknown":  {eventAbout("evt_7", "customer.deleted", "", map[string]any{"data": map[string]any{"object": map[string]any{"id": "cus_gone", "object": "customer", "deleted": true}}}), 200},
		"customer is an object":      {eventAbout("evt_8", "invoice.paid", "", map[string]any{"data": map[string]any{"object": map[string]any{"id": "in_1", "object": "invoice", "customer": map[string]any{"id": ours}}}}), 200},
		"customer is a number":       {eventAbout("evt_9", "invoice.paid", "", map[string]any{"data": map[string]any{"object": map[string]any{"id": "in_1", "customer": 7}}}), 200},
		"another API version":        {eventAbout("evt_10", "invoice.paid", ours, map[string]any{"api_version": "2025-03-31.basil"}), 200},
		"long texts":                 {eventAbout("evt_"+long, long, "cus_"+long, nil), 200},
		"long texts again":           {eventAbout("evt_"+long, long, "cus_"+long, nil), 200},
		"made in the year 292e9":     {eventAbout("evt_12", "invoice.paid", ours, map[string]any{"created": int64(1<<63 - 1)}), 200},
		"made before the world":      {eventAbout("evt_13", "invoice.paid", ours, map[string]any{"created": int64(-1 << 63)}), 200},
		"letters that cut badly":     {eventAbout(strings.Repeat("é", 99), strings.Repeat("é", 99), ours, nil), 200},
		"zero bytes":                 {eventAbout("evt_\x00", "a\x00b", "cus_\x00", nil), 200},
		"a space as id":              {eventAbout(" ", " ", ours, nil), 200},
		"not JSON":                   {"subscription=active", 400},
		"half of JSON":               {eventAbout("evt_14", "invoice.paid", ours, nil)[:40], 400},
		"empty":                      {"", 400},
		"null":                       {"null", 400},
		"a list":                     {"[]", 400},
		"no id":                      {`{"type":"invoice.paid"}`, 400},
		"no type":                    {`{"id":"evt_15"}`, 400},
		"id is a number":             {`{"id":1,"type":"invoice.paid"}`, 400},
		"data is a text":             {`{"id":"evt_16","type":"invoice.paid","data":"x"}`, 400},
		"two MiB":                    {eventAbout("evt_17", "invoice.paid", ours, map[string]any{"padding": strings.Repeat("x", 2<<20)}), 413},
		"nested a hundred thousand ": {`{"id":"evt_18","type":"x","data":` + strings.Repeat(`{"object":`, 100_000), 400},
	} {
		t.Run(name, func(t *testing.T) {
			response := w.post(t, odd.payload, signed(webhookSecret, odd.payload, w.stripe.Now()))
			if response.Status != odd.status {
				t.Errorf("status %d: %s, want %d", response.Status, response.Body, odd.status)
			}
		})
	}
	w.wantTier(t, pbtest.OwnerID, "basic", "active")
	if state := w.eventState(t, "evt_8"); state != "done" {
		t.Errorf("an event with the customer as an object is %q", state)
	}
}

func TestCase28_EventsOfTheOtherModeAreIgnored(t *testing.T) {
	t.Parallel()
	for _, mode := range []struct {
		key      string
		livemode bool
	}{{secretKey, true}, {"sk_live_world", false}, {"rk_live_world", false}} {
		t.Run(mode.key, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *billing.Config) { c.SecretKey = mode.key })
			payload := eventAbout("evt_mode", "customer.subscription.deleted", "cus_x", map[string]any{"livemode": mode.livemode})
			response := w.post(t, payload, signed(webhookSecret, payload, w.stripe.Now()))
			wantCode(t, response, http.StatusOK, "")
			if result := response.Map(t)["result"]; result != billing.WebhookIgnored {
				t.Errorf("result %v", result)
			}
			if state, calls := w.eventState(t, "evt_mode"), w.stripe.Calls(); state != "" || len(calls) != 0 {
				t.Errorf("the event is %q, and Stripe was called %d times", state, len(calls))
			}
		})
	}
}

func TestCase28_AnEventOfTheOtherModeOfOurCustomerChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subscribed(t, pbtest.OwnerID, "basic")
	before := w.written(t)
	w.stripe.ResetCalls()
	payload := eventAbout("evt_live", "customer.subscription.deleted", w.customer(t, pbtest.OwnerID), map[string]any{"livemode": true})
	wantCode(t, w.post(t, payload, signed(webhookSecret, payload, w.stripe.Now())), http.StatusOK, "")
	if after := w.written(t); after != before || len(w.stripe.Calls()) != 0 {
		t.Errorf("%d calls; it changed:\n%s\nto:\n%s", len(w.stripe.Calls()), before, after)
	}
}

func TestCase29_WithoutASecretTheRouteIsRefused(t *testing.T) {
	t.Parallel()
	for name, secrets := range map[string][]string{"none": nil, "an empty one": {""}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *billing.Config) { c.WebhookSecrets = secrets })
			payload := eventAbout("evt_empty", "customer.subscription.updated", "cus_x", nil)
			for _, header := range []string{signed("", payload, w.stripe.Now()), signed(webhookSecret, payload, w.stripe.Now()), ""} {
				wantCode(t, w.post(t, payload, header), http.StatusServiceUnavailable, "billing_not_configured")
			}
			if state := w.eventState(t, "evt_empty"); state != "" {
				t.Errorf("the event is %s", state)
			}
		})
	}
}

// Whatever arrives at the webhook, it is taken, or refused as forged or as no event: never a failure of ours.
func FuzzWebhook(f *testing.F) {
	app := pbtest.Bare(f)
	ours := "cus_ours"
	b := billing.New(billing.Config{SecretKey: secretKey, WebhookSecrets: []string{webhookSecret}, Transport: emptyLists{}, Retries: -1})
	addCustomer(f, app, pbtest.OwnerID, ours)
	now := time.Now()
	for _, payload := range []string{
		eventAbout("evt_1", "customer.subscription.updated", ours, nil), eventAbout("evt_2", "invoice.paid", "cus_other", nil),
		`{"id":"evt_3","type":"x","data":null}`, `{"id":"evt_4","type":"x","data":{"object":{"customer":{"id":"` + ours + `"}}}}`, "[]", "", "\x00",
	} {
		f.Add([]byte(payload), signed(webhookSecret, payload, now))
		f.Add([]byte(payload), "t=,v1=")
	}
	f.Add([]byte("{}"), "t=99999999999999999999,v1=00")
	f.Add([]byte("{}"), "t=1,,v1=,=,t=")
	f.Fuzz(func(t *testing.T, payload []byte, header string) {
		for _, header := range []string{header, signed(webhookSecret, string(payload), time.Now())} {
			_, err := b.Webhook(t.Context(), app, payload, header)
			if err != nil && !errors.Is(err, billing.ErrSignature) && !errors.Is(err, billing.ErrPayload) {
				t.Errorf("%q: %v", header, err)
			}
		}
	})
}

// addCustomer writes down whose customer somebody is.
func addCustomer(t testing.TB, app core.App, userID, customer string) {
	t.Helper()
	rows, err := app.FindCollectionByNameOrId(billing.CustomerCollection)
	if err != nil {
		t.Fatal(err)
	}
	row := core.NewRecord(rows)
	row.Load(map[string]any{"user": userID, "customer": customer, "generation": 1})
	if err := app.Save(row); err != nil {
		t.Fatal(err)
	}
}

// emptyLists is a Stripe where nobody has anything.
type emptyLists struct{}

func (emptyLists) RoundTrip(request *http.Request) (*http.Response, error) {
	body := io.NopCloser(strings.NewReader(`{"object":"list","data":[],"has_more":false}`))
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: body, Request: request}, nil
}
