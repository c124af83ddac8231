package sandbox

import (
	"net/http"
	"slices"
	"time"
)

const day = 24 * 3600

// retryAfter are the days between the attempts to collect an invoice.
func retryAfter() []int64 { return []int64{3, 5, 7} }

// Charge is money that moved; a negative amount is a refund.
type Charge struct {
	Customer, Subscription, Invoice, Reason string
	Amount                                  int64
	At                                      time.Time
}

// Ledger returns all money that moved, oldest first.
func (s *Sandbox) Ledger() []Charge {
	s.lock()
	defer s.unlock()
	return slices.Clone(s.state.Ledger)
}

func noCard() *apiError {
	return &apiError{
		Status: http.StatusBadRequest, Type: "invalid_request_error", Code: "resource_missing",
		Message: "This customer has no default payment method.",
	}
}

// attempt charges a card with an open invoice. The subscription follows when it works; when it does not, that is for the caller to decide.
func (s *Sandbox) attempt(inv *invoice, card Card) *apiError {
	if inv.AmountDue == 0 {
		s.paid(inv)
		return nil
	}
	if refusal := card.refusal(); refusal != nil {
		s.refused(inv, refusal)
		refusal.Intent = s.intentObject(inv)
		return refusal
	}
	c, _ := s.state.Customers.get(inv.Customer)
	c.charged(card)
	s.paid(inv)
	return nil
}

// refused notes a failure. Only planned attempts are counted, and the first whoever made it.
func (s *Sandbox) refused(inv *invoice, refusal *apiError) {
	inv.Attempts = max(inv.Attempts, 1)
	inv.Intent.fail(refusal)
	shown := s.invoiceObject(inv)
	if inv.Intent.Status == "requires_action" {
		s.emit("invoice.payment_action_required", inv.Customer, shown, nil)
		if inv.Reason == "subscription_create" {
			return // the customer is there and can act: no failure yet
		}
	}
	s.emit("invoice.payment_failed", inv.Customer, shown, nil)
}

func (i *intent) fail(refusal *apiError) {
	i.Status, i.Code, i.DeclineCode = "requires_payment_method", refusal.Code, refusal.DeclineCode
	if refusal.Code != "card_declined" {
		i.Status, i.Code = "requires_action", ""
	}
}

func (s *Sandbox) paid(inv *invoice) {
	inv.Status, inv.AmountPaid, inv.PaidAt, inv.NextAttempt = invoicePaid, inv.AmountDue, s.now(), 0
	if inv.AmountDue > 0 {
		inv.Attempts = max(inv.Attempts, 1)
		inv.Intent.Status, inv.Intent.Code, inv.Intent.DeclineCode = "succeeded", "", ""
		s.state.Ledger = append(s.state.Ledger, Charge{
			Customer: inv.Customer, Subscription: inv.Subscription, Invoice: inv.ID, Reason: inv.Reason, Amount: inv.AmountDue, At: time.Unix(s.now(), 0),
		})
	}
	s.emit("invoice.paid", inv.Customer, s.invoiceObject(inv), nil)
	sub, _ := s.state.Subscriptions.get(inv.Subscription)
	s.updating(sub, func() { s.afterPayment(sub, inv) })
}

// afterPayment makes of a subscription what a paid invoice means for it.
func (s *Sandbox) afterPayment(sub *subscription, inv *invoice) {
	if update := sub.Update; update != nil && update.Invoice == inv.ID {
		sub.Items, sub.Update = update.Items, nil
		s.emit("customer.subscription.pending_update_applied", sub.Customer, s.subscriptionObject(sub), nil)
	}
	switch sub.Status {
	case statusIncomplete:
		sub.Status = statusActive
	case statusPastDue, statusUnpaid:
		if open := s.latestOpen(sub); open == nil || open.Created < inv.Created {
			sub.Status = statusActive
		}
	}
}

// latestOpen returns the newest invoice of the subscription that waits for its payment.
func (s *Sandbox) latestOpen(sub *subscription) *invoice {
	c, _ := s.state.Customers.get(sub.Customer)
	for _, inv := range slices.Backward(c.invoices) {
		if inv.Subscription == sub.ID && inv.Status == invoiceOpen {
			return inv
		}
	}
	return nil
}

// collect charges the customer's card without the customer being there. A failure makes the subscription past due and plans a retry; after the last
// one it ends or stays unpaid.
func (s *Sandbox) collect(sub *subscription, inv *invoice) {
	c, _ := s.state.Customers.get(inv.Customer)
	if inv.AmountDue > 0 {
		inv.Attempts++
	}
	retries := retryAfter()
	inv.NextAttempt = 0
	if inv.Attempts > 0 && inv.Attempts <= len(retries) {
		inv.NextAttempt = s.now() + retries[inv.Attempts-1]*day
	}
	if s.attempt(inv, c.Card) == nil {
		return
	}
	s.updating(sub, func() {
		switch {
		case inv.NextAttempt != 0:
			s.plan(inv.NextAttempt, dueRetry, inv.ID)
			if sub.Status != statusUnpaid {
				sub.Status = statusPastDue
			}
		case s.config.Dunning == statusUnpaid:
			sub.Status = statusUnpaid
		default:
			s.end(sub, "payment_failed")
		}
	})
}

// PayInvoice pays an open invoice on its hosted page, with a card that works and is not kept.
func (s *Sandbox) PayInvoice(id string) error { return s.PayInvoiceWith(id, CardPays) }

// PayInvoiceWith pays an open invoice on its hosted page with the given card, which is not kept.
func (s *Sandbox) PayInvoiceWith(id string, card Card) error {
	s.lock()
	defer s.unlock()
	inv, ok := s.state.Invoices.get(id)
	switch {
	case !ok:
		return ErrNotFound
	case inv.Status != invoiceOpen:
		return ErrClosed
	}
	return asPerson(s.attempt(inv, card))
}

// asPerson is what somebody at a hosted page is told of a refused card.
func asPerson(refusal *apiError) error {
	switch {
	case refusal == nil:
		return nil
	case refusal.Code == "card_declined":
		return ErrDeclined
	}
	return ErrNeedsAction
}
