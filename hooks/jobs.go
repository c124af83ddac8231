package hooks

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/coach"
	"github.com/cragbase/cragbase/internal/jobs"
	"github.com/cragbase/cragbase/internal/logbook"
	"github.com/cragbase/cragbase/internal/notice"
)

// The kinds of jobs.
const (
	kindMail         = "mail"
	kindImport       = "import"
	kindSync         = "sync"
	kindSyncSchedule = "sync_schedule"
	kindHousekeeping = "housekeeping"
	kindErase        = "erase"
	kindSummary      = "coach_summary"

	kindBilling          = "billing" // of one user
	kindBillingSweep     = "billing_sweep"
	kindBillingReconcile = "billing_reconcile"
	kindDeleteCustomer   = "stripe_delete_customer"
)

// mailAttempts makes a mail wait for its server for four days and more: the pauses between attempts end at an hour.
const mailAttempts = 120

// kinds is the table of all background work.
func (s *server) kinds() []jobs.Kind {
	return []jobs.Kind{
		{Name: kindMail, Run: s.sendMail, Dead: s.giveUpMail, Timeout: 45 * time.Second, MaxAttempts: mailAttempts, Concurrency: 4},
		{Name: kindImport, Run: resumeImport, Dead: failImport, Timeout: 10 * time.Minute, MaxAttempts: 5, Concurrency: 2},
		{Name: kindSummary, Run: s.sumUp, Timeout: 2 * time.Minute, MaxAttempts: 3, Concurrency: 2},
		{Name: kindSync, Run: s.sync, Dead: s.abandonSync, Timeout: 12 * time.Minute, MaxAttempts: syncAttempts, Concurrency: 2, HostPause: s.Sites.pause()},
		{Name: kindSyncSchedule, Run: s.scheduleSyncs},
		{Name: kindHousekeeping, Run: s.keepHouse},
		{Name: kindBilling, Run: s.settleBilling, MaxAttempts: billingAttempts, Concurrency: 2},
		{Name: kindBillingSweep, Run: s.sweepBilling, Timeout: 8 * time.Minute},
		{Name: kindBillingReconcile, Run: s.reconcileBilling, Timeout: 8 * time.Minute},
		{Name: kindDeleteCustomer, Run: s.deleteCustomer, MaxAttempts: billingAttempts},
		{Name: kindErase, Run: s.erase, Timeout: 10 * time.Minute, MaxAttempts: eraseAttempts},
	}
}

// bindJobs tells the runner of every job that is queued.
func (s *server) bindJobs(app core.App) {
	wake := func(e *core.RecordEvent) error {
		s.runner.Wake()
		return e.Next()
	}
	app.OnRecordAfterCreateSuccess(jobs.Collection).BindFunc(wake)
	app.OnRecordAfterUpdateSuccess(jobs.Collection).BindFunc(wake)
	app.OnRecordUpdate(jobs.Collection).BindFunc(s.retryJob)
	app.OnRecordAfterUpdateSuccess(logbook.SyncCollection).BindFunc(s.countSync)
}

// retryJob gives a dead job that an administrator queues again all its attempts.
func (s *server) retryJob(e *core.RecordEvent) error {
	if e.Record.Original().GetString("state") == jobs.Dead && e.Record.GetString("state") == jobs.Queued {
		e.Record.Load(map[string]any{"attempts": 0, "run_at": s.Now(), "finished_at": nil})
	}
	return e.Next()
}

// countJob is told how each attempt at a job ended.
func (s *server) countJob(kind, result string, took time.Duration) {
	s.metrics.jobs.WithLabelValues(kind, result).Observe(took.Seconds())
}

// startJobs begins to work, to keep the schedules and to let messages leave their windows, when what was left in the middle is
// put right.
func (s *server) startJobs(app core.App) error {
	// Also where there is no coach any more: those who asked the former one have lost a message each.
	recovery := coach.Coach{Config: s.coachConfig()}
	if left, err := recovery.Recover(app); err != nil {
		return err
	} else if left > 0 {
		app.Logger().Warn("answers of the coach were interrupted", "count", left)
	}
	if err := s.syncer.Adopt(app); err != nil {
		return err
	}
	if err := s.runner.Start(app); err != nil {
		return err
	}
	if err := s.cron.Start(app); err != nil {
		return err
	}
	s.expirer.Start(app)
	return nil
}

type mailPayload struct {
	Outbox string `json:"outbox"`
}

func enqueueMail(txApp core.App, outboxID string) error {
	_, err := jobs.Enqueue(txApp, kindMail, mailPayload{outboxID}, jobs.Options{Unique: outboxID})
	return err
}

func (s *server) sendMail(ctx context.Context, app core.App, job jobs.Job) (jobs.Effect, error) {
	var payload mailPayload
	if err := job.Bind(&payload); err != nil {
		return nil, err
	}
	err := s.outbox.Send(ctx, app, payload.Outbox)
	result := "sent"
	switch {
	case errors.Is(err, notice.ErrPermanent):
		result, err = "dead", fmt.Errorf("%w: %w", jobs.ErrPermanent, err)
	case errors.Is(err, notice.ErrBusy): // a process that was killed in the middle; it has the mail for two minutes
		result, err = "retry", fmt.Errorf("%w: %w", jobs.After{Delay: 2 * time.Minute}, err)
	case err != nil:
		result = "retry"
	}
	s.metrics.mails.WithLabelValues(notice.KindOf(app, payload.Outbox), result).Inc()
	return nil, err
}

func (s *server) giveUpMail(txApp core.App, job jobs.Job, cause error) error {
	var payload mailPayload
	if err := job.Bind(&payload); err != nil {
		return err
	}
	if !errors.Is(cause, notice.ErrPermanent) { // that one was counted
		s.metrics.mails.WithLabelValues(notice.KindOf(txApp, payload.Outbox), "dead").Inc()
	}
	return s.outbox.GiveUp(txApp, payload.Outbox, cause.Error())
}

type importPayload struct {
	Import string `json:"import"`
}

// enqueueImport lets a user's imports run one after another, and several users' beside each other.
func enqueueImport(userID string) logbook.Enqueue {
	return func(txApp core.App, importID string) (string, error) {
		return jobs.Enqueue(txApp, kindImport, importPayload{importID}, jobs.Options{Unique: importID, Host: "imports of " + userID})
	}
}

func resumeImport(ctx context.Context, app core.App, job jobs.Job) (jobs.Effect, error) {
	var payload importPayload
	if err := job.Bind(&payload); err != nil {
		return nil, err
	}
	finish, err := logbook.Resume(ctx, app, payload.Import)
	if errors.Is(err, logbook.ErrFileGone) {
		err = fmt.Errorf("%w: %w", jobs.ErrPermanent, err)
	}
	return finish, err
}

func failImport(txApp core.App, job jobs.Job, _ error) error {
	var payload importPayload
	if err := job.Bind(&payload); err != nil {
		return err
	}
	return logbook.Fail(txApp, payload.Import)
}
