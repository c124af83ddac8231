package offline

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
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
	for question, want := range map[string][4]string{ // topics, discipline, years, sections
		"":                                      {"", "", "", overview},
		"Tell me a joke":                        {"", "", "", overview},
		"Any restaurants in Iceland?":           {"", "", "", overview},
		"the number 12024 and 2101 are no year": {"", "", "", overview},
		"PYRAMID!":                              {"pyramid", "", "", "pyramid next"},
		"Which grades did I boulder in 2024?":   {"pyramid", "boulder", "2024", "pyramid next"},
		"How much this year":                    {"volume", "", "2025", "compare"},
		"progress last year, trad":              {"progress", "trad", "2024", "progress"},
		"onsight or flash on top-rope":          {"onsight", "tr", "", "onsight"},
		"Where next?":                           {"next", "", "", "next"},
		"Where?":                                {"crags", "", "", "crags"},
		"Where did I climb in 2024 and 2025?":   {"crags", "", "2024 2025", "crags"},
		"Where are the gaps in my pyramid?":     {"pyramid", "", "", "pyramid next"},
		"Where are my gaps?":                    {"pyramid", "", "", "pyramid next"},
		"Where do I stand?":                     {"standing", "", "", overview},
		"Is that the standard?":                 {"", "", "", overview},
		"Hard top rope, and top  roping":        {"", "tr", "", overview},
		"2024":                                  {"", "", "2024", "standing compare pyramid onsight next"},
		"2024, 2023":                            {"compare", "", "2023 2024", "compare"},
		"compare 2024 and 2025":                 {"compare", "", "2024 2025", "compare"},
		"2025 vs 2024 in sport":                 {"compare", "sport", "2024 2025", "compare"},
		"this year versus last year":            {"compare", "", "2024 2025", "compare"},
		"this year's, compared to the last one": {"compare", "", "2024 2025", "compare"},
		"compare 2022 with the year before":     {"compare", "", "2021 2022", "compare"},
		"this year vs the year before last":     {"compare", "", "2023 2025", "compare"},
		"compare my years":                      {"compare", "", "2024 2025", "compare"},
		"compare with 2019":                     {"compare", "", "2019 2025", "compare"},
		"compare this year":                     {"compare", "", "2025", "compare"},
		"Am I better than last year?":           {"compare progress", "", "2024 2025", "compare progress"},
		"How much in 2022, 2023 vs 2024?":       {"compare volume", "", "2022 2023 2024", "compare"},
		"How much the previous year?":           {"volume", "", "2024", "compare"},
		"my pyramid of 2023 and 2024":           {"pyramid", "", "2023 2024", "pyramid next"},
		"onsights versus redpoints":             {"onsight", "", "", "onsight"},
		"How do I compare to others?":           {"", "", "", overview},
		"How much did I hurt this year?":        {"health volume", "", "2025", "health volume"},
		"A plan, and how much in 2024":          {"volume plan", "", "2024", "compare pyramid volume plan"},
		"A plan for this year":                  {"plan", "", "2025", "pyramid volume plan"},
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
		years := strings.Trim(fmt.Sprint(q.years), "[]")
		if got := [4]string{strings.Join(topics, " "), string(q.discipline), years, strings.Join(sections, " ")}; got != want {
			t.Errorf("%q: %q, want %q", question, got, want)
		}
	}
}

// Every section can be asked for by some word, and the words name sections that there are.
func TestTopicsHaveSections(t *testing.T) {
	t.Parallel()
	words, order := stems(), topicOrder()
	for _, f := range otherwise() {
		if !slices.Contains(order, f.topic) {
			words[f.topic], order = f.stems, append(order, f.topic)
		}
	}
	reached := map[string]bool{}
	for _, topic := range order {
		if len(words[topic]) == 0 {
			t.Errorf("no word for %s", topic)
		}
		for _, name := range sectionsOf(topic) {
			reached[name] = true
			if !slices.ContainsFunc(allSections(), func(s section) bool { return s.name == name }) {
				t.Errorf("%s: there is no section %s", topic, name)
			}
		}
	}
	if len(reached) != len(allSections()) || len(order) != len(words) {
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
		{1, 9, "You climbed 1 pitch, and 9 in the 90 days before. That is too little"},
		{2_000, 9, "You climbed 2,000 pitches, and 9 in the 90 days before. That is too little"},
		{11, 10, "10 % more"},
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
	flat := []tools.Progress{{Period: "Spring", BestSoFar: "5.9"}, {Period: "Fall", BestSoFar: "5.9"}}
	risen := append(slices.Clone(flat), tools.Progress{Period: "Winter", BestSoFar: "5.8"})
	year := func(n int) question {
		return question{running: 2026, from: fmt.Sprintf("%d-01-01", n), to: fmt.Sprintf("%d-12-31", n)}
	}
	for rule, test := range map[string]struct {
		seasons   []tools.Progress
		truncated bool
		question  question
		want      string
	}{
		"no change in all years":           {flat, false, question{}, "Your best has been 5.9 since Fall."},
		"no change in those shown":         {flat, true, question{}, "Your best so far is 5.9."},
		"no change in the running year":    {flat, false, year(2026), "Your best so far is 5.9."},
		"no change in a year that is over": {flat, false, year(2025), "Your best by then was 5.9."},
		"a change":                         {risen, false, question{}, "Your best is 5.9 since Fall; before that it was 5.8."},
		"a change in those shown":          {risen, true, question{}, "Your best is 5.9 since Fall; before that it was 5.8."},
		"a change in the running year":     {risen, false, year(2026), "Your best is 5.9 since Fall; before that it was 5.8."},
		"a change in a year that is over":  {risen, false, year(2025), "Your best became 5.9 in Fall; before that it was 5.8."},
		"a change in the last season":      {risen[1:], false, question{}, "Your best is 5.9 since Fall; before that it was 5.8."},
	} {
		p := &tools.Progression{About: tools.About{Truncated: test.truncated}, Periods: test.seasons}
		if got := best(p, &test.question); got != test.want {
			t.Errorf("%s: %s, want %s", rule, got, test.want)
		}
	}
}

func TestChangeBetweenYears(t *testing.T) {
	t.Parallel()
	of := func(year, pitches int) side {
		return side{year, tools.Amount{Ticks: pitches, Pitches: pitches}}
	}
	for rule, test := range map[string]struct {
		a, b side
		only climb.Discipline
		want string
	}{
		"more":                    {of(2023, 1_000), of(2024, 1_100), "", "You climbed 1,100 pitches in 2024, 10 % more than the 1,000 in 2023."},
		"about as many":           {of(2023, 100), of(2024, 91), "", "You climbed 91 pitches in 2024, about as many as the 100 in 2023."},
		"fewer, not over":         {of(2023, 100), of(2026, 1), "", "You have climbed 1 pitch in 2026 so far, 99 % fewer than the 100 in 2023. 2026 is not over: it ends on 31 December."},
		"too few for percent":     {of(2023, 9), of(2024, 90), "", "You climbed 90 pitches in 2024, and 9 in 2023."},
		"nothing before":          {of(2023, 0), of(2024, 90), "", "You climbed 90 pitches in 2024. Nothing is logged in 2023."},
		"nothing after":           {of(2023, 90), of(2024, 0), climb.Ice, "You climbed 90 pitches in 2023. Nothing in ice is logged in 2024."},
		"nothing":                 {of(2023, 0), of(2024, 0), "", "Nothing is logged in 2023 and 2024."},
		"nothing yet":             {of(2026, 0), of(2027, 0), "", "Nothing is logged in 2026. 2026 is not over: it ends on 31 December. 2027 has not begun."},
		"years to come":           {of(2027, 0), of(2028, 0), "", "2027 and 2028 have not begun."},
		"a tick in a future year": {of(2026, 20), of(2027, 2), "", "You climbed 2 pitches in 2027, 90 % fewer than the 20 in 2026. 2026 is not over: it ends on 31 December. 2027 has not begun."},
	} {
		if got := change(test.a, test.b, &question{running: 2026, only: test.only}); got != test.want {
			t.Errorf("%s: %s", rule, got)
		}
	}
}

// What the app proposes to ask is understood.
func TestExampleQuestions(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile(filepath.Join("..", "..", "..", "web", "src", "lib", "chat", "words.ts"))
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(source), "exampleQuestions = [")
	list, _, _ = strings.Cut(list, "]")
	want := map[string]string{
		"Where are the gaps in my pyramid?":             "pyramid",
		"How did this year go, compared with the last?": "compare",
		"Which grade should I try next?":                "pyramid next",
		"Which of my projects is closest?":              "projects next",
	}
	found := regexp.MustCompile(`'([^']+)'`).FindAllStringSubmatch(list, -1)
	if len(found) != len(want) {
		t.Errorf("questions %v", found)
	}
	for _, question := range found {
		q := understand(question[1], time.Date(2026, 11, 25, 18, 0, 0, 0, time.UTC))
		if got := strings.Trim(fmt.Sprint(q.topics), "[]"); got != want[question[1]] || got == "" {
			t.Errorf("%s: %s", question[1], got)
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
