package mountainproject

import (
	"errors"
	"strings"
	"testing"
)

const canonicalProfile = "https://www.mountainproject.com/user/200123456"

func TestProfileURLAccepts(t *testing.T) {
	t.Parallel()
	tests := []struct{ rule, raw string }{
		{"the canonical form", canonicalProfile},
		{"the climber's name", canonicalProfile + "/ada-quill"},
		{"a name with digits", canonicalProfile + "/ada-quill-2nd"},
		{"a name with dots and underscores", canonicalProfile + "/ada_q.uill"},
		{"an escaped name", canonicalProfile + "/ad%C3%A9-o%27quill"},
		{"a trailing slash", canonicalProfile + "/"},
		{"a trailing slash after the name", canonicalProfile + "/ada-quill/"},
		{"the page of the ticks", canonicalProfile + "/ada-quill/ticks"},
		{"the page of the ticks, with slash and query", canonicalProfile + "/ada-quill/ticks/?page=2"},
		{"ticks without the name", canonicalProfile + "/ticks"},
		{"a query", canonicalProfile + "/ada-quill?utm_source=x&a=https://example.com/"},
		{"a query on the number", canonicalProfile + "?x=1"},
		{"a fragment", canonicalProfile + "/ada-quill#ticks"},
		{"http", "http://www.mountainproject.com/user/200123456/ada-quill"},
		{"no www", "https://mountainproject.com/user/200123456/ada-quill"},
		{"capitals in scheme and host", "HTTPS://WWW.MountainProject.COM/user/200123456"},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			if got, err := ProfileURL(test.raw); err != nil || got != canonicalProfile {
				t.Errorf("ProfileURL(%q) = %q, %v; want %q", test.raw, got, err, canonicalProfile)
			}
		})
	}
}

func TestProfileURLRefuses(t *testing.T) {
	t.Parallel()
	const path = "/user/200123456/ada-quill"
	tests := []struct{ rule, raw string }{
		{"nothing", ""},
		{"no scheme", "www.mountainproject.com" + path},
		{"an address relative to the scheme", "//www.mountainproject.com" + path},
		{"javascript", "javascript://www.mountainproject.com" + path},
		{"file", "file:///etc/passwd"},
		{"gopher", "gopher://www.mountainproject.com" + path},
		{"a scheme with one slash", "https:/www.mountainproject.com" + path},
		{"a scheme with three slashes", "https:///www.mountainproject.com" + path},
		{"userinfo", "https://www.mountainproject.com@example.com" + path},
		{"userinfo before the site", "https://user:word@www.mountainproject.com" + path},
		{"backslash before an at sign", `https://www.mountainproject.com\@example.com` + path},
		{"backslashes for slashes", `https:\\www.mountainproject.com` + path},
		{"escaped slash before an at sign", "https://www.mountainproject.com%2f@example.com" + path},
		{"escaped host", "https://www.mountainproject%2ecom" + path},
		{"lookalike before the site", "https://www.mountainproject.com.example.com" + path},
		{"lookalike after the site", "https://notmountainproject.com" + path},
		{"another subdomain", "https://api.mountainproject.com" + path},
		{"trailing dot", "https://www.mountainproject.com." + path},
		{"cyrillic letter", "https://www.mountаinproject.com" + path},
		{"punycode", "https://www.xn--mountinproject-4yk.com" + path},
		{"the site's port", "https://www.mountainproject.com:443" + path},
		{"another port", "https://www.mountainproject.com:8080" + path},
		{"IPv4", "https://127.0.0.1" + path},
		{"IPv6", "https://[::1]" + path},
		{"decimal IP", "https://2130706433" + path},
		{"hexadecimal IP", "https://0x7f000001" + path},
		{"line break", "https://www.mountainproject.com/user/1\r\nHost: example.com"},
		{"tab", "https://www.mountain\tproject.com" + path},
		{"space before", " https://www.mountainproject.com" + path},
		{"NUL", canonicalProfile + "\x00"},
		{"invalid UTF-8", canonicalProfile + "/\xff"},
		{"double slash in the path", "https://www.mountainproject.com//user/200123456"},
		{"parent folder", canonicalProfile + "/.."},
		{"escaped parent folder", canonicalProfile + "/%2e%2e"},
		{"escaped slash", canonicalProfile + "/a%2fb"},
		{"escaped backslash", canonicalProfile + "/a%5Cb"},
		{"escaped digit", "https://www.mountainproject.com/user/%31"},
		{"escape cut short", canonicalProfile + "/ada%2"},
		{"escape that is none", canonicalProfile + "/ada%zz"},
		{"two trailing slashes", canonicalProfile + "//"},
		{"path parameter", canonicalProfile + ";x=1"},
		{"no number", "https://www.mountainproject.com/user/"},
		{"a name for a number", "https://www.mountainproject.com/user/ada-quill"},
		{"sign", "https://www.mountainproject.com/user/-1"},
		{"leading zero", "https://www.mountainproject.com/user/0200123456"},
		{"number without end", "https://www.mountainproject.com/user/" + strings.Repeat("9", 19)},
		{"digits of another script", "https://www.mountainproject.com/user/２００"},
		{"another page of the profile", canonicalProfile + "/ada-quill/contributions"},
		{"below the ticks", canonicalProfile + "/ada-quill/ticks/2"},
		{"a route", "https://www.mountainproject.com/route/200123456"},
		{"path in capitals", "https://www.mountainproject.com/USER/200123456"},
		{"the front page", "https://www.mountainproject.com"},
		{"too long", canonicalProfile + "?" + strings.Repeat("x", 2048)},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			if got, err := ProfileURL(test.raw); got != "" || !errors.Is(err, ErrNotProfile) {
				t.Errorf("ProfileURL(%q) = %q, %v; want ErrNotProfile", test.raw, got, err)
			}
		})
	}
}

func FuzzProfileURL(f *testing.F) {
	f.Add("")
	f.Add(canonicalProfile)
	f.Add("http://mountainproject.com/user/1/a/ticks?x#y")
	f.Add("https://www.mountainproject.com/user/%31")
	f.Add(`https://a\@b`)
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := ProfileURL(raw)
		if err != nil {
			if got != "" || !errors.Is(err, ErrNotProfile) {
				t.Fatalf("%q: %q, %v", raw, got, err)
			}
			return
		}
		if number, ok := strings.CutPrefix(got, userPrefix); !ok || number == "" || strings.Trim(number, "0123456789") != "" {
			t.Fatalf("%q: %q is not canonical", raw, got)
		}
		if again, err := ProfileURL(got); err != nil || again != got {
			t.Fatalf("%q: %q parses to %q, %v", raw, got, again, err)
		}
	})
}
