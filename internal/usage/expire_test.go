package usage_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/pbtest"
	"github.com/cragbase/cragbase/internal/usage"
)

// wall is a clock that can be set: the bubble's, and how much it is off.
type wall struct{ off atomic.Int64 }

func (w *wall) now() time.Time { return time.Now().Add(time.Duration(w.off.Load())) }

// set sets the clock on, or back.
func (w *wall) set(by time.Duration) { w.off.Add(int64(by)) }

// expire runs an Expirer until stop is called.
func expire(app core.App, clock *wall) (stop func()) {
	x := usage.NewExpirer(clock.now)
	x.Glance(glance)
	hook := app.OnRecordAfterUpdateSuccess(usage.Collection).BindFunc(func(e *core.RecordEvent) error {
		x.Note(e.Record)
		return e.Next()
	})
	x.Start(app)
	return func() {
		x.Stop()
		app.OnRecordAfterUpdateSuccess(usage.Collection).Unbind(hook)
	}
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
		defer expire(app, &wall{})()
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

// What left while no server ran is published when one starts.
func TestStartPublishesWhatIsDue(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	synctest.Test(t, func(t *testing.T) {
		mustTake(t, app, time.Now())
		pass(50 * time.Hour)
		if got := stored(t, app); got.Messages != 1 {
			t.Errorf("nobody looked, and the record says %+v", got)
		}
		stop := expire(app, &wall{})
		synctest.Wait()
		if got := stored(t, app); got.Messages != 0 || got.Resets != "" || got.Version != 2 {
			t.Errorf("at the start: %+v", got)
		}
		stop()
		defer expire(app, &wall{})()
		synctest.Wait()
		if got := stored(t, app); got.Version != 2 {
			t.Errorf("the next start published again what had not changed: %+v", got)
		}
	})
}

// A clock that is set is noticed at the next glance: what it now shows counts.
func TestClockIsSet(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	synctest.Test(t, func(t *testing.T) {
		clock := &wall{}
		defer expire(app, clock)()
		mustTake(t, app, clock.now())
		for _, step := range []struct {
			rule string
			by   time.Duration
			want int
		}{
			{"on, past its end", usage.Window, 0},
			{"back an hour, before its end", -time.Hour, 1},
			{"on again", time.Hour, 0},
			{"back, before it was sent", -48 * time.Hour, 1},
		} {
			clock.set(step.by)
			pass(glance)
			if got := stored(t, app); got.Messages != step.want {
				t.Errorf("%s: %+v", step.rule, got)
			}
		}
	})
}

// A message that leaves before everything else, and before the next look, is waited for: Note has told of it.
func TestEarlierMessage(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	synctest.Test(t, func(t *testing.T) {
		defer expire(app, &wall{})()
		synctest.Wait()
		mustTake(t, app, time.Now().Add(5*time.Millisecond-usage.Window))
		pass(4 * time.Millisecond)
		if got := stored(t, app); got.Messages != 1 {
			t.Errorf("a millisecond before: %+v", got)
		}
		pass(time.Millisecond)
		if got := stored(t, app); got.Messages != 0 {
			t.Errorf("when it leaves: %+v", got)
		}
	})
}

// A record that cannot be saved keeps nobody else's waiting, and is tried again.
func TestBrokenRecordHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	var broken atomic.Bool
	var failures atomic.Int32
	app.OnRecordUpdate(usage.Collection).BindFunc(func(e *core.RecordEvent) error {
		if broken.Load() && e.Record.Id == pbtest.StrangerID {
			failures.Add(1)
			return errors.New("broken")
		}
		return e.Next()
	})
	synctest.Test(t, func(t *testing.T) {
		for i, id := range []string{pbtest.StrangerID, pbtest.OwnerID} {
			if err := app.RunInTransaction(func(txApp core.App) error {
				_, err := usage.Take(txApp, id, nil, time.Now().Add(time.Duration(i)*10*time.Millisecond))
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		broken.Store(true)
		defer expire(app, &wall{})()
		pass(usage.Window + 10*time.Millisecond)
		if got := stored(t, app); got.Messages != 0 || failures.Load() != 2 { // when it was due, and beside the other
			t.Errorf("the other's: %+v, after %d failures", got, failures.Load())
		}
		pass(5 * time.Second)
		if n := failures.Load(); n < 6 || n > 8 {
			t.Errorf("tried %d times in 5 seconds", n)
		}
		broken.Store(false)
		pass(time.Second)
		var left int
		if err := app.DB().Select("daily_message_count").From("usage").Where(dbx.HashExp{"id": pbtest.StrangerID}).Row(&left); err != nil || left != 0 {
			t.Errorf("%d messages count in the record when it can be saved again: %v", left, err)
		}
	})
}

// More users than are read at once can be due in one moment.
func TestManyAreDueAtOnce(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	mustTake(t, app, morning)
	const numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100) "
	for _, statement := range []string{
		"INSERT INTO users (id, email, username, tokenKey) SELECT printf('user%011d', i), i || '@example.com', 'user' || i, hex(randomblob(25)) FROM n",
		"INSERT INTO usage (id, user, daily_message_count, last_message_date, max_daily_messages, resets_at, version, window) " +
			"SELECT printf('user%011d', i), printf('user%011d', i), daily_message_count, last_message_date, -1, resets_at, 1, window FROM usage, n WHERE id = {:id}",
	} {
		if _, err := app.DB().NewQuery(numbers + statement).Bind(dbx.Params{"id": pbtest.OwnerID}).Execute(); err != nil {
			t.Fatal(err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		clock := &wall{}
		clock.set(time.Until(morning.Add(usage.Window)))
		defer expire(app, clock)()
		synctest.Wait()
		var left int
		if err := app.DB().Select("count(*)").From("usage").Where(dbx.NewExp("resets_at <> ''")).Row(&left); err != nil || left != 0 {
			t.Errorf("%d of 1,101 records are left: %v", left, err)
		}
	})
}
