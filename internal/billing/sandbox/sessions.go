package sandbox

import "slices"

func (s *Sandbox) sessionExpanded(c *session, wanted expansion) object {
	first, _ := s.state.Prices.get(c.Items[0].Price)
	total := s.dueToday(c)
	shown := object{
		"id": c.ID, "object": "checkout.session", "after_expiration": nil, "allow_promotion_codes": null(c.AllowPromotionCodes), "amount_subtotal": total,
		"amount_total": total, "automatic_tax": object{"enabled": false, "status": nil}, "billing_address_collection": nil, "cancel_url": null(c.CancelURL),
		"client_reference_id": null(c.ClientReference), "client_secret": nil, "consent": nil, "consent_collection": nil, "created": c.Created,
		"currency": first.Currency, "custom_fields": []object{}, "customer": nil, "customer_creation": nil, "customer_details": nil,
		"customer_email": null(c.CustomerEmail), "expires_at": c.ExpiresAt,
		"invoice":          wanted.reference("invoice", c.Invoice, s.invoiceReference(c.Invoice)),
		"invoice_creation": nil, "livemode": false, "locale": nil, "metadata": metadata(c.Metadata), "mode": "subscription", "payment_intent": nil, "payment_link": nil,
		"payment_method_collection": c.CardCollection, "payment_method_options": object{}, "payment_method_types": []string{"card"},
		"payment_status": c.PaymentStatus, "phone_number_collection": object{"enabled": false}, "recovered_from": nil, "setup_intent": nil,
		"shipping_address_collection": nil, "shipping_options": []object{}, "status": c.Status, "submit_type": nil, "subscription": nil,
		"success_url": null(c.SuccessURL), "total_details": object{"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}, "ui_mode": "hosted", "url": nil,
	}
	if owner, ok := s.state.Customers.get(c.Customer); ok {
		shown["customer"] = wanted.reference("customer", owner.ID, s.customerReference(owner))
		shown["customer_details"] = object{"address": nil, "email": null(owner.Email), "name": null(owner.Name), "phone": nil, "tax_exempt": "none", "tax_ids": []object{}}
	}
	if c.Status == sessionComplete {
		shown["subscription"] = wanted.reference("subscription", c.Subscription, s.subscriptionReference(c.Subscription))
	}
	if c.Status == sessionOpen {
		shown["url"] = s.url("/checkout/" + c.ID)
	}
	if _, ok := wanted["line_items"]; ok {
		shown["line_items"] = s.lineItems(c)
	}
	return shown
}

func (s *Sandbox) sessionObject(c *session) object { return s.sessionExpanded(c, nil) }

func (s *Sandbox) lineItems(c *session) object {
	data := []object{}
	for _, item := range c.Items {
		p, _ := s.state.Prices.get(item.Price)
		amount := p.Amount * item.Quantity
		data = append(data, object{
			"id": item.ID, "object": "item", "amount_discount": 0, "amount_subtotal": amount, "amount_tax": 0, "amount_total": amount,
			"currency": p.Currency, "description": p.name(), "price": s.priceObject(p), "quantity": item.Quantity,
		})
	}
	return object{"object": "list", "data": data, "has_more": false, "url": "/v1/checkout/sessions/" + c.ID + "/line_items"}
}

// dueToday is what the session charges at once; a trial charges nothing.
func (s *Sandbox) dueToday(c *session) int64 {
	if c.TrialDays != 0 || c.TrialEnd != 0 {
		return 0
	}
	return s.total(c.Items)
}

func sessionParams() []string {
	return []string{
		"mode", "customer", "customer_email", "client_reference_id", "success_url", "cancel_url", "metadata[*]", "expires_at", "payment_method_collection",
		"allow_promotion_codes", "line_items[][price]", "line_items[][quantity]", "subscription_data[metadata][*]", "subscription_data[description]",
		"subscription_data[trial_period_days]", "subscription_data[trial_end]", "payment_method_types[]", "locale", "billing_address_collection",
	}
}

func (s *Sandbox) createSession(r *request) (any, *apiError) {
	f := r.form
	if fault := f.only(sessionParams()...); fault != nil {
		return nil, fault
	}
	if fault := f.required("mode", "success_url"); fault != nil {
		return nil, fault
	}
	c, fault := s.newSession(f)
	if fault != nil {
		return nil, fault
	}
	c.ID = s.newID("cs_test")
	for i := range c.Items {
		c.Items[i].ID = s.newID("li")
	}
	s.state.Sessions.add(c)
	if owner, ok := s.state.Customers.get(c.Customer); ok {
		owner.sessions = append(owner.sessions, c)
	}
	s.plan(c.ExpiresAt, dueSession, c.ID)
	return s.sessionExpanded(c, r.expand), nil
}

func (s *Sandbox) newSession(f form) (*session, *apiError) {
	now := s.now()
	c := &session{
		CustomerEmail: f.get("customer_email"), ClientReference: f.get("client_reference_id"), SuccessURL: f.get("success_url"), CancelURL: f.get("cancel_url"),
		Metadata: f.pairs("metadata"), SubscriptionMetadata: f.pairs("subscription_data[metadata]"), Created: now, Status: sessionOpen, PaymentStatus: "unpaid",
	}
	var fault *apiError
	if f.get("mode") != "subscription" {
		return nil, invalid("mode", "This sandbox sells subscriptions only.")
	}
	if f.has("customer") && f.has("customer_email") {
		return nil, invalid("customer_email", "You may only specify one of these parameters: customer, customer_email.")
	}
	if f.has("customer") {
		owner, fault := s.owner(f)
		if fault != nil {
			return nil, fault
		}
		c.Customer = owner.ID
	}
	if len(c.ClientReference) > 200 {
		return nil, invalid("client_reference_id", "Invalid string: must be at most 200 characters")
	}
	if c.Items, fault = s.orderOf(f, "line_items"); fault != nil {
		return nil, fault
	}
	if c.CardCollection, fault = f.choice("payment_method_collection", "always", "always", "if_required"); fault != nil {
		return nil, fault
	}
	if c.AllowPromotionCodes, fault = f.boolean("allow_promotion_codes", false); fault != nil {
		return nil, fault
	}
	if c.TrialDays, c.TrialEnd, fault = trialOf(f, "subscription_data", now); fault != nil {
		return nil, fault
	}
	if c.TrialDays == 0 && c.TrialEnd == 0 {
		p, _ := s.state.Prices.get(c.Items[0].Price)
		c.TrialDays = int64(p.TrialDays)
	}
	c.ExpiresAt, fault = expiry(f, now)
	return c, fault
}

func expiry(f form, now int64) (int64, *apiError) {
	at, fault := f.integer("expires_at", now+day)
	switch {
	case fault != nil:
		return 0, fault
	case at < now+30*60:
		return 0, invalid("expires_at", "`expires_at` must be at least 30 minutes away.")
	case at > now+day:
		return 0, invalid("expires_at", "`expires_at` must be at most 24 hours away.")
	}
	return at, nil
}

func (s *Sandbox) getSession(r *request) (any, *apiError) {
	c, ok := s.state.Sessions.get(r.id)
	if !ok {
		return nil, missing("checkout.session", r.id, "id")
	}
	return s.sessionExpanded(c, r.expand), nil
}

func (s *Sandbox) listSessionItems(r *request) (any, *apiError) {
	c, ok := s.state.Sessions.get(r.id)
	if !ok {
		return nil, missing("checkout.session", r.id, "id")
	}
	return s.lineItems(c), nil
}

func (s *Sandbox) listSessions(r *request) (any, *apiError) {
	if fault := r.form.only(listParams("customer", "subscription", "status")...); fault != nil {
		return nil, fault
	}
	created, fault := r.form.created()
	if fault != nil {
		return nil, fault
	}
	rows, fault := mine(s, r.form, s.state.Sessions.Rows, func(c *customer) []*session { return c.sessions })
	if fault != nil {
		return nil, fault
	}
	keep := func(c *session) bool {
		return created(c.Created) && (!r.form.has("status") || c.Status == r.form.get("status")) &&
			(!r.form.has("subscription") || c.Status == sessionComplete && c.Subscription == r.form.get("subscription"))
	}
	return page(r.form, r.path, rows, keep, func(c *session) object { return s.sessionExpanded(c, r.expand) })
}

func (s *Sandbox) expireSession(r *request) (any, *apiError) {
	c, ok := s.state.Sessions.get(r.id)
	if !ok {
		return nil, missing("checkout.session", r.id, "id")
	}
	if c.Status != sessionOpen {
		return nil, invalid("", "Only open sessions can be expired; the status of this one is %s.", c.Status)
	}
	s.expire(c)
	return s.sessionExpanded(c, r.expand), nil
}

func (s *Sandbox) expire(c *session) {
	c.Status = sessionExpired
	s.emit("checkout.session.expired", c.Customer, s.sessionObject(c), nil)
}

// Pay is what somebody does on the hosted checkout page. A card that is refused leaves the session open, and an incomplete subscription that the next
// attempt pays.
func (s *Sandbox) Pay(sessionID string, card Card) error {
	s.lock()
	defer s.unlock()
	c, ok := s.state.Sessions.get(sessionID)
	switch {
	case !ok:
		return ErrNotFound
	case c.Status != sessionOpen:
		return ErrClosed
	}
	owner, ok := s.state.Customers.get(c.Customer)
	if !ok {
		owner = &customer{Email: c.CustomerEmail}
		s.addCustomer(owner)
		c.Customer, owner.sessions = owner.ID, append(owner.sessions, c)
	}
	if owner.Deleted {
		return ErrNoCustomer
	}
	return s.payAs(owner, c, card)
}

func (s *Sandbox) payAs(owner *customer, c *session, card Card) error {
	trial := c.TrialDays != 0 || c.TrialEnd != 0
	if trial && card.refusal() != nil {
		return asPerson(card.refusal()) // the card is checked before the trial begins
	}
	before, oldCard := s.customerObject(owner), owner.Card
	sub, inv := s.firstInvoice(owner, c)
	owner.Card = card
	if refusal := s.attempt(inv, card); refusal != nil {
		owner.Card = oldCard
		return asPerson(refusal)
	}
	owner.CardID = s.newID("pm")
	s.emitChange("customer.updated", owner.ID, before, s.customerObject(owner))
	c.Status, c.PaymentStatus, c.Subscription, c.Invoice = sessionComplete, "paid", sub.ID, inv.ID
	if inv.AmountDue == 0 {
		c.PaymentStatus = "no_payment_required"
	}
	s.emit("checkout.session.completed", owner.ID, s.sessionObject(c), nil)
	return nil
}

// firstInvoice returns the subscription that an earlier attempt left incomplete, or a new one.
func (s *Sandbox) firstInvoice(owner *customer, c *session) (*subscription, *invoice) {
	if sub, ok := s.state.Subscriptions.get(c.Subscription); ok && sub.Status == statusIncomplete {
		inv, _ := s.state.Invoices.get(sub.LatestInvoice)
		return sub, inv
	}
	o := order{items: slices.Clone(c.Items), metadata: c.SubscriptionMetadata}
	if c.TrialDays != 0 || c.TrialEnd != 0 {
		o.trialEnd = s.trialEnd(c.Items, c.TrialDays, c.TrialEnd)
	}
	sub, inv := s.begin(owner, o)
	c.Subscription = sub.ID
	return sub, inv
}
