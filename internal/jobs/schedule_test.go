package jobs_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/jobs"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// scheduleOnce starts a scheduler of one daily schedule at a moment and stops it.
func scheduleOnce(t *testing.T, app core.App, now time.Time) {
	t.Helper()
	s, err := jobs.NewScheduler([]jobs.Schedule{{Name: "daily", Spec: "30 4 * * *", Kind: "clean"}}, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(app); err != nil {
		t.Fatal(err)
	}
	s.Stop(context.Background())
}

// periods lists the periods that were enqueued, and ends their jobs so that the next can be.
func periods(t *testing.T, app core.App) []string {
	t.Helper()
	records, err := app.FindRecordsByFilter(jobs.Collection, "state = 'queued'", "created", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, job := range records {
		var payload struct{ Period string }
		if err := job.UnmarshalJSONField("payload", &payload); err != nil {
			t.Fatal(err)
		}
		found = append(found, payload.Period)
	}
	if _, err := app.NonconcurrentDB().Update(jobs.Collection, dbx.Params{"state": jobs.Done}, dbx.HashExp{"state": jobs.Queued}).Execute(); err != nil {
		t.Fatal(err)
	}
	return found
}

func TestSchedulesEnqueueEachPeriodOnce(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	day := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC) }
	for _, step := range []struct {
		rule string
		now  time.Time
		want string
	}{
		{"a new schedule has missed nothing", day(1, 12), ""},
		{"a restart before the next period", day(2, 4), ""},
		{"a period that was missed is made up for", day(2, 5), "2026-11-02T04:30:00Z"},
		{"a restart does not run it again", day(2, 6), ""},
		{"of several missed ones the latest", day(9, 1), "2026-11-08T04:30:00Z"},
		{"a clock set back runs nothing again", day(8, 5), ""},
		{"after a long time too", day(1, 12).AddDate(3, 0, 0), "2029-11-01T04:30:00Z"},
	} {
		scheduleOnce(t, app, step.now)
		if got := strings.Join(periods(t, app), " "); got != step.want {
			t.Errorf("%s: enqueued %q, want %q", step.rule, got, step.want)
		}
	}
}

// A second process finds the period taken.
func TestSecondSchedulerFindsThePeriodTaken(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	scheduleOnce(t, app, now)
	for range 2 {
		scheduleOnce(t, app, now.AddDate(0, 0, 1))
	}
	if got := periods(t, app); len(got) != 1 {
		t.Errorf("enqueued %v", got)
	}
}

func TestDashboardShowsAndRunsSchedules(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	s, err := jobs.NewScheduler([]jobs.Schedule{{Name: "daily", Spec: "30 4 * * *", Kind: "clean"}}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(app); err != nil {
		t.Fatal(err)
	}
	defer s.Stop(context.Background())
	for _, job := range app.Cron().Jobs() {
		if job.Id() == "daily [30 4 * * *]" {
			if job.Expression() != "0 0 31 2 *" {
				t.Errorf("PocketBase would run it at %s too", job.Expression())
			}
			job.Run()
		}
	}
	if got := periods(t, app); len(got) != 1 {
		t.Errorf("the button enqueued %v", got)
	}
}

func TestScheduleSpecsAreChecked(t *testing.T) {
	t.Parallel()
	if _, err := jobs.NewScheduler([]jobs.Schedule{{Name: "daily", Spec: "at noon"}}, time.Now); err == nil || !strings.Contains(err.Error(), "daily") {
		t.Errorf("got %v", err)
	}
}
