package hooks

import (
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/usage"
)

// bindUsage keeps what is known of usage records as they are.
func (s *server) bindUsage(app core.App) {
	changed := func(e *core.RecordEvent) error {
		s.usage.Forget(e.Record.Id)
		s.expirer.Note(e.Record)
		return e.Next()
	}
	app.OnRecordAfterCreateSuccess(usage.Collection).BindFunc(changed)
	app.OnRecordAfterUpdateSuccess(usage.Collection).BindFunc(changed)
	app.OnRecordAfterDeleteSuccess(usage.Collection).BindFunc(changed)
}
