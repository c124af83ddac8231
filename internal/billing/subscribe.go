package billing

import (
	"context"
	"errors"
	"fmt"
	"net/url"
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

func (b *Billing) newSession(ctx context.Context, app core.App, userID string, o order) (*stripe.CheckoutSession, error) {
	customer, err := b.ensureCustomer(ctx, app, userID)
	if err != nil {
		return nil, err
	}
	i, err := b.record(app, userID, intentCheckout, "", o.clientKey, details{Tier: o.tier, Price: o.price, Customer: customer})
	if err != nil {
		return nil, err
	}
	return b.createSession(ctx, app, i)
}

// createSession makes the session of an intent. Ids of ours go where people look for them at Stripe; none of them decides
// anything when it comes back.
func (b *Billing) createSession(ctx context.Context, app core.App, i *intent) (*stripe.CheckoutSession, error) {
	site, d := b.config.SiteURL(app), i.details()
	metadata := map[string]string{metaUser: i.user(), metaIntent: i.Id}
	var session *stripe.CheckoutSession
	err := b.attempt(app, i, stateWaiting, func(key string) (map[string]any, error) {
		err := b.call("create checkout session", func() (err error) {
			session, err = b.stripe.CheckoutSessions.New(&stripe.CheckoutSessionParams{
				Params:            params(ctx, key),
				Mode:              stripe.String(string(stripe.CheckoutSessionModeSubscription)),
				Customer:          stripe.String(d.Customer),
				ClientReferenceID: stripe.String(i.user()),
				Metadata:          metadata,
				SubscriptionData:  &stripe.CheckoutSessionSubscriptionDataParams{Metadata: metadata},
				LineItems:         []*stripe.CheckoutSessionLineItemParams{{Price: stripe.String(d.Price), Quantity: stripe.Int64(1)}},
				SuccessURL:        stripe.String(site + "/v1/billing/return?session_id={CHECKOUT_SESSION_ID}"),
				CancelURL:         stripe.String(site + "/billing?checkout=cancelled"),
			})
			return err
		})
		if err != nil {
			return nil, err
		}
		return map[string]any{"object": session.ID, "expires_at": at(session.ExpiresAt), "next_at": b.config.Now().Add(sessionLook)}, nil
	})
	return session, err
}

// sessionLook is how often the sweep asks about a session that nobody has told us of.
const sessionLook = 5 * time.Minute

func checkoutOf(session *stripe.CheckoutSession) *Checkout {
	if session == nil {
		return nil
	}
	return &Checkout{URL: session.URL, SessionID: session.ID, ExpiresAt: at(session.ExpiresAt)}
}

// findSession looks for the session that an intent may have made.
func (b *Billing) findSession(ctx context.Context, app core.App, i *intent) error {
	var found *stripe.CheckoutSession
	err := b.call("list checkout sessions", func() error {
		list := b.stripe.CheckoutSessions.List(&stripe.CheckoutSessionListParams{ListParams: listParams(ctx), Customer: stripe.String(i.details().Customer)})
		for list.Next() {
			if session := list.CheckoutSession(); session.Metadata[metaIntent] == i.Id {
				found = session
			}
		}
		return list.Err()
	})
	switch {
	case errors.Is(err, errCustomerGone):
		return b.settle(app, i, stateFailed, nil)
	case err != nil:
		return err
	case found != nil:
		return b.settle(app, i, stateWaiting, map[string]any{"object": found.ID, "expires_at": at(found.ExpiresAt), "next_at": b.config.Now()})
	case i.mayRepeat(b.config.Now()): // it may still be under way: the same key makes one session, whichever comes first
		i.Set("state", stateUnknown) // also of one that a crash left open
		_, err := b.createSession(ctx, app, i)
		if outcomeOf(err) == answered { // the failure that Stripe keeps for the key: look once more
			return b.findSession(ctx, app, i)
		}
		return unlessSettled(err)
	}
	return b.settle(app, i, stateFailed, nil)
}

func (b *Billing) session(ctx context.Context, id string) (*stripe.CheckoutSession, error) {
	var session *stripe.CheckoutSession
	err := b.call("get checkout session", func() (err error) {
		session, err = b.stripe.CheckoutSessions.Get(id, &stripe.CheckoutSessionParams{Params: params(ctx, ""), Expand: expand("customer")})
		return err
	})
	return session, err
}

// checkSessions closes the checkouts of a user that have ended at Stripe, and expires those of a user who has left.
func (b *Billing) checkSessions(ctx context.Context, app core.App, userID string) error {
	waiting, err := pending(app, userID, stateWaiting)
	if err != nil {
		return err
	}
	for _, i := range waiting {
		session, err := b.session(ctx, i.object())
		switch {
		case errors.Is(err, errMissing):
			err = b.settle(app, i, stateFailed, nil)
		case err != nil:
		case session.Status == stripe.CheckoutSessionStatusComplete:
			err = b.settle(app, i, stateDone, nil)
		case session.Status == stripe.CheckoutSessionStatusExpired:
			err = b.settle(app, i, stateFailed, map[string]any{"error": "expired"})
		case checkActive(app, userID) != nil:
			err = b.expireSession(ctx, app, i)
		default:
			err = b.settle(app, i, stateWaiting, map[string]any{"next_at": b.config.Now().Add(sessionLook)})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// expireSession makes it impossible to pay a session that its user has no use for.
func (b *Billing) expireSession(ctx context.Context, app core.App, checkout *intent) error {
	i, err := b.record(app, checkout.user(), intentExpire, checkout.object(), "", details{ByUs: true})
	if err != nil {
		return err
	}
	return b.expire(ctx, app, i)
}

// expire expires the session of an intent, or finds it ended.
func (b *Billing) expire(ctx context.Context, app core.App, i *intent) error {
	checkout, err := findIntent(app, dbx.HashExp{"kind": intentCheckout, "object": i.object()})
	if err != nil {
		return err
	}
	session, err := b.session(ctx, i.object())
	if err == nil && session.Status == stripe.CheckoutSessionStatusOpen {
		if err := b.renew(app, i); err != nil {
			return err
		}
		err = b.attempt(app, i, stateDone, func(key string) (map[string]any, error) {
			return nil, b.call("expire checkout session", func() (err error) {
				session, err = b.stripe.CheckoutSessions.Expire(i.object(), &stripe.CheckoutSessionExpireParams{Params: params(ctx, key)})
				return err
			})
		})
		if errors.Is(err, errRefused) { // it ended in between
			session, err = b.session(ctx, i.object())
		}
	}
	if err != nil && !errors.Is(err, errMissing) {
		return err
	}
	if err := b.settle(app, i, stateDone, nil); err != nil || checkout == nil || checkout.state() != stateWaiting {
		return err
	}
	if session != nil && session.Status == stripe.CheckoutSessionStatusComplete {
		return b.settle(app, checkout, stateDone, nil)
	}
	return b.settle(app, checkout, stateFailed, map[string]any{"error": "expired"})
}

// Return is told that a user came back from a session of theirs. ErrUnknownSession: it is not theirs.
func (b *Billing) Return(ctx context.Context, app core.App, userID, sessionID string) error {
	i, err := findIntent(app, dbx.HashExp{"user": userID, "kind": intentCheckout, "object": sessionID})
	if err != nil {
		return err
	}
	if i == nil || sessionID == "" {
		return ErrUnknownSession
	}
	return b.write(ctx, userID, func(ctx context.Context) error {
		if err := b.checkSessions(ctx, app, userID); err != nil {
			return err
		}
		_, err := b.sync(ctx, app, userID)
		return err
	})
}

// PortalError is an error with the address where its user can do something about it.
type PortalError struct {
	Err error
	URL string // "": the portal could not be opened
}

func (e *PortalError) Error() string { return e.Err.Error() }

func (e *PortalError) Unwrap() error { return e.Err }

func (b *Billing) withPortal(ctx context.Context, app core.App, customer string, cause error) error {
	portal, err := b.portal(ctx, app, customer)
	if err != nil {
		app.Logger().Warn("no portal to offer", "error", err)
	}
	return &PortalError{Err: cause, URL: portal}
}

// Portal opens Stripe's portal for a user. Its address is a secret, made for each click. ErrNoSubscription: they have
// never been a customer.
func (b *Billing) Portal(ctx context.Context, app core.App, userID string) (string, error) {
	if !b.Configured() {
		return "", ErrNotConfigured
	}
	ctx, cancel := context.WithTimeout(ctx, b.config.WriteDeadline)
	defer cancel()
	row, err := customerOf(app, userID)
	if err != nil {
		return "", err
	}
	if row == nil || row.GetString("customer") == "" {
		return "", ErrNoSubscription
	}
	address, err := b.portal(ctx, app, row.GetString("customer"))
	if errors.Is(err, errCustomerGone) {
		return "", fmt.Errorf("%w: %w", ErrNoSubscription, err)
	}
	return address, err
}

func (b *Billing) portal(ctx context.Context, app core.App, customer string) (string, error) {
	var portal *stripe.BillingPortalSession
	err := b.call("create portal session", func() (err error) {
		portal, err = b.stripe.BillingPortalSessions.New(&stripe.BillingPortalSessionParams{
			Params: params(ctx, ""), Customer: stripe.String(customer), ReturnURL: stripe.String(b.config.SiteURL(app) + "/billing"),
		})
		return err
	})
	if err != nil {
		return "", err
	}
	if parsed, err := url.Parse(portal.URL); err != nil || parsed.Host == "" {
		return "", fmt.Errorf("%w: no portal address", ErrUnavailable)
	}
	return portal.URL, nil
}
