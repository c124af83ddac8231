package usage

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/list"
)

// unlimited stands in the record for a plan without a limit.
const unlimited = -1

// stored is a limit as the record has it.
func stored(limit *int) int {
	if limit == nil {
		return unlimited
	}
	return *limit
}

// limitOf is a limit of the record.
func limitOf(stored int) *int {
	if stored == unlimited {
		return nil
	}
	return &stored
}

// Open creates the empty record of a new user, under the plan's limit of messages (nil: none).
func Open(app core.App, userID string, limit *int) error {
	usage, err := empty(app, userID)
	if err != nil {
		return err
	}
	usage.Set(fieldLimit, stored(limit))
	return app.Save(usage)
}

// SetLimit notes in the caller's transaction that a user has another plan, with this limit (nil: none).
func SetLimit(txApp core.App, userID string, limit *int) error {
	usage, _, err := load(txApp, userID)
	if err == nil && (usage.IsNew() || usage.GetInt(fieldLimit) != stored(limit)) {
		usage.Set(fieldLimit, stored(limit))
		err = saveNext(txApp, usage)
	}
	if err != nil {
		return fmt.Errorf("limit of messages: %w", err)
	}
	return nil
}

// SetLimits notes in the caller's transaction that a plan has another limit (nil: none), for all users of its tier. It is one
// statement, because a save for each of 100,000 users would keep everybody else from writing for minutes: no event comes of it.
// After the commit the caller forgets what its Counter remembers, and lets [Announce] tell those who are looking.
func SetLimits(txApp core.App, tier string, limit *int) error {
	_, err := txApp.NonconcurrentDB().NewQuery(
		"UPDATE {{usage}} SET [[max_daily_messages]] = {:limit}, [[version]] = [[version]] + 1 " +
			"WHERE [[max_daily_messages]] <> {:limit} AND [[user]] IN (SELECT [[id]] FROM {{users}} WHERE [[tier]] = {:tier})").
		Bind(dbx.Params{"limit": stored(limit), "tier": tier}).Execute()
	if err != nil {
		return fmt.Errorf("limit of messages of tier %s: %w", tier, err)
	}
	return nil
}

// Announce saves the records of those of the users who are of a tier, as they are and as their next version, so that whoever
// subscribes to one is sent it. It goes on after an error.
func Announce(app core.App, tier string, userIDs []string) error {
	var problems []error
	for ids := range slices.Chunk(userIDs, 500) {
		var of []string
		err := app.ConcurrentDB().Select("id").From("users").
			Where(dbx.HashExp{"tier": tier}).AndWhere(dbx.In("id", list.ToInterfaceSlice(ids)...)).Column(&of)
		problems = append(problems, err)
		for _, id := range of {
			problems = append(problems, announce(app, id))
		}
	}
	return errors.Join(problems...)
}

func announce(app core.App, userID string) error {
	return app.RunInTransaction(func(txApp core.App) error {
		usage, _, err := load(txApp, userID)
		if err != nil || usage.IsNew() {
			return err
		}
		return saveNext(txApp, usage)
	})
}
