package logbook

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

// SyncCollection holds one record per reading of a profile; its owner watches it.
const SyncCollection = "sync_runs"

// QueueSync adds a run in the caller's transaction, and returns the id of the job that enqueue adds for it.
func QueueSync(txApp core.App, userID, source string, enqueue Enqueue) (jobID string, err error) {
	collection, err := txApp.FindCachedCollectionByNameOrId(SyncCollection)
	if err != nil {
		return "", err
	}
	run := core.NewRecord(collection)
	run.Load(map[string]any{"user": userID, "source": source, "status": "queued"})
	if err := txApp.Save(run); err != nil {
		return "", fmt.Errorf("queue sync: %w", err)
	}
	return enqueue(txApp, run.Id)
}

// FailSync ends a run with a sentence for its owner. A run that is gone with its user needs none.
func FailSync(txApp core.App, runID, sentence string, now time.Time) error {
	run, err := txApp.FindRecordById(SyncCollection, runID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("fail sync: %w", err)
	}
	run.Load(map[string]any{"status": "failed", "error": sentence, "finished_at": now})
	return txApp.Save(run)
}
