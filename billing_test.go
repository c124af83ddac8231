package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/internal/billing/sandbox"
)

// The password of every user of these tests.
const billingPassword = "granite-sunset-42"

// killing is what a process is killed in: a request that calls Stripe.
type killing struct {
	name                   string
	tier                   string // that the user has before; "": none
	ending                 bool   // with its period
	method, path           string // of the request
	body                   any
	stripeMethod, atStripe string   // of the call in which it is killed
	next                   []int    // what the request may be answered after the restart
	want                   string   // the tier then
	flag                   bool     // does it end with its period then?
	open                   int      // sessions that can be paid then
}

func killings() []killing {
	basic, premium := map[string]string{"desired_tier": "basic"}, map[string]string{"desired_tier": "premium"}
	return []killing{
		{name: "customer", method: "POST", path: "subscribe", body: basic, stripeMethod: "POST", atStripe: "/v1/customers", next: []int{201}, want: "free", open: 1},
		{name: "checkout", method: "POST", path: "subscribe", body: basic, stripeMethod: "POST", atStripe: "/v1/checkout/sessions", next: []int{201}, want: "free", open: 1},
		{name: "change", tier: "basic", method: "POST", path: "subscribe", body: premium, stripeMethod: "POST", atStripe: "/v1/subscriptions/", next: []int{200, 409}, want: "premium"},
		{name: "cancel", tier: "basic", method: "POST", path: "cancel-subscription", stripeMethod: "DELETE", atStripe: "/v1/subscriptions/", next: []int{200, 409}, want: "free"},
		{name: "cancel at end", tier: "basic", method: "POST", path: "cancel-subscription", body: map[string]bool{"at_period_end": true}, stripeMethod: "POST", atStripe: "/v1/subscriptions/", next: []int{200}, want: "basic", flag: true},
		{name: "resume", tier: "basic", ending: true, method: "POST", path: "resume-subscription", stripeMethod: "POST", atStripe: "/v1/subscriptions/", next: []int{200}, want: "basic"},
		{name: "deactivate", tier: "basic", method: "POST", path: "deactivate", body: map[string]string{"password": billingPassword}, stripeMethod: "DELETE", atStripe: "/v1/subscriptions/", next: []int{401}, want: "free"},
	}
}

// A server that is killed while it waits for Stripe, before or after Stripe carried the call out, comes to Stripe's truth
// when it is started again, and does nothing twice.
func TestKilledInACallToStripe(t *testing.T) {
	s, server := startSandbox(t)
	t.Setenv("STRIPE_SECRET_KEY", "sk_test_killed")
	t.Setenv("STRIPE_WEBHOOK_SECRET", "whsec_killed")
	t.Setenv("STRIPE_API_BASE", server.URL)
	t.Setenv("STRIPE_PRICE_BASIC", "price_basic")
	t.Setenv("STRIPE_PRICE_PREMIUM", "price_premium")
	dir := t.TempDir()
	for _, k := range killings() {
		for name, after := range map[string]bool{"before": false, "after": true} {
			t.Run(k.name+"/"+name, func(t *testing.T) { k.run(t, s, dir, strings.ReplaceAll(k.name+name, " ", ""), after) })
		}
	}
}

func startSandbox(t *testing.T) (*sandbox.Sandbox, *httptest.Server) {
	t.Helper()
	s, err := sandbox.New(sandbox.Config{SecretKey: "sk_test_killed", Hold: true})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s.API())
	t.Cleanup(func() {
		s.Close() // ends the requests that are held back
		server.CloseClientConnections()
		server.Close()
	})
	s.AddPrice(sandbox.Price{ID: "price_basic", Currency: "usd", Interval: "month", Amount: 999})
	s.AddPrice(sandbox.Price{ID: "price_premium", Currency: "usd", Interval: "month", Amount: 2999})
	return s, server
}

func (k killing) run(t *testing.T, s *sandbox.Sandbox, dir, user string, after bool) {
	first := start(t, dir)
	token := first.signUp(t, user)
	k.begin(t, first, s, token)
	reached, hold := make(chan struct{}, 1), make(chan struct{})
	s.Fault(sandbox.Fault{Method: k.stripeMethod, Path: k.atStripe, Times: 1, After: after, Block: hold})
	s.OnCall(func(call sandbox.Call) {
		if call.Method == k.stripeMethod && strings.HasPrefix(call.Path, k.atStripe) {
			select {
			case reached <- struct{}{}:
			default:
			}
		}
	})
	applied := appliedWrites(s)
	go post("http://"+first.address+"/v1/users/me/"+k.path, token, k.body)
	<-reached
	if after {
		waitFor(t, "Stripe has carried it out", func() bool { return k.happened(s, user) })
	}
	first.Process.Kill() // SIGKILL
	first.Wait()
	close(hold)
	waitFor(t, "the call has ended at Stripe", func() bool { return appliedWrites(s) > applied })
	s.ClearFaults()

	second := start(t, dir)
	if status, answer := second.call(t, k.method, "/v1/users/me/"+k.path, token, k.body); !contains(k.next, status) {
		t.Errorf("after the restart: status %d: %v", status, answer)
	}
	k.check(t, second, s, user, token)
	stop(t, second)
}

// signUp makes a user and returns a token.
func (p *process) signUp(t *testing.T, user string) string {
	t.Helper()
	status, answer := p.call(t, "POST", "/api/collections/users/records", "", map[string]string{
		"username": user, "email": user + "@example.com", "password": billingPassword, "passwordConfirm": billingPassword,
	})
	if status != http.StatusOK {
		t.Fatalf("sign-up: %v", answer)
	}
	return p.login(t, user+"@example.com", billingPassword)
}

// begin brings the user to where the request begins.
func (k killing) begin(t *testing.T, p *process, s *sandbox.Sandbox, token string) {
	t.Helper()
	if k.tier == "" {
		return
	}
	_, answer := p.call(t, "POST", "/v1/users/me/subscribe", token, map[string]string{"desired_tier": k.tier})
	session, _ := answer["session_id"].(string)
	if err := s.Pay(session, sandbox.CardPays); err != nil {
		t.Fatalf("%v: %v", answer, err)
	}
	if status, answer := p.call(t, "GET", "/v1/users/me/subscription", token, nil); status != http.StatusOK || answer["tier"] != k.tier {
		t.Fatalf("status %d: %v", status, answer)
	}
	if k.ending {
		if status, answer := p.call(t, "POST", "/v1/users/me/cancel-subscription", token, map[string]bool{"at_period_end": true}); status != http.StatusOK {
			t.Fatalf("status %d: %v", status, answer)
		}
	}
}
