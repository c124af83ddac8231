package eightanu

import (
	"errors"
	"strings"
	"testing"
)

const canonicalProfile = "https://www.8a.nu/user/ada-quill-2"

func TestProfileURLAccepts(t *testing.T) {
	t.Parallel()
	tests := []struct{ rule, raw string }{
		{"the canonical form", canonicalProfile},
		{"a trailing slash", canonicalProfile + "/"},
		{"routes", canonicalProfile + "/sportclimbing"},
		{"routes, with slash", canonicalProfile + "/sportclimbing/"},
		{"boulders", canonicalProfile + "/bouldering"},
		{"ascents", canonicalProfile + "/ascents"},
		{"ascents of routes", canonicalProfile + "/sportclimbing/ascents"},
		{"ascents of boulders", canonicalProfile + "/bouldering/ascents?page=3"},
		{"a query", canonicalProfile + "?x=/user/other"},
		{"a fragment", canonicalProfile + "#top"},
		{"http", "http://www.8a.nu/user/ada-quill-2"},
		{"no www", "https://8a.nu/user/ada-quill-2"},
		{"capitals in scheme and host", "HTTPS://WWW.8A.NU/user/ada-quill-2"},
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
	tests := []struct{ rule, raw string }{
		{"nothing", ""},
		{"no scheme", "8a.nu/user/ada-quill"},
		{"another site", "https://www.8b.nu/user/ada-quill"},
		{"lookalike", "https://www.8a.nu.example.com/user/ada-quill"},
		{"userinfo", "https://www.8a.nu@example.com/user/ada-quill"},
		{"port", "https://www.8a.nu:443/user/ada-quill"},
		{"trailing dot", "https://www.8a.nu./user/ada-quill"},
		{"backslash", `https://www.8a.nu\user\ada-quill`},
		{"no name", "https://www.8a.nu/user/"},
		{"hyphens for a name", "https://www.8a.nu/user/---"},
		{"capitals in the name", "https://www.8a.nu/user/Ada-Quill"},
		{"escaped letter", "https://www.8a.nu/user/%61da"},
		{"underscore", "https://www.8a.nu/user/ada_quill"},
		{"long name", "https://www.8a.nu/user/" + strings.Repeat("a", 101)},
		{"another page of the profile", canonicalProfile + "/followers"},
		{"below the ascents", canonicalProfile + "/ascents/1"},
		{"a crag", "https://www.8a.nu/crags/sportclimbing/owl-buttress"},
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
	for _, seed := range []string{canonicalProfile, "http://8a.nu/user/a/bouldering/ascents?x#y", "https://www.8a.nu/user/%61", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := ProfileURL(raw)
		if err != nil {
			if got != "" || !errors.Is(err, ErrNotProfile) {
				t.Fatalf("%q: %q, %v", raw, got, err)
			}
			return
		}
		if slug, ok := strings.CutPrefix(got, userPrefix); !ok || !isSlug(slug) {
			t.Fatalf("%q: %q is not canonical", raw, got)
		}
		if again, err := ProfileURL(got); err != nil || again != got {
			t.Fatalf("%q: %q parses to %q, %v", raw, got, again, err)
		}
	})
}
