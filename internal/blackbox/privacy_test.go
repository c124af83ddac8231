package blackbox

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// privacyChecks are a user's rights to their data, and what the logs know. H5 comes last: it looks for what all the
// others have left.
func privacyChecks() []check {
	return []check{
		{"H1", "export", export},
		{"H2", "erasure leaves nothing", erasure},
		{"H4", "export and erasure are guarded", guardedRights},
		{"H6", "events of the security log", securityEvents},
		{"H5", "no secret in the logs", noSecretInLogs},
	}
}

// unzip reads all files of an archive.
func (c *client) unzip(archive string) map[string]string {
	c.t.Helper()
	reader, err := zip.NewReader(strings.NewReader(archive), int64(len(archive)))
	if err != nil {
		c.t.Fatalf("the export is no zip: %v: %.200q", err, archive)
	}
	files := map[string]string{}
	for _, entry := range reader.File {
		file, err := entry.Open()
		if err != nil {
			c.t.Fatal(err)
		}
		text, err := io.ReadAll(file)
		file.Close()
		if err != nil {
			c.t.Fatal(err)
		}
		files[entry.Name] = string(text)
	}
	return files
}

// refers lists the collections that have a column of users, and that column.
func (c *client) refers() map[string]string {
	list, _ := c.get("/api/collections?perPage=200", c.s.admin).json()["items"].([]any)
	found, users := map[string]string{}, ""
	for _, item := range list {
		if collection := item.(map[string]any); collection["name"] == "users" {
			users, _ = collection["id"].(string)
		}
	}
	for _, item := range list {
		collection := item.(map[string]any)
		all, _ := collection["fields"].([]any)
		for _, item := range all {
			field := item.(map[string]any)
			name := field["name"].(string)
			if field["type"] == "relation" && field["collectionId"] == users || name == "recordRef" {
				found[collection["name"].(string)] = name
			}
		}
	}
	return found
}

func export(c *client) {
	mark, others := letters(16), letters(16)
	u, other := c.withTicks(mark), c.withTicks(others)
	answer := c.get("/v1/users/me/export", u.token)
	if answer.status != http.StatusOK || answer.header.Get("Content-Type") != "application/zip" || !strings.Contains(answer.header.Get("Content-Disposition"), "cragbase-export-"+u.username+"-") {
		c.t.Fatalf("%v, %v", answer.status, answer.header)
	}
	files := c.unzip(answer.body)
	// Where the rows of each collection are. Empty: in no export, because they live for minutes or are checksums.
	names := map[string]string{"outbox": "mails", "stripe_customers": "customer", "stripe_intents": "payment_requests", "_externalAuths": "linked_logins", "_mfas": "", "_otps": "", "_authOrigins": ""}
	for collection, column := range c.refers() {
		name, renamed := names[collection]
		if !renamed {
			name = collection
		}
		if name == "" {
			continue
		}
		rows := c.get("/api/collections/"+collection+"/records?perPage=500&filter="+url.QueryEscape(column+"='"+u.id+"'"), c.s.admin).items()
		var exported []any
		if err := json.Unmarshal([]byte(files[name+".json"]), &exported); err != nil {
			c.t.Errorf("%s of %s: %v: %.100q", name+".json", collection, err, files[name+".json"])
		} else if len(exported) != len(rows) {
			c.t.Errorf("%d rows of %s in the export, %d in the database", len(exported), collection, len(rows))
		}
		if _, ok := files[name+".csv"]; !ok {
			c.t.Errorf("no %s.csv", name)
		}
	}
	all := ""
	for _, text := range files {
		all += text
	}
	for _, own := range []string{mark, u.email, u.username} {
		if !strings.Contains(all, own) {
			c.t.Errorf("the export lacks %s", own)
		}
	}
	for _, secret := range []string{others, other.email, other.id, u.password, u.token, "$2a$", "tokenKey"} {
		if strings.Contains(all, secret) {
			c.t.Errorf("the export has %.20s", secret)
		}
	}
	for _, token := range []string{"", "x", other.token} {
		if answer := c.get("/v1/users/me/export", token); strings.Contains(answer.body, mark) || token != other.token && answer.status != http.StatusUnauthorized {
			c.t.Errorf("with another token: %v", answer)
		}
	}
}

// traces finds where in the data folder texts still stand.
func (c *client) traces(texts ...string) []string {
	var found []string
	err := filepath.WalkDir(c.s.dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return nil // it went away
		}
		for _, text := range texts {
			if bytes.Contains(content, []byte(text)) || strings.Contains(path, text) {
				found = append(found, filepath.Base(path)+" has "+text)
			}
		}
		return nil
	})
	if err != nil {
		c.t.Error(err)
	}
	return found
}

// erasure: the fourteen days are over when an administrator says so.
func erasure(c *client) {
	mark := letters(16)
	u := c.withTicks(mark)
	pending := c.s.nobody().email
	c.send("PATCH", "/v1/users/me", u.token, fields{"email": pending, "current_password": u.password})
	c.get("/api/collections/users/records?filter="+url.QueryEscape("email='"+u.email+"'"), u.token)
	c.get("/v1/users/me/export", u.token)
	if len(c.traces(u.email)) == 0 || len(c.traces(mark)) == 0 {
		c.t.Error("nothing is in the files before: the check shows nothing")
	}
	asked := c.send("DELETE", "/v1/users/me", u.token, fields{"password": u.password})
	at, err := time.Parse(time.RFC3339, asStr(asked.json()["erase_at"]))
	if left := time.Until(at); asked.status != http.StatusAccepted || err != nil || left < 13*24*time.Hour || left > 15*24*time.Hour {
		c.t.Fatalf("DELETE: %v", asked)
	}
	c.dead("after DELETE", u.token)
	if c.get("/api/collections/users/records/"+u.id, c.s.admin).status != http.StatusOK {
		c.t.Error("erased at once, without the days of grace")
	}
	jobs := c.get("/api/collections/jobs/records?filter="+url.QueryEscape("kind='erase'&&payload~'"+u.id+"'"), c.s.admin).items()
	if len(jobs) != 1 {
		c.t.Fatalf("%d jobs to erase the user", len(jobs))
	}
	past := time.Now().Add(-time.Minute).UTC()
	if answer := c.send("PATCH", "/api/collections/users/records/"+u.id, c.s.admin, fields{"erase_at": past}); answer.status != http.StatusOK {
		c.t.Fatalf("end the days of grace: %v", answer)
	}
	if answer := c.send("PATCH", "/api/collections/jobs/records/"+asStr(jobs[0]["id"]), c.s.admin, fields{"run_at": past}); answer.status != http.StatusOK {
		c.t.Fatalf("make the job due: %v", answer)
	}
	c.s.restart(c.t) // which looks for due jobs
	if !eventually(func() bool {
		return c.get("/api/collections/users/records/"+u.id, c.s.admin).status == http.StatusNotFound
	}) {
		c.t.Fatalf("still there: %s; the job is %v", c.record(u.id), c.get("/api/collections/jobs/records/"+asStr(jobs[0]["id"]), c.s.admin))
	}
	var found []string
	if !eventually(func() bool { found = c.traces(u.id, u.email, u.username, pending, mark); return len(found) == 0 }) {
		c.t.Errorf("left behind: %v", found)
	}
	again := user{username: u.username, email: u.email, password: newPassword()}
	if answer := c.post("/api/collections/users/records", "", again.form()); answer.status != http.StatusOK {
		c.t.Errorf("the name and address are not free again: %v", answer)
	}
	if login := c.login(u.email, u.password); login.status != http.StatusBadRequest {
		c.t.Errorf("the old password: %v", login)
	}
}

func asStr(value any) string {
	text, _ := value.(string)
	return text
}

func guardedRights(c *client) {
	u := c.newUser()
	for rule, body := range map[string]any{"nothing": fields{}, "a wrong password": fields{"password": wrong}, "an empty one": fields{"password": ""}, "another type": fields{"password": 1}} {
		if answer := c.send("DELETE", "/v1/users/me", u.token, body); answer.status != http.StatusBadRequest || answer.code("password") == "" {
			c.t.Errorf("DELETE with %s: %v", rule, answer)
		}
		if answer := c.post("/v1/users/me/deactivate", u.token, body); answer.status != http.StatusBadRequest || answer.code("password") == "" {
			c.t.Errorf("deactivate with %s: %v", rule, answer)
		}
	}
	if answer := c.send("DELETE", "/v1/users/me", u.token, nil); answer.status != http.StatusUnsupportedMediaType && answer.status != http.StatusBadRequest {
		c.t.Errorf("DELETE without a body: %v", answer)
	}
	for i := range 10 {
		if answer := c.get("/v1/users/me/export", u.token); answer.status != http.StatusOK {
			c.t.Errorf("export %d: %v", i+1, answer)
		}
	}
	limited := c.s.client(c.t).get("/v1/users/me/export", u.token)
	if wait, _ := strconv.Atoi(limited.header.Get("Retry-After")); limited.status != http.StatusTooManyRequests || limited.json()["code"] != "rate_limited" || wait < 1 || wait > 3600 {
		c.t.Errorf("export 11: %v, Retry-After %q", limited, limited.header.Get("Retry-After"))
	}
	other := c.newUser()
	if answer := c.get("/v1/users/me/export", other.token); answer.status != http.StatusOK {
		c.t.Errorf("another user's export: %v", answer)
	}
	// A login within the days of grace takes the erasure back.
	c.send("DELETE", "/v1/users/me", other.token, fields{"password": other.password})
	c.mustLogin(other)
	var record map[string]any
	if err := json.Unmarshal([]byte(c.record(other.id)), &record); err != nil || record["erase_at"] != "" || record["is_active"] != true {
		c.t.Errorf("after a login: %v", record)
	}
}

func securityEvents(c *client) {
	u := c.newUser()
	c.login(u.email, wrong)
	second := newPassword()
	changed := c.change(u, u.password, second)
	u.password, u.token = second, asStr(changed.json()["token"])
	c.send("PATCH", "/v1/users/me", u.token, fields{"username": c.s.nobody().username, "email": c.s.nobody().email, "current_password": u.password})
	c.get("/v1/users/me/export", u.token)
	for range 5 {
		c.change(u, wrong, newPassword())
	}
	c.post("/v1/users/me/logout", c.mustLogin(u), nil)
	last := c.get("/v1/users/me/activity?perPage=100", u.token)
	var events []string
	for _, item := range last.items() {
		events = append(events, asStr(item["event"]))
		if asStr(item["address"]) != c.host || asStr(item["request_id"]) == "" {
			c.t.Errorf("%v lacks the request or its address", item)
		}
		if _, err := time.Parse(time.RFC3339, asStr(item["at"])); err != nil {
			c.t.Errorf("%v: %v", item, err)
		}
	}
	for _, event := range []string{"login", "login_failed", "password_changed", "username_changed", "email_change_requested", "exported", "locked", "logout"} {
		if !slices.Contains(events, event) {
			c.t.Errorf("no event %s; there are %v", event, events)
		}
	}
	if id := changed.header.Get("X-Request-Id"); !strings.Contains(last.body, id) {
		c.t.Errorf("the change of password is not there under its request %s", id)
	}
	for _, secret := range []string{u.password, second, canary, wrong} {
		if strings.Contains(last.body, secret) {
			c.t.Errorf("the log has %s", secret)
		}
	}
	// What nobody's account did is in the administrators' log.
	missing := c.s.nobody()
	failed := c.login(missing.email, wrong)
	query := url.Values{"filter": {"request_id='" + failed.header.Get("X-Request-Id") + "'"}}
	if items := c.get("/api/collections/audit_log/records?"+query.Encode(), c.s.admin).items(); len(items) != 1 || items[0]["event"] != "login_failed" {
		c.t.Errorf("a failed login of nobody: %v", items)
	}
	other := c.newUser()
	for _, method := range []string{"PATCH", "DELETE"} {
		for _, item := range c.get("/api/collections/audit_log/records?filter="+url.QueryEscape("user='"+u.id+"'"), c.s.admin).items() {
			path := "/api/collections/audit_log/records/" + asStr(item["id"])
			for _, token := range []string{u.token, other.token} {
				if answer := c.send(method, path, token, fields{"event": "x"}); answer.status != http.StatusForbidden && answer.status != http.StatusNotFound {
					c.t.Errorf("%s of an event: %v", method, answer)
				}
			}
		}
	}
}

func noSecretInLogs(c *client) {
	u := c.newUser()
	c.send("PATCH", "/v1/users/me", u.token, `{"password":"`+canary+`-broken`)
	c.send("POST", "/api/collections/users/auth-with-password", "", `{"identity":"x","password":"`+canary+`-broken`)
	c.s.restart(c.t) // which writes the last lines
	output := c.s.output.String()
	for _, secret := range []string{canary, adminPassword, wrong, u.token, c.s.admin, "$2a$", "eyJhbGciOi"} {
		if i := strings.Index(output, secret); i >= 0 {
			c.t.Errorf("the output has %.20s: %.300q", secret, output[max(0, i-150):])
		}
		for _, name := range []string{"auxiliary.db", "auxiliary.db-wal"} {
			content, err := os.ReadFile(filepath.Join(c.s.dir, name))
			if err != nil {
				continue // there is no such file
			}
			if i := bytes.Index(content, []byte(secret)); i >= 0 {
				c.t.Errorf("%s has %.20s: %.300q", name, secret, content[max(0, i-150):min(len(content), i+150)])
			}
		}
	}
	content, err := os.ReadFile(filepath.Join(c.s.dir, "data.db"))
	if err != nil || bytes.Contains(content, []byte(canary)) || bytes.Contains(content, []byte(adminPassword)) {
		c.t.Errorf("a password stands in data.db (%v)", err)
	}
}
