package logbook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/logbook/entry"
	"github.com/cragbase/cragbase/internal/logbook/fetch"
)

// Site is a logbook site whose profiles are read.
type Site struct {
	Source      Source
	Name        string // as its users write it
	URLField    string // of the user: the canonical address of the profile, "" without one
	SyncedField string // of the user: when the profile was read last
	// Fetch reads a profile, as mountainproject.Fetch and eightanu.Fetch do; nil: this server does not.
	Fetch func(ctx context.Context, profile string, known fetch.Version, now time.Time) (*entry.Export, fetch.Version, error)
}

// Terms are what the plan of a user says about syncs.
type Terms struct {
	Interval time.Duration // between two of one profile; 0: only when its owner asks
	MaxTicks int           // of the user afterwards; 0: any number
}

// SyncConfig is what a Syncer works with. Every field is required.
type SyncConfig struct {
	Sites  []Site
	Now    func() time.Time
	MayAct func(user *core.Record) bool // is the account in use?
	Terms  func(app core.App, user *core.Record) (Terms, error)
	// Enqueue adds the job that will call Run with a run's id, not before a time, and returns the job's id. While there is such
	// a job already, it returns that one's.
	Enqueue func(txApp core.App, userID string, source Source, runID string, at time.Time) (jobID string, err error)
	// HasJob reports whether there is such a job.
	HasJob func(app core.App, userID string, source Source) (bool, error)
	// Tell writes to the owner of a profile that could not be read three times in a row.
	Tell func(txApp core.App, user *core.Record, site, sentence string, lastSynced time.Time) error
}

// Syncer reads the profiles that users have linked, when they ask and again and again by the clock.
type Syncer struct{ config SyncConfig }

// NewSyncer returns a Syncer.
func NewSyncer(config SyncConfig) *Syncer { return &Syncer{config} }

// site finds the site of a source.
func (s *Syncer) site(source Source) (*Site, error) {
	for i := range s.config.Sites {
		if s.config.Sites[i].Source == source {
			return &s.config.Sites[i], nil
		}
	}
	return nil, fmt.Errorf("%w: %q", ErrNoSuchSite, source)
}

// What keeps a sync from being asked for.
var (
	ErrNoSuchSite  = errors.New("profiles of this source are not read")
	ErrNotLinked   = errors.New("no profile is linked")
	ErrSyncRunning = errors.New("this profile is being read already")
	ErrSyncTooSoon = errors.New("this profile was read a moment ago")
)

// TooSoonError is an ErrSyncTooSoon that says how long to wait.
type TooSoonError struct{ Wait time.Duration }

func (e *TooSoonError) Error() string { return ErrSyncTooSoon.Error() }

// Is makes every TooSoonError match ErrSyncTooSoon.
func (e *TooSoonError) Is(target error) bool { return target == ErrSyncTooSoon }

// leastPause is between a sync and the next one that its owner asks for.
const leastPause = 15 * time.Minute

// Ask queues a sync for the owner of a profile. It fails with one of the errors above.
func (s *Syncer) Ask(app core.App, user *core.Record, source Source) (runID, jobID string, err error) {
	site, err := s.site(source)
	if err != nil {
		return "", "", err
	}
	err = app.RunInTransaction(func(txApp core.App) error {
		user, err := txApp.FindRecordById(user.Collection(), user.Id)
		if err != nil {
			return err
		}
		if user.GetString(site.URLField) == "" {
			return ErrNotLinked
		}
		last, err := lastRun(txApp, user.Id, source)
		if err != nil {
			return err
		}
		if err := s.checkPause(last); err != nil {
			return err
		}
		runID, jobID, err = s.queue(txApp, user, site, s.config.Now())
		return err
	})
	if err != nil {
		return "", "", fmt.Errorf("ask for a sync: %w", err)
	}
	return runID, jobID, nil
}

// checkPause refuses a sync beside the last one or soon after it.
func (s *Syncer) checkPause(last *core.Record) error {
	if last == nil {
		return nil
	}
	if isOpen(last) {
		return ErrSyncRunning
	}
	if wait := last.GetDateTime("created").Time().Add(leastPause).Sub(s.config.Now()); wait > 0 {
		return &TooSoonError{wait}
	}
	return nil
}

// Link queues the first sync of a profile in the transaction that links it, and returns the id of the job that reads it, which may
// be there already: it was made for the profile before this one.
func (s *Syncer) Link(txApp core.App, user *core.Record, source Source) (jobID string, err error) {
	site, err := s.site(source)
	if err != nil {
		return "", err
	}
	_, jobID, err = s.queue(txApp, user, site, s.config.Now())
	return jobID, err
}

// Unlink forgets a profile in the transaction that unlinks it, and ends the run that is open.
func (s *Syncer) Unlink(txApp core.App, userID string, source Source) error {
	profile, err := findProfile(txApp, userID, source)
	if err != nil {
		return err
	}
	if profile != nil {
		if err := txApp.Delete(profile); err != nil {
			return fmt.Errorf("unlink profile: %w", err)
		}
	}
	last, err := lastRun(txApp, userID, source)
	if err != nil || last == nil || !isOpen(last) {
		return err
	}
	return s.end(txApp, last, sentenceUnlinked, reasonNotConfigured)
}

// queue adds a run and its job, or finds those that are open.
func (s *Syncer) queue(txApp core.App, user *core.Record, site *Site, at time.Time) (runID, jobID string, err error) {
	profile, err := profileOf(txApp, user, site)
	if err != nil {
		return "", "", err
	}
	terms, err := s.config.Terms(txApp, user)
	if err != nil {
		return "", "", err
	}
	// The end of the run says when the next one is. Until then the schedule must not see this one as due.
	profile.Set(fieldNextRun, s.next(terms, s.config.Now()))
	if err := txApp.Save(profile); err != nil {
		return "", "", fmt.Errorf("queue sync: %w", err)
	}
	run, err := lastRun(txApp, user.Id, site.Source)
	if err != nil {
		return "", "", err
	}
	if run == nil || !isOpen(run) {
		if run, err = newRun(txApp, user.Id, site.Source); err != nil {
			return "", "", err
		}
	}
	jobID, err = s.config.Enqueue(txApp, user.Id, site.Source, run.Id, at)
	return run.Id, jobID, err
}

// Run reads the profile of a run or, where that has ended because the profile was unlinked, of the one that was linked since, and
// returns the last step for the caller's transaction. It fails with ErrImportRunning while a file of the user is on its way, and with
// the error of a ctx that was cancelled: both are for another attempt, and so is every error of the last step.
func (s *Syncer) Run(ctx context.Context, app core.App, runID string) (func(txApp core.App) error, error) {
	r, err := s.open(app, runID)
	if err != nil {
		return nil, err
	}
	if r == nil || r.obstacle() != "" {
		return func(txApp core.App) error { return s.endUnread(txApp, runID) }, nil
	}
	if err := checkNoneOpen(app, r.user.Id); err != nil {
		return nil, err
	}
	if err := r.show(app, stateRunning, progressRunning); err != nil {
		return nil, err
	}
	address := r.profile.GetString(fieldURL)
	export, version, err := r.site.Fetch(ctx, address, knownVersion(r.profile), s.config.Now())
	var failure *fetch.Error
	switch {
	case errors.As(err, &failure):
		return func(txApp core.App) error { return s.settle(txApp, runID, address, fetched{failure: failure}) }, nil
	case err != nil:
		return nil, err
	}
	if err := r.show(app, stateRunning, progressFetched); err != nil {
		return nil, err
	}
	if failure, err = s.checkRoom(app, r, export); err != nil {
		return nil, err
	}
	return func(txApp core.App) error {
		return s.settle(txApp, runID, address, fetched{export: export, version: version, failure: failure})
	}, nil
}

// checkRoom tells before anything is written whether the plan has room for what a profile has: the last step is one
// transaction, which could not take back the ticks and say why.
func (s *Syncer) checkRoom(app core.App, r *reading, export *entry.Export) (*fetch.Error, error) {
	if export == nil {
		return nil, nil
	}
	b, _ := prepare(export, r.site.Source, s.config.Now())
	b.from = fromProfile
	growth, err := growthOf(app, r.user.Id, b, Merge)
	if err != nil {
		return nil, err
	}
	err = growth.check(app, r.user.Id, r.terms.MaxTicks)
	if errors.Is(err, ErrPlanLimit) {
		return &fetch.Error{Reason: reasonPlanLimit, Sentence: sentencePlanLimit(r.site.Name, r.terms.MaxTicks), Err: err}, nil
	}
	return nil, err
}

// Abandon ends a run whose job was given up.
func (s *Syncer) Abandon(txApp core.App, runID string) error {
	r, err := s.open(txApp, runID)
	if err != nil || r == nil {
		return err
	}
	if r.obstacle() != "" {
		return s.end(txApp, r.run, r.obstacle(), reasonNotConfigured)
	}
	failure := &fetch.Error{Reason: reasonInternal, Sentence: sentenceInternal}
	return s.fail(txApp, r, failure)
}

// isGone reports whether a record was not there.
func isGone(err error) bool { return errors.Is(err, sql.ErrNoRows) }
