package blackbox

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// transportChecks are what the server bears on the wire.
func transportChecks() []check {
	return []check{
		{"G1", "one answer to one request", oneAnswer},
		{"G2", "forged addresses", forgedAddresses},
		{"G4", "foreign origins", foreignOrigins},
		{"G5", "headers of pages and of the API", securityHeaders},
		{"G6", "slow headers", slowHeaders},
		{"G7", "streams without end", streamsWithoutEnd},
		{"G8", "a storm of logins", stormOfLogins},
		{"G9", "methods and large headers", methodsAndHeaders},
		{"G10", "errors say nothing", errorsSayNothing},
		{"G12", "nothing for operators in public", nothingForOperators},
		{"G13", "SQL in every parameter", sqlEverywhere},
	}
}

// raw sends bytes on one connection and reads one answer; its status is 0 when there is none.
func (c *client) raw(request string) answer {
	c.t.Helper()
	answers, _ := c.rawAll(request)
	if len(answers) == 0 {
		return answer{}
	}
	return answers[0]
}

// rawAll reads all answers until the server closes the connection, and reports whether it did.
func (c *client) rawAll(request string) (answers []answer, closed bool) {
	c.t.Helper()
	conn := c.dial()
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		c.t.Fatal(err)
	}
	go io.WriteString(conn, request) // the server may close before it has read all
	reader := bufio.NewReader(conn)
	for {
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			var timeout net.Error
			return answers, !errors.As(err, &timeout) || !timeout.Timeout()
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		answers = append(answers, answer{status: response.StatusCode, header: response.Header, body: string(body)})
	}
}

// oneAnswer: what the server did not read of a body is never another request.
func oneAnswer(c *client) {
	hidden := "GET /v1/health HTTP/1.1\r\nHost: hidden\r\n\r\n"
	filler := func(size int) string { return strings.Repeat(hidden, size/len(hidden)+1) }
	var group sync.WaitGroup
	for rule, request := range map[string]struct{ head, body string }{
		"unknown route, 300 KB":         {"POST /nothing", filler(300_000)},
		"unknown /v1 route, 300 KB":     {"POST /v1/nothing", filler(300_000)},
		"unknown /v1 route, 1 MB":       {"PUT /v1/nothing", filler(1_000_000)},
		"GET with a body, 300 KB":       {"GET /api/health", filler(300_000)},
		"GET of ours with a body, 1 MB": {"GET /v1/health", filler(1_000_000)},
		"a page with a body":            {"GET /", filler(300_000)},
		"bad JSON and 300 KB":           {"POST /api/collections/users/auth-with-password", "{nonsense" + filler(300_000)},
		"bad JSON and 1 MB":             {"POST /api/collections/users/auth-with-password", "{nonsense" + filler(1_000_000)},
		"valid JSON and 300 KB":         {"POST /api/collections/users/records", `{"username":"x"}` + filler(300_000)},
		"valid JSON and 1 MB":           {"POST /api/realtime", `{"clientId":"x"}` + filler(1_000_000)},
		"refused, 300 KB":               {"PATCH /v1/users/me", filler(300_000)},
		"refused upload, 1 MB":          {"POST /v1/users/me/ticks/import", filler(1_000_000)},
		"wrong method, 1 MB":            {"DELETE /v1/plans", filler(1_000_000)},
		"refused batch, 1 MB":           {"POST /api/batch", filler(1_000_000)},
		"a password to check, 1 MB":     {"POST /v1/password-check", `{"password":"x"}` + filler(1_000_000)},
	} {
		head := request.head + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
		for form, text := range map[string]string{
			"with a length": fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", head, len(request.body), request.body),
			"in chunks":     fmt.Sprintf("%sTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", head, len(request.body), request.body),
		} {
			group.Go(func() {
				answers, closed := c.rawAll(text)
				if len(answers) != 1 || !closed {
					c.t.Errorf("%s, %s: %d answers, closed %v: %v", rule, form, len(answers), closed, answers)
				}
			})
		}
	}
	group.Go(func() {
		head := "POST /v1/users/me/ticks/import HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 34603008\r\n\r\n"
		if answers, closed := c.rawAll(head + filler(600_000)); len(answers) != 1 || !closed {
			c.t.Errorf("33 MB declared: %d answers, closed %v", len(answers), closed)
		}
	})
	group.Wait()
	for rule, head := range map[string]string{
		"a length and chunks": "POST /v1/password-check HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
		"two lengths":         "POST /v1/password-check HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 50\r\n\r\nabcd" + hidden,
		"an odd encoding":     "POST /v1/password-check HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + hidden,
		"a negative length":   "POST /v1/password-check HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n" + hidden,
		"a space in a name":   "POST /v1/password-check HTTP/1.1\r\nHost: x\r\nContent-Length : 4\r\n\r\nabcd" + hidden,
	} {
		if answers, closed := c.rawAll(head); len(answers) > 1 || !closed {
			c.t.Errorf("%s: %d answers, closed %v: %v", rule, len(answers), closed, answers)
		}
	}
}

func forgedAddresses(c *client) {
	u := c.newUser()
	names := []string{"X-Forwarded-For", "X-Real-IP", "Forwarded", "CF-Connecting-IP", "True-Client-IP", "X-Client-IP", "Fly-Client-IP"}
	for i := range 6 {
		forged := fmt.Sprintf("203.0.113.%d", i+1)
		if i == 4 {
			forged = "fe80::1%eth0, 203.0.113.9, " + strings.Repeat("198.51.100.1, ", 50)
		}
		var headers []string
		for _, name := range names {
			headers = append(headers, name, forged)
		}
		login := c.send("POST", "/api/collections/users/auth-with-password", "", fields{"identity": u.email, "password": wrong}, headers...)
		if want := 400 + 29*(i/5); login.status != want {
			c.t.Errorf("wrong login %d with forged addresses: %v", i+1, login)
		}
	}
	other := c.signUp()
	login := c.send("POST", "/api/collections/users/auth-with-password", "", fields{"identity": other.email, "password": other.password}, "X-Forwarded-For", "203.0.113.1", "X-Real-IP", "203.0.113.1")
	token, _ := login.json()["token"].(string)
	sessions := c.get("/api/collections/sessions/records", token).items()
	if len(sessions) != 1 || sessions[0]["address"] != c.host {
		c.t.Errorf("the session is said to come from %v, not from %s", sessions, c.host)
	}
	if activity := c.get("/v1/users/me/activity", token); strings.Contains(activity.body, "203.0.113") || !strings.Contains(activity.body, c.host) {
		c.t.Errorf("activity: %v", activity)
	}
}

func foreignOrigins(c *client) {
	for origin, allowed := range map[string]bool{
		publicURL: true, "https://evil.example": false, "null": false, "https://climb.example.com.evil.example": false, "https://sub.climb.example.com": false, "http://climb.example.com": false,
		"https://evilclimb.example.com": false, "https://climb.example.com:8443": false, "*": false,
	} {
		for _, path := range []string{"/v1/users/me", "/v1/plans", "/api/health", "/api/collections/users/auth-with-password"} {
			for _, method := range []string{"GET", "OPTIONS"} {
				answer := c.send(method, path, "", nil, "Origin", origin, "Access-Control-Request-Method", "PATCH", "Access-Control-Request-Headers", "authorization")
				got := answer.header.Get("Access-Control-Allow-Origin")
				if (got == origin) != allowed || !allowed && got != "" {
					c.t.Errorf("%s %s from %s: allowed is %q", method, path, origin, got)
				}
				if answer.header.Get("Access-Control-Allow-Credentials") == "true" && (got == "*" || !allowed) {
					c.t.Errorf("%s %s from %s: with credentials", method, path, origin)
				}
			}
		}
	}
}

func securityHeaders(c *client) {
	u := c.newUser()
	for _, path := range []string{"/", "/dashboard", "/v1/users/me", "/v1/plans", "/v1/nothing", "/api/health", "/api/collections/users/records", "/api/nothing"} {
		header := c.get(path, u.token).header
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin", "Strict-Transport-Security": "max-age=31536000",
		} {
			if got := header.Get(name); !strings.HasPrefix(got, want) {
				c.t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if got := header.Get("X-Powered-By") + header.Get("Server"); got != "" {
			c.t.Errorf("%s: the server calls itself %q", path, got)
		}
	}
	policy := c.get("/", "").header.Get("Content-Security-Policy")
	for _, directive := range []string{"default-src 'self'", "script-src 'self';", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"} {
		if !strings.Contains(policy, directive) {
			c.t.Errorf("the policy %q lacks %s", policy, directive)
		}
	}
	for path, want := range map[string]string{"/v1/users/me": "private, no-cache", "/v1/nothing": "no-store", "/v1/users/me/activity": "private, no-cache"} {
		if got := c.get(path, u.token).header.Get("Cache-Control"); got != want {
			c.t.Errorf("%s: Cache-Control %q, want %q", path, got, want)
		}
	}
	if got := c.change(u, u.password, newPassword()).header.Get("Cache-Control"); got != "no-store" {
		c.t.Errorf("an answer with a token: Cache-Control %q", got)
	}
}

func slowHeaders(c *client) {
	const connections = 400
	begin := time.Now()
	closed := make(chan time.Duration, connections)
	for range connections {
		conn := c.dial()
		defer conn.Close()
		io.WriteString(conn, "GET /v1/health HTTP/1.1\r\nHost: x\r\nX-Slow: ")
		go func() {
			_ = conn.SetReadDeadline(begin.Add(20 * time.Second)) // fails only on a closed one
			_, _ = io.Copy(io.Discard, conn)
			closed <- time.Since(begin)
		}()
	}
	var meanwhile []time.Duration
	for range 100 {
		meanwhile = append(meanwhile, c.get("/v1/plans", "").took)
	}
	var ends []time.Duration
	for range connections {
		ends = append(ends, <-closed)
	}
	// Five seconds are allowed, and dialling takes its time.
	if slowest := slices.Max(ends); slowest > 8*time.Second {
		c.t.Errorf("the last of %d half requests was closed after %v", connections, slowest)
	}
	if median(meanwhile) > 50*time.Millisecond || percentile(meanwhile, 99) > 500*time.Millisecond {
		c.t.Errorf("other requests meanwhile: median %v, 99 %% within %v", median(meanwhile), percentile(meanwhile, 99))
	}
}

func streamsWithoutEnd(c *client) {
	open := 0
	for range 60 {
		if c.open() != nil {
			open++
		}
	}
	if open != 20 {
		c.t.Errorf("a guest has %d streams of 60, want 20", open)
	}
	refused := c.get("/api/realtime", "")
	if wait, _ := strconv.Atoi(refused.header.Get("Retry-After")); refused.status != http.StatusTooManyRequests || wait < 1 {
		c.t.Errorf("the next: %v, Retry-After %q", refused, refused.header.Get("Retry-After"))
	}
	if c.s.client(c.t).open() == nil {
		c.t.Error("another address has none")
	}
	// A body that comes slowly holds nobody else up, and a client that does not read its events is dropped.
	conn := c.dial()
	defer conn.Close()
	io.WriteString(conn, "POST /v1/password-check HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
	var meanwhile []time.Duration
	for range 20 {
		meanwhile = append(meanwhile, c.get("/v1/plans", "").took)
	}
	if median(meanwhile) > 50*time.Millisecond {
		c.t.Errorf("beside a slow body a request takes %v", median(meanwhile))
	}
}

func stormOfLogins(c *client) {
	u := c.newUser()
	stop := make(chan struct{})
	var group sync.WaitGroup
	var mu sync.Mutex
	counts := map[int]int{}
	for range 40 {
		attacker, victims := c.s.client(c.t), []user{}
		for range 100 {
			victims = append(victims, c.s.nobody())
		}
		group.Go(func() {
			for _, victim := range victims {
				select {
				case <-stop:
					return
				default:
				}
				login := attacker.login(victim.email, wrong)
				mu.Lock()
				counts[login.status]++
				mu.Unlock()
			}
		})
	}
	var meanwhile []time.Duration
	begin := time.Now()
	for time.Since(begin) < 2*time.Second {
		meanwhile = append(meanwhile, c.get("/v1/users/me", u.token).took, c.get("/v1/plans", "").took)
	}
	close(stop)
	group.Wait()
	if p99 := percentile(meanwhile, 99); p99 > 200*time.Millisecond {
		c.t.Errorf("99 %% of %d other requests within %v, median %v; logins by status: %v", len(meanwhile), p99, median(meanwhile), counts)
	}
	for status := range counts {
		if status != http.StatusBadRequest && status != http.StatusServiceUnavailable && status != http.StatusTooManyRequests {
			c.t.Errorf("%d logins were answered with %d", counts[status], status)
		}
	}
}

func methodsAndHeaders(c *client) {
	for _, method := range []string{"TRACE", "CONNECT", "PROPFIND", "FOO", "get", "PURGE", "DEBUG"} {
		for _, path := range []string{"/v1/users/me", "/v1/health", "/api/health", "/"} {
			answer := c.raw(method + " " + path + " HTTP/1.1\r\nHost: x\r\nX-Echo: " + canary + "\r\nConnection: close\r\n\r\n")
			if !slices.Contains([]int{400, 401, 404, 405, 501}, answer.status) || strings.Contains(answer.body, canary) {
				c.t.Errorf("%s %s: %v", method, path, answer)
			}
		}
	}
	for _, path := range []string{"/v1/health", "/api/health", "/"} {
		if answer := c.raw("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Large: " + strings.Repeat("x", 30_000) + "\r\n\r\n"); answer.status != http.StatusRequestHeaderFieldsTooLarge {
			c.t.Errorf("30 kB of headers to %s: %v", path, answer)
		}
	}
	if answer := c.send("DELETE", "/v1/plans", "", nil); answer.status != http.StatusMethodNotAllowed || answer.header.Get("Allow") == "" {
		c.t.Errorf("DELETE /v1/plans: %v", answer)
	}
}

func errorsSayNothing(c *client) {
	u := c.newUser()
	deep := strings.Repeat("[", 30_000)
	for rule, answer := range map[string]answer{
		"broken JSON":           c.send("PATCH", "/v1/users/me", u.token, `{"username":`),
		"deep JSON":             c.send("PATCH", "/v1/users/me", u.token, `{"username":`+deep),
		"another type":          c.send("PATCH", "/v1/users/me", u.token, `{"username":{"a":1}}`),
		"a large number":        c.send("PATCH", "/v1/users/me", u.token, `{"username":1e400}`),
		"invalid UTF-8":         c.send("PATCH", "/v1/users/me", u.token, "{\"username\":\"\xff\"}"),
		"a lone surrogate":      c.send("PATCH", "/v1/users/me", u.token, `{"username":"\ud800"}`),
		"broken multipart":      c.send("POST", "/v1/users/me/ticks/import", u.token, "--x\r\ngarbage", "Content-Type", "multipart/form-data; boundary=x"),
		"no boundary":           c.send("POST", "/v1/users/me/ticks/import", u.token, "x", "Content-Type", "multipart/form-data"),
		"odd query":             c.get("/v1/users/me/analytics/pyramid?discipline=%00&scale=%ff&from=0000-99-99", u.token),
		"NUL in a path":         c.get("/v1/users/%00me", u.token),
		"NUL in an id":          c.get("/api/collections/users/records/%00", u.token),
		"invalid UTF-8 in a id": c.get("/api/collections/users/records/%ff%fe", u.token),
		"a long id":             c.get("/api/collections/users/records/"+strings.Repeat("x", 5_000), u.token),
		"broken login":          c.send("POST", "/api/collections/users/auth-with-password", "", `{"identity":{"a":1},"password":[]}`),
		"identity of NULs":      c.login("\x00\x00", wrong),
		"identity of 100 kB":    c.login(strings.Repeat("x", 100_000), wrong),
		"odd identityField":     c.post("/api/collections/users/auth-with-password", "", fields{"identity": u.email, "password": wrong, "identityField": "tokenKey"}),
		"a made-up link":        c.post("/api/collections/users/confirm-email-change", "", fields{"token": "a.b.c", "password": wrong}),
		"realtime of nobody":    c.post("/api/realtime", "", fields{"clientId": "x", "subscriptions": []string{"users/*"}}),
		"a range":               c.send("GET", "/v1/users/me", u.token, nil, "Range", "bytes=9-1"),
	} {
		if answer.status >= 500 || answer.status == 0 {
			c.t.Errorf("%s: %v", rule, answer)
		}
		for _, word := range []string{"goroutine", ".go:", "SELECT ", "sqlite", "SQL logic", "panic", "/root", c.s.dir, "pocketbase/", "runtime error"} {
			if strings.Contains(answer.body, word) {
				c.t.Errorf("%s: the answer has %q: %v", rule, word, answer)
			}
		}
		if answer.header.Get("X-Request-Id") == "" {
			c.t.Errorf("%s: no request id", rule)
		}
	}
	if output := c.s.output.String(); strings.Contains(output, "goroutine ") {
		c.t.Errorf("the server printed a stack: %.500s", output[strings.Index(output, "goroutine "):])
	}
}

func nothingForOperators(c *client) {
	u := c.newUser()
	for _, path := range []string{
		"/metrics", "/v1/metrics", "/api/metrics", "/debug/pprof", "/debug/pprof/heap", "/debug/vars", "/api/_routes", "/api/_", "/.git/config", "/.env", "/data.db", "/pb_data/data.db",
		"/../data.db", "/%2e%2e/data.db", "/..%2fdata.db", "/assets/..%2f..%2fdata.db", "/serve.lock", "/_/../data.db", "/server-status",
	} {
		for _, token := range []string{"", u.token} {
			answer := c.get(path, token)
			page := strings.Contains(answer.body, "<!doctype html>") || strings.Contains(answer.body, "<!DOCTYPE html>")
			if answer.status == http.StatusOK && !page || strings.Contains(answer.body, "SQLite format") || strings.Contains(answer.body, "go_goroutines") || answer.status >= 500 {
				c.t.Errorf("%s: %v", path, answer)
			}
		}
	}
	health := c.get("/v1/health", "")
	for _, secret := range []string{c.s.dir, "127.0.0.1", "smtp", "secret"} {
		if strings.Contains(strings.ToLower(health.body), secret) {
			c.t.Errorf("health says %q: %v", secret, health)
		}
	}
}

func sqlEverywhere(c *client) {
	alice, u := c.newUser(), c.withTicks(letters(16))
	before := c.record(alice.id)
	for _, evil := range []string{
		"' OR '1'='1", "'; DROP TABLE users; --", "\" OR \"\"=\"", "1) UNION SELECT tokenKey FROM users --", "x' AND (SELECT 1 FROM (SELECT randomblob(1000000000)))--", "%' OR 1=1 --", "\\'; --", "id); SELECT 1 --", "`users`", "[[tokenKey]]", "{{users}}", "{:p}",
	} {
		escaped := url.QueryEscape(evil)
		for rule, answer := range map[string]answer{
			"sort":        c.get("/api/collections/ticks/records?sort="+escaped, u.token),
			"filter":      c.get("/api/collections/ticks/records?filter="+escaped, u.token),
			"fields":      c.get("/api/collections/ticks/records?fields="+escaped, u.token),
			"expand":      c.get("/api/collections/ticks/records?expand="+escaped, u.token),
			"page":        c.get("/api/collections/ticks/records?page="+escaped, u.token),
			"id":          c.get("/api/collections/ticks/records/"+url.PathEscape(evil), u.token),
			"collection":  c.get("/api/collections/"+url.PathEscape(evil)+"/records", u.token),
			"login":       c.s.client(c.t).login(evil, wrong),
			"username":    c.send("PATCH", "/v1/users/me", u.token, fields{"username": evil}),
			"profile":     c.send("PATCH", "/v1/users/me", u.token, fields{"mountain_project_url": evil}),
			"analytics":   c.get("/v1/users/me/analytics/pyramid?discipline="+escaped+"&scale="+escaped+"&from="+escaped, u.token),
			"activity":    c.get("/v1/users/me/activity?page="+escaped, u.token),
			"a header":    c.send("GET", "/v1/users/me", u.token, nil, "User-Agent", evil, "X-Request-Id", evil),
			"an etag":     c.send("GET", "/v1/users/me", u.token, nil, "If-None-Match", evil),
			"a token":     c.get("/v1/users/me", evil),
			"a link":      c.post("/api/collections/users/confirm-password-reset", "", fields{"token": evil, "password": evil, "passwordConfirm": evil}),
			"realtime":    c.post("/api/realtime", "", fields{"clientId": evil, "subscriptions": []string{evil}}),
			"an oauth":    c.post("/api/collections/users/auth-with-oauth2", "", fields{"provider": evil, "code": evil, "codeVerifier": evil, "redirectURL": evil}),
			"a sign-up":   c.post("/api/collections/users/records", "", user{username: evil, email: evil, password: evil}.form()),
			"identity by": c.post("/api/collections/users/auth-with-password", "", fields{"identity": "x", "password": wrong, "identityField": evil}),
		} {
			if answer.status >= 500 || answer.took > 2*time.Second || strings.Contains(answer.body, alice.id) || strings.Contains(answer.body, "SQL") {
				c.t.Errorf("%q in %s: %v after %v", evil, rule, answer, answer.took)
			}
			for _, item := range answer.items() {
				if item["user"] != u.id && item["user"] != nil {
					c.t.Errorf("%q in %s: %v", evil, rule, item)
				}
			}
		}
	}
	if after := c.record(alice.id); after != before {
		c.t.Errorf("changed:\n%s\n%s", before, after)
	}
}
