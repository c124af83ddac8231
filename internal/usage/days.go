package usage

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Days is the collection of how many messages each user has sent on each day. Days without any are not in it.
const Days = "usage_days"

// Day is how many messages a user has sent on a day.
type Day struct {
	Date     string `json:"date" db:"day"` // of UTC, YYYY-MM-DD
	Messages int    `json:"messages" db:"messages"`
}

// History lists the given number of days up to that of now, the oldest first.
func History(app core.App, userID string, days int, now time.Time) ([]Day, error) {
	history := make([]Day, days)
	byDate := make(map[string]*Day, days)
	for i := range history {
		history[i].Date = now.UTC().AddDate(0, 0, i+1-days).Format(time.DateOnly)
		byDate[history[i].Date] = &history[i]
	}
	var sent []Day
	err := app.ConcurrentDB().Select("day", "messages").From(Days).
		Where(dbx.HashExp{"user": userID}).AndWhere(dbx.NewExp("[[day]] >= {:first}", dbx.Params{"first": history[0].Date})).All(&sent)
	if err != nil {
		return nil, fmt.Errorf("read days of usage: %w", err)
	}
	for _, day := range sent {
		if listed := byDate[day.Date]; listed != nil { // a clock that was set back knows of days to come
			listed.Messages = day.Messages
		}
	}
	return history, nil
}

// addToDay counts a message on the day when it was sent, or one less.
func addToDay(txApp core.App, userID string, place Place, messages int) error {
	day := dbx.Params{"user": userID, "day": time.UnixMilli(place.Sent).UTC().Format(time.DateOnly), "messages": messages}
	_, err := txApp.NonconcurrentDB().NewQuery(
		"INSERT INTO {{usage_days}} ([[user]], [[day]], [[messages]]) VALUES ({:user}, {:day}, {:messages}) " +
			"ON CONFLICT ([[user]], [[day]]) DO UPDATE SET [[messages]] = [[messages]] + excluded.[[messages]]").Bind(day).Execute()
	if err == nil && messages < 0 {
		_, err = txApp.NonconcurrentDB().NewQuery("DELETE FROM {{usage_days}} WHERE [[user]] = {:user} AND [[day]] = {:day} AND [[messages]] <= 0").
			Bind(dbx.Params{"user": userID, "day": day["day"]}).Execute()
	}
	if err != nil {
		return fmt.Errorf("count a day of usage: %w", err)
	}
	return nil
}
