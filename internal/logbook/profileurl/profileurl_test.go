package profileurl

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestPath(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule, raw string
		want      []string
		err       error
	}{
		{"front page", "https://crag.example", nil, nil},
		{"front page with slash", "https://www.crag.example/", nil, nil},
		{"front page with query", "https://crag.example?a=b", nil, nil},
		{"segments", "https://crag.example/user/1/Ada_q.-~", []string{"user", "1", "Ada_q.-~"}, nil},
		{"escapes stay as written", "https://crag.example/%C3%a9%20%27", []string{"%C3%a9%20%27"}, nil},
		{"query and fragment end the path", "http://CRAG.example/a?b/c#d", []string{"a"}, nil},
		{"fragment ends the host", "https://crag.example#@other.example", nil, nil},
		{"longest address", "https://crag.example/" + strings.Repeat("a", 2027), []string{strings.Repeat("a", 2027)}, nil},
		{"a byte more", "https://crag.example/" + strings.Repeat("a", 2028), nil, ErrTooLong},
		{"space in the query", "https://crag.example/?a b", nil, ErrCharacter},
		{"DEL", "https://crag.example/\x7f", nil, ErrCharacter},
		{"no scheme", "crag.example/a", nil, ErrScheme},
		{"scheme of another kind", "ftp://crag.example/a", nil, ErrScheme},
		{"no host", "https:///a", nil, ErrHost},
		{"query for a host", "https://?crag.example/a", nil, ErrHost},
		{"www twice", "https://www.www.crag.example/a", nil, ErrHost},
		{"empty userinfo", "https://@crag.example/a", nil, ErrHost},
		{"empty port", "https://crag.example:/a", nil, ErrHost},
		{"empty segment", "https://crag.example/a//b", nil, ErrPath},
		{"only slashes", "https://crag.example//", nil, ErrPath},
		{"dot", "https://crag.example/./a", nil, ErrPath},
		{"at sign in the path", "https://crag.example/@a", nil, ErrPath},
		{"escaped control character", "https://crag.example/%0a", nil, ErrPath},
		{"escaped percent sign", "https://crag.example/%252f", nil, ErrPath},
		{"percent sign at the end", "https://crag.example/a%", nil, ErrPath},
	}
	for _, test := range tests {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			got, err := Path(test.raw, "crag.example")
			if !slices.Equal(got, test.want) || !errors.Is(err, test.err) {
				t.Errorf("Path(%q) = %q, %v; want %q, %v", test.raw, got, err, test.want, test.err)
			}
		})
	}
}

func FuzzPath(f *testing.F) {
	for _, seed := range []string{"https://crag.example/a/b", "http://www.crag.example/%C3%A9?x", "https://crag.example//", "%"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		path, err := Path(raw, "crag.example")
		if err != nil {
			return
		}
		again, err := Path("https://crag.example/"+strings.Join(path, "/"), "crag.example")
		if err != nil || !slices.Equal(again, path) {
			t.Fatalf("%q: %q rebuilt is %q, %v", raw, path, again, err)
		}
	})
}
