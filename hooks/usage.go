package hooks

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	validation "github.com/go-ozzo/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/usage"
)

// bindUsage keeps what is known of usage records as they are, and sends with them what follows from them.
func (s *server) bindUsage(app core.App) {
	changed := func(e *core.RecordEvent) error {
		s.usage.Forget(e.Record.Id)
		s.expirer.Note(e.Record)
		return e.Next()
	}
	app.OnRecordAfterCreateSuccess(usage.Collection).BindFunc(changed)
	app.OnRecordAfterUpdateSuccess(usage.Collection).BindFunc(changed)
	app.OnRecordAfterDeleteSuccess(usage.Collection).BindFunc(changed)
	app.OnRecordEnrich(usage.Collection).BindFunc(func(e *core.RecordEnrichEvent) error {
		usage.Complete(e.Record)
		return e.Next()
	})
}

// subscribersOfUsage are the users who have a usage record open somewhere.
func subscribersOfUsage(app core.App) []string {
	collection, err := app.FindCachedCollectionByNameOrId(usage.Collection)
	if err != nil {
		return nil
	}
	users := map[string]bool{}
	for _, client := range app.SubscriptionsBroker().Clients() {
		user, _ := client.Get(apis.RealtimeClientAuthKey).(*core.Record)
		if user != nil && len(client.Subscriptions(collection.Name+"/", collection.Id+"/")) > 0 {
			users[user.Id] = true
		}
	}
	return slices.Collect(maps.Keys(users))
}

// getMessageCount: GET /v1/users/me/message-count
func (s *server) getMessageCount(e *core.RequestEvent) error {
	now := s.Now()
	count, err := s.usage.Count(e.App, e.Auth.Id, now)
	if err != nil {
		return err
	}
	answer := messageCount{
		DailyMessageCount: count.Messages,
		LastMessageDate:   timeOrNull(count.LastMessage),
		MaxDailyMessages:  count.Limit,
		WindowHours:       int(usage.Window / time.Hour),
		ResetsAt:          timeOrNull(count.ResetsAt),
	}
	if e.Request.URL.RawQuery != "" {
		days, err := historyDays(e.Request.URL.Query())
		if err != nil {
			return err
		}
		if days > 0 {
			if answer.History, err = usage.History(e.App, e.Auth.Id, days, now); err != nil {
				return err
			}
		}
	}
	if e.Auth.GetString(account.FieldTier) == "free" {
		return respond(e, answer)
	}
	return respond(e, paidMessageCount{answer, count.Remaining()})
}

// historyDays reads how many days of history are asked for: ?history=30d; 0 when none are.
func historyDays(query url.Values) (int, error) {
	if !query.Has("history") {
		return 0, nil
	}
	text, isDays := strings.CutSuffix(query.Get("history"), "d")
	days, err := strconv.Atoi(text)
	if !isDays || err != nil || days < 1 || days > maxHistory || strconv.Itoa(days) != text {
		return 0, validation.Errors{"history": validation.NewError("validation_out_of_range", "Must be a number of days from 1d to "+strconv.Itoa(maxHistory)+"d.")}
	}
	return days, nil
}

// timeOrNull is a time as /v1 writes it.
func timeOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return new(t.UTC().Format(account.TimeFormat))
}

// maxHistory is how many days of history one may ask for.
const maxHistory = 90

// messageCount is what a user has sent in the last hours, and may. Times are account.TimeFormat.
type messageCount struct {
	DailyMessageCount int         `json:"daily_message_count"`
	LastMessageDate   *string     `json:"last_message_date"`
	MaxDailyMessages  *int        `json:"max_daily_messages"` // null: unlimited
	WindowHours       int         `json:"window_hours"`
	ResetsAt          *string     `json:"resets_at"`         // null: nothing counts
	History           []usage.Day `json:"history,omitempty"` // the oldest day first
}

// paidMessageCount is that of a paid plan.
type paidMessageCount struct {
	messageCount
	RemainingMessages *int `json:"remaining_messages"` // null: unlimited
}
