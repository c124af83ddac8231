package tools

import (
	"fmt"
	"maps"
	"time"

	"github.com/cragbase/cragbase/internal/analytics"
	"github.com/cragbase/cragbase/internal/climb"
)

// with are the arguments with one more.
func (a arguments) with(name, value string) arguments {
	more := maps.Clone(a)
	more[name] = value
	return more
}

// name is a discipline as a climber says it.
func name(d climb.Discipline) string {
	switch d {
	case climb.TopRope:
		return "top-rope"
	case climb.Boulder:
		return "bouldering"
	}
	return string(d)
}

// of is a discipline before a noun, with a space; "" for all.
func of(d climb.Discipline) string {
	if d == "" {
		return ""
	}
	return name(d) + " "
}

// dates are those of a filter in words.
func dates(f analytics.Filter) string {
	switch {
	case f.From == "" && f.To == "":
		return "all years"
	case f.To == "":
		return "since " + f.From
	case f.From == "":
		return "until " + f.To
	}
	return span(f.From, f.To)
}

// span are two days in words: "2026", "March 2026", or both.
func span(from, to string) string {
	first, errFirst := time.Parse(time.DateOnly, from)
	last, errLast := time.Parse(time.DateOnly, to)
	switch {
	case errFirst != nil || errLast != nil:
	case from[4:] == "-01-01" && to == from[:4]+"-12-31":
		return from[:4]
	case first.Day() == 1 && last.Equal(first.AddDate(0, 1, -1)):
		return first.Format("January 2006")
	}
	return fmt.Sprintf("%s to %s", from, to)
}
