package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

func init() {
	m.Register(func(app core.App) error {
		usage, err := app.FindCollectionByNameOrId("usage")
		if err != nil {
			return err
		}
		// Whoever publishes what has left asks for the earliest of all.
		usage.AddIndex("idx_usage_resets_at", false, "resets_at", "resets_at <> ''")
		usage.Fields.GetByName("window").(*core.JSONField).Help = "The messages of the last 48 hours, of which the last 24 count, oldest first: [sent at, in Unix milliseconds, number of the place]."
		if err := app.Save(usage); err != nil {
			return err
		}
		days := core.NewBaseCollection("usage_days")
		days.Fields.Add(
			&core.RelationField{Name: "user", Required: true, CollectionId: "_pb_users_auth_", MaxSelect: 1, CascadeDelete: true},
			&core.TextField{Name: "day", Required: true, Pattern: `^\d{4}-\d{2}-\d{2}$`, Help: "YYYY-MM-DD, of UTC"},
			&core.NumberField{Name: "messages", OnlyInt: true, Min: types.Pointer(0.0), Help: "Sent to the coach on that day."},
		)
		days.AddIndex("idx_usage_days_user", true, "user, day", "")
		return app.Save(days)
	}, func(app core.App) error {
		if err := deleteCollection(app, "usage_days"); err != nil {
			return err
		}
		usage, err := app.FindCollectionByNameOrId("usage")
		if err != nil {
			return err
		}
		usage.RemoveIndex("idx_usage_resets_at")
		usage.Fields.GetByName("window").(*core.JSONField).Help = "Send times of the counted messages, Unix milliseconds, oldest first."
		if err := app.Save(usage); err != nil {
			return err
		}
		_, err = app.DB().NewQuery("UPDATE {{usage}} SET [[window]] = (SELECT json_group_array(iif(type = 'array', json_extract(value, '$[0]'), value)) FROM json_each([[window]]))").Execute()
		return err
	})
}
