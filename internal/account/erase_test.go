package account_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/logger"
	"github.com/pocketbase/pocketbase/tools/types"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/jobs"
	"github.com/cragbase/cragbase/internal/pbtest"
)

const canary = "xanadu"

// traces are what must not be found anywhere after the owner is erased.
var traces = []string{canary, pbtest.OwnerID, pbtest.OwnerEmail, "olga.owner"}

// Nothing of a user is left in any file, and nothing of others is touched.
func TestErasureIsComplete(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	own := prepare(t, app)
	before := dump(t, app, "theirs")
	if left := grep(t, app, traces); len(left) == 0 {
		t.Fatal("the search finds nothing before either")
	}
	if err := account.Erase(app, erasure(own)); err != nil {
		t.Fatal(err)
	}
	for _, left := range grep(t, app, traces) {
		t.Errorf("left: %s", left)
	}
	if after := dump(t, app, "theirs"); after != before {
		t.Errorf("others were changed. Before:\n%s\nafter:\n%s", before, after)
	}
	checkOwnJob(t, app, own)
	if err := account.Erase(app, erasure(own)); err != nil {
		t.Errorf("once more: %v", err)
	}
}

// A crash at any point is made up for by the next attempt.
func TestErasureAfterACrash(t *testing.T) {
	t.Parallel()
	crash := errors.New("crash")
	for _, test := range []struct {
		point    string
		bind     func(app core.App, crashed *bool)
		userLeft bool
	}{
		{"in the transaction, when the files are gone", func(app core.App, crashed *bool) {
			app.OnRecordDelete("users").BindFunc(func(e *core.RecordEvent) error {
				if !*crashed {
					*crashed = true
					return crash
				}
				return e.Next()
			})
		}, true},
		{"between the transaction and the cleaning up", func(app core.App, crashed *bool) {
			app.OnRecordAfterDeleteSuccess("users").BindFunc(func(e *core.RecordEvent) error {
				*crashed = true
				panic(crash)
			})
		}, false},
	} {
		t.Run(test.point, func(t *testing.T) {
			t.Parallel()
			app := pbtest.Bare(t)
			own := prepare(t, app)
			crashed := false
			test.bind(app, &crashed)
			attempt := func(e account.Erasure) (err error) {
				defer func() {
					if r := recover(); r != nil {
						err = fmt.Errorf("%v", r)
					}
				}()
				return account.Erase(app, e)
			}
			if err := attempt(erasure(own)); err == nil || !crashed {
				t.Fatalf("it did not crash: %v", err)
			}
			if _, err := app.FindRecordById("users", pbtest.OwnerID); (err == nil) != test.userLeft {
				t.Fatalf("the user after the crash: %v", err)
			}
			for _, left := range grep(t, app, []string{"content of " + canary}) {
				t.Errorf("a file outlived the transaction that forgets it: %s", left)
			}
			again := erasure(own)
			again.UserID = payloadUser(t, app, own)
			if err := attempt(again); err != nil {
				t.Fatal(err)
			}
			for _, left := range grep(t, app, traces) {
				t.Errorf("left: %s", left)
			}
			checkOwnJob(t, app, own)
		})
	}
}

// Whoever signed in before their time came keeps everything.
func TestErasureIsCalledOff(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule    string
		eraseAt any
	}{
		{"signed in", nil},
		{"signed in and asked again", noon.Add(time.Millisecond)},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			app := pbtest.Bare(t)
			own := prepare(t, app)
			set(t, app, "users", pbtest.OwnerID, map[string]any{"erase_at": test.eraseAt})
			before := dump(t, app, "")
			if err := account.Erase(app, erasure(own)); err != nil {
				t.Fatal(err)
			}
			if after := dump(t, app, ""); after != before {
				t.Errorf("before:\n%s\nafter:\n%s", before, after)
			}
			if payloadUser(t, app, own) != pbtest.OwnerID {
				t.Error("the job was emptied")
			}
		})
	}
}

// SQLite copies rows when it splits and joins the pages that users share, and overwrites none of the copies.
func TestErasureOfRowsAmongOthers(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	for i := range 60 {
		user, word := pbtest.OwnerID, canary
		if i%2 == 1 {
			user, word = pbtest.StrangerID, "theirs"
		}
		_, err := app.NonconcurrentDB().NewQuery("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40) " +
			"INSERT INTO {{ticks}} ([[id]], [[user]], [[source]], [[identity]], [[date]], [[route_name]], [[notes]]) " +
			"SELECT lower(hex(randomblob(8))), {:user}, 'mountain_project', {:word} || {:round} || ' ' || i, '2026-05-01', {:word}, " +
			"replace(hex(zeroblob(i * 15)), '00', {:word}) FROM n").
			Bind(dbx.Params{"user": user, "word": word, "round": i}).Execute()
		if err != nil {
			t.Fatal(err)
		}
	}
	// Rows that grow and shrink move within their pages and between them.
	for range 3 {
		_, err := app.NonconcurrentDB().NewQuery("UPDATE {{ticks}} SET [[notes]] = substr([[notes]], 1, abs(random()) % 3000) " +
			"WHERE [[user]] = {:user} AND abs(random()) % 3 = 0").Bind(dbx.Params{"user": pbtest.OwnerID}).Execute()
		if err != nil {
			t.Fatal(err)
		}
	}
	set(t, app, "users", pbtest.OwnerID, map[string]any{"erase_at": noon})
	if err := account.Erase(app, erasure("")); err != nil {
		t.Fatal(err)
	}
	for _, left := range grep(t, app, traces) {
		t.Errorf("left: %s", left)
	}
	if count, err := app.CountRecords("ticks"); err != nil || count != 1_200 {
		t.Errorf("%d ticks of others, want 1200 (%v)", count, err)
	}
}

// prepare fills the owner's account and everybody else's, puts the owner's traces where no relation leads, and returns the
// id of the running job that erases.
func prepare(t *testing.T, app core.App) (own string) {
	t.Helper()
	app.Settings().Logs.MaxDays = 5 // PocketBase's test apps log nothing
	ids := fill(t, app, pbtest.OwnerID, canary)
	for i, id := range others {
		theirs := fill(t, app, id, fmt.Sprintf("theirs%d", i))
		enqueue(t, app, "mail", map[string]any{"outbox": theirs["outbox"]}, jobs.Options{Unique: theirs["outbox"], Host: "imports of " + id})
	}
	enqueue(t, app, "mail", map[string]any{"outbox": ids["outbox"]}, jobs.Options{})
	enqueue(t, app, "mail", nil, jobs.Options{Unique: ids["outbox"]})
	enqueue(t, app, "import", map[string]any{"deep": []any{map[string]any{"import": ids["imports"]}}}, jobs.Options{Unique: "x " + ids["sync_runs"]})
	enqueue(t, app, "import", nil, jobs.Options{Host: "imports of " + pbtest.OwnerID})
	done := enqueue(t, app, "mail", map[string]any{"to": strings.ToUpper(pbtest.OwnerEmail)}, jobs.Options{})
	set(t, app, "jobs", done, map[string]any{"state": jobs.Done})
	dead := enqueue(t, app, "mail", nil, jobs.Options{})
	set(t, app, "jobs", dead, map[string]any{"state": jobs.Dead, "last_error": "550 no such user <" + pbtest.OwnerEmail + ">"})
	own = enqueue(t, app, "erase", map[string]any{"user": pbtest.OwnerID}, jobs.Options{Unique: pbtest.OwnerID + " then"})
	set(t, app, "jobs", own, map[string]any{"state": jobs.Running, "last_error": "tried " + pbtest.OwnerID})

	storeLog(t, app, "line of nobody", map[string]any{"url": "/theirs"})
	storeLog(t, app, "GET /api/users/"+pbtest.OwnerID, nil)
	storeLog(t, app, "GET", map[string]any{"url": "/api/collections/ticks/records?filter=notes%3D%22" + canary + "%22", "meta": map[string]any{"user": pbtest.OwnerID}})
	storeLog(t, app, "GET", map[string]any{"url": "/x/olga.owner%40example.com/y", "referer": canary})
	storeLog(t, app, "mail", map[string]any{"error": "550 <" + strings.ToUpper(pbtest.OwnerEmail) + ">"})
	storeLog(t, app, "mail", map[string]any{"error": "to " + canary + "@example.org, which is pending"})
	storeLog(t, app, "mail", map[string]any{"error": "to " + canary + ".to@example.org, a former address"})
	app.Logger().LogAttrs(context.Background(), slog.LevelError, "still in memory", slog.String("user", pbtest.OwnerID))
	set(t, app, "users", pbtest.OwnerID, map[string]any{"erase_at": noon})
	return own
}

func erasure(own string) account.Erasure {
	return account.Erasure{
		UserID: pbtest.OwnerID, Now: noon,
		Forget: func(txApp core.App, ids map[string]bool, addresses []string) error {
			return jobs.Forget(txApp, jobs.Traces{IDs: ids, Texts: addresses}, own)
		},
	}
}

func enqueue(t *testing.T, app core.App, kind string, payload any, options jobs.Options) string {
	t.Helper()
	id, err := jobs.Enqueue(app, kind, payload, options)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func storeLog(t *testing.T, app core.App, message string, data map[string]any) {
	t.Helper()
	line := &core.Log{Created: types.NowDateTime(), Message: message, Data: data}
	line.Id = core.GenerateDefaultRandomId()
	line.MarkAsNew()
	if err := app.AuxSave(line); err != nil {
		t.Fatal(err)
	}
}

// checkOwnJob holds that the job is there to be finished, and empty.
func checkOwnJob(t *testing.T, app core.App, id string) {
	t.Helper()
	job, err := app.FindRecordById("jobs", id)
	if err != nil {
		t.Fatal(err)
	}
	if job.GetString("state") != jobs.Running || job.GetString("payload") != "null" || job.GetString("unique_key") != "" || job.GetString("last_error") != "" {
		t.Errorf("the job that erased: %v", job.FieldsData())
	}
}

func payloadUser(t *testing.T, app core.App, jobID string) string {
	t.Helper()
	var payload struct{ User string }
	job, err := app.FindRecordById("jobs", jobID)
	if err == nil {
		err = job.UnmarshalJSONField("payload", &payload)
	}
	if err != nil {
		t.Fatal(err)
	}
	return payload.User
}

// grep lists the files of the data folder that hold one of some texts, in whichever case, in their content or their name.
func grep(t *testing.T, app core.App, texts []string) (found []string) {
	t.Helper()
	if waiting, ok := app.Logger().Handler().(*logger.BatchHandler); ok {
		if err := waiting.WriteAll(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	err := filepath.WalkDir(app.DataDir(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(app.DataDir(), path)
		content := []byte(name)
		if entry.Type().IsRegular() {
			bytesOf, err := os.ReadFile(path)
			if errors.Is(err, fs.ErrNotExist) { // PocketBase deletes files in the background too
				return nil
			}
			if err != nil {
				return err
			}
			content = append(content, bytesOf...)
			seen[name] = true
		}
		content = bytes.ToLower(content)
		for _, text := range texts {
			if at := bytes.Index(content, []byte(strings.ToLower(text))); at >= 0 {
				found = append(found, fmt.Sprintf("%s at %d of %s: %q", text, at, name, content[max(0, at-60):min(len(content), at+60)]))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"data.db", "data.db-wal", "auxiliary.db", "auxiliary.db-wal"} {
		if !seen[name] {
			t.Errorf("%s was not searched", name)
		}
	}
	return found
}

// dump is every row of every table that has a word in it, and all their files.
func dump(t *testing.T, app core.App, word string) string {
	t.Helper()
	var tables []string
	err := app.DB().Select("name").From("sqlite_master").Where(dbx.HashExp{"type": "table"}).
		AndWhere(dbx.NewExp("name NOT LIKE 'sqlite%'")).OrderBy("name").Column(&tables)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, table := range tables {
		addRows(t, app.DB().Select().From(table), word, &text)
	}
	addRows(t, app.AuxDB().Select().From(core.LogsTableName).Where(dbx.NewExp("message LIKE '%nobody%'")), word, &text)
	err = filepath.WalkDir(filepath.Join(app.DataDir(), "storage"), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			content, err := os.ReadFile(path)
			if bytes.Contains(content, []byte(word)) {
				fmt.Fprintln(&text, path, string(content))
			}
			return err
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func addRows(t *testing.T, query *dbx.SelectQuery, word string, text *strings.Builder) {
	t.Helper()
	var rows []dbx.NullStringMap
	if err := query.All(&rows); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, row := range rows {
		if line := fmt.Sprint(row); strings.Contains(line, word) {
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	fmt.Fprintln(text, strings.Join(lines, "\n"))
}
