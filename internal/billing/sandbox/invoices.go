package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// leastCharge is the smallest amount that a card is charged; less goes to the customer's balance.
const leastCharge = 50

// draft makes an invoice that is not kept yet.
func (s *Sandbox) draft(sub *subscription, reason string, lines []line) *invoice {
	c, _ := s.state.Customers.get(sub.Customer)
	p, _ := s.state.Prices.get(sub.Items[0].Price)
	inv := &invoice{
		Customer: c.ID, Subscription: sub.ID, Status: invoiceDraft, Reason: reason, Currency: p.Currency, Lines: lines,
		Created: s.now(), PeriodStart: sub.PeriodStart, PeriodEnd: sub.PeriodEnd, StartingBalance: c.Balance, AutoAdvance: true,
		SubscriptionMetadata: maps.Clone(sub.Metadata),
	}
	for _, l := range lines {
		inv.Total += l.Amount
	}
	inv.AmountDue, inv.EndingBalance = settle(c.Balance, inv.Total)
	return inv
}

// settle returns what is left to be paid of a total, and what stays on the balance.
func settle(balance, total int64) (due, rest int64) {
	sum := balance + total
	if sum < leastCharge {
		return 0, sum
	}
	return sum, 0
}

// keep gives the invoice an id and stores it.
func (s *Sandbox) keep(inv *invoice) {
	c, _ := s.state.Customers.get(inv.Customer)
	c.InvoiceCount++
	inv.ID, inv.Number = s.newID("in"), fmt.Sprintf("%s-%04d", invoicePrefix(c), c.InvoiceCount)
	s.state.Invoices.add(inv)
	c.invoices = append(c.invoices, inv)
	sub, _ := s.state.Subscriptions.get(inv.Subscription)
	sub.LatestInvoice = inv.ID
	sub.RecentInvoices = append(slices.DeleteFunc(sub.RecentInvoices, func(at int64) bool { return at <= inv.Created-day }), inv.Created)
	s.emit("invoice.created", c.ID, s.invoiceObject(inv), nil)
}

// finalize opens an invoice for payment; the customer's balance is used, or gets what the invoice credits.
func (s *Sandbox) finalize(inv *invoice) {
	c, _ := s.state.Customers.get(inv.Customer)
	before := s.customerObject(c)
	inv.StartingBalance = c.Balance // a draft may have waited
	inv.AmountDue, inv.EndingBalance = settle(c.Balance, inv.Total)
	inv.Status, inv.FinalizedAt, c.Balance = invoiceOpen, s.now(), inv.EndingBalance
	if inv.AmountDue > 0 {
		inv.Intent = &intent{ID: s.newID("pi"), Status: "requires_payment_method", Amount: inv.AmountDue, Created: s.now()}
		inv.Intent.Secret = inv.Intent.ID + "_secret_" + s.newID("s")
	}
	s.emit("invoice.finalized", c.ID, s.invoiceObject(inv), nil)
	if inv.StartingBalance != inv.EndingBalance {
		s.emitChange("customer.updated", c.ID, before, s.customerObject(c))
	}
}

// void gives an open invoice up; what it took from the customer's balance goes back.
func (s *Sandbox) void(inv *invoice) {
	c, _ := s.state.Customers.get(inv.Customer)
	before := s.customerObject(c)
	c.Balance += inv.StartingBalance - inv.EndingBalance
	inv.Status, inv.VoidedAt, inv.NextAttempt, inv.AutoAdvance = invoiceVoid, s.now(), 0, false
	if inv.Intent != nil {
		inv.Intent.Status = "canceled"
	}
	s.emit("invoice.voided", inv.Customer, s.invoiceObject(inv), nil)
	if inv.StartingBalance != inv.EndingBalance {
		s.emitChange("customer.updated", c.ID, before, s.customerObject(c))
	}
}

func invoicePrefix(c *customer) string {
	return strings.ToUpper(c.ID[len(c.ID)-8:])
}

func (s *Sandbox) getInvoice(r *request) (any, *apiError) {
	inv, ok := s.state.Invoices.get(r.id)
	if !ok {
		return nil, missing("invoice", r.id, "id")
	}
	return s.invoiceExpanded(inv, r.expand), nil
}

func (s *Sandbox) listInvoices(r *request) (any, *apiError) {
	if fault := r.form.only(listParams("customer", "subscription", "status")...); fault != nil {
		return nil, fault
	}
	created, fault := r.form.created()
	if fault != nil {
		return nil, fault
	}
	rows, fault := mine(s, r.form, s.state.Invoices.Rows, func(c *customer) []*invoice { return c.invoices })
	if fault != nil {
		return nil, fault
	}
	keep := func(inv *invoice) bool {
		return created(inv.Created) && (!r.form.has("subscription") || inv.Subscription == r.form.get("subscription")) &&
			(!r.form.has("status") || inv.Status == r.form.get("status"))
	}
	return page(r.form, r.path, rows, keep, func(inv *invoice) object { return s.invoiceExpanded(inv, r.expand) })
}

func (s *Sandbox) payInvoice(r *request) (any, *apiError) {
	if fault := r.form.only("off_session"); fault != nil {
		return nil, fault
	}
	inv, ok := s.state.Invoices.get(r.id)
	if !ok {
		return nil, missing("invoice", r.id, "id")
	}
	c, _ := s.state.Customers.get(inv.Customer)
	switch {
	case inv.Status == invoicePaid:
		fault := invalid("", "Invoice is already paid")
		fault.Code = "invoice_already_paid"
		return nil, fault
	case inv.Status == invoiceVoid:
		return nil, invalid("", "This invoice can no longer be paid")
	case c.Card == "":
		return nil, noCard()
	}
	if inv.Status == invoiceDraft {
		s.finalize(inv)
	}
	if refusal := s.attempt(inv, c.Card); refusal != nil {
		if refusal.Code != "card_declined" {
			refusal.Code = "invoice_payment_intent_requires_action"
		}
		return nil, refusal
	}
	return s.invoiceExpanded(inv, r.expand), nil
}

func (s *Sandbox) voidInvoice(r *request) (any, *apiError) {
	if fault := r.form.only(); fault != nil {
		return nil, fault
	}
	inv, ok := s.state.Invoices.get(r.id)
	if !ok {
		return nil, missing("invoice", r.id, "id")
	}
	if inv.Status != invoiceOpen {
		return nil, invalid("", "Only open invoices can be voided.")
	}
	s.void(inv)
	if sub, ok := s.state.Subscriptions.get(inv.Subscription); ok {
		s.voided(sub, inv)
	}
	return s.invoiceExpanded(inv, r.expand), nil
}

// voided is told that an invoice will never be paid. What hung on it ends: an incomplete subscription, a pending update, a debt.
func (s *Sandbox) voided(sub *subscription, inv *invoice) {
	s.updating(sub, func() {
		switch {
		case sub.Status == statusIncomplete:
			sub.Status, sub.EndedAt, sub.CanceledAt = statusExpired, s.now(), s.now()
		case sub.Update != nil && sub.Update.Invoice == inv.ID:
			sub.Update = nil
		case sub.Status == statusPastDue && s.latestOpen(sub) == nil:
			sub.Status = statusActive
		}
	})
}
