package thecrag

import (
	"testing"

	"github.com/cragbase/cragbase/internal/logbook/sourcetest"
)

const header = "Route Name,Ascent Label,Ascent ID,Ascent Link,Ascent Type,Route Grade,Ascent Grade,Route Gear Style,Ascent Gear Style," +
	"Route Height,Ascent Height,# Ascents,Route Stars,Route ID,Route Link,Country,Country Link,Crag Name,Crag Link,Crag Path,With,Comment," +
	"Quality,Ascent Date,Log Date,Shot\n"

const plainRow = "Kettle,,,,Red point,7a,,Sport,Sport,30m,,1,**,7,http://www.thecrag.com/route/7,France,,Anthill,,Anthill - North Side,,,," +
	"2026-05-01T00:00:00Z,2026-05-02T09:00:00Z,\n"

// source is the sample of sourcetest, counted by hand: 19 rows, 13 ticks. Skipped are a target, a row without a date, one of
// next year, one without a name, one whose Ascent ID is a link, and one that is cut off.
func source(tb testing.TB) sourcetest.Source {
	return sourcetest.Source{
		Name: "thecrag", Recognise: Recognise, Parse: Parse,
		Sample: sourcetest.Sample(tb, "thecrag.csv"), Ticks: 13, Skipped: 6,
		Rows: sourcetest.Repeat(header, plainRow),
	}
}

func TestConformance(t *testing.T) { sourcetest.Run(t, source(t)) }

func FuzzParse(f *testing.F) { sourcetest.Fuzz(f, source(f)) }
