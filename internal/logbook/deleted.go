package logbook

import (
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// origin says who brings ticks.
type origin int

// A file was chosen by its owner: what it has and they had deleted here, they want back. A profile is read behind their
// back: what they have deleted stays so.
const (
	fromFile origin = iota
	fromProfile
)

// NoteDeletion remembers in the transaction of its deletion that a tick was deleted here, so that the next reading of its
// profile leaves it out. One that was written here comes back from nowhere.
func NoteDeletion(txApp core.App, tick *core.Record) error {
	if tick.GetString("source") == string(SourceManual) {
		return nil
	}
	_, err := txApp.NonconcurrentDB().NewQuery(
		"INSERT OR IGNORE INTO {{deleted_ticks}} ([[user]], [[source]], [[identity]]) VALUES ({:user}, {:source}, {:identity})").
		Bind(dbx.Params{"user": tick.GetString("user"), "source": tick.GetString("source"), "identity": tick.GetString("identity")}).Execute()
	if err != nil {
		return fmt.Errorf("note a deleted tick: %w", err)
	}
	return nil
}

// deletedTicks are what a user has deleted of what was imported.
func deletedTicks(txApp core.App, userID string) (map[key]bool, error) {
	var rows []key
	if err := txApp.DB().Select("source", "identity").From("deleted_ticks").Where(dbx.HashExp{"user": userID}).All(&rows); err != nil {
		return nil, fmt.Errorf("read deleted ticks: %w", err)
	}
	deleted := make(map[key]bool, len(rows))
	for _, row := range rows {
		deleted[row] = true
	}
	return deleted, nil
}

// refused is what a batch does not bring back, because the owner of a profile has deleted it here.
func (b *batch) refused(app core.App, userID string) (map[key]bool, error) {
	if b.from != fromProfile {
		return nil, nil
	}
	return deletedTicks(app, userID)
}

// forgetDeletions forgets what a user has deleted and has again.
func forgetDeletions(txApp core.App, userID string) error {
	_, err := txApp.NonconcurrentDB().NewQuery(
		"DELETE FROM {{deleted_ticks}} WHERE [[user]] = {:user} AND EXISTS (SELECT 1 FROM {{ticks}} WHERE " +
			"{{ticks}}.[[user]] = {{deleted_ticks}}.[[user]] AND {{ticks}}.[[source]] = {{deleted_ticks}}.[[source]] AND {{ticks}}.[[identity]] = {{deleted_ticks}}.[[identity]])").
		Bind(dbx.Params{"user": userID}).Execute()
	if err != nil {
		return fmt.Errorf("forget deleted ticks: %w", err)
	}
	return nil
}
