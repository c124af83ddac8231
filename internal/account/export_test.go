package account_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/pbtest"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// Whoever adds a collection of users' data, or a field to one, has to say whether it is exported, or why not.
func TestExportIsComplete(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	parts, left := map[string]account.ExportedPart{}, account.NotExported()
	for _, part := range account.ExportTable() {
		parts[part.Collection] = part
	}
	references, err := account.References(app)
	if err != nil {
		t.Fatal(err)
	}
	for _, reference := range references {
		name := reference.Collection.Name
		part, exported := parts[name]
		switch {
		case exported == (left[name] != ""):
			t.Errorf("%s refers to users in %s: it must be in exportTable, or in notExported with a reason", name, reference.Column)
		case exported && part.Owner != reference.Column:
			t.Errorf("%s is exported by %s, and %s refers to users too", name, part.Owner, reference.Column)
		}
	}
	all, err := app.FindAllCollections()
	if err != nil {
		t.Fatal(err)
	}
	for _, collection := range all {
		for _, field := range collection.Fields {
			relation, ok := field.(*core.RelationField)
			if !ok {
				continue
			}
			for _, part := range parts { // a message of a chat of a user
				owner, err := app.FindCollectionByNameOrId(part.Collection)
				if err != nil {
					t.Fatal(err)
				}
				if relation.CollectionId == owner.Id && parts[collection.Name].Collection == "" && left[collection.Name] == "" {
					t.Errorf("%s refers to %s, which is exported, and is in no list", collection.Name, owner.Name)
				}
			}
		}
	}
	for name, part := range parts {
		collection, err := app.FindCollectionByNameOrId(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, field := range collection.Fields.FieldNames() {
			if slices.Contains(part.Fields, field) == (part.Without[field] != "") {
				t.Errorf("%s.%s must be exported, or left out with a reason", name, field)
			}
		}
		if listed := len(part.Fields) + len(part.Without); listed != len(collection.Fields) {
			t.Errorf("%s: %d fields are listed of %d", name, listed, len(collection.Fields))
		}
	}
}

func TestExport(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	fill(t, app, pbtest.OwnerID, "mine")
	fill(t, app, pbtest.StrangerID, "theirs")
	files := export(t, app, pbtest.OwnerID)
	if again := export(t, app, pbtest.OwnerID); fmt.Sprint(files) != fmt.Sprint(again) {
		t.Error("the same data came out differently")
	}
	for _, part := range account.ExportTable() {
		var rows []map[string]any
		if err := json.Unmarshal(files[part.File+".json"], &rows); err != nil {
			t.Fatalf("%s.json: %v", part.File, err)
		}
		table, err := csv.NewReader(bytes.NewReader(files[part.File+".csv"])).ReadAll()
		if err != nil {
			t.Fatalf("%s.csv: %v", part.File, err)
		}
		if len(rows) != 1 || len(table) != 2 || !slices.Equal(table[0], part.Fields) {
			t.Fatalf("%s: %d objects, %d lines\n%s", part.File, len(rows), len(table), files[part.File+".csv"])
		}
		for i, field := range part.Fields {
			value, ok := rows[0][field]
			if !ok || value == nil && table[1][i] != "" {
				t.Errorf("%s: %s is %v in JSON and %q in CSV", part.File, field, value, table[1][i])
			}
		}
		if !strings.Contains(string(files["README.txt"]), part.File+".json, "+part.File+".csv\n") {
			t.Errorf("README.txt does not explain %s", part.File)
		}
	}
	if want := 2*len(account.ExportTable()) + 1; len(files) != want {
		t.Errorf("%d files, want %d", len(files), want)
	}
	user, err := app.FindRecordById("users", pbtest.OwnerID)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		for _, secret := range []string{"theirs", pbtest.StrangerID, user.TokenKey(), user.GetString("password:hash"), "html", "mine fingerprint", "content of"} {
			if bytes.Contains(content, []byte(secret)) {
				t.Errorf("%s has %q", name, secret)
			}
		}
	}
}

// Types survive in JSON.
func TestExportedValues(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	ids := fill(t, app, pbtest.OwnerID, "mine")
	set(t, app, "ticks", ids["ticks"], map[string]any{"notes": "=1+1 <b>", "avg_stars": -1, "disciplines": []string{"sport", "trad"}, "date": "2026-05-01"})
	set(t, app, "usage", pbtest.OwnerID, map[string]any{"window": []int64{1_764_000_000_000}, "last_message_date": "", "max_daily_messages": 0})
	set(t, app, "imports", ids["imports"], map[string]any{"report": map[string]any{"rows": 3}})
	files := export(t, app, pbtest.OwnerID)
	for _, want := range []struct{ file, text string }{
		{"ticks.json", `"notes":"=1+1 <b>"`},
		{"ticks.json", `"avg_stars":-1,`},
		{"ticks.json", `"disciplines":["sport","trad"]`},
		{"ticks.csv", `'=1+1 <b>`},
		{"ticks.csv", `"sport, trad"`},
		{"ticks.csv", `,'-1,`},
		{"usage.json", `"window":[1764000000000]`},
		{"usage.json", `"last_message_date":null,"max_daily_messages":0,"resets_at":"2026-05-01T08:00:00.000Z"`},
		{"imports.json", `"report":{"rows":3}`},
		{"profile.json", `"is_active":true`},
		{"profile.json", `"pending_email":"mine@example.org"`},
		{"profile.json", `"deactivated_at":null`},
	} {
		if !strings.Contains(string(files[want.file]), want.text) {
			t.Errorf("%s lacks %s:\n%s", want.file, want.text, files[want.file])
		}
	}
}

func TestCellsAreNoFormulas(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "5.9": "5.9", "a=b": "a=b", "=HYPERLINK(1)": "'=HYPERLINK(1)", "+1": "'+1", "-1": "'-1", "@SUM": "'@SUM",
		"\t=1": "'\t=1", "\r=1": "'\r=1", "\n=1": "'\n=1", "'=1": "'=1", "é": "é",
	} {
		if got := account.EscapeCell(text); got != want {
			t.Errorf("%q is written as %q, want %q", text, got, want)
		}
	}
}

// A large logbook is not held in memory.
func TestLargeExportTakesLittleMemory(t *testing.T) {
	app := pbtest.Bare(t)
	const ticks = 20_000 // a fifth of what a plan allows, for the time it takes
	_, err := app.NonconcurrentDB().NewQuery("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {:ticks}) " +
		"INSERT INTO {{ticks}} ([[id]], [[user]], [[source]], [[identity]], [[date]], [[day_order]], [[route_name]], [[notes]]) " +
		"SELECT printf('tick%011d', {:ticks} - i), {:user}, 'mountain_project', i, '2026-05-01', i, 'Route ' || i, " +
		"'Long enough to be felt when there are many of them: ' || hex(randomblob(200)) FROM n").
		Bind(dbx.Params{"ticks": ticks, "user": pbtest.OwnerID}).Execute()
	if err != nil {
		t.Fatal(err)
	}
	var peak memoryPeak
	if err := account.Export(context.Background(), app, &peak, pbtest.OwnerID, noon); err != nil {
		t.Fatal(err)
	}
	if most := peak.most - peak.before; most > 24<<20 {
		t.Errorf("%d MB more on the heap while exporting", most>>20)
	}
	t.Logf("zip of %d MB, %d MB more on the heap at most", peak.written>>20, (peak.most-peak.before)>>20)
}

// memoryPeak measures the heap in use as a zip passes, every megabyte.
type memoryPeak struct {
	written, next int
	before, most  int64
}

func (m *memoryPeak) Write(p []byte) (int, error) {
	if m.written >= m.next {
		var stats runtime.MemStats
		if m.before == 0 {
			runtime.GC()
		}
		runtime.ReadMemStats(&stats)
		if m.before == 0 {
			m.before = int64(stats.HeapAlloc)
		}
		m.most = max(m.most, int64(stats.HeapAlloc))
		m.next += 1 << 20
	}
	m.written += len(p)
	return len(p), nil
}

// What cannot be written is an error, and so is a client that has left.
func TestExportStops(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	fill(t, app, pbtest.OwnerID, "mine")
	full := errors.New("disk full")
	if err := account.Export(context.Background(), app, failing{full}, pbtest.OwnerID, noon); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
	gone, leave := context.WithCancel(context.Background())
	leave()
	if err := account.Export(gone, app, io.Discard, pbtest.OwnerID, noon); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// export returns the files of a user's export by name.
func export(t *testing.T, app core.App, userID string) map[string][]byte {
	t.Helper()
	var archive bytes.Buffer
	if err := account.Export(context.Background(), app, &archive, userID, noon); err != nil {
		t.Fatal(err)
	}
	reader, err := zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, entry := range reader.File {
		file, err := entry.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[entry.Name], err = io.ReadAll(file); err != nil {
			t.Fatal(err)
		}
		file.Close()
	}
	return files
}

func set(t *testing.T, app core.App, collection, id string, values map[string]any) {
	t.Helper()
	record, err := app.FindRecordById(collection, id)
	if err != nil {
		t.Fatal(err)
	}
	record.Load(values)
	if err := app.SaveNoValidate(record); err != nil {
		t.Fatal(err)
	}
}
