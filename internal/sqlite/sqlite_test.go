package sqlite_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/sqlite"
	_ "github.com/cragbase/cragbase/migrations"
)

func TestCommitsOfDataWaitForTheDisk(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]int{"data.db": 2, "auxiliary.db": 1} { // FULL, NORMAL
		db, err := sqlite.Connect(filepath.Join(t.TempDir(), file))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var level int
		if err := db.NewQuery("PRAGMA synchronous").Row(&level); err != nil || level != want {
			t.Errorf("%s: synchronous is %d, want %d (%v)", file, level, want, err)
		}
	}
}

// What is deleted is overwritten, in both databases and on whichever connection of the pool it is deleted.
func TestDeletedContentIsOverwritten(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"data.db", "auxiliary.db"} {
		path := filepath.Join(t.TempDir(), file)
		db, err := sqlite.Connect(path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var on int
		if err := db.NewQuery("PRAGMA secure_delete").Row(&on); err != nil || on != 1 {
			t.Errorf("%s: secure_delete is %d, want 1 (%v)", file, on, err)
		}
		for _, statement := range []string{
			"CREATE TABLE t (text TEXT)", "INSERT INTO t VALUES ('canary in a page')", "DELETE FROM t", "PRAGMA wal_checkpoint(TRUNCATE)",
		} {
			if _, err := db.NewQuery(statement).Execute(); err != nil {
				t.Fatal(err)
			}
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte("canary")) {
			t.Errorf("%s still holds what was deleted", file)
		}
	}
}

// A transaction that begins has the write lock: a second one waits instead of failing when it writes.
func TestTransactionsTakeTheLockAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data.db")
	db, err := sqlite.Connect(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.NewQuery("CREATE TABLE t (n INTEGER)").Execute(); err != nil {
		t.Fatal(err)
	}
	first, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	second := make(chan error, 1)
	go func() {
		tx, err := db.Begin()
		if err == nil {
			_, err = tx.NewQuery("INSERT INTO t VALUES (2)").Execute()
		}
		if err == nil {
			err = tx.Commit()
		}
		second <- err
	}()
	var rows int
	if err := first.NewQuery("SELECT count(*) FROM t").Row(&rows); err != nil {
		t.Fatal(err)
	}
	if _, err := first.NewQuery("INSERT INTO t VALUES (1)").Execute(); err != nil {
		t.Fatal(err)
	}
	if err := first.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-second; err != nil {
		t.Errorf("the second transaction: %v", err)
	}
}

// PocketBase works on databases that are opened so.
func TestPocketBaseStartsOnIt(t *testing.T) {
	t.Parallel()
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: t.TempDir(), DBConnect: sqlite.Connect})
	if err := app.Bootstrap(); err != nil {
		t.Fatal(err)
	}
	defer app.ResetBootstrapState()
	var level int
	if err := app.NonconcurrentDB().NewQuery("PRAGMA synchronous").Row(&level); err != nil || level != 2 {
		t.Errorf("the writer's synchronous is %d (%v)", level, err)
	}
}
