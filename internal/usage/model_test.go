package usage_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"pgregory.net/rapid"

	"github.com/cragbase/cragbase/internal/pbtest"
	"github.com/cragbase/cragbase/internal/usage"
)

// model is what usage should be, as simply as it can be said: everything that was ever sent and not given back.
type model struct {
	sent  []message
	limit *int
}

type message struct {
	at    int64 // Unix milliseconds
	place usage.Place
}

// count goes through all messages.
func (m *model) count(now time.Time) (count usage.Count) {
	oldest := int64(0)
	for _, message := range m.sent {
		at := time.UnixMilli(message.at)
		if at.After(count.LastMessage) {
			count.LastMessage = at
		}
		if now.UnixMilli()-message.at < usage.Window.Milliseconds() {
			count.Messages++
			if oldest == 0 || message.at < oldest {
				oldest = message.at
			}
		}
	}
	if oldest != 0 {
		count.ResetsAt = time.UnixMilli(oldest).Add(usage.Window)
	}
	count.Limit = m.limit
	return count
}

// free is when a refused message could be sent: when few enough of the others count.
func (m *model) free(now time.Time) time.Time {
	var next time.Time
	for _, candidate := range m.sent {
		leaves := time.UnixMilli(candidate.at).Add(usage.Window)
		if leaves.After(now) && m.count(leaves).Messages < *m.limit && (next.IsZero() || leaves.Before(next)) {
			next = leaves
		}
	}
	return next
}

// world is the code beside the model, on one clock.
type world struct {
	app     core.App
	clock   wall
	latest  time.Time // that the clock has ever shown
	counter *usage.Counter
	stop    func() // the Expirer
	model   model
	gone    []usage.Place // given back
}

func (w *world) now() time.Time {
	now := w.clock.now()
	if now.After(w.latest) {
		w.latest = now
	}
	return now
}

// check holds the code against the model: what is answered, and what subscribers were told.
func (w *world) check(t *rapid.T) {
	t.Helper()
	now := w.now()
	want := w.model.count(now)
	got, err := w.counter.Count(w.app, pbtest.OwnerID, now)
	if err != nil {
		t.Fatal(err)
	}
	if got.Messages != want.Messages || !got.LastMessage.Equal(want.LastMessage) || !got.ResetsAt.Equal(want.ResetsAt) || !same(got.Limit, want.Limit) {
		t.Fatalf("at %v:\ngot  %+v\nwant %+v", now, got, want)
	}
	record := stored(t, w.app)
	resets, last := "", ""
	if !want.ResetsAt.IsZero() {
		resets = written(want.ResetsAt)
	}
	if !want.LastMessage.IsZero() {
		last = written(want.LastMessage)
	}
	if record.Messages != want.Messages || record.Resets != resets || record.Last != last {
		t.Fatalf("the record at %v: %+v\nwant %+v", now, record, want)
	}
}

func same(a, b *int) bool { return a == b || a != nil && b != nil && *a == *b }

// take sends one or more messages within a millisecond.
func (w *world) take(t *rapid.T) {
	now := w.now()
	for range rapid.IntRange(1, 3).Draw(t, "messages") {
		place, err := take(t, w.app, w.model.limit, now)
		full := w.model.limit != nil && w.model.count(now).Messages >= *w.model.limit
		var quota *usage.QuotaError
		switch {
		case full && !errors.As(err, &quota):
			t.Fatalf("over the limit: %v", err)
		case full && !quota.ResetsAt.Equal(w.model.free(now)):
			t.Fatalf("free at %v, want %v", quota.ResetsAt, w.model.free(now))
		case !full && err != nil:
			t.Fatal(err)
		case !full:
			w.model.sent = append(w.model.sent, message{now.UnixMilli(), place})
		}
	}
}

// giveBack gives a message of the last hour back that has not been, and all those again that have.
func (w *world) giveBack(t *rapid.T) {
	now := w.now()
	for i := len(w.model.sent) - 1; i >= 0; i-- {
		if age := now.UnixMilli() - w.model.sent[i].at; age <= time.Hour.Milliseconds() && rapid.Bool().Draw(t, "this one") {
			giveBack(t, w.app, w.model.sent[i].place, now)
			w.gone = append(w.gone, w.model.sent[i].place)
			w.model.sent = append(w.model.sent[:i:i], w.model.sent[i+1:]...)
			break
		}
	}
	for _, place := range w.gone {
		giveBack(t, w.app, place, now)
	}
}

// wait lets time go by: some of it, or up to a millisecond before or when something leaves.
func (w *world) wait(t *rapid.T) {
	d := time.Duration(rapid.Int64Range(1, int64(26*time.Hour/time.Millisecond)).Draw(t, "milliseconds")) * time.Millisecond
	if resets := w.model.count(w.now()).ResetsAt; !resets.IsZero() && rapid.Bool().Draw(t, "until it leaves") {
		d = resets.Sub(w.now()) - time.Duration(rapid.IntRange(0, 1).Draw(t, "before"))*time.Millisecond
	}
	pass(max(0, d))
}

// step sets the clock, back by up to two hours or on by up to a day.
func (w *world) step(t *rapid.T) {
	by := time.Duration(rapid.Int64Range(-120, 1440).Draw(t, "minutes")) * time.Minute
	if rapid.Bool().Draw(t, "winter") {
		by = -time.Hour
	}
	w.clock.set(max(by, w.latest.Sub(w.now())-usage.Window)) // further back it need not know any more what has left
	pass(glance)
}

// restart stops the Expirer for a while, in which the clock may be set as well.
func (w *world) restart(t *rapid.T) {
	w.stop()
	w.wait(t)
	w.step(t)
	w.start()
}

func (w *world) start() {
	w.stop = expire(w.app, &w.clock)
	synctest.Wait()
}

func (w *world) changePlan(t *rapid.T) {
	w.model.limit = rapid.SampledFrom([]*int{nil, new(0), new(1), new(5), new(25)}).Draw(t, "limit")
	err := w.app.RunInTransaction(func(txApp core.App) error { return usage.SetLimit(txApp, pbtest.OwnerID, w.model.limit) })
	if err != nil {
		t.Fatal(err)
	}
}

// glance is seldom enough for days to go by.
const glance = 20 * time.Minute

// Whatever happens in whatever order, the code says at each moment what the model says, and so do the records.
func TestModel(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	counter, err := usage.NewCounter()
	if err != nil {
		t.Fatal(err)
	}
	app.OnRecordAfterUpdateSuccess(usage.Collection).BindFunc(func(e *core.RecordEvent) error {
		counter.Forget(e.Record.Id)
		return e.Next()
	})
	rapid.Check(t, func(rt *rapid.T) {
		for _, table := range []string{"usage", "usage_days"} {
			if _, err := app.DB().Delete(table, nil).Execute(); err != nil {
				rt.Fatal(err)
			}
		}
		inBubble(t, func() {
			w := &world{app: app, counter: counter}
			w.changePlan(rt)
			counter.Forget(pbtest.OwnerID)
			w.start()
			defer func() { w.stop() }()
			rt.Repeat(map[string]func(*rapid.T){
				"take": w.take, "take again": w.take, "give back": w.giveBack, "wait": w.wait, "step": w.step, "restart": w.restart,
				"change plan": w.changePlan, "": w.check,
			})
		})
	})
}

// inBubble does something in a bubble of its own. What it panics with, as rapid does to end a run, goes on outside.
func inBubble(t *testing.T, do func()) {
	t.Helper()
	var end any
	synctest.Test(t, func(*testing.T) {
		defer func() { end = recover() }()
		do()
	})
	if end != nil {
		panic(end)
	}
}
