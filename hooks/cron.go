package hooks

import (
	"cmp"
	"context"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/audit"
	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/coach"
	"github.com/cragbase/cragbase/internal/jobs"
	"github.com/cragbase/cragbase/internal/logbook"
	"github.com/cragbase/cragbase/internal/notice"
)

// Schedules are the names of what runs by the clock, with the cron expressions they have unless configured otherwise
// (five fields, UTC). Each enqueues a job, once per period however often the server restarts.
func Schedules() map[string]string {
	return map[string]string{
		"billing_reconcile": "41 2 * * *",
		"billing_sweep":     "*/5 * * * *",
		"housekeeping":      "17 4 * * *",
		"sync":              "*/10 * * * *",
	}
}

// schedules is the table from names to kinds of jobs.
func (s *server) schedules() []jobs.Schedule {
	defaults := Schedules()
	spec := func(name string) string { return cmp.Or(s.Crons[name], defaults[name]) }
	return []jobs.Schedule{
		{Name: "billing_reconcile", Spec: spec("billing_reconcile"), Kind: kindBillingReconcile},
		{Name: "billing_sweep", Spec: spec("billing_sweep"), Kind: kindBillingSweep},
		{Name: "housekeeping", Spec: spec("housekeeping"), Kind: kindHousekeeping},
		{Name: "sync", Spec: spec("sync"), Kind: kindSyncSchedule},
	}
}

// How long what is done is kept to be looked at.
const (
	keepDoneJobs  = 30 * 24 * time.Hour
	keepSentMails = 90 * 24 * time.Hour
	// of imports that failed; done ones keep none
	keepFailedFiles = 30 * 24 * time.Hour
	keepSyncs       = 90 * 24 * time.Hour
	keepThrottles   = 7 * 24 * time.Hour
	keepAuditLog    = 400 * 24 * time.Hour
	keepSpend       = 40 * 24 * time.Hour
	keepEvents      = 45 * 24 * time.Hour  // longer than Stripe knows them
	keepIntents     = 400 * 24 * time.Hour // for questions about a charge
)

// keepHouse deletes what nobody needs any more. PocketBase's own schedules do the same for its logs.
func (s *server) keepHouse(_ context.Context, app core.App, _ jobs.Job) (jobs.Effect, error) {
	now := s.Now()
	doneJobs, err := jobs.DeleteDone(app, now.Add(-keepDoneJobs))
	if err != nil {
		return nil, err
	}
	sentMails, err := notice.DeleteSent(app, now.Add(-keepSentMails))
	if err != nil {
		return nil, err
	}
	files, err := logbook.DropFiles(app, now.Add(-keepFailedFiles))
	if err != nil {
		return nil, err
	}
	syncs, err := logbook.DeleteSyncs(app, now.Add(-keepSyncs))
	if err != nil {
		return nil, err
	}
	sessions, err := account.DeleteExpired(app, now)
	if err != nil {
		return nil, err
	}
	throttles, err := account.DeleteIdle(app, now.Add(-keepThrottles))
	if err != nil {
		return nil, err
	}
	entries, err := audit.DeleteBefore(app, now.Add(-keepAuditLog))
	if err != nil {
		return nil, err
	}
	events, err := billing.DeleteEvents(app, now.Add(-keepEvents))
	if err != nil {
		return nil, err
	}
	intents, err := billing.DeleteIntents(app, now.Add(-keepIntents))
	if err != nil {
		return nil, err
	}
	if err := coach.DeleteSpend(app, now.Add(-keepSpend)); err != nil {
		return nil, err
	}
	app.Logger().Info("housekeeping", "jobs", doneJobs, "mails", sentMails, "files", files, "syncs", syncs, "sessions", sessions, "throttles", throttles, "audit", entries, "events", events, "intents", intents)
	return nil, nil
}
