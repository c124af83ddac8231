package notice_test

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"strings"
	"sync"
	"testing"

	"github.com/pocketbase/dbx"

	"github.com/cragbase/cragbase/internal/notice"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// posted is a desk whose app sends through a mail server of its own.
func posted(t *testing.T) (*desk, *mailServer) {
	t.Helper()
	d, server := newDesk(t), newMailServer(t)
	server.use(d.app)
	return d, server
}

func TestSendDeliversOnce(t *testing.T) {
	t.Parallel()
	d, server := posted(t)
	id := d.queue(t, changed())
	for range 3 {
		if err := d.outbox.Send(t.Context(), d.app, id); err != nil {
			t.Fatal(err)
		}
	}
	mails := server.accepted()
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	d.check(t, id, map[string]any{"state": notice.Sent, "attempts": 1, "uncertain": 0, "last_error": "", "sent_at": "2026-11-23 08:00:00.000Z", "claimed_until": ""})
	for header, want := range map[string]string{
		"From": "Cragbase <hello@climb.example.com>", "To": `"olga" <` + pbtest.OwnerEmail + `>`, "Subject": "Your password was changed",
		"Message-Id": d.mail(t, id).GetString("message_id"), "Auto-Submitted": "auto-generated",
	} {
		if got := mails[0].Header.Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	parts := partsOf(t, mails[0])
	if !strings.Contains(parts["text/html"], "<h1") || !strings.Contains(parts["text/plain"], "Hello olga,") {
		t.Errorf("parts: %v", parts)
	}
	if d.mail(t, id).GetString("text") == "" {
		t.Error("a mail without a secret was emptied")
	}
}

// partsOf decodes the parts of a mail by their media type.
func partsOf(t *testing.T, mail received) map[string]string {
	t.Helper()
	parts := map[string]string{}
	var walk func(contentType string, body io.Reader)
	walk = func(contentType string, body io.Reader) {
		media, params, err := mime.ParseMediaType(contentType)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(media, "multipart/") {
			content, err := io.ReadAll(quotedprintable.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			parts[media] = string(content)
			return
		}
		reader := multipart.NewReader(body, params["boundary"])
		for {
			part, err := reader.NextRawPart()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			walk(part.Header.Get("Content-Type"), part)
		}
	}
	walk(mail.Header.Get("Content-Type"), mail.Body)
	return parts
}

func TestSendEmptiesSecrets(t *testing.T) {
	t.Parallel()
	d, server := posted(t)
	id := d.queue(t, notice.PasswordReset{Link: notice.Link{Token: "secret", Expires: d.now}})
	if err := d.outbox.Send(t.Context(), d.app, id); err != nil {
		t.Fatal(err)
	}
	if text := partsOf(t, server.accepted()[0])["text/plain"]; !strings.Contains(text, "https://climb.example.com/reset-password?token=secret") {
		t.Errorf("text: %s", text)
	}
	d.check(t, id, map[string]any{"state": notice.Sent, "html": "", "text": ""})
}

func TestConcurrentSendsDeliverOnce(t *testing.T) {
	t.Parallel()
	d, server := posted(t)
	for range 5 {
		id := d.queue(t, changed())
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				if err := d.outbox.Send(t.Context(), d.app, id); err != nil && !errors.Is(err, notice.ErrBusy) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		d.check(t, id, map[string]any{"state": notice.Sent, "attempts": 1})
	}
	if got := len(server.accepted()); got != 5 {
		t.Errorf("%d mails, want 5", got)
	}
}

func TestSendLeavesDeactivatedUsersAlone(t *testing.T) {
	t.Parallel()
	d, server := posted(t)
	about, other := d.queue(t, notice.Deactivated{At: d.now}), d.queue(t, changed())
	d.set(t, "is_active", false)
	if err := d.outbox.Send(t.Context(), d.app, about); err != nil {
		t.Error(err)
	}
	if err := d.outbox.Send(t.Context(), d.app, other); !errors.Is(err, notice.ErrPermanent) {
		t.Errorf("error %v", err)
	}
	if got := len(server.accepted()); got != 1 {
		t.Errorf("%d mails", got)
	}
}

func TestGiveUp(t *testing.T) {
	t.Parallel()
	d, server := posted(t)
	plain, secret, sent := d.queue(t, changed()), d.queue(t, notice.PasswordReset{}), d.queue(t, changed())
	if err := d.outbox.Send(t.Context(), d.app, sent); err != nil {
		t.Fatal(err)
	}
	server.behave(func() error { return reply(451, "try later") }, nil)
	if err := d.outbox.Send(t.Context(), d.app, plain); err == nil {
		t.Fatal("no error")
	}
	for _, id := range []string{plain, secret, sent} {
		if err := d.outbox.GiveUp(d.app, id, "8 attempts failed"); err != nil {
			t.Fatal(err)
		}
	}
	d.check(t, sent, map[string]any{"state": notice.Sent, "last_error": ""})
	d.check(t, secret, map[string]any{"state": notice.Dead, "last_error": "8 attempts failed", "html": "", "text": ""})
	dead := d.mail(t, plain)
	if reason := dead.GetString("last_error"); dead.GetString("state") != notice.Dead || !strings.Contains(reason, "8 attempts failed") || !strings.Contains(reason, "try later") {
		t.Errorf("state %s, reason %q", dead.GetString("state"), reason)
	}
	// An administrator who queues the job again revives what can be sent.
	server.behave(nil, nil)
	if err := d.outbox.Send(t.Context(), d.app, plain); err != nil {
		t.Error(err)
	}
	d.check(t, plain, map[string]any{"state": notice.Sent, "attempts": 2})
	if err := d.outbox.Send(t.Context(), d.app, secret); !errors.Is(err, notice.ErrPermanent) {
		t.Errorf("an emptied mail: %v", err)
	}
}

// A name is never more than a name, even one that no rule of the collection would let in.
func TestHeaderInjection(t *testing.T) {
	t.Parallel()
	d, server := posted(t)
	id := d.queue(t, changed())
	for _, name := range []string{"olga\r\nBcc: eve@example.com", `olga" <eve@example.com>, "`, "<eve@example.com>", "olga\x00", "Ölgå ✓"} {
		values := dbx.Params{"username": name}
		if _, err := d.app.NonconcurrentDB().Update("users", values, dbx.HashExp{"id": pbtest.OwnerID}).Execute(); err != nil {
			t.Fatal(err)
		}
		if _, err := d.app.NonconcurrentDB().Update(notice.Collection, dbx.Params{"state": notice.Queued}, dbx.HashExp{"id": id}).Execute(); err != nil {
			t.Fatal(err)
		}
		if err := d.outbox.Send(t.Context(), d.app, id); err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		mails := server.accepted()
		last := mails[len(mails)-1]
		to, err := last.Header.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Address != pbtest.OwnerEmail {
			t.Errorf("%q: To %v, %v", name, to, err)
		}
		if len(last.recipients) != 1 || last.recipients[0] != pbtest.OwnerEmail || last.Header.Get("Bcc") != "" {
			t.Errorf("%q: recipients %v\n%s", name, last.recipients, last.raw)
		}
	}
}
