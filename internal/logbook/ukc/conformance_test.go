package ukc

import (
	"testing"

	"github.com/cragbase/cragbase/internal/logbook/sourcetest"
)

const (
	header   = "Name,Grade,Style,Partner(empty),Notes,Date,Crag,County,Region,Country,Pitches,Type\n"
	plainRow = "Kettle,6a+,\"Lead RP\",,,01/May/26,Anthill,Derbyshire,\"Peak District\",England,1,Sport\n"
)

// source is the sample of sourcetest, counted by hand: 18 rows, 13 ticks. Skipped are a row whose date is all question marks,
// one of next year, one of 31 February, one without a name, and one that is cut off.
func source(tb testing.TB) sourcetest.Source {
	return sourcetest.Source{
		Name: "ukc", Recognise: Recognise, Parse: Parse,
		Sample: sourcetest.Sample(tb, "ukc.csv"), Ticks: 13, Skipped: 5,
		Rows: sourcetest.Repeat(header, plainRow),
	}
}

func TestConformance(t *testing.T) { sourcetest.Run(t, source(t)) }

func FuzzParse(f *testing.F) { sourcetest.Fuzz(f, source(f)) }
