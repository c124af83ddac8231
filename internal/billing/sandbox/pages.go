package sandbox

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

//go:embed pages
var pageFiles embed.FS

// maxForm is more than the forms of the pages hold.
const maxForm = 16 << 10

// pages are what a customer sees at Stripe: plain forms, without scripts.
type pages struct {
	*Sandbox
	templates map[string]*template.Template
	style     template.CSS
	policy    string
}

// Pages returns the hosted pages: /checkout/{session}, /portal/{session} and /invoice/{id}. All their links and forms are
// relative, so that they may be served below any path.
func (s *Sandbox) Pages() http.Handler {
	p := newPages(s)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /checkout/{id}", p.showCheckout)
	mux.HandleFunc("POST /checkout/{id}", p.payCheckout)
	mux.HandleFunc("GET /portal/{id}", p.showPortal)
	mux.HandleFunc("POST /portal/{id}", p.changePortal)
	mux.HandleFunc("GET /invoice/{id}", p.showInvoice)
	mux.HandleFunc("POST /invoice/{id}", p.payOpenInvoice)
	mux.HandleFunc("/", p.notFound)
	// The address of a page is all that it takes to act on it, but only from the page itself.
	return http.NewCrossOriginProtection().Handler(limitForms(mux))
}

func newPages(s *Sandbox) *pages {
	style, err := pageFiles.ReadFile("pages/style.css")
	if err != nil {
		panic(err) // it is embedded
	}
	hash := sha256.Sum256(style)
	p := &pages{
		Sandbox: s, templates: map[string]*template.Template{}, style: template.CSS(style),
		policy: "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'",
	}
	for _, name := range []string{"checkout", "confirm", "portal", "invoice", "message"} {
		p.templates[name] = template.Must(template.New("layout.html").Funcs(pageWords()).ParseFS(pageFiles, "pages/layout.html", "pages/"+name+".html"))
	}
	return p
}

func limitForms(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		next.ServeHTTP(w, r)
	})
}

// view is what every page gets; Page is what the page is about.
type view struct {
	Page    any
	Cards   []testCard
	Picked  Card
	Problem string // what went wrong
	Done    string // what went well
	Style   template.CSS
	Layout  string
}

// testCard is a card that the pages offer.
type testCard struct {
	Card           Card
	Ending, Effect string
}

func testCards() []testCard {
	return []testCard{
		{CardPays, "4242", "Pays"},
		{CardDeclines, "0002", "Is declined"},
		{CardNeedsAction, "3155", "Asks for 3-D Secure"},
		{CardPaysOnce, "0341", "Pays now, fails at the renewal"},
	}
}

const (
	declinedText     = "This card was declined. Nothing was charged. Choose another one."
	refusedText      = "The bank could not confirm the payment. Nothing was charged. Confirm it, or choose another card."
	chooseText       = "Choose a card."
	needsCardText    = "The card on file was declined. Choose another one below, then pay again."
	needsConfirmText = "The card on file asks for 3-D Secure. Open the invoice to pay it there."
)

func (p *pages) notFound(w http.ResponseWriter, _ *http.Request) { p.failed(w, ErrNotFound) }

// message is a page that only says something; URL may be "".
type message struct{ Title, Text, URL, Link string }

func (p *pages) message(w http.ResponseWriter, status int, m message) {
	p.render(w, status, "message", view{Page: m, Layout: "message"}, "")
}

func (p *pages) failed(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, ErrClosed):
		p.message(w, http.StatusGone, message{Title: "This page has expired", Text: "Go back to where you came from and open it again."})
	case errors.Is(err, ErrNoCustomer):
		p.message(w, http.StatusGone, message{Title: "The customer was deleted", Text: "There is nothing to pay any more."})
	case errors.Is(err, ErrNotLive):
		p.message(w, http.StatusConflict, message{Title: "This plan has ended", Text: "It can neither be cancelled nor kept."})
	case errors.Is(err, errAction):
		p.message(w, http.StatusBadRequest, message{Title: "This cannot be done here", Text: "Go back and try again."})
	default:
		p.message(w, http.StatusNotFound, message{Title: "There is nothing here", Text: "The address is wrong, or the sandbox was started anew since."})
	}
}

// render writes a page. Its forms may lead to next, whose address is "" or absolute: browsers hold the policy for forms also against
// redirects.
func (p *pages) render(w http.ResponseWriter, status int, name string, v view, next string) {
	v.Style, v.Cards = p.style, testCards()
	var body bytes.Buffer
	if err := p.templates[name].Execute(&body, v); err != nil {
		panic(err) // the templates are ours, and nothing was written yet
	}
	p.headers(w, next)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes())
}

func (p *pages) headers(w http.ResponseWriter, next string) {
	header := w.Header()
	header.Set("Content-Security-Policy", p.policy+"; form-action 'self'"+originOf(next))
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "same-origin") // forms without an origin would be taken for foreign ones
	header.Set("Cache-Control", "no-store")
}

// originOf returns the origin of an address as one more source of a policy.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || strings.ContainsAny(u.Host, " ;,'") {
		return ""
	}
	return " " + u.Scheme + "://" + u.Host
}

// seeOther redirects after a form. http.Redirect would make a relative address absolute by a path that a prefix may be missing from.
func seeOther(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}
