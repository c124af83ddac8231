package tools_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pocketbase/dbx"

	"github.com/cragbase/cragbase/internal/coach"
	"github.com/cragbase/cragbase/internal/coach/tools"
	"github.com/cragbase/cragbase/internal/logbook"
	"github.com/cragbase/cragbase/internal/pbtest"
)

const header = `Date,Route,Rating,Notes,URL,Pitches,Location,"Avg Stars","Your Stars",Style,"Lead Style","Route Type","Your Rating",Length,"Rating Code"` + "\n"

func today() time.Time { return time.Date(2026, 11, 25, 18, 0, 0, 0, time.UTC) }

// example is a logbook of 22 ticks, whose figures the tests have by hand.
func example(t testing.TB) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", "ticks.csv"))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// importFor brings an export into the logbook of a user.
func importFor(t testing.TB, app *pbtest.App, userID, content string) {
	t.Helper()
	report, err := logbook.Import(app, userID, logbook.File{Name: "ticks.csv", Content: []byte(content)}, logbook.SourceAuto, logbook.Merge, logbook.Limits{})
	if err != nil || report.Created != report.Rows {
		t.Fatalf("%+v, %v", report, err)
	}
}

// climber is an app in which the owner has a logbook.
func climber(t testing.TB, content string) *pbtest.App {
	t.Helper()
	app := pbtest.New(t)
	importFor(t, app, pbtest.OwnerID, content)
	return app
}

// setTexts gives all ticks of a user texts that no file has to have.
func setTexts(t testing.TB, app *pbtest.App, userID string, texts dbx.Params) {
	t.Helper()
	if _, err := app.NonconcurrentDB().Update("ticks", texts, dbx.HashExp{"user": userID}).Execute(); err != nil {
		t.Fatal(err)
	}
}

// tool is the tool of a name.
func tool(t testing.TB, all []coach.Tool, name string) coach.Tool {
	t.Helper()
	for _, one := range all {
		if one.Name == name {
			return one
		}
	}
	t.Fatalf("there is no tool %s", name)
	return coach.Tool{}
}

// use runs a tool over the owner's logbook and decodes its result.
func use[T any](t testing.TB, app *pbtest.App, name, arguments string) (T, string) {
	t.Helper()
	result, err := tool(t, tools.For(app, pbtest.OwnerID, today), name).Run(t.Context(), json.RawMessage(arguments))
	if err != nil {
		t.Fatalf("%s %s: %v", name, arguments, err)
	}
	var decoded T
	if err := json.Unmarshal(result.JSON, &decoded); err != nil {
		t.Fatalf("%s %s: %v in %s", name, arguments, err, result.JSON)
	}
	return decoded, result.Summary
}
