package hooks_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// canary is in the notes of the owner's tick and in nothing else.
const canary = "canary-7f3a"

// withTick is an app in which the owner has one tick, one import and a usage record.
func withTick(t *testing.T, configure ...func(*hooks.Deps)) *pbtest.App {
	t.Helper()
	app := pbtest.New(t, configure...)
	csv := "Date,Route,Rating,Notes,URL,Pitches,Location,\"Avg Stars\",\"Your Stars\",Style,\"Lead Style\",\"Route Type\",\"Your Rating\",Length,\"Rating Code\"\n" +
		"2026-05-01,\"Quiet Slab\",5.9," + canary + ",https://www.mountainproject.com/route/900000001/quiet-slab,1,\"Granite State > Echo Dome\",3.0,-1,Lead,Onsight,Sport,,80,2400\n"
	if response := app.Upload(t, pbtest.Owner, canary+".csv", []byte(csv), nil); response.Status != http.StatusOK {
		t.Fatalf("import: %s", response.Body)
	}
	return app
}

// Nobody but the owner and administrators reads anything of a user, by whatever route.
func TestAccessMatrix(t *testing.T) {
	t.Parallel()
	app := withTick(t)
	ids := map[string]string{"users": pbtest.OwnerID, "usage": pbtest.OwnerID}
	for _, collection := range []string{"ticks", "imports"} {
		record, err := app.FindFirstRecordByData(collection, "user", pbtest.OwnerID)
		if err != nil {
			t.Fatal(err)
		}
		ids[collection] = record.Id
	}
	for collection, id := range ids {
		for _, caller := range pbtest.Callers() {
			t.Run(collection+" as "+string(caller), func(t *testing.T) {
				may := caller == pbtest.Owner || caller == pbtest.Superuser
				base := "/api/collections/" + collection + "/records"
				view := app.Do(t, caller, "GET", base+"/"+id+"?expand=user", nil)
				if may != (view.Status == http.StatusOK) || !may && view.Status != http.StatusNotFound {
					t.Errorf("view: status %d, may read: %v", view.Status, may)
				}
				list := app.Do(t, caller, "GET", base+"?expand=user&perPage=500", nil)
				if strings.Contains(list.Body, id) != may {
					t.Errorf("list (status %d) shows the record: %v, may read: %v", list.Status, !may, may)
				}
				for _, method := range []string{"PATCH", "DELETE"} {
					if caller == pbtest.Owner && collection == "ticks" && method == "DELETE" {
						continue // they may: TestTickByHand
					}
					if caller != pbtest.Superuser {
						if response := app.Do(t, caller, method, base+"/"+id, map[string]any{"user": pbtest.StrangerID}); response.Status < 400 {
							t.Errorf("%s: status %d", method, response.Status)
						}
					}
				}
				if caller != pbtest.Superuser && collection != "users" {
					if response := app.Do(t, caller, "POST", base, map[string]any{"user": pbtest.OwnerID}); response.Status < 400 {
						t.Errorf("create: status %d", response.Status)
					}
				}
			})
		}
	}
}

// Filters, sorts and expands are no way around the rules, nor to hidden fields.
func TestQueriesLeakNothing(t *testing.T) {
	t.Parallel()
	app := withTick(t)
	hidden := []string{"user.email", "user.tokenKey", "user.password", "user.banned_at", "user.pending_email", "identity", "fingerprint"}
	for _, caller := range []pbtest.Caller{pbtest.Guest, pbtest.Stranger, pbtest.Deactivated, pbtest.Owner} {
		for _, field := range hidden {
			for _, query := range []string{"filter=" + url.QueryEscape(field+" != ''"), "sort=" + field} {
				response := app.Do(t, caller, "GET", "/api/collections/ticks/records?"+query, nil)
				if caller != pbtest.Owner && strings.Contains(response.Body, canary) {
					t.Errorf("%s with %s sees the tick", caller, query)
				}
				if response.Status == http.StatusOK && strings.Contains(response.Body, canary) && strings.HasPrefix(query, "filter") {
					t.Errorf("%s can filter by hidden %s", caller, field)
				}
			}
		}
		for _, query := range []string{"filter=" + url.QueryEscape("notes ~ 'canary'"), "filter=" + url.QueryEscape("@collection.ticks.notes ~ 'canary'"), "expand=user,user.ticks_via_user"} {
			response := app.Do(t, caller, "GET", "/api/collections/ticks/records?"+query, nil)
			if caller != pbtest.Owner && strings.Contains(response.Body, canary) {
				t.Errorf("%s with %s sees the tick", caller, query)
			}
		}
	}
	for _, secret := range []string{"tokenKey", "password", "banned_at", "pending_email", "deactivated_at", "identity", "fingerprint", "stripe_price", "\"window\""} {
		for _, path := range []string{"users", "ticks", "usage", "imports", "plans"} {
			response := app.Do(t, pbtest.Owner, "GET", "/api/collections/"+path+"/records?expand=user", nil)
			if strings.Contains(response.Body, secret) {
				t.Errorf("%s shows %s: %s", path, secret, response.Body)
			}
		}
	}
}

func TestV1ShowsOnlyTheCallersOwn(t *testing.T) {
	t.Parallel()
	app := withTick(t)
	for _, path := range []string{"/v1/users/me", "/v1/users/me/analytics/overview", "/v1/users/me/analytics/pyramid", "/v1/users/me/message-count"} {
		owner, stranger := app.Do(t, pbtest.Owner, "GET", path, nil), app.Do(t, pbtest.Stranger, "GET", path, nil)
		if owner.Status != http.StatusOK || stranger.Status != http.StatusOK {
			t.Fatalf("%s: %d and %d", path, owner.Status, stranger.Status)
		}
		if strings.Contains(stranger.Body, "Quiet Slab") || strings.Contains(stranger.Body, pbtest.OwnerEmail) {
			t.Errorf("%s shows the owner's data to the stranger", path)
		}
		for _, caller := range []pbtest.Caller{pbtest.Guest, pbtest.Deactivated} {
			if response := app.Do(t, caller, "GET", path, nil); response.Status != http.StatusUnauthorized {
				t.Errorf("%s as %s: status %d", path, caller, response.Status)
			}
		}
	}
}

func TestPlansArePublicWithoutStripe(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	response := app.Do(t, pbtest.Guest, "GET", "/v1/plans", nil)
	var plans []struct {
		Tier  string
		Price struct {
			Amount             int
			Currency, Interval string
		}
		MaxDailyMessages *int `json:"max_daily_messages"`
		MaxTicks         int  `json:"max_ticks"`
		Features         []string
	}
	response.JSON(t, &plans)
	if len(plans) != 3 || strings.Contains(response.Body, "stripe") {
		t.Fatalf("plans: %s", response.Body)
	}
	free, basic, premium := plans[0], plans[1], plans[2]
	if free.Tier != "free" || *free.MaxDailyMessages != 0 || free.Price.Amount != 0 {
		t.Errorf("free: %+v", free)
	}
	if basic.Tier != "basic" || *basic.MaxDailyMessages != 25 || basic.Price.Amount != 999 || basic.Price.Currency != "usd" || basic.Price.Interval != "month" {
		t.Errorf("basic: %+v", basic)
	}
	if premium.Tier != "premium" || premium.MaxDailyMessages != nil || premium.Price.Amount != 2999 || len(premium.Features) == 0 {
		t.Errorf("premium: %+v", premium)
	}
	// An administrator's edit acts at once.
	record, err := app.FindFirstRecordByData("plans", "tier", "basic")
	if err != nil {
		t.Fatal(err)
	}
	if edit := app.Do(t, pbtest.Superuser, "PATCH", "/api/collections/plans/records/"+record.Id, map[string]any{"max_daily_messages": 30}); edit.Status != http.StatusOK {
		t.Fatalf("edit: %s", edit.Body)
	}
	if body := app.Do(t, pbtest.Guest, "GET", "/v1/plans", nil).Body; !strings.Contains(body, `"max_daily_messages":30`) {
		t.Errorf("the edit does not show: %s", body)
	}
	if edit := app.Do(t, pbtest.Owner, "PATCH", "/api/collections/plans/records/"+record.Id, map[string]any{"max_daily_messages": 99}); edit.Status < 400 {
		t.Errorf("a user edited a plan: status %d", edit.Status)
	}
}
