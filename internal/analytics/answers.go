package analytics

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"strconv"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Answers keeps the encoded answers of charts in memory. Each is kept under the version of the logbook that it was asked for at,
// so that none has to be dropped when a tick changes: nobody asks for it again. Versions only rise, and change in the
// transaction of every change of a tick.
type Answers struct {
	seed     maphash.Seed // of this process: another one may compute differently
	maxBytes int

	mu    sync.Mutex
	kept  *simplelru.LRU[Key, *encoded] // guarded by mu
	bytes int                           // of kept; guarded by mu
}

// Key is what an answer depends on, apart from the program. It names the user, so that it leads to nobody else's figures.
type Key struct {
	user, chart string
	filter      Filter
	version     int64
}

// encoded is an answer that is there, or is being computed for all who ask at the same time.
type encoded struct {
	body func() ([]byte, error)
	size int // 0 while it is computed; guarded by the mu of Answers
}

const (
	maxAnswers     = 10_000
	maxAnswerBytes = 64 << 20
	answerOverhead = 1 << 10 // of an answer in memory, apart from its body and its area
)

// NewAnswers returns Answers that keep none yet.
func NewAnswers() (*Answers, error) { return newAnswers(maxAnswers, maxAnswerBytes) }

func newAnswers(most, maxBytes int) (*Answers, error) {
	a := &Answers{seed: maphash.MakeSeed(), maxBytes: maxBytes}
	kept, err := simplelru.NewLRU(most, func(_ Key, e *encoded) { a.bytes -= e.size })
	if err != nil {
		return nil, fmt.Errorf("answers: %w", err)
	}
	a.kept = kept
	return a, nil
}

// Key reads the version of a user's logbook, and nothing else. What is read for the key afterwards is never older.
func (a *Answers) Key(app core.App, userID string, chart *Chart, filter Filter) (Key, error) {
	if !chart.Daily {
		filter.Today = ""
	}
	version, err := versionOf(app, userID)
	if err != nil {
		return Key{}, err
	}
	return Key{userID, chart.Name, filter, version}, nil
}

// ETag is the strong entity tag of the answer to a key.
func (a *Answers) ETag(key Key) string {
	return `"` + strconv.FormatUint(maphash.Comparable(a.seed, key), 36) + `"`
}

// Body is the answer to a key as JSON: kept, or computed once however many ask for it now. The caller must not change it.
func (a *Answers) Body(app core.App, chart *Chart, key Key) ([]byte, error) {
	e := a.find(key, func() ([]byte, error) {
		data, err := chart.Compute(app, key.user, key.filter)
		if err != nil {
			return nil, err
		}
		return json.Marshal(data)
	})
	whole := false
	defer func() {
		if !whole { // it failed, or panicked
			a.drop(key, e)
		}
	}()
	body, err := e.body()
	if err != nil {
		return nil, err
	}
	whole = true
	a.settle(key, e, len(body)+len(key.filter.Area)+answerOverhead)
	return body, nil
}

// find is what is kept for a key, or a new entry for it.
func (a *Answers) find(key Key, compute func() ([]byte, error)) *encoded {
	a.mu.Lock()
	defer a.mu.Unlock()
	if e, ok := a.kept.Get(key); ok {
		return e
	}
	e := &encoded{body: sync.OnceValues(compute)}
	a.kept.Add(key, e)
	return e
}

func (a *Answers) drop(key Key, e *encoded) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if kept, ok := a.kept.Peek(key); ok && kept == e {
		a.kept.Remove(key)
	}
}

// settle counts an answer that was computed, and makes room for it. One that would push out many others is not kept.
func (a *Answers) settle(key Key, e *encoded, size int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if kept, ok := a.kept.Peek(key); !ok || kept != e || e.size > 0 {
		return
	}
	if size > a.maxBytes/4 {
		a.kept.Remove(key)
		return
	}
	e.size = size
	a.bytes += size
	for a.bytes > a.maxBytes {
		a.kept.RemoveOldest()
	}
}

// versionOf is the version of a user's logbook; 0 before its first change.
func versionOf(app core.App, userID string) (version int64, err error) {
	err = app.ConcurrentDB().NewQuery("SELECT [[version]] FROM {{logbook_versions}} WHERE [[user]] = {:user}").
		Bind(dbx.Params{"user": userID}).Row(&version)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("read version of the logbook: %w", err)
	}
	return version, nil
}
