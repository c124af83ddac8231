// Package sqlite opens the databases of a data folder the way Cragbase needs them.
package sqlite

import (
	"path/filepath"
	"strings"

	"github.com/pocketbase/dbx"
	_ "modernc.org/sqlite" // the driver that PocketBase uses
)

// Connect opens a database as PocketBase does, with three differences. Transactions take the write lock when they begin,
// so that none fails in its middle because another wrote first. data.db waits for the disk at every commit: what was
// acknowledged survives a loss of power. And what is deleted is overwritten with zeros: it would stay readable in the free
// pages of the file otherwise, and in every copy of it, long after a user was told that it is gone.
func Connect(path string) (*dbx.DB, error) {
	synchronous := "NORMAL"
	if filepath.Base(path) == "data.db" {
		synchronous = "FULL"
	}
	pragmas := []string{
		"busy_timeout(10000)", // first: the others must wait for a busy database too
		"journal_mode(WAL)", "journal_size_limit(200000000)", "synchronous(" + synchronous + ")",
		"foreign_keys(ON)", "temp_store(MEMORY)", "cache_size(-32000)", "secure_delete(ON)",
	}
	return dbx.Open("sqlite", path+"?_txlock=immediate&_pragma="+strings.Join(pragmas, "&_pragma="))
}
