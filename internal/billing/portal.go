package billing

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/pocketbase/pocketbase/core"
	"github.com/stripe/stripe-go/v76"
)

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
