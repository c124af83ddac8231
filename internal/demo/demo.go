// Package demo fills an empty database with invented climbers, so that everything can be seen and tried without an
// account anywhere. Their logbooks look like real ones, and are the same for everybody on the same day.
package demo

import (
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/logbook"
)

// Errors of Seed and Refuse. Both mean that the data folder is the wrong one.
var (
	ErrNotDemo = errors.New("--demo refuses to run on a data folder that holds non-demo users: name an empty one with --dir")
	ErrDemo    = errors.New("this data folder was made by --demo, and its passwords are public: start it with --demo, or name another one with --dir")
)

// The mark that tells a demo database from others is a row of PocketBase's table of parameters: no collection shows
// it, and no rule of the dashboard changes it.
const (
	paramsTable = "_params"
	markID      = "cragbase_demo"
)

// Seed creates the demo climbers with their logbooks and the demo administrator in an empty database, all or nothing.
// It changes nothing in a database that it seeded before, where people may have signed up since, and fails with
// ErrNotDemo where there are users of another origin.
func Seed(app core.App) error {
	return seed(app, time.Now())
}

func seed(app core.App, now time.Time) error {
	return app.RunInTransaction(func(txApp core.App) error {
		marked, err := isMarked(txApp)
		if err != nil || marked {
			return err
		}
		if err := checkEmpty(txApp); err != nil {
			return err
		}
		for i := range climbers {
			if err := createClimber(txApp, &climbers[i], now); err != nil {
				return fmt.Errorf("demo climber %s: %w", climbers[i].username, err)
			}
		}
		if err := createAdministrator(txApp); err != nil {
			return fmt.Errorf("demo administrator: %w", err)
		}
		return mark(txApp)
	})
}

// Refuse fails with ErrDemo on a database that Seed filled: whoever reads our documentation can sign in to it.
func Refuse(app core.App) error {
	marked, err := isMarked(app)
	if err != nil {
		return err
	}
	if marked {
		return ErrDemo
	}
	return nil
}

func isMarked(app core.App) (bool, error) {
	var rows int
	err := app.DB().Select("count(*)").From(paramsTable).Where(dbx.HashExp{"id": markID}).Row(&rows)
	if err != nil {
		return false, fmt.Errorf("read the demo mark: %w", err)
	}
	return rows > 0, nil
}

func mark(txApp core.App) error {
	now := types.NowDateTime().String()
	_, err := txApp.NonconcurrentDB().Insert(paramsTable, dbx.Params{
		"id": markID, "value": "true", "created": now, "updated": now,
	}).Execute()
	if err != nil {
		return fmt.Errorf("set the demo mark: %w", err)
	}
	return nil
}

// checkEmpty leaves administrators out: one who was made for a new folder may look at the demo first.
func checkEmpty(app core.App) error {
	users, err := app.CountRecords(account.Collection)
	if err != nil {
		return fmt.Errorf("count users: %w", err)
	}
	if users > 0 {
		return ErrNotDemo
	}
	return nil
}

// createClimber signs a climber up and imports their logbook the way they would do it themselves.
func createClimber(txApp core.App, c *climber, now time.Time) error {
	users, err := txApp.FindCachedCollectionByNameOrId(account.Collection)
	if err != nil {
		return err
	}
	user := core.NewRecord(users)
	user.Set(account.FieldUsername, c.username)
	user.SetEmail(c.email())
	user.SetPassword(climberPassword)
	user.SetVerified(true)
	if err := txApp.Save(user); err != nil {
		return err
	}
	file := logbook.File{Name: "ticks.csv", Content: export(c.climb(now))}
	_, err = logbook.Import(txApp, user.Id, file, logbook.SourceMountainProject, logbook.Merge, logbook.Limits{})
	return err
}

func createAdministrator(txApp core.App) error {
	superusers, err := txApp.FindCachedCollectionByNameOrId(core.CollectionNameSuperusers)
	if err != nil {
		return err
	}
	administrator := core.NewRecord(superusers)
	administrator.SetEmail(administratorEmail)
	administrator.SetPassword(administratorPassword)
	return txApp.Save(administrator)
}
