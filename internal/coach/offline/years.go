package offline

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

var fourDigits = regexp.MustCompile(`\b(19[5-9]|20[0-9])[0-9]\b`)

// spoken are years that are named by how long ago they are; the longest names first, because a name is found once.
var spoken = []struct {
	words *regexp.Regexp
	ago   int
}{
	{regexp.MustCompile(`\byear before last\b`), 2},
	{regexp.MustCompile(`\b(this|current) year\b`), 0},
	{regexp.MustCompile(`\blast year\b`), 1},
}

var (
	yearBefore = regexp.MustCompile(`\b(previous|prior) year\b|\byear (before|earlier)\b`)
	oneBefore  = regexp.MustCompile(`\bone before\b|\bthe last( one)?\s*([?.!,;]|$)`) // a year only after another one
)

// yearsIn are the years that a text in small letters names, each once, the earliest first.
func yearsIn(text string, running int) []int {
	var years []int
	for _, name := range spoken {
		if name.words.MatchString(text) {
			years = append(years, running-name.ago)
			text = name.words.ReplaceAllString(text, " ")
		}
	}
	for _, digits := range fourDigits.FindAllString(text, -1) {
		year, _ := strconv.Atoi(digits) // the pattern has digits only
		years = append(years, year)
	}
	switch {
	case len(years) > 0 && (yearBefore.MatchString(text) || oneBefore.MatchString(text)):
		years = append(years, slices.Min(years)-1)
	case yearBefore.MatchString(text):
		years = append(years, running-1)
	}
	slices.Sort(years)
	return slices.Compact(years)
}

// pair are the two years to compare: the latest two that were named, or else one and the year before it.
func (q *question) pair() (earlier, later int) {
	switch n := len(q.years); n {
	case 0:
		return q.running - 1, q.running
	case 1:
		return min(q.years[0]-1, q.running), q.years[0]
	default:
		return q.years[n-2], q.years[n-1]
	}
}

// choice says which years are compared when the question does not.
func (q *question) choice(earlier, later int) string {
	switch {
	case len(q.years) > 2:
		return fmt.Sprintf("I compare two years at a time, and take the latest two of those that you named: %d and %d. ", earlier, later)
	case q.alone == earlier:
		return fmt.Sprintf("You named only %d, so I set it beside %d. ", earlier, later)
	case q.alone == later:
		return fmt.Sprintf("You named only %d, so I set it beside %d. ", later, earlier)
	}
	return ""
}

// during is the years of a question, with a space before them.
func (q *question) during() string {
	switch {
	case q.from == "":
		return ""
	case q.from[:4] == q.to[:4]:
		return " in " + q.from[:4]
	}
	return " from " + q.from[:4] + " to " + q.to[:4]
}

// over is whether the years of a question have ended.
func (q *question) over() bool { return q.to != "" && q.to[:4] < strconv.Itoa(q.running) }
