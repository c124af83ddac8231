package hooks_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/jobs"
	"github.com/cragbase/cragbase/internal/logbook/eightanu"
	"github.com/cragbase/cragbase/internal/logbook/fetch"
	"github.com/cragbase/cragbase/internal/logbook/fetch/fetchtest"
	"github.com/cragbase/cragbase/internal/logbook/mountainproject"
	"github.com/cragbase/cragbase/internal/pbtest"
)

const (
	syncURL      = "/v1/users/me/sync"
	ownerProfile = "https://www.mountainproject.com/user/200123456"
)

// site plays Mountain Project with a page that a test can change.
type site struct {
	mu       sync.Mutex
	status   int
	body     []byte
	etag     string
	retry    string
	requests int
	before   func(r *http.Request) // is called before the answer
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	status, body, etag, before := s.status, s.body, s.etag, s.before
	s.requests++
	w.Header().Set("Retry-After", s.retry)
	s.mu.Unlock()
	if before != nil {
		before(r)
	}
	if etag != "" {
		w.Header().Set("ETag", etag)
		if r.Header.Get("If-None-Match") == etag {
			status, body = http.StatusNotModified, nil
		}
	}
	w.WriteHeader(status)
	w.Write(body)
}

func (s *site) answer(status int, body []byte, etag string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.body, s.etag = status, body, etag
}

func (s *site) asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests
}

// syncApp is an app that reads profiles from a site of its own, on a clock that runs and can be put forward.
type syncApp struct {
	*pbtest.App
	site    *site
	metrics string // their address
	offset  atomic.Int64
}

func newSyncApp(t *testing.T, configure ...func(*fetch.Config)) *syncApp {
	t.Helper()
	a := &syncApp{site: &site{status: 200, body: rows(10)}, metrics: pbtest.FreeAddress(t)}
	server := fetchtest.Start(t, a.site.ServeHTTP)
	config := mountainproject.Site()
	config.Delay = time.Millisecond
	for _, change := range configure {
		change(&config)
	}
	a.App = pbtest.New(t, func(deps *hooks.Deps) {
		deps.Now = func() time.Time { return time.Now().Add(time.Duration(a.offset.Load())) }
		deps.Sites.MountainProject = server.New(t, config)
		deps.MailKept = true
		deps.Metrics = a.metrics
	})
	return a
}

func (a *syncApp) forward(d time.Duration) { a.offset.Add(int64(d)) }

func (a *syncApp) now() time.Time { return time.Now().Add(time.Duration(a.offset.Load())) }

// link links the profile of a caller and waits until it has been read.
func (a *syncApp) link(t *testing.T, caller pbtest.Caller, address string) *core.Record {
	t.Helper()
	answer := a.Do(t, caller, "PATCH", "/v1/users/me", map[string]string{"mountain_project_url": address})
	if answer.Status != http.StatusOK {
		t.Fatalf("link: %d %s", answer.Status, answer.Body)
	}
	waitFor(t, a.App, answer.Header.Get("X-Sync-Job"), jobs.Done)
	return a.lastRun(t, answer.Header.Get("X-Sync-Job"))
}

// sync asks for a sync and waits until it has ended.
func (a *syncApp) sync(t *testing.T) *core.Record {
	t.Helper()
	a.forward(16 * time.Minute)
	answer := a.Do(t, pbtest.Owner, "POST", syncURL, map[string]string{"source": "mountain_project"})
	if answer.Status != http.StatusAccepted {
		t.Fatalf("sync: %d %s", answer.Status, answer.Body)
	}
	var accepted struct {
		JobID string `json:"job_id"`
		RunID string `json:"run_id"`
	}
	answer.JSON(t, &accepted)
	waitFor(t, a.App, accepted.JobID, jobs.Done)
	run := a.lastRun(t, accepted.JobID)
	if run.Id != accepted.RunID {
		t.Fatalf("the job's run is %s, not %s", run.Id, accepted.RunID)
	}
	return run
}

// lastRun is the run of a job.
func (a *syncApp) lastRun(t *testing.T, jobID string) *core.Record {
	t.Helper()
	job, err := a.FindRecordById("jobs", jobID)
	if err != nil {
		t.Fatal(err)
	}
	var payload struct{ Run string }
	if err := json.Unmarshal([]byte(job.GetString("payload")), &payload); err != nil {
		t.Fatal(err)
	}
	run, err := a.FindRecordById("sync_runs", payload.Run)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// profile is what is known of the owner's profile.
func (a *syncApp) profile(t *testing.T) *core.Record {
	t.Helper()
	profile, err := a.FindFirstRecordByData("profile_sources", "user", pbtest.OwnerID)
	if err != nil {
		t.Fatal(err)
	}
	return profile
}

func (a *syncApp) count(t *testing.T, collection string, where dbx.HashExp) int {
	t.Helper()
	var conditions []dbx.Expression
	if len(where) > 0 {
		conditions = append(conditions, where)
	}
	count, err := a.CountRecords(collection, conditions...)
	if err != nil {
		t.Fatal(err)
	}
	return int(count)
}

func (a *syncApp) lastSync(t *testing.T) string {
	t.Helper()
	synced, _ := a.Do(t, pbtest.Owner, "GET", "/v1/users/me", nil).Map(t)["mtn_project_last_sync"].(string)
	return synced
}

func counts(t *testing.T, run *core.Record) string {
	t.Helper()
	var c struct{ Rows, Created, Updated, Unchanged, Gone, Skipped int }
	if err := json.Unmarshal([]byte(run.GetString("counts")), &c); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s %d%%: %d rows, %d created, %d updated, %d unchanged, %d gone, %d skipped",
		run.GetString("status"), run.GetInt("progress"), c.Rows, c.Created, c.Updated, c.Unchanged, c.Gone, c.Skipped)
}

// A linked profile is read with its progress in realtime, and after that only what has changed is.
func TestSyncOfAProfile(t *testing.T) {
	t.Parallel()
	app := newSyncApp(t)
	app.site.answer(200, rows(10), `"v1"`)
	owner := subscribe(t, app.App, listen(t, app.App), pbtest.Owner, "sync_runs/*")
	run := app.link(t, pbtest.Owner, ownerProfile)
	if got := counts(t, run); got != "done 100%: 10 rows, 10 created, 0 updated, 0 unchanged, 0 gone, 0 skipped" {
		t.Error(got)
	}
	var seen []string
	for len(seen) < 4 {
		var event struct {
			Record struct {
				Status   string
				Progress int
			}
		}
		if err := json.Unmarshal([]byte(owner.next(t)), &event); err != nil {
			t.Fatal(err)
		}
		seen = append(seen, fmt.Sprint(event.Record.Status, event.Record.Progress))
	}
	if strings.Join(seen, " ") != "queued0 running10 running60 done100" {
		t.Errorf("the owner saw %v", seen)
	}
	first := app.lastSync(t)
	if first == "" {
		t.Error("no time of the last sync")
	}
	if got := counts(t, app.sync(t)); got != "done 100%: 10 rows, 0 created, 0 updated, 10 unchanged, 0 gone, 0 skipped" || app.lastSync(t) <= first {
		t.Errorf("not modified: %s at %s", got, app.lastSync(t))
	}
	app.site.answer(200, rows(10), "") // the site forgets its ETag
	if got := counts(t, app.sync(t)); got != "done 100%: 10 rows, 0 created, 0 updated, 10 unchanged, 0 gone, 0 skipped" {
		t.Errorf("the same content: %s", got)
	}
	app.site.answer(200, rows(8), `"v2"`)
	if got := counts(t, app.sync(t)); got != "done 100%: 8 rows, 0 created, 8 updated, 0 unchanged, 2 gone, 0 skipped" { // all of one day, in which they have other places now
		t.Errorf("two ticks less: %s", got)
	}
	if kept := app.count(t, "ticks", dbx.HashExp{"user": pbtest.OwnerID}); kept != 10 {
		t.Errorf("%d ticks are kept", kept)
	}
	metrics := readMetrics(t, app.metrics)
	for _, line := range []string{
		`cragbase_syncs_total{result="done",source="mountain_project"} 4`,
		`cragbase_sync_rows_total{result="created",source="mountain_project"} 10`,
		`cragbase_sync_rows_total{result="unchanged",source="mountain_project"} 20`,
	} {
		if !strings.Contains(metrics, line) {
			t.Errorf("no %s in the metrics", line)
		}
	}
}

// 8a.nu is read by the same machinery, both kinds of ascents.
func TestSyncOfEightA(t *testing.T) {
	t.Parallel()
	server := fetchtest.Start(t, func(w http.ResponseWriter, r *http.Request) {
		ascents, total := "", 0
		if r.URL.Query().Get("category") == "bouldering" {
			ascents, total = `{"ascentId":7,"date":"2026-05-03T00:00:00+00:00","difficulty":"6B+","type":"f","zlaggableName":"Dune","cragName":"Roof"}`, 1
		}
		fmt.Fprintf(w, `{"ascents":[%s],"totalItems":%d,"pageIndex":0}`, ascents, total)
	})
	app := pbtest.New(t, func(deps *hooks.Deps) { deps.Sites.EightA = server.New(t, eightanu.Site()) })
	answer := app.Do(t, pbtest.Owner, "PATCH", "/v1/users/me", map[string]string{"eight_a_nu_url": "https://www.8a.nu/user/olga-o"})
	waitFor(t, app, answer.Header.Get("X-Sync-Job"), jobs.Done)
	if me := app.Do(t, pbtest.Owner, "GET", "/v1/users/me", nil).Map(t); me["eight_a_last_sync"] == nil || me["mtn_project_last_sync"] != nil {
		t.Errorf("%v", me)
	}
	if list := app.Do(t, pbtest.Owner, "GET", "/api/collections/ticks/records", nil).Map(t); list["totalItems"] != 1.0 {
		t.Errorf("%v", list)
	}
}

// What is no logbook changes no tick, and says why in a word and in a sentence.
func TestFailedSyncs(t *testing.T) {
	t.Parallel()
	for reason, test := range map[string]struct {
		status   int
		body     string
		sentence string
		retry    time.Duration
	}{
		"private":       {200, "<html>This user's ticks are private.</html>", "Your Mountain Project profile is private: make it public, or ", 24 * time.Hour},
		"not_found":     {404, "", "Mountain Project has no profile at this address", 24 * time.Hour},
		"login":         {401, "", "we never ask for your password of another site", 24 * time.Hour},
		"challenge":     {503, "<title>Just a moment...</title>", "wants proof that a person is asking", time.Hour},
		"refused":       {403, "", "does not let servers like ours read profiles", time.Hour},
		"rate_limited":  {429, "", "asked us to come back later", time.Hour},
		"unreachable":   {500, "", "could not be reached", time.Hour},
		"too_large":     {200, string(rows(20_001)), "more than we read from a profile", 24 * time.Hour},
		"not_a_logbook": {200, "<html>Welcome</html>", "something that is not a logbook", 24 * time.Hour},
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			app := newSyncApp(t)
			app.Upload(t, pbtest.Owner, "ticks.csv", rows(3), nil)
			app.site.answer(test.status, []byte(test.body), "")
			run := app.link(t, pbtest.Owner, ownerProfile)
			if run.GetString("status") != "failed" || run.GetString("reason") != reason || !strings.Contains(run.GetString("error"), test.sentence) || run.GetDateTime("finished_at").IsZero() {
				t.Errorf("%s, %s: %q", run.GetString("status"), run.GetString("reason"), run.GetString("error"))
			}
			pause := run.GetDateTime("retry_at").Time().Sub(app.now())
			if pause < test.retry*8/10 || pause > test.retry*12/10 {
				t.Errorf("tried again after %v, want about %v", pause, test.retry)
			}
			if next := app.profile(t).GetDateTime("next_run"); next != run.GetDateTime("retry_at") || app.profile(t).GetInt("failures") != 1 {
				t.Errorf("next run at %v, failures %d", next, app.profile(t).GetInt("failures"))
			}
			if app.lastSync(t) != "" || app.count(t, "ticks", dbx.HashExp{"user": pbtest.OwnerID, "gone_at": ""}) != 3 {
				t.Error("it left a trace in the logbook")
			}
		})
	}
}

// Pauses double up to a week, the third failure in a row is written about once, and success ends all of it.
func TestFailuresInARow(t *testing.T) {
	t.Parallel()
	app := newSyncApp(t, func(config *fetch.Config) { config.Failures = 1_000 })
	mails := func() int { return app.count(t, "outbox", dbx.HashExp{"kind": "sync_failed"}) }
	app.site.answer(404, nil, "")
	run := app.link(t, pbtest.Owner, ownerProfile)
	for i, days := range []float64{1, 2, 4, 7, 7} {
		if i > 0 {
			run = app.sync(t)
		}
		pause := run.GetDateTime("retry_at").Time().Sub(app.now()).Hours() / 24
		if pause < days*0.89 || pause > min(7, days*1.11) {
			t.Errorf("after failure %d it is tried again in %.2f days, want about %v", i+1, pause, days)
		}
		if want := min(1, (i+1)/3); mails() != want {
			t.Errorf("%d mails after failure %d, want %d", mails(), i+1, want)
		}
	}
	mail, err := app.FindFirstRecordByData("outbox", "kind", "sync_failed")
	if err != nil {
		t.Fatal(err)
	}
	if text := mail.GetString("text"); !strings.Contains(text, "We could not read your Mountain Project profile three times in a row") || !strings.Contains(text, "has no profile at this address") {
		t.Errorf("the mail says\n%s", text)
	}
	app.site.answer(200, rows(1), "")
	app.sync(t)
	if failures := app.profile(t).GetInt("failures"); failures != 0 {
		t.Errorf("%d failures after a success", failures)
	}
	app.site.answer(404, nil, "")
	for range 4 {
		app.sync(t)
	}
	if mails() != 2 {
		t.Errorf("%d mails after another row of failures", mails())
	}
}

// A site that asks to be left alone is not asked for other profiles either, and nobody's failures are counted for it.
func TestRetryAfterOfTheSite(t *testing.T) {
	t.Parallel()
	app := newSyncApp(t)
	app.site.retry = "7200"
	app.site.answer(429, nil, "")
	run := app.link(t, pbtest.Owner, ownerProfile)
	if pause := run.GetDateTime("retry_at").Time().Sub(app.now()); pause < 119*time.Minute || pause > 121*time.Minute {
		t.Errorf("tried again after %v; the site asked for two hours", pause)
	}
	other := app.link(t, pbtest.Stranger, "https://www.mountainproject.com/user/200999999")
	if other.GetString("reason") != "rate_limited" || app.site.asked() != 1 {
		t.Errorf("%s after %d requests", other.GetString("reason"), app.site.asked())
	}
	profile, err := app.FindFirstRecordByData("profile_sources", "user", pbtest.StrangerID)
	if err != nil || profile.GetInt("failures") != 0 {
		t.Errorf("%v failures, %v", profile.GetInt("failures"), err)
	}
}

// Who may ask for a sync, for what, and how often.
func TestAskForASync(t *testing.T) {
	t.Parallel()
	app := newSyncApp(t)
	ask := func(caller pbtest.Caller, body any) pbtest.Response { return app.Do(t, caller, "POST", syncURL, body) }
	mp := map[string]string{"source": "mountain_project"}
	for caller, status := range map[pbtest.Caller]int{pbtest.Guest: 401, pbtest.Deactivated: 401, pbtest.Superuser: 403} {
		if answer := ask(caller, mp); answer.Status != status {
			t.Errorf("%s: %d", caller, answer.Status)
		}
	}
	for code, body := range map[string]map[string]string{
		"validation_not_linked": mp, "validation_in_invalid": {"source": "ukc"}, "unknown_field": {"source": "mountain_project", "url": "https://x"},
	} {
		if answer := ask(pbtest.Owner, body); answer.Status != http.StatusBadRequest || !strings.Contains(answer.Body, `"`+code+`"`) {
			t.Errorf("%v: %d %s", body, answer.Status, answer.Body)
		}
	}
	reading, goOn := make(chan struct{}), make(chan struct{})
	app.site.before = func(*http.Request) { reading <- struct{}{}; <-goOn }
	job := app.Do(t, pbtest.Owner, "PATCH", "/v1/users/me", map[string]string{"mountain_project_url": ownerProfile}).Header.Get("X-Sync-Job")
	<-reading
	if answer := ask(pbtest.Owner, mp); answer.Status != http.StatusConflict || answer.Map(t)["code"] != "sync_running" {
		t.Errorf("while it runs: %d %s", answer.Status, answer.Body)
	}
	close(goOn)
	waitFor(t, app.App, job, jobs.Done)
	app.forward(5 * time.Minute)
	soon := ask(pbtest.Owner, mp)
	if soon.Status != http.StatusTooManyRequests || soon.Map(t)["code"] != "rate_limited" || !strings.HasPrefix(soon.Header.Get("Retry-After"), "59") && soon.Header.Get("Retry-After") != "600" {
		t.Errorf("soon after: %d %s, %s", soon.Status, soon.Header.Get("Retry-After"), soon.Body)
	}
	app.forward(10 * time.Minute)
	go func() { <-reading }()
	if answer := ask(pbtest.Owner, mp); answer.Status != http.StatusAccepted {
		t.Errorf("15 minutes later: %d %s", answer.Status, answer.Body)
	}
}

// Whatever happens to the link while a profile is read: what was read of a former profile is not imported.
func TestLinkChangesWhileItIsRead(t *testing.T) {
	t.Parallel()
	app := newSyncApp(t)
	reading, goOn := make(chan string), make(chan struct{})
	app.site.before = func(r *http.Request) { reading <- r.URL.Path; <-goOn }
	patch := func(address string) string {
		return app.Do(t, pbtest.Owner, "PATCH", "/v1/users/me", map[string]string{"mountain_project_url": address}).Header.Get("X-Sync-Job")
	}
	job := patch(ownerProfile)
	if path := <-reading; path != "/user/200123456/tick-export" {
		t.Errorf("asked for %s", path)
	}
	if again := patch("https://www.mountainproject.com/user/200777777"); again != job {
		t.Errorf("another profile has job %q beside %q", again, job)
	}
	goOn <- struct{}{}
	if path := <-reading; path != "/user/200777777/tick-export" {
		t.Errorf("then asked for %s", path)
	}
	goOn <- struct{}{}
	waitFor(t, app.App, job, jobs.Done)
	if run := app.lastRun(t, job); run.GetString("status") != "done" || app.profile(t).GetString("url") != "https://www.mountainproject.com/user/200777777" {
		t.Errorf("%s of %s", run.GetString("status"), app.profile(t).GetString("url"))
	}

	job = patch("https://www.mountainproject.com/user/200888888")
	<-reading
	patch("")
	run := app.lastRun(t, job)
	if run.GetString("status") != "failed" || !strings.Contains(run.GetString("error"), "not linked any more") {
		t.Errorf("unlinked: %s %q", run.GetString("status"), run.GetString("error"))
	}
	goOn <- struct{}{}
	waitFor(t, app.App, job, jobs.Done)
	if after := app.lastRun(t, job); after.GetString("error") != run.GetString("error") || app.count(t, "profile_sources", nil) != 0 || app.count(t, "ticks", dbx.HashExp{"user": pbtest.OwnerID}) != 10 {
		t.Errorf("what was read of it left a trace: %s", after.GetString("error"))
	}
}

// A profile that is unlinked and linked anew while its job waits is read by that job, which the answer names.
func TestLinkChangesWhileItsJobWaits(t *testing.T) {
	t.Parallel()
	app := newSyncApp(t)
	asked := make(chan string, 10)
	app.site.before = func(r *http.Request) { asked <- r.URL.Path }
	collection, err := app.FindCollectionByNameOrId("imports")
	if err != nil {
		t.Fatal(err)
	}
	imported := core.NewRecord(collection) // which the job waits for
	imported.Load(map[string]any{"user": pbtest.OwnerID, "source": "mountain_project", "mode": "merge", "file_name": "ticks.csv", "state": "running"})
	if err := app.Save(imported); err != nil {
		t.Fatal(err)
	}
	patch := func(address string) string {
		return app.Do(t, pbtest.Owner, "PATCH", "/v1/users/me", map[string]string{"mountain_project_url": address}).Header.Get("X-Sync-Job")
	}
	patch(ownerProfile)
	patch("")
	job := patch("https://www.mountainproject.com/user/200777777")
	imported.Set("state", "done")
	if err := app.Save(imported); err != nil {
		t.Fatal(err)
	}
	app.forward(2 * time.Minute)
	waitFor(t, app.App, job, jobs.Done)
	close(asked)
	if path := <-asked; path != "/user/200777777/tick-export" || app.site.asked() != 1 {
		t.Errorf("asked %d times, for %q", app.site.asked(), path)
	}
	for status, want := range map[string]int{"failed": 1, "done": 1, "queued": 0, "running": 0} {
		if got := app.count(t, "sync_runs", dbx.HashExp{"status": status}); got != want {
			t.Errorf("%d runs are %s, want %d", got, status, want)
		}
	}
	app.site.mu.Lock()
	app.site.before = nil
	app.site.mu.Unlock()
	if run := app.sync(t); run.GetString("status") != "done" {
		t.Errorf("asked for again: %s", run.GetString("status"))
	}
}

// A profile that the plan has no room for is not imported in part.
func TestSyncOverThePlan(t *testing.T) {
	t.Parallel()
	app := newSyncApp(t)
	free, err := app.FindFirstRecordByData("plans", "tier", "free")
	if err != nil {
		t.Fatal(err)
	}
	free.Set("max_ticks", 9)
	if err := app.Save(free); err != nil {
		t.Fatal(err)
	}
	run := app.link(t, pbtest.Owner, ownerProfile)
	if run.GetString("reason") != "plan_limit" || !strings.Contains(run.GetString("error"), "more ticks than the 9 that your plan allows") || app.count(t, "ticks", nil) != 0 {
		t.Errorf("%s: %q with %d ticks", run.GetString("reason"), run.GetString("error"), app.count(t, "ticks", nil))
	}
}

// The same export imported while the profile is read: each tick once, and none lost.
func TestImportBesideASync(t *testing.T) {
	t.Parallel()
	app := newSyncApp(t)
	app.site.answer(200, rows(500), "")
	var both sync.WaitGroup
	both.Go(func() {
		for range 5 {
			if answer := app.Upload(t, pbtest.Owner, "ticks.csv", rows(500), nil); answer.Status != http.StatusOK {
				t.Errorf("import: %d %s", answer.Status, answer.Body)
			}
		}
	})
	both.Go(func() {
		app.link(t, pbtest.Owner, ownerProfile)
		for range 3 {
			app.sync(t)
		}
	})
	both.Wait()
	if all, present := app.count(t, "ticks", nil), app.count(t, "ticks", dbx.HashExp{"gone_at": ""}); all != 500 || present != 500 {
		t.Errorf("%d ticks, %d of them present", all, present)
	}
}

// A sync waits for an import of the same user that runs in the background.
func TestSyncWaitsForAnImport(t *testing.T) {
	t.Parallel()
	app := newSyncApp(t)
	collection, err := app.FindCollectionByNameOrId("imports")
	if err != nil {
		t.Fatal(err)
	}
	imported := core.NewRecord(collection)
	imported.Load(map[string]any{"user": pbtest.OwnerID, "source": "mountain_project", "mode": "merge", "file_name": "ticks.csv", "state": "running"})
	if err := app.Save(imported); err != nil {
		t.Fatal(err)
	}
	job := app.Do(t, pbtest.Owner, "PATCH", "/v1/users/me", map[string]string{"mountain_project_url": ownerProfile}).Header.Get("X-Sync-Job")
	deadline := time.After(20 * time.Second)
	for waiting := false; !waiting; {
		record, err := app.FindRecordById("jobs", job)
		if err != nil {
			t.Fatal(err)
		}
		waiting = record.GetInt("attempts") == 1 && record.GetString("state") == jobs.Queued
		if waiting && record.GetDateTime("run_at").Time().Sub(app.now()) < 50*time.Second {
			t.Errorf("it comes again at %v", record.GetDateTime("run_at"))
		}
		select {
		case <-time.Tick(5 * time.Millisecond):
		case <-deadline:
			t.Fatalf("the sync does not wait: %s", record.GetString("last_error"))
		}
	}
	if app.site.asked() != 0 {
		t.Error("the site was asked in vain")
	}
	imported.Set("state", "failed")
	if err := app.Save(imported); err != nil {
		t.Fatal(err)
	}
	app.forward(2 * time.Minute)
	waitFor(t, app.App, job, jobs.Done)
	if run := app.lastRun(t, job); run.GetString("status") != "done" {
		t.Errorf("%s: %s", run.GetString("status"), run.GetString("error"))
	}
}

// A site that does its worst to one user costs the next one nothing.
func TestHostileSiteAndTheNextUser(t *testing.T) {
	t.Parallel()
	hostile := make(chan struct{})
	server := fetchtest.Start(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/user/200123456/tick-export" {
			w.Write(rows(4))
			return
		}
		close(hostile)
		zeroes := make([]byte, 1<<20)
		for range 1 << 10 {
			if _, err := w.Write(zeroes); err != nil {
				return
			}
		}
	})
	config := mountainproject.Site()
	config.Delay = time.Millisecond
	app := &syncApp{App: pbtest.New(t, func(deps *hooks.Deps) { deps.Sites.MountainProject = server.New(t, config) })}
	first := app.link(t, pbtest.Owner, ownerProfile)
	<-hostile
	second := app.link(t, pbtest.Stranger, "https://www.mountainproject.com/user/200999999")
	if first.GetString("reason") != "too_large" || second.GetString("status") != "done" {
		t.Errorf("%s, then %s", first.GetString("reason"), second.GetString("status"))
	}
}

// Profiles that are due are read without anybody asking, and those of people who have left are not.
func TestScheduledSyncs(t *testing.T) {
	t.Parallel()
	app := newSyncApp(t)
	app.link(t, pbtest.Owner, ownerProfile)
	app.link(t, pbtest.Stranger, "https://www.mountainproject.com/user/200999999")
	next := app.profile(t).GetDateTime("next_run").Time().Sub(app.now()).Hours()
	if next < 168*0.89 || next > 168*1.11 {
		t.Errorf("a free profile is read again in %.1f hours", next)
	}
	if answer := app.Do(t, pbtest.Stranger, "POST", "/v1/users/me/deactivate", map[string]string{"password": pbtest.Password}); answer.Status != http.StatusOK {
		t.Fatal(answer.Body)
	}
	app.forward(8 * 24 * time.Hour)
	schedule, err := jobs.Enqueue(app, "sync_schedule", nil, jobs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, app.App, schedule, jobs.Done)
	if due := app.count(t, "sync_runs", dbx.HashExp{"status": []any{"queued", "running", "done"}}); due != 3 {
		t.Errorf("%d runs, want the two first ones and one of the owner", due)
	}
	app.forward(11 * time.Minute) // over which they are spread
	job, err := app.FindFirstRecordByFilter("jobs", "kind = 'sync' && state != 'done'")
	if err == nil {
		waitFor(t, app.App, job.Id, jobs.Done)
	}
	if asked := app.site.asked(); asked != 3 {
		t.Errorf("the site was asked %d times", asked)
	}
}

// A larger plan reads more often at once, and so does a plan that an administrator edits.
func TestShorterIntervalsActAtOnce(t *testing.T) {
	t.Parallel()
	app := newSyncApp(t)
	app.link(t, pbtest.Owner, ownerProfile)
	hours := func() float64 { return app.profile(t).GetDateTime("next_run").Time().Sub(app.now()).Hours() }
	user, err := app.FindRecordById("users", pbtest.OwnerID)
	if err != nil {
		t.Fatal(err)
	}
	user.Set("tier", "premium")
	if err := app.Save(user); err != nil {
		t.Fatal(err)
	}
	if next := hours(); next < 6*0.89 || next > 6*1.11 {
		t.Errorf("premium: read again in %.2f hours", next)
	}
	premium, err := app.FindFirstRecordByData("plans", "tier", "premium")
	if err != nil {
		t.Fatal(err)
	}
	for interval, want := range map[int]float64{2: 2} {
		premium.Set("sync_interval_hours", interval)
		if err := app.Save(premium); err != nil {
			t.Fatal(err)
		}
		if next := hours(); next < want*0.89 || next > want*1.11 {
			t.Errorf("%d hours: read again in %.2f", interval, next)
		}
	}
	premium.Set("sync_interval_hours", 0)
	if err := app.Save(premium); err != nil {
		t.Fatal(err)
	}
	if next := app.profile(t).GetString("next_run"); next != "" {
		t.Errorf("only when asked: read again at %s", next)
	}
	if plans := app.Do(t, pbtest.Guest, "GET", "/v1/plans", nil).Body; !strings.Contains(plans, `"sync_interval_hours":168`) {
		t.Errorf("plans: %s", plans)
	}
}
