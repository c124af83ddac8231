package demo

import (
	"bytes"
	"strings"
	"testing"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/mountainproject"
)

func TestExportReadsBackWithoutALoss(t *testing.T) {
	t.Parallel()
	for i := range climbers {
		t.Run(climbers[i].username, func(t *testing.T) {
			t.Parallel()
			ticks := climbers[i].climb(days()[0])
			read, err := mountainproject.Read(bytes.NewReader(export(ticks)), mountainproject.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if read.Form != mountainproject.FormModern || len(read.Skipped)+len(read.Warnings)+read.Repaired > 0 {
				t.Errorf("form %s, skipped %v, warnings %v, %d repaired", read.Form, read.Skipped, read.Warnings, read.Repaired)
			}
			if len(read.Ticks) != len(ticks) {
				t.Fatalf("%d ticks read, %d written", len(read.Ticks), len(ticks))
			}
			for k := range read.Ticks {
				compare(t, &ticks[len(ticks)-1-k], &read.Ticks[k])
			}
		})
	}
}

func compare(t *testing.T, wrote *tick, read *mountainproject.Tick) {
	t.Helper()
	r := wrote.route
	if read.Route != r.name || read.Rating != r.grade+r.remark || read.LengthFeet != r.feet || read.RouteType != r.kind || read.AvgStars != r.stars {
		t.Errorf("line %d: %+v of %+v", read.Line, read, r)
	}
	if read.Date != wrote.date.Format("2006-01-02") || read.Notes != wrote.notes || read.Pitches != wrote.pitches || read.YourStars != float64(wrote.yourStars) {
		t.Errorf("line %d: %+v of %+v", read.Line, read, wrote)
	}
	if strings.Join(read.Location, "/") != strings.Join(r.location, "/") || len(read.RouteID) != 9 {
		t.Errorf("line %d: location %v, route %q", read.Line, read.Location, read.RouteID)
	}
	for _, text := range []string{read.Rating, read.YourRating} {
		if rating := climb.ParseRating(text); len(rating.Unknown) > 0 {
			t.Errorf("line %d: %q has unknown grades %v", read.Line, text, rating.Unknown)
		}
	}
}

func TestSameDaySameFile(t *testing.T) {
	t.Parallel()
	for i := range climbers {
		for _, now := range days() {
			if !bytes.Equal(export(climbers[i].climb(now)), export(climbers[i].climb(now))) {
				t.Errorf("%s: two files of %s", climbers[i].username, now)
			}
		}
	}
}

func TestFieldsAreQuotedAsTheSiteDoes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ rule, field, want string }{
		{"a word is bare", "5.10b/c", "5.10b/c"},
		{"a space is quoted", "Your Stars", `"Your Stars"`},
		{"a comma is quoted", "Sport,TR", `"Sport,TR"`},
		{"a quote is doubled", `"all"`, `"""all"""`},
		{"a line break is quoted", "a\nb", "\"a\nb\""},
		{"nothing stays nothing", "", ""},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			var file bytes.Buffer
			writeRow(&file, []string{"x", test.field})
			if got := file.String(); got != "x,"+test.want+"\n" {
				t.Errorf("got %q", got)
			}
		})
	}
}
