package usage

import (
	"encoding/json"
	"testing"
	"time"
	_ "time/tzdata" // the machine may have none
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

// Days of 23 and 25 hours change nothing: a message counts for 24 hours, whatever the clocks on the walls are set to.
func TestDaylightSaving(t *testing.T) {
	t.Parallel()
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ sent, leaves time.Time }{
		{time.Date(2026, 3, 28, 12, 0, 0, 1e6, zurich), time.Date(2026, 3, 29, 13, 0, 0, 1e6, zurich)},
		{time.Date(2026, 10, 24, 12, 0, 0, 1e6, zurich), time.Date(2026, 10, 25, 11, 0, 0, 1e6, zurich)},
		{time.Date(2026, 7, 24, 12, 0, 0, 1e6, zurich), time.Date(2026, 7, 25, 12, 0, 0, 1e6, zurich)},
	} {
		w := window{}.with(Place{Sent: test.sent.UnixMilli(), Number: 1})
		before, after := w.at(test.leaves.Add(-time.Millisecond)), w.at(test.leaves)
		if before.Messages != 1 || !before.ResetsAt.Equal(test.leaves) || after.Messages != 0 {
			t.Errorf("sent at %v: %+v a millisecond before %v, %+v then", test.sent, before, test.leaves, after)
		}
	}
}

// Windows from before places had numbers can be read.
func TestWindowOfBareTimes(t *testing.T) {
	t.Parallel()
	var w window
	if err := json.Unmarshal([]byte("[1795000000000,[1795000000000,7]]"), &w); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(w)
	if err != nil || string(text) != "[[1795000000000,0],[1795000000000,7]]" {
		t.Errorf("%s, %v", text, err)
	}
	for _, wrong := range []string{`["x"]`, `[{}]`, `[[1,"2"]]`, `{}`} {
		if err := json.Unmarshal([]byte(wrong), &w); err == nil {
			t.Errorf("%s was read", wrong)
		}
	}
}
