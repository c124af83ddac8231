package hooks

import (
	"context"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/jobs"
)

// eraseAttempts makes an erasure try for four days and more, as mails do, before a person has to look at it.
const eraseAttempts = 120

// erasePayload holds the id of a user until the transaction that erases them, which empties it: what is left to do after
// that needs no id.
type erasePayload struct {
	User string `json:"user"`
}

// enqueueErasure adds the job that erases a user, in the caller's transaction, which sets erase_at to the same time. The
// time is part of the key: a user who came back and leaves again has a later job beside the former one, which then finds
// nothing due.
func enqueueErasure(txApp core.App, userID string, at time.Time) (string, error) {
	return jobs.Enqueue(txApp, kindErase, erasePayload{userID},
		jobs.Options{Unique: userID + " " + at.UTC().Format(account.TimeFormat), RunAt: at})
}

func (s *server) erase(ctx context.Context, app core.App, job jobs.Job) (jobs.Effect, error) {
	var payload erasePayload
	if err := job.Bind(&payload); err != nil {
		return nil, err
	}
	s.settleInTime(ctx, app, payload.User)
	return nil, account.Erase(app, account.Erasure{
		UserID: payload.User,
		Now:    s.Now(),
		Forget: func(txApp core.App, ids map[string]bool, addresses []string) error {
			return jobs.Forget(txApp, jobs.Traces{IDs: ids, Texts: addresses}, job.ID)
		},
	})
}
