package fetch_test

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cragbase/cragbase/internal/logbook/fetch"
	"github.com/cragbase/cragbase/internal/logbook/fetch/fetchtest"
)

const export = "Date,Route\n2026-01-01,Roof\n"

// answer is a handler that gives one answer.
func answer(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// failure is the *fetch.Error that reading a site ends in.
func failure(t *testing.T, err error) *fetch.Error {
	t.Helper()
	var failed *fetch.Error
	if !errors.As(err, &failed) {
		t.Fatalf("error %v (%T), want a *fetch.Error", err, err)
	}
	return failed
}

// Every way in which a site answers with something else than a logbook is a state of its own.
func TestReasons(t *testing.T) {
	t.Parallel()
	challenge := "<!DOCTYPE html><title>Just a moment...</title><script src='/cdn-cgi/challenge-platform/h/b'></script>"
	login := "<html><form action='/x'><input name=user><input class='a' type=\"password\"></form></html>"
	for _, test := range []struct {
		name   string
		site   http.HandlerFunc
		reason fetch.Reason
		retry  time.Duration
	}{
		{"401", answer(401, ""), fetch.Login, 0},
		{"401 of a private profile", answer(401, `{"message":"This profile is private"}`), fetch.Private, 0},
		{"403", answer(403, "Forbidden"), fetch.Refused, 0},
		{"403 of a private profile", answer(403, "<p>This user's ticks are private.</p>"), fetch.Private, 0},
		{"403 with a login", answer(403, login), fetch.Login, 0},
		{"403 with a challenge in the page", answer(403, challenge), fetch.Challenge, 0},
		{"403 with a challenge in the header", answer(403, "", "Cf-Mitigated", "challenge"), fetch.Challenge, 0},
		{"403 with a packed challenge", packed(403, challenge), fetch.Challenge, 0},
		{"503 with a challenge", answer(503, challenge, "Server", "cloudflare"), fetch.Challenge, 0},
		{"404", answer(404, "<html>no such page</html>"), fetch.NotFound, 0},
		{"410", answer(410, ""), fetch.NotFound, 0},
		{"400", answer(400, "{}"), fetch.Refused, 0},
		{"451", answer(451, ""), fetch.Refused, 0},
		{"429", answer(429, ""), fetch.RateLimited, 0},
		{"429 with seconds", answer(429, "", "Retry-After", "3600"), fetch.RateLimited, time.Hour},
		{"429 with a date", answer(429, "", "Retry-After", "Mon, 23 Nov 2026 08:02:00 GMT"), fetch.RateLimited, 2 * time.Minute},
		{"429 with a date that is past", answer(429, "", "Retry-After", "Mon, 23 Nov 2020 08:02:00 GMT"), fetch.RateLimited, 0},
		{"429 with less than nothing", answer(429, "", "Retry-After", "-5"), fetch.RateLimited, 0},
		{"429 with a year", answer(429, "", "Retry-After", "31536000"), fetch.RateLimited, 24 * time.Hour},
		{"429 with a date in a year", answer(429, "", "Retry-After", "Tue, 23 Nov 2027 08:02:00 GMT"), fetch.RateLimited, 24 * time.Hour},
		{"429 with words", answer(429, "", "Retry-After", "soon"), fetch.RateLimited, 0},
		{"500", answer(500, "<html>private parts of a stack trace</html>"), fetch.Unreachable, 0},
		{"503 with a time", answer(503, "maintenance", "Retry-After", "60"), fetch.Unreachable, time.Minute},
		{"a page in place of the export", answer(200, "\ufeff\n <html><body>Welcome</body></html>"), fetch.NotALogbook, 0},
		{"a page of a private profile", answer(200, "<html>This profile has been set to private</html>"), fetch.Private, 0},
		{"a login", answer(200, login), fetch.Login, 0},
		{"a challenge", answer(200, challenge), fetch.Challenge, 0},
		{"no content", answer(204, ""), fetch.NotALogbook, 0},
		{"a part", answer(206, export), fetch.NotALogbook, 0},
		{"not modified although nothing was known", answer(304, ""), fetch.NotALogbook, 0},
		{"an encoding that was not asked for", answer(200, export, "Content-Encoding", "br"), fetch.NotALogbook, 0},
		{"a broken archive", answer(200, export, "Content-Encoding", "gzip"), fetch.NotALogbook, 0},
		{"half an archive", halfArchive, fetch.Unreachable, 0},
		{"half a body", answer(200, export, "Content-Length", "1000"), fetch.Unreachable, 0},
		{"a header too long", answer(200, export, "X-Long", strings.Repeat("x", 80<<10)), fetch.TooLarge, 0},
		{"a declared body too long", answer(200, "", "Content-Length", "1073741824"), fetch.TooLarge, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			site := fetchtest.Start(t, test.site)
			_, err := site.New(t, fetch.Config{}).Get(t.Context(), fetch.Request{Path: "/ticks"})
			failed := failure(t, err)
			if failed.Reason != test.reason || failed.RetryAfter != test.retry || failed.NotAsked {
				t.Errorf("%s after %v (%v), want %s after %v", failed.Reason, failed.RetryAfter, err, test.reason, test.retry)
			}
			if !strings.Contains(failed.Sentence, "Example Crags") || !strings.Contains(failed.Sentence, "upload the export file of your logbook instead.") ||
				strings.Contains(failed.Sentence, "127.0.0.1") {
				t.Errorf("the owner reads %q", failed.Sentence)
			}
		})
	}
}

func packed(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(status)
		archive := gzip.NewWriter(w)
		io.WriteString(archive, body)
		archive.Close()
	}
}

func halfArchive(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	archive := gzip.NewWriter(w)
	io.WriteString(archive, export)
	archive.Flush() // and no end
}

// A page comes whole, packed or not, and is asked for with the state that is known.
func TestConditionalRequests(t *testing.T) {
	t.Parallel()
	var asked []http.Header
	site := fetchtest.Start(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header)
		if r.Header.Get("If-None-Match") == `"v1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", `"v1"`)
		w.Header().Set("Last-Modified", "Mon, 23 Nov 2026 07:00:00 GMT")
		w.Header().Set("Set-Cookie", "id=1")
		packed(200, export)(w, r)
	})
	client := site.New(t, fetch.Config{})
	first, err := client.Get(t.Context(), fetch.Request{Path: "/ticks", Accept: "text/csv"})
	if err != nil || string(first.Body) != export || first.NotModified {
		t.Fatalf("%+v, %v", first, err)
	}
	want := fetch.Version{ETag: `"v1"`, LastModified: "Mon, 23 Nov 2026 07:00:00 GMT", Hash: fetch.Hash([]byte(export))}
	if first.Version != want {
		t.Errorf("version %+v", first.Version)
	}
	second, err := client.Get(t.Context(), fetch.Request{Path: "/ticks", Known: first.Version})
	if err != nil || !second.NotModified || second.Body != nil || second.Version != want {
		t.Fatalf("%+v, %v", second, err)
	}
	third, err := client.Get(t.Context(), fetch.Request{Path: "/ticks", Known: fetch.Version{Hash: want.Hash}})
	if err != nil || !third.NotModified || third.Body != nil {
		t.Fatalf("the same content: %+v, %v", third, err)
	}
	header := asked[0]
	if header.Get("User-Agent") != "Cragbase/test (+https://climb.example.com)" || header.Get("Accept") != "text/csv" || header.Get("If-None-Match") != "" {
		t.Errorf("asked with %v", header)
	}
	if asked[1].Get("Cookie") != "" || asked[1].Get("If-Modified-Since") != want.LastModified {
		t.Errorf("asked with %v", asked[1])
	}
}

// Values that a database column does not hold are not kept, and the page is read in full the next time.
func TestLongValidatorsAreDropped(t *testing.T) {
	t.Parallel()
	site := fetchtest.Start(t, answer(200, export, "ETag", strings.Repeat("e", 301), "Last-Modified", strings.Repeat("m", 101)))
	page, err := site.New(t, fetch.Config{}).Get(t.Context(), fetch.Request{Path: "/"})
	if err != nil || page.ETag != "" || page.LastModified != "" {
		t.Errorf("%+v, %v", page, err)
	}
}

// The site is followed to its own pages and nowhere else.
func TestRedirects(t *testing.T) {
	t.Parallel()
	other := fetchtest.Start(t, func(http.ResponseWriter, *http.Request) { t.Error("another host was asked") })
	for _, test := range []struct {
		to     string
		reason fetch.Reason // "": followed
	}{
		{"/user/1/name/tick-export", ""},
		{"/one-more", ""},
		{"/for-ever", fetch.NotALogbook},
		{"/login", fetch.Login},
		{"/users/sign_in?next=/", fetch.Login},
		{"https://accounts.example.com/auth/realms/x/openid-connect", fetch.Login},
		{other.URL + "/", fetch.NotALogbook},
		{"http://HOST/user/1/name/tick-export", fetch.NotALogbook}, // without TLS
		{"https://x@HOST/user/1/name/tick-export", fetch.NotALogbook},
		{"http://127.0.0.1/", fetch.NotALogbook},
		{"https://169.254.169.254/latest/meta-data", fetch.NotALogbook},
		{"https://[::1]/", fetch.NotALogbook},
		{"file:///etc/passwd", fetch.NotALogbook},
		{"gopher://HOST/", fetch.NotALogbook},
	} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			t.Run(fmt.Sprint(status, " ", test.to), func(t *testing.T) {
				t.Parallel()
				var site *fetchtest.Server
				site = fetchtest.Start(t, func(w http.ResponseWriter, r *http.Request) {
					switch r.URL.Path {
					case "/user/1/name/tick-export":
						io.WriteString(w, export)
					case "/one-more":
						http.Redirect(w, r, "/user/1/name/tick-export", status)
					default:
						http.Redirect(w, r, strings.Replace(test.to, "HOST", site.Listener.Addr().String(), 1), status)
					}
				})
				page, err := site.New(t, fetch.Config{}).Get(t.Context(), fetch.Request{Path: "/start"})
				if test.reason == "" {
					if err != nil || string(page.Body) != export {
						t.Errorf("not followed: %v", err)
					}
					return
				}
				if failed := failure(t, err); failed.Reason != test.reason {
					t.Errorf("%v, want %s", err, test.reason)
				}
			})
		}
	}
}
