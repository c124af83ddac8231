package sandbox

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
)

// showPortal: GET /portal/{id}
func (p *pages) showPortal(w http.ResponseWriter, r *http.Request) {
	p.portal(w, r, http.StatusOK, view{Done: portalDone()[r.URL.Query().Get("done")]})
}

func portalDone() map[string]string {
	return map[string]string{
		"card":   "The card is changed.",
		"cancel": "The plan ends with its period.",
		"resume": "The plan goes on.",
		"pay":    "The invoice is paid.",
	}
}

func (p *pages) portal(w http.ResponseWriter, r *http.Request, status int, v view) {
	page, err := p.portalPage(r.PathValue("id"))
	if err != nil {
		p.failed(w, err)
		return
	}
	v.Page, v.Layout = page, "portal"
	p.render(w, status, "portal", v, "")
}

// changePortal: POST /portal/{id}
func (p *pages) changePortal(w http.ResponseWriter, r *http.Request) {
	action := r.PostFormValue("action")
	err := p.portalAction(r.PathValue("id"), action, r.PostForm)
	switch {
	case err == nil:
		seeOther(w, "?done="+url.QueryEscape(action))
	case errors.Is(err, errNoCard):
		p.portal(w, r, http.StatusBadRequest, view{Problem: chooseText})
	case errors.Is(err, ErrDeclined):
		p.portal(w, r, http.StatusPaymentRequired, view{Problem: needsCardText})
	case errors.Is(err, ErrNeedsAction):
		p.portal(w, r, http.StatusPaymentRequired, view{Problem: needsConfirmText})
	default:
		p.failed(w, err)
	}
}

var (
	errNoCard = errors.New("sandbox: no card was chosen")
	errAction = errors.New("sandbox: no such action")
)

func (p *pages) portalAction(id, action string, form url.Values) error {
	switch action {
	case "card":
		card := Card(form.Get("card"))
		if !card.valid() {
			return errNoCard
		}
		return p.portalSetCard(id, card)
	case "cancel":
		return p.portalCancel(id, form.Get("subscription"))
	case "resume":
		return p.portalResume(id, form.Get("subscription"))
	case "pay":
		return p.portalPay(id, form.Get("invoice"))
	}
	return errAction
}

// portalPay charges the card on file with an open invoice of the portal's customer.
func (p *pages) portalPay(id, invoiceID string) error {
	page, err := p.portalPage(id)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(page.Invoices, func(inv invoicePage) bool { return inv.ID == invoiceID }) {
		return ErrNotFound
	}
	if page.Card == "" {
		return ErrDeclined
	}
	return p.PayInvoiceWith(invoiceID, page.Card)
}
