package hooks_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/pbtest"
)

func TestGetMeHasExactlyTheFieldsOfTheContract(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	me := app.Do(t, pbtest.Owner, "GET", "/v1/users/me", nil).Map(t)
	want := strings.Fields("created_at daily_message_count eight_a_last_sync eight_a_nu_url email id is_active is_superuser last_login " +
		"last_message_date mountain_project_url mtn_project_last_sync payment_status pending_email tier updated_at username verified")
	if got := slices.Sorted(maps.Keys(me)); !slices.Equal(got, want) {
		t.Errorf("keys\n got %v\nwant %v", got, want)
	}
	for field, value := range map[string]any{
		"id": pbtest.OwnerID, "username": "olga", "email": pbtest.OwnerEmail, "is_active": true, "is_superuser": false, "tier": "free",
		"payment_status": "inactive", "daily_message_count": 0.0, "last_message_date": nil, "mountain_project_url": nil, "verified": false,
	} {
		if me[field] != value {
			t.Errorf("%s is %v, want %v", field, me[field], value)
		}
	}
	if created, _ := me["created_at"].(string); len(created) != len("2026-11-23T08:00:00.000Z") || !strings.HasSuffix(created, "Z") {
		t.Errorf("created_at %q is not RFC 3339 with milliseconds", created)
	}
}

func TestGetMeAnswers304WhenNothingChanged(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	first := app.Do(t, pbtest.Owner, "GET", "/v1/users/me", nil)
	if control := first.Header.Get("Cache-Control"); control != "private, no-cache" {
		t.Errorf("Cache-Control %q", control)
	}
	again := pbtest.NewRequest(t, "GET", "/v1/users/me", app.Token(t, pbtest.Owner), nil)
	again.Header.Set("If-None-Match", first.Header.Get("ETag"))
	if second := app.Send(t, again); second.Status != http.StatusNotModified || second.Body != "" {
		t.Errorf("status %d and body %q, want an empty 304", second.Status, second.Body)
	}
	app.Do(t, pbtest.Owner, "PATCH", "/v1/users/me", map[string]any{"username": "olga2"})
	again = pbtest.NewRequest(t, "GET", "/v1/users/me", app.Token(t, pbtest.Owner), nil)
	again.Header.Set("If-None-Match", first.Header.Get("ETag"))
	if third := app.Send(t, again); third.Status != http.StatusOK || third.Map(t)["username"] != "olga2" {
		t.Errorf("after a change: status %d, %s", third.Status, third.Body)
	}
}

func TestPatchMe(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule  string
		body  string
		field string // "field:code" of the error, "" when it is to work
		want  map[string]any
	}{
		{"a new username", `{"username":"Olga.O-1_x"}`, "", map[string]any{"username": "Olga.O-1_x"}},
		{"one's own username in other letters", `{"username":"OLGA"}`, "", map[string]any{"username": "OLGA"}},
		{"somebody else's username in other letters", `{"username":"STAN"}`, "username:validation_not_unique", nil},
		{"username with a space", `{"username":"olga o"}`, "username:validation_invalid_format", nil},
		{"username with a look-alike letter", `{"username":"оlga"}`, "username:validation_invalid_format", nil},
		{"username of 51", `{"username":"` + strings.Repeat("x", 51) + `"}`, "username:validation_max_text_constraint", nil},
		{"no username", `{"username":null}`, "username:validation_required", nil},
		{
			"a Mountain Project profile, normalised", `{"mountain_project_url":"http://mountainproject.com/user/200123456/olga-owner/ticks?x=1#y"}`, "",
			map[string]any{"mountain_project_url": "https://www.mountainproject.com/user/200123456"},
		},
		{"an 8a.nu profile, normalised", `{"eight_a_nu_url":"https://8a.nu/user/olga-owner/"}`, "", map[string]any{"eight_a_nu_url": "https://www.8a.nu/user/olga-owner"}},
		{"another host", `{"mountain_project_url":"https://mountainproject.com.evil.example/user/1/x"}`, "mountain_project_url:invalid_profile_url", nil},
		{"the other site's profile", `{"eight_a_nu_url":"https://www.mountainproject.com/user/200123456"}`, "eight_a_nu_url:invalid_profile_url", nil},
		{"a profile that is taken", `{"mountain_project_url":"https://www.mountainproject.com/user/999/stan"}`, "mountain_project_url:already_linked", nil},
		{"unlinking by null", `{"mountain_project_url":null}`, "", map[string]any{"mountain_project_url": nil}},
		{"unlinking by empty text", `{"eight_a_nu_url":""}`, "", map[string]any{"eight_a_nu_url": nil}},
		{"nothing", `{}`, "", map[string]any{"username": "olga"}},
		{"one bad field of two changes none", `{"username":"changed","mountain_project_url":"nonsense"}`, "mountain_project_url:invalid_profile_url", map[string]any{"username": "olga"}},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			app := pbtest.New(t)
			link(t, app, pbtest.Stranger, "https://www.mountainproject.com/user/999")
			response := app.Do(t, pbtest.Owner, "PATCH", "/v1/users/me", test.body)
			if test.field != "" {
				checkProblem(t, response, 400, "validation_failed", test.field)
			} else if response.Status != http.StatusOK {
				t.Fatalf("status %d: %s", response.Status, response.Body)
			}
			me := app.Do(t, pbtest.Owner, "GET", "/v1/users/me", nil)
			for field, value := range test.want {
				if got := me.Map(t)[field]; got != value {
					t.Errorf("%s is %v, want %v", field, got, value)
				}
			}
			if test.field == "" && response.Body != me.Body {
				t.Errorf("PATCH answered %s, GET %s", response.Body, me.Body)
			}
		})
	}
}

func TestPatchMeReportsAllBadFields(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	response := app.Do(t, pbtest.Owner, "PATCH", "/v1/users/me", `{"username":"!","mountain_project_url":"x","eight_a_nu_url":"y"}`)
	for _, field := range []string{"username:validation_min_text_constraint", "mountain_project_url:invalid_profile_url", "eight_a_nu_url:invalid_profile_url"} {
		checkProblem(t, response, 400, "validation_failed", field)
	}
}

func link(t *testing.T, app *pbtest.App, caller pbtest.Caller, url string) {
	t.Helper()
	if response := app.Do(t, caller, "PATCH", "/v1/users/me", map[string]any{"mountain_project_url": url}); response.Status != http.StatusOK {
		t.Fatalf("link: %s", response.Body)
	}
}

// Fifty people want the same name at once: one gets it, and the others are told.
func TestParallelPatchesOfOneUsername(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		t.Fatal(err)
	}
	var tokens []string
	for i := range 50 {
		user := core.NewRecord(users)
		user.SetEmail(fmt.Sprintf("climber%d@example.com", i))
		user.Set("username", fmt.Sprintf("climber%d", i))
		user.SetPassword(pbtest.Password)
		if err := app.Save(user); err != nil {
			t.Fatal(err)
		}
		token, err := account.Begin(app, user, "password", account.Client{}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		tokens = append(tokens, token)
	}
	answers := make(chan pbtest.Response, len(tokens))
	var wait sync.WaitGroup
	for _, token := range tokens {
		wait.Go(func() {
			answers <- app.Send(t, pbtest.NewRequest(t, "PATCH", "/v1/users/me", token, `{"username":"Wanted"}`))
		})
	}
	wait.Wait()
	close(answers)
	won := 0
	for answer := range answers {
		if answer.Status == http.StatusOK {
			won++
			continue
		}
		checkProblem(t, answer, 400, "validation_failed", "username:validation_not_unique")
	}
	if won != 1 {
		t.Errorf("%d got the name", won)
	}
}

func TestPatchAlwaysAnswersWithTheProfile(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	before := app.Do(t, pbtest.Owner, "GET", "/v1/users/me", nil)
	request := pbtest.NewRequest(t, "PATCH", "/v1/users/me", app.Token(t, pbtest.Owner), `{}`)
	request.Header.Set("If-None-Match", "*")
	request.Header.Set("Origin", "https://app.example.com")
	after := app.Send(t, request)
	if after.Status != http.StatusOK || after.Body != before.Body || after.Header.Get("ETag") != before.Header.Get("ETag") {
		t.Errorf("a change of nothing: status %d, %s", after.Status, after.Body)
	}
	if vary := strings.Join(after.Header.Values("Vary"), ","); !strings.Contains(vary, "Origin") || !strings.Contains(vary, "Authorization") {
		t.Errorf("Vary: %s", vary)
	}
}

// A token that was taken back is refused by the first request after that was acknowledged, however many readers keep
// the user in memory.
func TestNoStaleSessionIsAccepted(t *testing.T) {
	t.Parallel()
	for _, end := range []struct {
		rule string
		act  func(*testing.T, *pbtest.App)
	}{
		{"password change", func(t *testing.T, app *pbtest.App) { changeUser(t, app, "password", "quartz-harness-dawn-77") }},
		{"deactivation", func(t *testing.T, app *pbtest.App) { changeUser(t, app, "is_active", false) }},
		{"ban", func(t *testing.T, app *pbtest.App) { changeUser(t, app, "banned_at", "2026-01-01 00:00:00.000Z") }},
	} {
		t.Run(end.rule, func(t *testing.T) {
			t.Parallel()
			app := pbtest.New(t)
			token := app.Token(t, pbtest.Owner)
			status := func() int { return app.Send(t, pbtest.NewRequest(t, "GET", "/v1/users/me", token, nil)).Status }
			stop := make(chan struct{})
			var readers sync.WaitGroup
			for range 64 {
				readers.Go(func() {
					for {
						select {
						case <-stop:
							return
						default:
							status()
						}
					}
				})
			}
			end.act(t, app)
			for range 200 {
				if got := status(); got != http.StatusUnauthorized {
					t.Errorf("status %d after the end of the session", got)
					break
				}
			}
			close(stop)
			readers.Wait()
		})
	}
}

func changeUser(t *testing.T, app *pbtest.App, field string, value any) {
	t.Helper()
	user, err := app.FindRecordById("users", pbtest.OwnerID)
	if err != nil {
		t.Fatal(err)
	}
	user.Set(field, value)
	if err := app.Save(user); err != nil {
		t.Fatal(err)
	}
}

// A save of one field never brings back another that changed since the record was read.
func TestConcurrentSavesKeepEachOthersFields(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	first, _ := app.FindRecordById("users", pbtest.OwnerID)
	second, _ := app.FindRecordById("users", pbtest.OwnerID)
	first.Set("is_active", false)
	if err := app.Save(first); err != nil {
		t.Fatal(err)
	}
	second.Set("username", "olga3")
	if err := app.Save(second); err != nil {
		t.Fatal(err)
	}
	saved, _ := app.FindRecordById("users", pbtest.OwnerID)
	if saved.GetBool("is_active") || saved.GetString("username") != "olga3" {
		t.Errorf("is_active %v, username %s: one save undid the other", saved.GetBool("is_active"), saved.GetString("username"))
	}
}

func TestSignUpAndLogin(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	signUp := func(body map[string]any) pbtest.Response {
		return app.Do(t, pbtest.Guest, "POST", "/api/collections/users/records", body)
	}
	good := func(extra map[string]any) map[string]any {
		body := map[string]any{"username": "nina", "email": "Nina@Example.com", "password": pbtest.Password, "passwordConfirm": pbtest.Password}
		maps.Copy(body, extra)
		return body
	}
	for field, value := range map[string]any{
		"tier": "premium", "payment_status": "active", "is_active": false, "is_superuser": true, "verified": true, "id": "chosen000000001",
		"pending_email": "x@example.com", "banned_at": "", "tokenKey": "chosen", "username+": "x", "emailVisibility": true, "last_login": "2020-01-01 00:00:00Z", "mountain_project_url": "https://www.mountainproject.com/user/1", "nonsense": 1,
	} {
		if response := signUp(good(map[string]any{field: value})); response.Status != http.StatusBadRequest || !strings.Contains(response.Body, `"`+field+`"`) {
			t.Errorf("sign-up with %s: status %d, %s", field, response.Status, response.Body)
		}
	}
	for rule, extra := range map[string]map[string]any{
		"short password": {"password": "short", "passwordConfirm": "short"}, "taken username": {"username": "OLGA"},
		"no username": {"username": ""}, "a password that is guessed first": {"password": "nina-climbing-2024", "passwordConfirm": "nina-climbing-2024"},
		"taken username and e-mail":    {"username": "OLGA", "email": "OLGA.owner@example.com"},
		"72 bytes in 24 characters":    {"password": strings.Repeat("€", 24), "passwordConfirm": strings.Repeat("€", 24)},
		"a line break in the password": {"password": "granite\nsunset-42", "passwordConfirm": "granite\nsunset-42"},
	} {
		if response := signUp(good(extra)); response.Status != http.StatusBadRequest {
			t.Errorf("%s: status %d, %s", rule, response.Status, response.Body)
		}
	}
	if response := signUp(good(nil)); response.Status != http.StatusOK {
		t.Fatalf("sign-up: %s", response.Body)
	}
	for _, identity := range []string{"nina@example.com", "NINA@example.com", "nina", "Nina"} {
		login := app.Do(t, pbtest.Guest, "POST", "/api/collections/users/auth-with-password", map[string]any{"identity": identity, "password": pbtest.Password})
		if login.Status != http.StatusOK {
			t.Errorf("login as %s: %s", identity, login.Body)
			continue
		}
		token := login.Map(t)["token"].(string)
		me := app.Send(t, pbtest.NewRequest(t, "GET", "/v1/users/me", token, nil)).Map(t)
		if me["tier"] != "free" || me["payment_status"] != "inactive" || me["is_active"] != true || me["email"] != "nina@example.com" || me["last_login"] == nil {
			t.Errorf("new user: %v", me)
		}
	}
	if login := app.Do(t, pbtest.Guest, "POST", "/api/collections/users/auth-with-password", map[string]any{"identity": "nina", "password": "wrong-password"}); login.Status != http.StatusBadRequest {
		t.Errorf("wrong password: status %d", login.Status)
	}
}

// What /v1 forbids is not possible through PocketBase's own API either.
func TestUsersAreNotWritableNatively(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	before := app.Do(t, pbtest.Owner, "GET", "/v1/users/me", nil).Body
	url := "/api/collections/users/records/" + pbtest.OwnerID
	for _, body := range []string{
		`{"tier":"premium"}`, `{"is_active":false}`, `{"is_superuser":true}`, `{"verified":true}`, `{"payment_status":"active"}`, `{"banned_at":""}`,
		`{"oldPassword":"` + pbtest.Password + `","password":"quartz-harness-dawn-77","passwordConfirm":"quartz-harness-dawn-77"}`, `{"username":"natively"}`,
	} {
		for _, caller := range []pbtest.Caller{pbtest.Owner, pbtest.Stranger, pbtest.Guest} {
			if response := app.Do(t, caller, "PATCH", url, body); response.Status < 400 {
				t.Errorf("PATCH %s as %s: status %d", body, caller, response.Status)
			}
		}
	}
	if response := app.Do(t, pbtest.Owner, "DELETE", url, nil); response.Status < 400 {
		t.Errorf("DELETE: status %d", response.Status)
	}
	batch := `{"requests":[{"method":"PATCH","url":"` + url + `","body":{"tier":"premium"}}]}`
	if response := app.Do(t, pbtest.Owner, "POST", "/api/batch", batch); response.Status < 400 {
		t.Errorf("batch: status %d", response.Status)
	}
	if after := app.Do(t, pbtest.Owner, "GET", "/v1/users/me", nil).Body; after != before {
		t.Errorf("profile changed\nfrom %s\nto   %s", before, after)
	}
}
