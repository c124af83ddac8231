package notice

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Collection holds one record per mail.
const Collection = "outbox"

// States of a mail. Dead ones need a person; kept ones are written to be read in the dashboard, and never sent.
const (
	Queued = "queued"
	Sent   = "sent"
	Dead   = "dead"
	Kept   = "kept"
)

// Enqueue adds the job that sends a mail of the outbox, in the caller's transaction.
type Enqueue func(txApp core.App, outboxID string) error

// Outbox queues mails and sends them.
type Outbox struct {
	enqueue Enqueue
	now     func() time.Time
	keep    bool
	slots   chan struct{} // one for each conversation with the mail server

	mu   sync.Mutex
	late map[string]<-chan error // outcomes, by outbox id, of attempts that were given up before they ended
}

// Option changes what an Outbox does.
type Option func(*Outbox)

// KeepAll makes an Outbox write every mail and send none, for demos.
func KeepAll(keep bool) Option {
	return func(o *Outbox) { o.keep = keep }
}

// maxConversations bounds the sends at a time, those included that were given up and have not ended: a server that is there
// and never answers holds each of them until it goes away.
const maxConversations = 64

// New returns an Outbox that has enqueue called for every mail that is to be sent.
func New(enqueue Enqueue, now func() time.Time, options ...Option) *Outbox {
	o := &Outbox{enqueue: enqueue, now: now, slots: make(chan struct{}, maxConversations), late: map[string]<-chan error{}}
	for _, option := range options {
		option(o)
	}
	return o
}

// Queue writes a mail and the job that sends it into the caller's transaction, and fails outside of one. Nothing is
// queued, and that is no error, when the key was queued before, when the user has no address, or when the user has
// deactivated the account and the message is about something else.
func (o *Outbox) Queue(txApp core.App, n Notice) error {
	kind := n.Message.Kind()
	if !txApp.IsTransactional() {
		return fmt.Errorf("queue notice %s: %w", kind, errNoTransaction)
	}
	if known, err := isKnown(txApp, n.Key); err != nil || known {
		return err
	}
	user, err := txApp.FindRecordById("users", n.UserID)
	if err != nil {
		return fmt.Errorf("queue notice %s: find user: %w", kind, err)
	}
	to := cmp.Or(n.To, user.Email())
	if to == "" || !mayReach(user, kind) {
		return nil
	}
	record, err := o.write(txApp, user, to, n)
	if err != nil {
		return fmt.Errorf("queue notice %s: %w", kind, err)
	}
	if o.keep {
		return nil
	}
	return o.enqueue(txApp, record.Id)
}

var (
	errNoTransaction = errors.New("not in the transaction of what it tells")
	errAddress       = errors.New("the address is not fit for a header")
)

// write renders a notice and saves it.
func (o *Outbox) write(txApp core.App, user *core.Record, to string, n Notice) (*core.Record, error) {
	if hasControl(to) || strings.ContainsAny(to, "<>") {
		return nil, errAddress
	}
	meta := txApp.Settings().Meta
	mail, err := Render(Site{Name: meta.AppName, URL: meta.AppURL}, username(user), n.Message)
	if err != nil {
		return nil, err
	}
	collection, err := txApp.FindCachedCollectionByNameOrId(Collection)
	if err != nil {
		return nil, err
	}
	record := core.NewRecord(collection)
	record.Id = core.GenerateDefaultRandomId()
	record.Load(map[string]any{
		"user": user.Id, "kind": string(n.Message.Kind()), "to": to, "subject": mail.Subject, "html": mail.HTML, "text": mail.Text,
		"state": Queued, "key": n.Key, "message_id": "<" + record.Id + "@" + host(meta.SenderAddress) + ">",
	})
	if o.keep {
		record.Set("state", Kept)
	}
	return record, txApp.Save(record)
}

// isKnown reports whether a key was queued before. A transaction holds the only connection that writes, so no other can
// queue it in between; the unique index would refuse it.
func isKnown(txApp core.App, key string) (bool, error) {
	if key == "" {
		return false, nil
	}
	count, err := txApp.CountRecords(Collection, dbx.HashExp{"key": key})
	return count > 0, err
}

// mayReach reports whether a message goes out to a user as the account is now.
func mayReach(user *core.Record, kind Kind) bool {
	return user.GetBool("is_active") || kind.reachesDeactivated()
}

func username(user *core.Record) string { return user.GetString("username") }

// host is the domain of the sender's address, under which our message ids are unique.
func host(sender string) string {
	_, domain, _ := strings.Cut(sender, "@")
	return cmp.Or(domain, "localhost")
}
