package hooks_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// clock is a time that stands still until a test moves it.
type clock struct{ nanos atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.nanos.Store(time.Now().UnixNano())
	return c
}

func (c *clock) now() time.Time          { return time.Unix(0, c.nanos.Load()) }
func (c *clock) forward(d time.Duration) { c.nanos.Add(int64(d)) }

// withClock sets the clock and a limit of sign-ups.
func withClock(c *clock, signUps int) func(*hooks.Deps) {
	return func(deps *hooks.Deps) { deps.Now, deps.SignUpsPerHour = c.now, signUps }
}

// from sends a JSON request from an address.
func from(t *testing.T, app *pbtest.App, address, path string, body any, headers ...string) pbtest.Response {
	t.Helper()
	request := pbtest.NewRequest(t, "POST", path, "", body)
	request.RemoteAddr = address
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	return app.Send(t, request)
}

func signUp(n int) map[string]any {
	name := fmt.Sprintf("climber%d", n)
	return map[string]any{"username": name, "email": name + "@example.com", "password": pbtest.Password, "passwordConfirm": pbtest.Password}
}

func wrongLogin(n int) map[string]any {
	return map[string]any{"identity": fmt.Sprintf("nobody%d@example.com", n), "password": "not-this-granite-1"}
}

// Each limit gives its burst and then refuses, by network, until its time has passed.
func TestLimitsByAddress(t *testing.T) {
	t.Parallel()
	const users = "/api/collections/users/"
	for _, test := range []struct {
		rule  string
		burst int
		next  time.Duration // until there is one more
		path  string
		body  func(int) map[string]any
	}{
		{"sign-ups", 5, 12 * time.Minute, users + "records", signUp},
		{"resets", 300, 3 * time.Second, users + "request-password-reset", func(n int) map[string]any { return map[string]any{"email": fmt.Sprintf("nobody%d@example.com", n)} }},
		{"resets of administrators", 300, 3 * time.Second, "/api/collections/_superusers/request-password-reset", func(n int) map[string]any { return map[string]any{"email": fmt.Sprintf("nobody%d@example.com", n)} }},
		{"verification mails", 300, 3 * time.Second, users + "request-verification", func(n int) map[string]any { return map[string]any{"email": fmt.Sprintf("nobody%d@example.com", n)} }},
		{"one-time passwords", 300, 3 * time.Second, users + "request-otp", func(n int) map[string]any { return map[string]any{"email": fmt.Sprintf("nobody%d@example.com", n)} }},
		{"changes of address", 300, 3 * time.Second, users + "request-email-change", func(int) map[string]any { return map[string]any{"newEmail": "x@example.com"} }},
		{"failed logins over many accounts", 500, time.Second, users + "auth-with-password", wrongLogin},
		{"failed logins of administrators", 500, time.Second, "/api/collections/_superusers/auth-with-password", wrongLogin},
		{"failed one-time passwords", 500, time.Second, users + "auth-with-otp", func(n int) map[string]any { return map[string]any{"otpId": strconv.Itoa(n), "password": "1"} }},
		{"failed resets", 500, time.Second, users + "confirm-password-reset", func(int) map[string]any {
			return map[string]any{"token": "x", "password": pbtest.Password, "passwordConfirm": pbtest.Password}
		}},
		{"failed confirmations", 500, time.Second, users + "confirm-verification", func(int) map[string]any { return map[string]any{"token": "x"} }},
		{"failed changes of address", 500, time.Second, users + "confirm-email-change", func(int) map[string]any { return map[string]any{"token": "x", "password": pbtest.Password} }},
		{"password checks", 60, 100 * time.Millisecond, "/v1/password-check", func(int) map[string]any { return map[string]any{"password": "granite"} }},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			app := pbtest.New(t, withClock(clock, 5))
			sent := 0
			refused := func(address string, headers ...string) bool {
				sent++
				response := from(t, app, address, test.path, test.body(sent), headers...)
				if response.Status != http.StatusTooManyRequests {
					return false
				}
				checkRefusal(t, response, strings.HasPrefix(test.path, "/v1/"), test.next)
				return true
			}
			for i := range test.burst {
				if refused("192.0.2.1:1000") {
					t.Fatalf("request %d of %d was refused", i+1, test.burst)
				}
			}
			for _, forged := range [][]string{{}, {"X-Forwarded-For", "198.51.100.1"}, {"X-Real-Ip", "198.51.100.2"}, {"Forwarded", "for=198.51.100.3"}, {"Cf-Connecting-Ip", "198.51.100.4"}} {
				if !refused("192.0.2.1:1001", forged...) {
					t.Errorf("not refused over the limit, with %v", forged)
				}
			}
			if refused("192.0.2.2:1000") {
				t.Error("another address was refused")
			}
			clock.forward(test.next)
			if refused("192.0.2.1:1002") {
				t.Errorf("still refused after %v", test.next)
			}
			if !refused("192.0.2.1:1003") {
				t.Errorf("more than one came back after %v", test.next)
			}
		})
	}
}

func checkRefusal(t *testing.T, response pbtest.Response, ours bool, longest time.Duration) {
	t.Helper()
	wait, err := strconv.Atoi(response.Header.Get("Retry-After"))
	if most := max(1, int(longest.Seconds())); err != nil || wait < 1 || wait > most {
		t.Errorf("Retry-After %q, want at most %d", response.Header.Get("Retry-After"), most)
	}
	answer := response.Map(t)
	if answer["status"] != 429.0 || answer["message"] == "" || answer["data"] == nil {
		t.Errorf("not the envelope: %s", response.Body)
	}
	if code := answer["code"]; ours && code != "rate_limited" || !ours && code != nil {
		t.Errorf("code %v in %s", code, response.Body)
	}
}

// The same collection under its id or in other letters is no way around.
func TestLimitKnowsTheCollection(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t, withClock(newClock(), 3))
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		t.Fatal(err)
	}
	for i, collection := range []string{"users", users.Id, "USERS", "Users", "%75sers"} {
		response := from(t, app, "192.0.2.1:1", "/api/collections/"+collection+"/records", signUp(i))
		if got, want := response.Status == http.StatusTooManyRequests, i >= 3; got != want {
			t.Errorf("sign-up %d, through %q: status %d", i+1, collection, response.Status)
		}
	}
	if response := from(t, app, "192.0.2.1:1", "/api/collections/ticks/records", map[string]any{}); response.Status == http.StatusTooManyRequests {
		t.Error("another collection's records count as sign-ups")
	}
	admin := pbtest.NewRequest(t, "POST", "/api/collections/users/records", app.Token(t, pbtest.Superuser), signUp(9))
	admin.RemoteAddr = "192.0.2.1:1"
	if response := app.Send(t, admin); response.Status != http.StatusOK {
		t.Errorf("an administrator adds a user: status %d", response.Status)
	}
}

// Logins that work cost nothing, however many come from one network.
func TestOnlyFailuresCount(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t, withClock(newClock(), 0))
	for i := range 550 {
		if response := from(t, app, "192.0.2.1:1", "/api/collections/users/auth-with-password", map[string]any{"identity": "olga", "password": pbtest.Password}); response.Status != http.StatusOK {
			t.Fatalf("login %d: status %d: %s", i+1, response.Status, response.Body)
		}
	}
	for i := range 500 {
		if response := from(t, app, "192.0.2.1:1", "/api/collections/users/auth-with-password", wrongLogin(i)); response.Status != http.StatusBadRequest {
			t.Fatalf("wrong login %d: status %d", i+1, response.Status)
		}
	}
	if response := from(t, app, "192.0.2.1:1", "/api/collections/users/auth-with-password", map[string]any{"identity": "olga", "password": pbtest.Password}); response.Status != http.StatusTooManyRequests {
		t.Errorf("over the limit: status %d", response.Status)
	}
}

// An IPv6 network is one client, whatever its hosts' addresses; behind a trusted proxy its header names the client.
func TestLimitsKnowNetworks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule    string
		trusted []string // headers of a trusted proxy
		address string
		header  string // X-Forwarded-For
		refused bool   // after the limit of 192.0.2.1 and of 2001:db8:1:2::/64 is used up
	}{
		{"the same address", nil, "192.0.2.1:9", "", true},
		{"the same in IPv6 form", nil, "[::ffff:192.0.2.1]:9", "", true},
		{"another address", nil, "192.0.2.2:9", "", false},
		{"another host of the /64", nil, "[2001:db8:1:2:aaaa::9]:9", "", true},
		{"another /64", nil, "[2001:db8:1:3::1]:9", "", false},
		{"a forged header", nil, "192.0.2.1:9", "198.51.100.1", true},
		{"a client behind the trusted proxy", []string{"X-Forwarded-For"}, "10.0.0.1:9", "192.0.2.1", true},
		{"another client behind it, who forged more", []string{"X-Forwarded-For"}, "10.0.0.1:9", "192.0.2.1, 198.51.100.1", false},
		{"a header that is not trusted", []string{"X-Real-IP"}, "192.0.2.1:9", "198.51.100.1", true},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			app := pbtest.New(t, withClock(newClock(), 1))
			from(t, app, "192.0.2.1:1", "/api/collections/users/records", signUp(1))
			from(t, app, "[2001:db8:1:2::1]:1", "/api/collections/users/records", signUp(2))
			app.Settings().TrustedProxy = core.TrustedProxyConfig{Headers: test.trusted}
			var headers []string
			if test.header != "" {
				headers = []string{"X-Forwarded-For", test.header}
			}
			response := from(t, app, test.address, "/api/collections/users/records", signUp(3), headers...)
			if got := response.Status == http.StatusTooManyRequests; got != test.refused {
				t.Errorf("status %d", response.Status)
			}
		})
	}
}

// Sign-ups that come at the same time get as many accounts as the limit allows.
func TestLimitHoldsInParallel(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t, withClock(newClock(), 7))
	var made, refused atomic.Int64
	var group sync.WaitGroup
	for i := range 40 {
		group.Go(func() {
			switch response := from(t, app, "192.0.2.1:1", "/api/collections/users/records", signUp(i)); response.Status {
			case http.StatusOK:
				made.Add(1)
			case http.StatusTooManyRequests:
				refused.Add(1)
			default:
				t.Errorf("status %d: %s", response.Status, response.Body)
			}
		})
	}
	group.Wait()
	if made.Load() != 7 || refused.Load() != 33 {
		t.Errorf("%d accounts and %d refusals, want 7 and 33", made.Load(), refused.Load())
	}
}
