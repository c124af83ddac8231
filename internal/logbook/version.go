package logbook

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Touch gives a logbook another version, in the transaction of whatever changes it. Versions only grow, and follow the clock
// so that a database that was restored does not come to one again that it has given to another logbook since.
func Touch(txApp core.App, userID string) error {
	_, err := txApp.NonconcurrentDB().NewQuery(
		"INSERT INTO {{logbook_versions}} ([[user]], [[version]]) VALUES ({:user}, {:now}) " +
			"ON CONFLICT ([[user]]) DO UPDATE SET [[version]] = max([[version]] + 1, excluded.[[version]])").
		Bind(dbx.Params{"user": userID, "now": time.Now().UnixMicro()}).Execute()
	if err != nil {
		return fmt.Errorf("another version of a logbook: %w", err)
	}
	return nil
}

// Forget drops what is kept about a logbook beside its ticks, with its user.
func Forget(txApp core.App, userID string) error {
	for _, table := range []string{"logbook_versions", "deleted_ticks"} {
		if _, err := txApp.NonconcurrentDB().Delete(table, dbx.HashExp{"user": userID}).Execute(); err != nil {
			return fmt.Errorf("forget a logbook: %w", err)
		}
	}
	return nil
}

// forgetReadings makes the next reading of every profile of a user a whole one: a site that says that nothing has changed since
// the last one does not know what has changed here.
func forgetReadings(txApp core.App, userID string) error {
	_, err := txApp.NonconcurrentDB().Update("profile_sources",
		dbx.Params{"etag": "", "last_modified": "", "content_hash": ""}, dbx.HashExp{"user": userID}).Execute()
	if err != nil {
		return fmt.Errorf("forget readings of profiles: %w", err)
	}
	return nil
}
