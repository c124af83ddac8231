package usage_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/pbtest"
	"github.com/cragbase/cragbase/internal/usage"
)

// morning is when the tests begin: in summer time, a day before it ends in Europe.
var morning = time.Date(2026, 10, 24, 8, 0, 0, 7e6, time.UTC)

// tester is a *testing.T or a *rapid.T.
type tester interface {
	Helper()
	Fatal(args ...any)
}

func take(t tester, app core.App, limit *int, now time.Time) (place usage.Place, err error) {
	t.Helper()
	err = app.RunInTransaction(func(txApp core.App) error {
		place, err = usage.Take(txApp, pbtest.OwnerID, limit, now)
		return err
	})
	return place, err
}

func mustTake(t tester, app core.App, now time.Time) usage.Place {
	t.Helper()
	place, err := take(t, app, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	return place
}

func giveBack(t tester, app core.App, place usage.Place, now time.Time) {
	t.Helper()
	err := app.RunInTransaction(func(txApp core.App) error { return usage.GiveBack(txApp, pbtest.OwnerID, place, now) })
	if err != nil {
		t.Fatal(err)
	}
}

// row is a usage record as the database has it.
type row struct {
	Messages int    `db:"daily_message_count"`
	Last     string `db:"last_message_date"`
	Resets   string `db:"resets_at"`
	Limit    int    `db:"max_daily_messages"`
	Version  int    `db:"version"`
}

func stored(t tester, app core.App) row {
	t.Helper()
	var r row
	if err := app.DB().Select("*").From("usage").Where(dbx.HashExp{"id": pbtest.OwnerID}).One(&r); err != nil {
		t.Fatal(err)
	}
	return r
}

// written is a time as a record has it.
func written(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05.000Z") }

func TestTakeWritesTheRecord(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	mustTake(t, app, morning)
	if _, err := take(t, app, new(25), morning.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	want := row{Messages: 2, Last: written(morning.Add(time.Hour)), Resets: written(morning.Add(usage.Window)), Limit: 25, Version: 2}
	if got := stored(t, app); got != want {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestTakeOverTheLimit(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	for i := range 3 {
		mustTake(t, app, morning.Add(time.Duration(i)*time.Hour))
	}
	before := stored(t, app)
	for _, test := range []struct {
		rule   string
		limit  int
		now    time.Time
		resets time.Time
	}{
		{"the oldest has to leave", 3, morning.Add(3 * time.Hour), morning.Add(usage.Window)},
		{"to the last millisecond", 3, morning.Add(usage.Window - time.Millisecond), morning.Add(usage.Window)},
		{"after a plan with more places, others too", 1, morning.Add(3 * time.Hour), morning.Add(2*time.Hour + usage.Window)},
		{"a plan without places", 0, morning.Add(72 * time.Hour), time.Time{}},
	} {
		_, err := take(t, app, new(test.limit), test.now)
		var quota *usage.QuotaError
		if !errors.As(err, &quota) || !errors.Is(err, usage.ErrQuotaExceeded) || !quota.ResetsAt.Equal(test.resets) {
			t.Errorf("%s: %v, want until %v", test.rule, err, test.resets)
		}
	}
	if after := stored(t, app); after != before {
		t.Errorf("refused messages changed the record: %+v, was %+v", after, before)
	}
	if _, err := take(t, app, new(3), morning.Add(usage.Window)); err != nil {
		t.Errorf("24 hours after the first: %v", err)
	}
}

func TestGiveBackTakesNobodyElsesPlace(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	mustTake(t, app, morning.Add(-time.Hour))
	first, second := mustTake(t, app, morning), mustTake(t, app, morning)
	giveBack(t, app, first, morning)
	third := mustTake(t, app, morning)
	for range 3 {
		giveBack(t, app, first, morning)
	}
	if got := stored(t, app); got.Messages != 3 {
		t.Errorf("%d messages count after one of four came back", got.Messages)
	}
	giveBack(t, app, second, morning)
	giveBack(t, app, third, morning)
	if got := stored(t, app); got.Messages != 1 || got.Last != written(morning.Add(-time.Hour)) || got.Resets != written(morning.Add(23*time.Hour)) {
		t.Errorf("only the first is left, and the record says %+v", got)
	}
}

// What was given back was never sent: the last message is the one before, though it was days ago.
func TestGiveBackRestoresTheLastMessage(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	mustTake(t, app, morning)
	later := morning.Add(30 * 24 * time.Hour)
	giveBack(t, app, mustTake(t, app, later), later)
	if got := stored(t, app); got.Last != written(morning) || got.Messages != 0 || got.Resets != "" {
		t.Errorf("got %+v", got)
	}
}

func TestGiveBackOfAUserWhoIsGone(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	place := mustTake(t, app, morning)
	user, err := app.FindRecordById("users", pbtest.OwnerID)
	if err != nil {
		t.Fatal(err)
	}
	if err := app.Delete(user); err != nil {
		t.Fatal(err)
	}
	giveBack(t, app, place, morning)
	for _, table := range []string{"usage", "usage_days"} {
		var left int
		if err := app.DB().Select("count(*)").From(table).Where(dbx.HashExp{"user": pbtest.OwnerID}).Row(&left); err != nil || left != 0 {
			t.Errorf("%d rows of %s are left: %v", left, table, err)
		}
	}
}

// Whoever is let in by a limit of 25 in parallel is 25, each time.
func TestParallelTakes(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	for round := range 20 {
		now := morning.Add(time.Duration(round) * usage.Window)
		var got atomic.Int32
		var posts sync.WaitGroup
		for range 100 {
			posts.Go(func() {
				_, err := take(t, app, new(25), now)
				switch {
				case err == nil:
					got.Add(1)
				case !errors.Is(err, usage.ErrQuotaExceeded):
					t.Error(err)
				}
			})
		}
		posts.Wait()
		if got.Load() != 25 || stored(t, app).Messages != 25 {
			t.Errorf("round %d: %d got a place, the record says %d", round, got.Load(), stored(t, app).Messages)
		}
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	midnight := time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC)
	for _, at := range []time.Time{midnight.Add(-time.Millisecond), midnight, midnight.Add(time.Hour), midnight.AddDate(0, 0, 3)} {
		mustTake(t, app, at)
	}
	giveBack(t, app, mustTake(t, app, midnight), midnight.Add(time.Second))
	giveBack(t, app, mustTake(t, app, midnight.AddDate(0, 0, 1)), midnight.AddDate(0, 0, 1))
	mustTake(t, app, midnight.AddDate(0, 0, 9)) // by a clock that was fast
	got, err := usage.History(app, pbtest.OwnerID, 5, midnight.AddDate(0, 0, 3).Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	want := []usage.Day{{"2026-10-24", 1}, {"2026-10-25", 2}, {"2026-10-26", 0}, {"2026-10-27", 0}, {"2026-10-28", 1}}
	if len(got) != len(want) {
		t.Fatalf("%v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("day %d: %v, want %v", i, got[i], want[i])
		}
	}
}
