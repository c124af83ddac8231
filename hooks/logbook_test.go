package hooks_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/cragbase/cragbase/internal/pbtest"
)

const exportHeader = `Date,Route,Rating,Notes,URL,Pitches,Location,"Avg Stars","Your Stars",Style,"Lead Style","Route Type","Your Rating",Length,"Rating Code"` + "\n"

// rows makes an export of n different ticks.
func rows(n int) []byte {
	var file bytes.Buffer
	file.WriteString(exportHeader)
	for i := range n {
		fmt.Fprintf(&file, "2026-05-01,\"Route %d\",5.9,,https://www.mountainproject.com/route/%d/x,1,\"Granite State > Echo Dome\",3.0,-1,Lead,Onsight,Sport,,80,2400\n", i, 900_000_000+i)
	}
	return file.Bytes()
}

func TestImportRoute(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	for _, want := range []map[string]float64{{"rows": 1999, "created": 1999, "unchanged": 0}, {"rows": 1999, "created": 0, "unchanged": 1999}} {
		response := app.Upload(t, pbtest.Owner, "ticks.csv", rows(1999), map[string]string{"source": "mountain_project", "mode": "merge"})
		if response.Status != http.StatusOK {
			t.Fatalf("status %d: %s", response.Status, response.Body)
		}
		report := response.Map(t)
		for field, value := range want {
			if report[field] != value {
				t.Errorf("%s is %v, want %v", field, report[field], value)
			}
		}
		if report["source"] != "mountain_project" || report["skipped"] == nil || report["warnings"] == nil {
			t.Errorf("report %s", response.Body)
		}
	}
}

func TestImportRouteRefuses(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	good := rows(1)
	for _, test := range []struct {
		rule    string
		content []byte
		fields  map[string]string
		status  int
		code    string
		field   string
	}{
		{"unknown source", good, map[string]string{"source": "gym"}, 400, "validation_failed", "source:validation_in_invalid"},
		{"unknown mode", good, map[string]string{"mode": "append"}, 400, "validation_failed", "mode:validation_in_invalid"},
		{"unknown field", good, map[string]string{"user": pbtest.StrangerID}, 400, "validation_failed", "user:unknown_field"},
		{"HTML page", []byte("<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>"), nil, 400, "unrecognised_file", ""},
		{"PNG", append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 500)...), nil, 400, "unrecognised_file", ""},
		{"zip", append([]byte("PK\x03\x04"), make([]byte, 500)...), nil, 400, "unrecognised_file", ""},
		{"UTF-16", encodeUTF16(string(good)), nil, 400, "unrecognised_file", ""},
		{"empty file", nil, nil, 400, "unrecognised_file", ""},
		{"header only", []byte(exportHeader), nil, 400, "unrecognised_file", ""},
		{"a million columns", []byte(strings.Repeat("x,", 1_000_000) + "\n1\n"), nil, 400, "unrecognised_file", ""},
		{"unclosed quote", append(bytes.Clone(good), `2026-05-01,"Open`...), nil, 400, "unrecognised_file", ""},
		{"more ticks than the plan allows", rows(10_001), nil, 402, "plan_limit", ""},
		{"over the plan's size", bytes.Repeat([]byte("x"), 6<<20), nil, 402, "plan_limit", ""},
		{"50 MB", bytes.Repeat([]byte("x"), 50<<20), nil, 413, "body_too_large", ""},
	} {
		t.Run(test.rule, func(t *testing.T) {
			response := app.Upload(t, pbtest.Owner, "ticks.csv", test.content, test.fields)
			checkProblem(t, response, test.status, test.code, test.field)
			if test.code == "unrecognised_file" && !strings.Contains(response.Body, "Mountain Project") {
				t.Errorf("does not say what was expected: %s", response.Body)
			}
		})
	}
	if list := app.Do(t, pbtest.Owner, "GET", "/api/collections/ticks/records", nil).Map(t); list["totalItems"] != 0.0 {
		t.Errorf("%v ticks were imported", list["totalItems"])
	}
	if list := app.Do(t, pbtest.Owner, "GET", "/api/collections/imports/records", nil).Map(t); list["totalItems"] != 0.0 {
		t.Errorf("%v imports were recorded", list["totalItems"])
	}
}

func TestImportRouteRefusesBrokenForms(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	for rule, body := range map[string]string{"no parts": "--x--\r\n", "no file": "--x\r\nContent-Disposition: form-data; name=\"mode\"\r\n\r\nmerge\r\n--x--\r\n", "no form": "hello", "empty": ""} {
		response := app.Send(t, form(t, app, body))
		t.Run(rule, func(t *testing.T) { checkProblem(t, response, 400, "validation_failed", "file:validation_required") })
	}
	twice := strings.Repeat("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nDate\r\n", 2) + "--x--\r\n"
	checkProblem(t, app.Send(t, form(t, app, twice)), 400, "validation_failed", "file:validation_repeated")
	cut := app.Send(t, form(t, app, "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nDate,Rou"))
	checkProblem(t, cut, 400, "invalid_multipart", "")
}

func form(t *testing.T, app *pbtest.App, body string) *http.Request {
	t.Helper()
	request := pbtest.NewRequest(t, "POST", "/v1/users/me/ticks/import", app.Token(t, pbtest.Owner), body)
	request.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	return request
}

func encodeUTF16(text string) []byte {
	encoded := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		encoded = append(encoded, byte(unit), byte(unit>>8))
	}
	return encoded
}

func TestChartsThroughHTTP(t *testing.T) {
	t.Parallel()
	app := withTick(t)
	pyramid := app.Do(t, pbtest.Owner, "GET", "/v1/users/me/analytics/pyramid?discipline=sport&scale=french", nil)
	var got struct {
		Discipline, Scale, Rule string
		Routes                  int
		Bins                    []struct {
			Grade  string
			Count  int
			Styles map[string]int
			Routes []struct {
				TickID string `json:"tick_id"`
				Name   string `json:"route_name"`
			}
		}
	}
	pyramid.JSON(t, &got)
	if pyramid.Status != http.StatusOK || got.Scale != "french" || got.Routes != 1 || len(got.Bins) != 1 || got.Bins[0].Styles["onsight"] != 1 || got.Bins[0].Routes[0].Name != "Quiet Slab" || got.Rule == "" {
		t.Errorf("status %d: %s", pyramid.Status, pyramid.Body)
	}
	if tick := app.Do(t, pbtest.Owner, "GET", "/api/collections/ticks/records/"+got.Bins[0].Routes[0].TickID, nil); tick.Status != http.StatusOK || !strings.Contains(tick.Body, canary) {
		t.Errorf("the tick behind the bar: %s", tick.Body)
	}
	outside := app.Do(t, pbtest.Owner, "GET", "/v1/users/me/analytics/overview?from=2026-05-02", nil).Map(t)
	if totals := outside["totals"].(map[string]any); totals["ticks"] != 0.0 {
		t.Errorf("outside the dates: %v", totals)
	}
	inside := app.Do(t, pbtest.Owner, "GET", "/v1/users/me/analytics/overview?from=2026-05-01&to=2026-05-01", nil).Map(t)
	if totals := inside["totals"].(map[string]any); totals["ticks"] != 1.0 || totals["sends"] != 1.0 {
		t.Errorf("inside the dates: %v", totals)
	}
}
