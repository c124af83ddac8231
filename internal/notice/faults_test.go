package notice_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/notice"
	"github.com/cragbase/cragbase/internal/pbtest"
)

func TestServerDownThenUp(t *testing.T) {
	t.Parallel()
	d, server := posted(t)
	port := pbtest.HoldPort(t)
	d.app.Settings().SMTP.Port = port.Number
	ids := []string{d.queue(t, changed()), d.queue(t, notice.Reactivated{At: d.now}), d.queue(t, notice.PasswordReset{})}
	for range 3 {
		for _, id := range ids {
			if err := d.outbox.Send(t.Context(), d.app, id); err == nil || errors.Is(err, notice.ErrPermanent) {
				t.Fatalf("error %v", err)
			}
		}
	}
	if mail := d.mail(t, ids[0]); mail.GetString("state") != notice.Queued || mail.GetString("last_error") == "" {
		t.Errorf("state %s, last error %q", mail.GetString("state"), mail.GetString("last_error"))
	}
	server.serve(t, port.Listen(t))
	for range 2 {
		for _, id := range ids {
			if err := d.outbox.Send(t.Context(), d.app, id); err != nil {
				t.Fatal(err)
			}
			d.check(t, id, map[string]any{"state": notice.Sent, "attempts": 4, "uncertain": 0, "last_error": ""})
		}
	}
	if got := len(server.accepted()); got != len(ids) {
		t.Errorf("%d mails, want %d", got, len(ids))
	}
}

func TestDropAfterDataIsUncertain(t *testing.T) {
	t.Parallel()
	d, server := posted(t)
	id := d.queue(t, changed())
	server.behave(nil, func(c *smtp.Conn) error { return c.Conn().Close() })
	if err := d.outbox.Send(t.Context(), d.app, id); err == nil || errors.Is(err, notice.ErrPermanent) {
		t.Fatalf("error %v", err)
	}
	d.check(t, id, map[string]any{"state": notice.Queued, "uncertain": 1})
	server.behave(nil, nil)
	if err := d.outbox.Send(t.Context(), d.app, id); err != nil {
		t.Fatal(err)
	}
	d.check(t, id, map[string]any{"state": notice.Sent, "uncertain": 1, "attempts": 2})
	mails := server.accepted()
	if len(mails) != 2 || mails[0].Header.Get("Message-Id") != mails[1].Header.Get("Message-Id") {
		t.Errorf("%d mails, want the same twice", len(mails))
	}
}

// sendStalled sends a mail to a server that falls silent at once, and ends the attempt's context then.
func sendStalled(t *testing.T, d *desk, server *mailServer, id string) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-server.stalled
		cancel()
	}()
	return d.outbox.Send(ctx, d.app, id)
}

func TestSendEndsWithItsContext(t *testing.T) {
	t.Parallel()
	d, server := posted(t)
	defer close(server.released)
	id := d.queue(t, changed())
	server.behave(func() error { server.stall(); return nil }, nil)
	if err := sendStalled(t, d, server, id); err == nil || errors.Is(err, notice.ErrPermanent) {
		t.Fatalf("error %v", err)
	}
	d.check(t, id, map[string]any{"state": notice.Queued, "uncertain": 1, "claimed_until": ""})
	server.behave(nil, nil) // the first conversation goes on being silent
	if err := d.outbox.Send(t.Context(), d.app, id); err != nil {
		t.Fatal(err)
	}
	d.check(t, id, map[string]any{"state": notice.Sent, "uncertain": 1})
	if got := len(server.accepted()); got != 1 {
		t.Errorf("%d mails", got)
	}
}

// A server that takes the mail and answers too late is heard by the next attempt, which then sends nothing.
func TestLateAnswerIsHeard(t *testing.T) {
	t.Parallel()
	for _, end := range []struct {
		rule string
		act  func(t *testing.T, d *desk, id string) error
	}{
		{"by the next attempt", func(t *testing.T, d *desk, id string) error { return d.outbox.Send(t.Context(), d.app, id) }},
		{"before giving up", func(_ *testing.T, d *desk, id string) error { return d.outbox.GiveUp(d.app, id, "too many attempts") }},
	} {
		t.Run(end.rule, func(t *testing.T) {
			t.Parallel()
			d, server := posted(t)
			id := d.queue(t, changed())
			server.behave(nil, func(*smtp.Conn) error { server.stall(); return nil })
			if err := sendStalled(t, d, server, id); err == nil {
				t.Fatal("no error")
			}
			close(server.released)
			d.outbox.AwaitLate(id)
			if err := end.act(t, d, id); err != nil {
				t.Fatal(err)
			}
			d.check(t, id, map[string]any{"state": notice.Sent})
			if got := len(server.accepted()); got != 1 {
				t.Errorf("%d mails", got)
			}
		})
	}
}

func TestAbandonedSendsAreBounded(t *testing.T) {
	t.Parallel()
	d, server := posted(t)
	defer close(server.released)
	server.behave(func() error { server.stall(); return nil }, nil)
	const most = 64
	for range most {
		if err := sendStalled(t, d, server, d.queue(t, changed())); err == nil {
			t.Fatal("no error")
		}
	}
	id := d.queue(t, changed())
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := d.outbox.Send(ctx, d.app, id); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	d.check(t, id, map[string]any{"state": notice.Queued, "uncertain": 0, "attempts": 1})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule      string
		reply     error
		permanent bool
	}{
		{"no such mailbox", reply(550, "no mailbox "+pbtest.OwnerEmail), true},
		{"mailbox full, for now", reply(452, "full: "+pbtest.OwnerEmail), false},
		{"our login was refused", reply(535, "bad credentials of "+pbtest.OwnerEmail), false},
		{"our login is required", reply(530, "sign in "+pbtest.OwnerEmail), false},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			d, server := posted(t)
			id := d.queue(t, changed())
			server.behave(func() error { return test.reply }, nil)
			err := d.outbox.Send(t.Context(), d.app, id)
			if err == nil || errors.Is(err, notice.ErrPermanent) != test.permanent {
				t.Errorf("error %v, permanent: want %v", err, test.permanent)
			}
			if strings.Contains(err.Error(), pbtest.OwnerEmail) {
				t.Errorf("the error names the address: %v", err)
			}
			mail := d.mail(t, id)
			if !strings.Contains(mail.GetString("last_error"), pbtest.OwnerEmail) || mail.GetInt("uncertain") != 0 {
				t.Errorf("last error %q, uncertain %d", mail.GetString("last_error"), mail.GetInt("uncertain"))
			}
		})
	}
}

// Refusals after DATA are as certain as before.
func TestRefusedContent(t *testing.T) {
	t.Parallel()
	d, server := posted(t)
	id := d.queue(t, changed())
	server.behave(nil, func(*smtp.Conn) error { return reply(554, "looks like spam") })
	if err := d.outbox.Send(t.Context(), d.app, id); !errors.Is(err, notice.ErrPermanent) {
		t.Errorf("error %v", err)
	}
	d.check(t, id, map[string]any{"uncertain": 0})
}

// A process that died in an attempt leaves its claim behind: nobody knows whether the mail went out.
func TestClaimOfADeadProcess(t *testing.T) {
	t.Parallel()
	d, server := posted(t)
	id := d.queue(t, changed())
	claim := dbx.Params{"claimed_until": "2026-11-23 08:01:00.000Z", "attempts": 1}
	if _, err := d.app.NonconcurrentDB().Update(notice.Collection, claim, dbx.HashExp{"id": id}).Execute(); err != nil {
		t.Fatal(err)
	}
	if err := d.outbox.Send(t.Context(), d.app, id); !errors.Is(err, notice.ErrBusy) {
		t.Errorf("while the claim holds: %v", err)
	}
	d.now = d.now.Add(time.Minute)
	if err := d.outbox.Send(t.Context(), d.app, id); err != nil {
		t.Fatal(err)
	}
	d.check(t, id, map[string]any{"state": notice.Sent, "uncertain": 1, "attempts": 2})
	if got := len(server.accepted()); got != 1 {
		t.Errorf("%d mails", got)
	}
}

func TestMailerThatPanics(t *testing.T) {
	t.Parallel()
	d, _ := posted(t)
	id := d.queue(t, changed())
	d.app.OnMailerSend().BindFunc(func(*core.MailerEvent) error { panic("mailer") })
	if err := d.outbox.Send(t.Context(), d.app, id); err == nil {
		t.Error("no error")
	}
	d.check(t, id, map[string]any{"state": notice.Queued, "uncertain": 0})
}
