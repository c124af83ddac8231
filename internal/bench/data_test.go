package main

import (
	"slices"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/usage"
)

// Both sides get as many users, whose tokens are good, and each has a usage record.
func TestFill(t *testing.T) {
	t.Parallel()
	const count = 2 * callerCount
	for name, schema := range map[string]schema{"ours": oursSchema(), "stock": stockSchema()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			people, err := fill(dir, schema, count)
			if err != nil {
				t.Fatal(err)
			}
			app := reopen(t, dir, schema)
			for _, collection := range []string{account.Collection, usage.Collection} {
				if n, err := app.CountRecords(collection); err != nil || n != count+1 {
					t.Errorf("%d %s, %v; want the template's and %d copies", n, collection, err, count)
				}
			}
			seen := map[string]bool{}
			for _, u := range slices.Concat(people.users, people.subscribers) {
				if record, err := app.FindAuthRecordByToken(u.token, core.TokenTypeAuth); err != nil || record.Id != u.id || seen[u.id] {
					t.Errorf("token of %s: %v", u.id, err)
				}
				seen[u.id] = true
			}
			if len(seen) != count {
				t.Errorf("%d of %d users have a token", len(seen), count)
			}
			if _, err := app.FindAuthRecordByToken(people.administrator, core.TokenTypeAuth); err != nil {
				t.Errorf("token of the administrator: %v", err)
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
