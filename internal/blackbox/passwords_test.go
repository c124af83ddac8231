package blackbox

import (
	"net/http"
	"strings"
	"time"
)

// passwordChecks are what a password may be, and that no way around it exists.
func passwordChecks() []check {
	return []check{
		{"A6", "shortest password", shortestPassword},
		{"A7", "passphrases", passphrases},
		{"A8", "longest password in bytes", longestPassword},
		{"A9", "every byte counts", everyByteCounts},
		{"A11", "common passwords and their variants", commonPasswords},
		{"A12", "own words", ownWords},
		{"A13", "huge passwords cost nothing", hugePasswords},
		{"A14", "change asks for the present one", changeAsksForPresent},
		{"A15", "no way around the policy", noWayAround},
	}
}

// try signs somebody up with a password.
func (c *client) try(password string) (user, answer) {
	u := c.s.nobody()
	u.password = password
	return u, c.post("/api/collections/users/records", "", u.form())
}

// refuses fails the check unless a sign-up with the password is refused for the password, in words that do not repeat it.
func (c *client) refuses(password string) {
	c.t.Helper()
	_, answer := c.try(password)
	if answer.status != http.StatusBadRequest || answer.code("password") == "" {
		c.t.Errorf("%.80q: %v", password, answer)
	}
	if len(password) > 5 && strings.Contains(answer.body, password) {
		c.t.Errorf("%.80q is in the answer: %v", password, answer)
	}
	for _, word := range []string{"bcrypt", "sql", "panic"} {
		if strings.Contains(strings.ToLower(answer.body), word) {
			c.t.Errorf("%.80q: the answer speaks of %s: %v", password, word, answer)
		}
	}
}

// accepts fails the check unless one can sign up and log in with the password.
func (c *client) accepts(password string) {
	c.t.Helper()
	u, answer := c.try(password)
	if answer.status != http.StatusOK {
		c.t.Errorf("%.80q: %v", password, answer)
		return
	}
	if login := c.login(u.email, password); login.status != http.StatusOK {
		c.t.Errorf("login with %.80q: %v", password, login)
	}
}

func shortestPassword(c *client) {
	for _, password := range []string{"k", "kV9#qZ2!x", "zu€€€"} {
		c.refuses(password)
	}
	if _, answer := c.try("kV9#qZ2!x"); !strings.Contains(answer.body, "10") {
		c.t.Errorf("the answer does not name the rule: %v", answer)
	}
	c.accepts("kV9#qZ2!xw")
}

func passphrases(c *client) {
	for _, password := range []string{"walrus pickle thunder ozone", "brisket umbrella quokka", "чудесный барсук летает", "🧗 quartz 🪨 heron 🦅 mango", "xkqvmwzpjrtbnlhgfdsy"} {
		c.accepts(password)
	}
}

func longestPassword(c *client) {
	c.accepts(letters(64))
	c.accepts(letters(71))
	c.refuses(letters(72))
	c.refuses(letters(200))
	c.refuses(strings.Repeat("€", 24)) // 72 bytes
	c.refuses(strings.Repeat("€", 25))
	c.accepts("żółwie€gęś€" + letters(40))
	for _, control := range []string{"\x00", "\n", "\r\n", "\x1b", "\x7f", "\u0085"} {
		c.refuses("granite" + control + letters(12))
	}
}

func everyByteCounts(c *client) {
	u := c.s.nobody()
	u.password = canary + "-" + letters(62) // 71 bytes
	if answer := c.post("/api/collections/users/records", "", u.form()); answer.status != http.StatusOK {
		c.t.Fatalf("sign-up: %v", answer)
	}
	p := u.password
	for rule, wrong := range map[string]string{
		"one more": p + "x", "other case": strings.ToUpper(p), "without the last": p[:70], "a space before": " " + p,
		"many more": p + strings.Repeat("y", 100),
	} {
		// Each from its own address: five wrong ones would lock the login from one.
		if login := c.s.client(c.t).login(u.email, wrong); login.status != http.StatusBadRequest {
			c.t.Errorf("%s: %v", rule, login)
		}
	}
	if login := c.login(u.email, p); login.status != http.StatusOK {
		c.t.Errorf("the right one: %v", login)
	}
}

func commonPasswords(c *client) {
	count := 0
	for _, word := range []string{"password", "iloveyou", "princess", "football", "baseball", "sunshine", "qwertyuiop", "1234567890", "trustno1", "superman", "letmein", "welcome"} {
		from := c.s.client(c.t) // the checks of one address are limited
		leet := strings.NewReplacer("a", "@", "e", "3", "i", "1", "o", "0", "s", "$").Replace(word)
		variants := []string{word + "12", word + "2024", word + "123!", word + word, strings.ToUpper(word[:1]) + word[1:] + "12", strings.ToUpper(word) + "1!", leet + "12"}
		for _, password := range variants {
			if len(password) < 10 {
				continue
			}
			if answer := from.post("/v1/password-check", "", fields{"password": password}); answer.json()["accepted"] != false {
				c.t.Errorf("%q: %v", password, answer)
			}
			count++
		}
		c.refuses(word + "2024") // the check says what a sign-up does
	}
	if count < 60 {
		c.t.Errorf("only %d are long enough to show anything", count)
	}
}

func ownWords(c *client) {
	for _, password := range []string{
		"cragbase12", "Cragbase2026", "cragbasecragbase", "CragBase!!", "mountainproject", "mountainproject1", "climbing12", "climbingclimbing", "climbing climbing climbing",
	} {
		if answer := c.post("/v1/password-check", "", fields{"password": password}); answer.json()["accepted"] != false {
			c.t.Errorf("%q: %v", password, answer)
		}
	}
	c.refuses("cragbasecragbase")
	for _, own := range []string{"wilhelmina.kowalczyk", "wilhelmina.kowalczyk1", "Kowalczyk2026", "kowalczykkowalczyk", "basaltowlzz1", "BasaltOwlZz"} {
		u := user{username: "basaltowlzz", email: "wilhelmina.kowalczyk@example.com", password: own}
		check := c.post("/v1/password-check", "", fields{"password": own, "username": u.username, "email": u.email})
		if check.status != http.StatusOK || check.json()["accepted"] != false {
			c.t.Errorf("password-check of %q: %v", own, check)
		}
		if answer := c.post("/api/collections/users/records", "", u.form()); answer.status != http.StatusBadRequest || answer.code("password") == "" {
			c.t.Errorf("%q of %s, %s: %v", own, u.username, u.email, answer)
		}
	}
}

// hugePasswords: zxcvbn would take seconds for some thousand characters, bcrypt 60 ms.
func hugePasswords(c *client) {
	u := c.newUser()
	for size, length := range map[string]int{"1 kB": 1 << 10, "10 kB": 10_000, "1 MB": 1 << 20} {
		huge := strings.Repeat(letters(100), length/100)
		for name, request := range map[string]func(*client) answer{
			"sign-up":      func(c *client) answer { _, a := c.try(huge); return a },
			"login":        func(c *client) answer { return c.login(u.email, huge) },
			"change":       func(c *client) answer { return c.change(u, u.password, huge) },
			"old password": func(c *client) answer { return c.change(u, huge, newPassword()) },
			"PATCH": func(c *client) answer {
				return c.send("PATCH", "/v1/users/me", u.token, fields{"password": huge, "current_password": u.password})
			},
			"password-check": func(c *client) answer { return c.post("/v1/password-check", "", fields{"password": huge}) },
		} {
			answer, fastest := within(50*time.Millisecond, func() answer { return request(c.s.client(c.t)) })
			refused := answer.status == http.StatusBadRequest || answer.status == http.StatusRequestEntityTooLarge
			if name == "password-check" && answer.status == http.StatusOK {
				refused = answer.json()["accepted"] == false
			}
			if !refused || fastest > 50*time.Millisecond {
				c.t.Errorf("%s of %s, %v at best: %v", name, size, fastest, answer)
			}
		}
	}
}

func (c *client) change(u user, old, password string) answer {
	return c.post("/v1/users/me/change-password", u.token, fields{"old_password": old, "new_password": password, "confirmation": password})
}

func changeAsksForPresent(c *client) {
	u := c.newUser()
	for rule, test := range map[string]struct {
		body        fields
		field, code string
	}{
		"none":         {fields{"new_password": newPassword()}, "old_password", ""},
		"wrong":        {fields{"old_password": "wrong-" + letters(9), "new_password": "granite-walrus-91", "confirmation": "granite-walrus-91"}, "old_password", "invalid_password"},
		"the same":     {fields{"old_password": u.password, "new_password": u.password, "confirmation": u.password}, "new_password", "validation_same_password"},
		"weak":         {fields{"old_password": u.password, "new_password": "password12", "confirmation": "password12"}, "new_password", "weak_password"},
		"not repeated": {fields{"old_password": u.password, "new_password": "granite-walrus-91", "confirmation": "granite-walrus-92"}, "confirmation", "validation_values_mismatch"},
	} {
		answer := c.post("/v1/users/me/change-password", u.token, test.body)
		if got := answer.code(test.field); answer.status != http.StatusBadRequest || got == "" || test.code != "" && got != test.code {
			c.t.Errorf("%s: %v", rule, answer)
		}
	}
	for rule, body := range map[string]fields{
		"PATCH without": {"password": "granite-walrus-91"}, "PATCH with a wrong one": {"password": "granite-walrus-91", "current_password": "wrong-" + letters(9)},
	} {
		if answer := c.send("PATCH", "/v1/users/me", u.token, body); answer.status != http.StatusBadRequest || answer.code("current_password") == "" {
			c.t.Errorf("%s: %v", rule, answer)
		}
	}
	if login := c.login(u.email, u.password); login.status != http.StatusOK || c.isDead(u.token) {
		c.t.Errorf("a change that was refused changed something: %v", login)
	}
	// The wrong ones above count: two so far, so the third from here is the fifth.
	for i := range 3 {
		if answer := c.change(u, "wrong-"+letters(9), "granite-walrus-91"); answer.status != http.StatusBadRequest {
			c.t.Errorf("wrong password %d: %v", i+3, answer)
		}
	}
	if answer := c.change(u, u.password, "granite-walrus-91"); answer.status != http.StatusTooManyRequests {
		c.t.Errorf("after five wrong ones: %v", answer)
	}
}

func noWayAround(c *client) {
	const weak = "password12"
	u := c.newUser()
	native := "/api/collections/users/records/" + u.id
	for rule, request := range map[string]func() answer{
		"PATCH": func() answer {
			return c.send("PATCH", "/v1/users/me", u.token, fields{"password": weak, "current_password": u.password})
		},
		"the record": func() answer {
			return c.send("PATCH", native, u.token, fields{"oldPassword": u.password, "password": weak, "passwordConfirm": weak})
		},
		"the record, strong": func() answer {
			return c.send("PATCH", native, u.token, fields{"oldPassword": u.password, "password": "granite-walrus-91", "passwordConfirm": "granite-walrus-91"})
		},
		"a batch": func() answer {
			return c.post("/api/batch", u.token, fields{"requests": []fields{{"method": "POST", "url": "/api/collections/users/records", "body": user{username: "batched", email: "batched@example.com", password: weak}.form()}}})
		},
		"an administrator": func() answer {
			return c.send("PATCH", native, c.s.admin, fields{"password": weak, "passwordConfirm": weak})
		},
		"an administrator's new": func() answer {
			return c.post("/api/collections/users/records", c.s.admin, user{username: "imported", email: "imported@example.com", password: weak}.form())
		},
		"OAuth2": func() answer {
			return c.post("/api/collections/users/auth-with-oauth2", "", fields{"provider": "oidc", "code": "x", "codeVerifier": "x", "redirectURL": "http://x", "createData": fields{"password": weak, "passwordConfirm": weak}})
		},
	} {
		if answer := request(); answer.status < 400 || answer.status >= 500 {
			c.t.Errorf("%s: %v", rule, answer)
		}
	}
	c.post("/api/collections/users/request-password-reset", "", fields{"email": u.email})
	reset := fields{"token": c.mailed(u.email, "password_reset", 1), "password": weak, "passwordConfirm": weak}
	if answer := c.post("/api/collections/users/confirm-password-reset", "", reset); answer.status != http.StatusBadRequest || answer.code("password") == "" {
		c.t.Errorf("reset: %v", answer)
	}
	if login := c.login(u.email, weak); login.status != http.StatusBadRequest {
		c.t.Errorf("login with the weak password: %v", login)
	}
	if login := c.login(u.email, u.password); login.status != http.StatusOK {
		c.t.Errorf("login with one's own: %v", login)
	}
}
