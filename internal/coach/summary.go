package coach

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

const (
	sumUpFrom = 20    // messages that no summary has
	sumUpMost = 200   // of them at once, the last ones: what was long before those is forgotten
	keepWhole = 12    // of them, the last ones
	maxSum    = 8_000 // characters of a summary
)

// NeedsSummary reports whether a chat has got long enough that the older part of it should be summed up.
func (c *Coach) NeedsSummary(app core.App, chatID string) (bool, error) {
	if c.Summarise == nil {
		return false, nil
	}
	chat, err := app.FindRecordById(CollectionChats, chatID)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at chat: %w", err)
	}
	rows, err := messagesBetween(app, chatID, chat.GetInt("summarised_to"), math.MaxInt32, sumUpFrom)
	return len(rows) >= sumUpFrom, err
}

// SumUp sums up the older part of a chat, and returns how to store it in the caller's transaction: nil when there is nothing to
// do, or no tokens of the day are left. It takes no place of its user's quota, but tokens of the day as an answer does. A
// summary is a text like any other of the chat: data, and no instruction.
func (c *Coach) SumUp(ctx context.Context, app core.App, chatID string) (func(txApp core.App) error, error) {
	if needed, err := c.NeedsSummary(app, chatID); err != nil || !needed {
		return nil, err
	}
	chat, err := app.FindRecordById(CollectionChats, chatID)
	if err != nil {
		return nil, fmt.Errorf("sum up chat: %w", err)
	}
	rows, err := messagesBetween(app, chatID, chat.GetInt("summarised_to"), math.MaxInt32, sumUpMost)
	if err != nil {
		return nil, err
	}
	older := rows[:len(rows)-keepWhole]
	turns := make([]Turn, len(older))
	for i, row := range older {
		turns[i] = row.Turn
	}
	userID, begun := chat.GetString("user"), c.Now()
	err = app.RunInTransaction(func(txApp core.App) error { return c.reserve(txApp, userID, begun) })
	if errors.Is(err, ErrUserSpent) || errors.Is(err, ErrAllSpent) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("sum up chat: %w", err)
	}
	summary, ending, err := c.Summarise(ctx, chat.GetString("summary"), turns)
	if err != nil { // what it has cost is not known, and stays reserved
		return nil, fmt.Errorf("sum up chat: %w", err)
	}
	if runes := []rune(summary); len(runes) > maxSum {
		summary = string(runes[:maxSum])
	}
	return func(txApp core.App) error {
		if err := c.spend(txApp, userID, begun, cost(ending)); err != nil {
			return err
		}
		return storeSummary(txApp, chat, older, summary)
	}, nil
}

// storeSummary stores a summary of messages, unless one of them, or of those in the summary before, was deleted while the
// model read it: what is in it should not come back.
func storeSummary(txApp core.App, read *core.Record, older []said, summary string) error {
	chat, err := txApp.FindRecordById(CollectionChats, read.Id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	last := older[len(older)-1].Sequence
	still, err := messagesBetween(txApp, read.Id, older[0].Sequence-1, last+1, sumUpMost)
	if err != nil {
		return err
	}
	if chat.GetString("summary") != read.GetString("summary") || !slices.Equal(still, older) {
		return nil
	}
	chat.Load(map[string]any{"summary": summary, "summarised_to": last})
	return txApp.Save(chat)
}

// ForgetDeleted takes a deleted message out of what the model knows of its chat, in the transaction of the deletion: the summary
// that it was part of goes as a whole.
func ForgetDeleted(txApp core.App, message *core.Record) error {
	_, err := txApp.NonconcurrentDB().NewQuery("UPDATE {{chats}} SET [[summary]] = '' WHERE [[id]] = {:chat} AND [[summarised_to]] >= {:sequence}").
		Bind(dbx.Params{"chat": message.GetString(fieldChat), "sequence": message.GetInt(fieldSequence)}).Execute()
	if err != nil {
		return fmt.Errorf("forget a deleted message: %w", err)
	}
	return nil
}
