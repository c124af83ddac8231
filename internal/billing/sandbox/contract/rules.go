package contract

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
)

// violation is a rule between parameters that a request breaks.
type violation struct{ param, message string }

// brokenRule checks what Stripe documents in words only.
func brokenRule(o operation, data map[string]any) *violation {
	switch o.method + " " + o.path {
	case "POST /v1/checkout/sessions":
		return checkoutRules(data)
	case "POST /v1/subscriptions/{subscription_exposed_id}":
		return updateRules(data)
	case "POST /v1/customers", "POST /v1/customers/{customer}":
		return metadataRules(data)
	case "POST /v1/billing_portal/sessions":
		return portalRules(data)
	case "GET /v1/events":
		return exclusive(data, "type", "types")
	case "GET /v1/invoices/upcoming":
		return upcomingRules(data)
	}
	return exclusive(data, "starting_after", "ending_before")
}

func checkoutRules(data map[string]any) *violation {
	if data["mode"] != "subscription" {
		return &violation{"mode", "checkout sells subscriptions only"}
	}
	if items, _ := data["line_items"].([]any); len(items) == 0 {
		return &violation{"line_items", "line_items is required in subscription mode"}
	}
	for i, item := range data["line_items"].([]any) {
		fields, _ := item.(map[string]any)
		name := "line_items[" + strconv.Itoa(i) + "]"
		if fields["price"] == nil && fields["price_data"] == nil {
			return &violation{name, "an item needs a price"}
		}
		if fields["quantity"] == nil {
			return &violation{name + "[quantity]", "an item of a licensed price needs a quantity"}
		}
	}
	if data["customer_creation"] != nil || data["payment_intent_data"] != nil || data["submit_type"] != nil || data["invoice_creation"] != nil {
		return &violation{"mode", "customer_creation, payment_intent_data, submit_type and invoice_creation are not for subscription mode"}
	}
	if reference, _ := data["client_reference_id"].(string); len(reference) > 200 {
		return &violation{"client_reference_id", "at most 200 characters"}
	}
	for _, name := range []string{"success_url", "cancel_url"} {
		if broken := address(data, name, name == "success_url"); broken != nil {
			return broken
		}
	}
	return first(
		exclusive(data, "customer", "customer_email"), exclusive(data, "allow_promotion_codes", "discounts"),
		exclusive(object(data, "subscription_data"), "trial_end", "trial_period_days"),
		metadataRules(data), metadataRules(object(data, "subscription_data")),
	)
}

// updateRules holds what may go along with a change that waits for its payment, and that a change names the item that it changes.
func updateRules(data map[string]any) *violation {
	for i, item := range list(data, "items") {
		fields, _ := item.(map[string]any)
		if fields["id"] == nil {
			return &violation{"items[" + strconv.Itoa(i) + "][id]", "an item without its id is added beside the others"}
		}
		if broken := exclusive(fields, "price", "price_data"); broken != nil {
			return broken
		}
	}
	if data["proration_date"] != nil && data["proration_behavior"] == "none" {
		return &violation{"proration_date", "there is no proration"}
	}
	if data["payment_behavior"] == "pending_if_incomplete" {
		allowed := []string{
			"expand", "payment_behavior", "proration_behavior", "proration_date", "billing_cycle_anchor", "items", "trial_end", "trial_from_plan", "add_invoice_items", "off_session",
		}
		for _, name := range slices.Sorted(maps.Keys(data)) {
			if !slices.Contains(allowed, name) {
				return &violation{name, name + " cannot be sent with pending_if_incomplete"}
			}
		}
	}
	return first(exclusive(data, "cancel_at", "cancel_at_period_end"), metadataRules(data))
}

func portalRules(data map[string]any) *violation {
	if data["customer"] == nil {
		return &violation{"customer", "customer is required"}
	}
	flow := object(data, "flow_data")
	kind, _ := flow["type"].(string)
	if (kind == "subscription_cancel" || kind == "subscription_update") && object(flow, kind)["subscription"] == nil {
		return &violation{"flow_data[" + kind + "][subscription]", "the flow needs a subscription"}
	}
	return address(data, "return_url", false)
}

func upcomingRules(data map[string]any) *violation {
	if data["customer"] == nil && data["subscription"] == nil && data["schedule"] == nil {
		return &violation{"customer", "customer or subscription is required"}
	}
	if data["subscription_items"] != nil && data["subscription"] == nil {
		return &violation{"subscription", "items without a subscription preview a new one beside it"}
	}
	return nil
}

// metadataRules are Stripe's limits: 50 keys of 40 characters, values of 500.
func metadataRules(data map[string]any) *violation {
	pairs := object(data, "metadata")
	if len(pairs) > 50 {
		return &violation{"metadata", "at most 50 keys"}
	}
	for _, key := range slices.Sorted(maps.Keys(pairs)) {
		if len(key) > 40 || len(fmt.Sprint(pairs[key])) > 500 {
			return &violation{"metadata[" + key + "]", "at most 40 characters in a key and 500 in a value"}
		}
	}
	return nil
}

// address holds that a URL is absolute.
func address(data map[string]any, name string, required bool) *violation {
	value, ok := data[name].(string)
	if !ok && !required {
		return nil
	}
	if parsed, err := url.Parse(value); err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return &violation{name, "not a valid URL"}
	}
	return nil
}

func exclusive(data map[string]any, a, b string) *violation {
	if data[a] != nil && data[b] != nil {
		return &violation{b, "only one of " + a + " and " + b}
	}
	return nil
}

func first(violations ...*violation) *violation {
	for _, v := range violations {
		if v != nil {
			return v
		}
	}
	return nil
}

func object(data map[string]any, name string) map[string]any {
	inner, _ := data[name].(map[string]any)
	return inner
}

func list(data map[string]any, name string) []any {
	inner, _ := data[name].([]any)
	return inner
}
