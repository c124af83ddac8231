package hooks_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// listen serves the app on a real socket and returns its address.
func listen(t *testing.T, app *pbtest.App) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go app.Server.Serve(listener)
	t.Cleanup(func() { app.Server.Close() })
	return listener.Addr().String()
}

// The rest of a body that the server did not read is never taken for a second request.
func TestNoRequestSmuggling(t *testing.T) {
	t.Parallel()
	address := listen(t, pbtest.New(t))
	hidden := "GET /v1/health HTTP/1.1\r\nHost: hidden\r\n\r\n"
	filler := func(size int) string { return strings.Repeat(hidden, size/len(hidden)+1) }
	for _, test := range []struct{ rule, head, body string }{
		{"unknown route, 300 KB", "POST /nothing", filler(300_000)},
		{"unknown /v1 route, 300 KB", "POST /v1/nothing", filler(300_000)},
		{"unknown /v1 route, 1 MB", "PUT /v1/nothing", filler(1_000_000)},
		{"GET with a body, 300 KB", "GET /api/health", filler(300_000)},
		{"GET with a body, 1 MB", "GET /v1/health", filler(1_000_000)},
		{"static page with a body", "GET /", filler(300_000)},
		{"bad JSON and 300 KB", "POST /api/collections/users/auth-with-password", "{nonsense" + filler(300_000)},
		{"bad JSON and 1 MB", "POST /api/collections/users/auth-with-password", "{nonsense" + filler(1_000_000)},
		{"valid JSON and 300 KB", "POST /api/collections/users/records", `{"username":"x"}` + filler(300_000)},
		{"valid JSON and 1 MB", "POST /api/realtime", `{"clientId":"x"}` + filler(1_000_000)},
		{"refused before the body is read, 300 KB", "PATCH /v1/users/me", filler(300_000)},
		{"refused upload, 1 MB", "POST /v1/users/me/ticks/import", filler(1_000_000)},
		{"wrong method, 1 MB", "DELETE /v1/plans", filler(1_000_000)},
		{"forbidden batch, 1 MB", "POST /api/batch", filler(1_000_000)},
	} {
		for _, chunked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, chunked %v", test.rule, chunked), func(t *testing.T) {
				t.Parallel()
				if got := responses(t, address, request(test.head, test.body, chunked)); got != 1 {
					t.Errorf("%d responses to one request", got)
				}
			})
		}
	}
	t.Run("33 MB declared", func(t *testing.T) {
		t.Parallel()
		head := "POST /v1/users/me/ticks/import HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 34603008\r\n\r\n"
		if got := responses(t, address, head+filler(600_000)); got != 1 {
			t.Errorf("%d responses to one request", got)
		}
	})
}

func request(head, body string, chunked bool) string {
	head += " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	if chunked {
		return fmt.Sprintf("%sTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", head, len(body), body)
	}
	return fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", head, len(body), body)
}

// responses sends raw bytes on one connection and counts what comes back until the server closes it.
func responses(t *testing.T, address, raw string) int {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	go io.WriteString(conn, raw) // the server may close before it read all
	reader := bufio.NewReader(conn)
	for count := 0; ; count++ {
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			var timeout net.Error
			if errors.As(err, &timeout) && timeout.Timeout() {
				t.Errorf("the connection stayed open after %d responses", count)
			}
			return count
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
}

func TestServerLimits(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	if s := app.Server; s.ReadHeaderTimeout > 6*time.Second || s.IdleTimeout == 0 || s.MaxHeaderBytes != 16<<10 {
		t.Errorf("read-header timeout %v, idle timeout %v, header bytes %d", s.ReadHeaderTimeout, s.IdleTimeout, s.MaxHeaderBytes)
	}
	address := listen(t, app)
	request, _ := http.NewRequest("GET", "http://"+address+"/v1/health", nil)
	request.Header.Set("X-Large", strings.Repeat("x", 30_000))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("30 KB of headers: status %d", response.StatusCode)
	}
}

func withPages(deps *hooks.Deps) {
	deps.Origins = []string{"https://app.example.com"}
	deps.Public = fstest.MapFS{
		"index.html":        {Data: []byte("<title>Cragbase</title>")},
		"favicon.svg":       {Data: []byte("<svg/>")},
		"assets/index-1.js": {Data: []byte("1")},
	}
}

func TestPagesAndHeaders(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t, withPages)
	for _, test := range []struct {
		path, cacheControl string
		status             int
		page               bool // index.html
	}{
		{"/", "no-cache", 200, true},
		{"/dashboard", "no-cache", 200, true},
		{"/favicon.svg", "no-cache", 200, false},
		{"/assets/index-1.js", "public, max-age=31536000, immutable", 200, false},
		{"/assets/gone.js", "", 404, false},
		{"/v1/typo", "no-store", 404, false},
		{"/api/typo", "", 404, false},
		{"/_/typo.js", "", 404, false},
	} {
		response := app.Do(t, pbtest.Guest, "GET", test.path, nil)
		if response.Status != test.status || strings.Contains(response.Body, "<title>") != test.page {
			t.Errorf("%s: status %d, body %.80q", test.path, response.Status, response.Body)
		}
		if got := response.Header.Get("Cache-Control"); got != test.cacheControl && !(test.cacheControl == "" && !strings.Contains(got, "immutable")) {
			t.Errorf("%s: Cache-Control %q, want %q", test.path, got, test.cacheControl)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer"} {
			if got := response.Header.Get(name); got != want {
				t.Errorf("%s: %s %q, want %q", test.path, name, got, want)
			}
		}
		if response.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s: no request id", test.path)
		}
	}
	policy := app.Do(t, pbtest.Guest, "GET", "/dashboard", nil).Header.Get("Content-Security-Policy")
	for _, directive := range []string{"script-src 'self';", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, directive) {
			t.Errorf("policy %q lacks %q", policy, directive)
		}
	}
}

func TestStrictTransportSecurityOnlyOverHTTPS(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	if got := app.Do(t, pbtest.Guest, "GET", "/v1/health", nil).Header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("over http: %q", got)
	}
	settings := app.Settings()
	settings.Meta.AppURL = "https://climb.example.com"
	if got := app.Do(t, pbtest.Guest, "GET", "/v1/health", nil).Header.Get("Strict-Transport-Security"); !strings.HasPrefix(got, "max-age=31536000") {
		t.Errorf("behind https: %q", got)
	}
}

func TestOnlyConfiguredOriginsMayCall(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t, withPages)
	for origin, allowed := range map[string]bool{
		"https://app.example.com": true, "https://evil.example": false, "https://app.example.com.evil.example": false, "null": false, "https://sub.app.example.com": false,
	} {
		for _, path := range []string{"/v1/plans", "/api/health"} {
			request := pbtest.NewRequest(t, "GET", path, "", nil)
			request.Header.Set("Origin", origin)
			response := app.Send(t, request)
			if got := response.Header.Get("Access-Control-Allow-Origin"); (got == origin) != allowed || got == "*" {
				t.Errorf("%s from %s: allowed origin %q", path, origin, got)
			}
		}
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t, func(deps *hooks.Deps) { deps.Billing.SecretKey = "sk_test_health" })
	healthy := app.Do(t, pbtest.Guest, "GET", "/v1/health", nil)
	checks, _ := healthy.Map(t)["checks"].(map[string]any)
	if healthy.Status != http.StatusOK || checks["database"] != "ok" || checks["stripe"] != "configured" || checks["coach"] != "not_configured" {
		t.Errorf("status %d: %s", healthy.Status, healthy.Body)
	}

	readOnly := pbtest.New(t)
	if _, err := readOnly.NonconcurrentDB().NewQuery("PRAGMA query_only = true").Execute(); err != nil {
		t.Fatal(err)
	}
	sick := readOnly.Do(t, pbtest.Guest, "GET", "/v1/health", nil)
	if sick.Status != http.StatusServiceUnavailable || !strings.Contains(sick.Body, "not_writable") {
		t.Errorf("read-only database: status %d: %s", sick.Status, sick.Body)
	}
}
