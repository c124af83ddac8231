package demo

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/billing"
)

// Subscribe has the climbers who pay for a plan subscribe to it, each once: whoever cancels in the demo stays cancelled
// when it starts again.
func Subscribe(app core.App, subscribe func(userID, tier string) error) error {
	for i := range climbers {
		c := &climbers[i]
		if c.tier == "" {
			continue
		}
		user, err := app.FindFirstRecordByData(account.Collection, account.FieldUsername, c.username)
		if errors.Is(err, sql.ErrNoRows) { // who may have changed their name, or left
			continue
		}
		if err != nil {
			return fmt.Errorf("find demo climber %s: %w", c.username, err)
		}
		former, err := app.CountRecords(billing.SubscriptionCollection, dbx.HashExp{"user": user.Id})
		if err != nil {
			return fmt.Errorf("subscriptions of demo climber %s: %w", c.username, err)
		}
		if former > 0 {
			continue
		}
		if err := subscribe(user.Id, c.tier); err != nil {
			return fmt.Errorf("subscribe demo climber %s: %w", c.username, err)
		}
	}
	return nil
}
