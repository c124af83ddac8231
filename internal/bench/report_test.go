package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func testReport() *report {
	reads := comparison{what: "read", unit: "µs CPU", target: target{"<=", 0.3}, ours: side{name: "ours"}, baseline: side{name: "a rival"}}
	rows := comparison{what: "rows", unit: "rows/s", target: target{">=", 0.4}, ours: side{name: "ours"}, baseline: side{name: "raw"}}
	again := comparison{what: "again", unit: "rows/s", ours: side{name: "ours"}, baseline: side{name: "raw"}}
	r := newReport(time.Date(2026, time.May, 4, 12, 0, 0, 0, time.UTC), 3)
	r.Results = []result{
		newResult(&reads, []sample{{60, 900}, {50, 1000}, {900, 10}}, []sample{{200, 250}, {100, 500}, {3600, 5}}),
		newResult(&rows, []sample{{figure: 30}}, []sample{{figure: 100}}),
		newResult(&again, []sample{{figure: 300}}, []sample{{figure: 100}}),
	}
	return r
}

func TestResultsCompareRounds(t *testing.T) {
	t.Parallel()
	for i, want := range []struct {
		ratio   float64
		verdict string
	}{{0.3, "ok"}, {0.3, "missed"}, {3, "-"}} {
		got := testReport().Results[i]
		if got.Ratio != want.ratio || got.Verdict != want.verdict {
			t.Errorf("%s: ratio %g, %s; want %g, %s", got.What, got.Ratio, got.Verdict, want.ratio, want.verdict)
		}
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := testReport().print(&out); err != nil {
		t.Fatal(err)
	}
	want := `
WHAT   OURS               BASELINE            RATIO  TARGET           BASELINE IS
read   60 µs CPU (900/s)  200 µs CPU (250/s)  0.30   <= 0.30  ok      a rival
rows   30 rows/s          100 rows/s          0.30   >= 0.40  missed  raw
again  300 rows/s         100 rows/s          3.00   -        -       raw
`
	if out.String() != want {
		t.Errorf("table\n%s, want\n%s", out.String(), want)
	}
}

func TestFileHoldsTheWholeReport(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bench.json")
	saved := testReport()
	if err := saved.save(path); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var loaded report
	if err := json.Unmarshal(content, &loaded); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(&loaded, saved) {
		t.Errorf("loaded\n%+v, saved\n%+v", &loaded, saved)
	}
	if !strings.Contains(string(content), `"target": "<= 0.30"`) {
		t.Errorf("the target is not readable: %s", content)
	}
	if loaded.Date != "2026-05-04T12:00:00Z" || loaded.CPUs < 1 || !strings.HasPrefix(loaded.Go, "go") {
		t.Errorf("date %q, %d CPUs, Go %q", loaded.Date, loaded.CPUs, loaded.Go)
	}
}
