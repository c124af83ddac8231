package hooks_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/logbook/entry"
	"github.com/cragbase/cragbase/internal/pbtest"
)

const ticksPath = "/api/collections/ticks/records"

// atNoon is the clock of the tests of days.
func atNoon(deps *hooks.Deps) {
	deps.Now = func() time.Time { return time.Date(2026, time.June, 15, 12, 0, 0, 0, time.UTC) }
}

func newTick(changes map[string]any) map[string]any {
	tick := map[string]any{
		"date": "2026-06-01", "route_name": "Quiet Slab", "disciplines": []string{"sport"}, "grade": "5.10a PG13", "style": "lead",
		"lead_style": "onsight", "pitches": 2, "length_ft": 80, "location": "Granite State > Echo Dome", "notes": "cold\r\nwindy",
	}
	for name, value := range changes {
		tick[name] = value
	}
	return tick
}

func TestTickByHand(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t, atNoon)
	created := app.Do(t, pbtest.Owner, "POST", ticksPath, newTick(nil))
	if created.Status != http.StatusOK {
		t.Fatalf("create: %d %s", created.Status, created.Body)
	}
	tick := created.Map(t)
	for name, want := range map[string]any{
		"user": pbtest.OwnerID, "source": "manual", "edited": true, "result": "onsight", "grade_system": "yds", "grade_low": 57.0, "grade_high": 61.0,
		"danger": "PG13", "route_type": "Sport", "day_order": 1.0, "your_stars": -1.0, "avg_stars": -1.0, "notes": "cold\nwindy", "gone_at": "",
	} {
		if tick[name] != want {
			t.Errorf("%s is %v, want %v", name, tick[name], want)
		}
	}
	second := app.Do(t, pbtest.Owner, "POST", ticksPath, map[string]any{"date": "2026-06-01", "route_name": "Pebble", "grade": "V4", "your_stars": 0}).Map(t)
	if second["day_order"] != 2.0 || second["result"] != "unknown" || second["route_type"] != "Boulder" || second["pitches"] != 1.0 || second["your_stars"] != 0.0 {
		t.Errorf("the second tick of a day: %v", second)
	}
	path := ticksPath + "/" + tick["id"].(string)
	changed := app.Do(t, pbtest.Owner, "PATCH", path, map[string]any{"lead_style": "redpoint", "grade": "6b+"}).Map(t)
	if changed["result"] != "redpoint" || changed["grade_system"] != "french" || changed["danger"] != "" {
		t.Errorf("changed: %v", changed)
	}
	for name := range changed {
		if strings.HasSuffix(name, "ed") && name != "edited" || name == "collectionId" || name == "collectionName" {
			delete(changed, name)
		}
	}
	changed["notes"] = "warm"
	if whole := app.Do(t, pbtest.Owner, "PATCH", path, changed); whole.Status != http.StatusOK || whole.Map(t)["notes"] != "warm" {
		t.Errorf("a whole record sent back: %d %s", whole.Status, whole.Body)
	}
	if pyramid := app.Do(t, pbtest.Owner, "GET", "/v1/users/me/analytics/pyramid", nil); !strings.Contains(pyramid.Body, "Quiet Slab") {
		t.Errorf("the tick is not in the pyramid: %s", pyramid.Body)
	}
	if deleted := app.Do(t, pbtest.Owner, "DELETE", path, nil); deleted.Status != http.StatusNoContent {
		t.Errorf("delete: %d %s", deleted.Status, deleted.Body)
	}
}

func TestTickByHandRefuses(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t, atNoon)
	for _, test := range []struct {
		rule    string
		changes map[string]any
		field   string // with the problem; "": it is taken
	}{
		{"tomorrow, where somebody may be already", map[string]any{"date": "2026-06-16"}, ""},
		{"the day after tomorrow", map[string]any{"date": "2026-06-17"}, "date"},
		{"no day", map[string]any{"date": ""}, "date"},
		{"a day that is none", map[string]any{"date": "2026-02-30"}, "date"},
		{"a time", map[string]any{"date": "2026-06-01T10:00:00Z"}, "date"},
		{"a month that has another day", map[string]any{"date_precision": "month", "date": "2026-06-02"}, "date_precision"},
		{"a month", map[string]any{"date_precision": "month"}, ""},
		{"no name", map[string]any{"route_name": " "}, "route_name"},
		{"a boulder's grade for a sport climb", map[string]any{"grade": "V4"}, "grade"},
		{"a route's grade for a boulder", map[string]any{"disciplines": []string{"boulder"}, "grade": "5.10a"}, "grade"},
		{"a Font grade in lower case for a boulder", map[string]any{"disciplines": []string{"boulder"}, "grade": "6b+"}, ""},
		{"a grade that is none", map[string]any{"grade": "hard"}, "grade"},
		{"no grade", map[string]any{"grade": ""}, ""},
		{"a British trad grade", map[string]any{"disciplines": []string{"trad"}, "grade": "HVS 5a"}, ""},
		{"a British trad grade for a sport climb", map[string]any{"grade": "HVS 5a"}, "grade"},
		{"Ewbank in Australia", map[string]any{"grade": "21", "location": "Australia > Arapiles"}, ""},
		{"a discipline that is none", map[string]any{"disciplines": []string{"chess"}}, "disciplines"},
		{"a style that is none", map[string]any{"style": "floating"}, "style"},
		{"a lead style that is none", map[string]any{"lead_style": "Onsight!"}, "lead_style"},
		{"half a pitch", map[string]any{"pitches": 1.5}, "pitches"},
		{"pitches below zero", map[string]any{"pitches": -1}, "pitches"},
		{"too many pitches", map[string]any{"pitches": 1001}, "pitches"},
		{"five stars", map[string]any{"your_stars": 5}, "your_stars"},
		{"a link that runs a program", map[string]any{"route_url": "javascript:alert(1)"}, "route_url"},
		{"a result of their own", map[string]any{"result": "onsight"}, "result"},
		{"a source of their own", map[string]any{"source": "mountain_project"}, "source"},
		{"a score of their own", map[string]any{"grade_high": 107}, "grade_high"},
		{"an identity of their own", map[string]any{"identity": "x"}, ""}, // hidden fields are dropped before anybody sees them
		{"a feel that is none", map[string]any{"feel": "tender"}, "feel"},
		{"traits that are ours", map[string]any{"traits": []string{"slab", "crimpy"}}, ""},
		{"every trait", map[string]any{"traits": entry.Traits()}, ""},
		{"no traits", map[string]any{"traits": []string{}}, ""},
		{"traits that are null", map[string]any{"traits": nil}, ""},
		{"a trait that is none", map[string]any{"traits": []string{"slab", "spicy"}}, "traits"},
		{"a trait in capitals", map[string]any{"traits": []string{"Slab"}}, "traits"},
		{"traits that are no list", map[string]any{"traits": "slab"}, "traits"},
		{"traits that are no words", map[string]any{"traits": []any{1}}, "traits"},
		{"notes that would be cut", map[string]any{"notes": strings.Repeat("x", 69_000)}, "notes"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			response := app.Do(t, pbtest.Owner, "POST", ticksPath, newTick(test.changes))
			if test.field == "" {
				if response.Status != http.StatusOK {
					t.Errorf("status %d: %s", response.Status, response.Body)
				}
				return
			}
			data, _ := response.Map(t)["data"].(map[string]any)
			problem, _ := data[test.field].(map[string]any)
			if response.Status != http.StatusBadRequest || problem["code"] == nil || problem["message"] == "" {
				t.Errorf("status %d: %s", response.Status, response.Body)
			}
		})
	}
}

// Traits that the owner writes are kept in order, go out and come in with ticks.csv, and make an imported tick theirs.
func TestTraitsByHand(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t, atNoon)
	app.Upload(t, pbtest.Owner, "ticks.csv", rows(1), nil)
	var list struct{ Items []map[string]any }
	app.Do(t, pbtest.Owner, "GET", ticksPath, nil).JSON(t, &list)
	path := ticksPath + "/" + list.Items[0]["id"].(string)
	edited := app.Do(t, pbtest.Owner, "PATCH", path, map[string]any{"traits": []string{"slab", "crimpy", "slab"}}).Map(t)
	if fmt.Sprint(edited["traits"]) != "[crimpy slab]" || edited["edited"] != true {
		t.Errorf("%v, edited %v", edited["traits"], edited["edited"])
	}
	refused := app.Do(t, pbtest.Owner, "PATCH", path, map[string]any{"traits": []string{"spicy"}})
	if refused.Status != http.StatusBadRequest || !strings.Contains(refused.Body, "athletic, bad anchor") {
		t.Errorf("%d %s", refused.Status, refused.Body)
	}
	if report := app.Upload(t, pbtest.Owner, "ticks.csv", rows(1), nil).Map(t); report["unchanged"] != 1.0 {
		t.Errorf("the file again: %v", report)
	}
	backup := app.Do(t, pbtest.Owner, "GET", "/v1/users/me/ticks.csv", nil).Body
	app.Upload(t, pbtest.Stranger, "ticks.csv", []byte(backup), nil)
	app.Do(t, pbtest.Stranger, "GET", ticksPath, nil).JSON(t, &list)
	if got := list.Items[0]; fmt.Sprint(got["traits"]) != "[crimpy slab]" || got["edited"] != true {
		t.Errorf("from ticks.csv: %v, edited %v", got["traits"], got["edited"])
	}
	if _, err := app.DB().NewQuery(`UPDATE ticks SET traits = '["spicy"]'`).Execute(); err != nil { // as another Cragbase may have it
		t.Fatal(err)
	}
	if kept := app.Do(t, pbtest.Owner, "PATCH", path, map[string]any{"notes": "warm", "traits": []string{"spicy"}}); kept.Status != http.StatusOK || fmt.Sprint(kept.Map(t)["traits"]) != "[spicy]" {
		t.Errorf("sent back as it was: %d %s", kept.Status, kept.Body)
	}
	if cleared := app.Do(t, pbtest.Owner, "PATCH", path, map[string]any{"traits": nil}).Map(t); fmt.Sprint(cleared["traits"]) != "[]" {
		t.Errorf("cleared: %v", cleared["traits"])
	}
}

// Nobody writes a tick for somebody else, or gives theirs away.
func TestTickOfOthers(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t, atNoon)
	own := app.Do(t, pbtest.Owner, "POST", ticksPath, newTick(map[string]any{"user": pbtest.OwnerID}))
	if own.Status != http.StatusOK {
		t.Fatalf("own: %s", own.Body)
	}
	path := ticksPath + "/" + own.Map(t)["id"].(string)
	for _, test := range []struct {
		caller       pbtest.Caller
		method, path string
		body         map[string]any
		want         int
	}{
		{pbtest.Owner, "POST", ticksPath, newTick(map[string]any{"user": pbtest.StrangerID}), http.StatusBadRequest},
		{pbtest.Owner, "PATCH", path, map[string]any{"user": pbtest.StrangerID}, http.StatusBadRequest},
		{pbtest.Guest, "POST", ticksPath, newTick(nil), http.StatusBadRequest},
		{pbtest.Guest, "POST", ticksPath, newTick(map[string]any{"user": pbtest.OwnerID}), http.StatusBadRequest},
		{pbtest.Stranger, "PATCH", path, map[string]any{"notes": "mine"}, http.StatusNotFound},
		{pbtest.Stranger, "DELETE", path, nil, http.StatusNotFound},
		{pbtest.Deactivated, "POST", ticksPath, newTick(nil), http.StatusBadRequest},
	} {
		if response := app.Do(t, test.caller, test.method, test.path, test.body); response.Status != test.want {
			t.Errorf("%s: %s %v: status %d, want %d", test.caller, test.method, test.body, response.Status, test.want)
		}
	}
	if count, err := app.CountRecords("ticks", dbx.HashExp{"user": pbtest.OwnerID}); err != nil || count != 1 {
		t.Errorf("%d ticks, %v", count, err)
	}
}

// A tick by hand of a route that was imported is of that route, and no discipline is none again.
func TestTickOfAnImportedRoute(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	app.Upload(t, pbtest.Owner, "ticks.csv", rows(1), nil)
	created := app.Do(t, pbtest.Owner, "POST", ticksPath, map[string]any{"date": "2026-05-02", "route_name": "Route 0", "location": "Granite State > Echo Dome", "disciplines": []string{"sport"}}).Map(t)
	if created["route_id"] != "900000000" {
		t.Errorf("route %v", created["route_id"])
	}
	if cleared := app.Do(t, pbtest.Owner, "PATCH", ticksPath+"/"+created["id"].(string), map[string]any{"disciplines": []string{}}).Map(t); len(cleared["disciplines"].([]any)) != 0 {
		t.Errorf("disciplines %v", cleared["disciplines"])
	}
}

// The plan's limit of ticks holds for those by hand, however many come at once.
func TestLimitOfTicksByHand(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t, atNoon)
	plan, err := app.FindFirstRecordByData("plans", "tier", "free")
	if err != nil {
		t.Fatal(err)
	}
	plan.Set("max_ticks", 3)
	if err := app.Save(plan); err != nil {
		t.Fatal(err)
	}
	token := app.TokenOf(t, pbtest.OwnerID)
	var writing sync.WaitGroup
	for range 12 {
		writing.Go(func() {
			if got := app.Send(t, pbtest.NewRequest(t, "POST", ticksPath, token, newTick(nil))); got.Status != http.StatusOK && got.Status != http.StatusPaymentRequired {
				t.Errorf("%d %s", got.Status, got.Body)
			}
		})
	}
	writing.Wait()
	if count, err := app.CountRecords("ticks", dbx.HashExp{"user": pbtest.OwnerID}); err != nil || count != 3 {
		t.Errorf("%d ticks, %v", count, err)
	}
}

// What the owner has edited or deleted stays so when the file comes again, until they want the file's.
func TestEditsOutliveImports(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	upload := func(content []byte) map[string]any {
		response := app.Upload(t, pbtest.Owner, "ticks.csv", content, nil)
		if response.Status != http.StatusOK {
			t.Fatalf("import: %s", response.Body)
		}
		return response.Map(t)
	}
	upload(rows(2))
	find := func(route string) (path string, tick map[string]any) {
		var list struct{ Items []map[string]any }
		app.Do(t, pbtest.Owner, "GET", ticksPath+"?filter=route_name='"+route+"'", nil).JSON(t, &list)
		if len(list.Items) != 1 {
			t.Fatalf("%s is there %d times", route, len(list.Items))
		}
		return ticksPath + "/" + list.Items[0]["id"].(string), list.Items[0]
	}
	path, _ := find("Route%200")
	edited := app.Do(t, pbtest.Owner, "PATCH", path, map[string]any{"notes": "my own", "lead_style": "redpoint"})
	if edited.Status != http.StatusOK || edited.Map(t)["edited"] != true || edited.Map(t)["result"] != "redpoint" {
		t.Fatalf("edit: %s", edited.Body)
	}
	if report := upload(rows(2)); report["unchanged"] != 2.0 {
		t.Errorf("the same file: %v", report)
	}
	if report := upload(rows(1)); report["unchanged"] != 1.0 || report["gone"] != 1.0 {
		t.Errorf("a file without the second tick: %v", report)
	}
	if _, gone := find("Route%201"); gone["gone_at"] == "" {
		t.Error("the second tick is not marked")
	}
	if report := upload(rows(2)); report["updated"] != 1.0 {
		t.Errorf("a file with the second tick again: %v", report)
	}
	if _, tick := find("Route%200"); tick["notes"] != "my own" {
		t.Errorf("the edit is lost: %v", tick)
	}
	if back := app.Do(t, pbtest.Owner, "PATCH", path, map[string]any{"edited": false}); back.Status != http.StatusOK || back.Map(t)["edited"] != false {
		t.Fatalf("giving the edit up: %s", back.Body)
	}
	upload(rows(2))
	if _, tick := find("Route%200"); tick["notes"] != "" || tick["result"] != "onsight" {
		t.Errorf("the source's is not back: %v", tick)
	}
	app.Do(t, pbtest.Owner, "DELETE", path, nil)
	if report := upload(rows(2)); report["created"] != 1.0 {
		t.Errorf("a file that its owner chose brings back what they deleted: %v", report)
	}
}

func TestTicksCSV(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	app.Upload(t, pbtest.Owner, "ticks.csv", rows(3), nil)
	response := app.Do(t, pbtest.Owner, "GET", "/v1/users/me/ticks.csv", nil)
	if response.Status != http.StatusOK || response.Header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.Contains(response.Header.Get("Content-Disposition"), "ticks.csv") {
		t.Fatalf("status %d, %v", response.Status, response.Header)
	}
	table, err := csv.NewReader(strings.NewReader(response.Body)).ReadAll()
	if err != nil || len(table) != 4 {
		t.Fatalf("%d rows, %v", len(table), err)
	}
	if again := app.Upload(t, pbtest.Owner, "ticks.csv", []byte(response.Body), nil).Map(t); again["source"] != "cragbase" || again["unchanged"] != 3.0 {
		t.Errorf("imported again: %v", again)
	}
	if empty := app.Do(t, pbtest.Stranger, "GET", "/v1/users/me/ticks.csv", nil); strings.Count(empty.Body, "\n") != 1 {
		t.Errorf("an empty logbook: %q", empty.Body)
	}
	if guest := app.Do(t, pbtest.Guest, "GET", "/v1/users/me/ticks.csv", nil); guest.Status != http.StatusUnauthorized {
		t.Errorf("a guest: %d", guest.Status)
	}
}
