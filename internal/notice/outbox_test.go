package notice_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/notice"
	"github.com/cragbase/cragbase/internal/pbtest"
)

func changed() notice.Message {
	return notice.PasswordChanged{At: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
}

func TestQueueWritesTheMailAndItsJob(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.queue(t, changed())
	d.check(t, id, map[string]any{
		"user": pbtest.OwnerID, "kind": "password_changed", "to": pbtest.OwnerEmail, "subject": "Your password was changed",
		"state": notice.Queued, "key": "", "attempts": 0, "uncertain": 0, "sent_at": "",
	})
	mail := d.mail(t, id)
	if !strings.Contains(mail.GetString("html"), "Hello olga,") || !strings.Contains(mail.GetString("text"), "Hello olga,") {
		t.Errorf("the parts: %s", mail.GetString("text"))
	}
	if !strings.HasPrefix(mail.GetString("message_id"), "<"+id+"@") {
		t.Errorf("message_id %s", mail.GetString("message_id"))
	}
	if !slices.Equal(d.jobs, []string{id}) {
		t.Errorf("jobs: %v", d.jobs)
	}
}

func TestQueueGoesToTheAddressAsked(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	n := notice.Notice{UserID: pbtest.OwnerID, To: "olga.new@example.com", Message: notice.EmailChange{Link: notice.Link{Token: "t"}, NewEmail: "olga.new@example.com"}}
	if err := d.tryQueue(n); err != nil {
		t.Fatal(err)
	}
	d.check(t, d.jobs[0], map[string]any{"to": "olga.new@example.com"})
}

func TestQueueTakesAKeyOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, user := range []string{pbtest.OwnerID, pbtest.OwnerID, pbtest.StrangerID} {
		if err := d.tryQueue(notice.Notice{UserID: user, Key: "lock:1", Message: changed()}); err != nil {
			t.Fatal(err)
		}
	}
	if len(d.jobs) != 1 {
		t.Errorf("%d jobs for one key", len(d.jobs))
	}
	d.queue(t, changed())
	d.queue(t, changed())
	if len(d.jobs) != 3 {
		t.Errorf("%d jobs, want every mail without a key queued", len(d.jobs))
	}
}

// A mail belongs to what it tells: both are committed or neither.
func TestQueueIsPartOfTheTransaction(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	failure := errors.New("the business write failed")
	err := d.app.RunInTransaction(func(txApp core.App) error {
		if err := d.outbox.Queue(txApp, notice.Notice{UserID: pbtest.OwnerID, Message: changed()}); err != nil {
			t.Error(err)
		}
		return failure
	})
	if !errors.Is(err, failure) {
		t.Fatal(err)
	}
	if _, err := d.app.FindRecordById(notice.Collection, d.jobs[0]); err == nil {
		t.Error("the mail outlived the transaction")
	}
	if err := d.outbox.Queue(d.app, notice.Notice{UserID: pbtest.OwnerID, Message: changed()}); err == nil {
		t.Error("queued outside of a transaction")
	}
}

func TestQueueFailsWithItsJob(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	failure := errors.New("no job")
	outbox := notice.New(func(core.App, string) error { return failure }, time.Now)
	err := d.app.RunInTransaction(func(txApp core.App) error {
		return outbox.Queue(txApp, notice.Notice{UserID: pbtest.OwnerID, Key: "k", Message: changed()})
	})
	if !errors.Is(err, failure) {
		t.Errorf("error %v", err)
	}
	if _, err := d.app.FindFirstRecordByData(notice.Collection, "key", "k"); err == nil {
		t.Error("a mail without a job")
	}
}

// Deactivated users get no mail but the one about that.
func TestQueueLeavesDeactivatedUsersAlone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	at := d.now
	for _, message := range []notice.Message{
		changed(),
		notice.PasswordReset{},
		notice.SubscriptionCancelled{Plan: "Basic"},
		notice.SyncFailed{Source: "8a.nu"},
		notice.Deactivated{At: at},
		notice.ErasureScheduled{At: at, EraseAt: at},
	} {
		if err := d.tryQueue(notice.Notice{UserID: pbtest.DeactivatedID, Message: message}); err != nil {
			t.Fatal(err)
		}
	}
	var kinds []string
	for _, id := range d.jobs {
		kinds = append(kinds, d.mail(t, id).GetString("kind"))
	}
	if !slices.Equal(kinds, []string{"deactivated", "erasure_scheduled"}) {
		t.Errorf("queued: %v", kinds)
	}
}

func TestQueueRefusesHeadersInAddresses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, to := range []string{"a@example.com\r\nBcc: eve@example.com", "a@example.com\nX: y", "<a@example.com>", "Olga <a@example.com>", "a@example.com, eve@example.com", "nonsense"} {
		if err := d.tryQueue(notice.Notice{UserID: pbtest.OwnerID, To: to, Message: changed()}); err == nil {
			t.Errorf("%q was taken", to)
		}
	}
	if len(d.jobs) != 0 {
		t.Errorf("%d jobs", len(d.jobs))
	}
}

// The demo writes mails to be read in the dashboard.
func TestKeptMailsAreNeverSent(t *testing.T) {
	t.Parallel()
	d := newDesk(t, notice.KeepAll(true))
	n := notice.Notice{UserID: pbtest.OwnerID, Key: "k", Message: notice.Welcome{Link: notice.Link{Token: "secret"}}}
	if err := d.tryQueue(n); err != nil {
		t.Fatal(err)
	}
	mail, err := d.app.FindFirstRecordByData(notice.Collection, "key", "k")
	if err != nil {
		t.Fatal(err)
	}
	if len(d.jobs) != 0 {
		t.Error("a job was asked for")
	}
	if err := d.outbox.Send(t.Context(), d.app, mail.Id); err != nil {
		t.Error(err)
	}
	d.check(t, mail.Id, map[string]any{"state": notice.Kept, "attempts": 0})
	if !strings.Contains(d.mail(t, mail.Id).GetString("text"), "token=secret") || d.app.TestMailer.TotalSend() != 0 {
		t.Error("the kept mail was sent or emptied")
	}
}

func TestOutboxIsForAdministrators(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.queue(t, changed())
	for _, caller := range pbtest.Callers() {
		response := d.app.Do(t, caller, "GET", "/api/collections/outbox/records/"+id, nil)
		if may := caller == pbtest.Superuser; may != strings.Contains(response.Body, pbtest.OwnerEmail) {
			t.Errorf("%s: status %d", caller, response.Status)
		}
	}
}

func TestMailsGoWithTheirUser(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.queue(t, changed())
	user, err := d.app.FindRecordById("users", pbtest.OwnerID)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.app.Delete(user); err != nil {
		t.Fatal(err)
	}
	if _, err := d.app.FindRecordById(notice.Collection, id); err == nil {
		t.Error("the mail is still there")
	}
	if err := d.outbox.Send(t.Context(), d.app, id); err != nil {
		t.Errorf("there is nothing left to send: %v", err)
	}
	if err := d.outbox.GiveUp(d.app, id, "erased"); err != nil {
		t.Errorf("give up: %v", err)
	}
}
