package blackbox

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// accountChecks are what strangers may learn of accounts and do to them.
func accountChecks() []check {
	return []check{
		{"A1", "login tells nobody who has an account", loginTellsNothing},
		{"A3", "nor does a reset", resetTellsNothing},
		{"A4", "nor does a sign-up", signUpTellsNothing},
		{"A5", "nor do other mails on request", mailsTellNothing},
		{"A16", "five wrong passwords lock the change", wrongPasswordsLock},
		{"A17", "nobody can lock another one out", nobodyLocksOut},
		{"A18", "guesses in parallel", parallelGuesses},
		{"A19", "mails about what happened", mailsAboutChanges},
		{"A20", "change of address", changeOfAddress},
		{"A21", "reset links", resetLinks},
		{"A22", "usernames", usernames},
		{"A23", "no default administrator", noDefaultAdministrator},
		{"A24", "only passwords log in", onlyPasswords},
	}
}

// wrong is a password that nobody has.
const wrong = "wrong-granite-heron-19"

// rounds is how often each kind of login is tried. The fifth wrong one locks an account, so it takes one account for four.
const rounds = 16

func loginTellsNothing(c *client) {
	var byEmail, byName, gone []user
	for range rounds / 4 {
		byEmail, byName = append(byEmail, c.signUp()), append(byName, c.signUp())
		u := c.newUser()
		if answer := c.post("/v1/users/me/deactivate", u.token, fields{"password": u.password}); answer.status != http.StatusOK {
			c.t.Fatalf("deactivate: %v", answer)
		}
		gone = append(gone, u)
	}
	// What the machine does besides changes from round to round, so the tries of a round are compared.
	times := map[string][]time.Duration{}
	var reference answer
	for i := range rounds {
		missing := c.s.nobody()
		round := map[string]answer{}
		for kind, identity := range map[string]string{
			"an account": byEmail[i/4].email, "a username": byName[i/4].username, "a deactivated account": gone[i/4].email, "nobody": missing.email, "no username": missing.username + "x",
		} {
			login := c.login(identity, wrong)
			round[kind] = login
			if reference.status == 0 {
				reference = login
			}
			if login.status != http.StatusBadRequest || !same(login, reference) {
				c.t.Errorf("%s: %v, and another one %v", kind, login, reference)
			}
		}
		for kind, login := range round {
			times[kind] = append(times[kind], login.took)
		}
	}
	for kind, taken := range times {
		if tells(times["nobody"], taken) {
			c.t.Errorf("%s takes %v, nobody %v (medians of %d)", kind, median(taken), median(times["nobody"]), rounds)
		}
	}
	// A lock tells nothing either: a name that nobody has is locked as well.
	missing := c.s.nobody()
	for range 5 {
		c.login(missing.email, wrong)
	}
	if login := c.login(missing.email, wrong); login.status != http.StatusTooManyRequests {
		c.t.Errorf("the sixth wrong login of nobody: %v", login)
	}
}

// tellsNothing compares the answers to addresses with and without an account, and how long they take.
func (c *client) tellsNothing(request func(email string) answer, status int) {
	c.t.Helper()
	var with, without []time.Duration
	for range 12 {
		u := c.signUp()
		a, b := request(u.email), request(c.s.nobody().email)
		if a.status != status || !same(a, b) {
			c.t.Errorf("with an account %v, without %v", a, b)
			return
		}
		with, without = append(with, a.took), append(without, b.took)
	}
	if tells(without, with) {
		c.t.Errorf("with an account %v, without %v (medians of 12)", median(with), median(without))
	}
}

func resetTellsNothing(c *client) {
	c.tellsNothing(func(email string) answer {
		return c.post("/api/collections/users/request-password-reset", "", fields{"email": email})
	}, http.StatusNoContent)
}

func mailsTellNothing(c *client) {
	c.tellsNothing(func(email string) answer {
		return c.post("/api/collections/users/request-verification", "", fields{"email": email})
	}, http.StatusNoContent)
	known, unknown := c.signUp(), c.s.nobody()
	otp := func(email string) answer {
		return c.post("/api/collections/users/request-otp", "", fields{"email": email})
	}
	if a, b := otp(known.email), otp(unknown.email); !same(a, b) {
		c.t.Errorf("one-time password: with an account %v, without %v", a, b)
	}
	u := c.newUser()
	change := func(email string) answer {
		return c.post("/api/collections/users/request-email-change", u.token, fields{"newEmail": email})
	}
	for _, taken := range []string{known.email, strings.ToUpper(known.email)} {
		if a, b := change(taken), change(unknown.email); a.status != http.StatusNoContent || !same(a, b) {
			c.t.Errorf("change to a taken address %v, to a free one %v", a, b)
		}
	}
}

func signUpTellsNothing(c *client) {
	owner := c.signUp()
	var fresh, taken []time.Duration
	for i := range 8 {
		a := c.s.nobody()
		b := c.s.nobody()
		b.email = owner.email
		if i%2 == 1 {
			b.email = strings.ToUpper(owner.email)
		}
		free, again := c.post("/api/collections/users/records", "", a.form()), c.post("/api/collections/users/records", "", b.form())
		fresh, taken = append(fresh, free.took), append(taken, again.took)
		if free.status != http.StatusOK || again.status != http.StatusOK {
			c.t.Fatalf("a free address %v, a taken one %v", free, again)
		}
		if x, y := slices.Sorted(maps.Keys(free.json())), slices.Sorted(maps.Keys(again.json())); !slices.Equal(x, y) {
			c.t.Errorf("fields: free %v, taken %v", x, y)
		}
		for name, value := range free.json() {
			other := again.json()[name]
			switch name {
			case "id", "username", "email", "created", "updated":
				if len(value.(string)) != len(other.(string)) && name != "username" && name != "email" {
					c.t.Errorf("%s: free %v, taken %v", name, value, other)
				}
			default:
				if value != other {
					c.t.Errorf("%s: free %v, taken %v", name, value, other)
				}
			}
		}
		if login := c.login(b.username, b.password); login.status != http.StatusBadRequest {
			c.t.Errorf("login as who got no account: %v", login)
		}
	}
	if tells(fresh, taken) {
		c.t.Errorf("a free address takes %v, a taken one %v (medians of 8)", median(fresh), median(taken))
	}
	if !eventually(func() bool { return slices.Contains(c.kinds(owner.email), "sign_up_again") }) {
		c.t.Errorf("the owner has mails %v", c.kinds(owner.email))
	}
	if login := c.login(owner.email, owner.password); login.status != http.StatusOK {
		c.t.Errorf("the owner's login: %v", login)
	}
}

func wrongPasswordsLock(c *client) {
	u, other := c.newUser(), c.newUser()
	for i := range 5 {
		// From different addresses, and through every door that asks for the password.
		from := c.s.client(c.t)
		answers := []answer{}
		switch i % 3 {
		case 0:
			answers = append(answers, from.change(u, wrong, newPassword()))
		case 1:
			answers = append(answers, from.send("PATCH", "/v1/users/me", u.token, fields{"email": "x@example.com", "current_password": wrong}))
		default:
			answers = append(answers, from.post("/v1/users/me/deactivate", u.token, fields{"password": wrong}))
		}
		if answers[0].status != http.StatusBadRequest {
			c.t.Errorf("wrong password %d: %v", i+1, answers[0])
		}
	}
	check := func(when string) {
		c.t.Helper()
		no, yes := c.change(u, wrong, newPassword()), c.change(u, u.password, newPassword())
		for name, answer := range map[string]answer{
			"wrong": no, "right": yes,
			"deactivate": c.post("/v1/users/me/deactivate", u.token, fields{"password": u.password}),
			"erase":      c.send("DELETE", "/v1/users/me", u.token, fields{"password": u.password}),
			"PATCH":      c.send("PATCH", "/v1/users/me", u.token, fields{"email": "x@example.com", "current_password": u.password}),
		} {
			wait, _ := strconv.Atoi(answer.header.Get("Retry-After"))
			if answer.status != http.StatusTooManyRequests || answer.json()["code"] != "too_many_attempts" || wait < 600 || wait > 900 {
				c.t.Errorf("%s, %s: Retry-After %q, %v", when, name, answer.header.Get("Retry-After"), answer)
			}
		}
		if !same(no, yes) {
			c.t.Errorf("%s: the lock tells right from wrong: %v, %v", when, yes, no)
		}
	}
	check("locked")
	c.s.restart(c.t)
	check("after a restart")
	if answer := c.change(other, other.password, newPassword()); answer.status != http.StatusOK {
		c.t.Errorf("another user: %v", answer)
	}
	if login := c.login(u.email, u.password); login.status != http.StatusOK {
		c.t.Errorf("a login is locked by it: %v", login)
	}
	mails := slices.DeleteFunc(c.kinds(u.email), func(kind string) bool { return kind != "too_many_attempts" })
	if len(mails) != 1 {
		c.t.Errorf("%d mails about it, want 1", len(mails))
	}
}

func nobodyLocksOut(c *client) {
	alice := c.newUser() // from her own address
	for range 21 {
		attacker := c.s.client(c.t)
		for range 5 {
			attacker.login(alice.email, wrong)
		}
		if login := attacker.login(alice.email, alice.password); login.status != http.StatusTooManyRequests {
			c.t.Errorf("an attacker's sixth: %v", login)
		}
	}
	if login := c.s.client(c.t).login(alice.email, alice.password); login.status != http.StatusTooManyRequests {
		c.t.Errorf("after a hundred wrong ones, from an address that she never used: %v", login)
	}
	if login := c.login(alice.email, alice.password); login.status != http.StatusOK {
		c.t.Errorf("Alice from her own address: %v", login)
	}
	if answer := c.change(alice, alice.password, newPassword()); answer.status != http.StatusOK {
		c.t.Errorf("Alice changes her password: %v", answer)
	}
}

func parallelGuesses(c *client) {
	u := c.signUp()
	var mu sync.Mutex
	counts := map[int]int{}
	var group sync.WaitGroup
	for range 200 {
		group.Go(func() {
			login := c.login(u.email, wrong)
			mu.Lock()
			defer mu.Unlock()
			counts[login.status]++
		})
	}
	group.Wait()
	if counts[http.StatusBadRequest] != 5 || counts[http.StatusTooManyRequests] != 195 {
		c.t.Errorf("answers by status: %v, want 5 times 400 and 195 times 429", counts)
	}
}

func mailsAboutChanges(c *client) {
	u := c.newUser()
	second := newPassword()
	change := c.change(u, u.password, second)
	u.password, u.token = second, ""
	u.token, _ = change.json()["token"].(string)
	fresh := c.s.nobody().email
	old := u.email
	if answer := c.send("PATCH", "/v1/users/me", u.token, fields{"email": fresh, "current_password": u.password}); answer.status != http.StatusOK {
		c.t.Fatalf("PATCH: %v", answer)
	}
	confirm := fields{"token": c.mailed(fresh, "email_change", 1), "password": u.password}
	if answer := c.post("/api/collections/users/confirm-email-change", "", confirm); answer.status != http.StatusNoContent {
		c.t.Fatalf("confirm: %v", answer)
	}
	u.email = fresh
	u.token = c.mustLogin(u)
	c.post("/v1/users/me/deactivate", u.token, fields{"password": u.password})
	c.mustLogin(u)
	for address, kinds := range map[string][]string{old: {"password_changed", "email_changing", "email_changed"}, fresh: {"deactivated", "reactivated"}} {
		for _, kind := range kinds {
			if !eventually(func() bool { return slices.Contains(c.kinds(address), kind) }) {
				c.t.Errorf("no mail %s; there are %v", kind, c.kinds(address))
			}
		}
	}
}

func changeOfAddress(c *client) {
	u := c.newUser()
	device := c.mustLogin(u)
	fresh := c.s.nobody().email
	for rule, body := range map[string]fields{"without a password": {"email": fresh}, "with a wrong one": {"email": fresh, "current_password": wrong}} {
		if answer := c.send("PATCH", "/v1/users/me", u.token, body); answer.status != http.StatusBadRequest || answer.code("current_password") == "" {
			c.t.Errorf("%s: %v", rule, answer)
		}
	}
	answer := c.send("PATCH", "/v1/users/me", u.token, fields{"email": fresh, "current_password": u.password})
	if me := answer.json(); answer.status != http.StatusOK || me["email"] != u.email || me["pending_email"] != fresh {
		c.t.Fatalf("PATCH: %v", answer)
	}
	token := c.mailed(fresh, "email_change", 1)
	if answer := c.post("/api/collections/users/confirm-email-change", "", fields{"token": token, "password": wrong}); answer.status != http.StatusBadRequest {
		c.t.Errorf("confirm with a wrong password: %v", answer)
	}
	if c.isDead(u.token) {
		c.t.Error("the token is dead before the confirmation")
	}
	if answer := c.post("/api/collections/users/confirm-email-change", "", fields{"token": token, "password": u.password}); answer.status != http.StatusNoContent {
		c.t.Fatalf("confirm: %v", answer)
	}
	if !c.isDead(u.token) || !c.isDead(device) {
		c.t.Error("tokens outlive the change of address")
	}
	if answer := c.post("/api/collections/users/confirm-email-change", "", fields{"token": token, "password": u.password}); answer.status != http.StatusBadRequest {
		c.t.Errorf("the link works twice: %v", answer)
	}
	if a, b := c.login(u.email, u.password), c.login(fresh, u.password); a.status != http.StatusBadRequest || b.status != http.StatusOK {
		c.t.Errorf("login with the former address %v, with the new one %v", a, b)
	}
}

// claims are what a token says, unchecked.
func claims(token string) map[string]any {
	var object map[string]any
	if parts := strings.Split(token, "."); len(parts) == 3 {
		text, _ := base64.RawURLEncoding.DecodeString(parts[1])
		_ = json.Unmarshal(text, &object) // nil when it is none
	}
	return object
}

func resetLinks(c *client) {
	u := c.newUser()
	ask := func() { c.post("/api/collections/users/request-password-reset", "", fields{"email": u.email}) }
	confirm := func(token, password string) answer {
		return c.post("/api/collections/users/confirm-password-reset", "", fields{"token": token, "password": password, "passwordConfirm": password})
	}
	ask()
	token := c.mailed(u.email, "password_reset", 1)
	if expires, _ := claims(token)["exp"].(float64); expires == 0 || time.Until(time.Unix(int64(expires), 0)) > 30*time.Minute+time.Second {
		c.t.Errorf("the link lives until %v", time.Unix(int64(expires), 0))
	}
	if !c.isDead(token) {
		c.t.Error("the link's token logs in")
	}
	u.password = newPassword()
	if answer := confirm(token, u.password); answer.status != http.StatusNoContent {
		c.t.Fatalf("reset: %v", answer)
	}
	if !c.isDead(u.token) {
		c.t.Error("a token outlives the reset")
	}
	if answer := confirm(token, newPassword()); answer.status != http.StatusBadRequest {
		c.t.Errorf("the link works twice: %v", answer)
	}
	if login := c.login(u.email, u.password); login.status != http.StatusOK {
		c.t.Errorf("login with the new password: %v", login)
	}

	// A link is dead as well when the password or the address changed meanwhile.
	for rule, change := range map[string]func(u user){
		"a change of password": func(u user) { c.change(u, u.password, newPassword()) },
		"a change of address": func(u user) {
			fresh := c.s.nobody().email
			c.send("PATCH", "/v1/users/me", u.token, fields{"email": fresh, "current_password": u.password})
			c.post("/api/collections/users/confirm-email-change", "", fields{"token": c.mailed(fresh, "email_change", 1), "password": u.password})
		},
	} {
		other := c.newUser()
		c.post("/api/collections/users/request-password-reset", "", fields{"email": other.email})
		token := c.mailed(other.email, "password_reset", 1)
		change(other)
		if answer := confirm(token, newPassword()); answer.status != http.StatusBadRequest {
			c.t.Errorf("after %s: %v", rule, answer)
		}
	}
}

func usernames(c *client) {
	u := c.newUser()
	for rule, name := range map[string]string{
		"a look-alike letter": "pаypal", "zero width": "pay\u200bpal", "right to left": "abc\u202edef", "spaces": "     ", "a space": "a climber", "an emoji": "climber🧗",
		"a line break": "abc\r\ndef", "NUL": "abc\x00def", "10 kB": strings.Repeat("x", 10_000), "two letters": "ab", "51 letters": strings.Repeat("x", 51),
		"full width": "ｃｌｉｍｂｅｒ", "a combining accent": "cafe\u0301s", "HTML": "<b>bold</b>", "an address": "somebody@example.com", "a slash": "a/b/c", "another's in capitals": strings.ToUpper(u.username),
	} {
		other := c.s.nobody()
		other.username = name
		if answer := c.post("/api/collections/users/records", "", other.form()); answer.status != http.StatusBadRequest || answer.code("username") == "" {
			c.t.Errorf("sign-up, %s: %v", rule, answer)
		}
		if rule == "another's in capitals" {
			continue // one's own in other letters is fine
		}
		if answer := c.send("PATCH", "/v1/users/me", u.token, fields{"username": name}); answer.status != http.StatusBadRequest || answer.code("username") == "" {
			c.t.Errorf("PATCH, %s: %v", rule, answer)
		}
	}
}

func noDefaultAdministrator(c *client) {
	if output := c.s.output.String(); strings.Contains(output, "pbinstal") || strings.Contains(output, "/_/#/") {
		c.t.Errorf("a link for the first administrator was printed:\n%s", output)
	}
	list := c.get("/api/collections/_superusers/records", c.s.admin).items()
	if len(list) != 1 || list[0]["email"] != adminEmail {
		c.t.Errorf("administrators: %v", list)
	}
	for _, identity := range []string{"admin@example.org", "admin", "root@localhost", "__pbinstaller@example.com"} {
		login := c.post("/api/collections/_superusers/auth-with-password", "", fields{"identity": identity, "password": "1234567890"})
		if login.status != http.StatusBadRequest {
			c.t.Errorf("%s: %v", identity, login)
		}
	}
	if answer := c.post("/api/collections/_superusers/records", "", fields{"email": "x@example.com", "password": adminPassword, "passwordConfirm": adminPassword}); answer.status != http.StatusForbidden {
		c.t.Errorf("a guest makes an administrator: %v", answer)
	}
}

func onlyPasswords(c *client) {
	methods := c.get("/api/collections/users/auth-methods", "").json()
	for name, on := range map[string]bool{"password": true, "otp": false, "mfa": false, "oauth2": false} {
		method, _ := methods[name].(map[string]any)
		if method["enabled"] != on {
			c.t.Errorf("%s: %v", name, methods[name])
		}
	}
	u := c.newUser()
	users := "/api/collections/users/"
	for path, body := range map[string]fields{
		"request-otp": {"email": u.email}, "auth-with-otp": {"otpId": "x", "password": "123456"}, "impersonate/" + u.id: {"duration": 3600},
		"auth-with-oauth2": {"provider": "google", "code": "x", "codeVerifier": "x", "redirectURL": "http://x"},
	} {
		for _, token := range []string{"", u.token} {
			if answer := c.post(users+path, token, body); answer.status < 400 || answer.status >= 500 || answer.json()["token"] != nil {
				c.t.Errorf("%s: %v", path, answer)
			}
		}
	}
	query := url.Values{"filter": {"email='" + u.email + "'"}}
	if items := c.get(users+"records?"+query.Encode(), "").items(); len(items) != 0 {
		c.t.Errorf("a guest sees %v", items)
	}
}
