package sandbox

import (
	"encoding/json"
	"slices"

	"github.com/stripe/stripe-go/v76"
)

// What a test or a page wants to know, as stripe-go decodes it from the API. Newest first.

// Customers returns all customers, also deleted ones.
func (s *Sandbox) Customers() []*stripe.Customer {
	s.lock()
	defer s.unlock()
	return decode[stripe.Customer](s.state.Customers.Rows, s.customerObject)
}

// Subscriptions returns all subscriptions of a customer.
func (s *Sandbox) Subscriptions(customerID string) []*stripe.Subscription {
	return s.subscriptionsThat(customerID, func(*subscription) bool { return true })
}

// Live returns the customer's subscriptions that may still cost money: neither canceled nor incomplete.
func (s *Sandbox) Live(customerID string) []*stripe.Subscription {
	return s.subscriptionsThat(customerID, (*subscription).live)
}

func (s *Sandbox) subscriptionsThat(customerID string, keep func(*subscription) bool) []*stripe.Subscription {
	s.lock()
	defer s.unlock()
	c, ok := s.state.Customers.get(customerID)
	if !ok {
		return nil
	}
	kept := slices.DeleteFunc(slices.Clone(c.subscriptions), func(sub *subscription) bool { return !keep(sub) })
	return decode[stripe.Subscription](kept, s.subscriptionObject)
}

// Sessions returns all checkout sessions of a customer.
func (s *Sandbox) Sessions(customerID string) []*stripe.CheckoutSession {
	s.lock()
	defer s.unlock()
	c, ok := s.state.Customers.get(customerID)
	if !ok {
		return nil
	}
	return decode[stripe.CheckoutSession](c.sessions, s.sessionObject)
}

// Invoices returns all invoices of a customer.
func (s *Sandbox) Invoices(customerID string) []*stripe.Invoice {
	s.lock()
	defer s.unlock()
	c, ok := s.state.Customers.get(customerID)
	if !ok {
		return nil
	}
	return decode[stripe.Invoice](c.invoices, s.invoiceObject)
}

func decode[T, R any](rows []R, render func(R) object) []*T {
	var decoded []*T
	for _, r := range slices.Backward(rows) {
		value := new(T)
		if err := json.Unmarshal(encode(render(r)), value); err != nil {
			panic(err) // the API answers what stripe-go reads
		}
		decoded = append(decoded, value)
	}
	return decoded
}
