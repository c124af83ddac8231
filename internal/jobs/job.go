// Package jobs runs work in the background that must not be lost: a job is a record, enqueued in the transaction of what
// asked for it, claimed by one statement, and finished only by who holds its lease.
package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Collection holds one record per job.
const Collection = "jobs"

// States of a job. A job is queued until it is claimed, and again between its attempts; dead jobs need a person.
const (
	Queued  = "queued"
	Running = "running"
	Done    = "done"
	Dead    = "dead"
)

// Job is a claimed job as its handler sees it.
type Job struct {
	ID      string // stable over all attempts: the idempotency key of effects outside
	Kind    string
	Payload json.RawMessage
	Attempt int // 1 for the first
}

// Bind decodes the payload into v.
func (j Job) Bind(v any) error {
	if err := json.Unmarshal(j.Payload, v); err != nil {
		return fmt.Errorf("%w: payload of %s: %w", ErrPermanent, j.Kind, err)
	}
	return nil
}

// Effect is the local part of what a job did. It runs in the transaction that finishes the job: both happen or neither.
type Effect func(txApp core.App) error

// Kind says how the jobs of one kind are run. Zero values mean the defaults given here.
type Kind struct {
	Name string
	// Run does the work. It must bear being run again after a crash at any point, and return soon after ctx ends. The
	// effect may be nil.
	Run func(ctx context.Context, app core.App, job Job) (Effect, error)
	// Dead is the local part of giving a job up, in the same transaction. It may be nil.
	Dead        func(txApp core.App, job Job, cause error) error
	Timeout     time.Duration                   // of one attempt; 1 minute
	MaxAttempts int                             // then the job is dead; 8
	Concurrency int                             // jobs of this kind at once; 1
	Backoff     func(attempt int) time.Duration // before the next attempt; Exponential
	HostPause   time.Duration                   // least time between the starts of two jobs of one host
}

// ErrPermanent in the chain of an error means that another attempt would fail too: the job is dead at once.
var ErrPermanent = errors.New("permanent")

// After in the chain of an error asks for the next attempt not before a time of the other side's choosing.
type After struct{ Delay time.Duration }

func (a After) Error() string { return "try again after " + a.Delay.String() }

// Options of Enqueue.
type Options struct {
	Unique string    // "": no key
	RunAt  time.Time // zero: at once
	Host   string    // jobs of one host never run at once, whatever their kind; "": no host
}

// Enqueue adds a job in the caller's transaction and returns its id. While a job of the same kind and unique key is
// queued or running, its id is returned and none is added.
func Enqueue(txApp core.App, kind string, payload any, options Options) (string, error) {
	if options.Unique != "" {
		if id, err := Open(txApp, kind, options.Unique); err != nil || id != "" {
			return id, err
		}
	}
	collection, err := txApp.FindCachedCollectionByNameOrId(Collection)
	if err != nil {
		return "", err
	}
	runAt := types.NowDateTime()
	if !options.RunAt.IsZero() {
		if runAt, err = types.ParseDateTime(options.RunAt.UTC()); err != nil {
			return "", err
		}
	}
	job := core.NewRecord(collection)
	job.Load(map[string]any{"kind": kind, "state": Queued, "payload": payload, "run_at": runAt, "unique_key": options.Unique, "host": options.Host})
	if err := txApp.Save(job); err != nil {
		return "", fmt.Errorf("enqueue %s: %w", kind, err)
	}
	return job.Id, nil
}
