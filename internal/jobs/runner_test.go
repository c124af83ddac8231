package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/jobs"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// patience bounds how long a test waits for what must happen at once.
const patience = 20 * time.Second

// ends collects how attempts ended.
type ends chan string

func (e ends) next(t *testing.T) string {
	t.Helper()
	select {
	case end := <-e:
		return end
	case <-time.After(patience):
		t.Fatal("no attempt ended")
		return ""
	}
}

// start runs the kinds on an app until the test ends.
func start(t *testing.T, app core.App, config jobs.Config) (*jobs.Runner, ends) {
	t.Helper()
	ended := make(ends, 1000)
	config.OnEnd = func(kind, result string, _ time.Duration) { ended <- kind + " " + result }
	if config.Grace == 0 {
		config.Grace = 50 * time.Millisecond
	}
	runner, err := jobs.New(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := runner.Start(app); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(runner, patience) })
	return runner, ended
}

func stop(runner *jobs.Runner, patience time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	runner.Stop(ctx)
}

func enqueue(t *testing.T, app core.App, kind string, options jobs.Options) string {
	t.Helper()
	id, err := jobs.Enqueue(app, kind, map[string]string{"user": pbtest.OwnerID}, options)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func stateOf(t *testing.T, app core.App, id string) *core.Record {
	t.Helper()
	job, err := app.FindRecordById(jobs.Collection, id)
	if err != nil {
		t.Fatal(err)
	}
	return job
}

func at0(int) time.Duration { return 0 }

func succeed(context.Context, core.App, jobs.Job) (jobs.Effect, error) { return nil, nil }

// rename is an effect that can be seen.
func rename(name string) jobs.Effect {
	return func(txApp core.App) error {
		_, err := txApp.NonconcurrentDB().Update("users", dbx.Params{"username": name}, dbx.HashExp{"id": pbtest.OwnerID}).Execute()
		return err
	}
}

func nameOf(t *testing.T, app core.App) string {
	t.Helper()
	user, err := app.FindRecordById("users", pbtest.OwnerID)
	if err != nil {
		t.Fatal(err)
	}
	return user.GetString("username")
}

func TestJobRunsOnceWithItsEffect(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	var got jobs.Job
	id := enqueue(t, app, "greet", jobs.Options{})
	_, ended := start(t, app, jobs.Config{Kinds: []jobs.Kind{{Name: "greet", Run: func(_ context.Context, _ core.App, job jobs.Job) (jobs.Effect, error) {
		got = job
		return rename("greeted"), nil
	}}}})
	if end := ended.next(t); end != "greet done" {
		t.Fatal(end)
	}
	var payload struct{ User string }
	if err := got.Bind(&payload); err != nil || payload.User != pbtest.OwnerID || got.ID != id || got.Attempt != 1 {
		t.Errorf("job %+v, payload %+v, %v", got, payload, err)
	}
	if job := stateOf(t, app, id); job.GetString("state") != jobs.Done || job.GetDateTime("finished_at").IsZero() || nameOf(t, app) != "greeted" {
		t.Errorf("state %s, name %s", job.GetString("state"), nameOf(t, app))
	}
}

func TestEnqueueBelongsToItsTransaction(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	rollback := errors.New("rollback")
	err := app.RunInTransaction(func(txApp core.App) error {
		enqueue(t, txApp, "greet", jobs.Options{})
		return rollback
	})
	if count, _ := app.CountRecords(jobs.Collection); !errors.Is(err, rollback) || count != 0 {
		t.Errorf("%d jobs after %v", count, err)
	}
}

func TestUniqueKeys(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	first := enqueue(t, app, "sync", jobs.Options{Unique: "olga"})
	if again := enqueue(t, app, "sync", jobs.Options{Unique: "olga"}); again != first {
		t.Errorf("a second job %s beside %s", again, first)
	}
	if other := enqueue(t, app, "sync", jobs.Options{Unique: "stan"}); other == first {
		t.Error("another key got the same job")
	}
	if other := enqueue(t, app, "greet", jobs.Options{Unique: "olga"}); other == first {
		t.Error("another kind got the same job")
	}
	_, ended := start(t, app, jobs.Config{Kinds: []jobs.Kind{{Name: "sync", Run: succeed}, {Name: "greet", Run: succeed}}})
	for range 3 {
		ended.next(t)
	}
	if later := enqueue(t, app, "sync", jobs.Options{Unique: "olga"}); later == first {
		t.Error("a done job blocks its key")
	}
}

func TestFailedJobsAreTriedAgain(t *testing.T) {
	t.Parallel()
	broken := errors.New("upstream is down")
	for _, test := range []struct {
		rule     string
		fails    int
		err      error
		ends     []string
		state    string
		attempts int
		name     string // afterwards
	}{
		{"until it works", 2, broken, []string{"try retry", "try retry", "try done"}, jobs.Done, 3, "worked"},
		{"up to the limit of its kind", 9, broken, []string{"try retry", "try retry", "try retry", "try dead"}, jobs.Dead, 4, "gave up: upstream is down"},
		{"but not when that cannot help", 9, fmt.Errorf("no such mailbox: %w", jobs.ErrPermanent), []string{"try dead"}, jobs.Dead, 1, "gave up: no such mailbox: permanent"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			app := pbtest.Bare(t)
			id := enqueue(t, app, "try", jobs.Options{})
			_, ended := start(t, app, jobs.Config{Kinds: []jobs.Kind{{
				Name: "try", MaxAttempts: 4, Backoff: at0,
				Run: func(_ context.Context, _ core.App, job jobs.Job) (jobs.Effect, error) {
					if job.Attempt <= test.fails {
						return nil, test.err
					}
					return rename("worked"), nil
				},
				Dead: func(txApp core.App, _ jobs.Job, cause error) error { return rename("gave up: " + cause.Error())(txApp) },
			}}})
			for _, want := range test.ends {
				if end := ended.next(t); end != want {
					t.Fatalf("%s, want %s", end, want)
				}
			}
			if job := stateOf(t, app, id); job.GetString("state") != test.state || job.GetInt("attempts") != test.attempts || nameOf(t, app) != test.name {
				t.Errorf("%s after %d attempts, %q: %s", job.GetString("state"), job.GetInt("attempts"), nameOf(t, app), job.GetString("last_error"))
			}
		})
	}
}

// A job that panics, one that hangs past its deadline and one whose kind no longer exists are each recorded, and none
// stops the others.
func TestBadJobsStopNobody(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	ids := map[string]string{}
	for _, kind := range []string{"panics", "hangs", "vanished", "works"} {
		ids[kind] = enqueue(t, app, kind, jobs.Options{})
	}
	_, ended := start(t, app, jobs.Config{Workers: 1, Kinds: []jobs.Kind{
		{Name: "panics", MaxAttempts: 1, Run: func(context.Context, core.App, jobs.Job) (jobs.Effect, error) { panic("at the disco") }},
		{Name: "hangs", MaxAttempts: 1, Timeout: 20 * time.Millisecond, Run: func(context.Context, core.App, jobs.Job) (jobs.Effect, error) {
			<-release
			return rename("too late"), nil
		}},
		{Name: "works", Run: succeed},
	}})
	for range ids {
		ended.next(t)
	}
	for kind, want := range map[string]string{"panics": "panic: at the disco", "hangs": "did not stop at its deadline", "vanished": "no such kind"} {
		if job := stateOf(t, app, ids[kind]); job.GetString("state") != jobs.Dead || !strings.Contains(job.GetString("last_error"), want) {
			t.Errorf("%s: %s, %q", kind, job.GetString("state"), job.GetString("last_error"))
		}
	}
	if job := stateOf(t, app, ids["works"]); job.GetString("state") != jobs.Done {
		t.Errorf("works: %s", job.GetString("state"))
	}
}

// Code that runs in the transaction of a job's end is no less careless than the rest: a panic there, or a consequence that
// fails, is recorded too, and the job does not come back for ever.
func TestBadEffectsStopNobody(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	ids := map[string]string{}
	for _, kind := range []string{"panics", "fails", "mourns", "works"} {
		ids[kind] = enqueue(t, app, kind, jobs.Options{})
	}
	effect := func(effect jobs.Effect) func(context.Context, core.App, jobs.Job) (jobs.Effect, error) {
		return func(context.Context, core.App, jobs.Job) (jobs.Effect, error) { return effect, nil }
	}
	_, ended := start(t, app, jobs.Config{Workers: 1, Kinds: []jobs.Kind{
		{Name: "panics", MaxAttempts: 1, Run: effect(func(core.App) error { panic("in the effect") })},
		{Name: "fails", MaxAttempts: 1, Run: effect(func(core.App) error { return errors.New("no room") })},
		{
			Name: "mourns", MaxAttempts: 1, Run: effect(func(core.App) error { return errors.New("no room") }),
			Dead: func(core.App, jobs.Job, error) error { panic("in the consequence") },
		},
		{Name: "works", Run: succeed},
	}})
	for range ids {
		ended.next(t)
	}
	for kind, want := range map[string]string{"panics": "panic: in the effect", "fails": "no room", "mourns": "no room\npanic: in the consequence"} {
		if job := stateOf(t, app, ids[kind]); job.GetString("state") != jobs.Dead || job.GetString("last_error") != want {
			t.Errorf("%s: %s, %q", kind, job.GetString("state"), job.GetString("last_error"))
		}
	}
	if job := stateOf(t, app, ids["works"]); job.GetString("state") != jobs.Done {
		t.Errorf("works: %s", job.GetString("state"))
	}
}

// A job that takes the server down with it is given up after as many starts as it has attempts.
func TestCrashingJobsAreGivenUp(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	id := enqueue(t, app, "deadly", jobs.Options{})
	if _, err := app.NonconcurrentDB().Update(jobs.Collection, dbx.Params{"state": jobs.Running, "attempts": 3}, dbx.HashExp{"id": id}).Execute(); err != nil {
		t.Fatal(err)
	}
	_, ended := start(t, app, jobs.Config{Kinds: []jobs.Kind{{Name: "deadly", MaxAttempts: 3, Run: func(context.Context, core.App, jobs.Job) (jobs.Effect, error) {
		t.Error("it ran again")
		return nil, nil
	}}}})
	if end := ended.next(t); end != "deadly dead" {
		t.Error(end)
	}
}

// What a job did is void when somebody else has it by then.
func TestLeaseFencesTheEffect(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	id := enqueue(t, app, "slow", jobs.Options{})
	var attempts atomic.Int32
	_, ended := start(t, app, jobs.Config{Kinds: []jobs.Kind{{Name: "slow", Concurrency: 2, Run: func(_ context.Context, app core.App, job jobs.Job) (jobs.Effect, error) {
		if attempts.Add(1) > 1 {
			return nil, nil
		}
		// an administrator queues the job again while it runs
		_, err := app.NonconcurrentDB().Update(jobs.Collection, dbx.Params{"state": jobs.Queued, "lease": ""}, dbx.HashExp{"id": job.ID}).Execute()
		return rename("void"), err
	}}}})
	if first := ended.next(t); first != "slow lost" {
		t.Errorf("first attempt: %s", first)
	}
	if second := ended.next(t); second != "slow done" || nameOf(t, app) == "void" {
		t.Errorf("second attempt: %s, name %s", second, nameOf(t, app))
	}
	if job := stateOf(t, app, id); job.GetString("state") != jobs.Done {
		t.Errorf("state %s", job.GetString("state"))
	}
}

func TestStartTakesUpWhatACrashLeft(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	id := enqueue(t, app, "greet", jobs.Options{})
	crashed := dbx.Params{"state": jobs.Running, "lease": "gone", "lease_until": "2099-01-01 00:00:00.000Z", "attempts": 1}
	if _, err := app.NonconcurrentDB().Update(jobs.Collection, crashed, dbx.HashExp{"id": id}).Execute(); err != nil {
		t.Fatal(err)
	}
	_, ended := start(t, app, jobs.Config{Kinds: []jobs.Kind{{Name: "greet", Run: succeed}}})
	if end := ended.next(t); end != "greet done" || stateOf(t, app, id).GetInt("attempts") != 2 {
		t.Errorf("%s after %d attempts", end, stateOf(t, app, id).GetInt("attempts"))
	}
}

// Stop lets a job finish that can, gives back one that cannot, and starts none.
func TestStop(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	begun, finish := make(chan struct{}), make(chan struct{})
	finishing, endless := enqueue(t, app, "finishing", jobs.Options{}), enqueue(t, app, "endless", jobs.Options{})
	runner, ended := start(t, app, jobs.Config{Kinds: []jobs.Kind{
		{Name: "finishing", Run: func(context.Context, core.App, jobs.Job) (jobs.Effect, error) {
			begun <- struct{}{}
			<-finish
			return nil, nil
		}},
		{Name: "endless", Run: func(ctx context.Context, _ core.App, _ jobs.Job) (jobs.Effect, error) {
			begun <- struct{}{}
			<-ctx.Done()
			return nil, ctx.Err()
		}},
	}})
	<-begun
	<-begun
	ctx, cut := context.WithCancel(context.Background())
	var stopped sync.WaitGroup
	stopped.Go(func() { runner.Stop(ctx) })
	close(finish)
	if end := ended.next(t); end != "finishing done" {
		t.Error(end)
	}
	cut()
	stopped.Wait()
	if end := ended.next(t); end != "endless returned" {
		t.Error(end)
	}
	if job := stateOf(t, app, endless); job.GetString("state") != jobs.Queued || job.GetInt("attempts") != 0 || job.GetString("lease") != "" {
		t.Errorf("given back: %s, %d attempts", job.GetString("state"), job.GetInt("attempts"))
	}
	if job := stateOf(t, app, finishing); job.GetString("state") != jobs.Done {
		t.Errorf("finishing: %s", job.GetString("state"))
	}
	later := enqueue(t, app, "finishing", jobs.Options{})
	runner.Wake()
	if job := stateOf(t, app, later); job.GetString("state") != jobs.Queued {
		t.Errorf("started after Stop: %s", job.GetString("state"))
	}
}

func TestConcurrencyPerKindAndHost(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	const each = 12
	for i := range each {
		enqueue(t, app, "two-at-once", jobs.Options{})
		enqueue(t, app, "polite", jobs.Options{Host: fmt.Sprintf("site-%d.example", i%2)})
	}
	var mu sync.Mutex
	now, most := map[string]int{}, map[string]int{}
	count := func(name string, by int) {
		mu.Lock()
		defer mu.Unlock()
		now[name] += by
		most[name] = max(most[name], now[name])
	}
	var kinds []jobs.Kind
	for name, concurrency := range map[string]int{"two-at-once": 2, "polite": 8} {
		kinds = append(kinds, jobs.Kind{Name: name, Concurrency: concurrency, Run: func(_ context.Context, app core.App, job jobs.Job) (jobs.Effect, error) {
			key := job.Kind + stateOf(t, app, job.ID).GetString("host")
			count(key, 1)
			defer count(key, -1)
			_, err := app.CountRecords("users") // takes a moment
			return nil, err
		}})
	}
	_, ended := start(t, app, jobs.Config{Workers: 8, Kinds: kinds})
	for range 2 * each {
		ended.next(t)
	}
	if most["two-at-once"] > 2 || most["politesite-0.example"] != 1 || most["politesite-1.example"] != 1 {
		t.Errorf("most at once: %v", most)
	}
}

// Jobs of one host start at least its pause apart.
func TestHostPause(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	begin := time.Now()
	var clock atomic.Int64
	clock.Store(begin.UnixNano())
	for range 3 {
		enqueue(t, app, "polite", jobs.Options{Host: "site.example"})
	}
	runner, ended := start(t, app, jobs.Config{
		Now:   func() time.Time { return time.Unix(0, clock.Load()) },
		Kinds: []jobs.Kind{{Name: "polite", Concurrency: 3, HostPause: time.Hour, Run: succeed}, {Name: "other", Run: succeed}},
	})
	for i := range 3 {
		if end := ended.next(t); end != "polite done" {
			t.Fatal(end)
		}
		// A job without a host runs at once, so the runner has looked at the queue since.
		enqueue(t, app, "other", jobs.Options{RunAt: begin})
		runner.Wake()
		if end := ended.next(t); end != "other done" {
			t.Fatalf("%s in the pause", end)
		}
		clock.Store(begin.Add(time.Duration(i+1) * time.Hour).UnixNano())
		runner.Wake()
	}
}

// The clock is an input: a job is not run before its time, and After asks for a later one.
func TestJobsWaitForTheirTime(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	var clock atomic.Int64
	begin := time.Now()
	clock.Store(begin.UnixNano())
	id := enqueue(t, app, "later", jobs.Options{RunAt: begin.Add(time.Hour)})
	runner, ended := start(t, app, jobs.Config{
		Now: func() time.Time { return time.Unix(0, clock.Load()) },
		Kinds: []jobs.Kind{{Name: "later", Backoff: at0, Run: func(_ context.Context, _ core.App, job jobs.Job) (jobs.Effect, error) {
			if job.Attempt == 1 {
				return nil, fmt.Errorf("429: %w", jobs.After{Delay: 2 * time.Hour})
			}
			return nil, nil
		}}},
	})
	runner.Wake()
	if job := stateOf(t, app, id); job.GetInt("attempts") != 0 {
		t.Error("ran before its time")
	}
	clock.Store(begin.Add(time.Hour).UnixNano())
	runner.Wake()
	if end := ended.next(t); end != "later retry" {
		t.Fatal(end)
	}
	if at := stateOf(t, app, id).GetDateTime("run_at").Time(); at.Before(begin.Add(3*time.Hour - time.Second)) {
		t.Errorf("next attempt at %v, want two hours later", at)
	}
	clock.Store(begin.Add(4 * time.Hour).UnixNano())
	runner.Wake()
	if end := ended.next(t); end != "later done" {
		t.Fatal(end)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for rule, kinds := range map[string][]jobs.Kind{
		"no name": {{Run: succeed}}, "no handler": {{Name: "x"}}, "a name twice": {{Name: "x", Run: succeed}, {Name: "x", Run: succeed}},
	} {
		if _, err := jobs.New(jobs.Config{Kinds: kinds}); err == nil {
			t.Errorf("%s was accepted", rule)
		}
	}
}

func TestExponentialGrowsToAnHour(t *testing.T) {
	t.Parallel()
	for attempt, most := range map[int]time.Duration{1: 2 * time.Second, 2: 4 * time.Second, 5: 32 * time.Second, 12: time.Hour, 1000: time.Hour} {
		for range 100 {
			if delay := jobs.Exponential(attempt); delay < most/2 || delay > most {
				t.Errorf("attempt %d: %v, want %v to %v", attempt, delay, most/2, most)
			}
		}
	}
}

func TestDeleteDone(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	for _, state := range []string{jobs.Done, jobs.Dead, jobs.Queued} {
		id := enqueue(t, app, "x", jobs.Options{})
		if _, err := app.NonconcurrentDB().Update(jobs.Collection, dbx.Params{"state": state, "finished_at": "2026-01-01 00:00:00.000Z"}, dbx.HashExp{"id": id}).Execute(); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := jobs.DeleteDone(app, time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC)); n != 0 || err != nil {
		t.Errorf("too early: %d, %v", n, err)
	}
	if n, err := jobs.DeleteDone(app, time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

func TestPayloadThatDoesNotDecodeIsPermanent(t *testing.T) {
	t.Parallel()
	var v struct{ Count int }
	if err := (jobs.Job{Payload: json.RawMessage(`{"Count":"x"}`)}).Bind(&v); !errors.Is(err, jobs.ErrPermanent) {
		t.Errorf("got %v", err)
	}
}
