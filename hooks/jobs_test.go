package hooks_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/jobs"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// A long file is answered at once and imported in the background, with its progress in realtime.
func TestLongImportWithProgress(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	owner := subscribe(t, app, listen(t, app), pbtest.Owner, "imports/*")
	response := app.Upload(t, pbtest.Owner, "ticks.csv", rows(2_000), nil)
	accepted := response.Map(t)
	if response.Status != http.StatusAccepted || accepted["job_id"] == "" || len(accepted) != 2 {
		t.Fatalf("status %d: %s", response.Status, response.Body)
	}
	seen := map[int]bool{}
	for {
		var event struct {
			Action string
			Record struct {
				ID, State string
				Progress  int
				Report    struct{ Created int }
			}
		}
		if err := json.Unmarshal([]byte(owner.next(t)), &event); err != nil {
			t.Fatal(err)
		}
		if event.Record.ID != accepted["import_id"] {
			t.Fatalf("event %+v", event)
		}
		seen[event.Record.Progress] = true
		if event.Record.State == "done" {
			if event.Record.Report.Created != 2_000 {
				t.Errorf("%+v", event)
			}
			break
		}
	}
	if !seen[0] || !seen[25] || !seen[50] || !seen[75] || !seen[100] {
		t.Errorf("progress %v", seen)
	}
	if list := app.Do(t, pbtest.Owner, "GET", "/api/collections/ticks/records", nil).Map(t); list["totalItems"] != 2_000.0 {
		t.Errorf("%v ticks", list["totalItems"])
	}
}

// Jobs, mails and schedules are for administrators only, and what is dead can be tried again in the dashboard.
func TestJobsInTheDashboard(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	id, err := jobs.Enqueue(app, "no such kind", nil, jobs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	admin := subscribe(t, app, listen(t, app), pbtest.Superuser, "jobs/*")
	url := "/api/collections/jobs/records"
	for _, caller := range []pbtest.Caller{pbtest.Guest, pbtest.Owner} {
		for _, collection := range []string{"jobs", "outbox", "schedules"} {
			if response := app.Do(t, caller, "GET", "/api/collections/"+collection+"/records", nil); response.Status != http.StatusForbidden {
				t.Errorf("%s as %s: status %d", collection, caller, response.Status)
			}
		}
		if response := app.Do(t, caller, "PATCH", url+"/"+id, map[string]any{"state": "queued"}); response.Status < 400 {
			t.Errorf("%s changed a job", caller)
		}
	}
	waitFor(t, app, id, jobs.Dead)
	if response := app.Do(t, pbtest.Superuser, "PATCH", url+"/"+id, map[string]any{"state": "queued"}); response.Status != http.StatusOK {
		t.Fatal(response.Body)
	}
	admin.next(t)
	waitFor(t, app, id, jobs.Dead)
	if job, _ := app.FindRecordById("jobs", id); job.GetInt("attempts") != 1 {
		t.Errorf("%d attempts, want them counted anew", job.GetInt("attempts"))
	}
	if health := app.Do(t, pbtest.Guest, "GET", "/v1/health", nil).Map(t); health["checks"].(map[string]any)["jobs"] != "ok" {
		t.Errorf("health: %v", health)
	}
}

// A mail that can never be sent is dead in the outbox too, with the reason, in the transaction that ends its job.
func TestDeadMailsAreDeadInTheOutbox(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		t.Fatal(err)
	}
	err = app.RunInTransaction(func(txApp core.App) error {
		user := core.NewRecord(users)
		user.SetEmail("nina@example.com")
		user.Set("username", "nina")
		user.SetPassword(pbtest.Password)
		if err := txApp.Save(user); err != nil { // queues the welcome
			return err
		}
		_, err := txApp.DB().Update("users", dbx.Params{"is_active": false}, dbx.HashExp{"id": user.Id}).Execute()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	job, err := app.FindFirstRecordByData("jobs", "kind", "mail")
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, app, job.Id, jobs.Dead)
	mail, err := app.FindFirstRecordByData("outbox", "to", "nina@example.com")
	if err != nil {
		t.Fatal(err)
	}
	if mail.GetString("state") != "dead" || !strings.Contains(mail.GetString("last_error"), "deactivated") || mail.GetString("html") != "" {
		t.Errorf("outbox: %s, %q", mail.GetString("state"), mail.GetString("last_error"))
	}
}

// waitFor returns when a job has reached a state.
func waitFor(t *testing.T, app *pbtest.App, id, state string) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		job, err := app.FindRecordById("jobs", id)
		if err != nil {
			t.Fatal(err)
		}
		if job.GetString("state") == state {
			return
		}
		select {
		case <-time.Tick(5 * time.Millisecond):
		case <-deadline:
			t.Fatalf("job %s is %s, not %s: %s", id, job.GetString("state"), state, job.GetString("last_error"))
		}
	}
}
