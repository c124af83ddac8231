package mountainproject

import (
	"testing"

	"github.com/cragbase/cragbase/internal/logbook/sourcetest"
)

// modern is the sample of the site's present form, counted by hand: 25 rows, of which the last has no route.
func modern(tb testing.TB) sourcetest.Source {
	return sourcetest.Source{
		Name: "mountain_project", Recognise: Recognise, Parse: Parse,
		Sample: sourcetest.Sample(tb, "mountain_project.modern.csv"), Ticks: 24, Skipped: 1,
		Rows: sourcetest.Repeat(modernHeader, plainRow), UTF8Only: true, DaysAhead: 366,
	}
}

// older is that of 2018: 10 rows, of which the last has no route.
func older(tb testing.TB) sourcetest.Source {
	s := modern(tb)
	s.Sample, s.Ticks, s.Skipped = sourcetest.Sample(tb, "mountain_project.2018.csv"), 9, 1
	return s
}

func TestConformance(t *testing.T) {
	t.Run("modern", func(t *testing.T) { sourcetest.Run(t, modern(t)) })
	t.Run("2018", func(t *testing.T) { sourcetest.Run(t, older(t)) })
}

func FuzzCommon(f *testing.F) { sourcetest.Fuzz(f, modern(f)) }
