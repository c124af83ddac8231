package hooks_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/pbtest"
	"github.com/cragbase/cragbase/internal/usage"
)

// sunday is when these tests begin.
var sunday = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// at starts an app whose clock stands at a time, and is set by set.
func at(t *testing.T, now time.Time) (app *pbtest.App, set func(time.Time)) {
	t.Helper()
	var clock atomic.Pointer[time.Time]
	set = func(to time.Time) { clock.Store(&to) }
	set(now)
	return pbtest.New(t, func(deps *hooks.Deps) { deps.Now = func() time.Time { return *clock.Load() } }), set
}

// send takes a place for a message of the owner.
func send(t *testing.T, app core.App, now time.Time) usage.Place {
	t.Helper()
	var place usage.Place
	err := app.RunInTransaction(func(txApp core.App) (err error) {
		place, err = usage.Take(txApp, pbtest.OwnerID, nil, now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return place
}

func giveBack(t *testing.T, app core.App, place usage.Place, now time.Time) {
	t.Helper()
	if err := app.RunInTransaction(func(txApp core.App) error { return usage.GiveBack(txApp, pbtest.OwnerID, place, now) }); err != nil {
		t.Fatal(err)
	}
}

func setTier(t *testing.T, app *pbtest.App, userID, tier string) {
	t.Helper()
	user, err := app.FindRecordById("users", userID)
	if err != nil {
		t.Fatal(err)
	}
	user.Set("tier", tier)
	if err := app.Save(user); err != nil {
		t.Fatal(err)
	}
}

// messageCount is what the route answers a caller.
func messageCount(t *testing.T, app *pbtest.App, caller pbtest.Caller) string {
	t.Helper()
	response := app.Do(t, caller, "GET", "/v1/users/me/message-count", nil)
	if response.Status != http.StatusOK {
		t.Fatalf("status %d: %s", response.Status, response.Body)
	}
	return strings.TrimSpace(response.Body)
}

// Profile and message-count show the messages that count now, not those that counted when the record was written.
func TestDailyMessageCountIsLive(t *testing.T) {
	t.Parallel()
	app, set := at(t, sunday.Add(time.Minute))
	check := func(when string, wantCount float64, wantLast, wantResets any) {
		t.Helper()
		me := app.Do(t, pbtest.Owner, "GET", "/v1/users/me", nil).Map(t)
		count := app.Do(t, pbtest.Owner, "GET", "/v1/users/me/message-count", nil).Map(t)
		for of, got := range map[string]map[string]any{"profile": me, "message-count": count} {
			if got["daily_message_count"] != wantCount || got["last_message_date"] != wantLast {
				t.Errorf("%s, %s: %v, %v", when, of, got["daily_message_count"], got["last_message_date"])
			}
		}
		if count["resets_at"] != wantResets {
			t.Errorf("%s: resets_at is %v", when, count["resets_at"])
		}
	}
	check("before the first message", 0, nil, nil)
	place := send(t, app, sunday)
	check("after it", 1, "2026-11-22T08:00:00.000Z", "2026-11-23T08:00:00.000Z")
	set(sunday.Add(24*time.Hour - time.Millisecond))
	check("a millisecond before it leaves", 1, "2026-11-22T08:00:00.000Z", "2026-11-23T08:00:00.000Z")
	set(sunday.Add(24 * time.Hour))
	check("24 hours later", 0, "2026-11-22T08:00:00.000Z", nil)
	set(sunday.Add(23 * time.Hour))
	check("by a clock set back", 1, "2026-11-22T08:00:00.000Z", "2026-11-23T08:00:00.000Z")
	giveBack(t, app, place, sunday.Add(23*time.Hour))
	check("given back", 0, nil, nil)
	if own := app.Do(t, pbtest.Owner, "GET", "/api/collections/usage/records/"+pbtest.OwnerID, nil).Map(t); own["max_daily_messages"] != -1.0 || own["window"] != nil {
		t.Errorf("usage record: %v", own)
	}
}

func TestMessageCountFollowsThePlan(t *testing.T) {
	t.Parallel()
	app, _ := at(t, sunday)
	const nothing = `"daily_message_count":0,"last_message_date":null`
	expect := func(when, want string) {
		t.Helper()
		if got := messageCount(t, app, pbtest.Owner); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", when, got, want)
		}
	}
	expect("free", `{`+nothing+`,"max_daily_messages":0,"window_hours":24,"resets_at":null}`)
	setTier(t, app, pbtest.OwnerID, "premium")
	expect("premium", `{`+nothing+`,"max_daily_messages":null,"window_hours":24,"resets_at":null,"remaining_messages":null}`)
	for range 26 {
		send(t, app, sunday)
	}
	const many = `"daily_message_count":26,"last_message_date":"2026-11-22T08:00:00.000Z"`
	const resets = `"window_hours":24,"resets_at":"2026-11-23T08:00:00.000Z"`
	setTier(t, app, pbtest.OwnerID, "basic")
	expect("basic, with more than it allows", `{`+many+`,"max_daily_messages":25,`+resets+`,"remaining_messages":0}`)
	editPlan(t, app, "basic", 30)
	expect("basic allows more", `{`+many+`,"max_daily_messages":30,`+resets+`,"remaining_messages":4}`)
	editPlan(t, app, "premium", 99)
	expect("another plan allows less", `{`+many+`,"max_daily_messages":30,`+resets+`,"remaining_messages":4}`)
	editPlan(t, app, "basic", -1)
	expect("basic is unlimited", `{`+many+`,"max_daily_messages":null,`+resets+`,"remaining_messages":null}`)
	setTier(t, app, pbtest.OwnerID, "free")
	expect("free again", `{`+many+`,"max_daily_messages":0,`+resets+`}`)
}

// editPlan changes a plan's limit of messages as an administrator does in the dashboard.
func editPlan(t *testing.T, app *pbtest.App, tier string, limit int) {
	t.Helper()
	edited, err := app.FindFirstRecordByData("plans", "tier", tier)
	if err != nil {
		t.Fatal(err)
	}
	response := app.Do(t, pbtest.Superuser, "PATCH", "/api/collections/plans/records/"+edited.Id, map[string]any{"max_daily_messages": limit})
	if response.Status != http.StatusOK {
		t.Fatalf("status %d: %s", response.Status, response.Body)
	}
}

func TestMessageCountHistory(t *testing.T) {
	t.Parallel()
	app, _ := at(t, sunday)
	send(t, app, sunday.Add(-25*time.Hour))
	send(t, app, sunday)
	path := "/v1/users/me/message-count?history="
	var got struct{ History []usage.Day }
	app.Do(t, pbtest.Owner, "GET", path+"3d", nil).JSON(t, &got)
	if want := "[{2026-11-20 0} {2026-11-21 1} {2026-11-22 1}]"; fmt.Sprint(got.History) != want {
		t.Errorf("got %v, want %v", got.History, want)
	}
	for days, want := range map[string]int{"1d": 1, "90d": 90} {
		app.Do(t, pbtest.Stranger, "GET", path+days, nil).JSON(t, &got)
		if len(got.History) != want {
			t.Errorf("%s: %d days", days, len(got.History))
		}
	}
	for _, wrong := range []string{"", "0d", "91d", "30", "-1d", "+1d", "01d", "d", "1.5d", "30D", "99999999999999999999d", "1w"} {
		response := app.Do(t, pbtest.Owner, "GET", path+strings.ReplaceAll(wrong, "+", "%2B"), nil)
		if response.Status != http.StatusBadRequest || !strings.Contains(response.Body, `"history":{"code":"validation_out_of_range"`) {
			t.Errorf("%q: %d %s", wrong, response.Status, response.Body)
		}
	}
}

func TestMessageCountNotModified(t *testing.T) {
	t.Parallel()
	app, set := at(t, sunday)
	send(t, app, sunday)
	tag := app.Do(t, pbtest.Owner, "GET", "/v1/users/me/message-count", nil).Header.Get("ETag")
	status := func() int {
		request := pbtest.NewRequest(t, "GET", "/v1/users/me/message-count", app.Token(t, pbtest.Owner), nil)
		request.Header.Set("If-None-Match", tag)
		return app.Send(t, request).Status
	}
	if got := status(); got != http.StatusNotModified {
		t.Errorf("unchanged: status %d", got)
	}
	set(sunday.Add(24 * time.Hour))
	if got := status(); got != http.StatusOK {
		t.Errorf("the message has left: status %d", got)
	}
}

// usageEvent is a usage record as a subscriber is sent it.
type usageEvent struct {
	Record struct {
		ID       string `json:"id"`
		Messages int    `json:"daily_message_count"`
		Limit    int    `json:"max_daily_messages"`
		Version  int    `json:"version"`
		Resets   string `json:"resets_at"`
	}
}

func (s *subscriber) nextUsage(t *testing.T) usageEvent {
	t.Helper()
	var event usageEvent
	if err := json.Unmarshal([]byte(s.next(t)), &event); err != nil {
		t.Fatal(err)
	}
	return event
}

// A subscriber sees the number rise and, when the message leaves, fall.
func TestSubscriberSeesMessagesLeave(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	owner := subscribe(t, app, listen(t, app), pbtest.Owner, "usage/"+pbtest.OwnerID)
	leaves := time.Now().Add(300 * time.Millisecond).Truncate(time.Millisecond)
	send(t, app, leaves.Add(-usage.Window))
	sent, left := owner.nextUsage(t), owner.nextUsage(t)
	late := time.Since(leaves)
	if sent.Record.Version > left.Record.Version { // PocketBase may deliver them in any order
		sent, left = left, sent
	}
	if sent.Record.Messages != 1 || sent.Record.Version != 1 {
		t.Errorf("sent: %+v", sent)
	}
	if left.Record.Messages != 0 || left.Record.Version != 2 || left.Record.Resets != "" {
		t.Errorf("left: %+v", left)
	}
	if late < 0 || late > time.Second {
		t.Errorf("seen %v after it left", late)
	}
	t.Logf("seen %v after it left", late)
}

// A usage record has the numbers of the message count, wherever it is sent.
func TestUsageRecordIsComplete(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	owner := subscribe(t, app, listen(t, app), pbtest.Owner, "usage/*")
	for _, test := range []struct{ tier, want string }{
		{"basic", `"remaining_messages":25,`}, {"premium", `"remaining_messages":null,`}, {"free", ""},
	} {
		setTier(t, app, pbtest.OwnerID, test.tier)
		for where, body := range map[string]string{
			"view":     app.Do(t, pbtest.Owner, "GET", "/api/collections/usage/records/"+pbtest.OwnerID, nil).Body,
			"realtime": owner.next(t),
		} {
			has := strings.Contains(body, "remaining_messages")
			if !strings.Contains(body, test.want) || has != (test.want != "") || !strings.Contains(body, `"window_hours":24`) {
				t.Errorf("%s, %s: %s", test.tier, where, body)
			}
		}
	}
}

// What an administrator makes of a plan is seen by those who look at their usage, and by nobody whose plan is another.
func TestSubscriberSeesAnotherLimit(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	setTier(t, app, pbtest.OwnerID, "basic")
	address := listen(t, app)
	owner := subscribe(t, app, address, pbtest.Owner, "usage/"+pbtest.OwnerID)
	stranger := subscribe(t, app, address, pbtest.Stranger, "usage/*")
	editPlan(t, app, "basic", 50)
	if event := owner.nextUsage(t); event.Record.Limit != 50 || event.Record.Version != 3 {
		t.Errorf("the owner's event: %+v", event)
	}
	setTier(t, app, pbtest.StrangerID, "basic")
	if event := stranger.nextUsage(t); event.Record.ID != pbtest.StrangerID || event.Record.Limit != 50 || event.Record.Version != 1 {
		t.Errorf("the stranger's first event: %+v", event)
	}
}
