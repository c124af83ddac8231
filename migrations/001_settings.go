// Package migrations holds the schema of Cragbase's collections: one file per change, with its way back.
// A released file is never edited; it imports nothing of internal/, so that it means the same for ever.
package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

func init() {
	m.Register(func(app core.App) error {
		settings := app.Settings()
		settings.Meta.AppName = "Cragbase"
		settings.Meta.SenderName = "Cragbase"
		// Several writes in one request are a way around per-route guards.
		settings.Batch.Enabled = false
		return app.Save(settings)
	}, func(app core.App) error {
		settings := app.Settings()
		settings.Meta.AppName = "Acme"
		settings.Meta.SenderName = "Support"
		return app.Save(settings)
	})
}
