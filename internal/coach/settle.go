package coach

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

// open states are those of an answer on its way.
var openStates = []string{string(Pending), string(Streaming)}

// markStreaming notes the first token, for whoever watches the message elsewhere.
func (r *Reply) markStreaming(app core.App) error {
	return app.RunInTransaction(func(txApp core.App) error {
		message, err := txApp.FindRecordById(CollectionMessages, r.MessageID)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("%w: the message was deleted", errDisconnected)
		}
		if err != nil {
			return err
		}
		message.Set(fieldState, string(Streaming))
		return txApp.Save(message)
	})
}

// store settles an answer and reads back what is stored.
func (r *Reply) store(app core.App, end outcome) (*Result, error) {
	if err := r.settle(app, end); err != nil {
		return nil, err
	}
	result := &Result{
		State: end.state, Code: end.code, FinishReason: end.ending.FinishReason,
		PromptTokens: end.ending.PromptTokens, CompletionTokens: end.ending.CompletionTokens,
	}
	message, err := app.FindRecordById(CollectionMessages, r.MessageID)
	if err == nil {
		result.Message = message
	} else if !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	return result, nil
}

// settleTries and settlePause are for a database that is locked or full for a moment: what has come of an answer is nowhere else.
const (
	settleTries = 4
	settlePause = 300 * time.Millisecond
)

func (r *Reply) settle(app core.App, end outcome) (err error) {
	for try := range settleTries {
		if try > 0 {
			time.Sleep(settlePause << try)
		}
		if err = r.coach.settle(app, r.MessageID, r.ask.UserID, r.begun, end); err == nil {
			return nil
		}
	}
	return err
}

// settle writes how an answer has ended, and gives its place back where that is due: once, because it is done only for an
// answer that is still open, and in the transaction that closes it. One that its owner has deleted meanwhile has cost its
// tokens and keeps its place.
func (c *Coach) settle(app core.App, messageID, userID string, begun time.Time, end outcome) error {
	err := app.RunInTransaction(func(txApp core.App) error {
		message, err := txApp.FindRecordById(CollectionMessages, messageID)
		deleted := errors.Is(err, sql.ErrNoRows)
		if err != nil && !deleted {
			return err
		}
		if !deleted && !slices.Contains(openStates, message.GetString(fieldState)) {
			return nil
		}
		if err := c.spend(txApp, userID, begun, end.tokens); err != nil || deleted {
			return err
		}
		if place := message.GetString(fieldPlace); end.giveBack && place != "" {
			if err := c.GiveBack(txApp, userID, place, c.Now()); err != nil {
				return err
			}
		}
		message.Load(map[string]any{
			fieldState: string(end.state), fieldContent: end.text, "error": end.code, "tools": toolsOf(end.tools), "finish_reason": end.ending.FinishReason,
			"prompt_tokens": end.ending.PromptTokens, "completion_tokens": end.ending.CompletionTokens, fieldPlace: "",
		})
		return txApp.Save(message)
	})
	if err != nil {
		return fmt.Errorf("settle answer %s: %w", messageID, err)
	}
	return nil
}

// toolsOf is never null, so that a front end need not look.
func toolsOf(tools []ToolUse) []ToolUse {
	if tools == nil {
		return []ToolUse{}
	}
	return tools
}
