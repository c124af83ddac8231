// Package sqlite opens the databases of a data folder the way Cragbase needs them.
package sqlite

import (
	"path/filepath"
	"strings"

	"github.com/pocketbase/dbx"
	_ "modernc.org/sqlite" // the driver that PocketBase uses
)

// Connect opens a database as PocketBase does, with two differences. Transactions take the write lock when they begin,
// so that none fails in its middle because another wrote first. And data.db waits for the disk at every commit: what
// was acknowledged survives a loss of power.
func Connect(path string) (*dbx.DB, error) {
	synchronous := "NORMAL"
	if filepath.Base(path) == "data.db" {
		synchronous = "FULL"
	}
	pragmas := []string{
		"busy_timeout(10000)", // first: the others must wait for a busy database too
		"journal_mode(WAL)", "journal_size_limit(200000000)", "synchronous(" + synchronous + ")",
		"foreign_keys(ON)", "temp_store(MEMORY)", "cache_size(-32000)",
	}
	return dbx.Open("sqlite", path+"?_txlock=immediate&_pragma="+strings.Join(pragmas, "&_pragma="))
}
