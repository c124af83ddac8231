package sandbox

import (
	"net/http"
	"slices"
)

// upcomingInvoice previews the next invoice of a subscription, or the one that a change would make.
func (s *Sandbox) upcomingInvoice(r *request) (any, *apiError) {
	f := r.form
	known := []string{
		"customer", "subscription", "subscription_items[][id]", "subscription_items[][price]", "subscription_items[][quantity]",
		"subscription_items[][deleted]", "subscription_proration_behavior", "subscription_proration_date", "subscription_cancel_at_period_end",
	}
	if fault := f.only(known...); fault != nil {
		return nil, fault
	}
	sub, fault := s.upcomingOf(f)
	if fault != nil {
		return nil, fault
	}
	inv, fault := s.preview(sub, f)
	if fault != nil {
		return nil, fault
	}
	return s.invoiceExpanded(inv, r.expand), nil
}

func noUpcoming(customerID string) *apiError {
	fault := invalid("", "No upcoming invoices for customer: %s", customerID)
	fault.Status, fault.Code = http.StatusNotFound, "invoice_upcoming_none"
	return fault
}

// upcomingOf returns the subscription that is asked for, or the one of the customer that is billed next.
func (s *Sandbox) upcomingOf(f form) (*subscription, *apiError) {
	var owner *customer
	if f.has("customer") || !f.has("subscription") {
		if fault := f.required("customer"); fault != nil {
			return nil, fault
		}
		var fault *apiError
		if owner, fault = s.owner(f); fault != nil {
			return nil, fault
		}
	}
	if id := f.get("subscription"); id != "" {
		sub, ok := s.state.Subscriptions.get(id)
		if !ok || owner != nil && sub.Customer != owner.ID {
			return nil, missing("subscription", id, "subscription")
		}
		if !sub.live() {
			return nil, noUpcoming(sub.Customer)
		}
		return sub, nil
	}
	var next *subscription
	for _, sub := range owner.subscriptions {
		if sub.live() && !sub.CancelAtPeriodEnd && (next == nil || sub.PeriodEnd < next.PeriodEnd) {
			next = sub
		}
	}
	if next == nil {
		return nil, noUpcoming(owner.ID)
	}
	return next, nil
}

func (s *Sandbox) preview(sub *subscription, f form) (*invoice, *apiError) {
	c := &change{}
	var fault *apiError
	if c.items, fault = s.changedItems(sub, f, "subscription_items"); fault != nil {
		return nil, fault
	}
	if c.prorations, fault = f.choice("subscription_proration_behavior", "create_prorations", "create_prorations", "always_invoice", "none"); fault != nil {
		return nil, fault
	}
	if c.at, fault = s.prorationDate(sub, f, "subscription_proration_date"); fault != nil {
		return nil, fault
	}
	cancels, fault := f.boolean("subscription_cancel_at_period_end", sub.CancelAtPeriodEnd)
	if fault != nil {
		return nil, fault
	}
	s.cost(sub, c)
	lines := append(slices.Clone(sub.Pending), c.lines...)
	if c.invoiceNow {
		return s.draft(sub, "upcoming", lines), nil
	}
	if cancels && len(lines) == 0 {
		return nil, noUpcoming(sub.Customer)
	}
	start := sub.PeriodEnd
	if !cancels {
		first, _ := s.state.Prices.get(c.items[0].Price)
		lines = append(lines, s.fullLines(c.items, start, cycleEnd(sub.Anchor, first.Interval, start), false)...)
	}
	inv := s.draft(sub, "upcoming", lines)
	inv.Created, inv.NextAttempt = start, start
	return inv, nil
}
