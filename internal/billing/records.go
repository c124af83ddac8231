package billing

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/stripe/stripe-go/v76"
)

// Collections, for administrators alone.
const (
	CustomerCollection     = "stripe_customers"
	SubscriptionCollection = "subscriptions"
	IntentCollection       = "stripe_intents"
	EventCollection        = "stripe_events"
)

// Users, and their fields that billing reads and writes.
const (
	usersCollection    = "users"
	fieldTier          = "tier"
	fieldPaymentStatus = "payment_status"
	fieldIsActive      = "is_active"
	fieldDeactivatedAt = "deactivated_at"
	fieldBannedAt      = "banned_at"
)

// mayAct reports whether a user can use what they pay for.
func mayAct(user *core.Record) bool {
	return user.GetBool(fieldIsActive) && user.GetDateTime(fieldBannedAt).IsZero()
}

// customerOf finds what we know of a user at Stripe; nil when they never had a customer.
func customerOf(app core.App, userID string) (*core.Record, error) {
	return first(app, CustomerCollection, dbx.HashExp{"user": userID})
}

// UserOf finds whose customer it is, "" for one that is not ours (any more).
func UserOf(app core.App, customer string) (string, error) {
	if customer == "" {
		return "", nil
	}
	row, err := first(app, CustomerCollection, dbx.HashExp{"customer": customer})
	if err != nil || row == nil {
		return "", err
	}
	return row.GetString("user"), nil
}

// first finds one record, nil when there is none.
func first(app core.App, collection string, where dbx.Expression) (*core.Record, error) {
	record := &core.Record{}
	err := app.RecordQuery(collection).AndWhere(where).Limit(1).One(record)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find in %s: %w", collection, err)
	}
	return record, nil
}

// mirrorOf reads the subscriptions of a user as we saw them last, by their ids at Stripe.
func mirrorOf(app core.App, userID string) (map[string]*core.Record, error) {
	var records []*core.Record
	if err := app.RecordQuery(SubscriptionCollection).AndWhere(dbx.HashExp{"user": userID}).All(&records); err != nil {
		return nil, fmt.Errorf("read subscriptions: %w", err)
	}
	mirror := make(map[string]*core.Record, len(records))
	for _, record := range records {
		mirror[record.GetString("stripe_id")] = record
	}
	return mirror, nil
}

// mirrored are the columns of a subscription.
func mirrored(sub *stripe.Subscription, userID, tier string) map[string]any {
	values := map[string]any{
		"stripe_id": sub.ID, "user": userID, "status": string(sub.Status), "price": priceOf(sub), "tier": tier,
		"cancel_at_period_end": sub.CancelAtPeriodEnd, "period_start": at(sub.CurrentPeriodStart), "period_end": at(sub.CurrentPeriodEnd),
		"started_at": at(sub.StartDate), "ended_at": at(sub.EndedAt), "latest_invoice": "",
	}
	if sub.Customer != nil {
		values["customer"] = sub.Customer.ID
	}
	if sub.LatestInvoice != nil {
		values["latest_invoice"] = sub.LatestInvoice.ID
	}
	return values
}

// at is a time of Stripe's; zero stays zero.
func at(unix int64) time.Time {
	if unix == 0 {
		return time.Time{}
	}
	return time.Unix(unix, 0).UTC()
}

// load sets values and reports whether that changes the record.
func load(record *core.Record, values map[string]any) bool {
	changed := record.IsNew()
	for name, value := range values {
		before := record.GetString(name)
		record.Set(name, value)
		changed = changed || record.GetString(name) != before
	}
	return changed
}

// stamp writes a time as PocketBase's columns do; such texts sort by time.
func stamp(t time.Time) string { return t.UTC().Format(types.DefaultDateLayout) }

// newRecord is an unsaved record of a collection.
func newRecord(app core.App, collection string) (*core.Record, error) {
	found, err := app.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		return nil, err
	}
	return core.NewRecord(found), nil
}

// save writes a record. A record that is not valid is a mistake of ours: its fields are no answer to a client, who never
// sent them, so only the text of the error goes on.
//
// Updates write what differs from what the record was read with. PocketBase leaves that as it was before the save, so that
// a field which goes back to it in a second save would be left out: PostScan takes the record for read as it is now.
func save(app core.App, record *core.Record) error {
	if err := app.Save(record); err != nil {
		return fmt.Errorf("save in %s: %s", record.Collection().Name, err.Error())
	}
	return record.PostScan()
}
