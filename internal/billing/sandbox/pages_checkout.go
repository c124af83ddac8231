package sandbox

import (
	"errors"
	"net/http"
)

// showCheckout: GET /checkout/{id}
func (p *pages) showCheckout(w http.ResponseWriter, r *http.Request) {
	p.checkout(w, r, http.StatusOK, view{Picked: CardPays})
}

// checkout shows a session as it is by now.
func (p *pages) checkout(w http.ResponseWriter, r *http.Request, status int, v view) {
	page, err := p.checkoutPage(r.PathValue("id"))
	switch {
	case err != nil:
		p.failed(w, err)
	case page.Status == sessionComplete:
		p.message(w, http.StatusOK, message{"This checkout is done", "It was paid, and there is nothing more to do here.", page.SuccessURL, "Continue"})
	case page.Status == sessionExpired:
		p.message(w, http.StatusGone, message{"This checkout has expired", "Nothing was charged. Begin again where you came from.", page.CancelURL, "Back"})
	default:
		v.Page, v.Layout = page, "checkout"
		p.render(w, status, "checkout", v, page.SuccessURL)
	}
}

// payCheckout: POST /checkout/{id}
func (p *pages) payCheckout(w http.ResponseWriter, r *http.Request) {
	id, card := r.PathValue("id"), Card(r.PostFormValue("card"))
	switch r.PostFormValue("action") {
	case "authenticate":
		card = CardPays // once its owner has confirmed it, the card is good for later payments too
	case "refuse":
		p.checkout(w, r, http.StatusPaymentRequired, view{Picked: CardNeedsAction, Problem: refusedText})
		return
	}
	if !card.valid() {
		p.checkout(w, r, http.StatusBadRequest, view{Problem: chooseText})
		return
	}
	switch err := p.Pay(id, card); {
	case err == nil:
		p.leaveCheckout(w, id)
	case errors.Is(err, ErrNeedsAction):
		p.confirm(w, id)
	case errors.Is(err, ErrDeclined):
		p.checkout(w, r, http.StatusPaymentRequired, view{Picked: card, Problem: declinedText})
	case errors.Is(err, ErrClosed):
		p.checkout(w, r, http.StatusOK, view{})
	default:
		p.failed(w, err)
	}
}

func (p *pages) leaveCheckout(w http.ResponseWriter, id string) {
	page, err := p.checkoutPage(id)
	if err != nil {
		p.failed(w, err)
		return
	}
	p.headers(w, page.SuccessURL)
	seeOther(w, page.SuccessURL)
}

// confirm stands in for the bank's page.
func (p *pages) confirm(w http.ResponseWriter, id string) {
	page, err := p.checkoutPage(id)
	if err != nil {
		p.failed(w, err)
		return
	}
	p.render(w, http.StatusOK, "confirm", view{Page: money(page.Total, page.Currency), Layout: "message"}, page.SuccessURL)
}
