package hooks

import (
	"errors"

	validation "github.com/go-ozzo/ozzo-validation/v4"
	pbvalidation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/plan"
	"github.com/cragbase/cragbase/internal/usage"
)

// bindPlans keeps what users have paid for while administrators edit the plans, and lets their limits follow.
func (s *server) bindPlans(app core.App) {
	app.OnRecordValidate(plan.Collection).BindFunc(checkPlan)
	app.OnRecordUpdate(plan.Collection).BindFunc(keepFormerPrice)
	app.OnRecordAfterUpdateSuccess(plan.Collection).BindFunc(s.hastenSyncs)
	app.OnRecordUpdate(plan.Collection).BindFunc(passOnLimit)
	app.OnRecordAfterUpdateSuccess(plan.Collection).BindFunc(s.announceLimit)
	app.OnRecordCreateRequest(plan.Collection).BindFunc(s.askForPrice)
	app.OnRecordUpdateRequest(plan.Collection).BindFunc(s.askForPrice)
	app.OnRecordDeleteRequest(plan.Collection).BindFunc(func(*core.RecordRequestEvent) error {
		return apis.NewBadRequestError("A plan cannot be deleted: users are on it, and pay its prices. Without a price it is not sold any more.", nil)
	})
}

// checkPlan holds the rules of plans whoever saves one, the environment at start included.
func checkPlan(e *core.RecordEvent) error {
	err := plan.Check(e.App, e.Record)
	var problems validation.Errors
	if errors.As(err, &problems) {
		return pbvalidation.Errors(problems) // PocketBase looks for its own type
	}
	if err != nil {
		return err
	}
	return e.Next()
}

func keepFormerPrice(e *core.RecordEvent) error {
	outer := e.App
	defer func() { e.App = outer }()
	return outer.RunInTransaction(func(txApp core.App) error {
		e.App = txApp
		if err := plan.KeepFormerPrice(txApp, e.Record); err != nil {
			return err
		}
		return e.Next()
	})
}

// hastenSyncs lets an interval act at once that an administrator has made shorter.
func (s *server) hastenSyncs(e *core.RecordEvent) error {
	tier := e.Record.GetString("tier")
	terms, err := plan.Of(e.App, tier)
	if err != nil {
		return err
	}
	if err := s.syncer.HastenTier(e.App, tier, terms.SyncInterval()); err != nil {
		return err
	}
	return e.Next()
}

// passOnLimit gives all users of a plan its limit of messages, in the transaction that saves it.
func passOnLimit(e *core.RecordEvent) error {
	return inTransaction(e, func(txApp core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		saved, err := plan.Of(txApp, e.Record.GetString("tier"))
		if err != nil {
			return err
		}
		return usage.SetLimits(txApp, saved.Tier, saved.MaxDailyMessages)
	})
}

// announceLimit tells those users of a plan who are looking at their usage; the others read it when they come. An administrator
// waits for that a second or so for a thousand of them.
func (s *server) announceLimit(e *core.RecordEvent) error {
	s.usage.ForgetAll()
	if err := usage.Announce(e.App, e.Record.GetString("tier"), subscribersOfUsage(e.App)); err != nil {
		e.App.Logger().Warn("another limit of messages was not announced", "error", err)
	}
	return e.Next()
}

// askForPrice asks Stripe about a new price before an administrator's edit is saved. One that Stripe cannot be asked about
// is taken: the plans must be editable while Stripe is down, and the sync alerts when a price leads nowhere.
func (s *server) askForPrice(e *core.RecordRequestEvent) error {
	price := e.Record.GetString(plan.FieldStripePrice)
	if price == "" || price == e.Record.Original().GetString(plan.FieldStripePrice) || !s.billing.Configured() {
		return e.Next()
	}
	if plan.Check(e.App, e.Record) != nil {
		return e.Next() // which says what is wrong
	}
	if e.App.IsTransactional() { // a batch: nothing calls the network while it holds the database
		e.App.Logger().Warn("a price was not checked at Stripe", "price", price, "error", "it came in a batch")
		return e.Next()
	}
	err := s.billing.CheckPrice(e.Request.Context(), price)
	if problem := priceProblem(err); problem != nil {
		return apis.NewBadRequestError("Failed to save the plan.", pbvalidation.Errors{plan.FieldStripePrice: problem})
	}
	if err != nil {
		e.App.Logger().Warn("a price was not checked at Stripe", "price", price, "error", err)
	}
	return e.Next()
}

// priceProblem is what an administrator learns of a price that cannot be sold; nil where that is not known.
func priceProblem(err error) error {
	switch {
	case errors.Is(err, billing.ErrUnknownPrice):
		return validation.NewError("unknown_price", "Stripe knows no such price: is it of this account, and of the same mode as the key?")
	case errors.Is(err, billing.ErrUnusablePrice):
		return validation.NewError("unusable_price", "This price cannot be subscribed to: it must be active and recurring.")
	}
	return nil
}
