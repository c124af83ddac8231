package account

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Erasure is a user whose time has come.
type Erasure struct {
	UserID string // "": an erasure that got as far as its transaction and has only to clean up
	Now    time.Time
	// Forget deletes what refers to the user's records without a relation, in the transaction of the erasure. It gets
	// their ids, the user's included, and the user's addresses.
	Forget func(txApp core.App, ids map[string]bool, addresses []string) error
}

// Erase deletes a user and everything that refers to them, for good: records, files, log lines, and their remains in the
// files of the databases. Counts of wrong passwords stay for some days: their keys are hashes with a secret. It does
// nothing to a user who signed in since the erasure was asked for.
//
// It can be run again after a crash at any point. That is why the log goes first: its lines are found by addresses that
// nobody knows any more once the user is deleted. What the server logs of the user between that and the end of the
// transaction is deleted after it; a crash in this moment leaves such a line to the log's own end, days later.
func Erase(app core.App, erasure Erasure) error {
	addresses, err := erasure.addresses(app)
	if errors.Is(err, errNotDue) {
		return nil
	}
	if err != nil {
		return err
	}
	traces := addresses
	if erasure.UserID != "" {
		traces = append(slices.Clone(addresses), erasure.UserID)
	}
	if err := eraseLogs(app, traces); err != nil {
		return err
	}
	if err := erasure.delete(app, addresses); err != nil && !errors.Is(err, errNotDue) {
		return err
	}
	if err := eraseLogs(app, traces); err != nil {
		return err
	}
	return scrub(app)
}

// errNotDue means that the user signed in, or is gone.
var errNotDue = errors.New("no erasure is due")

// due reads the user if their time has come.
func (erasure Erasure) due(app core.App) (*core.Record, error) {
	user, err := app.FindRecordById(Collection, erasure.UserID)
	if err != nil {
		return nil, fmt.Errorf("find user to erase: %w", err)
	}
	if at := user.GetDateTime(FieldEraseAt); at.IsZero() || at.Time().After(erasure.Now) {
		return nil, errNotDue
	}
	return user, nil
}

// addresses lists all addresses of the user that we know, in lower case; none for a user who is gone already.
func (erasure Erasure) addresses(app core.App) ([]string, error) {
	user, err := erasure.due(app)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var mailed []string // former addresses have got mail too
	if err := app.DB().Select("to").From("outbox").Where(dbx.HashExp{"user": user.Id}).Distinct(true).Column(&mailed); err != nil {
		return nil, fmt.Errorf("find addresses to erase: %w", err)
	}
	var addresses []string
	for _, address := range append(mailed, user.Email(), user.GetString(FieldPendingEmail)) {
		if address = normalEmail(address); address != "" && !slices.Contains(addresses, address) {
			addresses = append(addresses, address)
		}
	}
	return addresses, nil
}

// delete is the erasure in data.db and in the storage, all or nothing. Files go before the transaction commits: after it,
// a crash would leave them behind with nothing that refers to them.
func (erasure Erasure) delete(app core.App, addresses []string) error {
	return app.RunInTransaction(func(txApp core.App) error {
		user, err := erasure.due(txApp)
		if errors.Is(err, sql.ErrNoRows) {
			return errNotDue
		}
		if err != nil {
			return err
		}
		ids, err := collect(txApp, user)
		if err != nil {
			return err
		}
		if erasure.Forget != nil {
			if err := erasure.Forget(txApp, ids, addresses); err != nil {
				return err
			}
		}
		// The cascade of PocketBase deletes record by record and would hold the database for a minute.
		if _, err := txApp.NonconcurrentDB().Delete("ticks", dbx.HashExp{"user": user.Id}).Execute(); err != nil {
			return fmt.Errorf("erase ticks: %w", err)
		}
		if err := txApp.Delete(user); err != nil {
			return fmt.Errorf("erase user: %w", err)
		}
		return nil
	})
}

// collect lists the ids of the user and of what refers to them, and deletes the files of those that have any.
func collect(txApp core.App, user *core.Record) (map[string]bool, error) {
	refers, err := references(txApp)
	if err != nil {
		return nil, err
	}
	files, err := txApp.NewFilesystem()
	if err != nil {
		return nil, fmt.Errorf("erase files: %w", err)
	}
	defer files.Close()
	ids := map[string]bool{}
	take := func(collection *core.Collection, id string) error {
		ids[id] = true
		if !hasFiles(collection) {
			return nil
		}
		return errors.Join(files.DeletePrefix(collection.BaseFilesPath() + "/" + id + "/")...)
	}
	if err := take(user.Collection(), user.Id); err != nil {
		return nil, fmt.Errorf("erase files: %w", err)
	}
	for _, reference := range refers {
		found, err := reference.ids(txApp, user.Id)
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			if err := take(reference.collection, id); err != nil {
				return nil, fmt.Errorf("erase files: %w", err)
			}
		}
	}
	return ids, nil
}

func hasFiles(collection *core.Collection) bool {
	return slices.ContainsFunc(collection.Fields, func(field core.Field) bool { return field.Type() == core.FieldTypeFile })
}
