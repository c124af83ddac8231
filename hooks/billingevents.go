package hooks

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/audit"
	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/jobs"
	"github.com/cragbase/cragbase/internal/notice"
	"github.com/cragbase/cragbase/internal/plan"
)

// billingConfig is the configuration of billing with what it asks of others.
func (s *server) billingConfig() billing.Config {
	config := s.Billing
	config.Now = s.Now
	config.Tell = s.tellOfBilling
	config.Alert = func(kind string) { s.metrics.alerts.WithLabelValues(kind).Inc() }
	config.Measure = func(operation, result string, took time.Duration) {
		s.metrics.stripe.WithLabelValues(operation, result).Observe(took.Seconds())
	}
	return config
}

// tellOfBilling notes and mails what happened to a subscription. What changes the tier is noted where the tier changes.
func (s *server) tellOfBilling(txApp core.App, event billing.Event) error {
	noted := map[billing.EventKind]string{billing.Scheduled: audit.PlanEnding, billing.Resumed: audit.PlanKept, billing.PaymentFailed: audit.PaymentFailed}
	if name, ok := noted[event.Kind]; ok {
		if err := audit.Write(txApp, audit.Entry{UserID: event.UserID, Event: name, Details: map[string]any{"plan": event.Tier}}); err != nil {
			return err
		}
	}
	message, err := billingMessage(txApp, event, s.Now())
	if err != nil || message == nil {
		return err
	}
	return s.outbox.Queue(txApp, notice.Notice{UserID: event.UserID, Key: event.Key, Message: message})
}

// billingMessage is the mail about an event; nil for those without one.
func billingMessage(app core.App, event billing.Event, at time.Time) (notice.Message, error) {
	now, err := plan.Of(app, event.Tier)
	if err != nil {
		return nil, err
	}
	price := notice.Money{Amount: event.Amount, Currency: event.Currency}
	switch event.Kind {
	case billing.Started:
		return notice.SubscriptionStarted{Plan: now.Name, Price: price, Interval: event.Interval, NextBilling: event.PeriodEnd}, nil
	case billing.Changed:
		before, err := plan.Of(app, event.From)
		return notice.SubscriptionChanged{From: before.Name, To: now.Name, Price: price, Interval: event.Interval, NextBilling: event.PeriodEnd}, err
	case billing.Scheduled:
		return notice.SubscriptionCancelled{Plan: now.Name, EndsAt: event.PeriodEnd}, nil
	case billing.Ended:
		return notice.SubscriptionCancelled{Plan: now.Name}, nil
	case billing.Resumed:
		return notice.SubscriptionResumed{Plan: now.Name, Price: price, Interval: event.Interval, NextBilling: event.PeriodEnd}, nil
	case billing.PaymentFailed:
		return notice.PaymentFailed{
			Plan: now.Name, Amount: price, GraceUntil: event.GraceUntil, Suspended: !event.GraceUntil.IsZero() && !event.GraceUntil.After(at),
		}, nil
	}
	return nil, nil
}

// billingAttempts makes what Stripe has to be told wait for it for four days and more, as mails do for their server.
const billingAttempts = 120

type billingPayload struct {
	User string `json:"user"`
}

// enqueueBilling adds the job that does at Stripe what was recorded in the caller's transaction. It has no key: one that
// runs at this moment may have looked before there was anything recorded.
func enqueueBilling(txApp core.App, userID string) error {
	_, err := jobs.Enqueue(txApp, kindBilling, billingPayload{userID}, jobs.Options{})
	return err
}

// endBilling ends everything of a user at Stripe, in the transaction in which they leave.
func (s *server) endBilling(txApp core.App, userID string) error {
	recorded, err := s.billing.RecordEnd(txApp, userID)
	if err != nil || !recorded {
		return err
	}
	return enqueueBilling(txApp, userID)
}

func (s *server) settleBilling(ctx context.Context, app core.App, job jobs.Job) (jobs.Effect, error) {
	var payload billingPayload
	if err := job.Bind(&payload); err != nil {
		return nil, err
	}
	return nil, later(s.billing.Settle(ctx, app, payload.User))
}

func (s *server) sweepBilling(ctx context.Context, app core.App, _ jobs.Job) (jobs.Effect, error) {
	report, err := s.billing.Sweep(ctx, app)
	if errors.Is(err, billing.ErrNotConfigured) {
		return nil, nil
	}
	app.Logger().Info("billing was swept", "users", report.Users, "events", report.Events, "failed", report.Failed)
	return nil, later(err)
}

// reconcilePayload is empty for the first part of a reconciliation.
type reconcilePayload struct {
	Before time.Time `json:"before"`
}

// reconcileBilling reads customers as long as a job may take. What is left is the next job's.
func (s *server) reconcileBilling(ctx context.Context, app core.App, job jobs.Job) (jobs.Effect, error) {
	var payload reconcilePayload
	if err := job.Bind(&payload); err != nil {
		return nil, err
	}
	if payload.Before.IsZero() {
		payload.Before = s.Now()
	}
	ctx, cancel := context.WithTimeout(ctx, 7*time.Minute)
	defer cancel()
	report, done, err := s.billing.Reconcile(ctx, app, payload.Before)
	switch {
	case errors.Is(err, billing.ErrNotConfigured):
		return nil, nil
	case err != nil && ctx.Err() == nil:
		return nil, later(err)
	}
	app.Logger().Info("billing was reconciled", "users", report.Users, "failed", report.Failed, "done", done)
	if done {
		return nil, nil
	}
	return func(txApp core.App) error {
		_, err := jobs.Enqueue(txApp, kindBillingReconcile, payload, jobs.Options{})
		return err
	}, nil
}

// later lets a job wait as long as Stripe asks.
func later(err error) error {
	if errors.Is(err, billing.ErrUnavailable) && billing.RetryAfter(err) > 10*time.Second {
		return fmt.Errorf("%w: %w", jobs.After{Delay: billing.RetryAfter(err)}, err)
	}
	return err
}
