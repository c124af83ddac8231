package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

func init() {
	m.Register(accountUp, accountDown)
}

func accountUp(app core.App) error {
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		return err
	}
	users.Fields.Add(&core.DateField{Name: "erase_at", Hidden: true, Help: "When everything of this user is erased, unless they sign in before."})
	if err := app.Save(users); err != nil {
		return err
	}
	for _, collection := range []*core.Collection{sessionsCollection(), auditLogCollection(), syncRunsCollection()} {
		if err := app.Save(collection); err != nil {
			return err
		}
	}
	// No collection: it is written before every check of a password, and nobody has to look at it.
	_, err = app.DB().NewQuery("CREATE TABLE {{auth_throttle}} ([[key]] TEXT PRIMARY KEY, [[fails]] INTEGER NOT NULL, " +
		"[[first_at]] INTEGER NOT NULL, [[last_at]] INTEGER NOT NULL, [[locked_until]] INTEGER NOT NULL) WITHOUT ROWID").Execute()
	return err
}

func accountDown(app core.App) error {
	if _, err := app.DB().NewQuery("DROP TABLE {{auth_throttle}}").Execute(); err != nil {
		return err
	}
	for _, name := range []string{"sync_runs", "audit_log", "sessions"} {
		if err := deleteCollection(app, name); err != nil {
			return err
		}
	}
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		return err
	}
	users.Fields.RemoveByName("erase_at")
	return app.Save(users)
}

func sessionsCollection() *core.Collection {
	sessions := core.NewBaseCollection("sessions")
	owner := types.Pointer("user = @request.auth.id && @request.auth.id != ''")
	// Deleting a session is how its owner ends it from another device.
	sessions.ListRule, sessions.ViewRule, sessions.DeleteRule = owner, owner, owner
	sessions.Fields.Add(
		&core.RelationField{Name: "user", Required: true, CollectionId: "_pb_users_auth_", MaxSelect: 1, CascadeDelete: true},
		&core.TextField{Name: "method", Max: 20, Help: "How it began: password, oauth2, otp or password_change."},
		&core.TextField{Name: "address", Max: 64, Help: "Where it was used last."},
		&core.TextField{Name: "user_agent", Max: 300},
		&core.DateField{Name: "started", Required: true},
		&core.DateField{Name: "refreshed", Required: true, Help: "When its token was renewed last."},
		&core.DateField{Name: "expires", Required: true, Help: "No token of it is valid after this."},
	)
	sessions.AddIndex("idx_sessions_user", false, "user, started", "")
	return sessions
}

func auditLogCollection() *core.Collection {
	log := core.NewBaseCollection("audit_log")
	log.Fields.Add(
		&core.RelationField{Name: "user", CollectionId: "_pb_users_auth_", MaxSelect: 1, CascadeDelete: true, Help: "Empty: a login under a name that nobody has."},
		&core.TextField{Name: "event", Required: true, Max: 50, Presentable: true},
		&core.TextField{Name: "request_id", Max: 64},
		&core.TextField{Name: "address", Max: 64},
		&core.JSONField{Name: "details", MaxSize: 4000, Help: "Never a password, token or key."},
		&core.AutodateField{Name: "created", OnCreate: true},
	)
	log.AddIndex("idx_audit_log_user", false, "user, created", "")
	log.AddIndex("idx_audit_log_created", false, "created", "")
	return log
}

func syncRunsCollection() *core.Collection {
	runs := core.NewBaseCollection("sync_runs")
	owner := types.Pointer("user = @request.auth.id && @request.auth.id != ''")
	runs.ListRule, runs.ViewRule = owner, owner
	runs.Fields.Add(
		&core.RelationField{Name: "user", Required: true, CollectionId: "_pb_users_auth_", MaxSelect: 1, CascadeDelete: true},
		&core.SelectField{Name: "source", Required: true, Values: []string{"mountain_project", "eight_a"}, MaxSelect: 1},
		&core.SelectField{Name: "status", Required: true, Values: []string{"queued", "running", "done", "failed"}, MaxSelect: 1},
		&core.NumberField{Name: "progress", OnlyInt: true, Min: types.Pointer(0.0), Max: types.Pointer(100.0), Help: "Percent."},
		&core.JSONField{Name: "counts", MaxSize: 10_000, Help: "Ticks created, updated, unchanged and removed."},
		&core.TextField{Name: "error", Max: 500, Help: "Why it failed, as its owner reads it."},
		&core.DateField{Name: "finished_at"},
		&core.AutodateField{Name: "created", OnCreate: true},
		&core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
	)
	runs.AddIndex("idx_sync_runs_user", false, "user, created", "")
	return runs
}
