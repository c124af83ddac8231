package analytics_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cragbase/cragbase/internal/analytics"
	"github.com/cragbase/cragbase/internal/logbook"
	"github.com/cragbase/cragbase/internal/pbtest"
)

const header = `Date,Route,Rating,Notes,URL,Pitches,Location,"Avg Stars","Your Stars",Style,"Lead Style","Route Type","Your Rating",Length,"Rating Code"` + "\n"

// export is a file of n routes that were onsighted.
func export(n int) []byte {
	var file strings.Builder
	file.WriteString(header)
	for i := range n {
		fmt.Fprintf(&file, "2025-05-01,Route %d,5.9,,https://www.mountainproject.com/route/%d/x,1,\"Granite State > Echo Dome\",3.0,-1,Lead,Onsight,Sport,,80,2400\n", i, 900_000_000+i)
	}
	return []byte(file.String())
}

// seen is what somebody was answered at a version.
type seen struct {
	version int64
	ticks   int
}

// While imports run, an answer is never older than the version in its key, nor than what was acknowledged before it was asked for;
// and once they have ended, none that was kept on the way is served.
func TestAnswersAreNeverOlderThanTheirVersion(t *testing.T) {
	t.Parallel()
	const imports, readers = 25, 4
	app := pbtest.New(t)
	answers, err := analytics.NewAnswers()
	if err != nil {
		t.Fatal(err)
	}
	chart := analytics.Charts()[0] // the overview, which counts ticks
	ask := func(userID string) seen {
		key, err := answers.Key(app, userID, &chart, analytics.Filter{Today: "2026-01-01"})
		if err != nil {
			t.Error(err)
		}
		body, err := answers.Body(app, &chart, key)
		if err != nil {
			t.Error(err)
		}
		var overview analytics.Overview
		if err := json.Unmarshal(body, &overview); err != nil {
			t.Error(err)
		}
		return seen{key.Version(), overview.Totals.Ticks}
	}

	var acknowledged atomic.Int64
	var done atomic.Bool
	var all sync.WaitGroup
	reads := make([][]seen, readers)
	for i := range reads {
		all.Go(func() {
			for !done.Load() {
				before := int(acknowledged.Load())
				answer := ask(pbtest.OwnerID)
				if answer.ticks < before {
					t.Errorf("%d ticks, although %d were acknowledged", answer.ticks, before)
				}
				if other := ask(pbtest.StrangerID); other.ticks != 0 {
					t.Errorf("somebody else has %d ticks", other.ticks)
				}
				reads[i] = append(reads[i], answer)
			}
		})
	}
	counts := map[int64]int{}
	for n := range imports {
		file := logbook.File{Name: "ticks.csv", Content: export(n + 1)}
		if _, err := logbook.Import(app, pbtest.OwnerID, file, logbook.SourceAuto, logbook.Merge, logbook.Limits{}); err != nil {
			t.Error(err)
			break
		}
		acknowledged.Store(int64(n + 1))
		answer := ask(pbtest.OwnerID)
		if answer.ticks != n+1 {
			t.Errorf("after import %d: %d ticks", n+1, answer.ticks)
		}
		counts[answer.version] = n + 1
	}
	done.Store(true)
	all.Wait()
	if len(counts) != imports {
		t.Errorf("%d versions of %d imports", len(counts), imports)
	}
	for _, list := range reads {
		for _, answer := range list {
			if answer.ticks < counts[answer.version] {
				t.Errorf("version %d has %d ticks, an answer under it %d", answer.version, counts[answer.version], answer.ticks)
			}
		}
	}
	if last := ask(pbtest.OwnerID); last.ticks != imports {
		t.Errorf("at last %d ticks", last.ticks)
	}
}
