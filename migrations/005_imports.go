package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

func init() {
	m.Register(func(app core.App) error {
		imports := core.NewBaseCollection("imports")
		owner := types.Pointer("user = @request.auth.id && @request.auth.id != ''")
		imports.ListRule, imports.ViewRule = owner, owner
		imports.Fields.Add(
			&core.RelationField{Name: "user", Required: true, CollectionId: "_pb_users_auth_", MaxSelect: 1, CascadeDelete: true},
			&core.SelectField{Name: "source", Required: true, Values: []string{"mountain_project"}, MaxSelect: 1},
			&core.SelectField{Name: "mode", Required: true, Values: []string{"merge", "replace"}, MaxSelect: 1},
			&core.TextField{Name: "file_name", Max: 255},
			&core.NumberField{Name: "file_bytes", OnlyInt: true},
			&core.JSONField{Name: "report", MaxSize: 5 << 20, Help: "What the import answered."},
			&core.AutodateField{Name: "created", OnCreate: true},
			&core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
		)
		imports.AddIndex("idx_imports_user", false, "user, created", "")
		return app.Save(imports)
	}, func(app core.App) error {
		return deleteCollection(app, "imports")
	})
}
