package hooks_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/tools/logger"

	"github.com/cragbase/cragbase/internal/pbtest"
)

// dbxRequests selects the log lines of requests.
var dbxRequests = dbx.NewExp("json_extract(data, '$.type') = 'request'")

// writeLogs stores the log lines that wait in memory.
func writeLogs(t *testing.T, app *pbtest.App) {
	t.Helper()
	if err := app.Logger().Handler().(*logger.BatchHandler).WriteAll(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// grepFiles lists the files of both databases that hold a text, as bytes.
func grepFiles(t *testing.T, app *pbtest.App, text string) (found []string) {
	t.Helper()
	for _, name := range []string{"data.db", "data.db-wal", "auxiliary.db", "auxiliary.db-wal"} {
		content, err := os.ReadFile(filepath.Join(app.DataDir(), name))
		if err != nil {
			t.Fatal(err)
		}
		if at := bytes.Index(content, []byte(text)); at >= 0 {
			found = append(found, fmt.Sprintf("%s at %d of %s: %q", text, at, name, content[max(0, at-80):min(len(content), at+80)]))
		}
	}
	return found
}
