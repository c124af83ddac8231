package cragbase

import (
	"testing"

	"github.com/cragbase/cragbase/internal/logbook/sourcetest"
)

const header = "Date,Route,Rating,Notes,URL,Pitches,Location,Avg Stars,Your Stars,Style,Lead Style,Route Type,Your Rating,Length,Rating Code," +
	"Source,Identity,Tick ID,Route ID,Day Order,Date Precision,Disciplines,Rating Key,Attempts,Feel,Traits,Edited,Gone At\n"

const plainRow = "2026-05-01,Kettle,7a,,,1,France > Anthill,,,Lead,Onsight,Sport,,,,eight_a,,,,,,sport,french|72|73||7a,,,,,\n"

// source is the sample of sourcetest, counted by hand: 18 rows, of which the last has no day.
func source(tb testing.TB) sourcetest.Source {
	return sourcetest.Source{
		Name: "cragbase", Recognise: Recognise, Parse: Parse,
		Sample: sourcetest.Sample(tb, "cragbase.csv"), Ticks: 17, Skipped: 1,
		Rows: sourcetest.Repeat(header, plainRow), DaysAhead: 366, UTF8Only: true,
	}
}

func TestConformance(t *testing.T) { sourcetest.Run(t, source(t)) }

func FuzzParse(f *testing.F) { sourcetest.Fuzz(f, source(f)) }
