package blackbox

import (
	"crypto"
	"crypto/hmac"
	_ "crypto/sha256" // HS256
	_ "crypto/sha512" // HS384 and HS512
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	_ "modernc.org/sqlite" // reads the server's secrets, as nobody outside can
)

// sessionChecks are what a token opens, and when it ends.
func sessionChecks() []check {
	return []check{
		{"B1", "forged signatures", forgedSignatures},
		{"B2", "changed claims", changedClaims},
		{"B3", "times of a token", tokenTimes},
		{"B4", "tokens of other kinds", otherTokens},
		{"B5", "password change ends tokens", changeEndsTokens},
		{"B6", "deactivation ends tokens on every route", deactivationEndsTokens},
		{"B7", "deactivation ends realtime", deactivationEndsRealtime},
		{"B8", "logout ends the session on the server", logoutEndsSession},
		{"B9", "refreshing ends after 30 days", refreshingEnds},
		{"B10", "reactivation by login only", reactivation},
		{"B12", "no token in a log", noTokenInLogs},
		{"B13", "no cookies and no forms", noCookies},
		{"B14", "odd Authorization headers", oddAuthorization},
	}
}

// secret is the key that signs the auth tokens of a user.
func (c *client) secret(u user) string {
	c.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(c.s.dir, "data.db")+"?mode=ro")
	if err != nil {
		c.t.Fatal(err)
	}
	defer db.Close()
	var key, secret string
	if err := db.QueryRow("SELECT tokenKey FROM users WHERE id = ?", u.id).Scan(&key); err != nil {
		c.t.Fatal(err)
	}
	if err := db.QueryRow("SELECT json_extract(options, '$.authToken.secret') FROM _collections WHERE name = 'users'").Scan(&secret); err != nil {
		c.t.Fatal(err)
	}
	return key + secret
}

// sign makes a token with any header, claims and key.
func sign(algorithm string, claims map[string]any, key string) string {
	header, _ := json.Marshal(fields{"alg": algorithm, "typ": "JWT"})
	body, _ := json.Marshal(claims)
	text := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(body)
	hash := map[string]crypto.Hash{"HS384": crypto.SHA384, "HS512": crypto.SHA512}[algorithm]
	if hash == 0 {
		hash = crypto.SHA256
	}
	mac := hmac.New(hash.New, []byte(key))
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// with is a copy of claims with some changed.
func with(claims map[string]any, changes fields) map[string]any {
	changed := maps.Clone(claims)
	maps.Copy(changed, changes)
	return changed
}

// dead fails the check for a token that opens anything.
func (c *client) dead(rule, token string) {
	c.t.Helper()
	if answer := c.get("/v1/users/me", token); answer.status != http.StatusUnauthorized || answer.json()["code"] != "unauthorized" {
		c.t.Errorf("%s: GET /v1/users/me: %v", rule, answer)
	}
	if answer := c.get("/api/collections/users/records", token); answer.status == http.StatusOK && len(answer.items()) > 0 {
		c.t.Errorf("%s: users: %v", rule, answer)
	}
	if answer := c.post("/api/collections/users/auth-refresh", token, nil); answer.status != http.StatusUnauthorized && answer.status != http.StatusForbidden {
		c.t.Errorf("%s: auth-refresh: %v", rule, answer)
	}
}

func forgedSignatures(c *client) {
	u := c.newUser()
	own, key := claims(u.token), c.secret(u)
	if answer := c.get("/v1/users/me", sign("HS256", own, key)); answer.status != http.StatusOK {
		c.t.Fatalf("a token that was signed as the server does: %v", answer)
	}
	parts := strings.Split(u.token, ".")
	for rule, token := range map[string]string{
		"alg none": sign("none", own, key), "alg None": sign("None", own, key), "alg NONE": sign("NONE", own, ""), "alg empty": sign("", own, key),
		"HS512 with the right key": sign("HS512", own, key), "HS384 with the right key": sign("HS384", own, key),
		"an empty key": sign("HS256", own, ""), "another key": sign("HS256", own, strings.Repeat("x", 32)), "RS256": sign("RS256", own, key), "ES256": sign("ES256", own, key),
		"no signature": parts[0] + "." + parts[1] + ".", "two parts": parts[0] + "." + parts[1], "a cut signature": u.token[:len(u.token)-3],
		"none without a signature": strings.Join(strings.Split(sign("none", own, ""), ".")[:2], ".") + ".",
	} {
		c.dead(rule, token)
	}
}

func changedClaims(c *client) {
	u, other := c.newUser(), c.newUser()
	own := claims(u.token)
	parts := strings.Split(u.token, ".")
	for rule, changes := range map[string]fields{
		"another user": {"id": other.id}, "administrators": {"collectionId": "pbc_3142635823"}, "administrators by name": {"collectionId": "_superusers"},
		"a longer life": {"exp": time.Now().Add(999 * time.Hour).Unix()}, "another session": {"sid": "x"}, "a type": {"type": "file"},
	} {
		body, _ := json.Marshal(with(own, changes))
		c.dead(rule, parts[0]+"."+base64.RawURLEncoding.EncodeToString(body)+"."+parts[2])
	}
	// With the right signature of one's own, somebody else's session is still none.
	key := c.secret(u)
	c.dead("another's session", sign("HS256", with(own, fields{"sid": claims(other.token)["sid"]}), key))
	c.dead("another user, signed with one's own key", sign("HS256", with(own, fields{"id": other.id}), key))
}

func tokenTimes(c *client) {
	u := c.newUser()
	own, key := claims(u.token), c.secret(u)
	for rule, changes := range map[string]fields{
		"expired": {"exp": time.Now().Add(-time.Second).Unix()}, "long expired": {"exp": 1}, "not yet valid": {"nbf": time.Now().Add(time.Hour).Unix()},
		"issued in the future": {"iat": time.Now().Add(time.Hour).Unix()}, "exp as text": {"exp": "tomorrow"},
	} {
		c.dead(rule, sign("HS256", with(own, changes), key))
	}
}

func otherTokens(c *client) {
	u := c.newUser()
	file, _ := c.post("/api/files/token", u.token, nil).json()["token"].(string)
	c.post("/api/collections/users/request-verification", "", fields{"email": u.email})
	c.post("/api/collections/users/request-password-reset", "", fields{"email": u.email})
	fresh := c.s.nobody().email
	c.send("PATCH", "/v1/users/me", u.token, fields{"email": fresh, "current_password": u.password})
	for rule, token := range map[string]string{
		"file": file, "verification": c.mailed(u.email, "verification", 1), "reset": c.mailed(u.email, "password_reset", 1), "change of address": c.mailed(fresh, "email_change", 1),
	} {
		if token == "" {
			c.t.Errorf("%s: there is none", rule)
			continue
		}
		c.dead(rule, token)
		c.dead("Bearer "+rule, "Bearer "+token)
	}
	// And an auth token is no link: it resets no password.
	answer := c.post("/api/collections/users/confirm-password-reset", "", fields{"token": u.token, "password": "granite-walrus-91", "passwordConfirm": "granite-walrus-91"})
	if answer.status != http.StatusBadRequest {
		c.t.Errorf("reset by an auth token: %v", answer)
	}
}

func changeEndsTokens(c *client) {
	for rule, change := range map[string]func(u user, password string) answer{
		"change-password": func(u user, password string) answer { return c.change(u, u.password, password) },
		"PATCH": func(u user, password string) answer {
			return c.send("PATCH", "/v1/users/me", u.token, fields{"password": password, "current_password": u.password})
		},
	} {
		u := c.newUser()
		device := c.s.client(c.t).mustLogin(u)
		password := newPassword()
		answer := change(u, password)
		if answer.status != http.StatusOK {
			c.t.Fatalf("%s: %v", rule, answer)
		}
		c.dead(rule+", the caller's", u.token)
		c.dead(rule+", another device's", device)
		if rule == "change-password" {
			if fresh, _ := answer.json()["token"].(string); c.isDead(fresh) {
				c.t.Errorf("%s: the new token is dead", rule)
			}
		}
		if old, fresh := c.login(u.email, u.password), c.login(u.email, password); old.status != http.StatusBadRequest || fresh.status != http.StatusOK {
			c.t.Errorf("%s: login with the old one %v, with the new one %v", rule, old, fresh)
		}
	}
}

func deactivationEndsTokens(c *client) {
	u := c.newUser()
	device := c.mustLogin(u)
	before := c.routesAs(u.token)
	if answer := c.post("/v1/users/me/deactivate", u.token, fields{"password": u.password}); answer.status != http.StatusOK {
		c.t.Fatalf("deactivate: %v", answer)
	}
	guest := c.routesAs("")
	for _, token := range []string{u.token, device} {
		for route, answer := range c.routesAs(token) {
			if !same(answer, guest[route]) {
				c.t.Errorf("%s: %v; a guest gets %v", route, answer, guest[route])
			}
			if answer.status == http.StatusUnauthorized && before[route].status == http.StatusUnauthorized {
				c.t.Errorf("%s was closed before: the check shows nothing", route)
			}
		}
		c.dead("after deactivation", token)
	}
}

// routesAs asks every kind of route with a token; the answer is to be a guest's when the token is dead.
func (c *client) routesAs(token string) map[string]answer {
	answers := map[string]answer{}
	for _, path := range []string{
		"/v1/users/me", "/v1/users/me/activity", "/v1/users/me/analytics/overview", "/v1/users/me/analytics/pyramid",
		"/api/collections/users/records", "/api/collections/ticks/records", "/api/collections/imports/records", "/api/collections/usage/records",
		"/api/collections/sessions/records", "/api/collections/sync_runs/records",
	} {
		answers["GET "+path] = c.get(path, token)
	}
	answers["PATCH /v1/users/me"] = c.send("PATCH", "/v1/users/me", token, fields{})
	answers["POST import"] = c.send("POST", "/v1/users/me/ticks/import", token, "--b\r\n--b--\r\n", "Content-Type", "multipart/form-data; boundary=b")
	answers["POST change-password"] = c.post("/v1/users/me/change-password", token, fields{})
	answers["POST file token"] = c.post("/api/files/token", token, nil)
	if answers["POST file token"].status == http.StatusOK {
		answers["POST file token"] = answer{status: http.StatusOK} // another one each time
	}
	return answers
}

func deactivationEndsRealtime(c *client) {
	u := c.newUser()
	stream := c.subscribe(u.token, "users/*", "usage/*", "imports/*")
	c.send("PATCH", "/v1/users/me", u.token, fields{"username": c.s.nobody().username})
	select {
	case data, open := <-stream.events:
		if !open || !strings.Contains(data, u.id) {
			c.t.Fatalf("the user's own event: %q", data)
		}
	case <-time.After(10 * time.Second):
		c.t.Fatal("no event of the user's own change")
	}
	c.post("/v1/users/me/deactivate", u.token, fields{"password": u.password})
	// Changes of the user's records from now on reach nobody. One that everybody sees comes behind them.
	c.send("PATCH", "/api/collections/users/records/"+u.id, c.s.admin, fields{"tier": "basic"})
	for {
		select {
		case data, open := <-stream.events:
			if !open {
				return // the server has ended the stream
			}
			if !strings.Contains(data, `"is_active":false`) && strings.Contains(data, u.id) || strings.Contains(data, `"tier":"basic"`) {
				c.t.Errorf("after deactivation: %s", data)
				return
			}
		case <-time.After(10 * time.Second):
			c.t.Error("the stream is still open after ten seconds")
			return
		}
	}
}

func logoutEndsSession(c *client) {
	u := c.newUser()
	device := c.mustLogin(u)
	if answer := c.post("/v1/users/me/logout", u.token, nil); answer.status != http.StatusNoContent {
		c.t.Fatalf("logout: %v", answer)
	}
	c.dead("after logout", u.token)
	if c.isDead(device) {
		c.t.Error("another device was logged out as well")
	}
	// Another device can be logged out from here.
	here := c.mustLogin(u)
	sid, _ := claims(device)["sid"].(string)
	if answer := c.send("DELETE", "/api/collections/sessions/records/"+sid, here, nil); answer.status != http.StatusNoContent {
		c.t.Errorf("end a session: %v", answer)
	}
	c.dead("a session that was ended", device)
	if c.isDead(here) {
		c.t.Error("the session that ended another one is dead")
	}
}

// refreshingEnds cannot wait for a month: the end is in the token, and no refresh moves it.
func refreshingEnds(c *client) {
	u := c.newUser()
	end := func(token string) (session string, expires time.Time) {
		sid, _ := claims(token)["sid"].(string)
		session, _ = c.get("/api/collections/sessions/records/"+sid, token).json()["expires"].(string)
		exp, _ := claims(token)["exp"].(float64)
		return session, time.Unix(int64(exp), 0)
	}
	session, _ := end(u.token)
	at, err := time.Parse("2006-01-02 15:04:05.000Z", session)
	if err != nil || time.Until(at) > 30*24*time.Hour+time.Minute {
		c.t.Errorf("the session ends at %q", session)
	}
	token := u.token
	for range 5 {
		refreshed := c.post("/api/collections/users/auth-refresh", token, nil)
		token, _ = refreshed.json()["token"].(string)
		if again, expires := end(token); again != session || expires.After(at.Add(time.Second)) {
			c.t.Errorf("after a refresh the session ends at %q, the token at %v", again, expires)
		}
	}
}

func reactivation(c *client) {
	u := c.newUser()
	c.post("/v1/users/me/deactivate", u.token, fields{"password": u.password})
	for rule, answer := range map[string]answer{
		"refresh": c.post("/api/collections/users/auth-refresh", u.token, nil),
		"otp":     c.post("/api/collections/users/request-otp", "", fields{"email": u.email}),
		"reset":   c.post("/api/collections/users/request-password-reset", "", fields{"email": u.email}),
	} {
		if answer.json()["token"] != nil || strings.Contains(c.record(u.id), `"is_active":true`) {
			c.t.Errorf("%s: %v brought the account back", rule, answer)
		}
	}
	if gone, missing := c.login(u.email, wrong), c.login(c.s.nobody().email, wrong); !same(gone, missing) {
		c.t.Errorf("wrong password of a deactivated account %v, of nobody %v", gone, missing)
	}
	back := c.login(u.email, u.password)
	token, _ := back.json()["token"].(string)
	if me := c.get("/v1/users/me", token).json(); back.status != http.StatusOK || me["is_active"] != true || me["tier"] != "free" {
		c.t.Errorf("login %v, then %v", back, me)
	}
	c.dead("a token from before", u.token)
	if !eventually(func() bool { return slices.Contains(c.kinds(u.email), "reactivated") }) {
		c.t.Errorf("no mail about it; there are %v", c.kinds(u.email))
	}

	// A ban is no deactivation: no login lifts it.
	banned := c.newUser()
	c.send("PATCH", "/api/collections/users/records/"+banned.id, c.s.admin, fields{"banned_at": time.Now().UTC()})
	c.dead("of a banned user", banned.token)
	if login, missing := c.login(banned.email, banned.password), c.login(c.s.nobody().email, wrong); login.status == http.StatusOK {
		c.t.Errorf("a banned user's login: %v; nobody's: %v", login, missing)
	}
}

func noTokenInLogs(c *client) {
	u := c.newUser()
	file, _ := c.post("/api/files/token", u.token, nil).json()["token"].(string)
	c.post("/api/collections/users/request-password-reset", "", fields{"email": u.email})
	reset := c.mailed(u.email, "password_reset", 1)
	marker := letters(16)
	for _, token := range []string{u.token, file, reset} {
		for _, path := range []string{"/api/files/imports/x/" + marker + "?token=", "/v1/" + marker + "?token=", "/api/" + marker + "?a=1&token=", "/reset-password?token=", "/v1/" + marker + "?Token=", "/api/" + marker + "?%74oken="} {
			c.get(path+token, "")
			c.get(path+token, u.token)
		}
		c.send("GET", "/v1/"+marker, "", nil, "Referer", publicURL+"/reset-password?token="+token)
		c.send("GET", "/api/"+marker, "", nil, "Referer", publicURL+"/reset-password?token="+token)
	}
	c.s.restart(c.t) // which writes the log, where lines are kept for a while
	logs := func(word string) []map[string]any {
		query := url.Values{"filter": {"message ~ '" + word + "' || data ~ '" + word + "'"}, "perPage": {"500"}}
		return c.get("/api/logs?"+query.Encode(), c.s.admin).items()
	}
	if len(logs(marker)) == 0 {
		c.t.Error("the log has none of the requests: the check shows nothing")
	}
	for name, token := range map[string]string{"auth": u.token, "file": file, "reset": reset} {
		signature := token[strings.LastIndex(token, ".")+1:]
		if found := logs(signature); len(found) > 0 {
			c.t.Errorf("%d lines of the log have the %s token, such as %.300v", len(found), name, found[0])
		}
		if strings.Contains(c.s.output.String(), signature) {
			c.t.Errorf("the output has the %s token", name)
		}
	}
}

func noCookies(c *client) {
	u := c.newUser()
	for _, cookie := range []string{"token=" + u.token, "pb_auth=" + url.QueryEscape(`{"token":"`+u.token+`"}`), "Authorization=" + u.token} {
		answer := c.send("PATCH", "/v1/users/me", "", fields{"username": "crosssite"}, "Cookie", cookie, "Origin", "https://evil.example")
		if answer.status != http.StatusUnauthorized {
			c.t.Errorf("by cookie %.20s: %v", cookie, answer)
		}
	}
	login := c.login(u.email, u.password)
	if cookie := login.header.Get("Set-Cookie"); cookie != "" {
		c.t.Errorf("a login sets the cookie %q", cookie)
	}
	for _, query := range []string{"?token=" + u.token, "?Authorization=" + u.token, "?auth=" + u.token} {
		if answer := c.get("/v1/users/me"+query, ""); answer.status != http.StatusUnauthorized {
			c.t.Errorf("by query: %v", answer)
		}
	}
	for _, contentType := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "application/jsonx", "text/json"} {
		for method, path := range map[string]string{"PATCH": "/v1/users/me", "POST": "/v1/users/me/change-password", "DELETE": "/v1/users/me"} {
			answer := c.send(method, path, u.token, `{"password":"x"}`, "Content-Type", contentType)
			if answer.status != http.StatusUnsupportedMediaType {
				c.t.Errorf("%s %s as %q: %v", method, path, contentType, answer)
			}
		}
	}
}

func oddAuthorization(c *client) {
	u, other := c.newUser(), c.newUser()
	for rule, test := range map[string]struct {
		headers string
		status  []int
	}{
		"twice, the other first": {"Authorization: " + other.token + "\r\nAuthorization: " + u.token + "\r\n", []int{200, 400, 401}},
		"twice, garbage first":   {"Authorization: x\r\nAuthorization: " + u.token + "\r\n", []int{400, 401}},
		"two spaces":             {"Authorization: Bearer  " + u.token + "\r\n", []int{401}},
		"Basic":                  {"Authorization: Basic " + u.token + "\r\n", []int{401}},
		"only Bearer":            {"Authorization: Bearer\r\n", []int{401}},
		"Bearer and a space":     {"Authorization: Bearer \r\n", []int{401}},
		"two tokens":             {"Authorization: " + u.token + ", " + other.token + "\r\n", []int{401}},
		"10 kB":                  {"Authorization: " + strings.Repeat("x", 10_000) + "\r\n", []int{401}},
		"100 kB":                 {"Authorization: " + strings.Repeat("x", 100_000) + "\r\n", []int{401, 431}},
		"control characters":     {"Authorization: a\x01b\r\n", []int{400, 401}},
		"bytes beyond ASCII":     {"Authorization: \xff\xfe\r\n", []int{400, 401}},
		"dots":                   {"Authorization: " + strings.Repeat(".", 500) + "\r\n", []int{401}},
	} {
		response := c.raw("GET /v1/users/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + test.headers + "\r\n")
		if status := response.status; !slices.Contains(test.status, status) {
			c.t.Errorf("%s: %v", rule, response)
		}
		if strings.Contains(response.body, u.id) {
			c.t.Errorf("%s: shows the user whose token stands second", rule)
		}
	}
	if strings.Contains(c.s.output.String(), "panic") {
		c.t.Error("the server panicked")
	}
	if answer := c.get("/v1/users/me", "bearer "+u.token); answer.status != http.StatusOK {
		c.t.Errorf("bearer in small letters: %v", answer)
	}
}

// dial connects from the client's address.
func (c *client) dial() net.Conn {
	c.t.Helper()
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(c.host)}, Timeout: 10 * time.Second}
	conn, err := dialer.Dial("tcp", c.s.address)
	if err != nil {
		c.t.Fatal(err)
	}
	return conn
}
