package hooks_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/audit"
	"github.com/cragbase/cragbase/internal/jobs"
	"github.com/cragbase/cragbase/internal/pbtest"
)

func TestMetricsAreServedApart(t *testing.T) {
	t.Parallel()
	address := pbtest.FreeAddress(t)
	app := pbtest.New(t, func(deps *hooks.Deps) { deps.Metrics = address })
	app.Do(t, pbtest.Owner, "GET", "/v1/users/me", nil)
	app.Do(t, pbtest.Guest, "GET", "/v1/users/me", nil)
	app.Do(t, pbtest.Guest, "GET", "/api/collections/ticks/records/"+canary, nil)
	app.Do(t, pbtest.Guest, "POST", "/api/collections/users/auth-with-password", map[string]any{"identity": "olga", "password": pbtest.Password})
	id, err := jobs.Enqueue(app, "no such kind", nil, jobs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, app, id, jobs.Dead)
	body := readMetrics(t, address)
	for _, line := range []string{
		`cragbase_http_request_duration_seconds_count{route="GET /v1/users/me",status="200"} 1`,
		`cragbase_http_request_duration_seconds_count{route="GET /v1/users/me",status="401"} 1`,
		`cragbase_http_request_duration_seconds_count{route="GET /api/collections/{collection}/records/{id}",status="404"} 1`,
		`cragbase_logins_total{method="password"} 1`,
		`cragbase_jobs_dead 1`,
		"cragbase_realtime_connections 0",
		"cragbase_sqlite_bytes ",
	} {
		if !strings.Contains(body, line) {
			t.Errorf("no %s in\n%s", line, body)
		}
	}
	if strings.Contains(body, canary) {
		t.Error("a path is in the metrics")
	}
	if public := app.Do(t, pbtest.Guest, "GET", "/metrics", nil); strings.Contains(public.Body, "cragbase_") {
		t.Error("the metrics are public")
	}
}

// readMetrics is what Prometheus would read.
func readMetrics(t *testing.T, address string) string {
	t.Helper()
	response, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// A change of tier counts once it is committed, and as often as there was one.
func TestTierChangesAreCounted(t *testing.T) {
	t.Parallel()
	address := pbtest.FreeAddress(t)
	app := pbtest.New(t, func(deps *hooks.Deps) { deps.Metrics = address })
	save := func(app core.App, user *core.Record, values map[string]any) {
		t.Helper()
		user.Load(values)
		if err := app.Save(user); err != nil {
			t.Fatal(err)
		}
	}
	find := func(app core.App) *core.Record {
		t.Helper()
		user, err := app.FindRecordById("users", pbtest.OwnerID)
		if err != nil {
			t.Fatal(err)
		}
		return user
	}
	undone := errors.New("undone")
	err := app.RunInTransaction(func(txApp core.App) error {
		save(txApp, find(txApp), map[string]any{"tier": "premium"})
		return undone
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	stale := find(app)
	user := find(app)
	save(app, user, map[string]any{"tier": "basic"})
	save(app, user, map[string]any{"payment_status": "active"}) // the same record again
	save(app, stale, map[string]any{"tier": "basic"})           // by somebody who has not seen it
	err = app.RunInTransaction(func(txApp core.App) error {
		user := find(txApp)
		save(txApp, user, map[string]any{"tier": "premium"})
		save(txApp, user, map[string]any{"tier": "free"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	metrics := readMetrics(t, address)
	for _, line := range []string{
		`cragbase_tier_changes_total{from="free",to="basic"} 1`,
		`cragbase_tier_changes_total{from="basic",to="premium"} 1`,
		`cragbase_tier_changes_total{from="premium",to="free"} 1`,
	} {
		if !strings.Contains(metrics, line) {
			t.Errorf("no %s in\n%s", line, metrics)
		}
	}
	if strings.Contains(metrics, `cragbase_tier_changes_total{from="free",to="premium"}`) {
		t.Error("a change that was rolled back is counted")
	}
	entries, err := app.CountRecords(audit.Collection, dbx.HashExp{"event": audit.PlanChanged})
	if err != nil || entries != 3 {
		t.Errorf("%d entries in the log, want 3 (%v)", entries, err)
	}
}

// The dashboard's button runs a schedule at once.
func TestScheduleButtonInTheDashboard(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	list := app.Do(t, pbtest.Superuser, "GET", "/api/crons", nil)
	if !strings.Contains(list.Body, "housekeeping [17 4 * * *]") {
		t.Fatalf("the dashboard shows %s", list.Body)
	}
	if response := app.Do(t, pbtest.Superuser, "POST", "/api/crons/housekeeping%20%5B17%204%20*%20*%20*%5D", nil); response.Status != http.StatusNoContent {
		t.Fatalf("status %d: %s", response.Status, response.Body)
	}
	for {
		if job, err := app.FindFirstRecordByData("jobs", "kind", "housekeeping"); err == nil {
			waitFor(t, app, job.Id, jobs.Done)
			return
		}
		if t.Context().Err() != nil {
			return
		}
	}
}
