package hooks

import (
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/notice"
)

// mailLimit is how long the server's end waits for a mail that PocketBase writes.
const mailLimit = 2 * time.Second

// pendingMails are those that PocketBase is about to queue. It does so after its answer, in a goroutine that nothing else
// waits for, and the database must stay open until then.
type pendingMails struct {
	count sync.WaitGroup
	users sync.Map // *core.Record of the request, which is the mail's as well, to a channel that is closed when it is queued
}

// expect counts a mail to a user until it is queued.
func (p *pendingMails) expect(user *core.Record) {
	queued := make(chan struct{})
	p.users.Store(user, queued)
	p.count.Go(func() {
		defer p.users.Delete(user)
		select {
		case <-queued:
		case <-time.After(mailLimit): // it could not be written, which PocketBase logs
		}
	})
}

// queued ends the wait for a mail to a user.
func (p *pendingMails) queued(user *core.Record) {
	if queued, expected := p.users.LoadAndDelete(user); expected {
		close(queued.(chan struct{}))
	}
}

// wait returns when no mail is expected. It must not begin before the last request has ended.
func (p *pendingMails) wait() { p.count.Wait() }

// bindMail puts our mails, and the outbox, in the place of those that PocketBase would write to users. Its mails to
// administrators stay: their links lead to the dashboard.
func (s *server) bindMail(app core.App) {
	app.OnRecordRequestVerificationRequest(account.Collection).BindFunc(func(e *core.RecordRequestVerificationRequestEvent) error {
		if !e.Record.Verified() {
			s.mails.expect(e.Record)
		}
		return e.Next()
	})
	app.OnRecordRequestPasswordResetRequest(account.Collection).BindFunc(func(e *core.RecordRequestPasswordResetRequestEvent) error {
		s.mails.expect(e.Record)
		return e.Next()
	})
	app.OnMailerRecordVerificationSend(account.Collection).BindFunc(func(e *core.MailerRecordEvent) error {
		link := s.secretLink(e, e.Record.Collection().VerificationToken)
		return s.queueInstead(e, notice.Notice{UserID: e.Record.Id, Message: notice.Verification{Link: link}})
	})
	app.OnMailerRecordPasswordResetSend(account.Collection).BindFunc(func(e *core.MailerRecordEvent) error {
		link := s.secretLink(e, e.Record.Collection().PasswordResetToken)
		return s.queueInstead(e, notice.Notice{UserID: e.Record.Id, Message: notice.PasswordReset{Link: link}})
	})
}

// queueInstead queues a notice and ends the event there: going on to e.Next() would send PocketBase's own mail as well.
func (s *server) queueInstead(e *core.MailerRecordEvent, n notice.Notice) error {
	defer s.mails.queued(e.Record)
	return e.App.RunInTransaction(func(txApp core.App) error { return s.outbox.Queue(txApp, n) })
}

// queueWelcome greets a new user, in the transaction that creates the account. Whoever signed up through another site
// has a verified address and needs no link.
func (s *server) queueWelcome(txApp core.App, user *core.Record) error {
	welcome := notice.Welcome{}
	if !user.Verified() {
		token, err := user.NewVerificationToken()
		if err != nil {
			return err
		}
		welcome.Link = notice.Link{Token: token, Expires: s.expiry(user.Collection().VerificationToken)}
	}
	return s.outbox.Queue(txApp, notice.Notice{UserID: user.Id, Key: "welcome:" + user.Id, Message: welcome})
}

// secretLink is the link of PocketBase's mail, for the page of ours that takes its token.
func (s *server) secretLink(e *core.MailerRecordEvent, config core.TokenConfig) notice.Link {
	token, _ := e.Meta["token"].(string)
	return notice.Link{Token: token, Expires: s.expiry(config)}
}

// expiry is when a token made now ends.
func (s *server) expiry(config core.TokenConfig) time.Time {
	return s.Now().Add(config.DurationTime())
}
