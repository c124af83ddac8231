package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

func init() {
	m.Register(func(app core.App) error {
		if err := app.Save(jobsCollection()); err != nil {
			return err
		}
		return app.Save(schedulesCollection())
	}, func(app core.App) error {
		if err := deleteCollection(app, "schedules"); err != nil {
			return err
		}
		return deleteCollection(app, "jobs")
	})
}

func jobsCollection() *core.Collection {
	jobs := core.NewBaseCollection("jobs")
	jobs.Fields.Add(
		&core.TextField{Name: "kind", Required: true, Max: 50, Presentable: true},
		&core.SelectField{Name: "state", Required: true, Values: []string{"queued", "running", "done", "dead"}, MaxSelect: 1, Help: "Set a dead job to queued to try it again."},
		&core.JSONField{Name: "payload", MaxSize: 10_000, Help: "Ids, never personal data."},
		&core.DateField{Name: "run_at", Required: true, Help: "Not before."},
		&core.NumberField{Name: "attempts", OnlyInt: true, Min: types.Pointer(0.0)},
		&core.TextField{Name: "last_error", Max: 2000},
		&core.TextField{Name: "unique_key", Max: 200, Help: "One queued or running job per kind and key."},
		&core.TextField{Name: "host", Max: 200, Help: "Jobs of one host never run at once."},
		&core.TextField{Name: "lease", Max: 50, Help: "Who runs it."},
		&core.DateField{Name: "lease_until", Help: "When it is taken back from who runs it."},
		&core.DateField{Name: "finished_at"},
		&core.AutodateField{Name: "created", OnCreate: true},
		&core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
	)
	jobs.AddIndex("idx_jobs_unique", true, "kind, unique_key", "unique_key != '' AND state != 'done' AND state != 'dead'")
	jobs.AddIndex("idx_jobs_due", false, "state, run_at", "")
	return jobs
}

func schedulesCollection() *core.Collection {
	schedules := core.NewBaseCollection("schedules")
	schedules.Fields.Add(
		&core.TextField{Name: "name", Required: true, Max: 50, Presentable: true},
		&core.DateField{Name: "last_period", Required: true, Help: "The scheduled time that was enqueued last."},
		&core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
	)
	schedules.AddIndex("idx_schedules_name", true, "name", "")
	return schedules
}
