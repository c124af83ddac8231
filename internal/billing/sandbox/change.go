package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// change is what an update of a subscription asks for.
type change struct {
	items       []orderItem
	prorations  string // create_prorations, always_invoice, none
	payment     string // allow_incomplete, error_if_incomplete, pending_if_incomplete
	at          int64  // from when it counts
	newCycle    bool   // another interval begins a new period
	lines       []line // credits and charges of the change
	invoiceNow  bool
	periodEnd   int64 // of the new cycle
	cancelAtEnd *bool
}

func (s *Sandbox) updateSubscription(r *request) (any, *apiError) {
	sub, ok := s.state.Subscriptions.get(r.id)
	if !ok {
		return nil, missing("subscription", r.id, "id")
	}
	if fault := updatable(sub, r.form); fault != nil {
		return nil, fault
	}
	c, fault := s.changeOf(sub, r.form)
	if fault != nil {
		return nil, fault
	}
	s.updating(sub, func() {
		fault = s.apply(sub, c)
		if fault == nil {
			describe(sub, r.form)
		}
	})
	if fault != nil {
		return nil, fault
	}
	return s.subscriptionExpanded(sub, r.expand), nil
}

// updatable refuses what the subscription's status or the payment behaviour does not allow.
func updatable(sub *subscription, f form) *apiError {
	known := []string{
		"items[][id]", "items[][price]", "items[][quantity]", "items[][deleted]", "metadata[*]", "metadata", "description", "cancel_at_period_end",
		"proration_behavior", "proration_date", "payment_behavior", "cancellation_details[comment]", "cancellation_details[feedback]", "off_session",
	}
	if fault := f.only(known...); fault != nil {
		return fault
	}
	for _, key := range f.keys() {
		kept := strings.HasPrefix(key, "metadata") || strings.HasPrefix(key, "expand")
		switch {
		case sub.ended() && !kept && !strings.HasPrefix(key, "cancellation_details"):
			return invalid("", "Of a canceled subscription, only cancellation_details and metadata can be updated.")
		case sub.Status == statusIncomplete && !kept && key != "description":
			return invalid("", "The first invoice of this subscription is not paid: it cannot be updated.")
		}
	}
	if f.get("payment_behavior") != "pending_if_incomplete" {
		return nil
	}
	for _, key := range f.keys() {
		name, _, _ := strings.Cut(key, "[")
		if !slices.Contains([]string{"expand", "payment_behavior", "proration_behavior", "proration_date", "items", "off_session"}, name) {
			return invalid(name, "%s cannot be sent together with `payment_behavior` of `pending_if_incomplete`.", name)
		}
	}
	return nil
}

func describe(sub *subscription, f form) {
	sub.Metadata = merge(sub.Metadata, f.pairs("metadata"))
	for key, field := range map[string]*string{
		"description": &sub.Description, "cancellation_details[comment]": &sub.Comment, "cancellation_details[feedback]": &sub.Feedback,
	} {
		if f.has(key) {
			*field = f.get(key)
		}
	}
}

// changeOf reads an update and computes what it costs; nothing is changed yet.
func (s *Sandbox) changeOf(sub *subscription, f form) (*change, *apiError) {
	c := &change{}
	var fault *apiError
	if c.items, fault = s.changedItems(sub, f, "items"); fault != nil {
		return nil, fault
	}
	if c.prorations, fault = f.choice("proration_behavior", "create_prorations", "create_prorations", "always_invoice", "none"); fault != nil {
		return nil, fault
	}
	if c.payment, fault = f.choice("payment_behavior", "allow_incomplete", "allow_incomplete", "error_if_incomplete", "pending_if_incomplete"); fault != nil {
		return nil, fault
	}
	if f.has("cancel_at_period_end") {
		cancel, fault := f.boolean("cancel_at_period_end", false)
		if fault != nil {
			return nil, fault
		}
		c.cancelAtEnd = &cancel
	}
	if c.at, fault = s.prorationDate(sub, f, "proration_date"); fault != nil {
		return nil, fault
	}
	s.cost(sub, c)
	return c, nil
}

// prorationDate is now unless a time within the period is given.
func (s *Sandbox) prorationDate(sub *subscription, f form, param string) (int64, *apiError) {
	date, fault := f.integer(param, s.now())
	if fault != nil {
		return 0, fault
	}
	if f.has(param) && (date < sub.PeriodStart || date > sub.PeriodEnd) {
		return 0, invalid(param, "Cannot specify proration_date outside of current period.")
	}
	return date, nil
}

// changedItems returns the order after a list of changes: an item with an id is changed, one without is added.
func (s *Sandbox) changedItems(sub *subscription, f form, key string) ([]orderItem, *apiError) {
	items := slices.Clone(sub.Items)
	for _, i := range f.positions(key) {
		var fault *apiError
		if items, fault = s.changedItem(items, f, key, i); fault != nil {
			return nil, fault
		}
	}
	if len(items) == 0 {
		return nil, invalid(key, "A subscription must have at least one active plan.")
	}
	return items, s.fit(items, key)
}

func (s *Sandbox) changedItem(items []orderItem, f form, key string, i int) ([]orderItem, *apiError) {
	id, priceID := f.get(at(key, i, "id")), f.get(at(key, i, "price"))
	where := slices.IndexFunc(items, func(item orderItem) bool { return item.ID == id })
	if id != "" && where < 0 {
		return nil, missing("subscription_item", id, at(key, i, "id"))
	}
	deleted, fault := f.boolean(at(key, i, "deleted"), false)
	if fault != nil {
		return nil, fault
	}
	if deleted && id != "" {
		return slices.Delete(items, where, where+1), nil
	}
	if id == "" {
		if priceID == "" {
			return nil, missingParam(at(key, i, "price"))
		}
		items = append(items, orderItem{ID: s.newID("si"), Quantity: 1, Created: s.now()})
		where = len(items) - 1
	}
	item := &items[where]
	if priceID != "" {
		if _, fault := s.priceOf(priceID, at(key, i, "price")); fault != nil {
			return nil, fault
		}
		item.Price = priceID
	}
	item.Quantity, fault = f.integer(at(key, i, "quantity"), item.Quantity)
	if fault != nil {
		return nil, fault
	}
	if item.Quantity < 0 {
		return nil, invalid(at(key, i, "quantity"), "This value must be greater than or equal to 0.")
	}
	return items, nil
}

// cost computes the lines of a change. In a trial nothing was paid, so that nothing is credited.
func (s *Sandbox) cost(sub *subscription, c *change) {
	interval := func(items []orderItem) string {
		p, _ := s.state.Prices.get(items[0].Price)
		return p.Interval
	}
	trial := sub.Status == statusTrialing
	c.newCycle = interval(c.items) != interval(sub.Items) && !trial
	switch {
	case c.newCycle:
		c.periodEnd = after(s.now(), interval(c.items), 1)
		if c.prorations != "none" {
			c.lines = s.prorate(sub, sub.Items, nil, c.at)
		}
		c.lines = append(c.lines, s.fullLines(c.items, s.now(), c.periodEnd, false)...)
	case !trial && c.prorations != "none":
		c.lines = s.prorate(sub, sub.Items, c.items, c.at)
	}
	c.invoiceNow = c.newCycle || c.prorations == "always_invoice" && len(c.lines)+len(sub.Pending) > 0
}

// apply makes a change, or refuses it and leaves everything as it was.
func (s *Sandbox) apply(sub *subscription, c *change) *apiError {
	if !c.invoiceNow {
		sub.Items, sub.Pending = c.items, append(sub.Pending, c.lines...)
		s.applyCancel(sub, c)
		return nil
	}
	if fault := s.tooManyInvoices(sub); fault != nil {
		return fault
	}
	owner, _ := s.state.Customers.get(sub.Customer)
	inv := s.draft(sub, "subscription_update", append(slices.Clone(sub.Pending), c.lines...))
	refusal := owner.Card.refusal()
	failing := inv.AmountDue > 0 && refusal != nil
	switch {
	case inv.AmountDue > 0 && owner.Card == "":
		return noCard()
	case failing && c.payment == "error_if_incomplete":
		return s.refuse(inv, refusal)
	case failing && c.payment == "pending_if_incomplete":
		s.hold(sub, c, inv)
		return nil
	}
	s.commit(sub, c, inv)
	return nil
}

func (s *Sandbox) applyCancel(sub *subscription, c *change) {
	if c.cancelAtEnd != nil {
		s.cancelAtPeriodEnd(sub, *c.cancelAtEnd)
	}
}

// commit makes the change and collects its invoice.
func (s *Sandbox) commit(sub *subscription, c *change, inv *invoice) {
	sub.Items, sub.Pending = c.items, nil
	if c.newCycle {
		sub.Anchor, sub.PeriodStart, sub.PeriodEnd = s.now(), s.now(), c.periodEnd
		if sub.CancelAtPeriodEnd {
			sub.CancelAt = sub.PeriodEnd
		}
		s.planSubscription(sub)
	}
	s.applyCancel(sub, c)
	s.keep(inv)
	s.finalize(inv)
	s.collect(sub, inv)
}

// refuse tells of a payment that failed; the invoice was never kept.
func (s *Sandbox) refuse(inv *invoice, refusal *apiError) *apiError {
	inv.Intent = &intent{ID: s.newID("pi"), Amount: inv.AmountDue, Created: s.now()}
	inv.Intent.Secret = inv.Intent.ID + "_secret_" + s.newID("s")
	inv.Intent.fail(refusal)
	refusal.Intent = s.intentObject(inv)
	s.emit("payment_intent.payment_failed", inv.Customer, refusal.Intent, nil)
	return refusal
}

// hold keeps the order as it is until the invoice is paid, 23 hours at most.
func (s *Sandbox) hold(sub *subscription, c *change, inv *invoice) {
	owner, _ := s.state.Customers.get(sub.Customer)
	s.keep(inv)
	s.finalize(inv)
	sub.Update = &pendingUpdate{Invoice: inv.ID, Items: c.items, ExpiresAt: s.now() + 23*3600}
	s.plan(sub.Update.ExpiresAt, dueUpdate, sub.ID)
	s.attempt(inv, owner.Card)
}

// tooManyInvoices holds Stripe's limits on the invoices of one subscription.
func (s *Sandbox) tooManyInvoices(sub *subscription) *apiError {
	lastMinute, lastDay := 0, 0
	for _, at := range sub.RecentInvoices {
		if at > s.now()-day {
			lastDay++
		}
		if at > s.now()-60 {
			lastMinute++
		}
	}
	if lastMinute < 10 && lastDay < 20 {
		return nil
	}
	return &apiError{
		Status: http.StatusTooManyRequests, Type: "invalid_request_error", Code: "rate_limit",
		Message: "Too many invoices have been created for this subscription. Try again later.",
	}
}

// ChangePrice puts the first item of a subscription on another price, by the dashboard or the portal: the difference comes with the next invoice.
func (s *Sandbox) ChangePrice(subID, priceID string) error {
	s.lock()
	defer s.unlock()
	sub, ok := s.state.Subscriptions.get(subID)
	switch _, known := s.state.Prices.get(priceID); {
	case !ok:
		return ErrNotFound
	case !sub.live():
		return ErrNotLive
	case !known:
		return ErrUnknownPrice
	}
	c := &change{items: slices.Clone(sub.Items), prorations: "create_prorations", payment: "allow_incomplete", at: s.now()}
	c.items[0].Price = priceID
	s.cost(sub, c)
	var fault *apiError
	s.updating(sub, func() { fault = s.apply(sub, c) })
	if fault != nil {
		return fault
	}
	return nil
}
