package analytics

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cragbase/cragbase/internal/climb"
)

// line is a line of an invented export.
type line struct{ date, route, rating, routeType, style, leadStyle string }

// routeRows and boulderRows say by hand in which row of a pyramid a rating counts; "" is in none.
var routeRows = map[string]string{
	"5.6": "5.6", "5.7+": "5.7", "5.8": "5.8", "5.9": "5.9", "5.9+": "5.9", "5.10a": "5.10a", "5.10-": "5.10a", "5.10a/b": "5.10a", "5.10": "5.10b", "5.10b": "5.10b",
	"5.10c": "5.10c", "5.10+": "5.10c", "5.10d PG13": "5.10d", "5.11a R": "5.11a", "5.11c/d": "5.11c", "5.12a": "5.12a", "5.13b": "5.13b", "Easy Snow": "", "no idea": "",
}

var boulderRows = map[string]string{
	"V0-": "V0", "V0": "V0", "V0+": "V0", "V1": "V1", "V3-": "V2", "V3": "V3", "V3+": "V3", "V3-4": "V3", "V5": "V5", "V8": "V8", "V-easy": "VB", "no idea": "",
}

// ranked are the results that can count, the best first.
var ranked = []string{"onsight", "flash", "send", "redpoint", "pinkpoint", "lead", "unknown"}

// outcome is what a line says in one word, by the definitions of the columns.
func (l *line) outcome() string {
	switch {
	case l.leadStyle == "Onsight":
		return "onsight"
	case l.leadStyle == "Flash" || l.style == "Flash":
		return "flash"
	case l.style == "Send":
		return "send"
	case l.leadStyle == "Redpoint" || l.leadStyle == "Pinkpoint":
		return strings.ToLower(l.leadStyle)
	case l.leadStyle == "Fell/Hung" || l.style == "Attempt":
		return "attempt"
	}
	return map[string]string{"": "unknown", "Lead": "lead", "TR": "toprope", "Follow": "follow", "Solo": "solo"}[l.style]
}

// counted is the line that counts for a route.
type counted struct{ grade, result, date string }

// naivePyramid finds the line that counts for each route in the plainest way, from the words of the export.
func naivePyramid(lines []line, d climb.Discipline, filter Filter) (map[string]counted, PyramidLeftOut) {
	grades := routeRows
	if d == climb.Boulder {
		grades = boulderRows
	}
	routes := map[string]counted{}
	var out PyramidLeftOut
	for _, l := range lines {
		result := l.outcome()
		undetermined := result == "lead" || result == "unknown"
		switch {
		case !slices.Contains(strings.Split(strings.ToLower(l.routeType), ", "), string(d)):
			out.OtherDisciplines++
		case filter.LeadOnly && (l.style == "TR" || l.style == "Follow"):
			out.LeadOnly++
		case filter.Style != "" && !slices.Contains(strings.Split(filter.Style, ","), result):
			out.OtherResults++
		case result == "attempt":
			out.Attempts++
		case undetermined && !filter.CountUnknown:
			out.Undetermined++
		case !slices.Contains(ranked, result):
			out.OtherStyles++
		case grades[l.rating] == "":
			out.NoGrade++
		default:
			old, found := routes[l.route]
			if !found || slices.Index(ranked, result) < slices.Index(ranked, old.result) {
				routes[l.route] = counted{grades[l.rating], result, l.date}
			}
		}
	}
	return routes, out
}

// drawLine invents a line: of few routes, so that they repeat, and of any grade, because routes are graded anew.
func drawLine(t *rapid.T, day *int) line {
	*day += rapid.IntRange(0, 2).Draw(t, "days later")
	l := line{
		date:      time.Date(2020, 1, *day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly),
		route:     "Route " + strconv.Itoa(rapid.IntRange(1, 250).Draw(t, "route")),
		routeType: rapid.SampledFrom([]string{"Sport", "Sport", "Trad", "Trad, Sport", "Boulder"}).Draw(t, "type"),
		style:     rapid.SampledFrom([]string{"", "Lead", "Lead", "Lead", "TR", "Follow", "Solo", "Send", "Flash", "Attempt"}).Draw(t, "style"),
		leadStyle: rapid.SampledFrom([]string{"", "", "Onsight", "Flash", "Redpoint", "Pinkpoint", "Fell/Hung"}).Draw(t, "lead style"),
	}
	ratings := routeRows
	if l.routeType == "Boulder" {
		ratings = boulderRows
	}
	l.rating = rapid.SampledFrom(slices.Sorted(maps.Keys(ratings))).Draw(t, "rating")
	return l
}

// In 100 logbooks of 1,000 lines the pyramid is what plain counting finds, and every tick is counted once.
func TestPyramidEqualsPlainCounting(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		filter := Filter{
			Discipline:   rapid.SampledFrom([]climb.Discipline{climb.Sport, climb.Sport, climb.Trad, climb.Boulder}).Draw(t, "discipline"),
			Style:        rapid.SampledFrom([]string{"", "", "", "onsight,flash", "lead,unknown,attempt,toprope"}).Draw(t, "results"),
			LeadOnly:     rapid.Bool().Draw(t, "lead only"),
			CountUnknown: rapid.Bool().Draw(t, "count unknown"),
		}
		day := 1
		lines, ticks := make([]line, 1_000), make([]tick, 1_000)
		for i := range lines {
			l := drawLine(t, &day)
			lines[i] = l
			ticks[i] = entry(strconv.Itoa(i), l.date, l.route, l.rating, l.routeType, l.style, l.leadStyle)
		}
		want, out := naivePyramid(lines, filter.Discipline, filter)
		got := pyramidOf(ticks, filter)
		if shown := routesShown(t, got); !maps.Equal(shown, want) {
			t.Fatalf("routes\n got %v\nwant %v", shown, want)
		}
		if got.LeftOut != out || got.Routes != len(want) {
			t.Fatalf("%d routes, left out %+v, want %d and %+v", got.Routes, got.LeftOut, len(want), out)
		}
	})
}

// routesShown are the routes of a pyramid, whose sums and order it checks on the way.
func routesShown(t *rapid.T, p *Pyramid) map[string]counted {
	shown := map[string]counted{}
	for i, bin := range p.Bins {
		if i > 0 && bin.High+1 != p.Bins[i-1].Low {
			t.Fatalf("%s does not follow on %s", bin.Grade, p.Bins[i-1].Grade)
		}
		styles := map[string]int{}
		for _, r := range bin.Routes {
			shown[r.RouteName] = counted{bin.Grade, string(r.Result), r.Date}
			if r.Result.IsUndetermined() {
				styles["undetermined"]++
			} else {
				styles[string(r.Result)]++
			}
		}
		for style, n := range bin.Styles {
			if n != styles[style] {
				t.Fatalf("%s: %d routes by %s, counted %d", bin.Grade, styles[style], style, n)
			}
		}
		if len(bin.Routes) != bin.Count {
			t.Fatalf("%s lists %d routes of %d", bin.Grade, len(bin.Routes), bin.Count)
		}
	}
	if last := len(p.Bins) - 1; last >= 0 && (p.Bins[0].Count == 0 || p.Bins[last].Count == 0) {
		t.Fatal("the pyramid ends in an empty grade")
	}
	return shown
}
