package billing

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Kinds of intents: one for each write that Stripe knows from us.
const (
	intentCustomer    = "customer"             // object: the customer
	intentCheckout    = "checkout"             // object: the session
	intentExpire      = "expire"               // object: the session
	intentChange      = "change"               // object: the subscription
	intentCancel      = "cancel"               // object: the subscription
	intentCancelAtEnd = "cancel_at_period_end" // object: the subscription
	intentResume      = "resume"               // object: the subscription
	intentEmail       = "email"                // the customer's address
	intentEnd         = "end"                  // the user leaves: everything is cancelled and expired
)

// States of an intent.
const (
	stateOpen    = "open"    // committed; the call may be under way
	stateUnknown = "unknown" // the call was made, and its outcome is not known
	stateWaiting = "waiting" // a checkout that its user has not finished
	stateDone    = "done"
	stateFailed  = "failed" // Stripe changed nothing
)

// keyLife is how long Stripe surely knows an idempotency key (24 h), with a margin for clocks.
const keyLife = 23 * time.Hour

// details are what an intent says about the write, in its params column.
type details struct {
	Tier     string `json:"tier,omitempty"`
	Price    string `json:"price,omitempty"`
	Email    string `json:"email,omitempty"`
	Customer string `json:"customer,omitempty"`
	Left     int64  `json:"left,omitempty"`    // when the user left, in Unix seconds
	ByUs     bool   `json:"by_us,omitempty"`   // nobody waits for the answer: it is tried until it is done
	Settled  bool   `json:"settled,omitempty"` // Stripe failed, and keeps that answer under the key
}

// intent is a record of stripe_intents.
type intent struct{ core.BaseRecordProxy }

func (i *intent) kind() string   { return i.GetString("kind") }
func (i *intent) user() string   { return i.GetString("user") }
func (i *intent) key() string    { return i.GetString("key") }
func (i *intent) object() string { return i.GetString("object") }
func (i *intent) state() string  { return i.GetString("state") }

func (i *intent) details() details {
	var d details
	_ = i.UnmarshalJSONField("params", &d) // we wrote it
	return d
}

// mayRepeat reports whether Stripe still answers the same to the same key.
func (i *intent) mayRepeat(now time.Time) bool {
	return !i.details().Settled && now.Sub(i.GetDateTime("sent_at").Time()) < keyLife
}

// record writes an intent, in the caller's transaction where it has one.
func (b *Billing) record(app core.App, userID, kind, object, clientKey string, d details) (*intent, error) {
	record, err := newRecord(app, IntentCollection)
	if err != nil {
		return nil, err
	}
	now := b.config.Now()
	record.Load(map[string]any{
		"user": userID, "kind": kind, "object": object, "client_key": clientKey, "params": d, "key": rand.Text(), "state": stateOpen,
		"attempts": 1, "sent_at": now, "next_at": now.Add(b.config.WriteDeadline),
	})
	if err := save(app, record); err != nil {
		return nil, fmt.Errorf("record %s: %w", kind, err)
	}
	i := &intent{}
	i.SetProxyRecord(record)
	return i, nil
}

// settle writes the outcome of an intent down.
func (b *Billing) settle(app core.App, i *intent, state string, values map[string]any) error {
	i.Set("state", state)
	i.Set("error", "")
	if state == stateFailed {
		i.Set("client_key", "") // the next request with it is a new attempt
	}
	for name, value := range values {
		i.Set(name, value)
	}
	if err := save(app, i.ProxyRecord()); err != nil {
		return fmt.Errorf("settle %s: %w", i.kind(), err)
	}
	return nil
}

// attempt makes the one call of an intent and writes down what came of it. The error is that of the call; one that could
// not be written down leaves the intent open, to be found out later.
func (b *Billing) attempt(app core.App, i *intent, done string, call func(key string) (values map[string]any, err error)) error {
	return b.attemptWith(app, i, done, call, nil)
}

// attemptWith does the same with something more to write in the transaction of a good outcome.
func (b *Billing) attemptWith(app core.App, i *intent, done string, call func(key string) (values map[string]any, err error), also func(txApp core.App) error) error {
	values, err := call(i.key())
	if err == nil {
		return app.RunInTransaction(func(txApp core.App) error {
			if err := b.settle(txApp, i, done, values); err != nil || also == nil {
				return err
			}
			return also(txApp)
		})
	}
	state, d := stateFailed, i.details()
	if outcomeOf(err) != refused {
		state, d.Settled = stateUnknown, outcomeOf(err) == answered
	} else if (d.ByUs || i.state() == stateUnknown) && errors.Is(err, ErrUnavailable) {
		state = stateUnknown // a refusal for now, which says nothing of an earlier request with the key
	}
	next := b.config.Now().Add(backoff(i.GetInt("attempts")))
	text := err.Error()
	failed := b.settle(app, i, state, map[string]any{"params": d, "error": text[:min(len(text), 300)], "next_at": next})
	return errors.Join(err, failed)
}

// backoff is the pause before an intent is looked at again: a minute, doubled up to an hour.
func backoff(attempts int) time.Duration {
	return min(time.Hour, time.Minute<<min(max(attempts-1, 0), 10))
}

// renew gives an intent a new key for another attempt.
func (b *Billing) renew(app core.App, i *intent) error {
	now, d := b.config.Now(), i.details()
	d.Settled = false
	return b.settle(app, i, stateOpen, map[string]any{"params": d, "key": rand.Text(), "attempts": i.GetInt("attempts") + 1, "sent_at": now, "next_at": now.Add(b.config.WriteDeadline)})
}

// pending lists the intents of a user in given states, oldest first.
func pending(app core.App, userID string, states ...any) ([]*intent, error) {
	var records []*core.Record
	err := app.RecordQuery(IntentCollection).AndWhere(dbx.HashExp{"user": userID, "state": states}).OrderBy("created", "rowid").All(&records)
	if err != nil {
		return nil, fmt.Errorf("read intents: %w", err)
	}
	return proxies(records), nil
}

func proxies(records []*core.Record) []*intent {
	intents := make([]*intent, len(records))
	for n, record := range records {
		intents[n] = &intent{}
		intents[n].SetProxyRecord(record)
	}
	return intents
}

// findIntent finds one intent, nil when there is none.
func findIntent(app core.App, where dbx.HashExp) (*intent, error) {
	record, err := first(app, IntentCollection, where)
	if err != nil || record == nil {
		return nil, err
	}
	i := &intent{}
	i.SetProxyRecord(record)
	return i, nil
}

// clear finds out what came of every intent of a user whose outcome is not written down. It fails when Stripe cannot be
// asked: nobody may build on what is not known. Addresses are left to sendEmails, as nothing is built on them. The caller
// has the user's lock.
func (b *Billing) clear(ctx context.Context, app core.App, userID string) error {
	intents, err := pending(app, userID, stateOpen, stateUnknown)
	if err != nil {
		return err
	}
	for _, i := range intents {
		if i.kind() == intentEmail {
			continue
		}
		if err := b.findOut(ctx, app, i); err != nil {
			return fmt.Errorf("find out about %s: %w", i.kind(), err)
		}
	}
	return nil
}

// findOut looks at Stripe first. What did not happen is done again only where nobody can have seen it fail and given up.
func (b *Billing) findOut(ctx context.Context, app core.App, i *intent) error {
	switch i.kind() {
	case intentCustomer:
		return b.findCustomer(ctx, app, i)
	case intentCheckout:
		return b.findSession(ctx, app, i)
	case intentExpire:
		return b.expire(ctx, app, i)
	case intentEnd:
		return b.end(ctx, app, i)
	case intentCancel:
		return b.findCancel(ctx, app, i)
	}
	return b.findUpdate(ctx, app, i)
}
