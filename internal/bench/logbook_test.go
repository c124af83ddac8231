package main

import (
	"bytes"
	"testing"

	"github.com/cragbase/cragbase/internal/analytics"
	"github.com/cragbase/cragbase/internal/logbook/mountainproject"
)

func TestExportIsReadWithoutARemark(t *testing.T) {
	t.Parallel()
	const rows = 500
	content := export(rows)
	parsed, err := mountainproject.Read(bytes.NewReader(content), mountainproject.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if len(parsed.Ticks) != rows || len(parsed.Skipped) > 0 || len(parsed.Warnings) > 0 || parsed.Repaired > 0 {
		t.Errorf("%d ticks, skipped %v, warnings %v, %d repaired", len(parsed.Ticks), parsed.Skipped, parsed.Warnings, parsed.Repaired)
	}
	if !bytes.Equal(content, export(rows)) {
		t.Error("the export differs from time to time")
	}
}

// The rounds check themselves that every row goes through on both sides.
func TestLogbookIsMeasured(t *testing.T) {
	t.Parallel()
	results, err := measureLogbook(t.Context(), 1, 200, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if want := 2 + len(analytics.Charts()); len(results) != want {
		t.Fatalf("%d results, want %d", len(results), want)
	}
	for _, r := range results {
		if r.Ours.Median <= 0 || r.Baseline.Median <= 0 {
			t.Errorf("%s: %g and %g", r.What, r.Ours.Median, r.Baseline.Median)
		}
	}
}
