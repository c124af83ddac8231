package blackbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// accessChecks are what one user can see or change of others, and of what the server keeps of themselves.
func accessChecks() []check {
	return []check{
		{"C1", "server fields by PATCH", serverFieldsByPatch},
		{"C2", "server fields by the record", serverFieldsByRecord},
		{"C3", "server fields by batch", serverFieldsByBatch},
		{"C4", "server fields at sign-up", serverFieldsAtSignUp},
		{"C5", "records of others", recordsOfOthers},
		{"C6", "records in another's name", recordsInAnothersName},
		{"C8", "filters on what is hidden", hiddenFilters},
		{"C9", "sorting by what is hidden", hiddenSorts},
		{"C10", "expanding to others", expanding},
		{"C11", "addresses of others", addressesOfOthers},
		{"C13", "large and costly lists", costlyLists},
		{"C14", "administrators' routes", administratorsRoutes},
		{"C15", "realtime of others", realtimeOfOthers},
		{"C16", "made-up topics", madeUpTopics},
		{"C18", "the end of a plan acts at once", downgradeActsAtOnce},
		{"C19", "files", files},
		{"C20", "every route is known", knownRoutes},
		{"C21", "exactly the fields of the contract", exactFields},
		{"C22", "PocketBase's own collections", systemCollections},
	}
}

// serverFields are fields of a user that are not theirs to write.
func serverFields() fields {
	return fields{
		"tier": "premium", "payment_status": "active", "is_superuser": true, "is_active": false, "verified": true, "daily_message_count": 0, "last_message_date": nil,
		"mtn_project_last_sync": "2020-01-01 00:00:00.000Z", "eight_a_last_sync": "2020-01-01 00:00:00.000Z", "last_login": "2020-01-01 00:00:00.000Z",
		"pending_email": "x@example.com", "banned_at": "", "deactivated_at": "2020-01-01 00:00:00.000Z", "erase_at": "2020-01-01 00:00:00.000Z",
		"stripe_customer_id": "cus_1", "id": "attackerchosen1", "collectionId": "pbc_3142635823", "collectionName": "_superusers", "created": "2020-01-01 00:00:00.000Z",
		"updated": "2020-01-01 00:00:00.000Z", "created_at": "2020-01-01T00:00:00.000Z", "tokenKey": strings.Repeat("k", 50), "passwordHash": "x", "emailVisibility": true, "deleted_at": nil,
	}
}

func serverFieldsByPatch(c *client) {
	u := c.newUser()
	before := c.record(u.id)
	for field, value := range serverFields() {
		answer := c.send("PATCH", "/v1/users/me", u.token, fields{field: value})
		if code := answer.code(field); answer.status != http.StatusBadRequest || code != "not_updatable" && code != "unknown_field" {
			c.t.Errorf("%s: %v", field, answer)
		}
		if answer := c.send("PATCH", "/v1/users/me", u.token, fields{field: value, "username": "changed-too"}); answer.status != http.StatusBadRequest {
			c.t.Errorf("%s beside one's own: %v", field, answer)
		}
	}
	if after := c.record(u.id); after != before {
		c.t.Errorf("changed:\n%s\n%s", before, after)
	}
}

func serverFieldsByRecord(c *client) {
	u := c.newUser()
	before := c.record(u.id)
	path := "/api/collections/users/records/" + u.id
	refused := func(rule string, answer answer) {
		c.t.Helper()
		if answer.status < 400 || answer.status >= 500 {
			c.t.Errorf("%s: %v", rule, answer)
		}
	}
	for field, value := range serverFields() {
		refused(field, c.send("PATCH", path, u.token, fields{field: value}))
	}
	for _, name := range []string{"tier+", "tier-", "+tier", "tier:autogenerate", "Tier", " tier", "tier ", "TIER", "daily_message_count+", "users.tier"} {
		refused(name, c.send("PATCH", path, u.token, fields{name: "premium"}))
	}
	refused("a form", c.send("PATCH", path, u.token, "tier=premium", "Content-Type", "application/x-www-form-urlencoded"))
	refused("a form with a payload", c.send("PATCH", path, u.token, "@jsonPayload="+url.QueryEscape(`{"tier":"premium"}`), "Content-Type", "application/x-www-form-urlencoded"))
	refused("twice", c.send("PATCH", path, u.token, `{"username":"fine","tier":"free","tier":"premium"}`))
	for _, parts := range []map[string]string{{"tier": "premium"}, {"@jsonPayload": `{"tier":"premium"}`}} {
		contentType, body := form(parts)
		refused("multipart", c.send("PATCH", path, u.token, body, "Content-Type", contentType))
	}
	refused("PUT", c.send("PUT", path, u.token, fields{"tier": "premium"}))
	refused("POST", c.send("POST", path, u.token, fields{"tier": "premium"}))
	refused("an override", c.send("POST", path, u.token, fields{"tier": "premium"}, "X-HTTP-Method-Override", "PATCH"))
	refused("by id of the collection", c.send("PATCH", "/api/collections/_pb_users_auth_/records/"+u.id, u.token, fields{"tier": "premium"}))
	refused("DELETE", c.send("DELETE", path, u.token, nil))
	if after := c.record(u.id); after != before {
		c.t.Errorf("changed:\n%s\n%s", before, after)
	}
}

// form is a multipart body.
func form(parts map[string]string) (contentType, body string) {
	var buffer bytes.Buffer
	writer := multipart.NewWriter(&buffer)
	for name, value := range parts {
		_ = writer.WriteField(name, value) // a buffer takes everything
	}
	_ = writer.Close()
	return writer.FormDataContentType(), buffer.String()
}

func serverFieldsByBatch(c *client) {
	u := c.newUser()
	before := c.record(u.id)
	for method, path := range map[string]string{"PATCH": "/api/collections/users/records/" + u.id, "PUT": "/api/collections/users/records", "POST": "/api/collections/users/records"} {
		body := fields{"requests": []fields{{"method": method, "url": path, "body": fields{"id": u.id, "tier": "premium", "is_superuser": true}}}}
		if answer := c.post("/api/batch", u.token, body); answer.status != http.StatusForbidden {
			c.t.Errorf("%s: %v", method, answer)
		}
	}
	if after := c.record(u.id); after != before {
		c.t.Errorf("changed:\n%s\n%s", before, after)
	}
}

func serverFieldsAtSignUp(c *client) {
	count := func() any { return c.get("/api/collections/users/records?perPage=1", c.s.admin).json()["totalItems"] }
	before := count()
	for field, value := range serverFields() {
		u := c.s.nobody()
		body := u.form()
		body[field] = value
		answer := c.post("/api/collections/users/records", "", body)
		if answer.status != http.StatusBadRequest || answer.code(field) == "" {
			c.t.Errorf("%s: %v", field, answer)
		}
	}
	for _, parts := range []map[string]string{{"tier": "premium"}, {"@jsonPayload": `{"tier":"premium"}`}, {"is_superuser": "true"}, {"tier+": "premium"}} {
		u := c.s.nobody()
		for name, value := range u.form() {
			parts[name] = value.(string)
		}
		contentType, body := form(parts)
		if answer := c.send("POST", "/api/collections/users/records", "", body, "Content-Type", contentType); answer.status != http.StatusBadRequest {
			c.t.Errorf("multipart: %v", answer)
		}
	}
	if after := count(); after != before {
		c.t.Errorf("%v users before, %v after: somebody was signed up all the same", before, after)
	}
	me := c.get("/v1/users/me", c.newUser().token).json()
	if me["tier"] != "free" || me["payment_status"] != "inactive" || me["is_superuser"] != false || me["is_active"] != true || me["verified"] != false {
		c.t.Errorf("a new user is %v", me)
	}
}

// withTicks makes a user who has imported one tick with a mark in it.
func (c *client) withTicks(mark string) user {
	c.t.Helper()
	u := c.newUser()
	csv := `Date,Route,Rating,Notes,URL,Pitches,Location,"Avg Stars","Your Stars",Style,"Lead Style","Route Type","Your Rating",Length,"Rating Code"` + "\n" +
		"2026-05-01,\"" + mark + "\",5.9," + mark + ",https://www.mountainproject.com/route/900000001/x,1,\"Granite State > Echo Dome\",3.0,-1,Lead,Onsight,Sport,,80,2400\n"
	var buffer bytes.Buffer
	writer := multipart.NewWriter(&buffer)
	part, _ := writer.CreateFormFile("file", mark+".csv")
	_, _ = part.Write([]byte(csv)) // a buffer takes everything
	_ = writer.Close()
	if answer := c.send("POST", "/v1/users/me/ticks/import", u.token, buffer.String(), "Content-Type", writer.FormDataContentType()); answer.status != http.StatusOK {
		c.t.Fatalf("import: %v", answer)
	}
	return u
}

// owned are the collections with records of users.
func owned() []string { return []string{"users", "ticks", "imports", "usage", "sessions", "sync_runs"} }

func recordsOfOthers(c *client) {
	mark := letters(16)
	alice, bob := c.withTicks(mark), c.newUser()
	seen := 0
	for _, collection := range owned() {
		records := "/api/collections/" + collection + "/records"
		for _, record := range c.get(records, alice.token).items() {
			seen++
			path := records + "/" + record["id"].(string)
			for who, token := range map[string]string{"Bob": bob.token, "a guest": ""} {
				for _, method := range []string{"GET", "PATCH", "DELETE"} {
					var body any
					if method == "PATCH" {
						body = fields{"user": bob.id}
					}
					theirs, nobodys := c.send(method, path, token, body), c.send(method, records+"/missing00000001", token, body)
					if theirs.status < 400 || !same(theirs, nobodys) || method == "GET" && theirs.status != http.StatusNotFound {
						c.t.Errorf("%s: %s %s: %v; for one that is missing %v", who, method, path, theirs, nobodys)
					}
				}
			}
			if answer := c.get(path, alice.token); answer.status != http.StatusOK {
				c.t.Errorf("Alice's own %s: %v", path, answer)
			}
		}
		for _, query := range []string{"", "?perPage=500&skipTotal=1", "?filter=" + url.QueryEscape("id!=''"), "?filter=" + url.QueryEscape("user='"+alice.id+"'||id='"+alice.id+"'")} {
			if answer := c.get(records+query, bob.token); strings.Contains(answer.body, alice.id) || strings.Contains(answer.body, mark) {
				c.t.Errorf("Bob's list of %s%s: %v", collection, query, answer)
			}
		}
	}
	if seen < 5 {
		c.t.Errorf("Alice has %d records: too few to show anything", seen)
	}
	for _, path := range []string{"/v1/users/me/analytics/pyramid?discipline=sport&scale=yds&user=" + alice.id, "/v1/users/me/activity?user=" + alice.id, "/v1/users/" + alice.id} {
		if answer := c.get(path, bob.token); strings.Contains(answer.body, mark) || strings.Contains(answer.body, alice.id) {
			c.t.Errorf("%s: %v", path, answer)
		}
	}
}

func recordsInAnothersName(c *client) {
	alice, bob := c.newUser(), c.withTicks(letters(16))
	for _, collection := range []string{"ticks", "chats", "messages", "profile_sources", "usage_days", "imports", "usage", "sessions", "sync_runs", "audit_log", "outbox", "jobs", "subscriptions", "stripe_customers", "stripe_intents", "stripe_events", "plans"} {
		records := "/api/collections/" + collection + "/records"
		for _, owner := range []string{alice.id, bob.id} {
			if answer := c.post(records, bob.token, fields{"user": owner, "id": "attackerchosen1"}); answer.status != http.StatusForbidden && answer.status != http.StatusBadRequest {
				c.t.Errorf("create in %s: %v", collection, answer)
			}
		}
		for _, record := range c.get(records, bob.token).items() {
			if collection == "plans" {
				continue
			}
			answer := c.send("PATCH", records+"/"+record["id"].(string), bob.token, fields{"user": alice.id})
			// What its owner may change is refused for the field, and not as a whole.
			mine := collection == "ticks" && answer.status == http.StatusBadRequest
			if !mine && answer.status != http.StatusForbidden && answer.status != http.StatusNotFound {
				c.t.Errorf("give away in %s: %v", collection, answer)
			}
		}
	}
	if ticks := c.get("/api/collections/ticks/records", alice.token).items(); len(ticks) != 0 {
		c.t.Errorf("Alice got %v", ticks)
	}
}

// oracle fails the check if a question that is true and one that is false have different answers.
func (c *client) oracle(token, collection, parameter, yes, no string) {
	c.t.Helper()
	ask := func(question string) answer {
		return c.get("/api/collections/"+collection+"/records?"+parameter+"="+url.QueryEscape(question), token)
	}
	if a, b := ask(yes), ask(no); a.status >= 500 || b.status >= 500 || !same(a, b) || a.status == http.StatusOK && len(a.items()) > 0 {
		c.t.Errorf("%s, %s %q: %v; %q: %v", collection, parameter, yes, a, no, b)
	}
}

func hiddenFilters(c *client) {
	alice, bob := c.withTicks(letters(16)), c.withTicks(letters(16))
	for _, field := range []string{"password", "tokenKey", "pending_email", "banned_at", "deactivated_at", "erase_at", "passwordHash"} {
		c.oracle(bob.token, "users", "filter", field+"!='x'", field+"='x'")
	}
	for _, field := range []string{"user.password", "user.tokenKey", "user.banned_at", "identity", "fingerprint"} {
		c.oracle(bob.token, "ticks", "filter", field+"!='x'", field+"='x'")
	}
	for _, collection := range []string{"users", "ticks", "sessions"} {
		c.oracle(bob.token, collection, "filter", "@collection.users.email?='"+alice.email+"'", "@collection.users.email?='nobody@example.com'")
		c.oracle(bob.token, collection, "filter", "@collection.ticks.user?='"+alice.id+"'", "@collection.ticks.user?='x'")
		c.oracle(bob.token, collection, "filter", "@collection._superusers.email?='"+adminEmail+"'", "@collection._superusers.email?='x'")
		c.oracle(bob.token, collection, "filter", "@request.auth.tokenKey!='x'", "@request.auth.tokenKey='x'")
		c.oracle(bob.token, collection, "filter", "@request.headers.authorization!='x'", "@request.headers.authorization='x'")
	}
	for _, collection := range []string{"plans"} { // everybody sees its records
		c.oracle("", collection, "filter", "stripe_price='x'", "stripe_price!='x'")
		c.oracle("", collection, "filter", "stripe_former_prices='x'", "stripe_former_prices!='x'")
	}
}

func hiddenSorts(c *client) {
	u := c.withTicks(letters(16))
	for collection, names := range map[string][]string{
		"users": {"password", "tokenKey", "banned_at", "erase_at", "-pending_email"}, "ticks": {"fingerprint", "-identity", "user.tokenKey", "user.password", "user.banned_at"},
		"plans": {"stripe_price", "-stripe_price", "stripe_former_prices"}, "imports": {"file", "ticks_done"},
	} {
		for _, name := range names {
			answer := c.get("/api/collections/"+collection+"/records?sort="+url.QueryEscape(name), u.token)
			if answer.status != http.StatusBadRequest && answer.status != http.StatusForbidden {
				c.t.Errorf("%s by %s: %v", collection, name, answer)
			}
		}
	}
}

func expanding(c *client) {
	alice, bob := c.withTicks(letters(16)), c.withTicks(letters(16))
	for _, collection := range owned() {
		for _, query := range []string{
			"expand=user", "expand=user,user.ticks_via_user,user.sessions_via_user", "expand=user&fields=*,expand.user.*", "expand=ticks_via_user,sessions_via_user,audit_log_via_user,outbox_via_user",
			"expand=user&fields=*,expand.user.tokenKey,expand.user.password,expand.user.pending_email", "fields=*,tokenKey,password,fingerprint,identity,file",
		} {
			answer := c.get("/api/collections/"+collection+"/records?"+query, bob.token)
			if answer.status >= 500 || strings.Contains(answer.body, alice.id) || strings.Contains(answer.body, alice.email) {
				c.t.Errorf("%s?%s shows Alice: %v", collection, query, answer)
			}
			for _, secret := range []string{`"tokenKey"`, `"password":`, `"pending_email"`, `"banned_at"`, `"erase_at"`, `"fingerprint"`, `"identity"`, `"request_id"`, `"html"`} {
				if strings.Contains(answer.body, secret) {
					c.t.Errorf("%s?%s has %s", collection, query, secret)
				}
			}
		}
	}
}

func addressesOfOthers(c *client) {
	alice, bob := c.newUser(), c.newUser()
	for _, filter := range []string{"email~'a'", "email='" + alice.email + "'", "username='" + alice.username + "'", "email!=''", "verified=false", "email:lower='" + alice.email + "'"} {
		for _, token := range []string{"", bob.token} {
			answer := c.get("/api/collections/users/records?perPage=500&filter="+url.QueryEscape(filter), token)
			for _, item := range answer.items() {
				if item["id"] != bob.id || token == "" {
					c.t.Errorf("%s: %v", filter, item)
				}
			}
		}
	}
}

func costlyLists(c *client) {
	u := c.withTicks(letters(16))
	list := func(query string) answer { return c.get("/api/collections/ticks/records?"+query, u.token) }
	for _, perPage := range []string{"100000", "1001", "9223372036854775807", "-1", "0", "x"} {
		answer := list("perPage=" + perPage)
		if most, _ := answer.json()["perPage"].(float64); answer.status >= 500 || most > 1000 {
			c.t.Errorf("perPage=%s: %v", perPage, answer)
		}
	}
	for rule, filter := range map[string]string{
		"3,500 characters":  "route_name='" + strings.Repeat("x", 3_500) + "'",
		"10,000 characters": "route_name='" + strings.Repeat("x", 10_000) + "'",
		"200 expressions":   strings.TrimSuffix(strings.Repeat("notes~'a'||", 200), "||"),
		"brackets":          strings.Repeat("(", 500) + "notes~'a'" + strings.Repeat(")", 500),
		"distances":         strings.TrimSuffix(strings.Repeat("geoDistance(avg_stars,your_stars,1,2)>0||", 50), "||"),
		"wildcards":         "notes~'" + strings.Repeat("%a", 200) + "'",
	} {
		last, fastest := within(200*time.Millisecond, func() answer { return list("filter=" + url.QueryEscape(filter)) })
		if last.status >= 500 || fastest > 200*time.Millisecond {
			c.t.Errorf("%s: %v at best, %v", rule, fastest, last)
		}
	}
	for _, query := range []string{"perPage=100000", "perPage=0", "page=0", "page=-1", "page=99999999999999999999", "perPage=x"} {
		if answer := c.get("/v1/users/me/activity?"+query, u.token); answer.status != http.StatusBadRequest {
			c.t.Errorf("activity?%s: %v", query, answer)
		}
	}
}

func administratorsRoutes(c *client) {
	u := c.newUser()
	for _, route := range []string{
		"GET /api/settings", "PATCH /api/settings", "POST /api/settings/test/s3", "POST /api/settings/test/email", "GET /api/logs", "GET /api/logs/stats", "GET /api/backups", "POST /api/backups",
		"POST /api/backups/x/restore", "DELETE /api/backups/x", "GET /api/crons", "POST /api/crons/housekeeping", "GET /api/collections", "POST /api/collections", "GET /api/collections/users",
		"PATCH /api/collections/users", "DELETE /api/collections/users", "DELETE /api/collections/users/truncate", "PUT /api/collections/import", "POST /api/sql",
		"POST /api/collections/users/impersonate/" + u.id, "GET /api/collections/_superusers/records", "GET /api/collections/outbox/records", "GET /api/collections/jobs/records",
		"GET /api/collections/audit_log/records", "GET /api/collections/schedules/records", "GET /api/collections/auth_throttle/records",
		"GET /api/collections/subscriptions/records", "GET /api/collections/stripe_customers/records", "GET /api/collections/stripe_intents/records",
		"GET /api/collections/stripe_events/records", "POST /v1/admin/users/" + u.id + "/billing-sync",
	} {
		method, path, _ := strings.Cut(route, " ")
		for who, token := range map[string]string{"a user": u.token, "a guest": ""} {
			answer := c.send(method, path, token, fields{})
			if !slices.Contains([]int{401, 403, 404}, answer.status) {
				c.t.Errorf("%s, %s: %v", route, who, answer)
			}
		}
	}
	for _, path := range []string{"/v1/users/me", "/v1/users/me/activity"} {
		if answer := c.get(path, c.s.admin); answer.status != http.StatusForbidden || answer.json()["code"] != "forbidden" {
			c.t.Errorf("an administrator's token at %s: %v", path, answer)
		}
	}
}

// silent fails the check if a stream gets anything before an event that everybody sees.
func (c *client) silent(rule string, s *stream, public string) {
	c.t.Helper()
	select {
	case data, open := <-s.events:
		if !open || !strings.Contains(data, public) {
			c.t.Errorf("%s: %s", rule, data)
		}
	case <-time.After(10 * time.Second):
		c.t.Errorf("%s: not even the public event came", rule)
	}
}

// listenIn subscribes Bob and a guest to topics and changes everything of Alice's; then a plan, which is public.
func (c *client) listenIn(topics func(alice user) []string) {
	c.t.Helper()
	alice, bob := c.newUser(), c.newUser()
	listeners := map[string]*stream{}
	for who, token := range map[string]string{"Bob": bob.token, "a guest": ""} {
		listeners[who] = c.subscribe(token, append(topics(alice), "plans/*")...)
	}
	own := c.subscribe(alice.token, "users/*")
	c.send("PATCH", "/v1/users/me", alice.token, fields{"username": c.s.nobody().username, "mountain_project_url": "https://www.mountainproject.com/user/" + fmt.Sprint(200_000_000+c.s.lastName)})
	c.send("PATCH", "/api/collections/users/records/"+alice.id, c.s.admin, fields{"tier": "basic"})
	c.mustLogin(alice)
	select {
	case <-own.events:
	case <-time.After(10 * time.Second):
		c.t.Error("Alice's own event did not come")
	}
	plan := c.get("/api/collections/plans/records?filter="+url.QueryEscape("tier='basic'"), c.s.admin).items()[0]
	name := letters(12)
	if answer := c.send("PATCH", "/api/collections/plans/records/"+plan["id"].(string), c.s.admin, fields{"name": name}); answer.status != http.StatusOK {
		c.t.Fatalf("change a plan: %v", answer)
	}
	for who, s := range listeners {
		c.silent(who, s, name)
	}
}

func realtimeOfOthers(c *client) {
	c.listenIn(func(alice user) []string {
		var topics []string
		for _, collection := range append(owned(), "jobs", "outbox", "audit_log", "_superusers", "schedules", "subscriptions", "stripe_customers", "stripe_intents", "stripe_events") {
			topics = append(topics, collection+"/*", collection+"/"+alice.id, collection,
				collection+`/*?options={"query":{"filter":"id!=''","expand":"user"},"headers":{"x":"y"}}`)
		}
		return topics
	})
}

func madeUpTopics(c *client) {
	c.listenIn(func(alice user) []string {
		return []string{"quota/" + alice.id, "chat/" + alice.id, "usage/" + alice.id, "admin", "*", "*/*", "PB_CONNECT", "@oauth2", "users%2f*", "users/../users/*", alice.id}
	})
}

// files: nobody but an administrator reads one, so every file field has to be hidden or protected.
func files(c *client) {
	u, other := c.withTicks(letters(16)), c.newUser()
	collections, _ := c.get("/api/collections?perPage=200", c.s.admin).json()["items"].([]any)
	if len(collections) == 0 {
		c.t.Fatal("no collections")
	}
	for _, item := range collections {
		collection := item.(map[string]any)
		all, _ := collection["fields"].([]any)
		for _, item := range all {
			field := item.(map[string]any)
			if field["type"] == "file" && field["protected"] != true {
				c.t.Errorf("%v.%v is a file that everybody can read who knows its address", collection["name"], field["name"])
			}
		}
	}
	token, _ := c.post("/api/files/token", other.token, nil).json()["token"].(string)
	for _, record := range c.get("/api/collections/imports/records", c.s.admin).items() {
		if name, _ := record["file"].(string); name != "" {
			for _, query := range []string{"", "?token=" + token} {
				if answer := c.get("/api/files/imports/"+record["id"].(string)+"/"+name+query, other.token); answer.status != http.StatusNotFound {
					c.t.Errorf("a file of another: %v", answer)
				}
			}
		}
	}
	for _, name := range []string{"../../data.db", "..%2f..%2fdata.db", "%2e%2e/%2e%2e/data.db", "data.db"} {
		if answer := c.get("/api/files/users/"+u.id+"/"+name, u.token); answer.status == http.StatusOK && strings.Contains(answer.body, "SQLite") {
			c.t.Errorf("%s: %v", name, answer)
		}
	}
}

// knownRoutes: the description has every route, and each of them is closed to guests but those that are meant for them.
func knownRoutes(c *client) {
	public := []string{"GET /v1/health", "GET /v1/openapi.yaml", "GET /v1/plans", "POST /v1/password-check", "POST /v1/stripe/webhook"}
	description := c.get("/v1/openapi.yaml", "").body
	path, count := "", 0
	for line := range strings.Lines(description) {
		if match := regexp.MustCompile(`^  (/v1\S*):\s*$`).FindStringSubmatch(line); match != nil {
			path = match[1]
		} else if match := regexp.MustCompile(`^    (get|post|patch|put|delete):\s*$`).FindStringSubmatch(line); match != nil && path != "" {
			count++
			route := strings.ToUpper(match[1]) + " " + path
			answer := c.send(strings.ToUpper(match[1]), path, "", fields{})
			if open := slices.Contains(public, route); open == (answer.status == http.StatusUnauthorized) || answer.status == http.StatusNotFound {
				c.t.Errorf("%s as a guest: %v", route, answer)
			}
		}
	}
	if count < 12 {
		c.t.Errorf("the description has %d routes", count)
	}
	for _, path := range []string{"/v1", "/v1/", "/v1/users", "/v1/admin", "/v1/debug", "/v1/users/me/", "/v1//users/me", "/v1/internal", "/V1/users/me"} {
		if answer := c.get(path, c.s.admin); answer.status == http.StatusOK && strings.HasPrefix(path, "/v1") || answer.status >= 500 {
			c.t.Errorf("%s: %v", path, answer)
		}
	}
}

func exactFields(c *client) {
	u := c.newUser()
	profile := "created_at daily_message_count eight_a_last_sync eight_a_nu_url email id is_active is_superuser last_login last_message_date " +
		"mountain_project_url mtn_project_last_sync payment_status pending_email tier updated_at username verified"
	record := "collectionId collectionName created eight_a_last_sync eight_a_nu_url email emailVisibility id is_active is_superuser last_login " +
		"mountain_project_url mtn_project_last_sync payment_status tier updated username verified"
	keys := func(rule string, object any, want string) {
		c.t.Helper()
		fields, _ := object.(map[string]any)
		if got := strings.Join(slices.Sorted(maps.Keys(fields)), " "); got != want {
			c.t.Errorf("%s\n got %s\nwant %s", rule, got, want)
		}
	}
	keys("GET /v1/users/me", c.get("/v1/users/me", u.token).json(), profile)
	keys("PATCH /v1/users/me", c.send("PATCH", "/v1/users/me", u.token, fields{"username": u.username}).json(), profile)
	keys("the record", c.get("/api/collections/users/records/"+u.id, u.token).json(), record)
	login := c.login(u.email, u.password).json()
	keys("a login", login, "record token")
	keys("its record", login["record"], record)
	change := c.change(u, u.password, newPassword()).json()
	keys("change-password", change, "record token")
	keys("its record", change["record"], record)
	other := c.s.nobody()
	signUp := c.post("/api/collections/users/records", "", other.form())
	for _, secret := range []string{"tokenKey", "password", "banned_at", "erase_at", "pending_email", "stripe"} {
		if strings.Contains(signUp.body, `"`+secret) {
			c.t.Errorf("a sign-up's answer has %s: %v", secret, signUp)
		}
	}
}

func systemCollections(c *client) {
	alice, bob := c.newUser(), c.newUser()
	for _, collection := range []string{"_authOrigins", "_mfas", "_otps", "_externalAuths"} {
		answer := c.get("/api/collections/"+collection+"/records?perPage=500", bob.token)
		encoded, _ := json.Marshal(answer.items())
		if answer.status != http.StatusOK && answer.status != http.StatusForbidden || strings.Contains(string(encoded), alice.id) {
			c.t.Errorf("%s: %v", collection, answer)
		}
		for _, item := range answer.items() {
			if item["recordRef"] != bob.id {
				c.t.Errorf("%s: %v", collection, item)
			}
		}
		if answer := c.post("/api/collections/"+collection+"/records", bob.token, fields{"recordRef": alice.id, "collectionRef": "_pb_users_auth_"}); answer.status != http.StatusForbidden {
			c.t.Errorf("create in %s: %v", collection, answer)
		}
	}
}
