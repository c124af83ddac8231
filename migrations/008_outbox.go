package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

func init() {
	m.Register(func(app core.App) error {
		return app.Save(outboxCollection())
	}, func(app core.App) error {
		return deleteCollection(app, "outbox")
	})
}

func outboxCollection() *core.Collection {
	outbox := core.NewBaseCollection("outbox")
	outbox.Fields.Add(
		&core.RelationField{Name: "user", Required: true, CollectionId: "_pb_users_auth_", MaxSelect: 1, CascadeDelete: true},
		&core.TextField{Name: "kind", Required: true, Max: 50, Presentable: true},
		&core.EmailField{Name: "to", Required: true},
		&core.TextField{Name: "subject", Required: true, Max: 300},
		&core.TextField{Name: "html", Hidden: true, Max: 200_000, Help: "Emptied after sending when it holds a secret link."},
		&core.TextField{Name: "text", Hidden: true, Max: 100_000, Help: "Emptied after sending when it holds a secret link."},
		&core.SelectField{Name: "state", Required: true, Values: []string{"queued", "sent", "dead", "kept"}, MaxSelect: 1, Help: "Kept: written, but never sent (demo)."},
		&core.TextField{Name: "key", Max: 200, Help: "A key is queued once."},
		&core.NumberField{Name: "attempts", OnlyInt: true, Min: types.Pointer(0.0)},
		&core.NumberField{Name: "uncertain", OnlyInt: true, Min: types.Pointer(0.0), Help: "Attempts whose outcome nobody knows: the mail may have arrived that many times more."},
		&core.TextField{Name: "last_error", Max: 2000},
		&core.TextField{Name: "message_id", Max: 300, Help: "The Message-ID header, the same in every attempt."},
		&core.DateField{Name: "claimed_until", Help: "Until then one attempt has it to itself."},
		&core.DateField{Name: "sent_at", Help: "When the mail server accepted it."},
		&core.AutodateField{Name: "created", OnCreate: true},
		&core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
	)
	outbox.AddIndex("idx_outbox_key", true, "key", "key != ''")
	outbox.AddIndex("idx_outbox_user", false, "user", "")
	outbox.AddIndex("idx_outbox_state", false, "state, created", "")
	return outbox
}
