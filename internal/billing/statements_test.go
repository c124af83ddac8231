package billing_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/pocketbase/dbx"

	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// What a webhook that changes nothing may cost the database: it is written down, and closed.
const (
	mostReads  = 10
	mostWrites = 2
)

// Most webhooks tell nothing new: of the seven that follow a payment, six.
func TestWebhookTakesFewStatements(t *testing.T) {
	t.Parallel()
	app := pbtest.Bare(t)
	addCustomer(t, app, pbtest.OwnerID, "cus_ours")
	b := billing.New(billing.Config{SecretKey: secretKey, WebhookSecrets: []string{webhookSecret}, Transport: emptyLists{}})
	reads, writes := 0, 0
	for _, builder := range []dbx.Builder{app.ConcurrentDB(), app.NonconcurrentDB()} {
		db := builder.(*dbx.DB)
		db.QueryLogFunc = func(context.Context, time.Duration, string, *sql.Rows, error) { reads++ }
		db.ExecLogFunc = func(context.Context, time.Duration, string, sql.Result, error) { writes++ }
	}
	for n := range 2 { // the first one tells something
		reads, writes = 0, 0
		payload := eventAbout(fmt.Sprintf("evt_%d", n), "invoice.paid", "cus_ours", nil)
		delivery, err := b.Webhook(t.Context(), app, []byte(payload), signed(webhookSecret, payload, time.Now()))
		if err != nil || delivery.Result != billing.WebhookDone {
			t.Fatalf("%v, %v", delivery, err)
		}
	}
	if reads == 0 || reads > mostReads || writes > mostWrites {
		t.Errorf("%d reads and %d writes, want at most %d and %d", reads, writes, mostReads, mostWrites)
	}
}
