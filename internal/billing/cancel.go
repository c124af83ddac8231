package billing

import (
	"context"
	"errors"

	"github.com/pocketbase/pocketbase/core"
	"github.com/stripe/stripe-go/v76"
)

// Cancel ends a paid plan: now, or with the paid period. One that is not paid ends now in either case, as the rest of the
// period would be a present. Nothing is refunded. ErrNoSubscription, ErrUnavailable.
func (b *Billing) Cancel(ctx context.Context, app core.App, userID string, atPeriodEnd bool) (Subscription, error) {
	return b.onCurrent(ctx, app, userID, func(ctx context.Context, current *stripe.Subscription) error {
		paid := current.Status == stripe.SubscriptionStatusActive || current.Status == stripe.SubscriptionStatusTrialing
		if atPeriodEnd && paid {
			if current.CancelAtPeriodEnd {
				return nil
			}
			return b.setCancelAtPeriodEnd(ctx, app, userID, current.ID, true)
		}
		i, err := b.record(app, userID, intentCancel, current.ID, "", details{})
		if err != nil {
			return err
		}
		return b.cancel(ctx, app, i)
	})
}

// Resume takes a cancellation at the end of the period back.
func (b *Billing) Resume(ctx context.Context, app core.App, userID string) (Subscription, error) {
	return b.onCurrent(ctx, app, userID, func(ctx context.Context, current *stripe.Subscription) error {
		if !current.CancelAtPeriodEnd {
			return nil
		}
		return b.setCancelAtPeriodEnd(ctx, app, userID, current.ID, false)
	})
}

// onCurrent does something to the subscription that counts, and returns what came of it.
func (b *Billing) onCurrent(ctx context.Context, app core.App, userID string, work func(context.Context, *stripe.Subscription) error) (Subscription, error) {
	if known, err := customerOf(app, userID); err == nil && known == nil && b.Configured() {
		return Subscription{}, ErrNoSubscription
	}
	var result Subscription
	err := b.write(ctx, userID, func(ctx context.Context) error {
		if err := b.clear(ctx, app, userID); err != nil {
			return err
		}
		found, err := b.sync(ctx, app, userID)
		if err != nil {
			return err
		}
		if found.verdict.current == nil {
			return ErrNoSubscription
		}
		if err := work(ctx, found.verdict.current); err != nil {
			return err
		}
		result, err = b.fresh(ctx, app, userID)
		return err
	})
	return result, err
}

func (b *Billing) setCancelAtPeriodEnd(ctx context.Context, app core.App, userID, subscription string, value bool) error {
	kind := intentResume
	if value {
		kind = intentCancelAtEnd
	}
	i, err := b.record(app, userID, kind, subscription, "", details{})
	if err != nil {
		return err
	}
	return b.attempt(app, i, stateDone, func(key string) (map[string]any, error) {
		return nil, b.call("update subscription", func() error {
			_, err := b.stripe.Subscriptions.Update(subscription, &stripe.SubscriptionParams{Params: params(ctx, key), CancelAtPeriodEnd: stripe.Bool(value)})
			return err
		})
	})
}

// cancel cancels the subscription of an intent now.
func (b *Billing) cancel(ctx context.Context, app core.App, i *intent) error {
	err := b.attempt(app, i, stateDone, func(key string) (map[string]any, error) {
		return nil, b.call("cancel subscription", func() error {
			_, err := b.stripe.Subscriptions.Cancel(i.object(), &stripe.SubscriptionCancelParams{Params: params(ctx, key)})
			return err
		})
	})
	if !errors.Is(err, errMissing) {
		return err
	}
	// Stripe says so of one that is cancelled already, and also when our key belongs to another account.
	sub, getErr := b.subscription(ctx, i.object())
	switch {
	case getErr != nil:
		return errors.Join(ErrUnavailable, err, getErr)
	case !isOver(sub):
		return errors.Join(ErrUnavailable, err)
	}
	return b.settle(app, i, stateDone, nil)
}

func (b *Billing) subscription(ctx context.Context, id string) (*stripe.Subscription, error) {
	var sub *stripe.Subscription
	err := b.call("get subscription", func() (err error) {
		sub, err = b.stripe.Subscriptions.Get(id, &stripe.SubscriptionParams{Params: params(ctx, "")})
		return err
	})
	return sub, err
}

// findCancel looks whether a cancellation happened. One that a user asked for and saw fail is given up: they may have
// changed their mind. One of ours is made again until it is done.
func (b *Billing) findCancel(ctx context.Context, app core.App, i *intent) error {
	sub, err := b.subscription(ctx, i.object())
	switch {
	case errors.Is(err, errMissing):
		return b.settle(app, i, stateFailed, map[string]any{"error": "no such subscription"})
	case err != nil:
		return err
	case isOver(sub):
		return b.settle(app, i, stateDone, nil)
	case !i.details().ByUs:
		return b.settle(app, i, stateFailed, nil)
	}
	if err := b.renew(app, i); err != nil {
		return err
	}
	return b.cancel(ctx, app, i)
}

// findUpdate looks whether a change of the subscription happened. What did not is given up: its user saw it fail. Should
// it still be under way, Stripe's webhook tells of it.
func (b *Billing) findUpdate(ctx context.Context, app core.App, i *intent) error {
	sub, err := b.subscription(ctx, i.object())
	if err != nil && !errors.Is(err, errMissing) {
		return err
	}
	happened := false
	switch {
	case err != nil || isOver(sub):
	case i.kind() == intentChange:
		happened = sells(sub, i.details().Price)
	default:
		happened = sub.CancelAtPeriodEnd == (i.kind() == intentCancelAtEnd)
	}
	if happened {
		return b.settle(app, i, stateDone, nil)
	}
	return b.settle(app, i, stateFailed, nil)
}

// cancelExtras cancels live subscriptions that their user has no use for.
func (b *Billing) cancelExtras(ctx context.Context, app core.App, userID string, extras []*stripe.Subscription) error {
	var failed []error
	for _, sub := range extras {
		failed = append(failed, b.cancelOurselves(ctx, app, userID, sub.ID))
	}
	return errors.Join(failed...)
}

// cancelOurselves cancels a subscription that nobody asked to cancel, until it is done: what fails is taken up again by
// the sweep.
func (b *Billing) cancelOurselves(ctx context.Context, app core.App, userID, subscription string) error {
	undone, err := pending(app, userID, stateOpen, stateUnknown)
	if err != nil {
		return err
	}
	for _, i := range undone {
		if i.kind() == intentCancel && i.object() == subscription && i.details().ByUs {
			return b.findCancel(ctx, app, i)
		}
	}
	i, err := b.record(app, userID, intentCancel, subscription, "", details{ByUs: true})
	if err != nil {
		return err
	}
	return b.cancel(ctx, app, i)
}

// cancelIncomplete cancels subscriptions whose first payment is still open: another checkout replaces them.
func (b *Billing) cancelIncomplete(ctx context.Context, app core.App, userID string) error {
	mirror, err := mirrorOf(app, userID)
	if err != nil {
		return err
	}
	for id, record := range mirror {
		if record.GetString("status") != string(stripe.SubscriptionStatusIncomplete) {
			continue
		}
		if err := b.cancelOurselves(ctx, app, userID, id); err != nil {
			return err
		}
	}
	return nil
}

// RecordEnd makes everything of a user end at Stripe, in the transaction in which they leave. It reports whether there is
// anything to end, which Settle does then.
func (b *Billing) RecordEnd(txApp core.App, userID string) (bool, error) {
	row, err := customerOf(txApp, userID)
	if err != nil {
		return false, err
	}
	undone, err := pending(txApp, userID, stateOpen, stateUnknown)
	if err != nil || row == nil && len(undone) == 0 || !b.Configured() {
		return false, err
	}
	_, err = b.record(txApp, userID, intentEnd, "", "", details{ByUs: true, Left: b.config.Now().Unix()})
	return err == nil, err
}

// end expires the open checkouts of a user who left and cancels what they had subscribed to by then, whether or not they
// have come back since: they were told so.
func (b *Billing) end(ctx context.Context, app core.App, i *intent) error {
	if err := b.renew(app, i); err != nil {
		return err
	}
	waiting, err := pending(app, i.user(), stateWaiting)
	if err != nil {
		return err
	}
	for _, checkout := range waiting {
		if err := b.expireSession(ctx, app, checkout); err != nil {
			return err
		}
	}
	found, err := b.refresh(ctx, app, i.user()) // writes down what was paid for nothing, which nobody sees once it is cancelled
	if err != nil {
		return err
	}
	if err := b.cancelExtras(ctx, app, i.user(), found.verdict.extras); err != nil {
		return err
	}
	return b.settle(app, i, stateDone, nil)
}
