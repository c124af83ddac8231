package logbook_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"github.com/cragbase/cragbase/internal/logbook"
	"github.com/cragbase/cragbase/internal/logbook/entry"
	"github.com/cragbase/cragbase/internal/logbook/fetch"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// queued is a job that a syncer has asked for.
type queued struct {
	user, run string
	at        time.Time
}

// desk is a syncer with everything around it under a test's hand.
type desk struct {
	*logbook.Syncer
	app    core.App
	now    time.Time
	terms  logbook.Terms
	export *entry.Export
	fail   error
	during func() // is called while a profile is read
	jobs   []queued
	told   []string
}

const profileURL = "https://www.mountainproject.com/user/200123456"

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{app: pbtest.Bare(t), now: time.Now(), terms: logbook.Terms{Interval: 24 * time.Hour}}
	d.export = parsed(t, export(row("2026-05-02", "12", "5.9", "", "Lead", "Flash"), row("2026-05-01", "11", "5.9", "", "Lead", "Flash")))
	d.Syncer = logbook.NewSyncer(logbook.SyncConfig{
		Sites: []logbook.Site{{
			Source: logbook.SourceMountainProject, Name: "Mountain Project", URLField: "mountain_project_url", SyncedField: "mtn_project_last_sync",
			Fetch: func(context.Context, string, fetch.Version, time.Time) (*entry.Export, fetch.Version, error) {
				if d.during != nil {
					d.during()
				}
				return d.export, fetch.Version{ETag: "v1"}, d.fail
			},
		}},
		Now: func() time.Time { return d.now }, MayAct: func(user *core.Record) bool { return user.GetBool("is_active") },
		Terms: func(core.App, *core.Record) (logbook.Terms, error) { return d.terms, nil },
		Enqueue: func(_ core.App, user string, _ logbook.Source, run string, at time.Time) (string, error) {
			d.jobs = append(d.jobs, queued{user, run, at})
			return "job of " + run, nil
		},
		HasJob: func(_ core.App, user string, _ logbook.Source) (bool, error) {
			return slices.ContainsFunc(d.jobs, func(job queued) bool { return job.user == user }), nil
		},
		Tell: func(_ core.App, _ *core.Record, site, _ string, _ time.Time) error {
			d.told = append(d.told, site)
			return nil
		},
	})
	return d
}

// link links a profile and returns its first run.
func (d *desk) link(t *testing.T, userID, address string) string {
	t.Helper()
	err := d.app.RunInTransaction(func(txApp core.App) error {
		user, err := txApp.FindRecordById("users", userID)
		if err != nil {
			return err
		}
		user.Set("mountain_project_url", address)
		if err := txApp.Save(user); err != nil {
			return err
		}
		_, err = d.Link(txApp, user, logbook.SourceMountainProject)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return d.jobs[len(d.jobs)-1].run
}

// unlink unlinks a profile.
func (d *desk) unlink(t *testing.T, userID string) {
	t.Helper()
	err := d.app.RunInTransaction(func(txApp core.App) error {
		user, err := txApp.FindRecordById("users", userID)
		if err != nil {
			return err
		}
		user.Set("mountain_project_url", "")
		return errors.Join(txApp.Save(user), d.Unlink(txApp, userID, logbook.SourceMountainProject))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// read runs a run up to its last step.
func (d *desk) read(t *testing.T, run string) func(core.App) error {
	t.Helper()
	finish, err := d.Run(t.Context(), d.app, run)
	if err != nil {
		t.Fatal(err)
	}
	return finish
}

func (d *desk) run(t *testing.T, id string) *core.Record {
	t.Helper()
	run, err := d.app.FindRecordById("sync_runs", id)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// A server that dies between reading and storing reads again, and what it stored once it does not store twice.
func TestSyncIsRunAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	run := d.link(t, pbtest.OwnerID, profileURL)
	d.read(t, run) // and the server dies
	if r := d.run(t, run); r.GetString("status") != "running" || r.GetInt("progress") != 60 {
		t.Errorf("%s at %d %%", r.GetString("status"), r.GetInt("progress"))
	}
	late := d.read(t, run) // of a job whose lease has ended
	finish := d.read(t, run)
	for range 2 { // an end that is repeated is none
		if err := d.app.RunInTransaction(finish); err != nil {
			t.Fatal(err)
		}
	}
	ended := d.run(t, run)
	if err := d.app.RunInTransaction(late); err != nil {
		t.Fatal(err)
	}
	if after := d.run(t, run); after.GetString("status") != "done" || after.GetString("updated") != ended.GetString("updated") {
		t.Errorf("%s, changed at %s and %s", after.GetString("status"), ended.GetString("updated"), after.GetString("updated"))
	}
	d.fail = errors.New("it was read")
	if err := d.app.RunInTransaction(d.read(t, run)); err != nil {
		t.Errorf("a run that has ended: %v", err)
	}
	if count, err := d.app.CountRecords("ticks"); err != nil || count != 2 {
		t.Errorf("%d ticks, %v", count, err)
	}
}

// Whenever a profile is unlinked and another one linked, the job that is there reads that one, and ends no sooner.
func TestJobsReadWhatIsLinked(t *testing.T) {
	t.Parallel()
	const other = "https://www.mountainproject.com/user/200777777"
	relink := func(t *testing.T, d *desk) string {
		t.Helper()
		d.unlink(t, pbtest.OwnerID)
		return d.link(t, pbtest.OwnerID, other)
	}
	for rule, change := range map[string]func(t *testing.T, d *desk, job string) (run string){
		"before the job begins": func(t *testing.T, d *desk, _ string) string { return relink(t, d) },
		"while it reads": func(t *testing.T, d *desk, job string) (run string) {
			d.during = func() { d.during, run = nil, relink(t, d) }
			if err := d.app.RunInTransaction(d.read(t, job)); err == nil {
				t.Error("the job ends with what it has read of the former profile")
			}
			return run
		},
		"before it ends": func(t *testing.T, d *desk, job string) string {
			finish := d.read(t, job)
			run := relink(t, d)
			if err := d.app.RunInTransaction(finish); err == nil {
				t.Error("the job ends with what it has read of the former profile")
			}
			return run
		},
		"before it ends without a profile": func(t *testing.T, d *desk, job string) string {
			d.unlink(t, pbtest.OwnerID)
			finish := d.read(t, job)
			run := d.link(t, pbtest.OwnerID, other)
			if err := d.app.RunInTransaction(finish); err == nil {
				t.Error("the job ends without the profile that is linked")
			}
			return run
		},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			job := d.link(t, pbtest.OwnerID, profileURL)
			run := change(t, d, job)
			if run == job {
				t.Fatal("unlinking has not ended the first run")
			}
			if err := d.app.RunInTransaction(d.read(t, job)); err != nil {
				t.Fatal(err)
			}
			if first := d.run(t, job); first.GetString("status") != "failed" || first.GetString("reason") != "not_configured" {
				t.Errorf("of the first profile: %s, %s", first.GetString("status"), first.GetString("reason"))
			}
			if second := d.run(t, run); second.GetString("status") != "done" {
				t.Errorf("of the second profile: %s", second.GetString("status"))
			}
		})
	}
}

// A run that was ended while its profile was read stays so.
func TestUnlinkedWhileItIsRead(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	run := d.link(t, pbtest.OwnerID, profileURL)
	d.during = func() { d.unlink(t, pbtest.OwnerID) }
	finish := d.read(t, run)
	if r := d.run(t, run); r.GetString("status") != "failed" {
		t.Errorf("%s again", r.GetString("status"))
	}
	if err := d.app.RunInTransaction(finish); err != nil {
		t.Fatal(err)
	}
	if count, err := d.app.CountRecords("ticks"); err != nil || count != 0 {
		t.Errorf("%d ticks, %v", count, err)
	}
}

// Runs that no job reads are ended: their owners can ask again, and nobody waits behind them.
func TestOrphans(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var due []time.Duration
	for range 12 {
		due = append(due, -time.Hour)
	}
	d.climbers(t, due...)
	const period = 10 * time.Minute
	if got := d.schedule(t, period, time.Minute); got != 10 {
		t.Fatalf("%d queued", got)
	}
	orphans, kept := slices.Clone(d.jobs[1:]), d.jobs[0]
	d.jobs = d.jobs[:1]
	if got := d.schedule(t, period, time.Minute); got != 2 {
		t.Errorf("%d queued behind runs without a job", got)
	}
	if r := d.run(t, kept.run); r.GetString("status") != "queued" {
		t.Errorf("one that has a job: %s", r.GetString("status"))
	}
	for _, orphan := range orphans {
		r := d.run(t, orphan.run)
		if r.GetString("status") != "failed" || r.GetString("reason") != "internal" || r.GetDateTime("retry_at").IsZero() {
			t.Errorf("%s, %s", r.GetString("status"), r.GetString("reason"))
		}
	}
	d.now = d.now.Add(time.Hour)
	user, err := d.app.FindRecordById("users", orphans[0].user)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Ask(d.app, user, logbook.SourceMountainProject); err != nil {
		t.Errorf("asked again: %v", err)
	}
}

// A last step that fails leaves nothing behind, and one of a ctx that was cancelled is none.
func TestSyncThatIsCut(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	run := d.link(t, pbtest.OwnerID, profileURL)
	finish := d.read(t, run)
	broken := errors.New("the disk is full")
	err := d.app.RunInTransaction(func(txApp core.App) error { return errors.Join(finish(txApp), broken) })
	if count, _ := d.app.CountRecords("ticks"); !errors.Is(err, broken) || count != 0 || d.run(t, run).GetString("status") != "running" {
		t.Errorf("%v, %d ticks, %s", err, count, d.run(t, run).GetString("status"))
	}
	d.fail = context.Canceled
	if finish, err := d.Run(t.Context(), d.app, run); finish != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// A run whose job was given up says so, and counts as a failure.
func TestAbandonedSync(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	run := d.link(t, pbtest.OwnerID, profileURL)
	for range 2 {
		if err := d.app.RunInTransaction(func(txApp core.App) error { return d.Abandon(txApp, run) }); err != nil {
			t.Fatal(err)
		}
	}
	r := d.run(t, run)
	if r.GetString("status") != "failed" || r.GetString("reason") != "internal" || !strings.Contains(r.GetString("error"), "on our side") || r.GetDateTime("retry_at").IsZero() {
		t.Errorf("%s, %s: %q", r.GetString("status"), r.GetString("reason"), r.GetString("error"))
	}
	if len(d.told) != 0 {
		t.Errorf("one failure is written about: %v", d.told)
	}
	if err := d.Abandon(d.app, "of nobody at all"); err != nil {
		t.Errorf("a run that is gone with its user: %v", err)
	}
}

// An account that is not in use is not read for, even when its run waited already.
func TestSyncOfSomebodyWhoLeft(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	run := d.link(t, pbtest.OwnerID, profileURL)
	d.fail = errors.New("it was read")
	if _, err := d.app.DB().Update("users", dbx.Params{"is_active": false}, dbx.HashExp{"id": pbtest.OwnerID}).Execute(); err != nil {
		t.Fatal(err)
	}
	if err := d.app.RunInTransaction(d.read(t, run)); err != nil {
		t.Fatal(err)
	}
	if r := d.run(t, run); r.GetString("status") != "failed" || !strings.Contains(r.GetString("error"), "not in use") {
		t.Errorf("%s: %q", r.GetString("status"), r.GetString("error"))
	}
}

// climbers adds users with a linked profile that is due at times counted from now.
func (d *desk) climbers(t testing.TB, due ...time.Duration) {
	t.Helper()
	for i, after := range due {
		id := fmt.Sprintf("climber%08d", i)
		for table, values := range map[string]dbx.Params{
			"users": {
				"id": id, "username": id, "email": id + "@example.com", "tokenKey": strings.Repeat(id, 2), "password": "x", "payment_status": "inactive", "is_active": true, "tier": "free",
				"mountain_project_url": fmt.Sprintf("https://www.mountainproject.com/user/%d", 300_000_000+i),
			},
			"profile_sources": {
				"id": id, "user": id, "source": "mountain_project", "url": fmt.Sprintf("https://www.mountainproject.com/user/%d", 300_000_000+i),
				"next_run": d.now.Add(after).UTC().Format(types.DefaultDateLayout),
			},
		} {
			if _, err := d.app.DB().Insert(table, values).Execute(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func (d *desk) schedule(t testing.TB, period, pause time.Duration) int {
	t.Helper()
	count := 0
	err := d.app.RunInTransaction(func(txApp core.App) (err error) {
		count, err = d.Schedule(txApp, period, pause)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return count
}

// The schedule takes those that are due longest, as many as can be read in its period, spreads them over it and takes nobody
// twice.
func TestSchedule(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	var due []time.Duration
	for i := range 40 {
		due = append(due, time.Duration(i-30)*time.Minute) // 31 of them are due
	}
	d.climbers(t, due...)
	const period = 10 * time.Minute
	for round, want := range []int{10, 0} { // ten wait by then
		if got := d.schedule(t, period, time.Minute); got != want {
			t.Errorf("round %d: %d queued, want %d", round, got, want)
		}
	}
	for i, job := range d.jobs {
		if want := fmt.Sprintf("climber%08d", i); job.user != want {
			t.Errorf("job %d is of %s, want %s", i, job.user, want)
		}
		from := d.now.Add(time.Duration(i) * time.Minute)
		if job.at.Before(from) || job.at.After(from.Add(time.Minute)) {
			t.Errorf("job %d is for %v, want the minute from %v", i, job.at, from)
		}
	}
	for _, job := range d.jobs {
		if err := d.app.RunInTransaction(d.read(t, job.run)); err != nil {
			t.Fatal(err)
		}
	}
	d.jobs = nil
	if got := d.schedule(t, period, time.Millisecond); got != 21 || d.jobs[0].user != "climber00000010" {
		t.Errorf("%d queued, beginning with %s", got, d.jobs[0].user)
	}
	seen := map[string]bool{}
	for i := range 10 {
		profile, err := d.app.FindFirstRecordByData("profile_sources", "user", fmt.Sprintf("climber%08d", i))
		if err != nil {
			t.Fatal(err)
		}
		pause := profile.GetDateTime("next_run").Time().Sub(d.now)
		if pause < 24*time.Hour*9/10 || pause > 24*time.Hour*11/10+time.Second {
			t.Errorf("read again after %v", pause)
		}
		seen[pause.String()] = true
	}
	if len(seen) < 8 {
		t.Errorf("%d different pauses of 10", len(seen))
	}
}

// Whoever has left, has no link or waits after failures is not queued, and does not stand in the way of others.
func TestScheduleSkips(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.climbers(t, -4*time.Hour, -3*time.Hour, -2*time.Hour, time.Hour, -time.Hour)
	for id, values := range map[string]dbx.Params{
		"climber00000000": {"is_active": false},
		"climber00000001": {"banned_at": d.now.UTC().Format(types.DefaultDateLayout)},
		"climber00000002": {"mountain_project_url": ""},
	} {
		if _, err := d.app.DB().Update("users", values, dbx.HashExp{"id": id}).Execute(); err != nil {
			t.Fatal(err)
		}
	}
	if got := d.schedule(t, 10*time.Minute, time.Minute); got != 1 || d.jobs[0].user != "climber00000004" {
		t.Errorf("%d queued: %v", got, d.jobs)
	}
	gone, err := d.app.FindFirstRecordByData("profile_sources", "user", "climber00000000")
	if err != nil || !gone.GetDateTime("next_run").Time().After(d.now) {
		t.Errorf("one who has left is looked at every time: %v", err)
	}
}

// Profiles that were not to be read again are read again by the clock when the plan has an interval again, those too that could not
// be read; one that waits after a failure keeps its pause.
func TestIntervalsComeBack(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule     string
		failures int
		stopped  bool
		want     time.Duration
	}{
		{"read well, and stopped", 0, true, 2 * time.Hour},
		{"read well", 0, false, 2 * time.Hour},
		{"failed, and stopped", 4, true, 2 * time.Hour},
		{"failed", 4, false, 100 * time.Hour},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			d.climbers(t, 100*time.Hour)
			if _, err := d.app.DB().Update("profile_sources", dbx.Params{"failures": test.failures}, nil).Execute(); err != nil {
				t.Fatal(err)
			}
			if test.stopped {
				if err := d.HastenTier(d.app, "free", 0); err != nil {
					t.Fatal(err)
				}
			}
			if err := d.HastenTier(d.app, "free", 2*time.Hour); err != nil {
				t.Fatal(err)
			}
			profile, err := d.app.FindFirstRecordByData("profile_sources", "user", "climber00000000")
			if err != nil {
				t.Fatal(err)
			}
			next := profile.GetDateTime("next_run").Time().Sub(d.now)
			if next < test.want*9/10-time.Second || next > test.want*11/10 {
				t.Errorf("read again in %v, want about %v", next, test.want)
			}
		})
	}
}

// Somebody at the limit of the plan is still read: an edit at the site adds nothing, and what they have deleted here does not come
// back.
func TestSyncAtTheLimit(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.terms.MaxTicks = 2
	sync := func(rule string, want string, rows ...string) {
		t.Helper()
		if len(rows) > 0 {
			d.export = parsed(t, export(rows...))
		}
		run := d.link(t, pbtest.OwnerID, profileURL)
		if err := d.app.RunInTransaction(d.read(t, run)); err != nil {
			t.Fatal(err)
		}
		r := d.run(t, run)
		var c logbook.Counts
		if err := r.UnmarshalJSONField("counts", &c); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%s%s %d+%d", r.GetString("status"), r.GetString("reason"), c.Created, c.Updated); got != want {
			t.Errorf("%s: %s, want %s", rule, got, want)
		}
	}
	one, two := row("2026-05-02", "12", "5.9", "", "Lead", "Redpoint"), row("2026-05-01", "11", "5.9", "", "Lead", "Flash")
	sync("the first time", "done 2+0")
	sync("an edit", "done 0+1", one, two)
	sync("one more", "failedplan_limit 0+0", row("2026-05-03", "13", "5.9", "", "Lead", "Flash"), one, two)
	tick, err := d.app.FindFirstRecordByData("ticks", "date", "2026-05-01")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.app.Delete(tick); err != nil {
		t.Fatal(err)
	}
	if err := logbook.NoteDeletion(d.app, tick); err != nil {
		t.Fatal(err)
	}
	d.terms.MaxTicks = 1
	sync("what was deleted here", "done 0+0", one, two)
}

// Ten thousand users cost a look by an index, and a bounded number of jobs.
func TestScheduleOfManyUsers(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	due := make([]time.Duration, 10_000)
	for i := range due {
		due[i] = -time.Duration(i) * time.Second
	}
	if err := d.app.RunInTransaction(func(txApp core.App) error {
		inside := &desk{app: txApp, now: d.now}
		inside.climbers(t, due...)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if got := d.schedule(t, 10*time.Minute, time.Millisecond); got != 100 {
		t.Errorf("%d queued at once", got)
	}
	t.Logf("queued in %v", time.Since(begin))
	for query, index := range map[string]string{
		"SELECT count(*) FROM {{sync_runs}} WHERE ([[status]] = 'queued' OR [[status]] = 'running') AND [[source]] = 'x'":                                                                                    "idx_sync_runs_open",
		"SELECT [[id]] FROM {{sync_runs}} WHERE [[user]] = 'x' AND [[source]] = 'y' ORDER BY [[created]] DESC, rowid DESC LIMIT 1":                                                                           "idx_sync_runs_user",
		"SELECT [[p.user]] FROM {{profile_sources}} p JOIN {{users}} u ON [[u.id]] = [[p.user]] WHERE [[p.source]] = 'x' AND [[p.next_run]] > '' AND [[p.next_run]] <= 'y' ORDER BY [[p.next_run]] LIMIT 10": "idx_profile_sources_next",
		"SELECT [[id]] FROM {{profile_sources}} WHERE [[source]] = 'x' AND [[next_run]] > '' AND [[next_run]] <= 'y'":                                                                                        "idx_profile_sources_next",
	} {
		var plan []struct {
			Detail string `db:"detail"`
		}
		if err := d.app.DB().NewQuery("EXPLAIN QUERY PLAN " + query).All(&plan); err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprint(plan)
		if !strings.Contains(text, index) || strings.Contains(text, "SCAN") || strings.Contains(text, "TEMP B-TREE") {
			t.Errorf("%s\nis done by %s", query, text)
		}
	}
}

// Profiles that were linked before there was a schedule come into it once, at a time of their own.
func TestAdopt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.climbers(t, time.Hour, time.Hour)
	if _, err := d.app.DB().Delete("profile_sources", dbx.HashExp{"user": "climber00000001"}).Execute(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := d.Adopt(d.app); err != nil {
			t.Fatal(err)
		}
	}
	profiles, err := d.app.FindAllRecords("profile_sources")
	if err != nil || len(profiles) != 2 {
		t.Fatalf("%d profiles, %v", len(profiles), err)
	}
	adopted, err := d.app.FindFirstRecordByData("profile_sources", "user", "climber00000001")
	if err != nil {
		t.Fatal(err)
	}
	next := adopted.GetDateTime("next_run").Time().Sub(d.now)
	if len(adopted.Id) != 15 || adopted.GetString("url") != "https://www.mountainproject.com/user/300000001" || next < -time.Second || next > 24*time.Hour {
		t.Errorf("%s of %s in %v", adopted.Id, adopted.GetString("url"), next)
	}
}

// Runs are kept for a while, and open ones as long as they are.
func TestDeleteSyncs(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first := d.link(t, pbtest.OwnerID, profileURL)
	if err := d.app.RunInTransaction(d.read(t, first)); err != nil {
		t.Fatal(err)
	}
	d.link(t, pbtest.StrangerID, "https://www.mountainproject.com/user/200999999")
	for before, want := range map[time.Duration]int64{-time.Hour: 0, time.Hour: 1} {
		if deleted, err := logbook.DeleteSyncs(d.app, d.now.Add(before)); err != nil || deleted != want {
			t.Errorf("ended %v from now: %d, %v", before, deleted, err)
		}
	}
}
