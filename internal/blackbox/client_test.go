package blackbox

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// fields is a JSON object.
type fields = map[string]any

// client sends requests from one address.
type client struct {
	t    *testing.T
	s    *target
	host string
	http *http.Client
}

// client returns one at an address that nobody has used yet.
func (s *target) client(t *testing.T) *client {
	s.lastHost++
	host := fmt.Sprintf("127.77.%d.%d", s.lastHost/250, 1+s.lastHost%250)
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(host)}}
	transport := &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	return &client{t, s, host, &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
	took   time.Duration
}

func (a answer) String() string { return fmt.Sprintf("%d %.300s", a.status, strings.TrimSpace(a.body)) }

// json is the body as an object; nil when it is none.
func (a answer) json() map[string]any {
	var object map[string]any
	if json.Unmarshal([]byte(a.body), &object) != nil {
		return nil
	}
	return object
}

// code is the code of the error of a field, "" for none.
func (a answer) code(field string) string {
	data, _ := a.json()["data"].(map[string]any)
	problem, _ := data[field].(map[string]any)
	code, _ := problem["code"].(string)
	return code
}

// items are the records of a list.
func (a answer) items() []map[string]any {
	list, _ := a.json()["items"].([]any)
	var items []map[string]any
	for _, item := range list {
		if record, ok := item.(map[string]any); ok {
			items = append(items, record)
		}
	}
	return items
}

// same reports whether two answers cannot be told apart, but for the request's id.
func same(a, b answer) bool {
	id := regexp.MustCompile(`"request_id":"[^"]*"`)
	return a.status == b.status && id.ReplaceAllString(a.body, "") == id.ReplaceAllString(b.body, "")
}

// send sends a request; body is nil, text that is sent as it is, or a value to encode. Headers come in pairs and replace
// the usual ones.
func (c *client) send(method, path, token string, body any, headers ...string) answer {
	var content io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(b)
	default:
		encoded, err := json.Marshal(b)
		if err != nil {
			c.t.Error(err)
		}
		content = bytes.NewReader(encoded)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, "http://"+c.s.address+path, content)
	if err != nil {
		c.t.Errorf("%s %.80s: %v", method, path, err)
		return answer{}
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		request.Header.Set("Authorization", token)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	begin := time.Now()
	response, err := c.http.Do(request)
	if err != nil {
		c.t.Errorf("%s %.80s: no answer: %v", method, path, err)
		return answer{}
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body) // what is cut shows in the body
	return answer{response.StatusCode, response.Header, string(text), time.Since(begin)}
}

func (c *client) get(path, token string) answer { return c.send("GET", path, token, nil) }

func (c *client) post(path, token string, body any) answer { return c.send("POST", path, token, body) }

// user is somebody with an account.
type user struct{ id, username, email, password, token string }

func letters(n int) string {
	text := make([]byte, n)
	for i := range text {
		text[i] = byte('a' + rand.N(26))
	}
	return string(text)
}

// canary stands in every password of a user, so that a leak of one can be found.
const canary = "zqcanary"

func newPassword() string { return canary + "-" + letters(12) }

// form is a sign-up.
func (u user) form() fields {
	return fields{"username": u.username, "email": u.email, "password": u.password, "passwordConfirm": u.password}
}

// nobody makes up a user who has not signed up.
func (s *target) nobody() user {
	s.lastName++
	name := fmt.Sprintf("%s%d", letters(8), s.lastName)
	return user{username: name, email: name + "@example.com", password: newPassword()}
}

// signUp makes a user, who is not logged in yet.
func (c *client) signUp() user {
	c.t.Helper()
	u := c.s.nobody()
	answer := c.post("/api/collections/users/records", "", u.form())
	if answer.status != http.StatusOK {
		c.t.Fatalf("sign-up: %v", answer)
	}
	u.id, _ = answer.json()["id"].(string)
	return u
}

// newUser makes a user who is logged in.
func (c *client) newUser() user {
	c.t.Helper()
	u := c.signUp()
	u.token = c.mustLogin(u)
	return u
}

func (c *client) login(identity, password string) answer {
	return c.post("/api/collections/users/auth-with-password", "", fields{"identity": identity, "password": password})
}

// mustLogin returns another token.
func (c *client) mustLogin(u user) string {
	c.t.Helper()
	login := c.login(u.email, u.password)
	token, _ := login.json()["token"].(string)
	if token == "" {
		c.t.Fatalf("login: %v", login)
	}
	return token
}

// isDead reports whether a token is refused.
func (c *client) isDead(token string) bool {
	return c.get("/v1/users/me", token).status == http.StatusUnauthorized
}

// record is a user as an administrator sees it, text for comparing.
func (c *client) record(id string) string {
	return c.get("/api/collections/users/records/"+id, c.s.admin).body
}

// mail is one of the outbox.
type mail struct{ kind, text string }

// mails are those to an address, in the order they were written.
func (c *client) mails(address string) []mail {
	query := url.Values{"filter": {"to='" + address + "'"}, "sort": {"created,@rowid"}, "perPage": {"200"}}
	var all []mail
	for _, item := range c.get("/api/collections/outbox/records?"+query.Encode(), c.s.admin).items() {
		kind, _ := item["kind"].(string)
		text, _ := item["text"].(string)
		all = append(all, mail{kind, text})
	}
	return all
}

// kinds are the kinds of those mails.
func (c *client) kinds(address string) []string {
	var kinds []string
	for _, m := range c.mails(address) {
		kinds = append(kinds, m.kind)
	}
	return kinds
}

var linkToken = regexp.MustCompile(`token=([A-Za-z0-9._-]+)`)

// mailed is the token in the newest mail of a kind. PocketBase answers before it writes some mails.
func (c *client) mailed(address, kind string, count int) string {
	c.t.Helper()
	var found []string
	if !eventually(func() bool {
		found = nil
		for _, m := range c.mails(address) {
			if match := linkToken.FindStringSubmatch(m.text); m.kind == kind && match != nil {
				found = append(found, match[1])
			}
		}
		return len(found) >= count
	}) {
		c.t.Fatalf("%d mails %s to %s with a link, want %d; there are %v", len(found), kind, address, count, c.kinds(address))
	}
	return found[len(found)-1]
}

// eventually asks until something holds, and gives up after ten seconds.
func eventually(holds func() bool) bool {
	deadline := time.After(10 * time.Second)
	for !holds() {
		select {
		case <-time.Tick(20 * time.Millisecond):
		case <-deadline:
			return false
		}
	}
	return true
}

// stream is an open realtime connection.
type stream struct {
	id     string
	events chan string // data; closed when the server ends it
	close  func()
}

// open connects to realtime; nil when it is refused.
func (c *client) open() *stream {
	ctx, cancel := context.WithCancel(context.Background())
	request, _ := http.NewRequestWithContext(ctx, "GET", "http://"+c.s.address+"/api/realtime", nil)
	response, err := c.http.Do(request)
	if err != nil {
		cancel()
		c.t.Errorf("realtime: %v", err)
		return nil
	}
	if response.StatusCode != http.StatusOK {
		cancel()
		response.Body.Close()
		return nil
	}
	s := &stream{events: make(chan string, 100), close: func() { cancel(); response.Body.Close() }}
	c.t.Cleanup(s.close)
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data:"); ok {
			var connected struct {
				ClientID string `json:"clientId"`
			}
			if json.Unmarshal([]byte(data), &connected) == nil {
				s.id = connected.ClientID
			}
			break
		}
	}
	go func() {
		defer close(s.events)
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data:"); ok {
				s.events <- data
			}
		}
	}()
	return s
}

// subscribe opens a stream with topics.
func (c *client) subscribe(token string, topics ...string) *stream {
	c.t.Helper()
	s := c.open()
	if s == nil {
		c.t.Fatal("realtime is refused")
	}
	if answer := c.post("/api/realtime", token, fields{"clientId": s.id, "subscriptions": topics}); answer.status != http.StatusNoContent {
		c.t.Fatalf("subscribe: %v", answer)
	}
	return s
}

// median is the middle of some durations.
func median(times []time.Duration) time.Duration {
	times = slices.Sorted(slices.Values(times))
	return times[len(times)/2]
}

// percentile is the duration that so many percent do not exceed.
func percentile(times []time.Duration, percent int) time.Duration {
	times = slices.Sorted(slices.Values(times))
	return times[min(len(times)-1, len(times)*percent/100)]
}

// tells reports whether one kind of request can be told from another by its time, from tries that were made in pairs: by
// more than a quarter and more than the noise of a shared machine, in the median of the differences and in the best case
// alike. Load moves one of them, what the server does moves both.
func tells(base, other []time.Duration) bool {
	differences := make([]time.Duration, len(base))
	for i := range base {
		differences[i] = other[i] - base[i]
	}
	usual, best := median(differences), slices.Min(other)-slices.Min(base)
	return stands(usual, median(base)) && stands(best, slices.Min(base)) && (usual > 0) == (best > 0)
}

func stands(difference, of time.Duration) bool {
	return difference.Abs() > 5*time.Millisecond && difference.Abs() > of/4
}

// within tries until a request takes no longer than that, and gives up after ten tries. It returns the last answer.
func within(most time.Duration, request func() answer) (last answer, fastest time.Duration) {
	fastest = time.Hour
	for range 10 {
		last = request()
		if fastest = min(fastest, last.took); fastest <= most {
			break
		}
	}
	return last, fastest
}
