package sandbox

import "maps"

// order is what a new subscription is made of.
type order struct {
	items       []orderItem
	metadata    map[string]string
	description string
	trialEnd    int64 // 0: none
}

// begin makes a subscription, incomplete until its first invoice is paid. A trial needs no payment.
func (s *Sandbox) begin(c *customer, o order) (*subscription, *invoice) {
	now := s.now()
	first, _ := s.state.Prices.get(o.items[0].Price)
	sub := &subscription{
		ID: s.newID("sub"), Customer: c.ID, Status: statusIncomplete, Description: o.description, Metadata: maps.Clone(o.metadata),
		Created: now, StartDate: now, Anchor: now, PeriodStart: now, PeriodEnd: after(now, first.Interval, 1),
	}
	if o.trialEnd > now {
		sub.Status, sub.Anchor, sub.PeriodEnd, sub.TrialStart, sub.TrialEnd = statusTrialing, o.trialEnd, o.trialEnd, now, o.trialEnd
	}
	for _, item := range o.items {
		sub.Items = append(sub.Items, orderItem{ID: s.newID("si"), Price: item.Price, Quantity: item.Quantity, Created: now})
	}
	s.state.Subscriptions.add(sub)
	c.subscriptions = append(c.subscriptions, sub)
	inv := s.draft(sub, "subscription_create", s.fullLines(sub.Items, sub.PeriodStart, sub.PeriodEnd, sub.TrialEnd > 0))
	s.keep(inv)
	s.finalize(inv)
	s.planSubscription(sub)
	s.emit("customer.subscription.created", c.ID, s.subscriptionObject(sub), nil)
	return sub, inv
}

// trialEnd returns when a trial of an order that is made now ends.
func (s *Sandbox) trialEnd(items []orderItem, days, end int64) int64 {
	switch {
	case end != 0:
		return end
	case days != 0:
		return s.now() + days*day
	}
	p, _ := s.state.Prices.get(items[0].Price)
	if p.TrialDays == 0 {
		return 0
	}
	return s.now() + int64(p.TrialDays)*day
}

// orderOf reads items[] or line_items[] of a new order.
func (s *Sandbox) orderOf(f form, key string) ([]orderItem, *apiError) {
	var items []orderItem
	for _, i := range f.positions(key) {
		id := f.get(at(key, i, "price"))
		if id == "" {
			return nil, missingParam(at(key, i, "price"))
		}
		if _, fault := s.priceOf(id, at(key, i, "price")); fault != nil {
			return nil, fault
		}
		quantity, fault := f.integer(at(key, i, "quantity"), 1)
		if fault != nil {
			return nil, fault
		}
		if quantity < 1 {
			return nil, invalid(at(key, i, "quantity"), "This value must be greater than or equal to 1.")
		}
		items = append(items, orderItem{Price: id, Quantity: quantity})
	}
	if len(items) == 0 {
		return nil, missingParam(key)
	}
	return items, s.fit(items, key)
}

// fit refuses orders that Stripe cannot bill together.
func (s *Sandbox) fit(items []orderItem, param string) *apiError {
	seen := map[string]bool{}
	first, _ := s.state.Prices.get(items[0].Price)
	for _, item := range items {
		p, _ := s.state.Prices.get(item.Price)
		if seen[p.ID] {
			return invalid(param, "Cannot add multiple subscription items with the same plan: %s", p.ID)
		}
		if p.Interval != first.Interval || p.Currency != first.Currency {
			return invalid(param, "All prices on a subscription must have the same `recurring.interval` and `currency`.")
		}
		seen[p.ID] = true
	}
	return nil
}

func (s *Sandbox) createSubscription(r *request) (any, *apiError) {
	f := r.form
	if fault := f.only("customer", "items[][price]", "items[][quantity]", "metadata[*]", "payment_behavior", "trial_period_days", "trial_end", "description", "off_session"); fault != nil {
		return nil, fault
	}
	if fault := f.required("customer"); fault != nil {
		return nil, fault
	}
	c, fault := s.owner(f)
	if fault != nil {
		return nil, fault
	}
	items, fault := s.orderOf(f, "items")
	if fault != nil {
		return nil, fault
	}
	behavior, fault := f.choice("payment_behavior", "allow_incomplete", "allow_incomplete", "default_incomplete", "error_if_incomplete")
	if fault != nil {
		return nil, fault
	}
	days, end, fault := trialOf(f, "", s.now())
	if fault != nil {
		return nil, fault
	}
	o := order{items: items, metadata: f.pairs("metadata"), description: f.get("description"), trialEnd: s.trialEnd(items, days, end)}
	if fault := s.payable(c, o, behavior); fault != nil {
		return nil, fault
	}
	sub, inv := s.begin(c, o)
	if behavior != "default_incomplete" || inv.AmountDue == 0 {
		s.attempt(inv, c.Card)
	}
	return s.subscriptionExpanded(sub, r.expand), nil
}

// payable refuses an order before anything of it exists.
func (s *Sandbox) payable(c *customer, o order, behavior string) *apiError {
	due, _ := settle(c.Balance, s.total(o.items))
	if o.trialEnd != 0 || due == 0 || behavior == "default_incomplete" {
		return nil
	}
	if c.Card == "" {
		return noCard()
	}
	if behavior == "error_if_incomplete" {
		return c.Card.refusal()
	}
	return nil
}

func (s *Sandbox) total(items []orderItem) int64 {
	total := int64(0)
	for _, item := range items {
		p, _ := s.state.Prices.get(item.Price)
		total += p.Amount * item.Quantity
	}
	return total
}

// trialOf reads trial_period_days and trial_end, which exclude each other; both may be nested.
func trialOf(f form, within string, now int64) (days, end int64, fault *apiError) {
	daysKey, endKey := "trial_period_days", "trial_end"
	if within != "" {
		daysKey, endKey = within+"["+daysKey+"]", within+"["+endKey+"]"
	}
	if f.has(daysKey) && f.has(endKey) {
		return 0, 0, invalid(daysKey, "You may only specify one of these parameters: trial_end, trial_period_days.")
	}
	if days, fault = f.integer(daysKey, 0); fault != nil {
		return 0, 0, fault
	}
	if end, fault = f.integer(endKey, 0); fault != nil {
		return 0, 0, fault
	}
	if f.has(daysKey) && days < 1 {
		return 0, 0, invalid(daysKey, "The minimum number of trial period days is 1.")
	}
	if within != "" && end != 0 && end < now+2*day {
		return 0, 0, invalid(endKey, "`trial_end` must be at least 48 hours away.")
	}
	return days, end, nil
}

// Subscribe makes a subscription by the dashboard. A customer without a card gets one that pays.
func (s *Sandbox) Subscribe(customerID, priceID string) (subID string) {
	s.lock()
	defer s.unlock()
	c, ok := s.state.Customers.get(customerID)
	if _, known := s.state.Prices.get(priceID); !ok || c.Deleted || !known {
		panic("sandbox: customer " + customerID + ", price " + priceID)
	}
	if c.Card == "" {
		s.setCard(c, CardPays)
	}
	items := []orderItem{{Price: priceID, Quantity: 1}}
	sub, inv := s.begin(c, order{items: items, trialEnd: s.trialEnd(items, 0, 0)})
	s.attempt(inv, c.Card)
	return sub.ID
}
