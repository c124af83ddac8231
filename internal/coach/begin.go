package coach

import (
	"context"
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

// Ask is what a user sends.
type Ask struct {
	UserID  string
	ChatID  string // "": a new chat
	Content string // 1 to MaxContent characters

	TokenKey, Session string // of the token that it came with; the answer ends with them
}

// Reply is an answer that has begun: its place is taken and its message is there. Run must be called, and settles it.
type Reply struct {
	ChatID    string
	MessageID string
	Remaining *int // places that are left after it; nil: no limit

	coach    *Coach
	ask      Ask
	chat     *core.Record
	sequence int // of the question
	begun    time.Time
	leave    func()          // the seat
	ctx      context.Context // ends with the answer; it belongs to the one call of Run
}

// Begin takes a place of the quota and writes the question and its pending answer, in one transaction: as many questions at once
// as there are, no more of them pass than there are places. ctx is the client's: when it ends, the answer does. The errors
// are those above and those of Take; nothing is counted when it fails.
func (c *Coach) Begin(ctx context.Context, app core.App, ask Ask) (*Reply, error) {
	leave, err := c.seats.take(ctx, ask.UserID)
	if err != nil {
		return nil, err
	}
	reply := &Reply{coach: c, ask: ask, begun: c.Now(), leave: leave, MessageID: core.GenerateDefaultRandomId()}
	// What is written at the end has to be written whether the client is there or not.
	running, err := c.enter(context.WithoutCancel(ctx), &ask, reply.MessageID)
	if err != nil {
		leave()
		return nil, err
	}
	reply.ctx = running
	opened := false
	defer func() {
		if !opened { // also when a hook has panicked
			reply.end()
		}
	}()
	if err := app.RunInTransaction(reply.open); err != nil {
		return nil, fmt.Errorf("begin answer: %w", err)
	}
	opened = true
	context.AfterFunc(ctx, func() { c.cancel(reply.MessageID, errDisconnected) })
	return reply, nil
}

// end lets the next answer of the user begin.
func (r *Reply) end() {
	r.coach.leave(r.MessageID)
	r.leave()
}

// open is the transaction of Begin.
func (r *Reply) open(txApp core.App) error {
	c := r.coach
	taken, err := c.Take(txApp, &r.ask, r.begun)
	if err != nil {
		return err
	}
	if err := c.reserve(txApp, r.ask.UserID, r.begun); err != nil {
		return err
	}
	if r.chat, err = openChat(txApp, r.ask.UserID, r.ask.ChatID, r.ask.Content, r.begun); err != nil {
		return err
	}
	question, err := addMessage(txApp, r.chat, map[string]any{"role": string(User), fieldContent: r.ask.Content, fieldState: string(Done)})
	if err != nil {
		return err
	}
	_, err = addMessage(txApp, r.chat, map[string]any{
		"id": r.MessageID, "role": string(Assistant), fieldState: string(Pending), "author": c.Answerer.Name(), fieldPlace: taken.Place,
	})
	r.ChatID, r.Remaining, r.sequence = r.chat.Id, taken.Remaining, question.GetInt(fieldSequence)
	return err
}
