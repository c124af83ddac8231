package jobs

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// errLostLease means that somebody else has the job by now, or that it was changed by hand: its result is void.
var errLostLease = errors.New("the job is not ours any more")

// maxErrorText is how much of an error a job keeps, in bytes.
const maxErrorText = 1000

// row is a job as its columns hold it.
type row struct {
	ID      string        `db:"id"`
	Kind    string        `db:"kind"`
	Payload types.JSONRaw `db:"payload"`
	Attempt int           `db:"attempts"`
	Host    string        `db:"host"`
	Lease   string        `db:"lease"` // of this claim alone
}

func (r row) job() Job {
	return Job{ID: r.ID, Kind: r.Kind, Payload: json.RawMessage(r.Payload), Attempt: r.Attempt}
}

// stamp writes a time as PocketBase's columns do; such texts sort by time.
func stamp(t time.Time) string { return t.UTC().Format(types.DefaultDateLayout) }

// Open finds the queued or running job of a kind and a unique key, "" when there is none.
func Open(txApp core.App, kind, key string) (string, error) {
	var id string
	err := txApp.DB().Select("id").From(Collection).
		Where(dbx.HashExp{"kind": kind, "unique_key": key, "state": []any{Queued, Running}}).Row(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return id, err
}

// claim takes the job that is due longest, by one statement that commits before the job is run. Given jobs, and those of
// busy kinds and hosts, wait. It returns nil when nothing is due.
func claim(app core.App, now time.Time, lease string, until time.Time, running, busyKinds, busyHosts []any) (*row, error) {
	due := app.DB().Select("id").From(Collection).
		Where(dbx.HashExp{"state": Queued}).
		AndWhere(dbx.NewExp("[[run_at]] <= {:due}", dbx.Params{"due": stamp(now)})).
		AndWhere(dbx.NotIn("id", running...)).
		AndWhere(dbx.NotIn("kind", busyKinds...)).
		AndWhere(dbx.NotIn("host", busyHosts...)).
		OrderBy("run_at", "id").Limit(1).Build()
	params := dbx.Params{"running": Running, "lease": lease, "until": stamp(until), "now": stamp(now)}
	for name, value := range due.Params() {
		params[name] = value
	}
	var claimed row
	err := app.NonconcurrentDB().NewQuery("UPDATE {{jobs}} SET [[state]] = {:running}, [[lease]] = {:lease}, [[lease_until]] = {:until}, " +
		"[[attempts]] = [[attempts]] + 1, [[updated]] = {:now} WHERE [[id]] = (" + due.SQL() + ") " +
		"RETURNING [[id]], [[kind]], [[payload]], [[attempts]], [[host]], [[lease]]").Bind(params).One(&claimed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("claim a job: %w", err)
	}
	return &claimed, nil
}

// finish marks a job as done together with its local effect, if the lease still holds.
func finish(app core.App, id, lease string, now time.Time, effect Effect) error {
	return app.RunInTransaction(func(txApp core.App) error {
		if err := settle(txApp, id, lease, dbx.Params{"state": Done, "finished_at": stamp(now), "last_error": ""}); err != nil {
			return err
		}
		if effect == nil {
			return nil
		}
		return effect(txApp)
	})
}

// retry queues a job again for a later time.
func retry(app core.App, id, lease string, at time.Time, cause string) error {
	return settle(app, id, lease, dbx.Params{"state": Queued, "run_at": stamp(at), "last_error": shorten(cause)})
}

// bury marks a job as dead together with its local consequence, which may be nil.
func bury(app core.App, id, lease string, now time.Time, cause string, consequence Effect) error {
	return app.RunInTransaction(func(txApp core.App) error {
		if err := settle(txApp, id, lease, dbx.Params{"state": Dead, "finished_at": stamp(now), "last_error": shorten(cause)}); err != nil {
			return err
		}
		if consequence == nil {
			return nil
		}
		return consequence(txApp)
	})
}

// giveBack queues a job again as if it had not been claimed.
func giveBack(app core.App, id, lease string) error {
	return settle(app, id, lease, dbx.Params{"state": Queued, "attempts": dbx.NewExp("[[attempts]] - 1")})
}

// settle ends a lease with a new state; errLostLease when the lease is not the job's any more.
func settle(app core.App, id, lease string, values dbx.Params) error {
	values["lease"], values["lease_until"], values["updated"] = "", "", types.NowDateTime().String()
	result, err := app.NonconcurrentDB().Update(Collection, values, dbx.HashExp{"id": id, "lease": lease, "state": Running}).Execute()
	if err != nil {
		return fmt.Errorf("settle job: %w", err)
	}
	if changed, err := result.RowsAffected(); err != nil || changed != 1 {
		return errors.Join(errLostLease, err)
	}
	return nil
}

// requeue queues the jobs again that run without a holder: after a crash all of them (before is zero), later those whose
// lease ended before the given time. It returns how many.
func requeue(app core.App, before time.Time) (int64, error) {
	condition := dbx.And(dbx.HashExp{"state": Running})
	if !before.IsZero() {
		condition = dbx.And(condition, dbx.NewExp("[[lease_until]] < {:before}", dbx.Params{"before": stamp(before)}))
	}
	result, err := app.NonconcurrentDB().Update(Collection, dbx.Params{"state": Queued, "lease": "", "lease_until": ""}, condition).Execute()
	if err != nil {
		return 0, fmt.Errorf("requeue jobs: %w", err)
	}
	return result.RowsAffected()
}

// nextDue is when the next queued job is due; ok is false when none is queued.
func nextDue(app core.App) (due time.Time, ok bool, err error) {
	var earliest types.DateTime
	err = app.DB().Select("min(run_at)").From(Collection).Where(dbx.HashExp{"state": Queued}).Row(&earliest)
	if err != nil || earliest.IsZero() {
		return time.Time{}, false, err
	}
	return earliest.Time(), true, nil
}

// Late is by how much the job that is due longest is overdue; 0 when none waits.
func Late(app core.App, now time.Time) (time.Duration, error) {
	due, ok, err := nextDue(app)
	if err != nil || !ok {
		return 0, err
	}
	return max(0, now.Sub(due)), nil
}

// CountDead counts the jobs that were given up.
func CountDead(app core.App) (int64, error) {
	return app.CountRecords(Collection, dbx.HashExp{"state": Dead})
}

// DeleteDone deletes the jobs that were done before a time; dead ones stay until somebody looked at them.
func DeleteDone(app core.App, before time.Time) (int64, error) {
	result, err := app.NonconcurrentDB().Delete(Collection, dbx.And(dbx.HashExp{"state": Done},
		dbx.NewExp("[[finished_at]] < {:before}", dbx.Params{"before": stamp(before)}))).Execute()
	if err != nil {
		return 0, fmt.Errorf("delete done jobs: %w", err)
	}
	return result.RowsAffected()
}

// shorten cuts an error to what the column holds, at a rune.
func shorten(text string) string {
	if len(text) <= maxErrorText {
		return text
	}
	cut := maxErrorText
	for cut > 0 && text[cut]&0xC0 == 0x80 {
		cut--
	}
	return text[:cut]
}
