package coach

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// reserved is how many tokens an answer counts for until it has ended, so that many at once do not pass the cap together.
const reserved = 4_000

// checkSpend fails when the day's tokens are spent, the user's or everybody's.
func (c *Coach) checkSpend(txApp core.App, userID string, now time.Time) error {
	var all, own int
	err := txApp.DB().NewQuery("SELECT coalesce(sum([[tokens]]), 0), coalesce(sum(CASE WHEN [[user]] = {:user} THEN [[tokens]] END), 0) FROM {{coach_tokens}} WHERE [[day]] = {:day}").
		Bind(dbx.Params{"user": userID, "day": day(now)}).Row(&all, &own)
	switch {
	case err != nil:
		return fmt.Errorf("read spent tokens: %w", err)
	case own+reserved > c.UserDailyTokens:
		return ErrUserSpent
	case all+reserved > c.DailyTokens:
		return ErrAllSpent
	}
	return nil
}

// reserve takes an answer's tokens from the day, in the caller's transaction. It fails as checkSpend does.
func (c *Coach) reserve(txApp core.App, userID string, now time.Time) error {
	if c.Computed {
		return nil
	}
	if err := c.checkSpend(txApp, userID, now); err != nil {
		return err
	}
	_, err := txApp.NonconcurrentDB().NewQuery("INSERT INTO {{coach_tokens}} ([[day]], [[user]], [[tokens]]) VALUES ({:day}, {:user}, {:tokens}) " +
		"ON CONFLICT ([[day]], [[user]]) DO UPDATE SET [[tokens]] = [[tokens]] + {:tokens}").
		Bind(dbx.Params{"day": day(now), "user": userID, "tokens": reserved}).Execute()
	if err != nil {
		return fmt.Errorf("reserve tokens: %w", err)
	}
	return nil
}

// spend puts what an answer has cost in the place of what was reserved for it. A user who was deleted meanwhile has no count, and
// gets none.
func (c *Coach) spend(txApp core.App, userID string, reservedAt time.Time, tokens int) error {
	if c.Computed {
		return nil
	}
	_, err := txApp.NonconcurrentDB().NewQuery("UPDATE {{coach_tokens}} SET [[tokens]] = max(0, [[tokens]] + {:change}) WHERE [[day]] = {:day} AND [[user]] = {:user}").
		Bind(dbx.Params{"day": day(reservedAt), "user": userID, "change": tokens - reserved}).Execute()
	if err != nil {
		return fmt.Errorf("count tokens: %w", err)
	}
	return nil
}

func day(at time.Time) string { return at.UTC().Format(time.DateOnly) }

// NextDay is when spent tokens are forgotten.
func NextDay(now time.Time) time.Time { return now.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour) }

// Forget drops what is kept of a user beside their chats.
func Forget(txApp core.App, userID string) error {
	if _, err := txApp.NonconcurrentDB().Delete("coach_tokens", dbx.HashExp{"user": userID}).Execute(); err != nil {
		return fmt.Errorf("forget tokens: %w", err)
	}
	return nil
}

// DeleteSpend deletes the counts of days before a time.
func DeleteSpend(app core.App, before time.Time) error {
	_, err := app.NonconcurrentDB().Delete("coach_tokens", dbx.NewExp("[[day]] < {:day}", dbx.Params{"day": day(before)})).Execute()
	if err != nil {
		return fmt.Errorf("delete old token counts: %w", err)
	}
	return nil
}

// tokensOf is what an answer has cost, estimated at four characters a token where the server does not say.
func tokensOf(ending Ending, asked, answered int) (prompt, completion int) {
	prompt, completion = ending.PromptTokens, ending.CompletionTokens
	if prompt == 0 && completion == 0 {
		return asked / 4, answered / 4
	}
	return prompt, completion
}

// cost is what a complete answer counts for: what the server says, and at least what was reserved where it says nothing.
func cost(ending Ending) int {
	tokens := ending.PromptTokens + ending.CompletionTokens
	if ending.PromptTokens == 0 {
		return max(tokens, reserved)
	}
	return tokens
}
