package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

func init() {
	m.Register(func(app core.App) error {
		usage := core.NewBaseCollection("usage")
		// The record has its user's id, so that a front end subscribes to usage/<own id> without looking it up.
		owner := types.Pointer("id = @request.auth.id")
		usage.ListRule, usage.ViewRule = owner, owner
		usage.Fields.Add(
			&core.RelationField{Name: "user", Required: true, CollectionId: "_pb_users_auth_", MaxSelect: 1, CascadeDelete: true},
			&core.NumberField{Name: "daily_message_count", OnlyInt: true, Min: types.Pointer(0.0), Help: "Messages of the last 24 hours when the record was written."},
			&core.DateField{Name: "last_message_date"},
			&core.NumberField{Name: "max_daily_messages", OnlyInt: true, Min: types.Pointer(-1.0), Help: "The plan's limit; -1 is unlimited."},
			&core.DateField{Name: "resets_at", Help: "When the oldest counted message falls out."},
			&core.NumberField{Name: "version", OnlyInt: true, Help: "Grows with every change: events can arrive out of order."},
			&core.JSONField{Name: "window", Hidden: true, MaxSize: 1 << 20, Help: "Send times of the counted messages, Unix milliseconds, oldest first."},
			&core.AutodateField{Name: "created", OnCreate: true},
			&core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
		)
		usage.AddIndex("idx_usage_user", true, "user", "")
		return app.Save(usage)
	}, func(app core.App) error {
		return deleteCollection(app, "usage")
	})
}
