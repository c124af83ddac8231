package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

func init() {
	m.Register(func(app core.App) error {
		ticks := core.NewBaseCollection("ticks")
		owner := types.Pointer("user = @request.auth.id && @request.auth.id != ''")
		ticks.ListRule, ticks.ViewRule = owner, owner
		ticks.Fields.Add(
			&core.RelationField{Name: "user", Required: true, CollectionId: "_pb_users_auth_", MaxSelect: 1, CascadeDelete: true},
			&core.SelectField{Name: "source", Required: true, Values: []string{"mountain_project"}, MaxSelect: 1},
			&core.TextField{Name: "identity", Required: true, Max: 300, Hidden: true, Help: "What makes it the same tick in the next export of its source."},
			&core.TextField{Name: "fingerprint", Required: true, Max: 64, Hidden: true, Help: "Hash of the imported content."},
			&core.TextField{Name: "date", Required: true, Pattern: `^\d{4}-\d{2}-\d{2}$`, Help: "YYYY-MM-DD"},
			&core.NumberField{Name: "day_order", OnlyInt: true, Help: "Order within the day, 1 was climbed first."},
			&core.TextField{Name: "route_name", Required: true, Max: 500, Presentable: true},
			&core.TextField{Name: "route_id", Max: 100, Help: "The source's id of the route."},
			&core.TextField{Name: "route_url", Max: 1000},
			&core.TextField{Name: "route_type", Max: 200, Help: "As the source has it, e.g. \"Trad, TR\"."},
			&core.TextField{Name: "grade", Max: 200, Help: "The route's rating as logged."},
			&core.TextField{Name: "grade_system", Max: 20, Help: "System of the rating that the primary discipline is graded in; empty: unknown."},
			&core.NumberField{Name: "grade_low", OnlyInt: true, Help: "Range on the score of the grade's family."},
			&core.NumberField{Name: "grade_high", OnlyInt: true},
			&core.TextField{Name: "danger", Max: 10, Help: "G, PG13, R or X."},
			&core.TextField{Name: "your_grade", Max: 200},
			&core.SelectField{Name: "disciplines", Values: []string{"sport", "trad", "boulder", "tr", "alpine", "ice", "mixed", "aid"}, MaxSelect: 8, Help: "The first is the primary one."},
			&core.TextField{Name: "style", Max: 20, Help: "lead, tr, follow, solo, send, flash, attempt; empty: not logged."},
			&core.TextField{Name: "lead_style", Max: 20, Help: "onsight, flash, redpoint, pinkpoint, fell_hung; empty: not logged."},
			&core.TextField{Name: "result", Required: true, Max: 20, Help: "What style and lead style together say."},
			&core.NumberField{Name: "pitches", OnlyInt: true, Min: types.Pointer(0.0), Help: "Pitches; on single-pitch routes also laps."},
			&core.NumberField{Name: "length_ft", OnlyInt: true, Min: types.Pointer(0.0), Help: "Length of the whole route in feet; 0: unknown."},
			&core.TextField{Name: "location", Max: 2000, Help: "Path from the largest area down, joined by \" > \"."},
			&core.NumberField{Name: "avg_stars", Help: "-1: no votes"},
			&core.NumberField{Name: "your_stars", Help: "-1: not rated"},
			&core.TextField{Name: "notes", Max: 70_000},
			&core.AutodateField{Name: "created", OnCreate: true},
			&core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
		)
		ticks.AddIndex("idx_ticks_identity", true, "user, source, identity", "")
		ticks.AddIndex("idx_ticks_user_date", false, "user, date, day_order", "")
		return app.Save(ticks)
	}, func(app core.App) error {
		return deleteCollection(app, "ticks")
	})
}
