package sandbox

import "fmt"

// Card is a payment method, named by what happens when it is charged.
type Card string

const (
	CardPays        Card = "pays"
	CardDeclines    Card = "declines"
	CardNeedsAction Card = "needs_action" // the bank asks for authentication (3-D Secure)
	CardPaysOnce    Card = "pays_once"    // the first charge works, later ones decline
)

func (c Card) valid() bool {
	return c == CardPays || c == CardDeclines || c == CardNeedsAction || c == CardPaysOnce
}

// refusal says why a charge of the card fails; nil: it works.
func (c Card) refusal() *apiError {
	switch c {
	case CardPays, CardPaysOnce:
		return nil
	case CardNeedsAction:
		return &apiError{
			Status: 402, Type: "card_error", Code: "subscription_payment_intent_requires_action",
			Message: "The payment for this subscription needs an action of the customer.",
		}
	}
	return &apiError{Status: 402, Type: "card_error", Code: "card_declined", DeclineCode: "generic_decline", Message: "Your card was declined."}
}

// SetCard is the customer's default payment method from now on.
func (s *Sandbox) SetCard(customerID string, card Card) {
	s.lock()
	defer s.unlock()
	if c, ok := s.state.Customers.get(customerID); ok && !c.Deleted && card.valid() {
		s.setCard(c, card)
		return
	}
	panic(fmt.Sprintf("sandbox: card %q for customer %q", card, customerID))
}

func (s *Sandbox) setCard(c *customer, card Card) {
	before := s.customerObject(c)
	c.Card, c.CardID = card, s.newID("pm")
	s.emit("payment_method.attached", c.ID, object{
		"id": c.CardID, "object": "payment_method", "type": "card", "customer": c.ID, "created": s.now(), "livemode": false, "metadata": object{},
	}, nil)
	s.emitChange("customer.updated", c.ID, before, s.customerObject(c))
}

// charged is told that a card paid: one that pays once has done so.
func (c *customer) charged(card Card) {
	if card == CardPaysOnce && c.Card == CardPaysOnce {
		c.Card = CardDeclines
	}
}
