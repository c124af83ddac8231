package offline_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/pocketbase/dbx"

	"github.com/cragbase/cragbase/internal/coach"
	"github.com/cragbase/cragbase/internal/coach/offline"
	"github.com/cragbase/cragbase/internal/coach/tools"
	"github.com/cragbase/cragbase/internal/logbook"
	"github.com/cragbase/cragbase/internal/pbtest"
)

const header = `Date,Route,Rating,Notes,URL,Pitches,Location,"Avg Stars","Your Stars",Style,"Lead Style","Route Type","Your Rating",Length,"Rating Code"` + "\n"

// Without figures there is no answer, and the way to get some is shown.
func TestLogbooksThatAreTooSmall(t *testing.T) {
	t.Parallel()
	_, empty := climber(t, "")
	got := ask(t, empty, "How is my pyramid?")
	golden(t, "empty", got.text.String())
	_, small := climber(t, header+
		"2026-11-21,New,5.9,,https://www.mountainproject.com/route/100000099/x,1,Granite State > Echo Dome,3,-1,Lead,Fell/Hung,Sport,,80,\n")
	got = ask(t, small, "Hello, what about my progress, crags, projects, onsights and a plan?")
	golden(t, "small", got.text.String())

	cards, err := offline.Insights(t.Context(), small, today())
	if err != nil || !strings.HasSuffix(cards[0].Text, "With so few ticks, these figures rest on little. Take them as a beginning: a trend needs more.") {
		t.Errorf("insights: %+v, %v", cards, err)
	}
}

func TestAnswersStream(t *testing.T) {
	t.Parallel()
	_, with := climber(t, example(t))
	got := ask(t, with, "Hello")
	if text := got.text.String(); got.deltas < len(text)/80 || got.longer > 80 {
		t.Errorf("%d bytes in %d deltas of up to %d", len(text), got.deltas, got.longer)
	}
	if len(got.tools) != 4 {
		t.Errorf("tools %v: each question is asked once", got.tools)
	}
}

func TestAnswersEnd(t *testing.T) {
	t.Parallel()
	_, with := climber(t, example(t))
	question := coach.Question{Content: "Hello", Tools: with, Now: today()}
	gone := errors.New("the reader has gone")
	if _, err := offline.New().Answer(t.Context(), question, &transcript{refuse: gone}); !errors.Is(err, gone) {
		t.Errorf("when its sink fails: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := offline.New().Answer(ended, question, &transcript{}); !errors.Is(err, context.Canceled) {
		t.Errorf("after its context has ended: %v", err)
	}
	midway, stop := context.WithCancel(t.Context())
	out := &stopping{stop: stop, after: 5}
	if _, err := offline.New().Answer(midway, question, out); !errors.Is(err, context.Canceled) || out.deltas != 5 {
		t.Errorf("stopped after 5 deltas: %d, %v", out.deltas, err)
	}
}

// stopping ends the context of an answer after some deltas.
type stopping struct {
	transcript
	stop  func()
	after int
}

func (s *stopping) Delta(text string) error {
	if err := s.transcript.Delta(text); err != nil {
		return err
	}
	if s.deltas == s.after {
		s.stop()
	}
	return nil
}

func TestFailures(t *testing.T) {
	t.Parallel()
	cause := fmt.Errorf("%w: no table", coach.ErrInternal)
	_, good := climber(t, example(t))
	for rule, with := range map[string][]coach.Tool{
		"a tool that fails": {{Name: tools.GetProfile, Run: func(context.Context, json.RawMessage) (coach.ToolResult, error) { return coach.ToolResult{}, cause }}},
		"a tool without sense": {{Name: tools.GetProfile, Run: func(context.Context, json.RawMessage) (coach.ToolResult, error) {
			return coach.ToolResult{JSON: []byte("[")}, nil
		}}},
		"no tool":                nil,
		"a tool that is missing": good[:1],
	} {
		var failed *coach.ModelError
		_, err := offline.New().Answer(t.Context(), coach.Question{Content: "Hello", Tools: with, Now: today()}, &transcript{})
		if !errors.As(err, &failed) || failed.Code != coach.ModelFailed {
			t.Errorf("%s: %v", rule, err)
		}
		if _, err := offline.Insights(t.Context(), with, today()); !errors.As(err, &failed) {
			t.Errorf("%s, insights: %v", rule, err)
		}
	}
}

// Names of a logbook are written, and do nothing: no mark, no HTML, no address.
func TestNamesAreWrittenAsTheyAre(t *testing.T) {
	t.Parallel()
	app, with := climber(t, example(t))
	const name = "![x](https://evil.example/a_b) <img src=x onerror=alert(1)> www.evil.example **bold**"
	if _, err := app.NonconcurrentDB().Update("ticks", dbx.Params{"route_name": name, "location": name + " > " + name}, dbx.HashExp{"user": pbtest.OwnerID}).Execute(); err != nil {
		t.Fatal(err)
	}
	text := ask(t, with, "projects, plan, crags, next, pyramid").text.String()
	if !strings.Contains(text, `!\[x\](https\://evil.example/a\_b) \<img src=x onerror=alert(1)>`) {
		t.Errorf("the name is not there:\n%s", text)
	}
	for _, alive := range []string{`[^\\]<`, `[^\\]\[`, `https:`, `www\.e`, `[^\\*]\*\*b`} {
		if found := regexp.MustCompile(alive).FindString(text); found != "" {
			t.Errorf("%s is alive:\n%s", found, text)
		}
	}
}

// An answer has nothing of another user.
func TestNothingOfAnotherUser(t *testing.T) {
	t.Parallel()
	app, with := climber(t, example(t))
	const canary = "CANARYofSTAN"
	theirs := header + strings.Repeat("2026-11-21,"+canary+",5.13a,"+canary+",https://www.mountainproject.com/route/100000099/x,1,"+canary+" > "+canary+",3,-1,Lead,Fell/Hung,Sport,,80,\n", 3)
	if _, err := logbook.Import(app, pbtest.StrangerID, logbook.File{Name: "ticks.csv", Content: []byte(theirs)}, logbook.SourceAuto, logbook.Merge, logbook.Limits{}); err != nil {
		t.Fatal(err)
	}
	for _, question := range []string{"Hello", "pyramid progress onsight volume projects next crags plan", "Show me the projects of " + pbtest.StrangerID + " " + canary} {
		got := ask(t, with, question)
		if text := got.text.String() + strings.Join(got.tools, ""); strings.Contains(text, canary) || strings.Contains(text, "5.13a") {
			t.Errorf("%s: %s", question, text)
		}
	}
	cards, err := offline.Insights(t.Context(), with, today())
	if text, _ := json.Marshal(cards); err != nil || strings.Contains(string(text), canary) {
		t.Errorf("%s, %v", text, err)
	}
}

func TestInsights(t *testing.T) {
	t.Parallel()
	_, with := climber(t, example(t))
	cards, err := offline.Insights(t.Context(), with, today())
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(cards, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "insights", string(text)+"\n")

	_, empty := climber(t, "")
	cards, err = offline.Insights(t.Context(), empty, today())
	if err != nil || len(cards) != 1 || cards[0].Figures == nil || !strings.Contains(cards[0].Text, "Import") {
		t.Errorf("of an empty logbook: %+v, %v", cards, err)
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	if name := offline.New().Name(); !strings.Contains(name, "without a language model") {
		t.Errorf("name %q", name)
	}
}

// An answer over 5,000 ticks, computed anew, and from what a kit remembers.
func BenchmarkAnswer(b *testing.B) {
	var rows strings.Builder
	rows.WriteString(header)
	for i := range 5_000 {
		fmt.Fprintf(&rows, "20%02d-%02d-%02d,Route %d,5.1%d%c,,https://www.mountainproject.com/route/1%08d/x,1,State > Area %d > Wall %d,3,-1,Lead,%s,Sport,,80,\n",
			17+i%10, 1+i%11, 1+i%27, i%3_000, i%3, 'a'+rune(i%4), i%3_000, i%40, i%200, []string{"Onsight", "Redpoint", "Fell/Hung"}[i%3])
	}
	app, anew := climber(b, rows.String())
	kit, err := tools.New()
	if err != nil {
		b.Fatal(err)
	}
	for name, with := range map[string]func() []coach.Tool{
		"anew":       func() []coach.Tool { return anew },
		"remembered": func() []coach.Tool { return kit.For(app, pbtest.OwnerID, today) },
	} {
		b.Run(name, func(b *testing.B) {
			ask(b, with(), "Hello") // so that there is something to remember
			for b.Loop() {
				ask(b, with(), "Hello")
			}
		})
	}
}
