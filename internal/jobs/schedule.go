package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/robfig/cron/v3"
)

// CollectionSchedules remembers, per schedule, the period that was enqueued last.
const CollectionSchedules = "schedules"

// Schedule enqueues a job of a kind at every time of a cron expression (five fields, UTC). Its payload is {"period": time}.
type Schedule struct {
	Name string
	Spec string
	Kind string
}

// Scheduler enqueues the jobs of its schedules. A period is enqueued once, however often a process starts, and the
// latest of the periods that were missed while none ran is made up for at the next start.
type Scheduler struct {
	schedules []parsed
	now       func() time.Time
	mu        sync.Mutex
	cron      *cron.Cron      // guarded by mu; nil before Start
	ctx       context.Context // ends with Stop; robfig's jobs take no context of their own
	cancel    context.CancelFunc
}

type parsed struct {
	Schedule
	times cron.Schedule
}

// neverFires is how PocketBase's own cron, which has no guard against overlaps, shows a job that it does not run.
const neverFires = "0 0 31 2 *"

// NewScheduler checks the expressions of the schedules.
func NewScheduler(schedules []Schedule, now func() time.Time) (*Scheduler, error) {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Scheduler{now: now, ctx: ctx, cancel: cancel}
	for _, schedule := range schedules {
		times, err := cron.ParseStandard(schedule.Spec)
		if err != nil {
			return nil, fmt.Errorf("schedule %s: %w", schedule.Name, err)
		}
		s.schedules = append(s.schedules, parsed{schedule, times})
	}
	return s, nil
}

// Start makes up for missed periods, begins, and lists every schedule in the dashboard, where its button enqueues a job
// beside the periods.
func (s *Scheduler) Start(app core.App) error {
	logger := slogger{app}
	guards := cron.NewChain(cron.Recover(logger), cron.SkipIfStillRunning(logger))
	clock := cron.New(cron.WithLocation(time.UTC), cron.WithLogger(logger))
	for _, schedule := range s.schedules {
		if err := s.enqueueDue(app, schedule); err != nil {
			return err
		}
		clock.Schedule(schedule.times, guards.Then(s.job(app, schedule, s.enqueueDue)))
		button := guards.Then(s.job(app, schedule, enqueueNow))
		if err := app.Cron().Add(schedule.Name+" ["+schedule.Spec+"]", neverFires, button.Run); err != nil {
			return fmt.Errorf("schedule %s: %w", schedule.Name, err)
		}
	}
	clock.Start()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cron = clock
	return nil
}

// Stop starts nothing more and waits for what runs, until ctx ends. It does nothing on a scheduler that was not started.
func (s *Scheduler) Stop(ctx context.Context) {
	s.cancel()
	s.mu.Lock()
	clock := s.cron
	s.mu.Unlock()
	if clock == nil {
		return
	}
	select {
	case <-clock.Stop().Done():
	case <-ctx.Done():
	}
}

func (s *Scheduler) job(app core.App, schedule parsed, enqueue func(core.App, parsed) error) cron.Job {
	return cron.FuncJob(func() {
		if s.ctx.Err() != nil {
			return
		}
		if err := enqueue(app, schedule); err != nil {
			app.Logger().Error("schedule was not enqueued", "schedule", schedule.Name, "error", err)
		}
	})
}

// enqueueDue enqueues the latest period that is due, if it was not enqueued before. The row of the schedule decides that,
// in the transaction that enqueues.
func (s *Scheduler) enqueueDue(app core.App, schedule parsed) error {
	now := s.now().UTC()
	return app.RunInTransaction(func(txApp core.App) error {
		last, err := lastPeriod(txApp, schedule.Name)
		if errors.Is(err, sql.ErrNoRows) {
			return remember(txApp, schedule.Name, now) // a new schedule has missed nothing
		}
		if err != nil {
			return fmt.Errorf("schedule %s: %w", schedule.Name, err)
		}
		if last.After(schedule.times.Next(now)) {
			app.Logger().Warn("the clock was ahead when a schedule ran last", "schedule", schedule.Name, "last", last)
			return remember(txApp, schedule.Name, now)
		}
		period, ok := latest(schedule.times, last, now)
		if !ok {
			return nil
		}
		if err := enqueuePeriod(txApp, schedule, period, schedule.Name+" "+stamp(period)); err != nil {
			return err
		}
		return remember(txApp, schedule.Name, period)
	})
}

func enqueueNow(app core.App, schedule parsed) error {
	return enqueuePeriod(app, schedule, time.Now(), schedule.Name+" by hand")
}

func enqueuePeriod(app core.App, schedule parsed, period time.Time, key string) error {
	_, err := Enqueue(app, schedule.Kind, map[string]string{"period": period.UTC().Format(time.RFC3339)}, Options{Unique: key})
	return err
}

// latest is the last time of a schedule after one moment and up to another.
func latest(times cron.Schedule, after, now time.Time) (time.Time, bool) {
	// Years of missed minutes need not be walked through to find the last one.
	if oldest := now.AddDate(0, 0, -40); after.Before(oldest) {
		if last, ok := latest(times, oldest, now); ok {
			return last, true
		}
	}
	var last time.Time
	for next := times.Next(after); !next.IsZero() && !next.After(now); next = times.Next(next) {
		last = next
	}
	return last, !last.IsZero()
}

func lastPeriod(app core.App, name string) (time.Time, error) {
	var last types.DateTime
	err := app.DB().Select("last_period").From(CollectionSchedules).Where(dbx.HashExp{"name": name}).Row(&last)
	return last.Time(), err
}

func remember(txApp core.App, name string, period time.Time) error {
	_, err := txApp.NonconcurrentDB().NewQuery("INSERT INTO {{schedules}} ([[id]], [[name]], [[last_period]], [[updated]]) " +
		"VALUES ({:id}, {:name}, {:period}, {:now}) ON CONFLICT ([[name]]) DO UPDATE SET [[last_period]] = {:period}, [[updated]] = {:now}").
		Bind(dbx.Params{"id": core.GenerateDefaultRandomId(), "name": name, "period": stamp(period), "now": stamp(time.Now())}).Execute()
	if err != nil {
		return fmt.Errorf("schedule %s: %w", name, err)
	}
	return nil
}

// slogger is the app's log as robfig/cron writes to it.
type slogger struct{ app core.App }

func (l slogger) Info(message string, keysAndValues ...any) {
	l.app.Logger().Debug("cron: "+message, keysAndValues...)
}

func (l slogger) Error(err error, message string, keysAndValues ...any) {
	l.app.Logger().Error("cron: "+message, append(keysAndValues, "error", err)...)
}
