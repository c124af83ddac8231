package billing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/internal/plan"
)

// Checkout is an open Checkout session.
type Checkout struct {
	URL       string
	SessionID string
	ExpiresAt time.Time
}

// Outcome of Subscribe: one of the two.
type Outcome struct {
	Checkout     *Checkout     // the user has to go there and pay
	Subscription *Subscription // it is done
}

// Subscribe brings a user to a tier: through Checkout from the free one, at once from a paid one, and by cancelling to the
// free one. A clientKey (the Idempotency-Key of the request, or "") that comes again gets the same outcome.
//
// It ends in ErrAlreadySubscribed, ErrPastDue, ErrPaymentFailed, ErrActionRequired (the last three as *PortalError),
// ErrTooManyChanges, ErrKeyReused, ErrUnknownTier, ErrUnavailable.
func (b *Billing) Subscribe(ctx context.Context, app core.App, userID, tier, clientKey string) (Outcome, error) {
	if tier == tierFree {
		subscription, err := b.Cancel(ctx, app, userID, false)
		return Outcome{Subscription: &subscription}, err
	}
	price, err := plan.PriceOf(app, tier)
	if err != nil {
		return Outcome{}, fmt.Errorf("%w: %w", ErrUnknownTier, err)
	}
	if price == "" {
		return Outcome{}, ErrNotConfigured
	}
	var result Outcome
	err = b.write(ctx, userID, func(ctx context.Context) error {
		result, err = b.subscribe(ctx, app, userID, order{tier: tier, price: price, clientKey: clientKey})
		return err
	})
	return result, err
}

// order is what a user asked for.
type order struct{ tier, price, clientKey string }

func (b *Billing) subscribe(ctx context.Context, app core.App, userID string, o order) (Outcome, error) {
	if err := b.clear(ctx, app, userID); err != nil {
		return Outcome{}, err
	}
	if err := b.checkSessions(ctx, app, userID); err != nil {
		return Outcome{}, err
	}
	found, err := b.sync(ctx, app, userID)
	if err != nil {
		return Outcome{}, err
	}
	repeated, err := b.repeated(app, userID, &o)
	if err != nil {
		return Outcome{}, err
	}
	current := found.verdict.current
	switch {
	case current == nil:
		return b.checkout(ctx, app, userID, o)
	case repeated, current.Status != stripe.SubscriptionStatusActive && current.Status != stripe.SubscriptionStatusTrialing, found.tiers[priceOf(current)] == o.tier:
		return b.asItIs(ctx, app, userID, found, repeated)
	}
	if err := b.change(ctx, app, userID, found, o); err != nil {
		return Outcome{}, err
	}
	return b.after(ctx, app, userID)
}

// repeated reports whether the same request was answered before with a change that was made. A key that was used for
// anything else that is over is dropped from the order: the index allows it once.
func (b *Billing) repeated(app core.App, userID string, o *order) (bool, error) {
	if o.clientKey == "" {
		return false, nil
	}
	former, err := findIntent(app, dbx.HashExp{"user": userID, "client_key": o.clientKey})
	if err != nil || former == nil {
		return false, err
	}
	if former.details().Tier != o.tier {
		return false, ErrKeyReused
	}
	o.clientKey = ""
	return former.kind() == intentChange && former.state() == stateDone, nil
}

// asItIs answers where nothing is to be changed.
func (b *Billing) asItIs(ctx context.Context, app core.App, userID string, found synced, repeated bool) (Outcome, error) {
	switch found.verdict.current.Status {
	case stripe.SubscriptionStatusActive, stripe.SubscriptionStatusTrialing:
		if !repeated {
			return Outcome{}, ErrAlreadySubscribed
		}
		return b.after(ctx, app, userID)
	}
	return Outcome{}, b.withPortal(ctx, app, found.customer, ErrPastDue)
}

// after reads the state that a change led to.
func (b *Billing) after(ctx context.Context, app core.App, userID string) (Outcome, error) {
	subscription, err := b.fresh(ctx, app, userID)
	return Outcome{Subscription: &subscription}, err
}

// changesADay is how often the plan may change in 24 hours. Each change is an invoice, and Stripe makes at most 20 of a
// subscription in a day (docs.stripe.com/rate-limits).
const changesADay = 18

// change swaps the price at once, prorated and invoiced now. Stripe refuses as a whole when that invoice cannot be paid.
func (b *Billing) change(ctx context.Context, app core.App, userID string, found synced, o order) error {
	now := b.config.Now()
	recent, err := app.CountRecords(IntentCollection, dbx.HashExp{"user": userID, "kind": intentChange, "state": stateDone},
		dbx.NewExp("[[sent_at]] > {:since}", dbx.Params{"since": stamp(now.Add(-24 * time.Hour))}))
	if err != nil {
		return fmt.Errorf("count changes: %w", err)
	}
	if recent >= changesADay {
		return ErrTooManyChanges
	}
	sub := found.verdict.current
	first := item(sub)
	if first == nil {
		return fmt.Errorf("%w: the subscription has no item", ErrUnavailable)
	}
	i, err := b.record(app, userID, intentChange, sub.ID, o.clientKey, details{Tier: o.tier, Price: o.price})
	if err != nil {
		return err
	}
	err = b.attempt(app, i, stateDone, func(key string) (map[string]any, error) {
		return nil, b.call("change subscription", func() error {
			_, err := b.stripe.Subscriptions.Update(sub.ID, &stripe.SubscriptionParams{
				Params:            params(ctx, key),
				Items:             []*stripe.SubscriptionItemsParams{{ID: stripe.String(first.ID), Price: stripe.String(o.price)}},
				PaymentBehavior:   stripe.String("error_if_incomplete"),
				ProrationBehavior: stripe.String("always_invoice"),
				CancelAtPeriodEnd: stripe.Bool(false), // who chooses a plan wants to stay
			})
			return err
		})
	})
	if errors.Is(err, ErrPaymentFailed) || errors.Is(err, ErrActionRequired) {
		return b.tellOfFailure(ctx, app, found, i, err)
	}
	return err
}

// tellOfFailure tells the user of a change that was not paid for, and where to go on.
func (b *Billing) tellOfFailure(ctx context.Context, app core.App, found synced, i *intent, cause error) error {
	event := Event{Kind: PaymentFailed, UserID: i.user(), Key: "payment_failed:" + i.Id, Tier: i.details().Tier}
	if wanted, err := plan.Of(app, event.Tier); err == nil {
		event.Amount, event.Currency, event.Interval = int64(wanted.Price.Amount), wanted.Price.Currency, wanted.Price.Interval
	}
	if err := app.RunInTransaction(func(txApp core.App) error { return b.config.Tell(txApp, event) }); err != nil {
		return err
	}
	b.config.Happened(event)
	return b.withPortal(ctx, app, found.customer, cause)
}

// checkout returns the open session of an order, or makes one.
func (b *Billing) checkout(ctx context.Context, app core.App, userID string, o order) (Outcome, error) {
	if err := checkActive(app, userID); err != nil {
		return Outcome{}, err
	}
	waiting, err := pending(app, userID, stateWaiting)
	if err != nil {
		return Outcome{}, err
	}
	for _, i := range waiting {
		if d := i.details(); d.Tier == o.tier && d.Price == o.price {
			if session, err := b.session(ctx, i.object()); err != nil || isPayable(session) {
				return Outcome{Checkout: checkoutOf(session)}, err
			}
		}
		if err := b.expireSession(ctx, app, i); err != nil {
			return Outcome{}, err
		}
	}
	// Not before it is clear that there will be another session: the bank may be asking about a payment of the open one.
	if err := b.cancelIncomplete(ctx, app, userID); err != nil {
		return Outcome{}, err
	}
	session, err := b.newSession(ctx, app, userID, o)
	if errors.Is(err, errCustomerGone) { // the one we know was deleted
		session, err = b.replaceCustomer(ctx, app, userID, o)
	}
	if err != nil {
		return Outcome{}, err
	}
	if err := checkActive(app, userID); err != nil { // who left in between must not find it open
		return Outcome{}, errors.Join(err, b.checkSessions(ctx, app, userID))
	}
	return Outcome{Checkout: checkoutOf(session)}, nil
}

// isPayable reports whether a session leads anywhere: one whose customer was deleted stays open, and does not.
func isPayable(session *stripe.CheckoutSession) bool {
	return session.Status == stripe.CheckoutSessionStatusOpen && (session.Customer == nil || !session.Customer.Deleted)
}

// checkActive refuses who left while the request waited for its turn.
func checkActive(app core.App, userID string) error {
	user, err := app.FindRecordById(usersCollection, userID)
	if err != nil {
		return fmt.Errorf("find user: %w", err)
	}
	if !mayAct(user) {
		return ErrNoSubscription
	}
	return nil
}

func (b *Billing) replaceCustomer(ctx context.Context, app core.App, userID string, o order) (*stripe.CheckoutSession, error) {
	row, err := customerOf(app, userID)
	if err != nil || row == nil {
		return nil, err
	}
	if err := b.forgetCustomer(app, userID, row.GetString("customer")); err != nil {
		return nil, err
	}
	return b.newSession(ctx, app, userID, o)
}
