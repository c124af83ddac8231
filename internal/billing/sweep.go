package billing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/stripe/stripe-go/v76"
)

// Settle does what is recorded for a user and not done, and reads Stripe. It is what makes the end of an account sure.
func (b *Billing) Settle(ctx context.Context, app core.App, userID string) error {
	return b.write(ctx, userID, func(ctx context.Context) error {
		if err := b.clear(ctx, app, userID); err != nil {
			return err
		}
		if err := b.checkSessions(ctx, app, userID); err != nil {
			return err
		}
		_, err := b.sync(ctx, app, userID)
		return err
	})
}

// SweepReport counts what Sweep or Reconcile did.
type SweepReport struct{ Users, Events, Failed int }

// Sweep takes up what was left: events that were received and not finished, events that Stripe could not deliver, intents
// whose outcome is not known, checkouts that nobody told us the end of, and what the clock ends. It gives up with
// ErrUnavailable as soon as Stripe does not answer.
func (b *Billing) Sweep(ctx context.Context, app core.App) (SweepReport, error) {
	if !b.Configured() {
		return SweepReport{}, ErrNotConfigured
	}
	undelivered, err := b.undelivered(ctx, app, sweepEvents)
	if err != nil {
		return SweepReport{}, err
	}
	users, err := b.due(app)
	if err != nil {
		return SweepReport{}, err
	}
	return b.settleAll(ctx, app, users, undelivered)
}

// How far back the list of events that were not delivered is read: by every sweep over the days in which Stripe itself
// tries again, by the reconciliation over all that Stripe keeps.
const (
	sweepEvents     = 3 * 24 * time.Hour
	reconcileEvents = 30 * 24 * time.Hour
)

// Reconcile reads every customer whose last read is older than a time, oldest first, until ctx ends. Done is false when
// some are left: call it again with the same time.
func (b *Billing) Reconcile(ctx context.Context, app core.App, before time.Time) (report SweepReport, done bool, err error) {
	if !b.Configured() {
		return SweepReport{}, false, ErrNotConfigured
	}
	undelivered, err := b.undelivered(ctx, app, reconcileEvents)
	if err != nil {
		return SweepReport{}, false, err
	}
	if report, err = b.settleAll(ctx, app, nil, undelivered); err != nil {
		return report, false, err
	}
	after := ""
	for {
		users, err := unread(app, before, after)
		if err != nil || len(users) == 0 {
			return report, err == nil, err
		}
		part, err := b.settleAll(ctx, app, users, nil)
		report.Users, report.Failed = report.Users+part.Users, report.Failed+part.Failed
		if err != nil {
			return report, false, err
		}
		after = users[len(users)-1]
	}
}

// unread lists a page of the users whose customers were read last before a time. Those that fail are passed over by id.
func unread(app core.App, before time.Time, after string) ([]string, error) {
	var users []string
	err := app.DB().Select("user").From(CustomerCollection).
		Where(dbx.NewExp("[[customer]] != '' AND [[synced_at]] < {:before} AND [[user]] > {:after}", dbx.Params{"before": stamp(before), "after": after})).
		OrderBy("user").Limit(100).Column(&users)
	if err != nil {
		return nil, fmt.Errorf("list customers: %w", err)
	}
	return users, nil
}

// silences is how many users in a row Stripe may not answer for before it counts as down.
const silences = 3

// settleAll settles users one after another, at a pace that leaves Stripe's limits to those who wait for an answer, and
// closes the events that ask for no more than that.
func (b *Billing) settleAll(ctx context.Context, app core.App, users []string, events []*core.Record) (SweepReport, error) {
	var report SweepReport
	silent := 0
	outcomes := map[string]error{}
	settle := func(userID string) error {
		if err, ok := outcomes[userID]; ok {
			return err
		}
		if err := b.limiter.Wait(ctx); err != nil {
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		err := b.Settle(ctx, app, userID)
		outcomes[userID] = err
		report.Users++
		silent++
		if !errors.Is(err, ErrUnavailable) {
			silent = 0
		}
		if err != nil {
			report.Failed++
			app.Logger().Error("a user's billing cannot be settled", "user", userID, "error", err)
		}
		return err
	}
	for _, userID := range users {
		if err := settle(userID); err != nil && (silent >= silences || ctx.Err() != nil) {
			return report, err
		}
	}
	for _, row := range events {
		userID, err := UserOf(app, row.GetString("customer"))
		if err != nil {
			return report, err
		}
		state := eventIgnored
		if userID != "" {
			state = eventDone
			err = settle(userID)
		}
		switch {
		case err == nil:
			report.Events++
			err = closeEvent(app, row, state)
		case silent >= silences || ctx.Err() != nil:
			return report, errors.Join(err, failEvent(app, row, err))
		default:
			err = failEvent(app, row, err)
		}
		if err != nil {
			return report, err
		}
	}
	return report, nil
}

// due lists the users for whom something is left to do.
func (b *Billing) due(app core.App) ([]string, error) {
	now := b.config.Now()
	var users []string
	err := app.DB().NewQuery("SELECT [[user]] FROM {{stripe_intents}} WHERE [[state]] != 'done' AND [[state]] != 'failed' AND [[next_at]] <= {:now} " +
		"UNION SELECT [[user]] FROM {{stripe_customers}} WHERE [[grace_until]] != '' AND [[grace_until]] <= {:now} AND [[synced_at]] < [[grace_until]] " +
		"UNION SELECT [[user]] FROM {{stripe_customers}} WHERE [[alert]] != '' AND [[synced_at]] < {:hour} " +
		"UNION SELECT c.[[user]] FROM {{stripe_customers}} c JOIN {{subscriptions}} s ON s.[[stripe_id]] = c.[[subscription]] " +
		"WHERE c.[[subscription]] != '' AND s.[[period_end]] <= {:hour} AND c.[[synced_at]] < {:hour}").
		Bind(dbx.Params{"now": stamp(now), "hour": stamp(now.Add(-time.Hour))}).Column(&users)
	if err != nil {
		return nil, fmt.Errorf("list what is due: %w", err)
	}
	return users, nil
}

// undelivered lists the events that are not done: those that we received, and those that Stripe could not deliver in the
// time given, which are written down with it.
func (b *Billing) undelivered(ctx context.Context, app core.App, back time.Duration) ([]*core.Record, error) {
	now := b.config.Now()
	var missed []notification
	err := b.call("list events", func() error {
		missed = nil
		list := b.stripe.Events.List(&stripe.EventListParams{
			ListParams: listParams(ctx), DeliverySuccess: stripe.Bool(false), CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: now.Add(-back).Unix()},
			Types: stripe.StringSlice(EventTypes()),
		})
		for list.Next() {
			missed = append(missed, notificationOf(list.Event()))
		}
		return list.Err()
	})
	if err != nil {
		return nil, err
	}
	for _, n := range missed {
		if _, err := receive(app, n); err != nil {
			return nil, err
		}
	}
	var rows []*core.Record
	err = app.RecordQuery(EventCollection).AndWhere(dbx.HashExp{"state": eventReceived}).OrderBy("created", "rowid").All(&rows)
	if err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	return rows, nil
}

func notificationOf(event *stripe.Event) notification {
	n := notification{ID: event.ID, Type: string(event.Type), Created: event.Created, Livemode: event.Livemode}
	if event.Data != nil && event.Data.Object != nil {
		n.Data.Object.ID, _ = event.Data.Object["id"].(string)
		n.Data.Object.Object, _ = event.Data.Object["object"].(string)
		n.Data.Object.Customer, _ = json.Marshal(event.Data.Object["customer"]) // it was JSON before
	}
	return n
}
