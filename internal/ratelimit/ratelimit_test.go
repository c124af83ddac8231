package ratelimit

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func newLimiter(t *testing.T, burst int, perHour float64) *Limiter {
	t.Helper()
	limiter, err := New(burst, perHour)
	if err != nil {
		t.Fatal(err)
	}
	return limiter
}

// take takes n tokens and counts those that it got.
func take(l *Limiter, key string, now time.Time, n int) (got int) {
	for range n {
		if _, ok := l.Take(key, now); ok {
			got++
		}
	}
	return got
}

func TestBlock(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ rule, ip, want string }{
		{"IPv4 itself", "192.0.2.7", "192.0.2.7"},
		{"IPv4 in IPv6 form", "::ffff:192.0.2.7", "192.0.2.7"},
		{"the same written out, as PocketBase does", "0000:0000:0000:0000:0000:ffff:c000:0207", "192.0.2.7"},
		{"IPv6 by its /64", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
		{"another host of it", "2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"},
		{"the same written out", "2001:0db8:0001:0002:0000:0000:0000:0001", "2001:db8:1:2::/64"},
		{"the neighbouring /64", "2001:db8:1:3::1", "2001:db8:1:3::/64"},
		{"a zone does not count", "fe80::1%eth0", "fe80::/64"},
		{"nor another one", "fe80::2%25x,y", "fe80::/64"},
		{"a zone on IPv4 in IPv6 form", "::ffff:192.0.2.7%eth0", "192.0.2.7"},
		{"loopback", "::1", "::/64"},
		{"garbage", "evil", "no address"},
		{"other garbage", "192.0.2.7, 192.0.2.8", "no address"},
		{"a port", "192.0.2.7:80", "no address"},
		{"what PocketBase says of no address", "invalid IP", "no address"},
		{"nothing", "", "no address"},
	} {
		if got := Block(test.ip); got != test.want {
			t.Errorf("%s: Block(%q) = %q, want %q", test.rule, test.ip, got, test.want)
		}
	}
}

func TestLimiter(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule  string
		after time.Duration // since three tokens of three were taken
		want  int           // tokens to be had then
	}{
		{"none at once", 0, 0},
		{"none before the first came back", 59 * time.Second, 0},
		{"one after its time", 60 * time.Second, 1},
		{"two after twice that", 2 * time.Minute, 2},
		{"never more than the burst", 24 * time.Hour, 3},
		{"none for a clock that was set back", -time.Hour, 0},
	} {
		limiter := newLimiter(t, 3, 60)
		if got := take(limiter, "a", noon, 5); got != 3 {
			t.Fatalf("a burst of 3 gave %d", got)
		}
		if got := take(limiter, "a", noon.Add(test.after), 5); got != test.want {
			t.Errorf("%s: %d tokens, want %d", test.rule, got, test.want)
		}
		if got := take(limiter, "b", noon, 5); got != 3 {
			t.Errorf("%s: another key got %d tokens, want its 3", test.rule, got)
		}
	}
}

// The wait is exact: one token is there after it, and none before.
func TestWait(t *testing.T) {
	t.Parallel()
	limiter := newLimiter(t, 1, 60)
	take(limiter, "a", noon, 1)
	now := noon.Add(15 * time.Second)
	wait, ok := limiter.Take("a", now)
	if ok || wait != 45*time.Second {
		t.Fatalf("wait %v, %v, want 45 s", wait, ok)
	}
	if _, ok := limiter.Take("a", now.Add(wait-time.Millisecond)); ok {
		t.Error("a token before its time")
	}
	if _, ok := limiter.Take("a", now.Add(wait)); !ok {
		t.Error("no token after the wait")
	}
}

func TestGiveBack(t *testing.T) {
	t.Parallel()
	limiter := newLimiter(t, 2, 60)
	for range 100 {
		if _, ok := limiter.Take("a", noon); !ok {
			t.Fatal("a token that was given back is not there")
		}
		limiter.GiveBack("a", noon.Add(time.Millisecond))
	}
	if got := take(limiter, "a", noon, 5); got != 2 {
		t.Errorf("%d tokens after all were given back, want the burst of 2", got)
	}
}

// Keys beyond the bound push the least recently used ones out.
func TestBoundedKeys(t *testing.T) {
	t.Parallel()
	limiter := newLimiter(t, 1, 1)
	take(limiter, "old", noon, 1)
	for i := range maxKeys - 1 {
		take(limiter, strconv.Itoa(i), noon, 1)
	}
	if got := take(limiter, "old", noon, 1); got != 0 {
		t.Error("a key within the bound was forgotten")
	}
	for i := range maxKeys + 1 {
		take(limiter, "new"+strconv.Itoa(i), noon, 1)
	}
	if got := limiter.buckets.Len(); got != maxKeys {
		t.Errorf("%d keys in memory, want %d", got, maxKeys)
	}
}

// However many ask at the same time, a key gets its burst and no more.
func TestParallel(t *testing.T) {
	t.Parallel()
	limiter := newLimiter(t, 50, 1)
	var got atomic.Int64
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			got.Add(int64(take(limiter, "a", noon, 100)))
			for range 100 {
				if _, ok := limiter.Take("b", noon); ok {
					limiter.GiveBack("b", noon)
				}
			}
		})
	}
	group.Wait()
	if got.Load() != 50 {
		t.Errorf("%d tokens of a burst of 50", got.Load())
	}
	if left := take(limiter, "b", noon, 100); left != 50 {
		t.Errorf("%d tokens left of 50 that were all given back", left)
	}
}
