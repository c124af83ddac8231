package sandbox

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"
)

// What the hosted pages show and do. Each call is a snapshot: pages hold no state of their own.

// Errors of what somebody does on a hosted page or in the dashboard.
var (
	ErrNotFound     = errors.New("sandbox: no such object")
	ErrClosed       = errors.New("sandbox: not open any more")
	ErrDeclined     = errors.New("sandbox: the card was declined")
	ErrNeedsAction  = errors.New("sandbox: the bank asks for authentication")
	ErrNoCustomer   = errors.New("sandbox: the customer was deleted")
	ErrNotLive      = errors.New("sandbox: the subscription has ended")
	ErrUnknownPrice = errors.New("sandbox: no such price")
)

// pageItem is one line of an order, a subscription or an invoice. Amount is in the smallest unit; negative: credit.
type pageItem struct {
	Description, Price, Currency, Interval string
	Amount, Quantity                       int64
}

// checkoutPage is what /checkout/{session} shows.
type checkoutPage struct {
	ID, Status            string // open, complete, expired
	Customer, Email       string
	Items                 []pageItem
	Total                 int64 // due today; 0 in a trial
	Currency              string
	TrialDays             int
	ExpiresAt             time.Time
	SuccessURL, CancelURL string // the session's id is already in the first
}

// portalPage is what /portal/{session} shows.
type portalPage struct {
	ID, Customer, Email, ReturnURL string
	Card                           Card // "": none
	Flow, FlowSubscription         string
	Subscriptions                  []portalSubscription // newest first, those that have not ended
	Invoices                       []invoicePage        // newest first
}

type portalSubscription struct {
	ID, Status        string
	Items             []pageItem
	CancelAtPeriodEnd bool
	PeriodEnd         time.Time
}

// invoicePage is what /invoice/{id} shows; AmountDue is what is still to be paid while it is open.
type invoicePage struct {
	ID, Number, Status, Reason    string
	Customer, Email, Subscription string
	Currency                      string
	Lines                         []pageItem
	Total, AmountDue, AmountPaid  int64
	Balance                       int64 // what the customer's balance added to the total; negative: credit that was used
	Created                       time.Time
}

func (s *Sandbox) checkoutPage(id string) (checkoutPage, error) {
	s.lock()
	defer s.unlock()
	c, ok := s.state.Sessions.get(id)
	if !ok {
		return checkoutPage{}, ErrNotFound
	}
	page := checkoutPage{
		ID: c.ID, Status: c.Status, Customer: c.Customer, Email: c.CustomerEmail, Items: s.pageItems(c.Items), Total: s.dueToday(c),
		TrialDays: int(c.TrialDays), ExpiresAt: time.Unix(c.ExpiresAt, 0), CancelURL: c.CancelURL,
		SuccessURL: strings.ReplaceAll(c.SuccessURL, "{CHECKOUT_SESSION_ID}", url.QueryEscape(c.ID)),
	}
	if owner, ok := s.state.Customers.get(c.Customer); ok {
		page.Email = owner.Email
	}
	page.Currency = page.Items[0].Currency
	return page, nil
}

func (s *Sandbox) portalPage(id string) (portalPage, error) {
	s.lock()
	defer s.unlock()
	p, owner, err := s.portalSession(id)
	if err != nil {
		return portalPage{}, err
	}
	page := portalPage{ID: p.ID, Customer: owner.ID, Email: owner.Email, ReturnURL: p.ReturnURL, Card: owner.Card, Flow: p.Flow, FlowSubscription: p.FlowSubscription}
	for _, sub := range slices.Backward(owner.subscriptions) {
		if sub.live() {
			page.Subscriptions = append(page.Subscriptions, portalSubscription{
				ID: sub.ID, Status: sub.Status, Items: s.pageItems(sub.Items),
				CancelAtPeriodEnd: sub.CancelAtPeriodEnd, PeriodEnd: time.Unix(sub.PeriodEnd, 0),
			})
		}
	}
	for _, inv := range slices.Backward(owner.invoices) {
		page.Invoices = append(page.Invoices, s.invoiceShown(inv))
	}
	return page, nil
}

func (s *Sandbox) invoicePage(id string) (invoicePage, error) {
	s.lock()
	defer s.unlock()
	inv, ok := s.state.Invoices.get(id)
	if !ok {
		return invoicePage{}, ErrNotFound
	}
	return s.invoiceShown(inv), nil
}

func (s *Sandbox) invoiceShown(inv *invoice) invoicePage {
	page := invoicePage{
		ID: inv.ID, Number: inv.Number, Status: inv.Status, Reason: inv.Reason, Customer: inv.Customer, Subscription: inv.Subscription,
		Currency: inv.Currency, Total: inv.Total, AmountDue: inv.AmountDue - inv.AmountPaid, AmountPaid: inv.AmountPaid,
		Balance: inv.AmountDue - inv.Total, Created: time.Unix(inv.Created, 0),
	}
	if owner, ok := s.state.Customers.get(inv.Customer); ok {
		page.Email = owner.Email
	}
	for _, l := range inv.Lines {
		page.Lines = append(page.Lines, pageItem{Description: l.Description, Price: l.Price, Currency: inv.Currency, Amount: l.Amount, Quantity: l.Quantity})
	}
	return page
}

func (s *Sandbox) pageItems(items []orderItem) []pageItem {
	shown := make([]pageItem, 0, len(items))
	for _, item := range items {
		p, _ := s.state.Prices.get(item.Price)
		shown = append(shown, pageItem{
			Description: p.name(), Price: p.ID, Currency: p.Currency, Interval: p.Interval, Amount: p.Amount * item.Quantity, Quantity: item.Quantity,
		})
	}
	return shown
}

// portalSession returns a session that still works: Stripe's end after an hour.
func (s *Sandbox) portalSession(id string) (*portal, *customer, error) {
	p, ok := s.state.Portals.get(id)
	if !ok {
		return nil, nil, ErrNotFound
	}
	owner, ok := s.state.Customers.get(p.Customer)
	switch {
	case !ok || owner.Deleted:
		return nil, nil, ErrNoCustomer
	case s.now() >= p.Created+3600:
		return nil, nil, ErrClosed
	}
	return p, owner, nil
}

// portalCancel ends the customer's subscription with its period; portalResume takes that back.
func (s *Sandbox) portalCancel(portalID, subID string) error {
	return s.portalChange(portalID, subID, true)
}

func (s *Sandbox) portalResume(portalID, subID string) error {
	return s.portalChange(portalID, subID, false)
}

func (s *Sandbox) portalChange(portalID, subID string, cancel bool) error {
	s.lock()
	defer s.unlock()
	_, owner, err := s.portalSession(portalID)
	if err != nil {
		return err
	}
	sub, ok := s.state.Subscriptions.get(subID)
	switch {
	case !ok || sub.Customer != owner.ID:
		return ErrNotFound
	case !sub.live():
		return ErrNotLive
	}
	s.updating(sub, func() { s.cancelAtPeriodEnd(sub, cancel) })
	return nil
}

// portalSetCard is SetCard for the customer of a portal session.
func (s *Sandbox) portalSetCard(portalID string, card Card) error {
	s.lock()
	defer s.unlock()
	_, owner, err := s.portalSession(portalID)
	if err != nil {
		return err
	}
	s.setCard(owner, card)
	return nil
}
