package sandbox_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"github.com/cragbase/cragbase/internal/billing/sandbox"
	"github.com/cragbase/cragbase/internal/billing/sandbox/contract"
)

const (
	secretKey     = "sk_test_sandbox"
	webhookSecret = "whsec_sandbox"
	basic         = "price_basic"
	premium       = "price_premium"
	trial         = "price_trial"
	yearly        = "price_yearly"
)

// begin is the time of every test: the first of a month with 30 days.
var begin = time.Date(2026, time.April, 1, 12, 0, 0, 0, time.UTC)

// month is as long as the first period.
const month = 30 * 24 * time.Hour

var check = sync.OnceValues(contract.New)

// world is a sandbox with a real client and an endpoint for its webhooks.
type world struct {
	*sandbox.Sandbox
	api      *client.API
	t        *testing.T
	endpoint *endpoint
	server   *httptest.Server
}

// endpoint takes webhooks, with a status that a test may change.
type endpoint struct {
	mu       sync.Mutex
	status   int
	received []received
}

type received struct {
	payload   []byte
	signature string
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	payload, _ := io.ReadAll(r.Body)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.received = append(e.received, received{payload, r.Header.Get("Stripe-Signature")})
	w.WriteHeader(e.status)
}

func (e *endpoint) answer(status int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.status = status
}

func (e *endpoint) all() []received {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]received(nil), e.received...)
}

// config is what a test's sandbox has unless it says otherwise.
func config(t *testing.T, e *endpoint) sandbox.Config {
	t.Helper()
	checked, err := check()
	if err != nil {
		t.Fatal(err)
	}
	return sandbox.Config{
		SecretKey: secretKey, WebhookSecret: webhookSecret, WebhookURL: "http://cragbase.test/v1/billing/webhook", Client: &http.Client{Transport: sandbox.Transport(e)},
		BaseURL: "https://pay.example.com", Now: func() time.Time { return begin }, Hold: true, Check: checked,
	}
}

func newWorld(t *testing.T, change ...func(*sandbox.Config)) *world {
	t.Helper()
	e := &endpoint{status: http.StatusOK}
	c := config(t, e)
	for _, adapt := range change {
		adapt(&c)
	}
	s, err := sandbox.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	addPrices(s)
	w := &world{Sandbox: s, t: t, endpoint: e}
	w.server = httptest.NewServer(s.API())
	t.Cleanup(w.server.Close)
	w.api = newClient(w.server.URL, w.server.Client())
	return w
}

func addPrices(s *sandbox.Sandbox) {
	s.AddPrice(sandbox.Price{ID: basic, Product: "prod_basic", Nickname: "Basic", Amount: 500})
	s.AddPrice(sandbox.Price{ID: premium, Product: "prod_premium", Nickname: "Premium", Amount: 1500})
	s.AddPrice(sandbox.Price{ID: trial, Product: "prod_premium", Nickname: "Premium with trial", Amount: 1500, TrialDays: 14})
	s.AddPrice(sandbox.Price{ID: yearly, Product: "prod_premium", Nickname: "Premium, yearly", Amount: 15000, Interval: "year"})
}

// newClient is stripe-go without its own repetitions: tests count calls.
func newClient(url string, http *http.Client) *client.API {
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL: stripe.String(url), HTTPClient: http, MaxNetworkRetries: stripe.Int64(0), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
		EnableTelemetry: stripe.Bool(false),
	})
	return client.New(secretKey, &stripe.Backends{API: backend, Connect: backend, Uploads: backend})
}

// customer makes a customer.
func (w *world) customer() *stripe.Customer {
	w.t.Helper()
	c, err := w.api.Customers.New(&stripe.CustomerParams{Email: stripe.String("anna@example.com"), Metadata: map[string]string{"user_id": "u1"}})
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// checkout opens a session as the product does.
func (w *world) checkout(customer, price string) *stripe.CheckoutSession {
	w.t.Helper()
	session, err := w.api.CheckoutSessions.New(sessionParams(customer, price))
	if err != nil {
		w.t.Fatal(err)
	}
	return session
}

func sessionParams(customer, price string) *stripe.CheckoutSessionParams {
	return &stripe.CheckoutSessionParams{
		Customer: stripe.String(customer), Mode: stripe.String("subscription"), ClientReferenceID: stripe.String("u1"),
		SuccessURL: stripe.String("https://cragbase.test/v1/billing/return?session_id={CHECKOUT_SESSION_ID}"), CancelURL: stripe.String("https://cragbase.test/billing?checkout=cancelled"),
		LineItems:        []*stripe.CheckoutSessionLineItemParams{{Price: stripe.String(price), Quantity: stripe.Int64(1)}},
		SubscriptionData: &stripe.CheckoutSessionSubscriptionDataParams{Metadata: map[string]string{"user_id": "u1"}},
		Metadata:         map[string]string{"user_id": "u1"},
	}
}

// subscriber makes a customer who has paid for a price.
func (w *world) subscriber(price string) (*stripe.Customer, *stripe.Subscription) {
	w.t.Helper()
	c := w.customer()
	if err := w.Pay(w.checkout(c.ID, price).ID, sandbox.CardPays); err != nil {
		w.t.Fatal(err)
	}
	return c, w.Live(c.ID)[0]
}

// changeParams is how the product changes a plan.
func changeParams(sub *stripe.Subscription, price string) *stripe.SubscriptionParams {
	return &stripe.SubscriptionParams{
		Items:             []*stripe.SubscriptionItemsParams{{ID: stripe.String(sub.Items.Data[0].ID), Price: stripe.String(price)}},
		ProrationBehavior: stripe.String("always_invoice"), PaymentBehavior: stripe.String("error_if_incomplete"),
	}
}

func (w *world) subscription(id string) *stripe.Subscription {
	w.t.Helper()
	sub, err := w.api.Subscriptions.Get(id, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return sub
}

// charged is the sum of all charges of a customer.
func (w *world) charged(customer string) int64 {
	sum := int64(0)
	for _, charge := range w.Ledger() {
		if charge.Customer == customer {
			sum += charge.Amount
		}
	}
	return sum
}

// refused checks the error that stripe-go makes of an answer.
func refused(t *testing.T, err error, status int, code, param string) *stripe.Error {
	t.Helper()
	var fault *stripe.Error
	if !errors.As(err, &fault) {
		t.Fatalf("error %v, want one of Stripe", err)
	}
	if fault.HTTPStatusCode != status || string(fault.Code) != code || fault.Param != param {
		t.Errorf("error %d %q param %q (%s), want %d %q param %q", fault.HTTPStatusCode, fault.Code, fault.Param, fault.Msg, status, code, param)
	}
	return fault
}

// types are those of events, oldest first.
func types(events []sandbox.Event) []string {
	var found []string
	for _, e := range events {
		found = append(found, e.Type)
	}
	return found
}
