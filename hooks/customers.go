package hooks

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/jobs"
)

// bindCustomers carries over to Stripe what happens to a user, whoever makes it happen: a route of ours, an administrator
// in the dashboard, the erasure. Only the intent is written in the transaction; a job does the rest.
func (s *server) bindCustomers(app core.App) {
	app.OnRecordUpdate(account.Collection).BindFunc(s.followUser)
	app.OnRecordDelete(account.Collection).BindFunc(followErased)
}

// followUser records what a change of a user means for their customer.
func (s *server) followUser(e *core.RecordEvent) error {
	before, outer := e.Record.Original(), e.App
	defer func() { e.App = outer }()
	return outer.RunInTransaction(func(txApp core.App) error {
		e.App = txApp
		if err := e.Next(); err != nil {
			return err
		}
		return s.recordForStripe(txApp, before, e.Record)
	})
}

// recordForStripe: whoever may not act any more is not charged any more, a ban included, as nobody could cancel it then;
// and invoices go to the address that the user has.
func (s *server) recordForStripe(txApp core.App, before, user *core.Record) error {
	if account.MayAct(before) && !account.MayAct(user) {
		if err := s.endBilling(txApp, user.Id); err != nil {
			return err
		}
	}
	if user.Email() == before.Email() {
		return nil
	}
	recorded, err := s.billing.RecordEmail(txApp, user.Id, user.Email())
	if err != nil || !recorded {
		return err
	}
	return enqueueBilling(txApp, user.Id)
}

// customerPayload holds nothing but Stripe's id: the job outlives the user, and the erasure forgets every job that leads
// to them.
type customerPayload struct {
	Customer string `json:"customer"`
}

// followErased makes Stripe forget whom we delete, in the transaction of the deletion. That ends what they are subscribed
// to as well, should its cancellation not have got through.
func followErased(e *core.RecordEvent) error {
	outer := e.App
	defer func() { e.App = outer }()
	return outer.RunInTransaction(func(txApp core.App) error {
		e.App = txApp
		customers, err := customersOf(txApp, e.Record.Id)
		if err != nil {
			return err
		}
		for _, customer := range customers {
			if _, err := jobs.Enqueue(txApp, kindDeleteCustomer, customerPayload{customer}, jobs.Options{Unique: customer}); err != nil {
				return err
			}
		}
		return e.Next()
	})
}

// customersOf lists all customers that a user has been. Those of the past are in the mirror alone, and are there still
// where only our key could not see them.
func customersOf(txApp core.App, userID string) ([]string, error) {
	var all []string
	for _, collection := range []string{billing.CustomerCollection, billing.SubscriptionCollection} {
		var found []string
		err := txApp.DB().Select("customer").From(collection).Where(dbx.HashExp{"user": userID}).AndWhere(dbx.NewExp("[[customer]] != ''")).
			Distinct(true).Column(&found)
		if err != nil {
			return nil, fmt.Errorf("find customers of a user: %w", err)
		}
		all = append(all, found...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// deleteCustomer deletes a customer at Stripe.
func (s *server) deleteCustomer(ctx context.Context, _ core.App, job jobs.Job) (jobs.Effect, error) {
	var payload customerPayload
	if err := job.Bind(&payload); err != nil {
		return nil, err
	}
	return nil, later(s.billing.DeleteCustomer(ctx, payload.Customer))
}

// settleInTime finds out what is still open at Stripe about a user who is about to be erased: once the intents are gone, a
// customer that was made and never heard of would be nobody's. An erasure that is due does not wait for Stripe, though.
func (s *server) settleInTime(ctx context.Context, app core.App, userID string) {
	if userID == "" || !s.billing.Configured() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	if err := s.billing.Settle(ctx, app, userID); err != nil {
		app.Logger().Warn("an erasure goes on without Stripe's answer", "error", err)
	}
}

const settleTime = 30 * time.Second
