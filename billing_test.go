package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
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
	stripeMethod, atStripe string // of the call in which it is killed
	next                   []int  // what the request may be answered after the restart
	want                   string // the tier then
	flag                   bool   // does it end with its period then?
	open                   int    // sessions that can be paid then
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

// The moments in which a server is killed: its call never arrives at Stripe, arrives when nobody waits any more, or was
// carried out.
const (
	neverArrives = "the call never arrives"
	arrivesLate  = "the call arrives later"
	carriedOut   = "the call was carried out"
)

// A server that is killed while it waits for Stripe comes to Stripe's truth when it is started again, and does nothing
// twice.
func TestKilledInACallToStripe(t *testing.T) {
	s, server := startSandbox(t)
	t.Setenv("STRIPE_SECRET_KEY", "sk_test_killed")
	t.Setenv("STRIPE_WEBHOOK_SECRET", "whsec_killed")
	t.Setenv("STRIPE_API_BASE", server.URL)
	t.Setenv("STRIPE_PRICE_BASIC", "price_basic")
	t.Setenv("STRIPE_PRICE_PREMIUM", "price_premium")
	dir := t.TempDir()
	p := start(t, dir)
	for number, k := range killings() {
		for n, when := range []string{neverArrives, arrivesLate, carriedOut} {
			t.Run(k.name+"/"+when, func(sub *testing.T) {
				p = k.run(sub, s, p, func() *process { return start(t, dir) }, fmt.Sprintf("climber%d_%d", number, n), when)
			})
		}
	}
	stop(t, p)
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

// run kills the first process and returns the one after it.
func (k killing) run(t *testing.T, s *sandbox.Sandbox, first *process, restart func() *process, user, when string) *process {
	token := first.signUp(t, user)
	k.begin(t, first, s, token)
	reached, hold := make(chan string, 1), make(chan struct{}) // reached tells what there was at Stripe
	s.Fault(sandbox.Fault{Method: k.stripeMethod, Path: k.atStripe, Times: 1, After: when == carriedOut, Drop: when == neverArrives, Block: hold})
	s.OnCall(func(call sandbox.Call) {
		if call.Method == k.stripeMethod && strings.HasPrefix(call.Path, k.atStripe) {
			select {
			case reached <- stateOf(s):
			default: // of a later request
			}
		}
	})
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		first.ask(k.method, "/v1/users/me/"+k.path, token, k.body)
	}()
	before := ""
	await(t, "the request calls Stripe", func() bool {
		select {
		case before = <-reached:
			return true
		default:
			return false
		}
	})
	if when == carriedOut {
		await(t, "Stripe has carried it out", func() bool { return stateOf(s) != before })
	}
	calls := len(s.Calls())
	first.Process.Kill()
	first.Wait()
	<-asked
	close(hold)
	await(t, "the call has ended at Stripe", func() bool { return len(s.Calls()) > calls })
	if changed := stateOf(s) != before; changed != (when != neverArrives) {
		t.Fatalf("Stripe has carried it out: %v", changed)
	}

	second := restart()
	status, answer := second.call(t, k.method, "/v1/users/me/"+k.path, token, k.body)
	if !slices.Contains(k.next, status) {
		t.Errorf("after the restart: status %d: %v", status, answer)
	}
	k.check(t, second, s, user, token)
	return second
}

// ask sends a request that may get no answer.
func (p *process) ask(method, path, token string, body any) {
	request, err := p.request(method, path, token, body)
	if err != nil {
		return
	}
	if response, err := http.DefaultClient.Do(request); err == nil {
		response.Body.Close()
	}
}

// stateOf is what there is at Stripe.
func stateOf(s *sandbox.Sandbox) string {
	var all []any
	for _, customer := range s.Customers() {
		all = append(all, customer.ID)
		for _, session := range s.Sessions(customer.ID) {
			all = append(all, session.ID, session.Status)
		}
		for _, sub := range s.Subscriptions(customer.ID) {
			all = append(all, sub.ID, sub.Status, sub.CancelAtPeriodEnd, sub.Items.Data[0].Price.ID)
		}
	}
	return fmt.Sprint(all...)
}

// await waits for what happens in another process.
func await(t *testing.T, what string, happened func() bool) {
	t.Helper()
	deadline := time.After(60 * time.Second)
	for !happened() {
		select {
		case <-time.Tick(2 * time.Millisecond):
		case <-deadline:
			t.Fatalf("it does not come to pass: %s", what)
		}
	}
}

// check looks at what became of a user: one customer, at most one subscription, the tier of it, everything paid once.
func (k killing) check(t *testing.T, p *process, s *sandbox.Sandbox, user, token string) {
	t.Helper()
	var customers []string
	for _, customer := range s.Customers() {
		if customer.Email == user+"@example.com" {
			customers = append(customers, customer.ID)
		}
	}
	if len(customers) != 1 {
		t.Fatalf("%d customers", len(customers))
	}
	if k.path == "deactivate" {
		await(t, "nothing is left to pay", func() bool { return len(s.Live(customers[0])) == 0 })
		return
	}
	if status, answer := p.call(t, "GET", "/v1/users/me/subscription", token, nil); status != http.StatusOK || answer["tier"] != k.want || answer["source"] != "stripe" {
		t.Errorf("status %d: %v, want %s", status, answer, k.want)
	}
	live, open, charges := s.Live(customers[0]), 0, map[string]int{}
	if paid := k.want != "free"; len(live) > 1 || paid != (len(live) == 1) || paid && live[0].CancelAtPeriodEnd != k.flag {
		t.Errorf("%d live subscriptions, want the %s one", len(live), k.want)
	}
	for _, session := range s.Sessions(customers[0]) {
		if session.Status == stripe.CheckoutSessionStatusOpen {
			open++
		}
	}
	for _, charge := range s.Ledger() {
		if charge.Customer == customers[0] {
			charges[charge.Reason]++
		}
	}
	if open != k.open || charges["subscription_create"] > 1 || charges["subscription_update"] > 1 {
		t.Errorf("%d sessions are open, and %v was charged", open, charges)
	}
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
