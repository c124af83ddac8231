package analytics

import (
	"fmt"
	"testing"

	"github.com/cragbase/cragbase/internal/climb"
)

func TestStanding(t *testing.T) {
	t.Parallel()
	all := []tick{
		sport("1", "2026-01-01", "A", "5.10a", "Onsight"),
		sport("2", "2026-01-02", "B", "5.11a", "Redpoint"),
		sport("3", "2026-01-03", "C", "5.11a", "Redpoint"),
		sport("4", "2026-01-04", "D", "5.12a", "Fell/Hung"),
		sport("5", "2026-01-05", "E", "5.10c", "Flash"),
		entry("6", "2026-01-06", "F", "V3", "Boulder", "Flash", ""),
		entry("7", "2026-01-07", "G", "V4", "Boulder", "Send", ""),
		entry("8", "2026-01-08", "H", "5.6", "Trad", "Follow", ""),
	}
	s := standingOf(all, Filter{Usual: Scales{Route: climb.French}})
	got := ""
	for _, h := range s.Hardest {
		got += fmt.Sprintf("%s in %s:", h.Discipline, h.Scale)
		for _, best := range h.ByResult {
			got += fmt.Sprintf(" %s %s on %s,", best.Result, best.Grade, best.Date)
		}
		got += fmt.Sprintf(" gap %d\n", *h.Gap)
	}
	// 5.10a is 5c+/6a, 5.11a 6b+/6c: the lower one counts. A flash is an onsight of boulders only, the first send of a grade dates it, and what was only followed is no send.
	want := "sport in french: onsight 5c+ on 2026-01-01, flash 6b on 2026-01-05, redpoint 6b+ on 2026-01-02, gap 4\n" +
		"boulder in v: flash V3 on 2026-01-06, send V4 on 2026-01-07, gap 1\n"
	if got != want || s.Totals.Ticks != len(all) {
		t.Errorf("%d ticks\n%s\nwant\n%s", s.Totals.Ticks, got, want)
	}
	if s := standingOf(all, Filter{Discipline: climb.Boulder}); len(s.Hardest) != 1 || s.Hardest[0].Discipline != climb.Boulder {
		t.Errorf("of boulders: %+v", s.Hardest)
	}
}
