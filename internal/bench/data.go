package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

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

// people are those of a site whom requests come from.
type people struct {
	users         []user
	subscribers   []user // of their usage records; others than users
	administrator string // a token
}

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

// applyStock leaves our migrations out, which are linked into this program, and gives users the same usage records as ours have.
func applyStock(app core.App) error {
	if _, err := core.NewMigrationsRunner(app, core.SystemMigrations).Up(); err != nil {
		return err
	}
	records := core.NewBaseCollection(usage.Collection)
	owner := types.Pointer("id = @request.auth.id")
	records.ListRule, records.ViewRule = owner, owner
	records.Fields.Add(
		&core.RelationField{Name: "user", Required: true, CollectionId: "_pb_users_auth_", MaxSelect: 1, CascadeDelete: true},
		&core.NumberField{Name: "daily_message_count", OnlyInt: true},
		&core.DateField{Name: "last_message_date"},
		&core.NumberField{Name: "max_daily_messages", OnlyInt: true},
		&core.DateField{Name: "resets_at"},
		&core.NumberField{Name: "version", OnlyInt: true},
		&core.JSONField{Name: "window", Hidden: true, MaxSize: 1 << 20},
		&core.AutodateField{Name: "created", OnCreate: true},
		&core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
	)
	records.AddIndex("idx_usage_user", true, "user", "")
	if err := app.Save(records); err != nil {
		return err
	}
	return app.Save(stockMessages())
}

// stockMessages is what somebody without our coach would write messages into.
func stockMessages() *core.Collection {
	messages := core.NewBaseCollection("messages")
	owner := types.Pointer("user = @request.auth.id")
	messages.ListRule, messages.ViewRule, messages.CreateRule = owner, owner, owner
	messages.Fields.Add(
		&core.RelationField{Name: "user", Required: true, CollectionId: "_pb_users_auth_", MaxSelect: 1, CascadeDelete: true},
		&core.TextField{Name: "content", Max: 100_000},
		&core.AutodateField{Name: "created", OnCreate: true},
		&core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
	)
	messages.AddIndex("idx_messages_user", false, "user, created", "")
	return messages
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
	if err := app.Save(template); err != nil {
		return err
	}
	if _, err := app.FindRecordById(usage.Collection, templateID); err == nil {
		return nil // ours comes with its user
	}
	return usage.Open(app, templateID, nil)
}

// fill makes a data folder with an administrator and as many copies of the template user as count says, and returns
// those whom requests come from. In ours the first of these has a logbook.
func fill(dir string, schema schema, count int) (p people, err error) {
	app, err := openApp(dir, schema)
	if err != nil {
		return people{}, err
	}
	defer func() { err = errors.Join(err, app.ResetBootstrapState()) }() // closes the database before another process opens it
	if p.administrator, err = createAdministrator(app); err != nil {
		return people{}, err
	}
	err = app.RunInTransaction(func(txApp core.App) error {
		if err := copyTemplate(txApp, count); err != nil {
			return fmt.Errorf("copy the template user: %w", err)
		}
		step := count / callerCount
		if p.users, err = signIn(txApp, callerCount, func(i int) int { return (i + 1) * step }); err != nil {
			return err
		}
		p.subscribers, err = signIn(txApp, min(subscriberCount, count-callerCount), func(i int) int { return i + i/(step-1) + 1 })
		return err
	})
	if err != nil || !app.HasTable(logbook.Collection) {
		return p, err
	}
	// One of them climbs, and talks to the coach.
	file := logbook.File{Name: "ticks.csv", Content: export(tickCount)}
	if _, err := logbook.Import(app, p.users[0].id, file, logbook.SourceAuto, logbook.Merge, logbook.Limits{}); err != nil {
		return people{}, fmt.Errorf("import the logbook of %s: %w", p.users[0].id, err)
	}
	_, err = app.NonconcurrentDB().Update(account.Collection, dbx.Params{account.FieldTier: "premium"}, dbx.HashExp{"id": p.users[0].id}).Execute()
	return p, err
}

// createAdministrator keeps stock PocketBase from opening a browser to have one created. It returns a token.
func createAdministrator(app core.App) (string, error) {
	superusers, err := app.FindCollectionByNameOrId(core.CollectionNameSuperusers)
	if err != nil {
		return "", err
	}
	administrator := core.NewRecord(superusers)
	administrator.SetEmail("admin@example.com")
	administrator.SetRandomPassword()
	if err := app.Save(administrator); err != nil {
		return "", err
	}
	return administrator.NewAuthToken()
}

// copyTemplate copies the template user and the usage record that belongs to it. n is the number of the copy.
func copyTemplate(txApp core.App, count int) error {
	const id = "printf('user%011d', n)"
	err := multiply(txApp, account.Collection, count, map[string]string{
		"id": id, "tokenKey": "hex(randomblob(25))", "email": "printf('climber%d@example.com', n)", "username": "printf('climber%d', n)",
	})
	if err != nil {
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

// signIn returns as many users with a token each. number says which copies of the template they are.
func signIn(app core.App, count int, number func(i int) int) ([]user, error) {
	users := make([]user, count)
	for i := range users {
		id := fmt.Sprintf("user%011d", number(i))
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
