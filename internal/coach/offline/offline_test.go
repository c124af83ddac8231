package offline_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cragbase/cragbase/internal/coach"
	"github.com/cragbase/cragbase/internal/coach/offline"
	"github.com/cragbase/cragbase/internal/coach/tools"
	"github.com/cragbase/cragbase/internal/logbook"
	"github.com/cragbase/cragbase/internal/pbtest"
)

var update = flag.Bool("update", false, "write the answers that are computed now to testdata")

// today is when all questions are asked.
func today() time.Time { return time.Date(2026, 11, 25, 18, 0, 0, 0, time.UTC) }

// transcript is a Sink that remembers.
type transcript struct {
	text   strings.Builder
	tools  []string
	deltas int
	longer int // bytes of the longest delta
	refuse error
}

func (s *transcript) Tool(name, summary string) error {
	s.tools = append(s.tools, name+": "+summary)
	return s.refuse
}

func (s *transcript) Delta(text string) error {
	if text == "" {
		panic("an empty delta")
	}
	s.deltas++
	s.longer = max(s.longer, len(text))
	s.text.WriteString(text)
	return s.refuse
}

// climber is a user with a logbook; its content is a Mountain Project export.
func climber(t testing.TB, content string) (*pbtest.App, []coach.Tool) {
	t.Helper()
	app := pbtest.New(t)
	if content != "" {
		report, err := logbook.Import(app, pbtest.OwnerID, logbook.File{Name: "ticks.csv", Content: []byte(content)}, logbook.SourceAuto, logbook.Merge, logbook.Limits{})
		if err != nil || report.Created != report.Rows {
			t.Fatal(report, err)
		}
	}
	return app, tools.For(app, pbtest.OwnerID, today)
}

// example is the logbook that is worked out by hand in the tests of the tools.
func example(t testing.TB) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "tools", "testdata", "ticks.csv"))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// ask returns the whole answer, with the tools that were used.
func ask(t testing.TB, with []coach.Tool, content string) *transcript {
	t.Helper()
	var out transcript
	ending, err := offline.New().Answer(t.Context(), coach.Question{Content: content, Tools: with, Now: today()}, &out)
	if err != nil || ending != (coach.Ending{FinishReason: "stop"}) {
		t.Fatalf("%s: %+v, %v", content, ending, err)
	}
	return &out
}

// Answers are pinned word for word; what is in them follows from the example by hand.
func TestAnswers(t *testing.T) {
	t.Parallel()
	_, with := climber(t, example(t))
	for name, question := range map[string]string{
		"overview":      "Hello!",
		"pyramid":       "How does my pyramid look?",
		"boulder":       "Which grade am I bouldering at?",
		"year":          "Show me my pyramid of 2025",
		"progress":      "Am I stuck on a plateau?",
		"onsight":       "How far are my onsights behind?",
		"volume":        "How much have I climbed lately?",
		"projects":      "What about my projects, and what should I try next?",
		"crags":         "Where do I climb most?",
		"plan":          "Make me a training plan",
		"health":        "My finger hurts after crimping, should I rest?",
		"not-logged":    "Any progress in ice climbing?",
		"compare":       "How did this year go, compared with the last?",
		"progress-year": "Any progress in 2025?",
		"onsight-year":  "My onsights in 2025",
		"volume-year":   "How much did I climb in 2025?",
		"running":       "The gaps in my pyramid of this year",
		"closest":       "Which of my projects is closest?",
		"about-year":    "Tell me about 2025",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ask(t, with, question)
			golden(t, name, "> "+question+"\n\n"+strings.Join(got.tools, "\n")+"\n\n"+got.text.String())
			if again := ask(t, with, question); again.text.String() != got.text.String() {
				t.Errorf("the same question has another answer:\n%s", again.text.String())
			}
		})
	}
}

// Years that nobody climbed in, that are equal, or too many: all have an answer, and it says what it looks at.
func TestOddYears(t *testing.T) {
	t.Parallel()
	_, with := climber(t, example(t))
	var text strings.Builder
	for _, question := range []string{
		"compare 2025 and 2025", "compare 2026 and 2027", "2077 versus 2078", "Compare 2024, 2025 and 2026", "How much last year?", "How much did I climb in 1950?",
		"How much will I climb in 2077?", "compare my bouldering in 2025 and 2026", "compare 1950", "My pyramid, progress, crags and onsights in 1950", "My pyramid and progress in 2077",
		"My progress from 2025 to 2026", "compare ice in 2025 and 2026",
	} {
		got := ask(t, with, question)
		text.WriteString("> " + question + "\n\n" + strings.Join(got.tools, "\n") + "\n\n" + got.text.String() + "\n")
	}
	golden(t, "odd-years", text.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".md")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is now:\n%s", path, got)
	}
}
