package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// importJobFields let an import run in the background: its file, how far it is, and what went wrong.
func importJobFields() []core.Field {
	return []core.Field{
		&core.SelectField{Name: "state", Values: []string{"queued", "running", "done", "failed"}, MaxSelect: 1},
		&core.NumberField{Name: "progress", OnlyInt: true, Min: types.Pointer(0.0), Max: types.Pointer(100.0), Help: "Percent of the rows."},
		&core.TextField{Name: "error", Max: 500, Help: "Why it failed, as its owner reads it."},
		&core.FileField{Name: "file", Hidden: true, Protected: true, MaxSelect: 1, MaxSize: 32 << 20, Help: "Until the import ends."},
		&core.NumberField{Name: "ticks_done", Hidden: true, OnlyInt: true, Help: "Where to go on after a restart."},
	}
}

func init() {
	m.Register(func(app core.App) error {
		imports, err := app.FindCollectionByNameOrId("imports")
		if err != nil {
			return err
		}
		imports.Fields.Add(importJobFields()...)
		if err := app.Save(imports); err != nil {
			return err
		}
		_, err = app.DB().NewQuery("UPDATE {{imports}} SET [[state]] = 'done', [[progress]] = 100").Execute()
		return err
	}, func(app core.App) error {
		imports, err := app.FindCollectionByNameOrId("imports")
		if err != nil {
			return err
		}
		for _, field := range importJobFields() {
			imports.Fields.RemoveByName(field.GetName())
		}
		return app.Save(imports)
	})
}
