package jobs_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/jobs"
	"github.com/cragbase/cragbase/internal/pbtest"
	"github.com/cragbase/cragbase/internal/sqlite"
	_ "github.com/cragbase/cragbase/migrations"
)

// crashCycles is how often the process is killed; each cycle works for up to longestLife.
const (
	crashCycles  = 60
	shortestLife = 40 * time.Millisecond
	longestLife  = 300 * time.Millisecond
)

// The environment that turns the test binary into the process that is killed.
const (
	envDir      = "CRAGBASE_CRASH_DIR"
	envUpstream = "CRAGBASE_CRASH_UPSTREAM"
	envDrain    = "CRAGBASE_CRASH_DRAIN"
)

func TestMain(m *testing.M) {
	if os.Getenv(envDir) != "" {
		if err := crashChild(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// crashChild works on the queue until it is killed, or until the queue is empty when it is told to drain.
func crashChild() error {
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: os.Getenv(envDir), DBConnect: sqlite.Connect})
	if err := app.Bootstrap(); err != nil {
		return err
	}
	if err := app.RunAllMigrations(); err != nil {
		return err
	}
	runner, err := jobs.New(jobs.Config{Workers: 4, Kinds: []jobs.Kind{
		{Name: "charge", Concurrency: 4, MaxAttempts: 1_000_000, Backoff: soon, Timeout: 2 * time.Second, Run: charge},
	}})
	if err != nil {
		return err
	}
	app.OnRecordAfterCreateSuccess(jobs.Collection).BindFunc(func(e *core.RecordEvent) error {
		runner.Wake()
		return e.Next()
	})
	if err := runner.Start(app); err != nil {
		return err
	}
	fmt.Println("ready")
	if os.Getenv(envDrain) == "" {
		return enqueueForEver(app)
	}
	for range time.Tick(20 * time.Millisecond) {
		open, err := app.CountRecords(jobs.Collection, dbx.HashExp{"state": []any{jobs.Queued, jobs.Running}})
		if err != nil || open == 0 {
			runner.Stop(context.Background())
			return err
		}
	}
	return nil
}

func soon(int) time.Duration { return rand.N(20 * time.Millisecond) }

// enqueueForEver acknowledges each job on standard output after its transaction has committed.
func enqueueForEver(app core.App) error {
	failed := make(chan error)
	for range 3 {
		go func() {
			for {
				var id string
				err := app.RunInTransaction(func(txApp core.App) (err error) {
					id, err = jobs.Enqueue(txApp, "charge", nil, jobs.Options{})
					return err
				})
				if err != nil {
					failed <- err
					return
				}
				fmt.Println("ack " + id)
			}
		}()
	}
	return <-failed
}

// charge has an effect at the upstream, under the job's id as idempotency key, and one here.
func charge(ctx context.Context, _ core.App, job jobs.Job) (jobs.Effect, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, os.Getenv(envUpstream), nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Idempotency-Key", job.ID)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("upstream: %s", response.Status)
	}
	return func(txApp core.App) error {
		_, err := txApp.NonconcurrentDB().Insert("charged", dbx.Params{"job": job.ID}).Execute()
		return err
	}, nil
}

// upstream takes each key once, as Stripe does, and fails one call in ten before its effect and one in ten after it.
type upstream struct {
	mu      sync.Mutex
	calls   int
	charges map[string]bool
	healthy bool
}

func (u *upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.calls++
	luck := rand.N(10)
	if u.healthy {
		luck = 9
	}
	if luck == 0 {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	u.charges[r.Header.Get("Idempotency-Key")] = true // once per key, however often it is asked
	if luck == 1 {
		panic(http.ErrAbortHandler) // the effect is there, the answer is lost
	}
}

// Kill -9 in the middle of anything loses no acknowledged job and does nothing twice.
func TestKillLoop(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pbtest.WriteTemplate(t, dir)
	prepareCrashes(t, dir)
	up := &upstream{charges: map[string]bool{}}
	server := httptest.NewServer(up)
	defer server.Close()

	acknowledged := map[string]bool{}
	for range crashCycles {
		for _, id := range live(t, dir, server.URL) {
			acknowledged[id] = true
		}
	}
	up.mu.Lock()
	up.healthy = true
	up.mu.Unlock()
	begin := time.Now()
	drain := child(dir, server.URL, envDrain+"=1")
	if output, err := drain.CombinedOutput(); err != nil {
		t.Fatalf("drain: %v\n%s", err, output)
	}
	t.Logf("%d kills, %d jobs acknowledged, %d calls for %d charges, drained in %v",
		crashCycles, len(acknowledged), up.calls, len(up.charges), time.Since(begin).Round(time.Millisecond))
	checkAfterCrashes(t, dir, acknowledged, up)
}

func prepareCrashes(t *testing.T, dir string) {
	t.Helper()
	db, err := sqlite.Connect(filepath.Join(dir, "data.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.NewQuery("CREATE TABLE charged (job TEXT NOT NULL)").Execute(); err != nil {
		t.Fatal(err)
	}
}

func child(dir, upstream string, more ...string) *exec.Cmd {
	command := exec.Command(os.Args[0])
	command.Env = append(append(os.Environ(), envDir+"="+dir, envUpstream+"="+upstream), more...)
	return command
}

// live runs the process for a random time, kills it, and returns the jobs that it acknowledged.
func live(t *testing.T, dir, upstream string) []string {
	t.Helper()
	process := child(dir, upstream)
	output, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var problems strings.Builder
	process.Stderr = &problems
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	var acknowledged []string
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		switch id, ok := strings.CutPrefix(lines.Text(), "ack "); {
		case ok:
			acknowledged = append(acknowledged, id)
		case lines.Text() == "ready":
			time.AfterFunc(shortestLife+rand.N(longestLife-shortestLife), func() { process.Process.Kill() })
		}
	}
	process.Wait() // killed
	if problems.Len() > 0 {
		t.Fatalf("the process failed by itself: %s", problems.String())
	}
	return acknowledged
}

func checkAfterCrashes(t *testing.T, dir string, acknowledged map[string]bool, up *upstream) {
	t.Helper()
	db, err := sqlite.Connect(filepath.Join(dir, "data.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var integrity string
	if err := db.NewQuery("PRAGMA integrity_check").Row(&integrity); err != nil || integrity != "ok" {
		t.Errorf("integrity: %s, %v", integrity, err)
	}
	var rows []struct {
		ID     string `db:"id"`
		State  string `db:"state"`
		Effect int    `db:"effects"`
	}
	err = db.NewQuery("SELECT id, state, (SELECT count(*) FROM charged WHERE job = jobs.id) AS effects FROM jobs").All(&rows)
	if err != nil {
		t.Fatal(err)
	}
	lost := len(acknowledged)
	for _, row := range rows {
		if acknowledged[row.ID] {
			lost--
		}
		if row.State != jobs.Done || row.Effect != 1 || !up.charges[row.ID] {
			t.Errorf("job %s is %s, with %d effects here and one upstream: %v", row.ID, row.State, row.Effect, up.charges[row.ID])
		}
	}
	if lost != 0 || len(acknowledged) < crashCycles {
		t.Errorf("%d of %d acknowledged jobs lost", lost, len(acknowledged))
	}
	if len(up.charges) != len(rows) {
		t.Errorf("%d charges for %d jobs", len(up.charges), len(rows))
	}
}
