package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

func init() {
	m.Register(func(app core.App) error {
		plans := core.NewBaseCollection("plans")
		plans.ListRule, plans.ViewRule = types.Pointer(""), types.Pointer("")
		plans.Fields.Add(
			&core.SelectField{Name: "tier", Required: true, Values: []string{"free", "basic", "premium"}, MaxSelect: 1},
			&core.TextField{Name: "name", Required: true, Max: 50, Presentable: true},
			&core.NumberField{Name: "price_amount", OnlyInt: true, Min: types.Pointer(0.0), Help: "In the currency's smallest unit, as Stripe counts: 999 is 9.99."},
			&core.TextField{Name: "price_currency", Required: true, Pattern: `^[a-z]{3}$`, Help: "ISO 4217, lower case."},
			&core.SelectField{Name: "price_interval", Required: true, Values: []string{"month", "year"}, MaxSelect: 1},
			&core.NumberField{Name: "max_daily_messages", OnlyInt: true, Min: types.Pointer(-1.0), Help: "Coach messages in any 24 hours; -1 is unlimited."},
			&core.NumberField{Name: "max_ticks", Required: true, OnlyInt: true, Min: types.Pointer(1.0)},
			&core.NumberField{Name: "max_upload_bytes", Required: true, OnlyInt: true, Min: types.Pointer(1024.0), Max: types.Pointer(float64(32 << 20)), Help: "Largest logbook file, at most 33554432 (32 MiB)."},
			&core.JSONField{Name: "features", MaxSize: 10_000, Help: "A list of texts, one line each on the plans page."},
			&core.TextField{Name: "stripe_price", Hidden: true, Max: 255, Help: "Price id at Stripe (price_...)."},
			&core.AutodateField{Name: "created", OnCreate: true},
			&core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
		)
		plans.AddIndex("idx_plans_tier", true, "tier", "")
		if err := app.Save(plans); err != nil {
			return err
		}
		return seedPlans(app, plans)
	}, func(app core.App) error {
		return deleteCollection(app, "plans")
	})
}

func seedPlans(app core.App, plans *core.Collection) error {
	for _, values := range []map[string]any{
		{
			"tier": "free", "name": "Free", "price_amount": 0, "max_daily_messages": 0, "max_ticks": 10_000, "max_upload_bytes": 5 << 20,
			"features": []string{"Every chart of your climbing", "Import from Mountain Project and 8a.nu", "Export of all your data"},
		},
		{
			"tier": "basic", "name": "Basic", "price_amount": 999, "max_daily_messages": 25, "max_ticks": 50_000, "max_upload_bytes": 10 << 20,
			"features": []string{"Everything in Free", "25 messages a day with the coach", "Daily logbook sync"},
		},
		{
			"tier": "premium", "name": "Premium", "price_amount": 2999, "max_daily_messages": -1, "max_ticks": 100_000, "max_upload_bytes": 25 << 20,
			"features": []string{"Everything in Basic", "Unlimited messages with the coach", "Logbook sync every 6 hours"},
		},
	} {
		plan := core.NewRecord(plans)
		plan.Load(values)
		plan.Set("price_currency", "usd")
		plan.Set("price_interval", "month")
		if err := app.Save(plan); err != nil {
			return err
		}
	}
	return nil
}

func deleteCollection(app core.App, name string) error {
	collection, err := app.FindCollectionByNameOrId(name)
	if err != nil {
		return err
	}
	return app.Delete(collection)
}
