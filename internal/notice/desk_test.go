package notice_test

import (
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/notice"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// desk is an outbox on an app of its own, with the jobs that it asked for and a clock that the test sets.
type desk struct {
	app    *pbtest.App
	outbox *notice.Outbox
	jobs   []string
	now    time.Time
}

func newDesk(t *testing.T, options ...notice.Option) *desk {
	t.Helper()
	d := &desk{app: pbtest.New(t), now: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
	enqueue := func(_ core.App, outboxID string) error {
		d.jobs = append(d.jobs, outboxID)
		return nil
	}
	d.outbox = notice.New(enqueue, func() time.Time { return d.now }, options...)
	return d
}

// tryQueue queues a notice in a transaction of its own.
func (d *desk) tryQueue(n notice.Notice) error {
	return d.app.RunInTransaction(func(txApp core.App) error { return d.outbox.Queue(txApp, n) })
}

// queue queues a message to the owner and returns its id in the outbox.
func (d *desk) queue(t *testing.T, message notice.Message) string {
	t.Helper()
	if err := d.tryQueue(notice.Notice{UserID: pbtest.OwnerID, Message: message}); err != nil {
		t.Fatal(err)
	}
	return d.jobs[len(d.jobs)-1]
}

// mail reads a mail of the outbox.
func (d *desk) mail(t *testing.T, id string) *core.Record {
	t.Helper()
	record, err := d.app.FindRecordById(notice.Collection, id)
	if err != nil {
		t.Fatal(err)
	}
	return record
}

// check fails the test where a field of a mail is not as wanted.
func (d *desk) check(t *testing.T, id string, want map[string]any) {
	t.Helper()
	mail := d.mail(t, id)
	for field, value := range want {
		if got := mail.GetString(field); got != value {
			if number, ok := value.(int); !ok || mail.GetInt(field) != number {
				t.Errorf("%s is %q, want %v", field, got, value)
			}
		}
	}
}

func (d *desk) set(t *testing.T, field string, value any) {
	t.Helper()
	user, err := d.app.FindRecordById("users", pbtest.OwnerID)
	if err != nil {
		t.Fatal(err)
	}
	user.Set(field, value)
	if err := d.app.Save(user); err != nil {
		t.Fatal(err)
	}
}
