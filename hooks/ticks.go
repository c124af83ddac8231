package hooks

import (
	"bytes"
	"net/http"
	"time"

	pbvalidation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/logbook"
	"github.com/cragbase/cragbase/internal/plan"
)

// bindTicks binds what holds for ticks that are written by hand. Imports go around records.
func (s *server) bindTicks(app core.App) {
	app.OnRecordCreateRequest(logbook.Collection).BindFunc(s.takeTick)
	app.OnRecordCreate(logbook.Collection).BindFunc(s.writeTick(logbook.PrepareCreate))
	app.OnRecordUpdate(logbook.Collection).BindFunc(s.writeTick(logbook.PrepareUpdate))
	app.OnRecordDelete(logbook.Collection).BindFunc(deleteTick)
	app.OnRecordDelete(account.Collection).BindFunc(forgetLogbook)
}

// takeTick says whose a new tick is, that no vote is none, and that the plan has room for it.
func (s *server) takeTick(e *core.RecordRequestEvent) error {
	info, err := e.RequestInfo()
	if err != nil {
		return err
	}
	if _, voted := info.Body["your_stars"]; !voted {
		e.Record.Set("your_stars", -1)
	}
	if info.HasSuperuserAuth() {
		return e.Next()
	}
	e.Record.Set("user", e.Auth.Id)
	return s.withRoom(e)
}

// withRoom saves a tick that its owner writes where the plan has room for it. What is counted is not changed by others meanwhile.
func (s *server) withRoom(e *core.RecordRequestEvent) error {
	outer := e.App
	defer func() { e.App = outer }()
	return outer.RunInTransaction(func(txApp core.App) error {
		e.App = txApp
		limits, err := plan.Of(txApp, e.Auth.GetString(account.FieldTier))
		if err != nil {
			return apis.NewInternalServerError("", err)
		}
		if err := logbook.CheckRoom(txApp, e.Auth.Id, limits.MaxTicks); err != nil {
			p := problemOf(err)
			return apis.NewApiError(p.Status, p.Message, nil)
		}
		return e.Next()
	})
}

// writeTick saves a tick that prepare has completed, and gives its logbook another version, all or nothing.
func (s *server) writeTick(prepare func(txApp core.App, tick *core.Record, now time.Time) error) func(e *core.RecordEvent) error {
	return func(e *core.RecordEvent) error {
		return inTransaction(e, func(txApp core.App) error {
			if err := prepare(txApp, e.Record, s.Now()); err != nil {
				if fields := account.FieldErrors(err); fields != nil {
					return pbvalidation.Errors(fields)
				}
				return err
			}
			if err := e.Next(); err != nil {
				return err
			}
			return logbook.Touch(txApp, e.Record.GetString("user"))
		})
	}
}

func deleteTick(e *core.RecordEvent) error {
	return inTransaction(e, func(txApp core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		if err := logbook.NoteDeletion(txApp, e.Record); err != nil {
			return err
		}
		return logbook.Touch(txApp, e.Record.GetString("user"))
	})
}

// forgetLogbook drops what is beside the ticks of a user who is deleted; the ticks go with their user.
func forgetLogbook(e *core.RecordEvent) error {
	return inTransaction(e, func(txApp core.App) error {
		if err := e.Next(); err != nil {
			return err
		}
		return logbook.Forget(txApp, e.Record.Id)
	})
}

// inTransaction lets what an event does and what belongs to it happen together or not at all.
func inTransaction(e *core.RecordEvent, do func(txApp core.App) error) error {
	outer := e.App
	defer func() { e.App = outer }()
	return outer.RunInTransaction(func(txApp core.App) error {
		e.App = txApp
		return do(txApp)
	})
}

// getTicksCSV: GET /v1/users/me/ticks.csv. The file is made before it is sent: a client that reads slowly would keep the
// database from truncating its log meanwhile, and none gets half a logbook. The largest that a plan allows is some 30 MB.
func getTicksCSV(e *core.RequestEvent) error {
	var file bytes.Buffer
	if err := logbook.Export(e.Request.Context(), e.App, &file, e.Auth.Id); err != nil {
		return err
	}
	header := e.Response.Header()
	header.Set("Content-Disposition", `attachment; filename="ticks.csv"`)
	header.Set("Cache-Control", "no-store")
	return e.Blob(http.StatusOK, "text/csv; charset=utf-8", file.Bytes())
}
