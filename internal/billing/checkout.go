package billing

import (
	"context"
	"errors"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/stripe/stripe-go/v76"
)

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
