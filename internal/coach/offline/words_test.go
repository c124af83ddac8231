package offline

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cragbase/cragbase/internal/analytics"
	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/coach/tools"
)

func TestUnderstand(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 3, 0, 0, 0, time.FixedZone("east", 5*60*60)) // still 2025 in UTC
	const overview = "standing pyramid onsight volume next"
	for question, want := range map[string][4]string{ // topics, discipline, year, sections
		"":                                      {"", "", "", overview},
		"Tell me a joke":                        {"", "", "", overview},
		"Any restaurants in Iceland?":           {"", "", "", overview},
		"the number 12024 and 2101 are no year": {"", "", "", overview},
		"PYRAMID!":                              {"pyramid", "", "", "pyramid next"},
		"Which grades did I boulder in 2024?":   {"pyramid", "boulder", "2024", "pyramid next"},
		"How much this year":                    {"volume", "", "2025", "volume"},
		"progress last year, trad":              {"progress", "trad", "2024", "progress"},
		"onsight or flash on top-rope":          {"onsight", "tr", "", "onsight"},
		"Where next?":                           {"next crags", "", "", "next crags"},
		"A plan for ice, my elbow hurts":        {"health plan", "ice", "", "health volume"},
		"plan a month with my old projects":     {"volume projects plan", "", "", "pyramid volume projects plan"},
	} {
		q := understand(question, now)
		var topics, sections []string
		for _, topic := range q.topics {
			topics = append(topics, string(topic))
		}
		for _, s := range q.sections() {
			sections = append(sections, s.name)
		}
		year, _, _ := strings.Cut(q.from, "-")
		if got := [4]string{strings.Join(topics, " "), string(q.discipline), year, strings.Join(sections, " ")}; got != want {
			t.Errorf("%q: %q, want %q", question, got, want)
		}
	}
}

// Every section can be asked for by some word, and the words name sections that there are.
func TestTopicsHaveSections(t *testing.T) {
	t.Parallel()
	reached := map[string]bool{"standing": true} // of the answer to what was not understood
	for _, topic := range topicOrder() {
		if len(stems()[topic]) == 0 {
			t.Errorf("no word for %s", topic)
		}
		for _, name := range sectionsOf(topic) {
			reached[name] = true
			if !slices.ContainsFunc(allSections(), func(s section) bool { return s.name == name }) {
				t.Errorf("%s: there is no section %s", topic, name)
			}
		}
	}
	if len(reached) != len(allSections()) || len(topicOrder()) != len(stems()) {
		t.Errorf("sections that words lead to: %v", reached)
	}
}

func TestTrend(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		now, before int
		want        string
	}{
		{0, 0, "Nothing is logged in the last 180 days."},
		{0, 9, "Begin again with less"},
		{9, 0, "there is no trend yet"},
		{150, 100, "50 % more pitches than in the 90 days before. That is a steep rise"},
		{149, 100, "You climbed 49 % more pitches than in the 90 days before."},
		{110, 100, "10 % more"},
		{109, 100, "about as many"},
		{91, 100, "about as many"},
		{90, 100, "10 % fewer"},
		{1, 100, "99 % fewer"},
	} {
		if got := trend(test.now, test.before); !strings.Contains(got, test.want) {
			t.Errorf("%d after %d: %s", test.now, test.before, got)
		}
	}
}

func TestGap(t *testing.T) {
	t.Parallel()
	for grades, want := range map[int]string{-2: "as hard as", 0: "as hard as", 1: "1 grade above your hardest onsight. As a rule of thumb that is close", 2: "2 grades above", 4: "usual distance", 5: "far: more routes"} {
		if got := gap(grades, nouns(climb.Sport)); !strings.Contains(got, want) {
			t.Errorf("%d: %s", grades, got)
		}
	}
}

func TestSteps(t *testing.T) {
	t.Parallel()
	rows := func(gaps ...int) *tools.Pyramid {
		goal := &tools.Goal{Grade: "G0"}
		for i, gap := range gaps {
			goal.Rows = append(goal.Rows, analytics.GoalRow{Grade: fmt.Sprintf("G%d", i), Target: 5, Gap: gap})
		}
		return &tools.Pyramid{Routes: 1, Goal: goal}
	}
	for want, p := range map[string]*tools.Pyramid{
		"without one there is no next grade":                          {},
		"Your pyramid is full: try G0":                                rows(0, 0),
		"Your base is there. What is missing for the next grade is 1": rows(1, 0),
		"What is missing is 3 at G2, 2 at G1 and 1 at G0.":            rows(1, 2, 3),
	} {
		if got := steps(p); !strings.Contains(got, want) {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestProjectsInReach(t *testing.T) {
	t.Parallel()
	above := func(n int) *int { return &n }
	open := []tools.Project{
		{Route: "far", GradesAboveBest: above(2)},
		{Route: "above", GradesAboveBest: above(1)},
		{Route: "at", GradesAboveBest: above(0)},
		{Route: "unknown"},
		{Route: "below", GradesAboveBest: above(-1)},
		{Route: "also at", GradesAboveBest: above(0)},
	}
	var routes []string
	for _, p := range inReach(open) {
		routes = append(routes, p.Route)
	}
	if got := strings.Join(routes, ", "); got != "below, at, also at" {
		t.Error(got)
	}
}

func TestBestSoFar(t *testing.T) {
	t.Parallel()
	for want, seasons := range map[string][]tools.Progress{
		"Your best has been 5.9 since Fall.":                     {{Period: "Spring", BestSoFar: "5.9"}, {Period: "Fall", BestSoFar: "5.9"}},
		"Your best is 5.9 since Fall; before that it was 5.8.":   {{Period: "Spring", BestSoFar: "5.9"}, {Period: "Fall", BestSoFar: "5.9"}, {Period: "Winter", BestSoFar: "5.8"}},
		"Your best is 5.9 since Spring; before that it was 5.8.": {{Period: "Spring", BestSoFar: "5.9"}, {Period: "Winter", BestSoFar: "5.8"}},
	} {
		if got := best(seasons); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestEscape(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Granite State > Echo Dome":      "Granite State > Echo Dome",
		"5.10a, V3-4 (8 routes)":         "5.10a, V3-4 (8 routes)",
		"*a* _b_ `c` [d](e) ![f](g)":     `\*a\* \_b\_ \` + "`c\\`" + ` \[d\](e) !\[f\](g)`,
		"<b>&amp;</b>":                   `\<b>\&amp;\</b>`,
		"https://evil.example me@evil.x": `https\://evil.example me\@evil.x`,
		"WWW.evil.example":               `WWW\.evil.example`,
		`\`:                              `\\`,
	} {
		if got := escape(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestWriting(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1_000: "1,000", 1_234_567: "1,234,567"} {
		if got := thousands(n); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	got := []string{list(nil), list([]string{"a"}), list([]string{"a", "b", "c"}), count(1, "day", "days"), date("2026-05-02"), named(climb.TopRope)}
	if want := []string{"", "a", "a, b and c", "1 day", "2 May 2026", "top-rope"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
