package billing

import (
	"context"
	"errors"
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	"github.com/stripe/stripe-go/v76"
)

// Keys of metadata at Stripe. They help people there, and help us to find what we made; they decide nothing.
const (
	metaUser   = "user_id"
	metaIntent = "intent"
)

// ensureCustomer returns the user's customer at Stripe and makes one where there is none. It never adopts one by its
// e-mail address: anybody can have Stripe hold any address.
func (b *Billing) ensureCustomer(ctx context.Context, app core.App, userID string) (string, error) {
	row, err := customerOf(app, userID)
	if err != nil {
		return "", err
	}
	if row != nil && row.GetString("customer") != "" {
		return row.GetString("customer"), nil
	}
	user, err := app.FindRecordById(usersCollection, userID)
	if err != nil {
		return "", fmt.Errorf("find user: %w", err)
	}
	i, err := b.record(app, userID, intentCustomer, "", "", details{Email: user.Email()})
	if err != nil {
		return "", err
	}
	return b.createCustomer(ctx, app, i)
}

func (b *Billing) createCustomer(ctx context.Context, app core.App, i *intent) (string, error) {
	var customer *stripe.Customer
	err := b.attemptWith(app, i, stateDone, func(key string) (map[string]any, error) {
		err := b.call("create customer", func() (err error) {
			customer, err = b.stripe.Customers.New(&stripe.CustomerParams{
				Params: params(ctx, key), Email: address(i.details().Email),
				Metadata: map[string]string{metaUser: i.user(), metaIntent: i.Id},
			})
			return err
		})
		if err != nil {
			return nil, err
		}
		return map[string]any{"object": customer.ID}, nil
	}, func(txApp core.App) error { return saveCustomer(txApp, i.user(), customer.ID) })
	if err != nil {
		return "", err
	}
	return customer.ID, nil
}

// address is an e-mail address as a parameter; nil for none.
func address(email string) *string {
	if email == "" {
		return nil
	}
	return stripe.String(email)
}

// saveCustomer writes down which customer a user is; each one is a generation.
func saveCustomer(app core.App, userID, customer string) error {
	row, err := customerOf(app, userID)
	if err != nil {
		return err
	}
	if row == nil {
		if row, err = newRecord(app, CustomerCollection); err != nil {
			return err
		}
		row.Set("user", userID)
	}
	row.Set("customer", customer)
	row.Set("generation", row.GetInt("generation")+1)
	return save(app, row)
}

// findCustomer looks for the customer that an intent may have made.
func (b *Billing) findCustomer(ctx context.Context, app core.App, i *intent) error {
	var found *stripe.Customer
	err := b.call("list customers", func() error {
		if i.details().Email == "" {
			return nil // it would list everybody
		}
		list := b.stripe.Customers.List(&stripe.CustomerListParams{ListParams: listParams(ctx), Email: stripe.String(i.details().Email)})
		for list.Next() {
			if customer := list.Customer(); customer.Metadata[metaIntent] == i.Id {
				found = customer
			}
		}
		return list.Err()
	})
	switch {
	case err != nil:
		return err
	case found != nil:
		return app.RunInTransaction(func(txApp core.App) error {
			if err := saveCustomer(txApp, i.user(), found.ID); err != nil {
				return err
			}
			return b.settle(txApp, i, stateDone, map[string]any{"object": found.ID})
		})
	case i.mayRepeat(b.config.Now()): // it may still be under way: the same key makes one customer, whichever comes first
		i.Set("state", stateUnknown) // also of one that a crash left open
		_, err := b.createCustomer(ctx, app, i)
		if outcomeOf(err) == answered { // the failure that Stripe keeps for the key: look once more
			return b.findCustomer(ctx, app, i)
		}
		return unlessSettled(err)
	}
	return b.settle(app, i, stateFailed, nil)
}

// unlessSettled passes an error on, unless Stripe refused: then the question is settled.
func unlessSettled(err error) error {
	if outcomeOf(err) == lost || errors.Is(err, ErrUnavailable) {
		return err
	}
	return nil
}

// RecordEmail makes Stripe write to a user's new address, in the transaction that gives it to them. It reports whether
// there is anything to do, which Settle does then.
func (b *Billing) RecordEmail(txApp core.App, userID, email string) (bool, error) {
	row, err := customerOf(txApp, userID)
	if err != nil || row == nil || row.GetString("customer") == "" || !b.Configured() {
		return false, err
	}
	_, err = b.record(txApp, userID, intentEmail, row.GetString("customer"), "", details{Email: email, ByUs: true})
	return err == nil, err
}

// sendEmails tells Stripe of the addresses that it does not have yet, in the order in which the user had them.
func (b *Billing) sendEmails(ctx context.Context, app core.App, userID string) error {
	intents, err := pending(app, userID, stateOpen, stateUnknown)
	if err != nil {
		return err
	}
	for _, i := range intents {
		if i.kind() != intentEmail {
			continue
		}
		if err := b.sendEmail(ctx, app, i); err != nil {
			return fmt.Errorf("send an address: %w", err)
		}
	}
	return nil
}

// sendEmail writes the address, again and again if need be: it is absolute.
func (b *Billing) sendEmail(ctx context.Context, app core.App, i *intent) error {
	if err := b.renew(app, i); err != nil {
		return err
	}
	err := b.attempt(app, i, stateDone, func(key string) (map[string]any, error) {
		return nil, b.call("update customer", func() error {
			_, err := b.stripe.Customers.Update(i.object(), &stripe.CustomerParams{Params: params(ctx, key), Email: stripe.String(i.details().Email)})
			return err
		})
	})
	if errors.Is(err, errCustomerGone) || errors.Is(err, errMissing) {
		return nil // nobody to write to
	}
	return err
}

// DeleteCustomer deletes a customer at Stripe, which cancels what they subscribe to. It may be repeated.
func (b *Billing) DeleteCustomer(ctx context.Context, customer string) error {
	if !b.Configured() {
		return ErrNotConfigured
	}
	err := b.call("delete customer", func() error {
		_, err := b.stripe.Customers.Del(customer, &stripe.CustomerParams{Params: params(ctx, "")})
		return err
	})
	if errors.Is(err, errCustomerGone) || errors.Is(err, errMissing) {
		return nil
	}
	return err
}
