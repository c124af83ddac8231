package main

import (
	"os"
	"testing"
	"time"
)

const statLine = "4711 (cragbase) S 1 4711 4711 0 -1 4194560 9000 0 3 0 125 50 0 0 20 0 12 0 88888 1300000000 9000 18446744073709551615\n"

func TestParseStat(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule, line string
		want       time.Duration
	}{
		{"user and system time together, in hundredths of a second", statLine, 1750 * time.Millisecond},
		{"a name may hold spaces and parentheses", "1 (a) b (c 9 9) R 0 0 0 0 0 0 0 0 0 0 1 2 0 0", 30 * time.Millisecond},
	} {
		if got, err := parseStat([]byte(test.line)); err != nil || got != test.want {
			t.Errorf("%s: %v, %v; want %v", test.rule, got, err, test.want)
		}
	}
}

func TestParseStatRefuses(t *testing.T) {
	t.Parallel()
	for rule, line := range map[string]string{
		"nothing":              "",
		"no name":              "4711 S 1 4711 4711 0 -1 4194560 9000 0 3 0 125 50 0 0 20",
		"a line that is cut":   "4711 (cragbase) S 1 4711 4711 0 -1 4194560 9000 0 3 0 125",
		"a time that is none":  "4711 (cragbase) S 1 4711 4711 0 -1 4194560 9000 0 3 0 125 x 0 0",
		"a time below nothing": "4711 (cragbase) S 1 4711 4711 0 -1 4194560 9000 0 3 0 -1 50 0 0",
	} {
		if got, err := parseStat([]byte(line)); err == nil {
			t.Errorf("%s: %v, want an error", rule, got)
		}
	}
}

// What the kernel of this computer writes is understood, if it has a /proc.
func TestOwnProcessorTime(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		return
	}
	if used, err := (&server{pid: os.Getpid()}).cpuTime(); err != nil || used < 0 || used > 24*time.Hour {
		t.Errorf("%v, %v", used, err)
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte(statLine))
	f.Add([]byte("1 (a) b (c 9 9) R 0 0 0 0 0 0 0 0 0 0 1 2 0 0"))
	f.Add([]byte(")"))
	f.Add([]byte("1 (x) R 0 0 0 0 0 0 0 0 0 0 4294967295 4294967295 0"))
	f.Fuzz(func(t *testing.T, line []byte) {
		if used, err := parseStat(line); err == nil && used < 0 {
			t.Errorf("%v from %q", used, line)
		}
	})
}
