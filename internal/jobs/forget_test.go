package jobs_test

import (
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/jobs"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// A job refers to a record by its id as a whole word, and to an address anywhere.
func TestForget(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	traces := jobs.Traces{IDs: map[string]bool{"abc123": true}, Texts: []string{"ann@example.com"}}
	for _, test := range []struct {
		rule      string
		payload   any
		options   jobs.Options
		lastError string
		forgotten bool
	}{
		{"payload", map[string]any{"import": "abc123"}, jobs.Options{}, "", true},
		{"deep in the payload", []any{1, map[string]any{"x": []string{"y", "abc123"}}}, jobs.Options{}, "", true},
		{"key", nil, jobs.Options{Unique: "abc123"}, "", true},
		{"part of the key", nil, jobs.Options{Unique: "abc123 2026-11-25"}, "", true},
		{"host", nil, jobs.Options{Host: "imports of abc123"}, "", true},
		{"id in the error", nil, jobs.Options{}, "import abc123: disk full", true},
		{"address in the error", nil, jobs.Options{}, "550 <Ann@Example.com>", true},
		{"address in the payload", map[string]any{"to": "ann@example.com"}, jobs.Options{}, "", true},
		{"a longer id", map[string]any{"import": "abc1234"}, jobs.Options{Unique: "xabc123", Host: "abc1"}, "", false},
		{"nothing", nil, jobs.Options{}, "", false},
	} {
		id, err := jobs.Enqueue(app, "test", test.payload, test.options)
		if err != nil {
			t.Fatal(err)
		}
		change(t, app, id, map[string]any{"last_error": test.lastError})
		if err := jobs.Forget(app, traces, "another"); err != nil {
			t.Fatal(err)
		}
		if _, err := app.FindRecordById("jobs", id); (err != nil) != test.forgotten {
			t.Errorf("%s: forgotten is %v, want %v", test.rule, err != nil, test.forgotten)
		}
	}
}

// The job that forgets stays where it is in its life, with nothing in it.
func TestForgetEmptiesItsOwnJob(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	own, err := jobs.Enqueue(app, "test", map[string]any{"user": "abc123"}, jobs.Options{Unique: "abc123", Host: "host of abc123"})
	if err != nil {
		t.Fatal(err)
	}
	change(t, app, own, map[string]any{"state": jobs.Running, "lease": "ours", "attempts": 2, "last_error": "abc123"})
	if err := jobs.Forget(app, jobs.Traces{IDs: map[string]bool{"abc123": true}}, own); err != nil {
		t.Fatal(err)
	}
	job, err := app.FindRecordById("jobs", own)
	if err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]string{
		"state": jobs.Running, "lease": "ours", "attempts": "2", "payload": "null", "unique_key": "", "host": "", "last_error": "",
	} {
		if got := job.GetString(field); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
}

func change(t *testing.T, app core.App, id string, values map[string]any) {
	t.Helper()
	job, err := app.FindRecordById("jobs", id)
	if err != nil {
		t.Fatal(err)
	}
	job.Load(values)
	if err := app.Save(job); err != nil {
		t.Fatal(err)
	}
}
