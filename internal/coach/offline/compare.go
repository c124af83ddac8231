package offline

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/coach/tools"
)

// side is one of two years that are compared.
type side struct {
	year int
	tools.Amount
}

// compareOf sets two years side by side, in the discipline that was named or in all.
func compareOf(f *figures, q question) (*finding, error) {
	earlier, later := q.pair()
	c, err := ask[tools.Comparison](f, tools.ComparePeriods, arguments{"a": strconv.Itoa(earlier), "b": strconv.Itoa(later), "discipline": string(q.only)})
	if err != nil {
		return nil, err
	}
	a, b := side{earlier, c.A}, side{later, c.B}
	found := &finding{title: fmt.Sprintf("%d and %d", earlier, later), text: q.choice(earlier, later) + change(a, b, &q)}
	if q.only != "" {
		found.title += " in " + named(q.only)
	}
	if a.Ticks+b.Ticks > 0 {
		addSides(found, slices.DeleteFunc([]side{a, b}, func(s side) bool { return s.year > q.running && s.Ticks == 0 }))
	}
	return found, nil
}

// change says how many pitches the years had, and which of them is not over or has not begun.
func change(a, b side, q *question) string {
	var sentences, none, ahead []string
	var logged []side
	for _, s := range []side{a, b} {
		switch {
		case s.Ticks > 0:
			logged = append(logged, s)
		case s.year <= q.running:
			none = append(none, strconv.Itoa(s.year))
		}
		if s.year > q.running {
			ahead = append(ahead, strconv.Itoa(s.year))
		}
	}
	if len(logged) > 0 {
		sentences = append(sentences, climbed(logged, q.running))
	}
	if len(none) > 0 {
		what := "Nothing"
		if q.only != "" {
			what = "Nothing in " + named(q.only)
		}
		sentences = append(sentences, what+" is logged in "+list(none)+".")
	}
	if a.year == q.running || b.year == q.running {
		sentences = append(sentences, fmt.Sprintf("%d is not over: it ends on 31 December.", q.running))
	}
	if len(ahead) > 0 {
		sentences = append(sentences, list(ahead)+verb(len(ahead), " has", " have")+" not begun.")
	}
	return strings.Join(sentences, " ")
}

// climbed tells the pitches of one year, or of two with their change.
func climbed(logged []side, running int) string {
	last := logged[len(logged)-1]
	text := fmt.Sprintf("You climbed %s in %d", count(last.Pitches, "pitch", "pitches"), last.year)
	if last.year == running {
		text = fmt.Sprintf("You have climbed %s in %d so far", count(last.Pitches, "pitch", "pitches"), last.year)
	}
	if len(logged) == 1 {
		return text + "."
	}
	first := logged[0]
	if first.Pitches < fewPitches {
		return fmt.Sprintf("%s, and %s in %d.", text, thousands(first.Pitches), first.year)
	}
	return fmt.Sprintf("%s, %s the %s in %d.", text, against(percent(last.Pitches, first.Pitches)), thousands(first.Pitches), first.year)
}

func against(change int) string {
	switch {
	case change >= slight:
		return thousands(change) + " % more than"
	case change > -slight:
		return "about as many as"
	}
	return thousands(-change) + " % fewer than"
}

// addSides lists the figures of years.
func addSides(found *finding, sides []side) {
	for _, line := range []struct {
		label string
		of    func(s *side) string
	}{
		{"Days out", func(s *side) string { return thousands(s.DaysOut) }},
		{"Pitches", func(s *side) string { return thousands(s.Pitches) }},
		{"Distinct routes", func(s *side) string { return thousands(s.Routes) }},
		{"Sends", func(s *side) string { return thousands(s.Sends) }},
	} {
		found.add(line.label, "%s", each(sides, line.of))
	}
	if rates := each(sides, sent); rates != "" {
		found.add("Sent", "%s, of the ticks that tell a result", rates)
	}
	for _, d := range climb.AllDisciplines() {
		hardest := func(s *side) string { return s.hardest(d) }
		if each(sides, hardest) == "" {
			continue
		}
		found.add("Hardest "+named(d), "%s", each(sides, func(s *side) string {
			if grade := hardest(s); grade != "" {
				return grade
			}
			return "no send with a grade"
		}))
	}
}

// each writes a figure of every year that has one; "" when none has.
func each(sides []side, of func(s *side) string) string {
	var parts []string
	for _, s := range sides {
		if value := of(&s); value != "" {
			parts = append(parts, fmt.Sprintf("%s in %d", value, s.year))
		}
	}
	return strings.Join(parts, ", ")
}

func sent(s *side) string {
	if s.SendRate == nil {
		return ""
	}
	return fmt.Sprintf("%.0f %%", 100**s.SendRate)
}

func (s *side) hardest(d climb.Discipline) string {
	for _, send := range s.Hardest {
		if send.Discipline == d {
			return send.Grade
		}
	}
	return ""
}
