package demo

import (
	"strings"
	"testing"
)

func TestAnAddressToListenOnBecomesOneToOpen(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		"127.0.0.1:8090": "127.0.0.1:8090",
		"localhost:8090": "localhost:8090",
		":8090":          "127.0.0.1:8090",
		"0.0.0.0:8090":   "127.0.0.1:8090",
		"0.0.0.0:80":     "127.0.0.1",
		"example.org:80": "example.org",
		":http":          "127.0.0.1",
		"":               "127.0.0.1",
		"[::]:8090":      "[::1]:8090",
		"[::]:80":        "[::1]",
		"[fd00::5]:81":   "[fd00::5]:81",
	} {
		t.Run(addr, func(t *testing.T) {
			t.Parallel()
			if got := browserHost(addr); got != want {
				t.Errorf("browserHost(%q) = %q, want %q", addr, got, want)
			}
		})
	}
}

func TestAnnounceNamesEveryAddressAndSignIn(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	Announce(&out, ":8090", true)
	for _, want := range []string{
		"http://127.0.0.1:8090/\n", "http://127.0.0.1:8090/_/\n", "http://127.0.0.1:8090/v1/openapi.yaml\n",
		"anna@demo.cragbase.example", "ben@demo.cragbase.example", "carla@demo.cragbase.example", climberPassword,
		administratorEmail, administratorPassword, "premium\n", "4242 pays",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
}

func TestAnnounceAlignsItsColumns(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	Announce(&out, ":8090", true)
	for _, cell := range []string{"http://", "demo-"} {
		columns := map[int]bool{}
		for line := range strings.Lines(out.String()) {
			if at := strings.Index(line, cell); at >= 0 {
				columns[at] = true
			}
		}
		if len(columns) != 1 {
			t.Errorf("%q begins in columns %v, want one", cell, columns)
		}
	}
}

// At a Stripe of one's own nobody has paid yet.
func TestAnnounceWithoutASandbox(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	Announce(&out, ":8090", false)
	if strings.Contains(out.String(), "premium") || strings.Contains(out.String(), "4242") {
		t.Errorf("it speaks of the sandbox:\n%s", out.String())
	}
}
