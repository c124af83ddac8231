package hooks

import (
	"errors"
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/audit"
)

// exportTime is how long a client may take to read an export.
const exportTime = 10 * time.Minute

// getExport: GET /v1/users/me/export
func (s *server) getExport(e *core.RequestEvent) error {
	now := s.Now()
	header := e.Response.Header()
	if e.Request.Method == http.MethodHead {
		header.Set("Content-Type", "application/zip")
		return e.NoContent(http.StatusOK)
	}
	if wait, ok := s.exports.Take(e.Auth.Id, now); !ok {
		return tooMany("Too many exports. Please try again later.", wait)
	}
	// Before the first byte: an export that breaks off was one too, and this one has its own entry in it.
	err := audit.Write(e.App, audit.Entry{
		UserID: e.Auth.Id, Event: audit.Exported,
		Source: clientOf(e).Source,
	})
	if err != nil {
		return err
	}
	control := http.NewResponseController(e.Response)
	if err := control.SetWriteDeadline(time.Now().Add(exportTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	defer control.SetWriteDeadline(time.Time{}) // fails only where setting it failed
	name := "cragbase-export-" + e.Auth.GetString(account.FieldUsername) + "-" + now.UTC().Format(time.DateOnly) + ".zip"
	header.Set("Content-Type", "application/zip")
	header.Set("Content-Disposition", `attachment; filename="`+name+`"`) // usernames have no character to escape
	header.Set("Cache-Control", "no-store")
	err = account.Export(e.Request.Context(), e.App, e.Response, e.Auth.Id, now)
	if err == nil {
		return nil
	}
	if !e.Written() {
		header.Del("Content-Disposition")
		return err
	}
	e.App.Logger().Warn("export broke off", "request_id", header.Get(requestIDHeader), "error", err)
	panic(http.ErrAbortHandler) // the client must not take what it has for the whole
}

// exportsAnHour is how many exports a user may ask for at once; they come back one by one over an hour.
const exportsAnHour = 10
