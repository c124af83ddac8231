package hooks_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/pocketbase/pocketbase/tools/mailer"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// mailsTo lists the mails of the outbox for an address, oldest first, without those that came with the test's users.
func mailsTo(t *testing.T, app *pbtest.App, address string, kinds ...any) []*core.Record {
	t.Helper()
	var mails []*core.Record
	err := app.RecordQuery("outbox").Where(dbx.HashExp{"to": address}).AndWhere(dbx.In("kind", kinds...)).OrderBy("created", "rowid").All(&mails)
	if err != nil {
		t.Fatal(err)
	}
	return mails
}

// awaitMail is the only mail of a kind to an address; PocketBase writes some after it has answered.
func awaitMail(t *testing.T, app *pbtest.App, address, kind string) *core.Record {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for time.Now().Before(deadline) {
		if mails := mailsTo(t, app, address, kind); len(mails) > 0 {
			if len(mails) > 1 {
				t.Fatalf("%d mails %s to %s", len(mails), kind, address)
			}
			return mails[0]
		}
	}
	t.Fatalf("no mail %s to %s within 10 s", kind, address)
	return nil
}

// tokenIn is the token in the link of a mail's text to a page of the web app.
func tokenIn(t *testing.T, mail, path string) string {
	t.Helper()
	_, rest, found := strings.Cut(mail, path+"?token=")
	if !found {
		t.Fatalf("no link to %s in:\n%s", path, mail)
	}
	token, err := url.QueryUnescape(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// keepingMails is an app that writes mails and sends none, so that their secrets stay to be read.
func keepingMails(deps *hooks.Deps) { deps.MailKept = true }

func post(t *testing.T, app *pbtest.App, caller pbtest.Caller, action string, body map[string]any) {
	t.Helper()
	if response := app.Do(t, caller, "POST", "/api/collections/users/"+action, body); response.Status >= 400 {
		t.Fatalf("%s: status %d, %s", action, response.Status, response.Body)
	}
}

func TestSignUpQueuesAWelcomeThatVerifies(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t, keepingMails)
	const address = "nina.new@example.com"
	post(t, app, pbtest.Guest, "records", map[string]any{"username": "nina", "email": address, "password": pbtest.Password, "passwordConfirm": pbtest.Password})
	mails := mailsTo(t, app, address, "welcome", "verification")
	if len(mails) != 1 || mails[0].GetString("kind") != "welcome" {
		t.Fatalf("%d mails", len(mails))
	}
	post(t, app, pbtest.Guest, "confirm-verification", map[string]any{"token": tokenIn(t, mails[0].GetString("text"), "/verify")})
	user, err := app.FindAuthRecordByEmail("users", address)
	if err != nil {
		t.Fatal(err)
	}
	if !user.Verified() {
		t.Error("the link did not verify the address")
	}
}

func TestASignUpThatFailsQueuesNothing(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t, keepingMails)
	body := map[string]any{"username": "stan", "email": "other@example.com", "password": pbtest.Password, "passwordConfirm": pbtest.Password}
	if response := app.Do(t, pbtest.Guest, "POST", "/api/collections/users/records", body); response.Status != http.StatusBadRequest {
		t.Fatalf("status %d", response.Status)
	}
	if mails := mailsTo(t, app, "other@example.com", "welcome"); len(mails) != 0 {
		t.Errorf("%d mails", len(mails))
	}
}

func TestRequestedVerification(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t, keepingMails)
	post(t, app, pbtest.Guest, "request-verification", map[string]any{"email": pbtest.OwnerEmail})
	token := tokenIn(t, awaitMail(t, app, pbtest.OwnerEmail, "verification").GetString("text"), "/verify")
	post(t, app, pbtest.Guest, "confirm-verification", map[string]any{"token": token})
}

func TestRequestedPasswordReset(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t, keepingMails)
	post(t, app, pbtest.Guest, "request-password-reset", map[string]any{"email": pbtest.OwnerEmail})
	token := tokenIn(t, awaitMail(t, app, pbtest.OwnerEmail, "password_reset").GetString("text"), "/reset-password")
	const password = "quartz-harness-dawn-77"
	post(t, app, pbtest.Guest, "confirm-password-reset", map[string]any{"token": token, "password": password, "passwordConfirm": password})
	post(t, app, pbtest.Guest, "auth-with-password", map[string]any{"identity": "olga", "password": password})
	if app.TestMailer.TotalSend() != 0 {
		t.Errorf("PocketBase sent a mail of its own: %+v", app.TestMailer.LastMessage())
	}
}

// A change of address tells both addresses before it happens, and the former one after.
func TestEmailChangeTellsBothAddresses(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	app := pbtest.New(t, keepingMails, func(deps *hooks.Deps) { deps.Now = func() time.Time { return now } })
	const address = "olga.new@example.com"
	post(t, app, pbtest.Owner, "request-email-change", map[string]any{"newEmail": address})
	confirm, tell := awaitMail(t, app, address, "email_change"), awaitMail(t, app, pbtest.OwnerEmail, "email_changing")
	if text := tell.GetString("text"); !strings.Contains(text, address) || !strings.Contains(text, "Monday, 23 November 2026 at 08:00 UTC") || strings.Contains(text, "token=") {
		t.Errorf("to the present address:\n%s", text)
	}
	if text := confirm.GetString("text"); !strings.Contains(text, "until Monday, 23 November 2026 at 08:30 UTC") {
		t.Errorf("to the new address:\n%s", text)
	}
	post(t, app, pbtest.Guest, "confirm-email-change", map[string]any{"token": tokenIn(t, confirm.GetString("text"), "/confirm-email"), "password": pbtest.Password})
	changed := awaitMail(t, app, pbtest.OwnerEmail, "email_changed")
	if !strings.Contains(changed.GetString("text"), address) {
		t.Errorf("to the former address:\n%s", changed.GetString("text"))
	}
	if app.TestMailer.TotalSend() != 0 {
		t.Errorf("PocketBase sent a mail of its own: %+v", app.TestMailer.LastMessage())
	}
}

func TestAddressesOfNobodyGetNoMail(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t, keepingMails)
	considered := make(chan struct{}) // in the background, after the answer
	consider := &hook.Handler[*core.MailerRecordEvent]{Priority: -1, Func: func(e *core.MailerRecordEvent) error {
		defer func() { considered <- struct{}{} }()
		return e.Next()
	}}
	app.OnMailerRecordVerificationSend().Bind(consider)
	app.OnMailerRecordPasswordResetSend().Bind(consider)
	for _, action := range []string{"request-verification", "request-password-reset"} {
		post(t, app, pbtest.Guest, action, map[string]any{"email": "nobody@example.com"})
		post(t, app, pbtest.Guest, action, map[string]any{"email": pbtest.DeactivatedEmail})
		select {
		case <-considered:
		case <-time.After(10 * time.Second):
			t.Fatalf("no mail was considered within 10 s of %s", action)
		}
	}
	for _, address := range []string{"nobody@example.com", pbtest.DeactivatedEmail} {
		if mails := mailsTo(t, app, address, "verification", "password_reset"); len(mails) != 0 {
			t.Errorf("%d mails to %s", len(mails), address)
		}
	}
}

// sends lists the mails that the app hands to its mailer from now on.
func sends(app *pbtest.App) <-chan *mailer.Message {
	sent := make(chan *mailer.Message, 100)
	app.OnMailerSend().BindFunc(func(e *core.MailerEvent) error {
		sent <- e.Message
		return e.Next()
	})
	return sent
}

// awaitSend is the next mail to an address that holds a text.
func awaitSend(t *testing.T, sent <-chan *mailer.Message, address, text string) *mailer.Message {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		select {
		case message := <-sent:
			if message.To[0].Address == address && strings.Contains(message.HTML, text) {
				return message
			}
		case <-deadline:
			t.Fatalf("no mail to %s within 10 s", address)
		}
	}
}

// Administrators' mails lead to the dashboard, as PocketBase writes them.
func TestAdministratorsGetPocketBasesMail(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	sent := sends(app)
	response := app.Do(t, pbtest.Guest, "POST", "/api/collections/_superusers/request-password-reset", map[string]any{"email": pbtest.SuperuserEmail})
	if response.Status != http.StatusNoContent {
		t.Fatalf("status %d", response.Status)
	}
	if message := awaitSend(t, sent, pbtest.SuperuserEmail, "/_/"); message.Headers["Message-ID"] != "" {
		t.Errorf("sent from the outbox: %v", message.Headers)
	}
}

// In the demo every mail is there to be read, and none is sent.
func TestDemoKeepsMails(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t, keepingMails)
	post(t, app, pbtest.Guest, "request-password-reset", map[string]any{"email": pbtest.OwnerEmail})
	if state := awaitMail(t, app, pbtest.OwnerEmail, "password_reset").GetString("state"); state != "kept" {
		t.Errorf("state %s", state)
	}
	if queued, err := app.CountRecords("jobs", dbx.HashExp{"kind": "mail"}); err != nil || queued != 0 {
		t.Errorf("%d jobs, %v", queued, err)
	}
}

// A mail is sent by its job, and its token is in the outbox and nowhere else: not in the job.
func TestTokensStayInTheOutbox(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	sent := sends(app)
	post(t, app, pbtest.Guest, "request-password-reset", map[string]any{"email": pbtest.OwnerEmail})
	token := tokenIn(t, awaitSend(t, sent, pbtest.OwnerEmail, "/reset-password?token=").Text, "/reset-password")
	collections, err := app.FindAllCollections()
	if err != nil {
		t.Fatal(err)
	}
	for _, collection := range slices.DeleteFunc(collections, func(c *core.Collection) bool { return c.Name == "outbox" || c.IsView() }) {
		var records []*core.Record
		if err := app.RecordQuery(collection).All(&records); err != nil {
			t.Fatal(err)
		}
		for _, record := range records {
			for name := range record.FieldsData() {
				if strings.Contains(record.GetString(name), token) {
					t.Errorf("%s.%s holds the token", collection.Name, name)
				}
			}
		}
	}
}
