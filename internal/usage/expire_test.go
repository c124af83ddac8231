package usage_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/pbtest"
	"github.com/cragbase/cragbase/internal/usage"
)

// wall is a clock that can be set: the bubble's, and how much it is off.
type wall struct{ off time.Duration }

func (w *wall) now() time.Time { return time.Now().Add(w.off) }

// expire runs an Expirer until the end of the bubble, or until stop is called.
func expire(t *testing.T, app core.App, clock *wall) (stop func()) {
	t.Helper()
	x := usage.NewExpirer(clock.now)
	hook := app.OnRecordAfterUpdateSuccess(usage.Collection).BindFunc(func(e *core.RecordEvent) error {
		x.Note(e.Record)
		return e.Next()
	})
	x.Start(app)
	stop = func() {
		x.Stop()
		app.OnRecordAfterUpdateSuccess(usage.Collection).Unbind(hook)
	}
	return stop
}

// pass lets time go by, and what is due happen.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestMessageLeavesToTheMillisecond(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	synctest.Test(t, func(t *testing.T) {
		defer expire(t, app, &wall{})()
		mustTake(t, app, time.Now())
		pass(90 * time.Minute)
		mustTake(t, app, time.Now())
		pass(usage.Window - 90*time.Minute - time.Millisecond)
		before := stored(t, app)
		if before.Messages != 2 {
			t.Errorf("a millisecond before: %+v", before)
		}
		pass(time.Millisecond)
		now := time.Now()
		want := before
		want.Messages, want.Resets, want.Version = 1, written(now.Add(90*time.Minute)), before.Version+1
		if got := stored(t, app); got != want {
			t.Errorf("when it leaves: %+v, want %+v", got, want)
		}
		pass(90 * time.Minute)
		want.Messages, want.Resets, want.Version = 0, "", before.Version+2
		if got := stored(t, app); got != want {
			t.Errorf("when the second leaves: %+v, want %+v", got, want)
		}
	})
}
