package sandbox

import (
	"slices"
)

func (s *Sandbox) subscriptionObject(sub *subscription) object {
	return s.subscriptionExpanded(sub, nil)
}

func (s *Sandbox) subscriptionExpanded(sub *subscription, wanted expansion) object {
	c, _ := s.state.Customers.get(sub.Customer)
	first, _ := s.state.Prices.get(sub.Items[0].Price)
	shown := object{
		"id": sub.ID, "object": "subscription", "application": nil, "application_fee_percent": nil, "automatic_tax": object{"enabled": false},
		"billing_cycle_anchor": sub.Anchor, "billing_thresholds": nil, "cancel_at": null(sub.CancelAt), "cancel_at_period_end": sub.CancelAtPeriodEnd,
		"canceled_at":          null(sub.CanceledAt),
		"cancellation_details": object{"comment": null(sub.Comment), "feedback": null(sub.Feedback), "reason": null(sub.CancelReason)},
		"collection_method":    "charge_automatically", "created": sub.Created, "currency": first.Currency,
		"current_period_start": sub.PeriodStart, "current_period_end": sub.PeriodEnd, "customer": wanted.reference("customer", c.ID, s.customerReference(c)),
		"days_until_due": nil, "default_payment_method": nil, "default_source": nil, "default_tax_rates": []object{}, "description": null(sub.Description),
		"discount": nil, "ended_at": null(sub.EndedAt), "items": s.itemsObject(sub),
		"latest_invoice": wanted.reference("latest_invoice", sub.LatestInvoice, s.invoiceReference(sub.LatestInvoice)),
		"livemode":       false, "metadata": metadata(sub.Metadata), "next_pending_invoice_item_invoice": nil, "pause_collection": nil,
		"payment_settings":              object{"payment_method_options": nil, "payment_method_types": nil, "save_default_payment_method": "off"},
		"pending_invoice_item_interval": nil, "pending_setup_intent": nil, "pending_update": nil, "schedule": nil,
		"start_date": sub.StartDate, "status": sub.Status, "test_clock": nil, "transfer_data": nil, "trial_start": null(sub.TrialStart), "trial_end": null(sub.TrialEnd),
		"trial_settings": object{"end_behavior": object{"missing_payment_method": "create_invoice"}},
	}
	if update := sub.Update; update != nil {
		shown["pending_update"] = object{
			"billing_cycle_anchor": nil, "expires_at": update.ExpiresAt, "subscription_items": s.itemObjects(sub, update.Items), "trial_end": nil, "trial_from_plan": nil,
		}
	}
	return shown
}

func (s *Sandbox) itemsObject(sub *subscription) object {
	return object{
		"object": "list", "data": s.itemObjects(sub, sub.Items), "has_more": false, "total_count": len(sub.Items),
		"url": "/v1/subscription_items?subscription=" + sub.ID,
	}
}

func (s *Sandbox) itemObjects(sub *subscription, items []orderItem) []object {
	data := []object{}
	for _, item := range items {
		p, _ := s.state.Prices.get(item.Price)
		data = append(data, object{
			"id": item.ID, "object": "subscription_item", "billing_thresholds": nil, "created": item.Created, "metadata": object{},
			"plan": s.planObject(p), "price": s.priceObject(p), "quantity": item.Quantity, "subscription": sub.ID, "tax_rates": []object{},
		})
	}
	return data
}

// updating tells of a change to a subscription, once however deep changes nest.
func (s *Sandbox) updating(sub *subscription, change func()) {
	if s.changing == sub {
		change()
		return
	}
	outer := s.changing
	s.changing = sub
	before := s.subscriptionObject(sub)
	change()
	s.changing = outer
	if !sub.ended() || sub.Status == statusExpired {
		s.emitChange("customer.subscription.updated", sub.Customer, before, s.subscriptionObject(sub))
	}
}

func (s *Sandbox) getSubscription(r *request) (any, *apiError) {
	sub, ok := s.state.Subscriptions.get(r.id)
	if !ok {
		return nil, missing("subscription", r.id, "id")
	}
	return s.subscriptionExpanded(sub, r.expand), nil
}

func (s *Sandbox) listSubscriptions(r *request) (any, *apiError) {
	if fault := r.form.only(listParams("customer", "price", "status")...); fault != nil {
		return nil, fault
	}
	created, fault := r.form.created()
	if fault != nil {
		return nil, fault
	}
	status, fault := r.form.choice("status", "", "all", "ended", statusActive, statusCanceled, statusIncomplete, statusExpired, statusPastDue, "paused", statusTrialing, statusUnpaid)
	if fault != nil {
		return nil, fault
	}
	rows, fault := mine(s, r.form, s.state.Subscriptions.Rows, func(c *customer) []*subscription { return c.subscriptions })
	if fault != nil {
		return nil, fault
	}
	keep := func(sub *subscription) bool {
		return created(sub.Created) && sub.matches(status) && (!r.form.has("price") || sub.has(r.form.get("price")))
	}
	return page(r.form, r.path, rows, keep, func(sub *subscription) object { return s.subscriptionExpanded(sub, r.expand) })
}

// matches applies the filter on the status: without one, canceled subscriptions are left out.
func (s *subscription) matches(status string) bool {
	switch status {
	case "all":
		return true
	case "":
		return s.Status != statusCanceled
	case "ended":
		return s.ended()
	}
	return s.Status == status
}

func (s *subscription) has(priceID string) bool {
	return slices.ContainsFunc(s.Items, func(i orderItem) bool { return i.Price == priceID })
}

func (s *Sandbox) cancelSubscription(r *request) (any, *apiError) {
	if fault := r.form.only("invoice_now", "prorate", "cancellation_details[comment]", "cancellation_details[feedback]"); fault != nil {
		return nil, fault
	}
	sub, ok := s.state.Subscriptions.get(r.id)
	if !ok || sub.ended() {
		return nil, missing("subscription", r.id, "id")
	}
	prorate, fault := r.form.boolean("prorate", false)
	if fault != nil {
		return nil, fault
	}
	invoiceNow, fault := r.form.boolean("invoice_now", false)
	if fault != nil {
		return nil, fault
	}
	sub.Comment, sub.Feedback = r.form.get("cancellation_details[comment]"), r.form.get("cancellation_details[feedback]")
	if prorate && sub.Status == statusActive {
		sub.Pending = append(sub.Pending, s.prorate(sub, sub.Items, nil, s.now())...)
	}
	if invoiceNow && len(sub.Pending) > 0 {
		s.invoicePending(sub)
	}
	s.end(sub, "")
	return s.subscriptionExpanded(sub, r.expand), nil
}

// invoicePending bills what waits for the next invoice now.
func (s *Sandbox) invoicePending(sub *subscription) {
	inv := s.draft(sub, "subscription_update", sub.Pending)
	sub.Pending = nil
	s.keep(inv)
	s.finalize(inv)
	s.collect(sub, inv)
}

// end cancels a subscription now. Open invoices stay, and are not collected any more.
func (s *Sandbox) end(sub *subscription, reason string) {
	if sub.ended() {
		return
	}
	wasIncomplete := sub.Status == statusIncomplete
	s.endStatus(sub, reason)
	c, _ := s.state.Customers.get(sub.Customer)
	for _, inv := range c.invoices {
		if inv.Subscription != sub.ID || inv.Status != invoiceOpen {
			continue
		}
		if wasIncomplete {
			s.void(inv)
			continue
		}
		inv.NextAttempt, inv.AutoAdvance = 0, false
	}
	s.emit("customer.subscription.deleted", sub.Customer, s.subscriptionObject(sub), nil)
}

func (s *Sandbox) endStatus(sub *subscription, reason string) {
	now := s.now()
	if sub.Status == statusIncomplete {
		sub.Status = statusExpired
	} else {
		sub.Status = statusCanceled
	}
	if sub.CanceledAt == 0 {
		sub.CanceledAt = now
	}
	if reason == "" {
		reason = "cancellation_requested"
	}
	sub.EndedAt, sub.CancelReason, sub.Pending, sub.Update = now, reason, nil, nil
}

// cancelAtPeriodEnd plans the end of a subscription, or takes that back.
func (s *Sandbox) cancelAtPeriodEnd(sub *subscription, cancel bool) {
	if cancel == sub.CancelAtPeriodEnd {
		return
	}
	sub.CancelAtPeriodEnd = cancel
	if cancel {
		sub.CancelAt, sub.CanceledAt, sub.CancelReason = sub.PeriodEnd, s.now(), "cancellation_requested"
		return
	}
	sub.CancelAt, sub.CanceledAt, sub.CancelReason = 0, 0, ""
}

// CancelSubscription cancels a subscription now, by the dashboard.
func (s *Sandbox) CancelSubscription(id string) error {
	s.lock()
	defer s.unlock()
	sub, ok := s.state.Subscriptions.get(id)
	switch {
	case !ok:
		return ErrNotFound
	case sub.ended():
		return ErrNotLive
	}
	s.end(sub, "")
	return nil
}
