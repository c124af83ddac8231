package hooks

import (
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

// bindRecords binds what holds for every collection.
func (s *server) bindRecords(app core.App) {
	// A save writes every column otherwise, and so undoes what somebody else changed since the record was read: a profile
	// update would bring an old password back.
	app.OnRecordUpdate().Bind(&hook.Handler[*core.RecordEvent]{
		Id:       "cragbaseChangedFieldsOnly",
		Priority: -10_000,
		Func: func(e *core.RecordEvent) error {
			e.Record.IgnoreUnchangedFields(true)
			return e.Next()
		},
	})
}

// keepMail sends nothing: what goes around the outbox, such as PocketBase's mails to administrators, is logged by its
// subject.
func keepMail(app core.App) {
	app.OnMailerSend().BindFunc(func(e *core.MailerEvent) error {
		e.App.Logger().Info("mail kept, not sent", "subject", e.Message.Subject)
		return nil
	})
}
