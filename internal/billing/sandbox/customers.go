package sandbox

import (
	"net/mail"
	"slices"
)

func (s *Sandbox) customerObject(c *customer) object { return s.customerExpanded(c, nil) }

func (s *Sandbox) customerExpanded(c *customer, wanted expansion) object {
	if c.Deleted {
		return object{"id": c.ID, "object": "customer", "deleted": true}
	}
	shown := object{
		"id": c.ID, "object": "customer", "address": nil, "balance": c.Balance, "created": c.Created, "currency": s.customerCurrency(c),
		"default_source": nil, "delinquent": s.delinquent(c), "description": null(c.Description), "discount": nil, "email": null(c.Email),
		"invoice_prefix": invoicePrefix(c), "livemode": false, "metadata": metadata(c.Metadata), "name": null(c.Name), "next_invoice_sequence": c.InvoiceCount + 1,
		"invoice_settings": object{"custom_fields": nil, "default_payment_method": null(c.CardID), "footer": nil, "rendering_options": nil},
		"phone":            nil, "preferred_locales": []string{}, "shipping": nil, "tax_exempt": "none", "test_clock": nil,
	}
	if _, ok := wanted["subscriptions"]; ok {
		shown["subscriptions"] = s.subscriptionsOf(c)
	}
	return shown
}

func (s *Sandbox) subscriptionsOf(c *customer) object {
	data := []object{}
	for _, sub := range slices.Backward(c.subscriptions) {
		if sub.Status != statusCanceled {
			data = append(data, s.subscriptionObject(sub))
		}
	}
	return object{"object": "list", "data": data, "has_more": false, "url": "/v1/customers/" + c.ID + "/subscriptions"}
}

// customerCurrency is set with the first invoice.
func (s *Sandbox) customerCurrency(c *customer) any {
	if len(c.invoices) == 0 {
		return nil
	}
	return c.invoices[0].Currency
}

// delinquent customers have not paid their latest invoice.
func (s *Sandbox) delinquent(c *customer) bool {
	return len(c.invoices) > 0 && c.invoices[len(c.invoices)-1].Status == invoiceOpen
}

func customerParams() []string {
	return []string{"email", "name", "description", "metadata[*]", "metadata", "balance"}
}

func (s *Sandbox) createCustomer(r *request) (any, *apiError) {
	if fault := r.form.only(customerParams()...); fault != nil {
		return nil, fault
	}
	c := &customer{}
	if fault := c.fill(r.form); fault != nil {
		return nil, fault
	}
	s.addCustomer(c)
	return s.customerExpanded(c, r.expand), nil
}

func (s *Sandbox) addCustomer(c *customer) {
	c.ID, c.Created = s.newID("cus"), s.now()
	s.state.Customers.add(c)
	s.emit("customer.created", c.ID, s.customerObject(c), nil)
}

// fill sets what the form has; nothing when it is not valid.
func (c *customer) fill(f form) *apiError {
	balance, fault := f.integer("balance", c.Balance)
	if fault != nil {
		return fault
	}
	if email := f.get("email"); email != "" {
		if parsed, err := mail.ParseAddress(email); err != nil || parsed.Address != email {
			fault := invalid("email", "Invalid email address: %s", email)
			fault.Code = "email_invalid"
			return fault
		}
	}
	c.Balance = balance
	for key, field := range map[string]*string{"email": &c.Email, "name": &c.Name, "description": &c.Description} {
		if f.has(key) {
			*field = f.get(key)
		}
	}
	c.Metadata = merge(c.Metadata, f.pairs("metadata"))
	return nil
}

func (s *Sandbox) getCustomer(r *request) (any, *apiError) {
	c, ok := s.state.Customers.get(r.id)
	if !ok {
		return nil, missing("customer", r.id, "id")
	}
	return s.customerExpanded(c, r.expand), nil
}

func (s *Sandbox) updateCustomer(r *request) (any, *apiError) {
	if fault := r.form.only(customerParams()...); fault != nil {
		return nil, fault
	}
	c, ok := s.state.Customers.get(r.id)
	if !ok || c.Deleted {
		return nil, missing("customer", r.id, "id")
	}
	before := s.customerObject(c)
	if fault := c.fill(r.form); fault != nil {
		return nil, fault
	}
	s.emitChange("customer.updated", c.ID, before, s.customerObject(c))
	return s.customerExpanded(c, r.expand), nil
}

func (s *Sandbox) deleteCustomer(r *request) (any, *apiError) {
	c, ok := s.state.Customers.get(r.id)
	if !ok || c.Deleted {
		return nil, missing("customer", r.id, "id")
	}
	s.removeCustomer(c)
	return s.customerObject(c), nil
}

// removeCustomer ends what the customer has at once, as Stripe does.
func (s *Sandbox) removeCustomer(c *customer) {
	last := s.customerObject(c)
	for _, sub := range c.subscriptions {
		if !sub.ended() {
			s.end(sub, "")
		}
	}
	c.Deleted, c.Card, c.CardID = true, "", ""
	s.emit("customer.deleted", c.ID, last, nil)
}

func (s *Sandbox) listCustomers(r *request) (any, *apiError) {
	if fault := r.form.only(listParams("email")...); fault != nil {
		return nil, fault
	}
	created, fault := r.form.created()
	if fault != nil {
		return nil, fault
	}
	keep := func(c *customer) bool {
		return !c.Deleted && created(c.Created) && (!r.form.has("email") || c.Email == r.form.get("email"))
	}
	return page(r.form, r.path, s.state.Customers.Rows, keep, func(c *customer) object { return s.customerExpanded(c, r.expand) })
}

// owner returns the customer that a parameter names. A deleted one counts as missing for writes.
func (s *Sandbox) owner(f form) (*customer, *apiError) {
	c, ok := s.state.Customers.get(f.get("customer"))
	if !ok || c.Deleted {
		return nil, missing("customer", f.get("customer"), "customer")
	}
	return c, nil
}

// mine returns what a list is taken from: the rows of the customer whom it asks for, or all.
func mine[R row](s *Sandbox, f form, all []R, of func(*customer) []R) ([]R, *apiError) {
	if !f.has("customer") {
		return all, nil
	}
	c, ok := s.state.Customers.get(f.get("customer"))
	if !ok {
		return nil, missing("customer", f.get("customer"), "customer")
	}
	return of(c), nil
}

// DeleteCustomer deletes a customer by the dashboard.
func (s *Sandbox) DeleteCustomer(id string) error {
	s.lock()
	defer s.unlock()
	c, ok := s.state.Customers.get(id)
	if !ok || c.Deleted {
		return ErrNotFound
	}
	s.removeCustomer(c)
	return nil
}
