package thecrag

import (
	"errors"
	"io"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/entry"
	"github.com/cragbase/cragbase/internal/logbook/table"
)

// isSwapped reports whether the names stand under Route Grade and the grades under Route Name, as in the exports of some
// years. Routes can be called "24" or "5.10", so it is the file that decides and not a row.
func isSwapped(content []byte, limits entry.Limits) (bool, error) {
	rows, err := format.Open(content, limits)
	if err != nil {
		return false, err
	}
	right, wrong := 0, 0
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return wrong > right, nil
		}
		if err != nil {
			return false, err
		}
		switch name, grade := isGrade(row, "Route Name"), isGrade(row, "Route Grade"); {
		case grade && !name:
			right++
		case name && !grade && row.Cell("Route Grade") != "":
			wrong++
		}
	}
}

// isGrade reports whether a cell is nothing but a grade.
func isGrade(row *table.Row, column string) bool {
	const longest = 40
	text := row.Cell(column)
	if text == "" || len(text) > longest {
		return false
	}
	discipline := gears[key(row.Cell("Route Gear Style"))]
	rating := climb.ParseRatingIn(text, row.Cell("Country"), discipline)
	return len(rating.Grades) > 0 && len(rating.Unknown) == 0
}
