package notice

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// DeleteSent deletes the mails that were sent before a time, and returns how many. Dead ones stay until somebody looked
// at them.
func DeleteSent(app core.App, before time.Time) (int64, error) {
	result, err := app.NonconcurrentDB().Delete(Collection, dbx.And(dbx.HashExp{"state": Sent},
		dbx.NewExp("[[sent_at]] < {:before}", dbx.Params{"before": before.UTC().Format("2006-01-02 15:04:05.000Z")}))).Execute()
	if err != nil {
		return 0, fmt.Errorf("delete sent mails: %w", err)
	}
	return result.RowsAffected()
}

// KindOf is the kind of a mail of the outbox, "" when it is not there any more.
func KindOf(app core.App, outboxID string) string {
	record, err := app.FindRecordById(Collection, outboxID)
	if err != nil {
		return ""
	}
	return record.GetString("kind")
}
