package main

import (
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/usage"
)

// Both sides get as many users, whose tokens are good, and only ours have a usage record.
func TestFill(t *testing.T) {
	t.Parallel()
	const count = 2 * callerCount
	for name, test := range map[string]struct {
		schema schema
		usage  int64 // records, the template's among them; -1: no such table
	}{
		"ours":  {oursSchema(), count + 1},
		"stock": {stockSchema(), -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			users, err := fill(dir, test.schema, count)
			if err != nil {
				t.Fatal(err)
			}
			app := reopen(t, dir, test.schema)
			if n, err := app.CountRecords(account.Collection); err != nil || n != count+1 {
				t.Errorf("%d users, %v; want the template and %d copies", n, err, count)
			}
			if n, _ := countUsage(app); n != test.usage {
				t.Errorf("%d usage records, want %d", n, test.usage)
			}
			for _, u := range users {
				if record, err := app.FindAuthRecordByToken(u.token, core.TokenTypeAuth); err != nil || record.Id != u.id {
					t.Errorf("token of %s: %v", u.id, err)
				}
			}
		})
	}
}

func reopen(t *testing.T, dir string, schema schema) core.App {
	t.Helper()
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir, DBConnect: schema.connect})
	if err := app.Bootstrap(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := app.ResetBootstrapState(); err != nil {
			t.Error(err)
		}
	})
	return app
}

func countUsage(app core.App) (int64, error) {
	if !app.HasTable(usage.Collection) {
		return -1, nil
	}
	return app.CountRecords(usage.Collection)
}
