package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/config"
	"github.com/cragbase/cragbase/internal/pbtest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"cragbase": main})
}

// The command line, as testdata/script/*.txtar uses it.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{Dir: filepath.Join("testdata", "script")})
}

// process is a running cragbase.
type process struct {
	*exec.Cmd
	address string
	output  *bytes.Buffer
}

// start serves on a free port and waits until the server answers.
func start(t *testing.T, dir string, args ...string) *process {
	t.Helper()
	address := pbtest.FreeAddress(t)
	p := &process{Cmd: exec.Command("cragbase", append([]string{"serve", "--http", address, "--dir", dir}, args...)...), address: address, output: &bytes.Buffer{}}
	p.Stdout, p.Stderr = p.output, p.output
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Process.Kill(); p.Wait() })
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		if response, err := http.Get("http://" + address + "/v1/health"); err == nil {
			response.Body.Close()
			return p
		}
		<-time.Tick(5 * time.Millisecond)
	}
	p.Process.Kill()
	p.Wait()
	t.Fatalf("no answer within 30 s:\n%s", p.output)
	return nil
}

// call sends a JSON request and decodes the answer.
func (p *process) call(t *testing.T, method, path, token string, body any) (int, map[string]any) {
	t.Helper()
	request, err := p.request(method, path, token, body)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return response.StatusCode, answer
}

// request is a JSON request to the process; without a body where that is nil.
func (p *process) request(method, path, token string, body any) (*http.Request, error) {
	var content []byte
	if body != nil {
		var err error
		if content, err = json.Marshal(body); err != nil {
			return nil, err
		}
	}
	request, err := http.NewRequest(method, "http://"+p.address+path, bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", token)
	return request, nil
}

// login returns a token.
func (p *process) login(t *testing.T, identity, password string) string {
	t.Helper()
	status, answer := p.call(t, "POST", "/api/collections/users/auth-with-password", "", map[string]string{"identity": identity, "password": password})
	if status != http.StatusOK {
		t.Fatalf("login: %d %v", status, answer)
	}
	return answer["token"].(string)
}

// The demo starts on an empty folder, starts again on its own, and keeps what people did in it.
func TestDemo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := start(t, dir, "--demo")
	token := first.login(t, "ben@demo.cragbase.example", "chalk-bucket-sunrise")
	if status, pyramid := first.call(t, "GET", "/v1/users/me/analytics/pyramid", token, nil); status != http.StatusOK || len(pyramid["bins"].([]any)) < 5 {
		t.Errorf("pyramid of a demo climber: %d %v", status, pyramid)
	}
	if status, answer := first.call(t, "POST", "/api/collections/users/records", "", map[string]string{
		"username": "visitor", "email": "visitor@example.com", "password": "granite-sunset-42", "passwordConfirm": "granite-sunset-42",
	}); status != http.StatusOK {
		t.Fatalf("sign-up: %v", answer)
	}
	stop(t, first)
	second := start(t, dir, "--demo")
	second.login(t, "visitor", "granite-sunset-42")
	stop(t, second)

	plain := exec.CommandContext(t.Context(), "cragbase", "serve", "--http", "127.0.0.1:0", "--dir", dir)
	if output, err := plain.CombinedOutput(); err == nil || !strings.Contains(string(output), "demo") {
		t.Errorf("a plain serve on demo data: %v\n%s", err, output)
	}
}

// In the demo plans are really sold, by a Stripe that lives in the process: its pages are served, its webhooks arrive, and
// what was paid and cancelled is still so after a crash.
func TestDemoSellsPlans(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := start(t, dir, "--demo")
	anna, ben := first.login(t, "anna", "chalk-bucket-sunrise"), first.login(t, "ben", "chalk-bucket-sunrise")
	if _, plan := first.call(t, "GET", "/v1/users/me/subscription", ben, nil); plan["tier"] != "basic" || plan["source"] != "stripe" || plan["stripe_status"] != "active" {
		t.Errorf("a climber who pays: %v", plan)
	}
	_, checkout := first.call(t, "POST", "/v1/users/me/subscribe", anna, map[string]string{"desired_tier": "premium"})
	page, _ := checkout["checkout_url"].(string)
	if !strings.HasPrefix(page, "http://"+first.address+"/sandbox/checkout/") {
		t.Fatalf("checkout: %v", checkout)
	}
	first.pay(t, page, "declines", http.StatusPaymentRequired)
	if back := first.pay(t, page, "pays", http.StatusSeeOther); !strings.HasPrefix(back, "http://"+first.address+"/v1/billing/return?session_id=cs_") {
		t.Errorf("the page leads back to %s", back)
	}
	first.await(t, "/v1/users/me", anna, func(me map[string]any) bool { return me["tier"] == "premium" }) // by the webhook
	if status, plan := first.call(t, "POST", "/v1/users/me/cancel-subscription", ben, struct{}{}); status != http.StatusOK || plan["tier"] != "free" {
		t.Errorf("cancel: %d %v", status, plan)
	}
	first.Process.Kill()
	first.Wait()

	second := start(t, dir, "--demo")
	anna, ben = second.login(t, "anna", "chalk-bucket-sunrise"), second.login(t, "ben", "chalk-bucket-sunrise")
	for token, tier := range map[string]string{anna: "premium", ben: "free"} {
		if _, plan := second.call(t, "GET", "/v1/users/me/subscription", token, nil); plan["tier"] != tier || plan["source"] != "stripe" {
			t.Errorf("after the restart, want %s: %v", tier, plan)
		}
	}
	_, invoices := second.call(t, "GET", "/v1/users/me/invoices", anna, nil)
	paid := invoices["items"].([]any)[0].(map[string]any)
	response, err := http.Get(paid["hosted_url"].(string))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if html, _ := io.ReadAll(response.Body); paid["status"] != "paid" || response.StatusCode != http.StatusOK || !strings.Contains(string(html), paid["number"].(string)) {
		t.Errorf("invoice %v is shown with status %d:\n%s", paid, response.StatusCode, html)
	}
	stop(t, second)
}

// pay submits a page of the sandbox with a card and returns where it leads.
func (p *process) pay(t *testing.T, page, card string, want int) string {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.PostForm(page, url.Values{"action": {"pay"}, "card": {card}})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != want {
		t.Fatalf("paying by a card that %s: status %d", card, response.StatusCode)
	}
	return response.Header.Get("Location")
}

func TestDemoRefusesRealUsers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	real := start(t, dir)
	if status, answer := real.call(t, "POST", "/api/collections/users/records", "", map[string]string{
		"username": "customer", "email": "customer@example.com", "password": "granite-sunset-42", "passwordConfirm": "granite-sunset-42",
	}); status != http.StatusOK {
		t.Fatalf("sign-up: %v", answer)
	}
	stop(t, real)
	demo := exec.CommandContext(t.Context(), "cragbase", "serve", "--demo", "--http", "127.0.0.1:0", "--dir", dir)
	if output, err := demo.CombinedOutput(); err == nil || !strings.Contains(string(output), "users") {
		t.Errorf("--demo on real users: %v\n%s", err, output)
	}
}

// A large import that is killed in its middle goes on after the restart: every row once, and counted once.
func TestKilledImportGoesOn(t *testing.T) {
	t.Parallel()
	const rows = 9_000
	dir := t.TempDir()
	first := start(t, dir, "--demo")
	token := first.login(t, "anna@demo.cragbase.example", "chalk-bucket-sunrise")
	var file strings.Builder
	file.WriteString(exportHeader)
	for i := range rows {
		fmt.Fprintf(&file, "2010-05-01,\"Route %d\",5.9,,https://www.mountainproject.com/route/%d/x,1,\"Granite State > Echo Dome\",3.0,-1,Lead,Onsight,Sport,,80,2400\n", i, 800_000_000+i)
	}
	head, body := uploadRequest(t, token, file.String())
	conn, err := net.Dial("tcp", first.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, strings.Replace(head, "Expect: 100-continue\r\n", "", 1)+body)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || response.StatusCode != http.StatusAccepted {
		t.Fatalf("%v, %v", response, err)
	}
	var accepted struct {
		ImportID string `json:"import_id"`
	}
	if err := json.NewDecoder(response.Body).Decode(&accepted); err != nil {
		t.Fatal(err)
	}
	path := "/api/collections/imports/records/" + accepted.ImportID
	progress := first.await(t, path, token, func(imported map[string]any) bool { return imported["progress"].(float64) > 0 })
	first.Process.Kill()
	first.Wait()
	if percent := progress["progress"].(float64); percent > 95 {
		t.Errorf("killed at %v %%: nothing is left to go on with", percent)
	}

	second := start(t, dir, "--demo")
	done := second.await(t, path, token, func(imported map[string]any) bool { return imported["state"] == "done" })
	report := done["report"].(map[string]any)
	if report["rows"] != float64(rows) || report["created"] != float64(rows) {
		t.Errorf("killed at %v %%: %v", progress["progress"], report)
	}
	filter := url.QueryEscape("route_id >= '800000000' && route_id < '800010000'")
	if _, list := second.call(t, "GET", "/api/collections/ticks/records?perPage=1&filter="+filter, token, nil); list["totalItems"] != float64(rows) {
		t.Errorf("%v ticks", list["totalItems"])
	}
}

// await reads a record until it is as expected.
func (p *process) await(t *testing.T, path, token string, expected func(map[string]any) bool) map[string]any {
	t.Helper()
	deadline := time.After(60 * time.Second)
	for {
		_, record := p.call(t, "GET", path, token, nil)
		if expected(record) {
			return record
		}
		select {
		case <-time.Tick(2 * time.Millisecond):
		case <-deadline:
			t.Fatalf("not as expected within a minute: %v", record)
		}
	}
}

// A profile is read from the site that is configured, by a server that says who it is; a demo without one reads none.
func TestProfilesAreRead(t *testing.T) {
	agents := make(chan string, 2)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		agents <- r.UserAgent()
		io.WriteString(w, exportHeader+"2026-05-01,\"Roof\",5.9,,https://www.mountainproject.com/route/900000001/roof,1,\"Granite State > Echo Dome\",3.0,-1,Lead,Onsight,Sport,,80,2400\n")
	}))
	defer site.Close()
	link := map[string]string{"mountain_project_url": "https://www.mountainproject.com/user/200123456"}
	ended := func(runs map[string]any) bool {
		items := runs["items"].([]any)
		return len(items) == 1 && items[0].(map[string]any)["finished_at"] != ""
	}
	for base, reason := range map[string]string{"": "not_configured", site.URL: "", strings.Replace(site.URL, "127.0.0.1", "localhost", 1): ""} {
		t.Setenv("MOUNTAIN_PROJECT_BASE_URL", base)
		t.Setenv("CRAGBASE_URL", "https://climb.example.com")
		p := start(t, t.TempDir(), "--demo")
		token := p.login(t, "ben", "chalk-bucket-sunrise")
		if status, answer := p.call(t, "PATCH", "/v1/users/me", token, link); status != http.StatusOK {
			t.Fatalf("link: %v", answer)
		}
		runs := p.await(t, "/api/collections/sync_runs/records", token, ended)
		if run := runs["items"].([]any)[0].(map[string]any); run["reason"] != reason {
			t.Errorf("read from %q: %v", base, run)
		}
		stop(t, p)
	}
	if agent := <-agents; !strings.HasPrefix(agent, "Cragbase/") || !strings.HasSuffix(agent, "(+https://climb.example.com)") {
		t.Errorf("the site was asked by %q", agent)
	}
}

// Two servers on one data folder would run the same jobs.
func TestSecondServerRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	start(t, dir)
	second := exec.CommandContext(t.Context(), "cragbase", "serve", "--http", "127.0.0.1:0", "--dir", dir)
	if output, err := second.CombinedOutput(); err == nil || !strings.Contains(string(output), "another server works on the data folder") {
		t.Errorf("%v\n%s", err, output)
	}
}

// Every schedule can be configured.
func TestSchedulesAreConfigurable(t *testing.T) {
	t.Parallel()
	for name := range hooks.Schedules() {
		variable := "CRON_" + strings.ToUpper(name)
		conf, err := config.Load(func(asked string) string {
			if asked == variable {
				return "@daily"
			}
			return ""
		})
		if err != nil || conf.Crons[name] != "@daily" {
			t.Errorf("%s does not configure %s: %v", variable, name, err)
		}
	}
}

func stop(t *testing.T, p *process) {
	t.Helper()
	begin := time.Now()
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("exit: %v\n%s", err, p.output)
	}
	if took := time.Since(begin); took > 15*time.Second {
		t.Errorf("stopping took %v", took)
	}
}

// SIGTERM lets a request that runs finish, ends realtime streams, takes no new connection and exits with 0.
func TestGracefulStop(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), "--demo")
	token := p.login(t, "anna@demo.cragbase.example", "chalk-bucket-sunrise")
	stream, err := http.Get("http://" + p.address + "/api/realtime")
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()

	head, body := uploadRequest(t, token, exportHeader+
		"2026-05-01,\"Last Call\",5.9,,https://www.mountainproject.com/route/900000001/last-call,1,\"Granite State > Echo Dome\",3.0,-1,Lead,Onsight,Sport,,80,2400\n")
	conn, err := net.Dial("tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	reader := bufio.NewReader(conn)
	io.WriteString(conn, head)
	// The server says "100 Continue" when the handler begins to read.
	if line, err := reader.ReadString('\n'); err != nil || !strings.Contains(line, "100") {
		t.Fatalf("%q, %v", line, err)
	}
	reader.ReadString('\n')
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	waitUntilRefused(t, p.address)
	io.Copy(io.Discard, stream.Body) // ends, because the server ends it
	io.WriteString(conn, body)
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatalf("the request that ran was cut: %v", err)
	}
	defer response.Body.Close()
	if answer, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusOK || !strings.Contains(string(answer), `"created":1`) {
		t.Errorf("status %d: %s", response.StatusCode, answer)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("exit: %v\n%s", err, p.output)
	}
}

// exportHeader is the first line of a Mountain Project export.
const exportHeader = `Date,Route,Rating,Notes,URL,Pitches,Location,"Avg Stars","Your Stars",Style,"Lead Style","Route Type","Your Rating",Length,"Rating Code"` + "\n"

func uploadRequest(t *testing.T, token, file string) (head, body string) {
	t.Helper()
	var form bytes.Buffer
	writer := multipart.NewWriter(&form)
	part, err := writer.CreateFormFile("file", "ticks.csv")
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(part, file)
	writer.Close()
	head = fmt.Sprintf("POST /v1/users/me/ticks/import HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
		token, writer.FormDataContentType(), form.Len())
	return head, form.String()
}

func waitUntilRefused(t *testing.T, address string) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return
		}
		conn.Close()
	}
	t.Error("new connections are still taken")
}

// Whoever sets up Stripe copies the list of events from the README.
func TestReadmeListsTheEventsOfStripe(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for line := range strings.Lines(string(readme)) {
		if strings.HasPrefix(line, "    ") {
			listed = append(listed, regexp.MustCompile(`\b(?:checkout|customer|invoice)\.[a-z_.]+`).FindAllString(line, -1)...)
		}
	}
	want := slices.Sorted(slices.Values(billing.EventTypes()))
	if slices.Sort(listed); !slices.Equal(listed, want) {
		t.Errorf("the README lists\n%v\nand we need\n%v", listed, want)
	}
}

// goPackage is what the import rules need of a package.
type goPackage struct {
	ImportPath           string
	Imports, TestImports []string
	XTestImports         []string
}

const module = "github.com/cragbase/cragbase"

// Imports go downward only: main -> hooks -> features -> climb. Each rule names a package and what it may not import.
func TestImportRules(t *testing.T) {
	t.Parallel()
	output, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(output))
	for decoder.More() {
		var p goPackage
		if err := decoder.Decode(&p); err != nil {
			t.Fatal(err)
		}
		for _, imported := range p.Imports {
			if reason := forbidden(strings.TrimPrefix(p.ImportPath, module+"/"), imported); reason != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, imported, reason)
			}
		}
	}
}

// below are the packages of internal/ that a package of internal/ may import; the others import none.
func below() map[string][]string {
	return map[string][]string{
		"internal/coach/llm":     {"internal/coach"},
		"internal/account":       {"internal/audit", "internal/readthrough"},
		"internal/usage":         {"internal/readthrough"},
		"internal/billing":       {"internal/plan"},
		"internal/analytics":     {"internal/climb"},
		"internal/climb/oracle":  {"internal/climb"},
		"internal/coach/offline": {"internal/climb", "internal/coach", "internal/coach/tools"},
		"internal/coach/tools":   {"internal/analytics", "internal/climb", "internal/coach"},
		"internal/logbook": {
			"internal/climb", "internal/logbook/cragbase", "internal/logbook/eightanu", "internal/logbook/entry", "internal/logbook/fetch", "internal/logbook/mountainproject",
			"internal/logbook/sendage", "internal/logbook/thecrag", "internal/logbook/twentysevencrags", "internal/logbook/ukc",
		},
		"internal/coach/fakemodel/play":     {"internal/coach/fakemodel"},
		"internal/logbook/cragbase":         {"internal/climb", "internal/logbook/entry", "internal/logbook/table"},
		"internal/logbook/mountainproject":  {"internal/climb", "internal/logbook/entry", "internal/logbook/fetch", "internal/logbook/profileurl"},
		"internal/logbook/eightanu":         {"internal/climb", "internal/logbook/entry", "internal/logbook/fetch", "internal/logbook/profileurl", "internal/logbook/table"},
		"internal/logbook/fetch/fetchtest":  {"internal/logbook/fetch"},
		"internal/logbook/entry":            {"internal/climb"},
		"internal/logbook/sendage":          {"internal/climb", "internal/logbook/entry", "internal/logbook/table"},
		"internal/logbook/sourcetest":       {"internal/climb", "internal/logbook/entry"},
		"internal/logbook/table":            {"internal/logbook/entry"},
		"internal/logbook/thecrag":          {"internal/climb", "internal/logbook/entry", "internal/logbook/table"},
		"internal/logbook/twentysevencrags": {"internal/climb", "internal/logbook/entry", "internal/logbook/table"},
		"internal/logbook/ukc":              {"internal/climb", "internal/logbook/entry", "internal/logbook/table"},
		"internal/notice/example":           {"internal/notice"},
		"internal/notice/preview":           {"internal/notice", "internal/notice/example"},
		"internal/demo":                     {"internal/account", "internal/billing", "internal/climb", "internal/logbook", "internal/logbook/mountainproject"},
	}
}

func forbidden(importer, imported string) string {
	own, isOwn := strings.CutPrefix(imported, module+"/")
	feature := strings.HasPrefix(importer, "internal/") && importer != "internal/pbtest" && !strings.HasPrefix(importer, "internal/bench")
	sandbox := strings.HasPrefix(importer, "internal/billing/sandbox")
	model := importer == "internal/coach/llm" || strings.HasPrefix(importer, "internal/coach/fakemodel")
	switch {
	case importer == "internal/climb" && strings.Contains(imported, "."):
		return "climb is pure: the standard library only"
	case importer == "migrations" && strings.HasPrefix(own, "internal/"):
		return "a migration means the same for ever"
	case feature && (own == "hooks" || isOwn && own == module):
		return "imports go downward"
	case feature && isOwn && !slices.Contains(below()[importer], own):
		return "features do not import each other; what two need goes down a layer"
	case feature && (strings.HasSuffix(imported, "pocketbase/apis") || strings.HasSuffix(imported, "tools/router")):
		return "only hooks speaks HTTP"
	case feature && imported == "net/http" && importer != "internal/billing" && !sandbox && !model && !strings.HasPrefix(importer, "internal/logbook/fetch"):
		// These are clients of Stripe's, of a model and of logbook sites, and what plays those in tests.
		return "only hooks speaks HTTP"
	case sandbox && strings.Contains(imported, "pocketbase"):
		return "the sandbox knows Stripe only"
	case strings.HasPrefix(imported, "github.com/stripe/stripe-mock") && importer != "internal/billing/sandbox/contract", own == "internal/billing/sandbox/contract":
		return "Stripe's description is for tests"
	case own == "internal/config" && importer != module:
		return "only main reads the configuration"
	case own == "internal/pbtest", own == "internal/logbook/sourcetest", own == "internal/logbook/fetch/fetchtest",
		own == "internal/coach/fakemodel" && importer != "internal/coach/fakemodel/play":
		return own + " is for tests"
	}
	return ""
}

// mailServer takes every mail and remembers its Message-ID.
type mailServer struct {
	mu       sync.Mutex
	received map[string][]string // recipients' Message-IDs
}

func (s *mailServer) NewSession(*smtp.Conn) (smtp.Session, error) {
	return &mailSession{server: s}, nil
}

type mailSession struct {
	server *mailServer
	to     string
}

func (s *mailSession) Mail(string, *smtp.MailOptions) error { return nil }

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	message, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.received[s.to] = append(s.server.received[s.to], message.Header.Get("Message-ID"))
	return nil
}

func (s *mailSession) Reset()        {}
func (s *mailSession) Logout() error { return nil }

// Mails that were queued while the mail server was down, and while ours was killed, are each delivered once it is up.
func TestMailsOutliveDeadServers(t *testing.T) {
	const people = 8
	port := pbtest.HoldPort(t) // nobody answers there yet
	t.Setenv("SMTP_HOST", "127.0.0.1")
	t.Setenv("SMTP_PORT", strconv.Itoa(port.Number))
	t.Setenv("MAIL_FROM", "Cragbase <mail@example.com>")
	dir := t.TempDir()
	first := start(t, dir)
	for i := range people {
		status, answer := first.call(t, "POST", "/api/collections/users/records", "", map[string]string{
			"username": fmt.Sprintf("climber%d", i), "email": fmt.Sprintf("climber%d@example.com", i), "password": "granite-sunset-42", "passwordConfirm": "granite-sunset-42",
		})
		if status != http.StatusOK {
			t.Fatalf("sign-up: %v", answer)
		}
	}
	first.Process.Kill()
	first.Wait()

	second := start(t, dir)
	server := &mailServer{received: map[string][]string{}}
	up := smtp.NewServer(server)
	go up.Serve(port.Listen(t))
	defer up.Close()
	deadline := time.After(200 * time.Second) // the kill may have come in the middle of a send, which then is left alone for two minutes
	for {
		server.mu.Lock()
		delivered := len(server.received)
		server.mu.Unlock()
		if delivered == people {
			break
		}
		select {
		case <-time.Tick(20 * time.Millisecond):
		case <-deadline:
			t.Fatalf("%d of %d mails delivered", delivered, people)
		}
	}
	stop(t, second)
	for to, ids := range server.received {
		if len(ids) != 1 || !strings.HasSuffix(ids[0], "@example.com>") {
			t.Errorf("%s got %v", to, ids)
		}
	}
}
