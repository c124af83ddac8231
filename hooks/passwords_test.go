package hooks_test

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/pocketbase/pocketbase/tools/security"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/pbtest"
)

const newPassword = "quartz-harness-dawn-77"

// login signs in by the native route.
func login(t *testing.T, app *pbtest.App, identity, password string) pbtest.Response {
	t.Helper()
	return app.Do(t, pbtest.Guest, "POST", "/api/collections/users/auth-with-password", map[string]string{"identity": identity, "password": password})
}

// tokenOf is the token in the answer to a login.
func tokenOf(t *testing.T, answer pbtest.Response) string {
	t.Helper()
	token, _ := answer.Map(t)["token"].(string)
	if answer.Status != http.StatusOK || token == "" {
		t.Fatalf("no token: %d %s", answer.Status, answer.Body)
	}
	return token
}

// as sends a request with a token.
func as(t *testing.T, app *pbtest.App, token, method, path string, body any) pbtest.Response {
	t.Helper()
	return app.Send(t, pbtest.NewRequest(t, method, path, token, body))
}

func changeOf(old, next, confirmation string) map[string]string {
	return map[string]string{"old_password": old, "new_password": next, "confirmation": confirmation}
}

func events(t *testing.T, app *pbtest.App, userID string) []string {
	t.Helper()
	records, err := app.FindRecordsByFilter("audit_log", "user = {:user}", "@rowid", 0, 0, map[string]any{"user": userID})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, record := range records {
		names = append(names, record.GetString("event"))
	}
	return names
}

func mails(t *testing.T, app *pbtest.App, kind string) []string {
	t.Helper()
	records, err := app.FindRecordsByFilter("outbox", "kind = {:kind}", "@rowid", 0, 0, map[string]any{"kind": kind})
	if err != nil {
		t.Fatal(err)
	}
	var receivers []string
	for _, record := range records {
		receivers = append(receivers, record.GetString("to"))
	}
	return receivers
}

func TestChangePasswordEndsEveryOtherToken(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	here, elsewhere := tokenOf(t, login(t, app, "olga", pbtest.Password)), tokenOf(t, login(t, app, "olga", pbtest.Password))
	stream := subscribe(t, app, listen(t, app), pbtest.Owner, "usage/"+pbtest.OwnerID)
	answer := as(t, app, here, "POST", "/v1/users/me/change-password", changeOf(pbtest.Password, newPassword, newPassword))
	fresh := tokenOf(t, answer)
	if keys := slices.Sorted(maps.Keys(answer.Map(t))); !slices.Equal(keys, []string{"record", "token"}) {
		t.Errorf("keys %v", keys)
	}
	stream.ended(t)
	for _, token := range []string{here, elsewhere} {
		for _, path := range []string{"/v1/users/me", "/v1/users/me/activity"} {
			if old := as(t, app, token, "GET", path, nil); old.Status != http.StatusUnauthorized {
				t.Errorf("an old token on %s: %d", path, old.Status)
			}
		}
		if old := as(t, app, token, "POST", "/api/collections/users/auth-refresh", nil); old.Status != http.StatusUnauthorized {
			t.Errorf("an old token is refreshed: %d", old.Status)
		}
	}
	if now := as(t, app, fresh, "GET", "/v1/users/me", nil); now.Status != http.StatusOK {
		t.Errorf("the new token: %d %s", now.Status, now.Body)
	}
	if old := login(t, app, "olga", pbtest.Password); old.Status != http.StatusBadRequest {
		t.Errorf("the old password: %d", old.Status)
	}
	tokenOf(t, login(t, app, "olga", newPassword))
	if got := events(t, app, pbtest.OwnerID); !slices.Equal(got, []string{"login", "login", "password_changed", "login_failed", "login"}) {
		t.Errorf("audit log: %v", got)
	}
	if got := mails(t, app, "password_changed"); !slices.Equal(got, []string{pbtest.OwnerEmail}) {
		t.Errorf("mails to %v", got)
	}
}

func TestChangePasswordRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule  string
		body  any
		field string
	}{
		{"a wrong old one", changeOf("wrong", newPassword, newPassword), "old_password:invalid_password"},
		{"no old one", changeOf("", newPassword, newPassword), "old_password:validation_required"},
		{"a weak one", changeOf(pbtest.Password, "climbing2024", "climbing2024"), "new_password:weak_password"},
		{"the user's own words", changeOf(pbtest.Password, "olga.owner1", "olga.owner1"), "new_password:weak_password"},
		{"the same", changeOf(pbtest.Password, pbtest.Password, pbtest.Password), "new_password:validation_same_password"},
		{"another confirmation", changeOf(pbtest.Password, newPassword, newPassword+"x"), "confirmation:validation_values_mismatch"},
		{"10 kB", changeOf(pbtest.Password, strings.Repeat("x", 10_000), strings.Repeat("x", 10_000)), "new_password:validation_invalid_password"},
		{"an old one of 10 kB", changeOf(strings.Repeat("x", 10_000), newPassword, newPassword), "old_password:invalid_password"},
		{"another field", map[string]string{"old_password": pbtest.Password, "user": pbtest.StrangerID}, "user:unknown_field"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			app := pbtest.New(t)
			checkProblem(t, app.Do(t, pbtest.Owner, "POST", "/v1/users/me/change-password", test.body), 400, "validation_failed", test.field)
			tokenOf(t, login(t, app, "olga", pbtest.Password))
		})
	}
}

// Five wrong passwords lock every endpoint that asks a session for the password: for this user, and with one mail.
func TestWrongPasswordsLockTheAccountsEndpoints(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	bodies := []struct {
		method, path string
		body         map[string]string
	}{
		{"POST", "/v1/users/me/change-password", changeOf("wrong", newPassword, newPassword)},
		{"PATCH", "/v1/users/me", map[string]string{"email": "new@example.com", "current_password": "wrong"}},
		{"PATCH", "/v1/users/me", map[string]string{"password": newPassword, "current_password": "wrong"}},
		{"POST", "/v1/users/me/deactivate", map[string]string{"password": "wrong"}},
		{"DELETE", "/v1/users/me", map[string]string{"password": "wrong"}},
	}
	for _, guess := range bodies {
		if answer := app.Do(t, pbtest.Owner, guess.method, guess.path, guess.body); answer.Status != http.StatusBadRequest || !strings.Contains(answer.Body, "invalid_password") {
			t.Fatalf("%s %s: %d %s", guess.method, guess.path, answer.Status, answer.Body)
		}
	}
	for _, right := range bodies {
		body := maps.Clone(right.body)
		for field, value := range body {
			if value == "wrong" {
				body[field] = pbtest.Password
			}
		}
		answer := app.Do(t, pbtest.Owner, right.method, right.path, body)
		checkProblem(t, answer, 429, "too_many_attempts", "")
		if wait := answer.Header.Get("Retry-After"); wait != "900" && wait != "899" {
			t.Errorf("Retry-After %q", wait)
		}
	}
	if other := app.Do(t, pbtest.Stranger, "POST", "/v1/users/me/change-password", changeOf("wrong", newPassword, newPassword)); other.Status != http.StatusBadRequest {
		t.Errorf("another user: %d", other.Status)
	}
	if me := app.Do(t, pbtest.Owner, "GET", "/v1/users/me", nil); me.Status != http.StatusOK {
		t.Errorf("the session: %d", me.Status)
	}
	tokenOf(t, login(t, app, "olga", pbtest.Password))
	if got := mails(t, app, "too_many_attempts"); !slices.Equal(got, []string{pbtest.OwnerEmail}) {
		t.Errorf("mails to %v", got)
	}
}

// A burst of wrong logins costs five checks, whether or not the account exists, and no session.
func TestWrongLoginsAreThrottled(t *testing.T) {
	t.Parallel()
	for _, identity := range []string{pbtest.OwnerEmail, "nobody@example.com", pbtest.DeactivatedEmail, "nobody"} {
		t.Run(identity, func(t *testing.T) {
			t.Parallel()
			app := pbtest.New(t)
			answers := make(chan pbtest.Response, 200)
			var burst sync.WaitGroup
			for range cap(answers) {
				burst.Go(func() { answers <- login(t, app, identity, "wrong-wrong-wrong") })
			}
			burst.Wait()
			close(answers)
			counts := map[int]int{}
			for answer := range answers {
				counts[answer.Status]++
			}
			if counts[400] != 5 || counts[429] != 195 {
				t.Errorf("answers by status: %v", counts)
			}
			if locked := login(t, app, identity, pbtest.Password); locked.Status != http.StatusTooManyRequests || locked.Header.Get("Retry-After") == "" {
				t.Errorf("the right password meanwhile: %d", locked.Status)
			}
			if me := app.Do(t, pbtest.Owner, "GET", "/v1/users/me", nil); me.Status != http.StatusOK {
				t.Errorf("the owner's session: %d", me.Status)
			}
		})
	}
}

// keepMails leaves the links in the outbox, which loses them once a mail is sent.
func keepMails(deps *hooks.Deps) { deps.MailKept = true }

var token = regexp.MustCompile(`token=([\w.-]+)`)

// changeEmail asks for an address and returns the token that was mailed to it.
func changeEmail(t *testing.T, app *pbtest.App, email string) string {
	t.Helper()
	answer := app.Do(t, pbtest.Owner, "PATCH", "/v1/users/me", map[string]string{"email": email, "current_password": pbtest.Password})
	if answer.Status != http.StatusOK {
		t.Fatalf("PATCH: %s", answer.Body)
	}
	mail, err := app.FindFirstRecordByFilter("outbox", "kind = 'email_change' && to = {:to}", map[string]any{"to": strings.ToLower(email)})
	if err != nil {
		t.Fatal(err)
	}
	found := token.FindStringSubmatch(mail.GetString("text"))
	if found == nil {
		t.Fatalf("no link in %s", mail.GetString("text"))
	}
	return found[1]
}

func confirmEmail(t *testing.T, app *pbtest.App, token, password string) pbtest.Response {
	t.Helper()
	return app.Do(t, pbtest.Guest, "POST", "/api/collections/users/confirm-email-change", map[string]string{"token": token, "password": password})
}

func TestEmailChangesWhenItIsConfirmed(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t, keepMails)
	session := tokenOf(t, login(t, app, "olga", pbtest.Password))
	link := changeEmail(t, app, "Olga.New@example.com")
	me := as(t, app, session, "GET", "/v1/users/me", nil).Map(t)
	if me["email"] != pbtest.OwnerEmail || me["pending_email"] != "olga.new@example.com" {
		t.Errorf("before: %v, pending %v", me["email"], me["pending_email"])
	}
	if wrong := confirmEmail(t, app, link, "wrong-password"); wrong.Status != http.StatusBadRequest {
		t.Errorf("with a wrong password: %d", wrong.Status)
	}
	if right := confirmEmail(t, app, link, pbtest.Password); right.Status != http.StatusNoContent {
		t.Fatalf("confirm: %d %s", right.Status, right.Body)
	}
	if old := as(t, app, session, "GET", "/v1/users/me", nil); old.Status != http.StatusUnauthorized {
		t.Errorf("a token from before: %d", old.Status)
	}
	me = app.Do(t, pbtest.Owner, "GET", "/v1/users/me", nil).Map(t)
	if me["email"] != "olga.new@example.com" || me["pending_email"] != nil || me["verified"] != true {
		t.Errorf("after: %v", me)
	}
	if again := confirmEmail(t, app, link, pbtest.Password); again.Status != http.StatusBadRequest {
		t.Errorf("the link a second time: %d", again.Status)
	}
	if got := mails(t, app, "email_changing"); !slices.Equal(got, []string{pbtest.OwnerEmail}) {
		t.Errorf("notice of the request to %v", got)
	}
	if got := mails(t, app, "email_changed"); !slices.Equal(got, []string{pbtest.OwnerEmail}) {
		t.Errorf("notice of the change to %v", got)
	}
}

func TestOnlyTheLatestEmailLinkWorks(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t, keepMails)
	first, second := changeEmail(t, app, "first@example.com"), changeEmail(t, app, "second@example.com")
	if old := confirmEmail(t, app, first, pbtest.Password); old.Status != http.StatusBadRequest {
		t.Errorf("the link of another wish: %d", old.Status)
	}
	app.Do(t, pbtest.Owner, "PATCH", "/v1/users/me", map[string]string{"email": pbtest.OwnerEmail, "current_password": pbtest.Password})
	if me := app.Do(t, pbtest.Owner, "GET", "/v1/users/me", nil).Map(t); me["pending_email"] != nil {
		t.Errorf("pending after it was taken back: %v", me["pending_email"])
	}
	if back := confirmEmail(t, app, second, pbtest.Password); back.Status != http.StatusBadRequest {
		t.Errorf("the link of a wish that was taken back: %d", back.Status)
	}
}

func TestWrongPasswordsOfAnEmailLinkAreThrottled(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t, keepMails)
	link := changeEmail(t, app, "new@example.com")
	for range 5 {
		if answer := confirmEmail(t, app, link, "wrong-password"); answer.Status != http.StatusBadRequest {
			t.Fatalf("a guess: %d", answer.Status)
		}
	}
	if answer := confirmEmail(t, app, link, pbtest.Password); answer.Status != http.StatusTooManyRequests || answer.Header.Get("Retry-After") == "" {
		t.Errorf("after five: %d", answer.Status)
	}
}

func TestPatchOfEmailAndPasswordIsAllOrNothing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule  string
		body  map[string]string
		field string
	}{
		{"an e-mail without the password", map[string]string{"email": "new@example.com", "username": "changed"}, "current_password:validation_required"},
		{"a wrong password", map[string]string{"email": "new@example.com", "username": "changed", "current_password": "wrong"}, "current_password:invalid_password"},
		{"an address of somebody else in other letters", map[string]string{"email": "STAN.stranger@example.com", "username": "changed", "current_password": pbtest.Password}, "email:validation_not_unique"},
		{"no address", map[string]string{"email": "nonsense", "username": "changed", "current_password": pbtest.Password}, "email:validation_is_email"},
		{"an empty address", map[string]string{"email": "", "username": "changed", "current_password": pbtest.Password}, "email:validation_required"},
		{"a weak password", map[string]string{"password": "password1234", "username": "changed", "current_password": pbtest.Password}, "password:weak_password"},
		{"a taken name beside a good password", map[string]string{"password": newPassword, "username": "stan", "current_password": pbtest.Password}, "username:validation_not_unique"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			app := pbtest.New(t)
			before := app.Do(t, pbtest.Owner, "GET", "/v1/users/me", nil).Body
			checkProblem(t, app.Do(t, pbtest.Owner, "PATCH", "/v1/users/me", test.body), 400, "validation_failed", test.field)
			if after := app.Do(t, pbtest.Owner, "GET", "/v1/users/me", nil).Body; after != before {
				t.Errorf("changed to %s", after)
			}
			tokenOf(t, login(t, app, "olga", pbtest.Password))
			if count, _ := app.CountRecords("outbox"); count != 0 {
				t.Errorf("%d mails", count)
			}
		})
	}
}

func TestPatchOfThePasswordEndsEveryToken(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	session := tokenOf(t, login(t, app, "olga", pbtest.Password))
	answer := as(t, app, session, "PATCH", "/v1/users/me", map[string]string{"password": newPassword, "current_password": pbtest.Password, "username": "olga.new"})
	if answer.Status != http.StatusOK || answer.Map(t)["username"] != "olga.new" {
		t.Fatalf("PATCH: %d %s", answer.Status, answer.Body)
	}
	if old := as(t, app, session, "GET", "/v1/users/me", nil); old.Status != http.StatusUnauthorized {
		t.Errorf("the token: %d", old.Status)
	}
	tokenOf(t, login(t, app, "olga.new", newPassword))
}

func TestLinkedProfileIsSyncedAndSaysWhyNot(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	answer := app.Do(t, pbtest.Owner, "PATCH", "/v1/users/me", map[string]string{"mountain_project_url": "https://www.mountainproject.com/user/200123456", "eight_a_nu_url": "https://www.8a.nu/user/olga"})
	ids := answer.Header.Values("X-Sync-Job")
	if answer.Status != http.StatusOK || len(ids) != 2 {
		t.Fatalf("%d, jobs %v: %s", answer.Status, ids, answer.Body)
	}
	if same := app.Do(t, pbtest.Owner, "PATCH", "/v1/users/me", map[string]string{"mountain_project_url": "https://mountainproject.com/user/200123456/olga"}); same.Header.Get("X-Sync-Job") != "" {
		t.Error("the same profile again is synced again")
	}
	for _, id := range ids {
		if _, err := app.FindRecordById("jobs", id); err != nil {
			t.Errorf("job %s: %v", id, err)
		}
	}
	deadline := time.After(10 * time.Second)
	for {
		runs := app.Do(t, pbtest.Owner, "GET", "/api/collections/sync_runs/records", nil).Body
		if strings.Count(runs, `"status":"failed"`) == 2 && strings.Count(runs, "This server does not read profiles of ") == 2 {
			break
		}
		select {
		case <-time.Tick(10 * time.Millisecond):
		case <-deadline:
			t.Fatalf("runs: %s", runs)
		}
	}
	if others := app.Do(t, pbtest.Stranger, "GET", "/api/collections/sync_runs/records", nil).Body; strings.Contains(others, "source") {
		t.Errorf("the stranger sees %s", others)
	}
}

func TestDeactivationAndReturn(t *testing.T) {
	t.Parallel()
	for _, leave := range []struct {
		rule, method, path, key, mail string
		status                        int
	}{
		{"deactivate", "POST", "/v1/users/me/deactivate", "deactivated_at", "deactivated", 200},
		{"delete", "DELETE", "/v1/users/me", "erase_at", "erasure_scheduled", 202},
	} {
		t.Run(leave.rule, func(t *testing.T) {
			t.Parallel()
			app := pbtest.New(t)
			session := tokenOf(t, login(t, app, "olga", pbtest.Password))
			stream := subscribe(t, app, listen(t, app), pbtest.Owner, "usage/"+pbtest.OwnerID)
			checkProblem(t, as(t, app, session, leave.method, leave.path, map[string]string{"password": "wrong"}), 400, "validation_failed", "password:invalid_password")
			checkProblem(t, as(t, app, session, leave.method, leave.path, `{}`), 400, "validation_failed", "password:validation_required")
			answer := as(t, app, session, leave.method, leave.path, map[string]string{"password": pbtest.Password})
			if answer.Status != leave.status || len(answer.Map(t)) != 1 || answer.Map(t)[leave.key] == nil {
				t.Fatalf("%d %s", answer.Status, answer.Body)
			}
			stream.ended(t)
			for _, path := range []string{"/v1/users/me", "/v1/users/me/activity", "/v1/users/me/analytics/overview"} {
				if dead := as(t, app, session, "GET", path, nil); dead.Status != http.StatusUnauthorized {
					t.Errorf("%s: %d", path, dead.Status)
				}
			}
			if got := mails(t, app, leave.mail); !slices.Equal(got, []string{pbtest.OwnerEmail}) {
				t.Errorf("mails to %v", got)
			}
			wrong, missing := login(t, app, "olga", "wrong-password-1"), login(t, app, "nobody", "wrong-password-1")
			if wrong.Status != missing.Status || wrong.Body != missing.Body {
				t.Errorf("a wrong login tells that the account exists: %d %s, %d %s", wrong.Status, wrong.Body, missing.Status, missing.Body)
			}
			back := tokenOf(t, login(t, app, "olga", pbtest.Password))
			if dead := as(t, app, session, "GET", "/v1/users/me", nil); dead.Status != http.StatusUnauthorized {
				t.Errorf("the token from before the return: %d", dead.Status)
			}
			me := as(t, app, back, "GET", "/v1/users/me", nil).Map(t)
			if me["is_active"] != true || me["tier"] != "free" {
				t.Errorf("after the return: %v", me)
			}
			user, err := app.FindRecordById("users", pbtest.OwnerID)
			if err != nil || !user.GetDateTime("erase_at").IsZero() || !user.GetDateTime("deactivated_at").IsZero() {
				t.Errorf("still marked: %v %v (%v)", user.GetDateTime("erase_at"), user.GetDateTime("deactivated_at"), err)
			}
			if got := mails(t, app, "reactivated"); !slices.Equal(got, []string{pbtest.OwnerEmail}) {
				t.Errorf("mails to %v", got)
			}
		})
	}
}

// No login lifts a ban, also not of an account that was deactivated before.
func TestBanOutlivesLogin(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	for user, identity := range map[string]string{pbtest.OwnerID: "olga", pbtest.DeactivatedID: "dora"} {
		record, err := app.FindRecordById("users", user)
		if err != nil {
			t.Fatal(err)
		}
		record.Set("banned_at", time.Now())
		if err := app.Save(record); err != nil {
			t.Fatal(err)
		}
		if answer := login(t, app, identity, pbtest.Password); answer.Status == http.StatusOK {
			t.Errorf("%s is in: %s", identity, answer.Body)
		}
		if record, _ = app.FindRecordById("users", user); record.GetDateTime("banned_at").IsZero() {
			t.Errorf("the ban of %s is lifted", identity)
		}
	}
	if record, _ := app.FindRecordById("users", pbtest.DeactivatedID); record.GetBool("is_active") {
		t.Error("a banned account was reactivated")
	}
}

// Whatever the order, the account is either active, and somebody has a token that works, or it is not, and nobody has.
func TestDeactivationRacesWithEverythingElse(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	for range 5 {
		session := tokenOf(t, login(t, app, pbtest.OwnerEmail, pbtest.Password))
		tokens := make(chan string, 20)
		var race sync.WaitGroup
		race.Go(func() {
			as(t, app, session, "POST", "/v1/users/me/deactivate", map[string]string{"password": pbtest.Password})
		})
		for range 4 {
			race.Go(func() {
				if answer := login(t, app, pbtest.OwnerEmail, pbtest.Password); answer.Status == http.StatusOK {
					tokens <- tokenOf(t, answer)
				}
			})
			race.Go(func() { as(t, app, session, "PATCH", "/v1/users/me", map[string]string{"username": "olga.patched"}) })
		}
		race.Wait()
		close(tokens)
		user, err := app.FindRecordById("users", pbtest.OwnerID)
		if err != nil {
			t.Fatal(err)
		}
		works := 0
		for token := range tokens {
			if as(t, app, token, "GET", "/v1/users/me", nil).Status == http.StatusOK {
				works++
			}
		}
		if active := user.GetBool("is_active"); !active && works > 0 || active != user.GetDateTime("deactivated_at").IsZero() {
			t.Errorf("active: %v, deactivated at %v, %d tokens work", active, user.GetDateTime("deactivated_at"), works)
		}
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	phone, laptop := tokenOf(t, login(t, app, "olga", pbtest.Password)), tokenOf(t, login(t, app, "olga", pbtest.Password))
	claims, err := security.ParseUnverifiedJWT(phone)
	if err != nil {
		t.Fatal(err)
	}
	onPhone, _ := claims["sid"].(string)
	path := "/api/collections/sessions/records/" + onPhone
	if view := as(t, app, laptop, "GET", path, nil); view.Status != http.StatusOK || !strings.Contains(view.Body, `"method":"password"`) {
		t.Errorf("view: %d %s", view.Status, view.Body)
	}
	if other := app.Do(t, pbtest.Stranger, "DELETE", path, nil); other.Status != http.StatusNotFound {
		t.Errorf("a stranger ends it: %d", other.Status)
	}
	if end := as(t, app, laptop, "DELETE", path, nil); end.Status != http.StatusNoContent {
		t.Errorf("end: %d %s", end.Status, end.Body)
	}
	for _, request := range []struct{ method, path string }{{"GET", "/v1/users/me"}, {"POST", "/api/collections/users/auth-refresh"}} {
		if ended := as(t, app, phone, request.method, request.path, nil); ended.Status != http.StatusUnauthorized {
			t.Errorf("%s with the ended session: %d", request.path, ended.Status)
		}
	}
	refreshed := tokenOf(t, as(t, app, laptop, "POST", "/api/collections/users/auth-refresh", nil))
	if out := as(t, app, refreshed, "POST", "/v1/users/me/logout", nil); out.Status != http.StatusNoContent {
		t.Errorf("log out: %d", out.Status)
	}
	for _, token := range []string{laptop, refreshed} { // one session
		if ended := as(t, app, token, "GET", "/v1/users/me", nil); ended.Status != http.StatusUnauthorized {
			t.Errorf("after the log-out: %d", ended.Status)
		}
	}
	if got := events(t, app, pbtest.OwnerID); !slices.Equal(got, []string{"login", "login", "session_ended", "logout"}) {
		t.Errorf("audit log: %v", got)
	}
}

// Renewing a token does not make its session longer than 30 days.
func TestSessionsEndAfterThirtyDays(t *testing.T) {
	t.Parallel()
	begin := time.Now()
	var mu sync.Mutex
	now := begin
	app := pbtest.New(t, func(deps *hooks.Deps) {
		deps.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	})
	token := tokenOf(t, login(t, app, "olga", pbtest.Password))
	for day := 4; day < 30; day += 4 {
		mu.Lock()
		now = begin.AddDate(0, 0, day)
		mu.Unlock()
		token = tokenOf(t, as(t, app, token, "POST", "/api/collections/users/auth-refresh", nil))
		claims, err := security.ParseUnverifiedJWT(token)
		if err != nil {
			t.Fatal(err)
		}
		// The library signs with the real clock; what counts is how long the token lives.
		lives := time.Until(time.Unix(int64(claims["exp"].(float64)), 0))
		if left := 30*24*time.Hour - time.Duration(day)*24*time.Hour; lives > left+time.Minute {
			t.Errorf("day %d: the token lives %s, the session %s", day, lives, left)
		}
	}
	mu.Lock()
	now = begin.AddDate(0, 0, 30).Add(time.Second)
	mu.Unlock()
	for _, request := range []struct{ method, path string }{{"GET", "/v1/users/me"}, {"POST", "/api/collections/users/auth-refresh"}} {
		if over := as(t, app, token, request.method, request.path, nil); over.Status != http.StatusUnauthorized {
			t.Errorf("%s after 30 days: %d", request.path, over.Status)
		}
	}
}

// A sign-up with an address that is taken looks as any other, makes nothing, and its owner is told once a day.
func TestSignUpDoesNotTellWhoHasAnAccount(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	signUp := func(username, email string) pbtest.Response {
		return app.Do(t, pbtest.Guest, "POST", "/api/collections/users/records", map[string]string{"username": username, "email": email, "password": newPassword, "passwordConfirm": newPassword})
	}
	users, _ := app.CountRecords("users")
	fresh := signUp("nina", "nina@example.com")
	for _, taken := range []string{"OLGA.owner@example.com", pbtest.OwnerEmail, pbtest.DeactivatedEmail} {
		answer := signUp("somebody", taken)
		if answer.Status != fresh.Status || !slices.Equal(slices.Sorted(maps.Keys(answer.Map(t))), slices.Sorted(maps.Keys(fresh.Map(t)))) {
			t.Errorf("%s: %d %s\nfresh: %s", taken, answer.Status, answer.Body, fresh.Body)
		}
		if id, _ := answer.Map(t)["id"].(string); len(id) != 15 || id == pbtest.OwnerID {
			t.Errorf("%s: id %q", taken, id)
		}
		if in := login(t, app, taken, newPassword); in.Status != http.StatusBadRequest {
			t.Errorf("%s: login with the new password: %d", taken, in.Status)
		}
	}
	if after, _ := app.CountRecords("users"); after != users+1 {
		t.Errorf("%d users, before %d", after, users)
	}
	if got := mails(t, app, "sign_up_again"); !slices.Equal(got, []string{pbtest.OwnerEmail, pbtest.DeactivatedEmail}) {
		t.Errorf("mails to %v", got)
	}
	if both := signUp("STAN", pbtest.OwnerEmail); !strings.Contains(both.Body, `"username"`) || strings.Contains(both.Body, `"email":{`) {
		t.Errorf("a taken name beside a taken address: %s", both.Body)
	}
	tokenOf(t, login(t, app, "olga", pbtest.Password))
}

// The native way to another address asks for no password but when it is confirmed, and tells nothing about others.
func TestNativeEmailChange(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	ask := func(email string) pbtest.Response {
		return app.Do(t, pbtest.Owner, "POST", "/api/collections/users/request-email-change", map[string]string{"newEmail": email})
	}
	taken, free := ask("stan.STRANGER@example.com"), ask("free@example.com")
	if taken.Status != free.Status || taken.Body != free.Body {
		t.Errorf("taken: %d %s, free: %d %s", taken.Status, taken.Body, free.Status, free.Body)
	}
	if got := mails(t, app, "email_change"); !slices.Equal(got, []string{"free@example.com"}) {
		t.Errorf("links to %v", got)
	}
	if me := app.Do(t, pbtest.Owner, "GET", "/v1/users/me", nil).Map(t); me["pending_email"] != "free@example.com" {
		t.Errorf("pending: %v", me["pending_email"])
	}
}

// A reset by mail proves who it is, and so ends the lock of who has forgotten the password, and every session.
func TestPasswordReset(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	session := tokenOf(t, login(t, app, "olga", pbtest.Password))
	for range 5 {
		login(t, app, "olga", "forgotten-forgotten")
	}
	user, err := app.FindRecordById("users", pbtest.OwnerID)
	if err != nil {
		t.Fatal(err)
	}
	link, err := user.NewPasswordResetToken()
	if err != nil {
		t.Fatal(err)
	}
	reset := func(password string) pbtest.Response {
		return app.Do(t, pbtest.Guest, "POST", "/api/collections/users/confirm-password-reset", map[string]string{"token": link, "password": password, "passwordConfirm": password})
	}
	for _, weak := range []string{"password1234", "olga.owner1", strings.Repeat("€", 24)} {
		if answer := reset(weak); answer.Status != http.StatusBadRequest {
			t.Errorf("%q: %d", weak, answer.Status)
		}
	}
	if answer := reset(newPassword); answer.Status != http.StatusNoContent {
		t.Fatalf("reset: %d %s", answer.Status, answer.Body)
	}
	if answer := reset("velvet-anchor-pumice-3"); answer.Status != http.StatusBadRequest {
		t.Errorf("the link a second time: %d", answer.Status)
	}
	if old := as(t, app, session, "GET", "/v1/users/me", nil); old.Status != http.StatusUnauthorized {
		t.Errorf("a token from before: %d", old.Status)
	}
	tokenOf(t, login(t, app, "olga", newPassword))
	if count, _ := app.CountRecords(account.SessionCollection); count != 1 {
		t.Errorf("%d sessions", count)
	}
	if got := mails(t, app, "password_changed"); !slices.Equal(got, []string{pbtest.OwnerEmail}) {
		t.Errorf("mails to %v", got)
	}
}

func TestActivityIsTheOwnersAndPaged(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	for range 3 {
		login(t, app, "olga", pbtest.Password)
	}
	login(t, app, "stan", pbtest.Password)
	page := app.Do(t, pbtest.Owner, "GET", "/v1/users/me/activity?page=2&perPage=2", nil).Map(t)
	items, _ := page["items"].([]any)
	if page["totalItems"] != 3.0 || page["totalPages"] != 2.0 || len(items) != 1 {
		t.Fatalf("page 2: %v", page)
	}
	if item, _ := items[0].(map[string]any); item["event"] != "login" || item["request_id"] == "" || item["address"] == "" {
		t.Errorf("item: %v", item)
	}
	for query, field := range map[string]string{"page=0": "page", "perPage=201": "perPage", "page=x": "page"} {
		checkProblem(t, app.Do(t, pbtest.Owner, "GET", "/v1/users/me/activity?"+query, nil), 400, "validation_failed", field+":validation_out_of_range")
	}
	if direct := app.Do(t, pbtest.Owner, "GET", "/api/collections/audit_log/records", nil); direct.Status != http.StatusForbidden {
		t.Errorf("the collection itself: %d", direct.Status)
	}
}

// Whoever changes the plan, its user can read that it was changed.
func TestPlanChangeIsNoted(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	if answer := app.Do(t, pbtest.Superuser, "PATCH", "/api/collections/users/records/"+pbtest.OwnerID, map[string]any{"tier": "premium"}); answer.Status != http.StatusOK {
		t.Fatal(answer.Body)
	}
	if activity := app.Do(t, pbtest.Owner, "GET", "/v1/users/me/activity", nil).Body; !strings.Contains(activity, `"plan_changed"`) || !strings.Contains(activity, `{"from":"free","to":"premium"}`) {
		t.Errorf("activity: %s", activity)
	}
}

// A token that is signed as ours are, but names no open session or has no end, is none. An administrator's to act as the
// user has no session and cannot be renewed.
func TestTokensNeedASessionAndAnEnd(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	user, err := app.FindRecordById("users", pbtest.OwnerID)
	if err != nil {
		t.Fatal(err)
	}
	good := tokenOf(t, login(t, app, "olga", pbtest.Password))
	claims, err := security.ParseUnverifiedJWT(good)
	if err != nil {
		t.Fatal(err)
	}
	signed := func(change func(jwt.MapClaims)) string {
		t.Helper()
		changed := maps.Clone(claims)
		change(changed)
		token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, changed).SignedString([]byte(user.TokenKey() + user.Collection().AuthToken.Secret))
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	acting, err := user.NewStaticAuthToken(time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for rule, test := range map[string]struct {
		token string
		works bool
	}{
		"unchanged":                 {signed(func(jwt.MapClaims) {}), true},
		"an administrator's":        {acting, true},
		"no session":                {signed(func(c jwt.MapClaims) { delete(c, "sid") }), false},
		"a session that is not":     {signed(func(c jwt.MapClaims) { c["sid"] = "nothing00000001" }), false},
		"a session of another type": {signed(func(c jwt.MapClaims) { c["sid"] = 1 }), false},
		"no end":                    {signed(func(c jwt.MapClaims) { delete(c, "exp") }), false},
		"an end that is over":       {signed(func(c jwt.MapClaims) { c["exp"] = time.Now().Add(-time.Minute).Unix() }), false},
	} {
		for _, request := range []struct{ method, path string }{{"GET", "/v1/users/me"}, {"POST", "/api/collections/users/auth-refresh"}, {"POST", "/api/files/token"}} {
			if answer := as(t, app, test.token, request.method, request.path, nil); (answer.Status == http.StatusOK) != test.works {
				t.Errorf("%s: %s: %d %s", rule, request.path, answer.Status, answer.Body)
			}
		}
	}
	if renewed := tokenOf(t, as(t, app, acting, "POST", "/api/collections/users/auth-refresh", nil)); renewed != acting {
		t.Error("an administrator's token was renewed")
	}
}
