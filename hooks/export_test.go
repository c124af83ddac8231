package hooks_test

import (
	"archive/zip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/audit"
	"github.com/cragbase/cragbase/internal/pbtest"
)

const exportURL = "/v1/users/me/export"

func TestExportRoute(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 25, 23, 30, 0, 0, time.FixedZone("", -3600))
	app := pbtest.New(t, func(deps *hooks.Deps) { deps.Now = func() time.Time { return now } })
	if response := app.Upload(t, pbtest.Owner, "ticks.csv", rows(3), nil); response.Status != http.StatusOK {
		t.Fatal(response.Body)
	}
	response := app.Do(t, pbtest.Owner, "GET", exportURL, nil)
	for header, want := range map[string]string{
		"Content-Type":        "application/zip",
		"Content-Disposition": `attachment; filename="cragbase-export-olga-2026-11-26.zip"`,
		"Cache-Control":       "no-store",
	} {
		if got := response.Header.Get(header); response.Status != http.StatusOK || got != want {
			t.Errorf("status %d, %s is %q, want %q", response.Status, header, got, want)
		}
	}
	archive, err := zip.NewReader(strings.NewReader(response.Body), int64(len(response.Body)))
	if err != nil {
		t.Fatal(err)
	}
	var ticks []map[string]any
	var entries []map[string]any
	readJSON(t, archive, "ticks.json", &ticks)
	readJSON(t, archive, "audit_log.json", &entries)
	if len(ticks) != 3 || ticks[0]["route_name"] != "Route 2" {
		t.Errorf("ticks %v", ticks)
	}
	if len(entries) != 1 || entries[0]["event"] != audit.Exported || entries[0]["request_id"] != response.Header.Get("X-Request-Id") {
		t.Errorf("the export is in its own log: %v", entries)
	}
}

func TestExportIsForUsers(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	for caller, want := range map[pbtest.Caller]int{
		pbtest.Guest: 401, pbtest.Deactivated: 401, pbtest.Superuser: 403, pbtest.Stranger: 200, pbtest.Owner: 200,
	} {
		response := app.Do(t, caller, "GET", exportURL, nil)
		if response.Status != want {
			t.Errorf("%s: status %d, want %d", caller, response.Status, want)
		}
		if response.Status == http.StatusOK {
			continue
		}
		if count, err := app.CountRecords(audit.Collection); err != nil || count > 2 {
			t.Errorf("%s: %d entries in the log (%v)", caller, count, err)
		}
	}
}

// Ten at once, and then one by one; each user for themselves.
func TestExportsAreLimited(t *testing.T) {
	t.Parallel()
	var later atomic.Int64 // the jobs look at the clock as well
	app := pbtest.New(t, func(deps *hooks.Deps) {
		deps.Now = func() time.Time { return time.Date(2026, 11, 25, 12, 0, 0, int(later.Load()), time.UTC) }
	})
	export := func(caller pbtest.Caller, method string) pbtest.Response {
		return app.Do(t, caller, method, exportURL, nil)
	}
	for i := range 10 {
		if response := export(pbtest.Owner, "GET"); response.Status != http.StatusOK {
			t.Fatalf("export %d: status %d", i+1, response.Status)
		}
	}
	for range 3 { // asking does not put it off
		refused := export(pbtest.Owner, "GET")
		if refused.Status != http.StatusTooManyRequests || refused.Map(t)["code"] != "rate_limited" || refused.Header.Get("Retry-After") != "360" {
			t.Fatalf("status %d, Retry-After %q: %s", refused.Status, refused.Header.Get("Retry-After"), refused.Body)
		}
	}
	if count, err := app.CountRecords(audit.Collection); err != nil || count != 10 {
		t.Errorf("%d entries in the log, want those of the exports that were made (%v)", count, err)
	}
	if response := export(pbtest.Owner, "HEAD"); response.Status != http.StatusOK || response.Body != "" || response.Header.Get("Content-Type") != "application/zip" {
		t.Errorf("HEAD: status %d, %v", response.Status, response.Header)
	}
	if response := export(pbtest.Stranger, "GET"); response.Status != http.StatusOK {
		t.Errorf("somebody else: status %d", response.Status)
	}
	later.Store(int64(6 * time.Minute))
	if response := export(pbtest.Owner, "GET"); response.Status != http.StatusOK {
		t.Errorf("after the time that Retry-After told: status %d", response.Status)
	}
}

// One that fails before its first byte is a problem like any other.
func TestExportThatFailsAtOnce(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	if _, err := app.DB().NewQuery("ALTER TABLE {{ticks}} RENAME TO {{elsewhere}}").Execute(); err != nil {
		t.Fatal(err)
	}
	response := app.Do(t, pbtest.Owner, "GET", exportURL, nil)
	if response.Status != http.StatusInternalServerError || response.Map(t)["code"] != "internal_error" || response.Header.Get("Content-Disposition") != "" {
		t.Errorf("status %d, %v: %s", response.Status, response.Header, response.Body)
	}
}

// An export that fails on its way is cut, so that the client sees it.
func TestExportThatFailsIsCut(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	server := httptest.NewServer(app.Handler)
	defer server.Close()
	if response := app.Upload(t, pbtest.Owner, "ticks.csv", rows(1999), nil); response.Status != http.StatusOK {
		t.Fatal(response.Body)
	}
	if _, err := app.DB().NewQuery("ALTER TABLE {{outbox}} RENAME TO {{elsewhere}}").Execute(); err != nil {
		t.Fatal(err)
	}
	request := pbtest.NewRequest(t, "GET", server.URL+exportURL, app.Token(t, pbtest.Owner), nil)
	request.RequestURI = ""
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusOK || len(content) == 0 || err == nil {
		t.Errorf("status %d and %d bytes, which end in %v", response.StatusCode, len(content), err)
	}
}

// What a token in an address opens is not for readers of the log, and what a user looks for is not for its files.
func TestLogsHoldNoQueries(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	app.Settings().Logs.MaxDays = 5 // PocketBase's test apps log nothing
	for _, test := range []struct {
		caller pbtest.Caller
		url    string
	}{
		{pbtest.Owner, "/api/collections/ticks/records?filter=notes~'" + canary + "'&token=" + canary},
		{pbtest.Owner, "/api/collections/ticks/records?filter=" + canary + "("},
		{pbtest.Guest, "/api/files/imports/x/y?token=" + canary},
		{pbtest.Guest, "/api/nothing%3Ftoken=" + canary},
		{pbtest.Owner, "/v1/users/me/analytics/pyramid?from=" + canary},
	} {
		request := pbtest.NewRequest(t, "GET", strings.ReplaceAll(test.url, "'", "%27"), app.Token(t, test.caller), nil)
		request.Header.Set("Referer", "https://example.com/reset?token="+canary+"#"+canary)
		app.Send(t, request)
	}
	requests := func() (count int) {
		writeLogs(t, app)
		if err := app.AuxDB().Select("count(*)").From(core.LogsTableName).Where(dbxRequests).Row(&count); err != nil {
			t.Fatal(err)
		}
		return count
	}
	deadline := time.After(20 * time.Second)
	for requests() < 5 { // PocketBase logs in the background
		select {
		case <-time.Tick(5 * time.Millisecond):
		case <-deadline:
			t.Fatalf("%d requests were logged, want 5", requests())
		}
	}
	for _, left := range grepFiles(t, app, canary) {
		t.Error(left)
	}
	var urls []string
	if err := app.AuxDB().Select("json_extract(data, '$.url')").From(core.LogsTableName).Where(dbxRequests).Column(&urls); err != nil {
		t.Fatal(err)
	}
	for _, url := range urls {
		if !strings.HasPrefix(url, "/") || strings.Contains(url, "?") {
			t.Errorf("logged address %q", url)
		}
	}
}

// When the time has come, the job erases the user, and keeps nothing of them itself.
func TestEraseJob(t *testing.T) {
	t.Parallel()
	at := time.Now().Add(-time.Second).Truncate(time.Millisecond)
	app := pbtest.New(t)
	var job, later string
	err := app.RunInTransaction(func(txApp core.App) (err error) {
		user, err := txApp.FindRecordById("users", pbtest.OwnerID)
		if err != nil {
			return err
		}
		user.Set(account.FieldEraseAt, at)
		if err := txApp.Save(user); err != nil {
			return err
		}
		if later, err = hooks.EnqueueErasure(txApp, pbtest.OwnerID, at.Add(time.Hour)); err != nil {
			return err
		}
		job, err = hooks.EnqueueErasure(txApp, pbtest.OwnerID, at)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, app, job, "done")
	if _, err := app.FindRecordById("users", pbtest.OwnerID); err == nil {
		t.Error("the user is still there")
	}
	if _, err := app.FindRecordById("jobs", later); err == nil {
		t.Error("another job still knows the user")
	}
	for _, left := range append(grepFiles(t, app, pbtest.OwnerID), grepFiles(t, app, pbtest.OwnerEmail)...) {
		t.Error(left)
	}
	if _, err := app.FindRecordById("users", pbtest.StrangerID); err != nil {
		t.Errorf("the stranger: %v", err)
	}
}

// A user who came back keeps the account, and can leave again later.
func TestEraseJobOfWhoCameBack(t *testing.T) {
	t.Parallel()
	at := time.Now().Add(-time.Second)
	app := pbtest.New(t)
	first, err := hooks.EnqueueErasure(app, pbtest.OwnerID, at)
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, app, first, "done")
	if _, err := app.FindRecordById("users", pbtest.OwnerID); err != nil {
		t.Errorf("the user: %v", err)
	}
	if again, err := hooks.EnqueueErasure(app, pbtest.OwnerID, at.Add(time.Hour)); err != nil || again == first {
		t.Errorf("job %s after %s (%v)", again, first, err)
	}
}

func readJSON(t *testing.T, archive *zip.Reader, name string, v any) {
	t.Helper()
	file, err := archive.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := json.NewDecoder(file).Decode(v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}
