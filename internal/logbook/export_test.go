package logbook_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/pocketbase/dbx"

	"github.com/cragbase/cragbase/internal/logbook"
	"github.com/cragbase/cragbase/internal/logbook/sourcetest"
	"github.com/cragbase/cragbase/internal/pbtest"
)

func exportOf(t *testing.T, app *pbtest.App, userID string) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := logbook.Export(context.Background(), app, &file, userID); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// contentOf are all ticks of a user without what belongs to the record: its id, its user and its times.
func contentOf(t *testing.T, app *pbtest.App, userID string) []dbx.NullStringMap {
	t.Helper()
	var rows []dbx.NullStringMap
	if err := app.DB().Select("*").From("ticks").Where(dbx.HashExp{"user": userID}).OrderBy("source", "identity").All(&rows); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for _, name := range []string{"id", "user", "created", "updated"} {
			delete(row, name)
		}
	}
	return rows
}

// logbooks are the samples of all sources and, where they lie beside the project, real exports.
func logbooks(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, name := range sourcetest.Samples(t) {
		files[name] = sourcetest.Sample(t, name)
	}
	real, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "data", "*", "*[cj]s*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range real {
		if strings.Contains(path, "expected-counts") || filepath.Base(filepath.Dir(path)) == "grades" {
			continue
		}
		if files[filepath.Base(path)], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// A logbook that is exported and imported again is the same logbook, for its owner and for somebody who begins with it.
func TestExportIsLossless(t *testing.T) {
	t.Parallel()
	for name, content := range logbooks(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := pbtest.New(t)
			first := importInto(t, app, content, logbook.Merge)
			if again := figuresOf(importInto(t, app, content, logbook.Merge)); again.created+again.updated+again.removed > 0 {
				t.Errorf("the same file again: %+v", again)
			}
			if first.Created == 0 {
				t.Fatalf("nothing imported: %+v", first)
			}
			file := exportOf(t, app, pbtest.OwnerID)
			for _, mode := range []logbook.Mode{logbook.Merge, logbook.Replace} {
				if got, want := figuresOf(importInto(t, app, file, mode)), (figures{rows: first.Created, unchanged: first.Created}); got != want {
					t.Errorf("its owner imports the export by %s: %+v, want %+v", mode, got, want)
				}
			}
			want := contentOf(t, app, pbtest.OwnerID)
			report, err := logbook.Import(app, pbtest.StrangerID, logbook.File{Content: file}, logbook.SourceAuto, logbook.Merge, logbook.Limits{})
			if err != nil || report.Source != logbook.SourceCragbase || report.Created != first.Created {
				t.Fatalf("somebody else imports it: %+v, %v", report, err)
			}
			if got := contentOf(t, app, pbtest.StrangerID); !reflect.DeepEqual(got, want) {
				for i := range want {
					if !reflect.DeepEqual(got[i], want[i]) {
						t.Fatalf("somebody else has\n%v\nwant\n%v", got[i], want[i])
					}
				}
			}
			if again := exportOf(t, app, pbtest.StrangerID); !bytes.Equal(again, file) {
				t.Error("the export of the import differs from the first one")
			}
			if got, err := logbook.Import(app, pbtest.StrangerID, logbook.File{Content: content}, logbook.SourceAuto, logbook.Merge, logbook.Limits{}); err != nil || got.Created > 0 {
				t.Errorf("the source's file after the export: %+v, %v", got, err)
			}
		})
	}
}

// No cell of an export is a formula to a spreadsheet, and the first columns are Mountain Project's.
func TestExportIsHarmless(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	importInto(t, app, export(
		`2026-05-02,"=HYPERLINK(""x"")",5.9,"@SUM(1)",,1,"+Area > -Wall",3.0,-1,Lead,Onsight,Sport,,80,2400`+"\n",
		`2026-05-01,'=quoted,5.9,"'",,1,Area,3.0,-1,Lead,Onsight,Sport,,80,2400`+"\n",
	), logbook.Merge)
	file := exportOf(t, app, pbtest.OwnerID)
	rows, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(rows[0][:15], ","), strings.ReplaceAll(strings.TrimSpace(header), `"`, ""); got != want {
		t.Errorf("the header begins with %s, want %s", got, want)
	}
	for _, row := range rows {
		for _, cell := range row {
			if strings.ContainsAny(cell[:min(1, len(cell))], "=+-@\t\r\n") {
				t.Errorf("cell %q", cell)
			}
		}
	}
	if got := figuresOf(importInto(t, app, file, logbook.Merge)); got != (figures{rows: 2, unchanged: 2}) {
		t.Errorf("imported again: %+v", got)
	}
}
