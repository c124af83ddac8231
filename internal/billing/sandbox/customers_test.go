package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/internal/billing/sandbox"
)

// Metadata is merged, an empty value takes its key away, and only a real change is told.
func TestUpdateCustomer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.customer()
	changed, err := w.api.Customers.Update(c.ID, &stripe.CustomerParams{
		Email: stripe.String("anna@other.example"), Metadata: map[string]string{"plan": "basic"},
	})
	if err != nil || changed.Email != "anna@other.example" || changed.Metadata["user_id"] != "u1" || changed.Metadata["plan"] != "basic" {
		t.Fatalf("%v, %+v", err, changed)
	}
	changed, err = w.api.Customers.Update(c.ID, &stripe.CustomerParams{Metadata: map[string]string{"user_id": ""}})
	if err != nil || len(changed.Metadata) != 1 {
		t.Errorf("%v, %v", err, changed.Metadata)
	}
	events := len(w.Events())
	if _, err := w.api.Customers.Update(c.ID, &stripe.CustomerParams{Email: stripe.String("anna@other.example")}); err != nil {
		t.Fatal(err)
	}
	if len(w.Events()) != events || types(w.Events())[1] != "customer.updated" {
		t.Errorf("events %v", types(w.Events()))
	}
}

func TestExpandedCustomer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, sub := w.subscriber(basic)
	w.Subscribe(c.ID, premium)
	w.CancelSubscription(sub.ID)
	got, err := w.api.Customers.Get(c.ID, &stripe.CustomerParams{Expand: stripe.StringSlice([]string{"subscriptions"})})
	if err != nil || len(got.Subscriptions.Data) != 1 || got.Subscriptions.Data[0].Items.Data[0].Price.ID != premium {
		t.Errorf("%v, %+v", err, got)
	}
}

func TestSessionItems(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	session := w.checkout(w.customer().ID, basic)
	items := w.api.CheckoutSessions.ListLineItems(&stripe.CheckoutSessionListLineItemsParams{Session: stripe.String(session.ID)})
	if !items.Next() || items.LineItem().Price.ID != basic || items.LineItem().AmountTotal != 500 || items.Next() || items.Err() != nil {
		t.Errorf("%v", items.Err())
	}
}

// The portal begins where its flow says.
func TestPortalFlows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, sub := w.subscriber(basic)
	params := func(id string) *stripe.BillingPortalSessionParams {
		return &stripe.BillingPortalSessionParams{
			Customer: stripe.String(c.ID),
			FlowData: &stripe.BillingPortalSessionFlowDataParams{
				Type: stripe.String("subscription_cancel"), SubscriptionCancel: &stripe.BillingPortalSessionFlowDataSubscriptionCancelParams{Subscription: stripe.String(id)},
				AfterCompletion: &stripe.BillingPortalSessionFlowDataAfterCompletionParams{
					Type: stripe.String("redirect"), Redirect: &stripe.BillingPortalSessionFlowDataAfterCompletionRedirectParams{ReturnURL: stripe.String("https://cragbase.test/billing")},
				},
			},
		}
	}
	session, err := w.api.BillingPortalSessions.New(params(sub.ID))
	if err != nil || session.Flow.SubscriptionCancel.Subscription != sub.ID || session.Flow.AfterCompletion.Redirect.ReturnURL != "https://cragbase.test/billing" {
		t.Errorf("%v, %+v", err, session)
	}
	_, other := w.subscriber(basic)
	_, err = w.api.BillingPortalSessions.New(params(other.ID))
	refused(t, err, 400, "resource_missing", "flow_data[subscription_cancel][subscription]")
}

func TestLateBaseURL(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.SetBaseURL(func() string { return "http://127.0.0.1:8090/stripe/" })
	if url := w.checkout(w.customer().ID, basic).URL; !strings.HasPrefix(url, "http://127.0.0.1:8090/stripe/checkout/cs_test_") {
		t.Error(url)
	}
}

// What is no part of the API that is modelled is refused, also where no contract is checked.
func TestUnknownPaths(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *sandbox.Config) { c.Check = nil })
	for _, path := range []string{"/v1/charges", "/v1/customers/cus_1/sources", "/v1/invoices/", "/"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.server.URL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(secretKey, "")
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusNotFound || response.Header.Get("Request-Id") == "" {
			t.Errorf("%s: %d", path, response.StatusCode)
		}
	}
}
