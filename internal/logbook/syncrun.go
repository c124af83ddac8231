package logbook

import (
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/logbook/entry"
	"github.com/cragbase/cragbase/internal/logbook/fetch"
)

// SyncCollection holds one record per reading of a profile; its owner watches it.
const SyncCollection = "sync_runs"

// How far a run is, in percent.
const (
	progressRunning = 10
	progressFetched = 60
	progressDone    = 100
)

// Reasons beside those of fetch.
const (
	reasonPlanLimit     fetch.Reason = "plan_limit"
	reasonNotConfigured fetch.Reason = "not_configured"
	reasonInternal      fetch.Reason = "internal"
)

// What the owner of a run reads that ended without the site's doing.
const (
	sentenceUnlinked    = "The profile is not linked any more, so there was nothing to read."
	sentenceNotActive   = "The profile was not read, because the account is not in use."
	sentenceNotReadHere = "This server does not read profiles of %s: upload the export file of your logbook instead."
	sentenceInternal    = "Something went wrong on our side. Nothing was changed, and we will try again."
)

func sentencePlanLimit(site string, maxTicks int) string {
	return fmt.Sprintf("Your logbook would have more ticks than the %d that your plan allows, so nothing of your %s profile was imported.", maxTicks, site)
}

// Counts say what became of every row of a profile: Rows = Created + Updated + Unchanged + Skipped. Gone are ticks that the
// profile does not have any more.
type Counts struct {
	Rows      int `json:"rows"`
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
	Gone      int `json:"gone"`
	Skipped   int `json:"skipped"`
}

// newRun adds a run.
func newRun(txApp core.App, userID string, source Source) (*core.Record, error) {
	collection, err := txApp.FindCachedCollectionByNameOrId(SyncCollection)
	if err != nil {
		return nil, err
	}
	run := core.NewRecord(collection)
	run.Load(map[string]any{"user": userID, "source": string(source), "status": stateQueued})
	if err := txApp.Save(run); err != nil {
		return nil, fmt.Errorf("queue sync: %w", err)
	}
	return run, nil
}

// lastRun is the newest run of a profile, nil when there was none.
func lastRun(app core.App, userID string, source Source) (*core.Record, error) {
	run := &core.Record{}
	err := app.RecordQuery(SyncCollection).AndWhere(dbx.HashExp{"user": userID, "source": string(source)}).OrderBy("created DESC", "rowid DESC").Limit(1).One(run)
	if isGone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("last sync: %w", err)
	}
	return run, nil
}

func isOpen(run *core.Record) bool {
	status := run.GetString("status")
	return status == stateQueued || status == stateRunning
}

// reading is a run with what belongs to it, as it was read.
type reading struct {
	run, user, profile *core.Record
	site               *Site
	terms              Terms
	mayAct             bool
}

// open reads a run that has not ended or, in the place of one that has, the one of the same profile that is open; nil where there
// is none, or a run is gone with its user.
func (s *Syncer) open(app core.App, runID string) (*reading, error) {
	run, err := app.FindRecordById(SyncCollection, runID)
	if isGone(err) {
		return nil, nil
	}
	if err == nil && !isOpen(run) {
		run, err = lastRun(app, run.GetString("user"), Source(run.GetString("source")))
	}
	if err != nil {
		return nil, fmt.Errorf("sync %s: %w", runID, err)
	}
	if run == nil || !isOpen(run) {
		return nil, nil
	}
	r := &reading{run: run}
	if r.site, err = s.site(Source(run.GetString("source"))); err != nil {
		return nil, fmt.Errorf("sync %s: %w", runID, err)
	}
	if r.user, err = app.FindRecordById("users", run.GetString("user")); err != nil {
		return nil, fmt.Errorf("user of sync %s: %w", runID, err)
	}
	if r.profile, err = profileOf(app, r.user, r.site); err != nil {
		return nil, fmt.Errorf("sync %s: %w", runID, err)
	}
	if r.terms, err = s.config.Terms(app, r.user); err != nil {
		return nil, fmt.Errorf("sync %s: %w", runID, err)
	}
	r.mayAct = s.config.MayAct(r.user)
	return r, nil
}

// obstacle says why a profile cannot be read at all, "" when nothing stands against it.
func (r *reading) obstacle() string {
	switch {
	case r.user.GetString(r.site.URLField) == "":
		return sentenceUnlinked
	case !r.mayAct:
		return sentenceNotActive
	case r.site.Fetch == nil:
		return fmt.Sprintf(sentenceNotReadHere, r.site.Name)
	}
	return ""
}

// show tells the owner how far a run is. One that was ended meanwhile stays so.
func (r *reading) show(app core.App, status string, progress int) error {
	err := app.RunInTransaction(func(txApp core.App) error {
		run, err := txApp.FindRecordById(SyncCollection, r.run.Id)
		if isGone(err) || err == nil && !isOpen(run) {
			return nil
		}
		if err != nil {
			return err
		}
		run.Load(map[string]any{"status": status, "progress": progress})
		return txApp.Save(run)
	})
	if err != nil {
		return fmt.Errorf("sync %s: %w", r.run.Id, err)
	}
	return nil
}

// end ends a run that failed without the site's doing.
func (s *Syncer) end(txApp core.App, run *core.Record, sentence string, reason fetch.Reason) error {
	run.Load(map[string]any{"status": stateFailed, "error": sentence, "reason": string(reason), "finished_at": s.config.Now()})
	return txApp.Save(run)
}

// endUnread ends a run whose profile could not be read at all, if that is still so.
func (s *Syncer) endUnread(txApp core.App, runID string) error {
	r, err := s.open(txApp, runID)
	if err != nil || r == nil {
		return err
	}
	if r.obstacle() == "" {
		return errOtherProfile
	}
	return s.end(txApp, r.run, r.obstacle(), reasonNotConfigured)
}

// closeOrphans ends the runs of a site that no job reads, which would keep their owners from asking for another one, and those of
// others from being scheduled.
func (s *Syncer) closeOrphans(txApp core.App, site *Site) error {
	runs := []*core.Record{}
	err := txApp.RecordQuery(SyncCollection).AndWhere(dbx.NewExp(openRuns, dbx.Params{"source": string(site.Source)})).All(&runs)
	if err != nil {
		return fmt.Errorf("open syncs: %w", err)
	}
	for _, run := range runs {
		found, err := s.config.HasJob(txApp, run.GetString("user"), site.Source)
		if err != nil {
			return err
		}
		if found {
			continue
		}
		if err := s.Abandon(txApp, run.Id); err != nil {
			return err
		}
	}
	return nil
}

// openRuns is the condition for the runs of a source that wait or are under way, written as the index has it, which is over those
// alone.
const openRuns = "([[status]] = 'queued' OR [[status]] = 'running') AND [[source]] = {:source}"

// fetched is what reading a profile came to: a failure, an export, or neither when nothing has changed.
type fetched struct {
	export  *entry.Export
	version fetch.Version
	failure *fetch.Error
}

// errOtherProfile means that another profile was linked while the former one was read.
var errOtherProfile = errors.New("another profile was linked meanwhile")

// settle ends a run with what was fetched from an address, in one transaction.
func (s *Syncer) settle(txApp core.App, runID, address string, f fetched) error {
	r, err := s.open(txApp, runID)
	if err != nil || r == nil {
		return err
	}
	if r.obstacle() != "" {
		return s.end(txApp, r.run, r.obstacle(), reasonNotConfigured)
	}
	if r.profile.GetString(fieldURL) != address {
		return errOtherProfile // the next attempt reads that one
	}
	if f.failure != nil {
		return s.fail(txApp, r, f.failure)
	}
	counts, err := s.store(txApp, r, f.export)
	if err != nil {
		return err
	}
	return s.succeed(txApp, r, f.version, counts)
}

// store imports what a profile has.
func (s *Syncer) store(txApp core.App, r *reading, export *entry.Export) (Counts, error) {
	if export == nil {
		unchanged, err := txApp.CountRecords(Collection, dbx.HashExp{"user": r.user.Id, "source": string(r.site.Source), "gone_at": ""})
		return Counts{Rows: int(unchanged), Unchanged: int(unchanged)}, err
	}
	report, err := ImportProfile(txApp, r.user.Id, r.site.Source, export, Limits{Ticks: r.terms.MaxTicks}, s.config.Now())
	if err != nil {
		return Counts{}, err
	}
	return Counts{
		Rows: report.Rows, Created: report.Created, Updated: report.Updated, Unchanged: report.Unchanged,
		Gone: report.Gone, Skipped: len(report.Skipped),
	}, nil
}

// succeed ends a run that worked.
func (s *Syncer) succeed(txApp core.App, r *reading, version fetch.Version, counts Counts) error {
	now := s.config.Now()
	r.run.Load(map[string]any{
		"status": stateDone, "progress": progressDone, "counts": counts, "error": "", "reason": "", "retry_at": nil, "finished_at": now,
	})
	r.profile.Load(map[string]any{
		fieldETag: version.ETag, fieldLastModified: version.LastModified, fieldHash: version.Hash,
		fieldFailures: 0, fieldLastRun: now, fieldNextRun: s.next(r.terms, now),
	})
	if err := saveAll(txApp, r.run, r.profile); err != nil {
		return err
	}
	r.user.Set(r.site.SyncedField, now)
	return txApp.SaveNoValidate(r.user) // what else is wrong with it is not for us to say
}

// mailAfter is how many failures in a row its owner is written to after.
const mailAfter = 3

// fail ends a run that did not work. A failure that is known from the run before, because the site is left alone for a while,
// is not counted.
func (s *Syncer) fail(txApp core.App, r *reading, failure *fetch.Error) error {
	now := s.config.Now()
	failures := r.profile.GetInt(fieldFailures)
	if !failure.NotAsked {
		failures++
	}
	var retry any
	if at := s.retry(r.terms, failure, failures, now); !at.IsZero() {
		retry = at
	}
	r.run.Load(map[string]any{
		"status": stateFailed, "error": failure.Sentence, "reason": string(failure.Reason), "retry_at": retry, "finished_at": now,
	})
	r.profile.Load(map[string]any{fieldFailures: failures, fieldLastRun: now, fieldNextRun: retry})
	if err := saveAll(txApp, r.run, r.profile); err != nil {
		return err
	}
	if failures != mailAfter || failure.NotAsked {
		return nil
	}
	return s.config.Tell(txApp, r.user, r.site.Name, failure.Sentence, r.user.GetDateTime(r.site.SyncedField).Time())
}

func saveAll(txApp core.App, records ...*core.Record) error {
	for _, record := range records {
		if err := txApp.Save(record); err != nil {
			return fmt.Errorf("end sync: %w", err)
		}
	}
	return nil
}

// DeleteSyncs deletes the runs that ended before a time, and returns how many.
func DeleteSyncs(app core.App, before time.Time) (int64, error) {
	result, err := app.NonconcurrentDB().NewQuery("DELETE FROM {{sync_runs}} WHERE [[finished_at]] != '' AND [[finished_at]] < {:before}").
		Bind(dbx.Params{"before": stamp(before)}).Execute()
	if err != nil {
		return 0, fmt.Errorf("delete old syncs: %w", err)
	}
	return result.RowsAffected()
}
