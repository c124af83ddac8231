package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/logbook"
	"github.com/cragbase/cragbase/internal/sqlite"
	"github.com/cragbase/cragbase/internal/usage"
	_ "github.com/cragbase/cragbase/migrations" // the schema
)

// How many users a site has, and how many of them the clients are.
const (
	userCount   = 10_000
	callerCount = 50
)

// templateID is the id of the user that all others are copies of: hashing a password for each would take minutes.
const templateID = "template0000000"

// user is somebody whom requests come from.
type user struct{ id, token string }

// schema is what makes a data folder one of Cragbase or one of stock PocketBase.
type schema struct {
	connect core.DBConnectFunc
	apply   func(core.App) error
}

func oursSchema() schema { return schema{sqlite.Connect, applyOurs} }

func stockSchema() schema { return schema{core.DefaultDBConnect, applyStock} }

// applyOurs makes the app a Cragbase.
func applyOurs(app core.App) error {
	if err := app.RunAllMigrations(); err != nil {
		return err
	}
	return hooks.Bind(app, hooks.Deps{})
}

// applyStock leaves our migrations out, which are linked into this program.
func applyStock(app core.App) error {
	_, err := core.NewMigrationsRunner(app, core.SystemMigrations).Up()
	return err
}

// openApp returns an app over a new data folder, in which the template user is.
func openApp(dir string, schema schema) (core.App, error) {
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir, DBConnect: schema.connect})
	err := app.Bootstrap()
	if err == nil {
		err = schema.apply(app)
	}
	if err == nil {
		err = createTemplate(app)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("set up %s: %w", dir, err), app.ResetBootstrapState())
	}
	return app, nil
}

func createTemplate(app core.App) error {
	users, err := app.FindCollectionByNameOrId(account.Collection)
	if err != nil {
		return err
	}
	template := core.NewRecord(users)
	template.Id = templateID
	template.SetEmail("template@example.com")
	template.SetRandomPassword()
	template.SetVerified(true)
	template.Set(account.FieldUsername, "template") // stock PocketBase has no such field and ignores it
	return app.Save(template)
}

// fill makes a data folder with an administrator and as many copies of the template user as count says, and returns
// those whom requests come from. In ours the first of these has a logbook.
func fill(dir string, schema schema, count int) (users []user, err error) {
	app, err := openApp(dir, schema)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, app.ResetBootstrapState()) }() // closes the database before another process opens it
	if err := createAdministrator(app); err != nil {
		return nil, err
	}
	err = app.RunInTransaction(func(txApp core.App) error { return copyTemplate(txApp, count) })
	if err != nil {
		return nil, fmt.Errorf("copy the template user: %w", err)
	}
	if users, err = callers(app, count); err != nil || !app.HasTable(logbook.Collection) {
		return users, err
	}
	// One of them climbs.
	file := logbook.File{Name: "ticks.csv", Content: export(tickCount)}
	if _, err := logbook.Import(app, users[0].id, file, logbook.SourceAuto, logbook.Merge, logbook.Limits{}); err != nil {
		return nil, fmt.Errorf("import the logbook of %s: %w", users[0].id, err)
	}
	return users, nil
}

// createAdministrator keeps stock PocketBase from opening a browser to have one created.
func createAdministrator(app core.App) error {
	superusers, err := app.FindCollectionByNameOrId(core.CollectionNameSuperusers)
	if err != nil {
		return err
	}
	administrator := core.NewRecord(superusers)
	administrator.SetEmail("admin@example.com")
	administrator.SetRandomPassword()
	return app.Save(administrator)
}

// copyTemplate copies the template user and, in ours, the usage record that belongs to it. n is the number of the copy.
func copyTemplate(txApp core.App, count int) error {
	const id = "printf('user%011d', n)"
	err := multiply(txApp, account.Collection, count, map[string]string{
		"id": id, "tokenKey": "hex(randomblob(25))", "email": "printf('climber%d@example.com', n)", "username": "printf('climber%d', n)",
	})
	if err != nil || !txApp.HasTable(usage.Collection) {
		return err
	}
	return multiply(txApp, usage.Collection, count, map[string]string{"id": id, "user": id})
}

// multiply copies the template's record of a collection, except for the columns that have an SQL expression of their own.
func multiply(txApp core.App, name string, count int, own map[string]string) error {
	collection, err := txApp.FindCollectionByNameOrId(name)
	if err != nil {
		return err
	}
	var columns, values []string
	for _, field := range collection.Fields {
		column := "[[" + field.GetName() + "]]"
		columns = append(columns, column)
		if expression, ok := own[field.GetName()]; ok {
			column = expression
		}
		values = append(values, column)
	}
	_, err = txApp.NonconcurrentDB().NewQuery(fmt.Sprintf(
		"INSERT INTO {{%[1]s}} (%[2]s) WITH RECURSIVE [[numbers]] ([[n]]) AS (SELECT 1 UNION ALL SELECT [[n]] + 1 FROM [[numbers]] WHERE [[n]] < {:count}) "+
			"SELECT %[3]s FROM [[numbers]], {{%[1]s}} WHERE [[id]] = {:template}",
		name, strings.Join(columns, ", "), strings.Join(values, ", "),
	)).Bind(dbx.Params{"count": count, "template": templateID}).Execute()
	return err
}

// callers are users from all over a table of count copies, with a token each.
func callers(app core.App, count int) ([]user, error) {
	users := make([]user, callerCount)
	for i := range users {
		id := fmt.Sprintf("user%011d", (i+1)*(count/callerCount))
		record, err := app.FindRecordById(account.Collection, id)
		if err != nil {
			return nil, fmt.Errorf("find caller %s: %w", id, err)
		}
		token, err := tokenOf(app, record)
		if err != nil {
			return nil, fmt.Errorf("token of %s: %w", id, err)
		}
		users[i] = user{id, token}
	}
	return users, nil
}

// tokenOf is a token of ours, where there are sessions, or of stock PocketBase.
func tokenOf(app core.App, user *core.Record) (string, error) {
	if _, err := app.FindCachedCollectionByNameOrId(account.SessionCollection); err != nil {
		return user.NewAuthToken()
	}
	return account.Begin(app, user, "password", account.Client{}, time.Now())
}
