package offline

import (
	"context"
	"time"

	"github.com/cragbase/cragbase/internal/coach"
)

// Insight is a card of what a logbook shows without a question. Its texts are plain, not Markdown.
type Insight struct {
	Title   string   `json:"title"`
	Text    string   `json:"text"`
	Figures []Figure `json:"figures"`
}

// Insights computes the cards of the user whose tools these are: where they stand, the pyramid, onsights, volume, projects and
// what to try next, in the discipline with the most sends. An empty logbook has one card that says so.
func Insights(ctx context.Context, tools []coach.Tool, now time.Time) ([]Insight, error) {
	f := newFigures(ctx, tools, func(string, string) error { return nil })
	c, err := f.profile()
	if err != nil {
		return nil, err
	}
	if c.Logbook.Ticks == 0 {
		empty := nothingYet()
		return []Insight{{empty.title, empty.text + " Import it, or log your first tick, on the Logbook page.", []Figure{}}}, nil
	}
	asked := understand("", now)
	asked.discipline = c.discipline("")
	var cards []Insight
	for _, s := range asked.sections() {
		found, err := s.compute(f, asked)
		if err != nil {
			return nil, err
		}
		cards = append(cards, Insight{found.title, found.text, append([]Figure{}, found.figures...)})
	}
	if c.Logbook.Ticks < fewTicks {
		cards[0].Text += " With so few ticks, " + tooFew
	}
	return cards, nil
}
