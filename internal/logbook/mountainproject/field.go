package mountainproject

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/profileurl"
)

const (
	isoDate         = time.DateOnly
	spreadsheetDate = "1/2/2006" // month first: the site's users and their spreadsheets are American
	firstDate       = "1900-01-01"

	// clipLength is how many characters of a bad value are repeated to the reader.
	clipLength = 40

	// maxDepth is how many areas a location can have; real ones have at most 9. What lies below stays in the last part.
	maxDepth = 32
)

// latestDate is the last day that a tick can have: tomorrow, because the climber's day can be ahead of ours, and a year
// more, because real exports hold such slips and the climber has to see them to mend them.
func latestDate(now time.Time) string {
	return now.UTC().AddDate(1, 0, 1).Format(isoDate)
}

// parseDate reads a date in the form of the site or of a spreadsheet, and says which. problem is empty, or says why the
// date cannot be that of a tick.
func parseDate(text, latest string) (date string, spreadsheet bool, problem string) {
	if text == "" {
		return "", false, "Date is empty"
	}
	day, err := time.Parse(isoDate, text)
	if err != nil {
		spreadsheet = true
		day, err = time.Parse(spreadsheetDate, text)
	}
	if err != nil {
		return "", false, describe(columnDate, text, "is not a day of the calendar written YYYY-MM-DD or M/D/YYYY")
	}
	date = day.Format(isoDate)
	if date < firstDate || date > latest {
		return "", false, describe(columnDate, text, fmt.Sprintf("is not between %s and %s", firstDate, latest))
	}
	return date, spreadsheet, ""
}

// describe names a column and its value in front of what is wrong with it.
func describe(c column, value, problem string) string {
	return columnNames[c] + " " + clip(value) + " " + problem
}

// clip quotes the beginning of a text.
func clip(text string) string {
	seen := 0
	for i := range text {
		if seen == clipLength {
			return strconv.Quote(text[:i]) + "..."
		}
		seen++
	}
	return strconv.Quote(text)
}

// splitLocation returns the areas of a location in the order in which they are written.
func splitLocation(text string) []string {
	if text == "" {
		return nil
	}
	var areas []string
	for _, area := range strings.SplitN(text, " > ", maxDepth) {
		if area = strings.TrimSpace(area); area != "" {
			areas = append(areas, area)
		}
	}
	return areas
}

// routeID returns the number in the address of a route's page, "" for other pages of the site. ok is false when the address
// is not one of the site.
func routeID(url string) (id string, ok bool) {
	path, err := profileurl.Path(url, host)
	if err != nil {
		return "", false
	}
	if len(path) >= 2 && path[0] == "route" && isID(path[1]) {
		return path[1], true
	}
	return "", true
}

// repair restores a rating that a spreadsheet took for a number, so that 5.10 became 5.1 and 5.0 became 5. The rating code
// tells them from a true 5.1. The climber's own rating has no code; when it shows the same number it had the same fate.
func (t *Tick) repair() {
	original, ok := climb.RatingOfCode(t.RatingCode)
	if !ok || original == t.Rating || !sameNumber(original, t.Rating) {
		return
	}
	if t.YourRating == t.Rating {
		t.YourRating = original
	}
	t.Rating, t.Repaired = original, true
}

func sameNumber(a, b string) bool {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return errX == nil && errY == nil && x == y
}
