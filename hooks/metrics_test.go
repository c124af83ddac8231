package hooks_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/cragbase/cragbase/hooks"
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
	response, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`cragbase_http_request_duration_seconds_count{route="GET /v1/users/me",status="200"} 1`,
		`cragbase_http_request_duration_seconds_count{route="GET /v1/users/me",status="401"} 1`,
		`cragbase_http_request_duration_seconds_count{route="GET /api/collections/{collection}/records/{id}",status="404"} 1`,
		`cragbase_logins_total{method="password"} 1`,
		`cragbase_jobs_dead 1`,
		"cragbase_realtime_connections 0",
		"cragbase_sqlite_bytes ",
	} {
		if !strings.Contains(string(body), line) {
			t.Errorf("no %s in\n%s", line, body)
		}
	}
	if strings.Contains(string(body), canary) {
		t.Error("a path is in the metrics")
	}
	if public := app.Do(t, pbtest.Guest, "GET", "/metrics", nil); strings.Contains(public.Body, "cragbase_") {
		t.Error("the metrics are public")
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
