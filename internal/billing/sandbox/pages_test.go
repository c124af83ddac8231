package sandbox

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

const (
	pagesKey    = "sk_test_pages"
	pagesReturn = "https://shop.test/return?session_id={CHECKOUT_SESSION_ID}"
)

// hosted is a sandbox with one customer, and what a browser sees of its pages.
type hosted struct {
	t *testing.T
	*Sandbox
	pages    http.Handler
	customer string
}

func newHosted(t *testing.T) *hosted {
	t.Helper()
	s, err := New(Config{SecretKey: pagesKey, BaseURL: "https://pay.test", Hold: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	s.AddPrice(Price{ID: "price_basic", Nickname: `Basic <script>alert("x")</script>`, Amount: 999})
	s.AddPrice(Price{ID: "price_trial", Nickname: "Premium", Amount: 2999, TrialDays: 14})
	h := &hosted{t: t, Sandbox: s, pages: s.Pages()}
	h.customer = h.create("/v1/customers", url.Values{"email": {"ada@example.com"}})
	return h
}

// create makes an object through the API and returns its id.
func (h *hosted) create(path string, form url.Values) string {
	h.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+pagesKey)
	r.Header.Set("Stripe-Version", APIVersion)
	w := httptest.NewRecorder()
	h.API().ServeHTTP(w, r)
	var made struct{ ID string }
	if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil || made.ID == "" {
		h.t.Fatalf("POST %s: %d %s", path, w.Code, w.Body)
	}
	return made.ID
}

func (h *hosted) session(price string) string {
	h.t.Helper()
	return h.create("/v1/checkout/sessions", url.Values{
		"mode": {"subscription"}, "customer": {h.customer}, "line_items[0][price]": {price}, "line_items[0][quantity]": {"1"},
		"success_url": {pagesReturn}, "cancel_url": {"https://shop.test/plans"},
	})
}

func (h *hosted) portal(customer string) string {
	h.t.Helper()
	return "/portal/" + h.create("/v1/billing_portal/sessions", url.Values{"customer": {customer}, "return_url": {"https://shop.test/billing"}})
}

// subscribed is a hosted with a subscription that the card has paid.
func subscribed(t *testing.T, card Card) *hosted {
	t.Helper()
	h := newHosted(t)
	if err := h.Pay(h.session("price_basic"), card); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *hosted) get(path string) *httptest.ResponseRecorder {
	return h.serve(httptest.NewRequest(http.MethodGet, path, nil))
}

// post sends the form of a page, pairs of names and values.
func (h *hosted) post(path string, fields ...string) *httptest.ResponseRecorder {
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return h.serve(r)
}

func (h *hosted) serve(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.pages.ServeHTTP(w, r)
	return w
}

// shows fails unless the answer has the status and each of the texts.
func shows(t *testing.T, w *httptest.ResponseRecorder, status int, texts ...string) {
	t.Helper()
	if w.Code != status {
		t.Errorf("status %d instead of %d: %s", w.Code, status, w.Body)
	}
	for _, text := range texts {
		if !strings.Contains(w.Body.String(), text) {
			t.Errorf("no %q in %s", text, w.Body)
		}
	}
}

func (h *hosted) paidTo(w *httptest.ResponseRecorder, session string) {
	h.t.Helper()
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != "https://shop.test/return?session_id="+session {
		h.t.Errorf("a payment leads to %q with %d: %s", to, w.Code, w.Body)
	}
	if charges := h.Ledger(); len(charges) != 1 || charges[0].Amount != 999 {
		h.t.Errorf("charges: %+v", charges)
	}
	if live := h.Live(h.customer); len(live) != 1 || live[0].Status != "active" {
		h.t.Errorf("live subscriptions: %+v", live)
	}
}

func TestCheckoutPage(t *testing.T) {
	t.Parallel()
	h := newHosted(t)
	shows(t, h.get("/checkout/"+h.session("price_basic")), 200, "TEST MODE", "no money moves", "$9.99", "a month", "ada@example.com", "4242", "0002", "3155", "0341",
		`href="https://shop.test/plans"`, "Basic &lt;script&gt;")
	shows(t, h.get("/checkout/"+h.session("price_trial")), 200, "14 days free", "then $29.99", "$0.00", "Start the trial")
}

func TestCheckoutPays(t *testing.T) {
	t.Parallel()
	for _, card := range []Card{CardPays, CardPaysOnce} {
		h := newHosted(t)
		session := h.session("price_basic")
		h.paidTo(h.post("/checkout/"+session, "action", "pay", "card", string(card)), session)
		again := h.post("/checkout/"+session, "action", "pay", "card", string(card))
		shows(t, again, 200, "This checkout is done", "https://shop.test/return?session_id="+session)
		if charges := h.Ledger(); len(charges) != 1 {
			t.Errorf("sent twice: %+v", charges)
		}
		h.Advance(32 * 24 * time.Hour)
		want := map[Card]string{CardPays: "active", CardPaysOnce: "past_due"}[card]
		if got := h.Subscriptions(h.customer)[0].Status; string(got) != want {
			t.Errorf("after the renewal with a card that %s: %s", card, got)
		}
	}
}

func TestCheckoutDeclined(t *testing.T) {
	t.Parallel()
	h := newHosted(t)
	session := h.session("price_basic")
	shows(t, h.post("/checkout/"+session, "action", "pay", "card", "declines"), 402, `role="alert"`, "declined", `value="declines" required checked`)
	if charges := h.Ledger(); len(charges) != 0 {
		t.Errorf("charges: %+v", charges)
	}
	h.paidTo(h.post("/checkout/"+session, "action", "pay", "card", "pays"), session)
}

func TestCheckoutAsksTheBank(t *testing.T) {
	t.Parallel()
	h := newHosted(t)
	session := h.session("price_basic")
	for range 2 {
		shows(t, h.post("/checkout/"+session, "action", "pay", "card", "needs_action"), 200, "3-D Secure", "$9.99", `value="authenticate"`)
		shows(t, h.post("/checkout/"+session, "action", "refuse"), 402, `role="alert"`, "could not confirm")
	}
	if live, charges := h.Live(h.customer), h.Ledger(); len(live)+len(charges) != 0 {
		t.Errorf("before the bank agrees: %+v %+v", live, charges)
	}
	h.paidTo(h.post("/checkout/"+session, "action", "authenticate"), session)
}

func TestCheckoutWithoutCard(t *testing.T) {
	t.Parallel()
	h := newHosted(t)
	session := h.session("price_basic")
	for _, card := range []string{"", "4242424242424242"} {
		shows(t, h.post("/checkout/"+session, "action", "pay", "card", card), 400, "Choose a card.")
	}
	if invoices := h.Invoices(h.customer); len(invoices) != 0 {
		t.Errorf("invoices: %+v", invoices)
	}
}

func TestCheckoutIsOver(t *testing.T) {
	t.Parallel()
	h := newHosted(t)
	expired := "/checkout/" + h.session("price_basic")
	h.Advance(25 * time.Hour)
	orphan := "/checkout/" + h.session("price_basic")
	shows(t, h.get(expired), 410, "has expired", "https://shop.test/plans")
	shows(t, h.post(expired, "action", "pay", "card", "pays"), 410, "has expired")
	shows(t, h.get("/checkout/cs_test_nothing"), 404, "nothing here")
	shows(t, h.post("/checkout/cs_test_nothing", "action", "pay", "card", "pays"), 404)
	shows(t, h.get("/"), 404)
	if err := h.DeleteCustomer(h.customer); err != nil {
		t.Fatal(err)
	}
	shows(t, h.post(orphan, "action", "pay", "card", "pays"), 410, "deleted")
	if charges := h.Ledger(); len(charges) != 0 {
		t.Errorf("charges: %+v", charges)
	}
}

func TestPortalPage(t *testing.T) {
	t.Parallel()
	h := subscribed(t, CardPays)
	shows(t, h.get(h.portal(h.customer)), 200, "TEST MODE", "ada@example.com", "$9.99 a month", "Renews on", "a card that pays", "-0001", `href="https://shop.test/billing"`)
	empty := h.create("/v1/customers", url.Values{"email": {"new@example.com"}})
	shows(t, h.get(h.portal(empty)), 200, "There is none.", "There are none.", "On file: none")
	shows(t, h.get("/portal/bps_nothing"), 404)
	old := h.portal(h.customer)
	h.Advance(61 * time.Minute)
	shows(t, h.get(old), 410, "has expired")
	shows(t, h.post(old, "action", "cancel"), 410)
}

// done fails unless the action worked, and returns what the page says then.
func (h *hosted) done(portal string, fields ...string) *httptest.ResponseRecorder {
	h.t.Helper()
	w := h.post(portal, fields...)
	if w.Code != http.StatusSeeOther {
		h.t.Fatalf("%v: %d %s", fields, w.Code, w.Body)
	}
	return h.get(portal + w.Header().Get("Location"))
}

func TestPortalCancelsAndResumes(t *testing.T) {
	t.Parallel()
	h := subscribed(t, CardPays)
	portal, sub := h.portal(h.customer), h.Live(h.customer)[0].ID
	shows(t, h.done(portal, "action", "cancel", "subscription", sub), 200, "The plan ends with its period.", "Cancelled, ends on", "Keep the plan")
	if !h.Live(h.customer)[0].CancelAtPeriodEnd {
		t.Error("cancel_at_period_end is not set")
	}
	shows(t, h.done(portal, "action", "resume", "subscription", sub), 200, "The plan goes on.", "Renews on")
	if h.Live(h.customer)[0].CancelAtPeriodEnd {
		t.Error("cancel_at_period_end is still set")
	}
	if err := h.CancelSubscription(sub); err != nil {
		t.Fatal(err)
	}
	shows(t, h.post(portal, "action", "cancel", "subscription", sub), 409, "has ended")
	shows(t, h.post(portal, "action", "explode"), 400)
}

func TestPortalPaysWhatIsOpen(t *testing.T) {
	t.Parallel()
	h := subscribed(t, CardPaysOnce)
	h.Advance(32 * 24 * time.Hour)
	portal, open := h.portal(h.customer), h.Invoices(h.customer)[0].ID
	shows(t, h.get(portal), 200, "The last payment failed", "Pay $9.99")
	shows(t, h.post(portal, "action", "pay", "invoice", open), 402, `role="alert"`, "declined")
	shows(t, h.post(portal, "action", "card"), 400, "Choose a card.")
	shows(t, h.done(portal, "action", "card", "card", "needs_action"), 200, "a card that asks for 3-D Secure")
	shows(t, h.post(portal, "action", "pay", "invoice", open), 402, "3-D Secure")
	shows(t, h.done(portal, "action", "card", "card", "pays"), 200, "The card is changed.", "a card that pays")
	shows(t, h.done(portal, "action", "pay", "invoice", open), 200, "The invoice is paid.", "Renews on")
	if live := h.Live(h.customer); len(live) != 1 || live[0].Status != "active" || len(h.Ledger()) != 2 {
		t.Errorf("after the payment: %+v %+v", live, h.Ledger())
	}
}

func TestPortalIsOfOneCustomer(t *testing.T) {
	t.Parallel()
	h := subscribed(t, CardPaysOnce)
	h.Advance(32 * 24 * time.Hour)
	stranger := h.portal(h.create("/v1/customers", url.Values{"email": {"eve@example.com"}}))
	shows(t, h.post(stranger, "action", "pay", "invoice", h.Invoices(h.customer)[0].ID), 404)
	shows(t, h.post(stranger, "action", "cancel", "subscription", h.Live(h.customer)[0].ID), 404)
	if len(h.Ledger()) != 1 || h.Live(h.customer)[0].CancelAtPeriodEnd {
		t.Error("a stranger's portal changed something")
	}
}

func TestInvoicePage(t *testing.T) {
	t.Parallel()
	h := subscribed(t, CardPaysOnce)
	h.Advance(32 * 24 * time.Hour)
	open, paid := "/invoice/"+h.Invoices(h.customer)[0].ID, "/invoice/"+h.Invoices(h.customer)[1].ID
	shows(t, h.get(paid), 200, "TEST MODE", "-0001", "$9.99", "ada@example.com", "status paid")
	shows(t, h.get(open), 200, "status open", "Pay $9.99")
	shows(t, h.post(open, "action", "pay", "card", "declines"), 402, "declined")
	shows(t, h.post(open, "action", "pay"), 400, "Choose a card.")
	shows(t, h.post(open, "action", "pay", "card", "needs_action"), 200, "3-D Secure")
	shows(t, h.post(open, "action", "refuse"), 402, "could not confirm")
	w := h.post(open, "action", "authenticate")
	shows(t, w, 303)
	shows(t, h.get(open+w.Header().Get("Location")), 200, "Thank you", "status paid")
	shows(t, h.post(open, "action", "pay", "card", "pays"), 200, "status paid")
	shows(t, h.get("/invoice/in_nothing"), 404)
	if charges := h.Ledger(); len(charges) != 2 {
		t.Errorf("charges: %+v", charges)
	}
}

func TestPagesPolicy(t *testing.T) {
	t.Parallel()
	h := newHosted(t)
	checkout := h.get("/checkout/" + h.session("price_basic"))
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(checkout.Body.String())
	if style == nil {
		t.Fatal("no style in the page")
	}
	hash := sha256.Sum256([]byte(style[1]))
	policy := checkout.Header().Get("Content-Security-Policy")
	for _, rule := range []string{"default-src 'none'", "frame-ancestors 'none'", "style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'", "form-action 'self' https://shop.test"} {
		if !strings.Contains(policy, rule) {
			t.Errorf("no %s in %q", rule, policy)
		}
	}
	if portal := h.get(h.portal(h.customer)).Header(); !strings.HasSuffix(portal.Get("Content-Security-Policy"), "form-action 'self'") || portal.Get("Cache-Control") != "no-store" {
		t.Errorf("headers of the portal: %v", portal)
	}
	for address, source := range map[string]string{
		"https://shop.test:8443/x": " https://shop.test:8443", "javascript:alert(1)": "", "": "", "https://a;b/": "", "https://a b/": "", "//shop.test/": "",
	} {
		if got := originOf(address); got != source {
			t.Errorf("origin of %q: %q instead of %q", address, got, source)
		}
	}
}

func TestPagesTakeFormsFromThemselvesOnly(t *testing.T) {
	t.Parallel()
	h := newHosted(t)
	session := h.session("price_basic")
	r := httptest.NewRequest(http.MethodPost, "/checkout/"+session, strings.NewReader("action=pay&card=pays"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	shows(t, h.serve(r), 403)
	shows(t, h.post("/checkout/"+session, "card", strings.Repeat("x", maxForm)), 400)
	if charges := h.Ledger(); len(charges) != 0 {
		t.Errorf("charges: %+v", charges)
	}
}

// Whoever mounts the pages below a path takes it off before they see it, and their redirects must not lose it.
func TestPagesBelowAPath(t *testing.T) {
	t.Parallel()
	h := subscribed(t, CardPays)
	h.pages = http.StripPrefix("/stripe", h.pages)
	w := h.post("/stripe"+h.portal(h.customer), "action", "card", "card", "pays")
	if to := w.Header().Get("Location"); to != "?done=card" {
		t.Errorf("leads to %q", to)
	}
}

func TestPageWords(t *testing.T) {
	t.Parallel()
	for _, m := range []struct {
		amount   int64
		currency string
		want     string
	}{{999, "usd", "$9.99"}, {-5, "eur", "−€0.05"}, {0, "gbp", "£0.00"}, {1500, "jpy", "¥1500"}, {12345, "kwd", "KWD 12.345"}, {7, "kwd", "KWD 0.007"}, {2999, "chf", "CHF 29.99"}} {
		if got := money(m.amount, m.currency); got != m.want {
			t.Errorf("%d %s is %q instead of %q", m.amount, m.currency, got, m.want)
		}
	}
	end := time.Date(2026, 12, 25, 0, 0, 0, 0, time.UTC)
	for want, sub := range map[string]portalSubscription{
		"Renews on 25 December 2026":                          {Status: "active"},
		"Cancelled, ends on 25 December 2026":                 {Status: "active", CancelAtPeriodEnd: true},
		"Trial, the first payment is due on 25 December 2026": {Status: "trialing"},
		"The last payment failed":                             {Status: "unpaid"},
	} {
		sub.PeriodEnd = end
		if got := standing(sub); got != want {
			t.Errorf("%+v: %q", sub, got)
		}
	}
	if got := onFile(CardPaysOnce); got != "a card that pays once more" {
		t.Error(got)
	}
}

func TestPortalOfADeletedCustomer(t *testing.T) {
	t.Parallel()
	h := subscribed(t, CardPays)
	portal := h.portal(h.customer)
	if err := h.DeleteCustomer(h.customer); err != nil {
		t.Fatal(err)
	}
	shows(t, h.get(portal), 410, "deleted")
	if _, err := h.portalPage(strings.TrimPrefix(portal, "/portal/")); !errors.Is(err, ErrNoCustomer) {
		t.Error(err)
	}
}
