package analytics

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/climb"
)

// padding is a chart whose answers are as long as its filter's area, and counts how often it is computed.
func padding(computed *atomic.Int64) *Chart {
	return &Chart{Name: "padding", compute: func(_ core.App, _ string, filter Filter) (answer, error) {
		computed.Add(1)
		return &Pyramid{Basis: Basis{Rule: filter.Area}}, nil
	}}
}

func emptyAnswers(t *testing.T, most, maxBytes int) *Answers {
	t.Helper()
	answers, err := newAnswers(most, maxBytes)
	if err != nil {
		t.Fatal(err)
	}
	return answers
}

func (a *Answers) mustBody(t *testing.T, chart *Chart, key Key) []byte {
	t.Helper()
	body, err := a.Body(nil, chart, key)
	if err != nil {
		t.Error(err)
	}
	return body
}

func TestAnswersAreComputedOnce(t *testing.T) {
	t.Parallel()
	var computed atomic.Int64
	chart, answers := padding(&computed), emptyAnswers(t, 10, 1<<20)
	key := Key{user: "u", chart: "padding", filter: Filter{Area: "Here"}, version: 1}
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			if body := answers.mustBody(t, chart, key); !bytes.Contains(body, []byte(`"rule":"Here"`)) {
				t.Errorf("got %s", body)
			}
		})
	}
	all.Wait()
	if computed.Load() != 1 {
		t.Errorf("computed %d times", computed.Load())
	}
	key.version++
	answers.mustBody(t, chart, key)
	if computed.Load() != 2 {
		t.Error("another version has the answer of the one before")
	}
}

func TestAnswersThatFailAreNotKept(t *testing.T) {
	t.Parallel()
	errComputing := errors.New("computing")
	answers := emptyAnswers(t, 10, 1<<20)
	calls := 0
	chart := &Chart{compute: func(core.App, string, Filter) (answer, error) {
		calls++
		switch calls {
		case 1:
			return nil, errComputing
		case 2:
			panic("computing")
		}
		return &Pyramid{}, nil
	}}
	if _, err := answers.Body(nil, chart, Key{}); !errors.Is(err, errComputing) {
		t.Errorf("first: %v", err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic is gone")
			}
		}()
		answers.Body(nil, chart, Key{})
	}()
	if body := answers.mustBody(t, chart, Key{}); len(body) == 0 || calls != 3 {
		t.Errorf("%d calls, then %q", calls, body)
	}
}

// Bytes are bounded whatever the number, the number whatever the bytes; the least recently used go first.
func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	var computed atomic.Int64
	chart := padding(&computed)
	large := Filter{Area: strings.Repeat("x", 10_000)} // counts twice: in the key, and in the body
	for _, test := range []struct {
		rule           string
		most, maxBytes int
		filter         Filter
		want           int
	}{
		{"by bytes", 1_000, 250_000, large, 11},
		{"by number", 7, 1 << 30, large, 7},
		{"none that is as large as a quarter of all", 1_000, 80_000, large, 0},
	} {
		answers := emptyAnswers(t, test.most, test.maxBytes)
		for version := range int64(100) {
			answers.mustBody(t, chart, Key{filter: test.filter, version: version})
		}
		sum := 0
		for _, e := range answers.kept.Values() {
			sum += e.size
		}
		if answers.kept.Len() != test.want || answers.bytes != sum || sum > test.maxBytes {
			t.Errorf("%s: %d kept, %d bytes (counted %d), want %d", test.rule, answers.kept.Len(), sum, answers.bytes, test.want)
		}
		before := computed.Load()
		if answers.mustBody(t, chart, Key{filter: test.filter, version: 99}); test.want > 0 && computed.Load() != before {
			t.Errorf("%s: the latest is not kept", test.rule)
		}
	}
}

func TestETagsTellAnswersApart(t *testing.T) {
	t.Parallel()
	answers, other := emptyAnswers(t, 1, 1), emptyAnswers(t, 1, 1)
	key := Key{"user", "pyramid", Filter{Discipline: climb.Sport}, 7}
	if answers.ETag(key) != answers.ETag(Key{"user", "pyramid", Filter{Discipline: climb.Sport}, 7}) {
		t.Error("the same key has two tags")
	}
	seen := map[string]string{answers.ETag(key): "itself"}
	for what, tag := range map[string]string{
		"another user":    answers.ETag(Key{"stranger", key.chart, key.filter, key.version}),
		"another chart":   answers.ETag(Key{key.user, "tiers", key.filter, key.version}),
		"another version": answers.ETag(Key{key.user, key.chart, key.filter, 8}),
		"another filter":  answers.ETag(Key{key.user, key.chart, Filter{Discipline: climb.Trad}, 7}),
		"another day":     answers.ETag(Key{key.user, key.chart, Filter{Discipline: climb.Sport, Today: "2026-01-01"}, 7}),
		"another process": other.ETag(key),
	} {
		if same, found := seen[tag]; found {
			t.Errorf("%s has the tag of %s", what, same)
		}
		seen[tag] = what
	}
}
