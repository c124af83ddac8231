package notice

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/mail"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/mailer"
	"github.com/pocketbase/pocketbase/tools/types"
)

// ErrPermanent means that no further attempt can deliver the mail.
var ErrPermanent = errors.New("the mail cannot be delivered")

// ErrBusy means that another attempt has the mail at this moment.
var ErrBusy = errors.New("the mail is being sent by another attempt")

const (
	// sendTime ends an attempt whose context has no earlier end: PocketBase's mailer waits for ever.
	sendTime = time.Minute
	// claimTime is longer, so that an attempt that lives is alone.
	claimTime = 2 * time.Minute
)

// Send hands a mail of the outbox to the mail server and returns before long when ctx ends. It is safe to call again and
// at the same time: a mail that was accepted, or that is kept, is no error and is not sent again.
//
// An attempt can end without a word from the server about whether it took the mail. Such a mail is sent again, under the
// same Message-ID, and counted in the field uncertain: it arrives at least once.
func (o *Outbox) Send(ctx context.Context, app core.App, outboxID string) error {
	claimed, err := o.claim(app, outboxID)
	if err != nil {
		return o.explainUnclaimed(app, outboxID, err)
	}
	user, err := app.FindRecordById("users", claimed.User)
	if err != nil {
		return o.release(app, claimed, fmt.Errorf("find user: %w", err))
	}
	if !mayReach(user, Kind(claimed.Kind)) {
		return o.release(app, claimed, fmt.Errorf("%w: the user has deactivated the account", ErrPermanent))
	}
	if claimed.HTML == "" {
		return o.release(app, claimed, fmt.Errorf("%w: its secret link was emptied", ErrPermanent))
	}
	if !o.heardAccepted(outboxID) {
		ctx, cancel := context.WithTimeout(ctx, sendTime)
		defer cancel()
		if err := o.deliver(ctx, app, outboxID, claimed.message(app, user)); err != nil {
			return o.release(app, claimed, err)
		}
	}
	return o.markSent(app, claimed)
}

// GiveUp notes why a mail will not be sent any more. It is called when its job is dead; another Send revives the mail,
// unless it held a secret link: that is emptied.
func (o *Outbox) GiveUp(app core.App, outboxID, reason string) error {
	c := claim{ID: outboxID}
	err := app.ConcurrentDB().Select("kind", "last_error").From(Collection).Where(dbx.HashExp{"id": outboxID, "state": Queued}).One(&c)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // sent in the meantime, or erased with its user
	}
	if err != nil {
		return fmt.Errorf("give up mail: %w", err)
	}
	if o.heardAccepted(outboxID) {
		return o.markSent(app, c)
	}
	if c.LastError != "" && c.LastError != reason {
		reason += "; the last attempt: " + c.LastError
	}
	return o.settle(app, c, dbx.Params{"state": Dead, "last_error": shorten(reason)}, dbx.HashExp{"state": Queued})
}

// claim is a mail that one attempt has to itself.
type claim struct {
	ID           string         `db:"id"`
	User         string         `db:"user"`
	Kind         string         `db:"kind"`
	To           string         `db:"to"`
	Subject      string         `db:"subject"`
	HTML         string         `db:"html"`
	Text         string         `db:"text"`
	MessageID    string         `db:"message_id"`
	LastError    string         `db:"last_error"`
	ClaimedUntil types.DateTime `db:"claimed_until"` // also tells this claim from the ones before and after it
}

func (c claim) message(app core.App, user *core.Record) *mailer.Message {
	meta := app.Settings().Meta
	return &mailer.Message{
		From:    mail.Address{Name: meta.SenderName, Address: meta.SenderAddress},
		To:      []mail.Address{{Name: oneLine(username(user)), Address: c.To}},
		Subject: c.Subject,
		HTML:    c.HTML,
		Text:    c.Text,
		Headers: map[string]string{"Message-ID": c.MessageID, "Auto-Submitted": "auto-generated"}, // RFC 3834: no out-of-office replies
	}
}

// claim takes a mail in one statement. A claim that was neither settled nor released is of an attempt that died: it may
// have reached the server, so it counts as uncertain.
func (o *Outbox) claim(app core.App, id string) (claim, error) {
	var c claim
	err := app.NonconcurrentDB().NewQuery(`
		UPDATE {{outbox}} SET [[state]] = 'queued', [[attempts]] = [[attempts]] + 1, [[claimed_until]] = {:until}, [[updated]] = {:now},
			[[uncertain]] = [[uncertain]] + ([[claimed_until]] != '')
		WHERE [[id]] = {:id} AND [[state]] IN ('queued', 'dead') AND [[claimed_until]] <= {:now}
		RETURNING [[id]], [[user]], [[kind]], [[to]], [[subject]], [[html]], [[text]], [[message_id]], [[last_error]], [[claimed_until]]`).
		Bind(dbx.Params{"id": id, "now": o.stamp(0), "until": o.stamp(claimTime)}).One(&c)
	return c, err
}

// explainUnclaimed says why there was nothing to claim, which is no error when nothing is left to do.
func (o *Outbox) explainUnclaimed(app core.App, id string, err error) error {
	if !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("claim mail: %w", err)
	}
	var state string
	err = app.ConcurrentDB().Select("state").From(Collection).Where(dbx.HashExp{"id": id}).Row(&state)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil // erased with its user
	case err != nil:
		return fmt.Errorf("claim mail: %w", err)
	case state == Sent || state == Kept:
		return nil
	}
	return ErrBusy
}

// markSent notes that the server has the mail. It does not ask whose claim it is: a mail that was accepted is sent.
func (o *Outbox) markSent(app core.App, c claim) error {
	return o.settle(app, c, dbx.Params{"state": Sent, "sent_at": o.stamp(0), "last_error": ""}, dbx.Not(dbx.HashExp{"state": Sent}))
}

// settle writes the end of a mail; secrets do not outlive it.
func (o *Outbox) settle(app core.App, c claim, values dbx.Params, where dbx.Expression) error {
	values["claimed_until"], values["updated"] = "", o.stamp(0)
	if Kind(c.Kind).carriesToken() {
		values["html"], values["text"] = "", ""
	}
	_, err := app.NonconcurrentDB().Update(Collection, values, dbx.And(dbx.HashExp{"id": c.ID}, where)).Execute()
	if err != nil {
		return fmt.Errorf("note the end of a mail: %w", err)
	}
	return nil
}

// release gives a claim back after a failure, and returns the failure in words without personal data: what the server
// said may name the address, and stays in the outbox.
func (o *Outbox) release(app core.App, c claim, failure error) error {
	values := dbx.Params{"claimed_until": "", "updated": o.stamp(0), "last_error": shorten(failure.Error())}
	if isUncertain(failure) {
		values["uncertain"] = dbx.NewExp("[[uncertain]] + 1")
	}
	mine := dbx.HashExp{"id": c.ID, "state": Queued, "claimed_until": c.ClaimedUntil.String()}
	if _, err := app.NonconcurrentDB().Update(Collection, values, mine).Execute(); err != nil {
		return errors.Join(withoutReply(failure), fmt.Errorf("release mail: %w", err))
	}
	return withoutReply(failure)
}

// stamp is a time after now as the database has it: as text that compares like the time.
func (o *Outbox) stamp(after time.Duration) string {
	return o.now().UTC().Add(after).Format(types.DefaultDateLayout)
}

// shorten keeps a text within the field last_error.
func shorten(text string) string {
	if runes := []rune(text); len(runes) > 2000 {
		return string(runes[:2000])
	}
	return text
}
