// Package pbtest gives tests a real Cragbase on a database of its own: migrated once per test binary, cloned for each
// test, with a user of each kind in it.
package pbtest

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tests"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/sqlite"
	_ "github.com/cragbase/cragbase/migrations" // the schema
)

// Password is the password of every user of the template.
const Password = "granite-sunset-crimp-42"

// Ids and e-mail addresses of the users of the template.
const (
	OwnerID, OwnerEmail             = "owner0000000001", "olga.owner@example.com"
	StrangerID, StrangerEmail       = "stranger0000001", "stan.stranger@example.com"
	DeactivatedID, DeactivatedEmail = "deactivated0001", "dora.gone@example.com"
	SuperuserEmail                  = "admin@example.com"
)

// App is a running app and the HTTP handler in front of it.
type App struct {
	*tests.TestApp
	Handler http.Handler
	Server  *http.Server // as it would be served: limits set, handler wrapped
	now     func() time.Time
}

// New starts an app of its own for a test. Its deps are hooks.Deps with what configure changes.
func New(t testing.TB, configure ...func(*hooks.Deps)) *App {
	t.Helper()
	testApp := Bare(t)
	deps := hooks.Deps{Version: "test", Public: os.DirFS(t.TempDir()), Now: time.Now}
	for _, change := range configure {
		change(&deps)
	}
	if err := hooks.Bind(testApp, deps); err != nil {
		t.Fatalf("bind: %v", err)
	}
	server, err := serve(testApp)
	if err != nil {
		t.Fatalf("serve: %v", err)
	}
	return &App{TestApp: testApp, Handler: server.Handler, Server: server, now: deps.Now}
}

// Bare is an app on the template's database without anything of ours bound to it.
func Bare(t testing.TB) *tests.TestApp {
	t.Helper()
	dir := t.TempDir()
	WriteTemplate(t, dir)
	app, err := tests.NewTestAppWithConfig(core.BaseAppConfig{DataDir: dir, EncryptionEnv: "pb_test_env", DBConnect: sqlite.Connect})
	if err != nil {
		t.Fatalf("new test app: %v", err)
	}
	t.Cleanup(app.Cleanup)
	return app
}

// WriteTemplate puts the template's database into a data folder, for tests that start processes of their own.
func WriteTemplate(t testing.TB, dir string) {
	t.Helper()
	database, err := template()
	if err != nil {
		t.Fatalf("template: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "data.db"), database, 0o600); err != nil {
		t.Fatal(err)
	}
}

// serve builds the handler as apis.Serve does, without a listener.
func serve(app core.App) (*http.Server, error) {
	router, err := apis.NewRouter(app)
	if err != nil {
		return nil, err
	}
	event := &core.ServeEvent{App: app, Router: router, Server: &http.Server{}}
	err = app.OnServe().Trigger(event, func(e *core.ServeEvent) error {
		mux, err := e.Router.BuildMux()
		e.Server.Handler = mux
		return err
	})
	return event.Server, err
}

// template is the migrated and seeded database, as a file's content.
var template = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "cragbase-template-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir, EncryptionEnv: "pb_test_env", DBConnect: sqlite.Connect})
	if err := app.Bootstrap(); err != nil {
		return nil, err
	}
	if err := app.RunAllMigrations(); err != nil {
		return nil, err
	}
	if err := hooks.Bind(app, hooks.Deps{}); err != nil {
		return nil, err
	}
	if err := seed(app); err != nil {
		return nil, err
	}
	for _, collection := range []string{"jobs", "outbox"} { // the welcome mails of the seeded users
		if _, err := app.DB().Delete(collection, nil).Execute(); err != nil {
			return nil, err
		}
	}
	if err := app.ResetBootstrapState(); err != nil { // closes the database, which ends its write-ahead log
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "data.db"))
})

func seed(app core.App) error {
	if err := cheapPasswords(app); err != nil {
		return err
	}
	for _, u := range []struct{ id, email, username string }{
		{OwnerID, OwnerEmail, "olga"}, {StrangerID, StrangerEmail, "stan"}, {DeactivatedID, DeactivatedEmail, "dora"},
	} {
		if err := newUser(app, u.id, u.email, u.username); err != nil {
			return fmt.Errorf("user %s: %w", u.username, err)
		}
	}
	gone, err := app.FindRecordById("users", DeactivatedID)
	if err != nil {
		return err
	}
	gone.Set("is_active", false)
	gone.Set("deactivated_at", time.Now())
	if err := app.Save(gone); err != nil {
		return err
	}
	superusers, err := app.FindCollectionByNameOrId(core.CollectionNameSuperusers)
	if err != nil {
		return err
	}
	admin := core.NewRecord(superusers)
	admin.SetEmail(SuperuserEmail)
	admin.SetPassword(Password)
	return app.Save(admin)
}

// cheapPasswords lowers bcrypt's cost: at the real one a test binary would spend most of its time in it.
func cheapPasswords(app core.App) error {
	for _, name := range []string{"users", core.CollectionNameSuperusers} {
		collection, err := app.FindCollectionByNameOrId(name)
		if err != nil {
			return err
		}
		collection.Fields.GetByName(core.FieldNamePassword).(*core.PasswordField).Cost = 4
		if err := app.Save(collection); err != nil {
			return err
		}
	}
	return nil
}

func newUser(app core.App, id, email, username string) error {
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		return err
	}
	user := core.NewRecord(users)
	user.Id = id
	user.SetEmail(email)
	user.Set("username", username)
	user.SetPassword(Password)
	return app.Save(user)
}
