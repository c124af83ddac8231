package hooks

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	validation "github.com/go-ozzo/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/jobs"
	"github.com/cragbase/cragbase/internal/logbook"
	"github.com/cragbase/cragbase/internal/logbook/eightanu"
	"github.com/cragbase/cragbase/internal/logbook/entry"
	"github.com/cragbase/cragbase/internal/logbook/fetch"
	"github.com/cragbase/cragbase/internal/logbook/mountainproject"
	"github.com/cragbase/cragbase/internal/notice"
	"github.com/cragbase/cragbase/internal/plan"
)

// Sites are the clients of the logbook sites whose profiles are read; nil: not read here.
type Sites struct{ MountainProject, EightA *fetch.Client }

// pause is the least time between the starts of two syncs of one site.
func (s Sites) pause() time.Duration {
	pause := time.Duration(0)
	for _, client := range []*fetch.Client{s.MountainProject, s.EightA} {
		if client != nil {
			pause = max(pause, client.Delay())
		}
	}
	return pause
}

// reader is how the profiles of a site are read.
type reader func(ctx context.Context, site *fetch.Client, profile string, known fetch.Version, now time.Time) (*entry.Export, fetch.Version, error)

// with reads by a client; nil where there is none.
func (read reader) with(client *fetch.Client) func(context.Context, string, fetch.Version, time.Time) (*entry.Export, fetch.Version, error) {
	if client == nil {
		return nil
	}
	return func(ctx context.Context, profile string, known fetch.Version, now time.Time) (*entry.Export, fetch.Version, error) {
		return read(ctx, client, profile, known, now)
	}
}

func (s *server) newSyncer() *logbook.Syncer {
	return logbook.NewSyncer(logbook.SyncConfig{
		Sites: []logbook.Site{
			{
				Source: logbook.SourceMountainProject, Name: "Mountain Project", URLField: account.FieldMountainProjectURL,
				SyncedField: account.FieldMtnProjectLastSync, Fetch: reader(mountainproject.Fetch).with(s.Sites.MountainProject),
			},
			{
				Source: logbook.SourceEightA, Name: "8a.nu", URLField: account.FieldEightANuURL,
				SyncedField: account.FieldEightALastSync, Fetch: reader(eightanu.Fetch).with(s.Sites.EightA),
			},
		},
		Now: s.Now, MayAct: account.MayAct, Terms: syncTerms, Enqueue: enqueueSync, HasJob: hasSync, Tell: s.tellOfSync,
	})
}

// sourceOf is the logbook site that a field of the profile links to.
func sourceOf(field string) logbook.Source {
	if field == account.FieldEightANuURL {
		return logbook.SourceEightA
	}
	return logbook.SourceMountainProject
}

func syncTerms(app core.App, user *core.Record) (logbook.Terms, error) {
	terms, err := plan.Of(app, user.GetString(account.FieldTier))
	return logbook.Terms{Interval: terms.SyncInterval(), MaxTicks: terms.MaxTicks}, err
}

func (s *server) tellOfSync(txApp core.App, user *core.Record, site, sentence string, lastSynced time.Time) error {
	return s.outbox.Queue(txApp, notice.Notice{UserID: user.Id, Message: notice.SyncFailed{Source: site, Reason: sentence, LastSynced: lastSynced}})
}

// syncPayload names the run that a job was made for. A job that is open when its profile is unlinked and another one is linked reads
// that one's.
type syncPayload struct {
	Run string `json:"run"`
}

// enqueueSync queues the reading of a profile, once however often it is asked for, and returns the job's id.
func enqueueSync(txApp core.App, userID string, source logbook.Source, runID string, at time.Time) (string, error) {
	return jobs.Enqueue(txApp, kindSync, syncPayload{runID}, jobs.Options{Unique: syncKey(userID, source), Host: string(source), RunAt: at})
}

// hasSync reports whether a job reads a profile, or waits to.
func hasSync(app core.App, userID string, source logbook.Source) (bool, error) {
	id, err := jobs.Open(app, kindSync, syncKey(userID, source))
	return id != "", err
}

func syncKey(userID string, source logbook.Source) string { return userID + " " + string(source) }

// syncAttempts are enough to wait an hour for an import.
const syncAttempts = 60

// importPause is how long a sync waits for an import of the same user to end.
const importPause = time.Minute

func (s *server) sync(ctx context.Context, app core.App, job jobs.Job) (jobs.Effect, error) {
	var payload syncPayload
	if err := job.Bind(&payload); err != nil {
		return nil, err
	}
	finish, err := s.syncer.Run(ctx, app, payload.Run)
	if err != nil {
		return nil, afterImport(err)
	}
	return func(txApp core.App) error { return afterImport(finish(txApp)) }, nil
}

// afterImport asks for another attempt once the import that stands in the way is likely to have ended.
func afterImport(err error) error {
	if errors.Is(err, logbook.ErrImportRunning) {
		return fmt.Errorf("%w: %w", jobs.After{Delay: importPause}, err)
	}
	return err
}

func (s *server) abandonSync(txApp core.App, job jobs.Job, _ error) error {
	var payload syncPayload
	if err := job.Bind(&payload); err != nil {
		return err
	}
	return s.syncer.Abandon(txApp, payload.Run)
}

// syncPeriod is between two looks at which profiles are due.
const syncPeriod = 10 * time.Minute

// scheduleSyncs queues the profiles that are due.
func (s *server) scheduleSyncs(context.Context, core.App, jobs.Job) (jobs.Effect, error) {
	return func(txApp core.App) error {
		count, err := s.syncer.Schedule(txApp, syncPeriod, s.Sites.pause())
		if count > 0 {
			txApp.Logger().Info("syncs queued", "profiles", count)
		}
		return err
	}, nil
}

// countSync counts a run that has ended, once that is committed; it is saved no more after it.
func (s *server) countSync(e *core.RecordEvent) error {
	source := e.Record.GetString("source")
	var counts logbook.Counts
	switch e.Record.GetString("status") {
	case "failed":
		s.metrics.syncs.WithLabelValues(source, e.Record.GetString("reason")).Inc()
	case "done":
		s.metrics.syncs.WithLabelValues(source, "done").Inc()
		if err := e.Record.UnmarshalJSONField("counts", &counts); err != nil {
			return err
		}
		for result, rows := range map[string]int{
			"created": counts.Created, "updated": counts.Updated, "unchanged": counts.Unchanged, "skipped": counts.Skipped,
		} {
			s.metrics.synced.WithLabelValues(source, result).Add(float64(rows))
		}
	}
	return e.Next()
}

// postSync: POST /v1/users/me/sync
func (s *server) postSync(e *core.RequestEvent) error {
	var request syncRequest
	if err := bindJSON(e, &request, nil); err != nil {
		return err
	}
	runID, jobID, err := s.syncer.Ask(e.App, e.Auth, logbook.Source(request.Source))
	var soon *logbook.TooSoonError
	switch {
	case errors.Is(err, logbook.ErrNoSuchSite):
		return validation.Errors{"source": validation.NewError("validation_in_invalid", "Must be one of mountain_project, eight_a.")}
	case errors.Is(err, logbook.ErrNotLinked):
		return validation.Errors{"source": validation.NewError("validation_not_linked", "Link your profile first.")}
	case errors.As(err, &soon):
		return &laterError{error: err, wait: soon.Wait}
	case err != nil:
		return err
	}
	return e.JSON(http.StatusAccepted, acceptedSync{JobID: jobID, RunID: runID})
}

type syncRequest struct {
	Source string `json:"source"`
}

// acceptedSync tells where to watch a sync: the record of the sync_runs collection.
type acceptedSync struct {
	JobID string `json:"job_id"`
	RunID string `json:"run_id"`
}
