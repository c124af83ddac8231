package usage

import (
	"testing"
	"time"
)

func TestCountRollsOver24Hours(t *testing.T) {
	t.Parallel()
	sent := time.Date(2026, 11, 22, 8, 0, 0, 5e6, time.UTC)
	w := window{{Sent: sent.UnixMilli()}, {Sent: sent.Add(time.Hour).UnixMilli()}}
	for _, test := range []struct {
		rule   string
		now    time.Time
		count  int
		resets time.Time
	}{
		{"both count", sent.Add(2 * time.Hour), 2, sent.Add(Window)},
		{"the first counts to the last millisecond", sent.Add(Window - time.Millisecond), 2, sent.Add(Window)},
		{"and not for 24 hours", sent.Add(Window), 1, sent.Add(time.Hour + Window)},
		{"the second leaves in its turn", sent.Add(time.Hour + Window), 0, time.Time{}},
		{"a clock set back counts again what had left", sent.Add(Window - time.Hour), 2, sent.Add(Window)},
	} {
		got := w.at(test.now)
		if got.Messages != test.count || !got.ResetsAt.Equal(test.resets) || !got.LastMessage.Equal(sent.Add(time.Hour)) {
			t.Errorf("%s: got %+v, want %d until %v", test.rule, got, test.count, test.resets)
		}
	}
}
