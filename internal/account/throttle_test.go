package account_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// clock is a time that a test moves.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(time.Date(2026, 3, 28, 23, 50, 0, 0, time.UTC).UnixMilli())
	return c
}

func (c *clock) now() time.Time          { return time.UnixMilli(c.at.Load()) }
func (c *clock) advance(d time.Duration) { c.at.Add(d.Milliseconds()) }

func wrong() (bool, error) { return false, nil }
func right() (bool, error) { return true, nil }

// try is the outcome of one attempt: right, wrong, locks (wrong, and the last one) or locked.
func try(t *testing.T, throttle *account.Throttle, app *pbtest.App, attempt account.Attempt, check func() (bool, error)) string {
	t.Helper()
	err := throttle.Try(context.Background(), app, attempt, check)
	var refused *account.WrongPasswordError
	var locked *account.LockedError
	switch {
	case err == nil:
		return "right"
	case errors.As(err, &refused) && refused.LockedUntil.IsZero():
		return "wrong"
	case errors.As(err, &refused):
		return "locks"
	case errors.As(err, &locked):
		return "locked"
	}
	t.Fatal(err)
	return ""
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	type step struct {
		after time.Duration
		check func() (bool, error)
		want  string
	}
	four := []step{{0, wrong, "wrong"}, {0, wrong, "wrong"}, {0, wrong, "wrong"}, {0, wrong, "wrong"}}
	five := append(four[:4:4], step{0, wrong, "locks"})
	for _, test := range []struct {
		rule  string
		steps []step
	}{
		{"the fifth wrong password locks", append(five, step{0, wrong, "locked"})},
		{"the right one is no way out, and no oracle", append(five, step{0, right, "locked"})},
		{"the lock ends after 15 minutes, not earlier", append(five, step{15*time.Minute - time.Millisecond, right, "locked"}, step{time.Millisecond, right, "right"})},
		{"trying while locked does not prolong it", append(five, step{14 * time.Minute, wrong, "locked"}, step{time.Minute, wrong, "wrong"})},
		{"after a lock the count starts anew", append(five, step{15 * time.Minute, wrong, "wrong"}, step{0, wrong, "wrong"})},
		{"a right one forgets the wrong ones", append(four[:4:4], step{0, right, "right"}, step{0, wrong, "wrong"})},
		{"wrong ones of more than 15 minutes ago do not count", append(four[:4:4], step{15 * time.Minute, wrong, "wrong"}, step{0, wrong, "wrong"})},
		{"a clock that is set back an hour does not unlock", append(five, step{-time.Hour, right, "locked"})},
		{"and does not lock for ever", append(five, step{-time.Hour, right, "locked"}, step{time.Hour + 15*time.Minute, right, "right"})},
		{"a clock that jumps a day ahead unlocks", append(five, step{25 * time.Hour, right, "right"})},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			app, clock := pbtest.New(t), newClock()
			throttle := account.NewThrottle(account.NewGate(), clock.now)
			for i, step := range test.steps {
				clock.advance(step.after)
				if got := try(t, throttle, app, account.Confirming(pbtest.OwnerID), step.check); got != step.want {
					t.Errorf("step %d: %s, want %s", i, got, step.want)
				}
				if got := try(t, account.NewThrottle(account.NewGate(), clock.now), app, account.Confirming(pbtest.StrangerID), right); got != "right" {
					t.Errorf("step %d: another user's: %s", i, got)
				}
			}
		})
	}
}

// Another Throttle on the same data, as after a restart, knows the lock.
func TestLockOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	app, clock := pbtest.New(t), newClock()
	attempt := account.Confirming(pbtest.OwnerID)
	for range 5 {
		try(t, account.NewThrottle(account.NewGate(), clock.now), app, attempt, wrong)
	}
	if got := try(t, account.NewThrottle(account.NewGate(), clock.now), app, attempt, right); got != "locked" {
		t.Errorf("after a restart: %s", got)
	}
}

// An attempt that was never checked, or whose check broke, is none.
func TestBrokenChecksAreNotCounted(t *testing.T) {
	t.Parallel()
	app, clock := pbtest.New(t), newClock()
	throttle := account.NewThrottle(account.NewGate(), clock.now)
	broken := errors.New("broken")
	for range 20 {
		err := throttle.Try(context.Background(), app, account.Confirming(pbtest.OwnerID), func() (bool, error) { return false, broken })
		if !errors.Is(err, broken) {
			t.Fatal(err)
		}
	}
	if got := try(t, throttle, app, account.Confirming(pbtest.OwnerID), wrong); got != "wrong" {
		t.Errorf("the first real one: %s", got)
	}
}

// Guesses in parallel cost as many checks as guesses in a row.
func TestParallelGuesses(t *testing.T) {
	t.Parallel()
	app, clock := pbtest.New(t), newClock()
	throttle := account.NewThrottle(account.NewGate(), clock.now)
	var checks, locked atomic.Int64
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			err := throttle.Try(context.Background(), app, account.Confirming(pbtest.OwnerID), func() (bool, error) {
				checks.Add(1)
				return false, nil
			})
			if refusal := (*account.LockedError)(nil); errors.As(err, &refusal) {
				locked.Add(1)
			}
		})
	}
	all.Wait()
	if checks.Load() != 5 || locked.Load() != 195 {
		t.Errorf("%d checked, %d locked; want 5 and 195", checks.Load(), locked.Load())
	}
}

// A user who signs in from many tabs at once is not taken for somebody who guesses.
func TestParallelRightPasswords(t *testing.T) {
	t.Parallel()
	app, clock := pbtest.New(t), newClock()
	throttle := account.NewThrottle(account.NewGate(), clock.now)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if err := throttle.Try(context.Background(), app, account.LoggingIn("users", pbtest.OwnerID, "192.0.2.1", true), right); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// A stranger's guesses lock out the stranger, and at worst all addresses that the account was never used from.
func TestGuessesOfOthersDoNotLockTheUserOut(t *testing.T) {
	t.Parallel()
	app, clock := pbtest.New(t), newClock()
	throttle := account.NewThrottle(account.NewGate(), clock.now)
	from := func(block string, known bool) account.Attempt {
		return account.LoggingIn("users", pbtest.OwnerID, block, known)
	}
	for range 5 {
		try(t, throttle, app, from("198.51.100.1", false), wrong)
	}
	if got := try(t, throttle, app, from("198.51.100.1", false), right); got != "locked" {
		t.Errorf("the stranger: %s", got)
	}
	if got := try(t, throttle, app, from("192.0.2.9", false), wrong); got != "wrong" {
		t.Errorf("a new address: %s", got)
	}
	for i := range 30 { // from many addresses
		for range 5 {
			try(t, throttle, app, from("203.0.113."+string(rune('a'+i)), false), wrong)
		}
	}
	if got := try(t, throttle, app, from("192.0.2.10", false), right); got != "locked" {
		t.Errorf("a new address after 100 guesses from anywhere: %s", got)
	}
	if got := try(t, throttle, app, from("192.0.2.1", true), right); got != "right" {
		t.Errorf("the user's own address: %s", got)
	}
	if got := try(t, throttle, app, account.Confirming(pbtest.OwnerID), right); got != "right" {
		t.Errorf("the user's session: %s", got)
	}
}

// More than a few hundred waiting logins are turned away at once, and a place is free again when one leaves.
func TestGateIsBounded(t *testing.T) {
	t.Parallel()
	gate := account.NewGate()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	leave, err := gate.Enter(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gate.Enter(ctx); err != nil {
		t.Fatal(err)
	}
	outcomes := make(chan error, 300)
	for range 300 {
		go func() {
			_, err := gate.Enter(ctx)
			outcomes <- err
		}()
	}
	for range 300 - 256 {
		if err := <-outcomes; !errors.Is(err, account.ErrBusy) {
			t.Errorf("one too many: %v", err)
		}
	}
	leave()
	if err := <-outcomes; err != nil {
		t.Errorf("the next in line: %v", err)
	}
	cancel()
	for range 255 {
		if err := <-outcomes; !errors.Is(err, context.Canceled) {
			t.Errorf("who gave up: %v", err)
		}
	}
}
