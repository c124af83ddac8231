package sourcetest

import (
	"testing"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/entry"
)

func soundTick() entry.Tick {
	return entry.Tick{
		Line: 2, Date: "2026-05-01", RouteName: "Kettle", Pitches: 1, AvgStars: 3.5, YourStars: -1, Style: climb.StyleLead, LeadStyle: climb.LeadOnsight,
		Disciplines: []climb.Discipline{climb.Trad, climb.Sport}, Location: []string{"France", "Anthill"}, Traits: []string{"roof", "slab"},
		RouteURL: "https://example.com/route/7",
	}
}

// The suite is only worth something if it sees what is wrong.
func TestProblemsAreSeen(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*entry.Tick){
		"no date":              func(t *entry.Tick) { t.Date = "2026-02-31" },
		"after tomorrow":       func(t *entry.Tick) { t.Date = "2026-06-17" },
		"too precise a month":  func(t *entry.Tick) { t.Date, t.Precision = "2026-05-02", entry.Month },
		"too precise a year":   func(t *entry.Tick) { t.Precision = entry.Year },
		"unknown precision":    func(t *entry.Tick) { t.Precision = "decade" },
		"no line":              func(t *entry.Tick) { t.Line = 0 },
		"no name":              func(t *entry.Tick) { t.RouteName = "" },
		"space around a name":  func(t *entry.Tick) { t.RouteName = "Kettle " },
		"no pitch":             func(t *entry.Tick) { t.Pitches = 0 },
		"negative attempts":    func(t *entry.Tick) { t.Attempts = -1 },
		"five stars":           func(t *entry.Tick) { t.AvgStars = 5 },
		"foreign style":        func(t *entry.Tick) { t.Style = "led" },
		"foreign lead style":   func(t *entry.Tick) { t.LeadStyle = "rp" },
		"foreign feel":         func(t *entry.Tick) { t.Feel = "easy" },
		"foreign discipline":   func(t *entry.Tick) { t.Disciplines[0] = "dws" },
		"a discipline twice":   func(t *entry.Tick) { t.Disciplines[1] = climb.Trad },
		"an area without name": func(t *entry.Tick) { t.Location[0] = "" },
		"traits unsorted":      func(t *entry.Tick) { t.Traits[0] = "vertical" },
		"a trait in capitals":  func(t *entry.Tick) { t.Traits[0] = "Roof" },
		"a script as address":  func(t *entry.Tick) { t.RouteURL = "javascript:alert(1)" },
		"a NUL":                func(t *entry.Tick) { t.Notes = "a\x00" },
		"not UTF-8":            func(t *entry.Tick) { t.Location[1] = "\xff" },
	}
	for rule, spoil := range tests {
		tick := soundTick()
		if problem := problemOf(&tick, "2026-06-16"); problem != "" {
			t.Fatalf("a sound tick: %s", problem)
		}
		if spoil(&tick); problemOf(&tick, "2026-06-16") == "" {
			t.Errorf("%s is not seen", rule)
		}
	}
}

func TestRemarksAreForUsers(t *testing.T) {
	t.Parallel()
	for reason, fine := range map[string]bool{
		"the date is missing":             true,
		`the name "strconv" is too long`:  true,
		"":                                false,
		"the date is missing.":            false,
		"strconv.Atoi: parsing \"x\"":     false,
		"unexpected EOF":                  false,
		"the grade %!s(MISSING) is wrong": false,
	} {
		if problem := problemOfRemark(entry.Remark{Line: 1, Reason: reason}); (problem == "") != fine {
			t.Errorf("%q: %q", reason, problem)
		}
	}
	if problemOfRemark(entry.Remark{Reason: "the date is missing"}) == "" {
		t.Error("a remark without a line is not seen")
	}
}
