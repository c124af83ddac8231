package notice

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"slices"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/mailer"
)

// errUnanswered means that an attempt was given up while the server had the word.
var errUnanswered = errors.New("the mail server did not answer in time")

// deliver sends a message through PocketBase's mailer, which knows no deadline: when ctx ends, the conversation is left
// to itself, and its outcome is kept for the next attempt.
func (o *Outbox) deliver(ctx context.Context, app core.App, id string, message *mailer.Message) error {
	select {
	case o.slots <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("all conversations with the mail server are taken: %w", ctx.Err())
	}
	outcome := make(chan error, 1)
	go func() {
		err := send(app, message)
		<-o.slots // first: who hears the outcome may count on the slot
		outcome <- err
	}()
	select {
	case err := <-outcome:
		return explainReply(err)
	case <-ctx.Done():
		o.mu.Lock()
		o.late[id] = outcome
		o.mu.Unlock()
		return errUnanswered
	}
}

// send is one conversation. A mailer that panics fails this mail and not the process.
func send(app core.App, message *mailer.Message) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the mailer panicked: %v", r)
		}
	}()
	return app.NewMailClient().Send(message)
}

// heardAccepted reports whether the server has accepted the mail after its attempt was given up. It forgets what it
// heard.
func (o *Outbox) heardAccepted(id string) bool {
	o.mu.Lock()
	outcome, abandoned := o.late[id]
	delete(o.late, id)
	o.mu.Unlock()
	if !abandoned {
		return false
	}
	select {
	case err := <-outcome:
		return err == nil
	default:
		return false // still open: nobody waits for it any more
	}
}

// explainReply turns a refusal for good into ErrPermanent. A refused login (RFC 4954) is none: it speaks of our
// settings, which an administrator can mend, and not of the mail.
func explainReply(err error) error {
	var reply *textproto.Error
	if errors.As(err, &reply) && reply.Code >= 500 && !slices.Contains([]int{530, 534, 535, 538}, reply.Code) {
		return fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	return err
}

// isUncertain reports whether the server may have taken the mail although the attempt failed: it went silent or the
// connection broke. PocketBase's mailer does not tell at which point, so a break before the mail was handed over counts
// as well, unless there was no connection at all.
func isUncertain(err error) bool {
	var network *net.OpError
	if errors.As(err, &network) {
		return network.Op != "dial"
	}
	var garbled textproto.ProtocolError
	return errors.Is(err, errUnanswered) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &garbled)
}

// withoutReply replaces the words of the mail server by its code.
func withoutReply(err error) error {
	var reply *textproto.Error
	if !errors.As(err, &reply) {
		return err
	}
	brief := fmt.Errorf("the mail server answered %d", reply.Code)
	if errors.Is(err, ErrPermanent) {
		return fmt.Errorf("%w: %w", ErrPermanent, brief)
	}
	return brief
}
