package sandbox

import (
	"errors"
	"net/url"
	"testing"
	"time"
)

// shop is a sandbox with a customer, without a network.
func shop(t *testing.T) (*Sandbox, *customer) {
	t.Helper()
	now := time.Date(2026, time.April, 1, 12, 0, 0, 0, time.UTC)
	s, err := New(Config{SecretKey: "sk_test_x", BaseURL: "https://pay.example.com/", Now: func() time.Time { return now }, Hold: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	s.AddPrice(Price{ID: "price_a", Nickname: "Basic", Amount: 500})
	s.AddPrice(Price{ID: "price_b", Nickname: "Trial", Amount: 900, TrialDays: 7})
	c := &customer{Email: "anna@example.com"}
	s.lock()
	defer s.unlock()
	s.addCustomer(c)
	return s, c
}

// do carries a request out as the API would.
func do(t *testing.T, s *Sandbox, handle func(*request) (any, *apiError), id string, pairs ...string) object {
	t.Helper()
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	s.lock()
	defer s.unlock()
	answer, fault := handle(&request{form: form(values), id: id})
	if fault != nil {
		t.Fatal(fault)
	}
	return answer.(object)
}

func open(t *testing.T, s *Sandbox, c *customer, price string) string {
	t.Helper()
	return do(
		t, s, s.createSession, "", "mode", "subscription", "customer", c.ID, "success_url", "https://a.test/?session_id={CHECKOUT_SESSION_ID}",
		"line_items[0][price]", price, "line_items[0][quantity]", "1",
	)["id"].(string)
}

func TestWhatCheckoutShows(t *testing.T) {
	t.Parallel()
	s, c := shop(t)
	id := open(t, s, c, "price_a")
	page, err := s.checkoutPage(id)
	if err != nil {
		t.Fatal(err)
	}
	if page.Status != "open" || page.Email != c.Email || page.Total != 500 || page.Currency != "usd" || page.SuccessURL != "https://a.test/?session_id="+id {
		t.Errorf("%+v", page)
	}
	if page, err := s.checkoutPage(open(t, s, c, "price_b")); err != nil || page.Total != 0 || page.TrialDays != 7 || page.Items[0].Amount != 900 {
		t.Errorf("%+v, %v", page, err)
	}
	if _, err := s.checkoutPage("cs_test_none"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestWhatPortalShows(t *testing.T) {
	t.Parallel()
	s, c := shop(t)
	if err := s.Pay(open(t, s, c, "price_a"), CardPays); err != nil {
		t.Fatal(err)
	}
	sub := c.subscriptions[0]
	session := do(t, s, s.createPortal, "", "customer", c.ID, "return_url", "https://a.test/billing")
	id := session["id"].(string)
	if session["url"] != "https://pay.example.com/portal/"+id {
		t.Errorf("%v", session["url"])
	}
	if err := s.portalCancel(id, sub.ID); err != nil {
		t.Fatal(err)
	}
	page, err := s.portalPage(id)
	if err != nil || page.Card != CardPays || len(page.Subscriptions) != 1 || !page.Subscriptions[0].CancelAtPeriodEnd || len(page.Invoices) != 1 || page.ReturnURL != "https://a.test/billing" {
		t.Errorf("%+v, %v", page, err)
	}
	if err := s.portalResume(id, sub.ID); err != nil || sub.CancelAtPeriodEnd {
		t.Errorf("%v, %+v", err, sub)
	}
	if err := s.portalSetCard(id, CardDeclines); err != nil || c.Card != CardDeclines {
		t.Errorf("%v, card %s", err, c.Card)
	}
	if err := s.CancelSubscription(sub.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.portalResume(id, sub.ID); !errors.Is(err, ErrNotLive) {
		t.Error(err)
	}
	s.Advance(time.Hour)
	if _, err := s.portalPage(id); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

// A portal session shows and changes what its own customer has.
func TestPortalOfOthers(t *testing.T) {
	t.Parallel()
	s, c := shop(t)
	other := &customer{}
	s.lock()
	s.addCustomer(other)
	s.unlock()
	sub := s.Subscribe(other.ID, "price_a")
	id := do(t, s, s.createPortal, "", "customer", c.ID)["id"].(string)
	if err := s.portalCancel(id, sub); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if page, err := s.portalPage(id); err != nil || len(page.Subscriptions) != 0 {
		t.Errorf("%+v, %v", page, err)
	}
	if err := s.DeleteCustomer(c.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.portalPage(id); !errors.Is(err, ErrNoCustomer) {
		t.Error(err)
	}
}

func TestWhatInvoiceShows(t *testing.T) {
	t.Parallel()
	s, c := shop(t)
	if err := s.Pay(open(t, s, c, "price_a"), CardPaysOnce); err != nil {
		t.Fatal(err)
	}
	s.Advance(30 * 24 * time.Hour)
	debt := c.invoices[1]
	page, err := s.invoicePage(debt.ID)
	if err != nil || page.Status != "open" || page.AmountDue != 500 || page.Number == "" || len(page.Lines) != 1 || page.Email != c.Email {
		t.Errorf("%+v, %v", page, err)
	}
	if err := s.PayInvoiceWith(debt.ID, CardNeedsAction); !errors.Is(err, ErrNeedsAction) {
		t.Error(err)
	}
	if err := s.PayInvoiceWith(debt.ID, CardDeclines); !errors.Is(err, ErrDeclined) {
		t.Error(err)
	}
	if err := s.PayInvoiceWith(debt.ID, CardPays); err != nil {
		t.Error(err)
	}
	if page, err := s.invoicePage(debt.ID); err != nil || page.Status != "paid" || page.AmountDue != 0 || page.AmountPaid != 500 {
		t.Errorf("%+v, %v", page, err)
	}
	if err := s.PayInvoice(debt.ID); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

// A session without a customer makes one when it is paid.
func TestCheckoutMakesCustomer(t *testing.T) {
	t.Parallel()
	s, _ := shop(t)
	id := do(
		t, s, s.createSession, "", "mode", "subscription", "customer_email", "ben@example.com", "success_url", "https://a.test/",
		"line_items[0][price]", "price_a", "line_items[0][quantity]", "1",
	)["id"].(string)
	if err := s.Pay(id, CardPays); err != nil {
		t.Fatal(err)
	}
	if made := s.Customers()[0]; made.Email != "ben@example.com" || len(s.Live(made.ID)) != 1 || len(s.Sessions(made.ID)) != 1 {
		t.Errorf("%+v", made)
	}
}
