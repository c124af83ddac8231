package account

import (
	"context"
	"errors"
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

var errReadersOfLog = errors.New("the write-ahead log is being read")

// scrub removes what deleted rows have left in the files of both databases. Deleting overwrites them (see the package
// sqlite), but SQLite also copies rows when it splits and joins pages, and overwrites none of the copies; only writing the
// whole database anew gets rid of these. Writers wait meanwhile, about a second for 100 MB. What the pages held before is
// in the write-ahead log, which is emptied after that.
func scrub(app core.App) error {
	for name, db := range map[string]dbx.Builder{"data.db": app.NonconcurrentDB(), "auxiliary.db": app.AuxNonconcurrentDB()} {
		pool, ok := db.(*dbx.DB)
		if !ok {
			return fmt.Errorf("scrub %s: in a transaction", name)
		}
		if err := rewrite(pool); err != nil {
			return fmt.Errorf("scrub %s: %w", name, err)
		}
	}
	return nil
}

func rewrite(pool *dbx.DB) error {
	ctx := context.Background()
	connection, err := pool.DB().Conn(ctx)
	if err != nil {
		return err
	}
	defer connection.Close()
	// The copy that VACUUM makes is as large as the database: not in memory, where temporary tables are otherwise.
	for _, statement := range []string{"PRAGMA temp_store = FILE", "VACUUM", "PRAGMA temp_store = MEMORY"} {
		if _, err := connection.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	var busy, frames, moved int
	if err := connection.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved); err != nil {
		return err
	}
	if busy != 0 {
		return errReadersOfLog
	}
	return nil
}
