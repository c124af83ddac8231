package hooks_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// The profile shows the messages that count now, not those that counted when the record was written.
func TestDailyMessageCountIsLive(t *testing.T) {
	t.Parallel()
	sent := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	var now atomic.Pointer[time.Time]
	set := func(at time.Time) { now.Store(&at) }
	set(sent.Add(time.Minute))
	app := pbtest.New(t, func(deps *hooks.Deps) { deps.Now = func() time.Time { return *now.Load() } })
	usage, err := app.FindRecordById("usage", pbtest.OwnerID)
	if err != nil {
		t.Fatalf("a user has no usage record: %v", err)
	}
	profile := func() (count, last any) {
		me := app.Do(t, pbtest.Owner, "GET", "/v1/users/me", nil).Map(t)
		return me["daily_message_count"], me["last_message_date"]
	}
	if count, last := profile(); count != 0.0 || last != nil {
		t.Errorf("before the first message: %v, %v", count, last)
	}
	usage.Set("window", []int64{sent.UnixMilli()})
	usage.Set("last_message_date", sent)
	if err := app.Save(usage); err != nil {
		t.Fatal(err)
	}
	if count, last := profile(); count != 1.0 || last != "2026-11-22T08:00:00.000Z" {
		t.Errorf("after it: %v, %v", count, last)
	}
	set(sent.Add(24 * time.Hour))
	if count, last := profile(); count != 0.0 || last != "2026-11-22T08:00:00.000Z" {
		t.Errorf("24 hours later: %v, %v", count, last)
	}
	if own := app.Do(t, pbtest.Owner, "GET", "/api/collections/usage/records/"+pbtest.OwnerID, nil).Map(t); own["max_daily_messages"] != 0.0 || own["window"] != nil {
		t.Errorf("usage record: %v", own)
	}
}
