package hooks_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/pbtest"
	"github.com/cragbase/cragbase/internal/plan"
)

// planURL is where the dashboard edits the plan of a tier.
func planURL(t *testing.T, app *pbtest.App, tier string) string {
	t.Helper()
	record, err := app.FindFirstRecordByData(plan.Collection, "tier", tier)
	if err != nil {
		t.Fatal(err)
	}
	return "/api/collections/plans/records/" + record.Id
}

// withPrices makes an app ask a server about prices that answers as told.
func withPrices(t *testing.T, answer func(price string) (status int, body string)) func(*hooks.Deps) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, body := answer(path.Base(r.URL.Path))
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	return func(deps *hooks.Deps) {
		deps.Billing = billing.Config{SecretKey: "sk_test_prices", APIBase: server.URL, Retries: -1}
	}
}

// An administrator learns at once that a price cannot be sold; a Stripe that does not answer keeps nobody from editing.
func TestPricesAreCheckedAtStripe(t *testing.T) {
	t.Parallel()
	var asked []string
	app := pbtest.New(t, withPrices(t, func(price string) (int, string) {
		asked = append(asked, price)
		switch price {
		case "price_unknown":
			return http.StatusNotFound, `{"error": {"type": "invalid_request_error", "code": "resource_missing", "param": "price", "message": "No such price"}}`
		case "price_once":
			return http.StatusOK, `{"id": "price_once", "object": "price", "active": true, "type": "one_time"}`
		case "price_unasked":
			return http.StatusBadGateway, "<html>Bad gateway</html>"
		}
		return http.StatusOK, `{"id": "` + price + `", "object": "price", "active": true, "type": "recurring"}`
	}))
	for _, test := range []struct {
		rule   string
		values map[string]any
		code   string // of the error of stripe_price; "": saved
		asked  string
	}{
		{"a good price", map[string]any{"stripe_price": "price_good"}, "", "price_good"},
		{"the same price", map[string]any{"stripe_price": "price_good", "name": "Basic+"}, "", ""},
		{"an unknown price", map[string]any{"stripe_price": "price_unknown"}, "unknown_price", "price_unknown"},
		{"a price for one payment", map[string]any{"stripe_price": "price_once"}, "unusable_price", "price_once"},
		{"Stripe does not answer", map[string]any{"stripe_price": "price_unasked"}, "", "price_unasked"},
		{"no price", map[string]any{"stripe_price": ""}, "", ""},
		{"a price that is none", map[string]any{"stripe_price": "9.99"}, "invalid_price", ""},
		{"limits", map[string]any{"max_daily_messages": 30}, "", ""},
	} {
		asked = nil
		response := app.Do(t, pbtest.Superuser, "PATCH", planURL(t, app, "basic"), test.values)
		if (response.Status == http.StatusOK) != (test.code == "") || !strings.Contains(response.Body, test.code) {
			t.Errorf("%s: status %d: %s", test.rule, response.Status, response.Body)
		}
		if got := strings.Join(asked, " "); got != test.asked {
			t.Errorf("%s: Stripe was asked about %q, want %q", test.rule, got, test.asked)
		}
	}
}

// Nobody pays two prices into one plan by accident.
func TestPlansShareNoPrice(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	if response := app.Do(t, pbtest.Superuser, "PATCH", planURL(t, app, "basic"), map[string]any{"stripe_price": "price_1"}); response.Status != http.StatusOK {
		t.Fatal(response.Body)
	}
	response := app.Do(t, pbtest.Superuser, "PATCH", planURL(t, app, "premium"), map[string]any{"stripe_price": "price_1"})
	if response.Status != http.StatusBadRequest || !strings.Contains(response.Body, `"code":"price_of_another_plan"`) {
		t.Errorf("status %d: %s", response.Status, response.Body)
	}
	err := plan.SetStripePrices(app, map[string]string{"premium": "price_1"})
	if err == nil || !strings.Contains(err.Error(), "The plan Basic has this price") {
		t.Errorf("from the environment: %v", err)
	}
}

// Whoever is on a plan has its limits, and whoever pays one of its prices has the plan.
func TestPlansStay(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	for _, tier := range []string{"free", "basic"} {
		if response := app.Do(t, pbtest.Superuser, "DELETE", planURL(t, app, tier), nil); response.Status != http.StatusBadRequest || !strings.Contains(response.Body, "cannot be deleted") {
			t.Errorf("%s: status %d: %s", tier, response.Status, response.Body)
		}
	}
}

// A batch holds the database while it runs, and the network may take its time.
func TestBatchesAskNobody(t *testing.T) {
	t.Parallel()
	asked := false
	app := pbtest.New(t, withPrices(t, func(string) (int, string) {
		asked = true
		return http.StatusNotFound, "{}"
	}))
	settings := app.Settings()
	settings.Batch.Enabled, settings.Batch.MaxRequests = true, 10
	response := app.Do(t, pbtest.Superuser, "POST", "/api/batch", map[string]any{"requests": []any{
		map[string]any{"method": "PATCH", "url": planURL(t, app, "basic"), "body": map[string]any{"stripe_price": "price_1"}},
	}})
	if price, err := plan.PriceOf(app, "basic"); response.Status != http.StatusOK || price != "price_1" || err != nil {
		t.Errorf("status %d, price %s (%v): %s", response.Status, price, err, response.Body)
	}
	if asked {
		t.Error("Stripe was called inside a transaction")
	}
}
