package sandbox

import (
	"errors"
	"net/http"
)

// showInvoice: GET /invoice/{id}
func (p *pages) showInvoice(w http.ResponseWriter, r *http.Request) {
	v := view{Picked: CardPays}
	if r.URL.Query().Has("paid") {
		v.Done = "Thank you, the invoice is paid."
	}
	p.invoice(w, r, http.StatusOK, v)
}

func (p *pages) invoice(w http.ResponseWriter, r *http.Request, status int, v view) {
	page, err := p.invoicePage(r.PathValue("id"))
	if err != nil {
		p.failed(w, err)
		return
	}
	v.Page, v.Layout = page, "invoice"
	p.render(w, status, "invoice", v, "")
}

// payOpenInvoice: POST /invoice/{id}
func (p *pages) payOpenInvoice(w http.ResponseWriter, r *http.Request) {
	id, card := r.PathValue("id"), Card(r.PostFormValue("card"))
	switch r.PostFormValue("action") {
	case "authenticate":
		card = CardPays
	case "refuse":
		p.invoice(w, r, http.StatusPaymentRequired, view{Picked: CardNeedsAction, Problem: refusedText})
		return
	}
	if !card.valid() {
		p.invoice(w, r, http.StatusBadRequest, view{Problem: chooseText})
		return
	}
	switch err := p.PayInvoiceWith(id, card); {
	case err == nil:
		seeOther(w, "?paid")
	case errors.Is(err, ErrNeedsAction):
		p.confirmInvoice(w, id)
	case errors.Is(err, ErrDeclined):
		p.invoice(w, r, http.StatusPaymentRequired, view{Picked: card, Problem: declinedText})
	case errors.Is(err, ErrClosed):
		p.invoice(w, r, http.StatusOK, view{})
	default:
		p.failed(w, err)
	}
}

func (p *pages) confirmInvoice(w http.ResponseWriter, id string) {
	page, err := p.invoicePage(id)
	if err != nil {
		p.failed(w, err)
		return
	}
	p.render(w, http.StatusOK, "confirm", view{Page: money(page.AmountDue, page.Currency), Layout: "message"}, "")
}
