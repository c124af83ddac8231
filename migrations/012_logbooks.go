package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

func init() {
	m.Register(logbooksUp, logbooksDown)
}

// tickSources are the logbooks that a tick can come from; manual ones were written here.
func tickSources() []string {
	return []string{"mountain_project", "eight_a", "thecrag", "ukc", "sendage", "27crags", "cragbase", "manual"}
}

// newTickFields are the fields that other logbooks have and Mountain Project's has not, and what a user's own edits need.
func newTickFields() []core.Field {
	return []core.Field{
		&core.TextField{Name: "source_id", Max: 100, Help: "The source's id of the tick."},
		&core.SelectField{Name: "date_precision", Values: []string{"month", "year"}, MaxSelect: 1, Help: "How much of the date was logged; empty: the day."},
		&core.NumberField{Name: "attempts", OnlyInt: true, Min: types.Pointer(0.0), Help: "Tries that it took, this one included; 0: not logged."},
		&core.SelectField{Name: "feel", Values: []string{"soft", "hard"}, MaxSelect: 1, Help: "For its grade; empty: not said."},
		&core.JSONField{Name: "traits", MaxSize: 2_000, Help: "Of the route, such as overhang or crimpy."},
		&core.BoolField{Name: "edited", Help: "By its owner: no import and no sync changes it any more."},
		&core.DateField{Name: "gone_at", Help: "When an export of its source no longer had it."},
	}
}

func logbooksUp(app core.App) error {
	ticks, err := app.FindCollectionByNameOrId("ticks")
	if err != nil {
		return err
	}
	owner := types.Pointer("user = @request.auth.id && @request.auth.id != ''")
	// A tick that does not say whose it is is its writer's.
	ticks.CreateRule = types.Pointer("@request.auth.id != '' && (@request.body.user:isset = false || user = @request.auth.id)")
	ticks.UpdateRule, ticks.DeleteRule = owner, owner
	ticks.Fields.GetByName("source").(*core.SelectField).Values = tickSources()
	for _, field := range newTickFields() {
		ticks.Fields.Add(field)
	}
	if err := app.Save(ticks); err != nil {
		return err
	}
	imports, err := app.FindCollectionByNameOrId("imports")
	if err != nil {
		return err
	}
	imports.Fields.GetByName("source").(*core.SelectField).Values = tickSources()[:7]
	if err := app.Save(imports); err != nil {
		return err
	}
	// Nothing has read a profile before this: what is open has lost its job.
	if _, err := app.DB().NewQuery("UPDATE {{sync_runs}} SET [[status]] = 'failed' WHERE [[status]] IN ('queued', 'running')").Execute(); err != nil {
		return err
	}
	runs, err := app.FindCollectionByNameOrId("sync_runs")
	if err != nil {
		return err
	}
	runs.AddIndex("idx_sync_runs_open", true, "source, user", "status = 'queued' OR status = 'running'")
	runs.Fields.Add(
		&core.SelectField{Name: "reason", MaxSelect: 1, Values: []string{"private", "not_found", "login", "challenge", "refused", "rate_limited", "unreachable", "too_large", "too_slow", "not_a_logbook", "plan_limit", "not_configured", "internal"}, Help: "Why it failed, in one word."},
		&core.DateField{Name: "retry_at", Help: "When it is tried again."},
	)
	if err := app.Save(runs); err != nil {
		return err
	}
	if err := app.Save(profileSourcesCollection()); err != nil {
		return err
	}
	if err := addSyncIntervals(app); err != nil {
		return err
	}
	return createLogbookTables(app)
}

// createLogbookTables makes what is no collection, because nobody has to look at it: a version of each logbook, which is
// written with every change of a tick, and which ticks of a source their owner has deleted.
func createLogbookTables(app core.App) error {
	for _, statement := range []string{
		"CREATE TABLE {{logbook_versions}} ([[user]] TEXT PRIMARY KEY, [[version]] INTEGER NOT NULL) WITHOUT ROWID",
		"CREATE TABLE {{deleted_ticks}} ([[user]] TEXT NOT NULL, [[source]] TEXT NOT NULL, [[identity]] TEXT NOT NULL, PRIMARY KEY ([[user]], [[source]], [[identity]])) WITHOUT ROWID",
		"UPDATE {{ticks}} SET [[traits]] = '[]'",
	} {
		if _, err := app.DB().NewQuery(statement).Execute(); err != nil {
			return err
		}
	}
	return nil
}

func logbooksDown(app core.App) error {
	for _, table := range []string{"logbook_versions", "deleted_ticks"} {
		if _, err := app.DB().DropTable(table).Execute(); err != nil {
			return err
		}
	}
	plans, err := app.FindCollectionByNameOrId("plans")
	if err != nil {
		return err
	}
	plans.Fields.RemoveByName("sync_interval_hours")
	if err := app.Save(plans); err != nil {
		return err
	}
	if err := deleteCollection(app, "profile_sources"); err != nil {
		return err
	}
	runs, err := app.FindCollectionByNameOrId("sync_runs")
	if err != nil {
		return err
	}
	runs.RemoveIndex("idx_sync_runs_open")
	runs.Fields.RemoveByName("reason")
	runs.Fields.RemoveByName("retry_at")
	if err := app.Save(runs); err != nil {
		return err
	}
	imports, err := app.FindCollectionByNameOrId("imports")
	if err != nil {
		return err
	}
	imports.Fields.GetByName("source").(*core.SelectField).Values = tickSources()[:1]
	if err := app.Save(imports); err != nil {
		return err
	}
	ticks, err := app.FindCollectionByNameOrId("ticks")
	if err != nil {
		return err
	}
	ticks.CreateRule, ticks.UpdateRule, ticks.DeleteRule = nil, nil, nil
	ticks.Fields.GetByName("source").(*core.SelectField).Values = tickSources()[:1]
	for _, field := range newTickFields() {
		ticks.Fields.RemoveByName(field.GetName())
	}
	return app.Save(ticks)
}

// profileSourcesCollection holds what is known of a profile that is read again and again.
func profileSourcesCollection() *core.Collection {
	sources := core.NewBaseCollection("profile_sources")
	sources.Fields.Add(
		&core.RelationField{Name: "user", Required: true, CollectionId: "_pb_users_auth_", MaxSelect: 1, CascadeDelete: true},
		&core.SelectField{Name: "source", Required: true, Values: []string{"mountain_project", "eight_a"}, MaxSelect: 1},
		&core.TextField{Name: "url", Max: 200, Help: "The profile that the rest is about."},
		&core.TextField{Name: "etag", Max: 300},
		&core.TextField{Name: "last_modified", Max: 100},
		&core.TextField{Name: "content_hash", Max: 64},
		&core.NumberField{Name: "failures", OnlyInt: true, Help: "In a row."},
		&core.DateField{Name: "last_run"},
		&core.DateField{Name: "next_run", Help: "When the schedule reads it again."},
		&core.AutodateField{Name: "created", OnCreate: true},
		&core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
	)
	sources.AddIndex("idx_profile_sources_user", true, "user, source", "")
	sources.AddIndex("idx_profile_sources_next", false, "source, next_run", "")
	return sources
}

// addSyncIntervals gives the plans how often they read profiles.
func addSyncIntervals(app core.App) error {
	plans, err := app.FindCollectionByNameOrId("plans")
	if err != nil {
		return err
	}
	plans.Fields.Add(&core.NumberField{Name: "sync_interval_hours", OnlyInt: true, Min: types.Pointer(0.0), Max: types.Pointer(8760.0), Help: "Hours between two readings of a linked profile; 0: only when its owner asks."})
	if err := app.Save(plans); err != nil {
		return err
	}
	for tier, hours := range map[string]int{"free": 168, "basic": 24, "premium": 6} {
		plan, err := app.FindFirstRecordByData("plans", "tier", tier)
		if err != nil {
			return err
		}
		plan.Set("sync_interval_hours", hours)
		if err := app.Save(plan); err != nil {
			return err
		}
	}
	return nil
}
