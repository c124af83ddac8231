package account

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Limit is how many wrong passwords a key bears within a window, and for how long it is locked then.
type Limit struct {
	Fails  int
	Window time.Duration
	Lock   time.Duration
}

// The contract's limit, for one endpoint's worth of guesses; and the one over all addresses together, which stops a
// guess that is spread over many (NIST 800-63B-4 allows 100).
var (
	perAccount   = Limit{Fails: 5, Window: 15 * time.Minute, Lock: 15 * time.Minute}
	allAddresses = Limit{Fails: 100, Window: 24 * time.Hour, Lock: time.Hour}
)

// Attempt is a password that is about to be checked: what it is counted under.
type Attempt struct {
	account string // who is guessed at; attempts of one account run one after another
	counts  []count
}

type count struct {
	name  string
	limit Limit
}

// Confirming is an attempt to confirm something with the password, by a user who has a session. Logins do not count here:
// otherwise anybody could lock a user out of the sessions they have.
func Confirming(userID string) Attempt {
	return Attempt{"confirm " + userID, []count{{"confirm " + userID, perAccount}}}
}

// LoggingIn is an attempt to log in to a collection from an address block. Each block has its own count, so that a
// stranger's guesses lock the stranger out; a block that the account is known to be used from bears no others' guesses.
func LoggingIn(collection, account, block string, known bool) Attempt {
	name := "login " + collection + " " + account
	attempt := Attempt{name, []count{{name + " from " + block, perAccount}}}
	if !known {
		attempt.counts = append(attempt.counts, count{name, allAddresses})
	}
	return attempt
}

// LockedError means that no password is taken until then, not even the right one.
type LockedError struct{ Until time.Time }

func (e *LockedError) Error() string {
	return "too many wrong passwords: try again after " + e.Until.UTC().Format("15:04:05 MST")
}

// WrongPasswordError means that the password is not the right one. LockedUntil is set when it was one too many.
type WrongPasswordError struct{ LockedUntil time.Time }

func (e *WrongPasswordError) Error() string { return "wrong password" }

// Throttle counts wrong passwords in the database, so that a lock outlives a restart and a crash. An attempt is counted
// before its password is checked and taken back when it was right: guesses in parallel cost as many as guesses in a row.
type Throttle struct {
	gate *Gate
	now  func() time.Time

	mu    sync.Mutex
	turns map[string]*turn
}

// turn is the order of the attempts at one account.
type turn struct {
	sync.Mutex
	users int
}

// NewThrottle returns a Throttle whose checks pass the gate.
func NewThrottle(gate *Gate, now func() time.Time) *Throttle {
	return &Throttle{gate: gate, now: now, turns: map[string]*turn{}}
}

// Try runs check, which reports whether the password is right, unless the attempt is locked. Attempts at one account wait
// for each other: in parallel, some of a user's own right passwords would meet the count of the others. It returns nil
// for a right password, *WrongPasswordError, *LockedError, ErrBusy, or the error of check, which counts as no attempt.
func (t *Throttle) Try(ctx context.Context, app core.App, attempt Attempt, check func() (bool, error)) error {
	defer t.take(attempt.account)()
	keys, err := t.keys(app, attempt)
	if err != nil {
		return err
	}
	until, err := t.reserve(app, attempt, keys)
	if err != nil {
		return err
	}
	leave, err := t.gate.Enter(ctx)
	if err != nil {
		return errors.Join(err, t.restore(app, keys))
	}
	right, err := func() (bool, error) {
		defer leave() // also when check panics
		return check()
	}()
	switch {
	case err != nil:
		return errors.Join(err, t.restore(app, keys))
	case right:
		return t.clear(app, keys)
	}
	return &WrongPasswordError{LockedUntil: until}
}

// take waits for the account's turn and returns how to give it on.
func (t *Throttle) take(account string) func() {
	t.mu.Lock()
	own, ok := t.turns[account]
	if !ok {
		own = &turn{}
		t.turns[account] = own
	}
	own.users++
	t.mu.Unlock()
	own.Lock()
	return func() {
		own.Unlock()
		t.mu.Lock()
		defer t.mu.Unlock()
		if own.users--; own.users == 0 {
			delete(t.turns, account)
		}
	}
}

// keys are the rows of an attempt. They say nothing about whose they are: the names are hashed with a secret.
func (t *Throttle) keys(app core.App, attempt Attempt) ([]string, error) {
	users, err := app.FindCachedCollectionByNameOrId(Collection)
	if err != nil {
		return nil, err
	}
	keys := make([]string, len(attempt.counts))
	for i, counted := range attempt.counts {
		mac := hmac.New(sha256.New, []byte(users.VerificationToken.Secret))
		mac.Write([]byte(counted.name))
		keys[i] = hex.EncodeToString(mac.Sum(nil)[:16])
	}
	return keys, nil
}

// reserve counts an attempt under all its keys, or under none when one is locked: *LockedError. It returns until when the
// attempt locks its keys, should it be wrong.
func (t *Throttle) reserve(app core.App, attempt Attempt, keys []string) (locks time.Time, err error) {
	now := t.now().UnixMilli()
	err = app.RunInTransaction(func(txApp core.App) error {
		for i, counted := range attempt.counts {
			until, err := reserveOne(txApp, keys[i], counted.limit, now)
			if err != nil {
				return err
			}
			if until.After(locks) {
				locks = until
			}
		}
		return nil
	})
	return locks, err
}

// reserveOne is one statement, so that nothing comes between looking and counting. A clock that was set back neither
// unlocks a key nor locks it for ever: time does not go below that of the last attempt.
func reserveOne(txApp core.App, key string, limit Limit, now int64) (time.Time, error) {
	const (
		clock = "max({:now}, [[last_at]])"
		anew  = "([[locked_until]] > 0 OR " + clock + " - [[first_at]] >= {:window})"
		fails = "(CASE WHEN " + anew + " THEN 1 ELSE [[fails]] + 1 END)"
	)
	var lockedUntil int64
	err := txApp.NonconcurrentDB().NewQuery(
		"INSERT INTO {{auth_throttle}} ([[key]], [[fails]], [[first_at]], [[last_at]], [[locked_until]]) VALUES ({:key}, 1, {:now}, {:now}, 0) " +
			"ON CONFLICT ([[key]]) DO UPDATE SET [[fails]] = " + fails + ", [[first_at]] = CASE WHEN " + anew + " THEN " + clock + " ELSE [[first_at]] END, " +
			"[[last_at]] = " + clock + ", [[locked_until]] = CASE WHEN " + fails + " >= {:limit} THEN " + clock + " + {:lock} ELSE 0 END " +
			"WHERE [[locked_until]] <= " + clock + " RETURNING [[locked_until]]").
		Bind(dbx.Params{"key": key, "now": now, "window": limit.Window.Milliseconds(), "limit": limit.Fails, "lock": limit.Lock.Milliseconds()}).Row(&lockedUntil)
	if errors.Is(err, sql.ErrNoRows) {
		err = txApp.NonconcurrentDB().NewQuery("SELECT [[locked_until]] FROM {{auth_throttle}} WHERE [[key]] = {:key}").
			Bind(dbx.Params{"key": key}).Row(&lockedUntil)
		if err == nil {
			return time.Time{}, &LockedError{Until: time.UnixMilli(lockedUntil)}
		}
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("count attempt: %w", err)
	}
	if lockedUntil == 0 {
		return time.Time{}, nil
	}
	return time.UnixMilli(lockedUntil), nil
}

// clear forgets the wrong passwords before a right one.
func (t *Throttle) clear(app core.App, keys []string) error {
	_, err := app.NonconcurrentDB().Delete("auth_throttle", dbx.HashExp{"key": anySlice(keys)}).Execute()
	return err
}

// restore takes an attempt back that was never checked.
func (t *Throttle) restore(app core.App, keys []string) error {
	_, err := app.NonconcurrentDB().Update("auth_throttle", dbx.Params{"fails": dbx.NewExp("[[fails]] - 1"), "locked_until": 0},
		dbx.HashExp{"key": anySlice(keys)}).Execute()
	return err
}

// Unlock lets a user try again at once, after they proved who they are by a mail.
func (t *Throttle) Unlock(app core.App, attempts ...Attempt) error {
	for _, attempt := range attempts {
		keys, err := t.keys(app, attempt)
		if err != nil {
			return err
		}
		if err := t.clear(app, keys); err != nil {
			return err
		}
	}
	return nil
}

// DeleteIdle deletes counts that no attempt added to since then.
func DeleteIdle(app core.App, before time.Time) (int64, error) {
	result, err := app.NonconcurrentDB().Delete("auth_throttle",
		dbx.NewExp("[[last_at]] < {:before}", dbx.Params{"before": before.UnixMilli()})).Execute()
	if err != nil {
		return 0, fmt.Errorf("delete idle throttles: %w", err)
	}
	return result.RowsAffected()
}

func anySlice(texts []string) []any {
	values := make([]any, len(texts))
	for i, text := range texts {
		values[i] = text
	}
	return values
}
