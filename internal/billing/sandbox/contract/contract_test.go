package contract

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const version = "2023-10-16"

// What the product sends is taken; each neighbour that Stripe refuses is refused here.
func TestRequests(t *testing.T) {
	t.Parallel()
	check, err := New()
	if err != nil {
		t.Fatal(err)
	}
	const checkout = "mode=subscription&success_url=https://a.test/ok&line_items[0][price]=price_1&line_items[0][quantity]=1"
	for _, tc := range []struct {
		rule, method, target, body string
		status                     int
	}{
		{"a session", "POST", "/v1/checkout/sessions", checkout + "&customer=cus_1&metadata[user_id]=u&subscription_data[metadata][user_id]=u", 0},
		{"an unknown parameter", "POST", "/v1/checkout/sessions", checkout + "&colour=red", 400},
		{"an unknown nested parameter", "POST", "/v1/checkout/sessions", checkout + "&subscription_data[colour]=red", 400},
		{"an unknown parameter of a list", "POST", "/v1/checkout/sessions", checkout + "&line_items[0][colour]=red", 400},
		{"a wrong type", "POST", "/v1/checkout/sessions", checkout + "&expires_at=tomorrow", 400},
		{"a wrong value", "POST", "/v1/checkout/sessions", checkout + "&payment_method_collection=never", 400},
		{"no line items", "POST", "/v1/checkout/sessions", "mode=subscription&success_url=https://a.test/ok", 400},
		{"no price", "POST", "/v1/checkout/sessions", "mode=subscription&success_url=https://a.test/ok&line_items[0][quantity]=1", 400},
		{"no quantity", "POST", "/v1/checkout/sessions", "mode=subscription&success_url=https://a.test/ok&line_items[0][price]=price_1", 400},
		{"another mode", "POST", "/v1/checkout/sessions", strings.Replace(checkout, "subscription", "payment", 1), 400},
		{"no success URL", "POST", "/v1/checkout/sessions", strings.Replace(checkout, "success_url=https://a.test/ok&", "", 1), 400},
		{"a relative URL", "POST", "/v1/checkout/sessions", strings.Replace(checkout, "https://a.test", "", 1), 400},
		{"customer and address", "POST", "/v1/checkout/sessions", checkout + "&customer=cus_1&customer_email=a@b.test", 400},
		{"codes and discounts", "POST", "/v1/checkout/sessions", checkout + "&allow_promotion_codes=true&discounts[0][coupon]=c", 400},
		{"two kinds of trial", "POST", "/v1/checkout/sessions", checkout + "&subscription_data[trial_end]=1900000000&subscription_data[trial_period_days]=3", 400},
		{"customer_creation", "POST", "/v1/checkout/sessions", checkout + "&customer_creation=always", 400},
		{"a long reference", "POST", "/v1/checkout/sessions", checkout + "&client_reference_id=" + strings.Repeat("x", 201), 400},
		{"a change", "POST", "/v1/subscriptions/sub_1", "items[0][id]=si_1&items[0][price]=price_2&proration_behavior=always_invoice&payment_behavior=error_if_incomplete&cancel_at_period_end=false", 0},
		{"an item without its id", "POST", "/v1/subscriptions/sub_1", "items[0][price]=price_2", 400},
		{"an unknown behaviour", "POST", "/v1/subscriptions/sub_1", "payment_behavior=hope", 400},
		{"a pending change", "POST", "/v1/subscriptions/sub_1", "items[0][id]=si_1&items[0][price]=price_2&payment_behavior=pending_if_incomplete", 0},
		{"metadata with a pending change", "POST", "/v1/subscriptions/sub_1", "payment_behavior=pending_if_incomplete&metadata[a]=b", 400},
		{"two ends", "POST", "/v1/subscriptions/sub_1", "cancel_at=1900000000&cancel_at_period_end=true", 400},
		{"a date without proration", "POST", "/v1/subscriptions/sub_1", "proration_behavior=none&proration_date=1900000000", 400},
		{"a cancellation", "DELETE", "/v1/subscriptions/sub_1", "prorate=false&invoice_now=false", 0},
		{"an unknown parameter of a cancellation", "DELETE", "/v1/subscriptions/sub_1", "at_period_end=true", 400},
		{"a list", "GET", "/v1/subscriptions?customer=cus_1&status=all&limit=100&expand[]=data.latest_invoice", "", 0},
		{"an unknown filter", "GET", "/v1/subscriptions?owner=cus_1", "", 400},
		{"an unknown status", "GET", "/v1/subscriptions?status=alive", "", 400},
		{"two directions", "GET", "/v1/subscriptions?starting_after=sub_1&ending_before=sub_2", "", 400},
		{"a range of times", "GET", "/v1/events?created[gte]=1700000000&delivery_success=false&types[0]=invoice.paid", "", 0},
		{"an unknown range", "GET", "/v1/events?created[since]=1700000000", "", 400},
		{"type and types", "GET", "/v1/events?type=invoice.paid&types[0]=invoice.paid", "", 400},
		{"a preview", "GET", "/v1/invoices/upcoming?customer=cus_1&subscription=sub_1&subscription_items[0][id]=si_1&subscription_items[0][price]=price_2&subscription_proration_date=1700000000", "", 0},
		{"a preview of nothing", "GET", "/v1/invoices/upcoming", "", 400},
		{"a preview beside the subscription", "GET", "/v1/invoices/upcoming?customer=cus_1&subscription_items[0][price]=price_2", "", 400},
		{"a customer", "POST", "/v1/customers", "email=a@b.test&metadata[user_id]=u", 0},
		{"long metadata", "POST", "/v1/customers", "metadata[user_id]=" + strings.Repeat("x", 501), 400},
		{"a portal session", "POST", "/v1/billing_portal/sessions", "customer=cus_1&return_url=https://a.test/billing&flow_data[type]=payment_method_update", 0},
		{"a portal session of nobody", "POST", "/v1/billing_portal/sessions", "return_url=https://a.test/billing", 400},
		{"a flow without its subscription", "POST", "/v1/billing_portal/sessions", "customer=cus_1&flow_data[type]=subscription_cancel", 400},
		{"an unknown path", "POST", "/v1/payment_links", "", 404},
		{"a search", "GET", "/v1/customers/search?query=x", "", 400},
		{"another method", "DELETE", "/v1/checkout/sessions/cs_1", "", 404},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(tc.method, tc.target, http.NoBody)
			r.Header.Set("Stripe-Version", version)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			status, answer := check(r, []byte(tc.body))
			if status != tc.status || (status == 0) != (answer == nil) {
				t.Errorf("status %d: %s", status, answer)
			}
		})
	}
}

// Only the version that the client was made for is taken.
func TestVersion(t *testing.T) {
	t.Parallel()
	check, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]int{version: 0, "": 400, "2025-03-31.basil": 400} {
		r := httptest.NewRequest("GET", "/v1/customers/cus_1", http.NoBody)
		r.Header.Set("Stripe-Version", header)
		if status, _ := check(r, nil); status != want {
			t.Errorf("%q: %d", header, status)
		}
	}
}

// Stripe takes forms only.
func TestContentType(t *testing.T) {
	t.Parallel()
	check, err := New()
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/v1/customers", http.NoBody)
	r.Header.Set("Stripe-Version", version)
	r.Header.Set("Content-Type", "application/json")
	if status, _ := check(r, []byte(`{"email":"a@b.test"}`)); status != http.StatusBadRequest {
		t.Errorf("status %d", status)
	}
}
