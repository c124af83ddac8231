package hooks_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/billing/sandbox"
	"github.com/cragbase/cragbase/internal/pbtest"
	"github.com/cragbase/cragbase/internal/plan"
)

// newDescription reads openapi.yaml.
func newDescription(t *testing.T) validator.Validator {
	t.Helper()
	description, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	document, err := libopenapi.NewDocument(description)
	if err != nil {
		t.Fatal(err)
	}
	check, errs := validator.NewValidator(document)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return check
}

// selling is an app that sells its plans at a sandbox of Stripe, which sends no webhook by itself.
func selling(t *testing.T) (*pbtest.App, *sandbox.Sandbox) {
	t.Helper()
	stripe, err := sandbox.New(sandbox.Config{SecretKey: "sk_test_sale", WebhookSecret: "whsec_sale", BaseURL: "https://pay.example.com", Hold: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stripe.Close)
	app := pbtest.New(t, func(deps *hooks.Deps) {
		deps.Now = stripe.Now
		deps.Billing = billing.Config{SecretKey: "sk_test_sale", WebhookSecrets: []string{"whsec_sale"}, Transport: sandbox.Transport(stripe.API()), Retries: -1}
	})
	for tier, amount := range map[string]int64{"basic": 999, "premium": 2999} {
		stripe.AddPrice(sandbox.Price{ID: "price_" + tier, Nickname: tier, Currency: "usd", Interval: "month", Amount: amount})
	}
	if err := plan.SetStripePrices(app, map[string]string{"basic": "price_basic", "premium": "price_premium"}); err != nil {
		t.Fatal(err)
	}
	return app, stripe
}

// What the routes of billing answer along the life of a subscription is what openapi.yaml says.
func TestAnswersOfBillingMatchTheDescription(t *testing.T) {
	t.Parallel()
	check := newDescription(t)
	app, stripe := selling(t)
	ask := func(caller pbtest.Caller, method, url string, body any, want int) pbtest.Response {
		t.Helper()
		request := pbtest.NewRequest(t, method, url, app.Token(t, caller), body)
		answer := app.Send(t, request)
		if answer.Status != want {
			t.Errorf("%s %s: status %d, want %d: %s", method, url, answer.Status, want, answer.Body)
		}
		checkAnswer(t, check, request, answer)
		return answer
	}
	owner := func(method, path string, body any, want int) pbtest.Response {
		t.Helper()
		return ask(pbtest.Owner, method, "/v1/users/me/"+path, body, want)
	}
	owner("GET", "subscription", nil, 200) // of who has never paid
	owner("GET", "invoices", nil, 200)
	owner("POST", "billing-portal", nil, 409)
	owner("GET", "subscription/preview?tier=premium", nil, 200)
	owner("GET", "subscription/preview?tier=gold", nil, 400)

	session := owner("POST", "subscribe", `{"desired_tier":"basic"}`, 201).Map(t)["session_id"].(string)
	if err := stripe.Pay(session, sandbox.CardPays); err != nil {
		t.Fatal(err)
	}
	ask(pbtest.Stranger, "GET", "/v1/billing/return?session_id="+session, nil, 404)
	ask(pbtest.Guest, "GET", "/v1/billing/return?session_id="+session, nil, 401)
	ask(pbtest.Owner, "GET", "/v1/billing/return?session_id="+session, nil, 303)
	owner("GET", "subscription", nil, 200)
	owner("GET", "subscription/preview?tier=premium", nil, 200)
	owner("GET", "subscription/preview?tier=basic", nil, 200)
	owner("GET", "subscription/preview?tier=free", nil, 200)
	owner("POST", "subscribe", `{"desired_tier":"basic"}`, 409)

	customer := stripe.Customers()[0].ID
	stripe.SetCard(customer, sandbox.CardDeclines)
	owner("POST", "subscribe", `{"desired_tier":"premium"}`, 402)
	stripe.SetCard(customer, sandbox.CardNeedsAction)
	owner("POST", "subscribe", `{"desired_tier":"premium"}`, 402)
	stripe.SetCard(customer, sandbox.CardPays)
	owner("POST", "subscribe", `{"desired_tier":"premium"}`, 200)
	owner("POST", "billing-portal", nil, 201)
	owner("GET", "invoices?limit=1", nil, 200)
	owner("GET", "invoices?limit=0", nil, 400)
	owner("POST", "cancel-subscription", `{"at_period_end":true}`, 200)
	owner("POST", "resume-subscription", nil, 200)
	ask(pbtest.Superuser, "POST", "/v1/admin/users/"+pbtest.OwnerID+"/billing-sync", nil, 200)
	ask(pbtest.Superuser, "POST", "/v1/admin/users/nobody/billing-sync", nil, 404)
	ask(pbtest.Owner, "POST", "/v1/admin/users/"+pbtest.OwnerID+"/billing-sync", nil, 403)

	stripe.SetCard(customer, sandbox.CardDeclines)
	stripe.Advance(32 * 24 * time.Hour) // the renewal fails
	owner("GET", "subscription", nil, 200)
	owner("POST", "subscribe", `{"desired_tier":"basic"}`, 409)
	owner("GET", "subscription/preview?tier=basic", nil, 409)

	stripe.Fault(sandbox.Fault{Status: http.StatusServiceUnavailable})
	owner("GET", "subscription", nil, 200)
	owner("POST", "cancel-subscription", nil, 503)
	stripe.ClearFaults()
	owner("POST", "subscribe", `{"desired_tier":"free"}`, 200)
	owner("POST", "cancel-subscription", nil, 409)
	owner("POST", "resume-subscription", nil, 409)
}

// So is what Stripe is answered.
func TestAnswersToStripeMatchTheDescription(t *testing.T) {
	t.Parallel()
	check := newDescription(t)
	app, stripe := selling(t)
	for _, test := range []struct {
		rule, payload string
		signed        bool
		status        int
	}{
		{"an event of nobody", `{"id":"evt_1","object":"event","type":"invoice.paid","data":{"object":{"id":"in_1","object":"invoice","customer":"cus_x"}}}`, true, 200},
		{"no event", `{"object":"event"}`, true, 400},
		{"not signed", `{"id":"evt_2","type":"invoice.paid"}`, false, 400},
		{"too large", `{"id":"evt_3","pad":"` + strings.Repeat("x", 1<<20) + `"}`, true, 413},
	} {
		request := httptest.NewRequest(http.MethodPost, "/v1/stripe/webhook", strings.NewReader(test.payload))
		request.Header.Set("Content-Type", "application/json")
		if test.signed {
			request.Header.Set("Stripe-Signature", stripe.Sign([]byte(test.payload), stripe.Now()))
		}
		answer := app.Send(t, request)
		if answer.Status != test.status {
			t.Errorf("%s: status %d, want %d: %s", test.rule, answer.Status, test.status, answer.Body)
		}
		checkAnswer(t, check, request, answer)
	}
}
