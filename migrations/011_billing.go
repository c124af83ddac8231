package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

func init() {
	m.Register(billingUp, billingDown)
}

func billingUp(app core.App) error {
	plans, err := app.FindCollectionByNameOrId("plans")
	if err != nil {
		return err
	}
	plans.Fields.Add(&core.JSONField{Name: "stripe_former_prices", Hidden: true, MaxSize: 10_000, Help: "Price ids that this plan had before. Who pays one of them keeps the tier."})
	if err := app.Save(plans); err != nil {
		return err
	}
	for _, collection := range []*core.Collection{stripeCustomersCollection(), subscriptionsCollection(), stripeIntentsCollection(), stripeEventsCollection()} {
		if err := app.Save(collection); err != nil {
			return err
		}
	}
	return nil
}

func billingDown(app core.App) error {
	for _, name := range []string{"stripe_events", "stripe_intents", "subscriptions", "stripe_customers"} {
		if err := deleteCollection(app, name); err != nil {
			return err
		}
	}
	plans, err := app.FindCollectionByNameOrId("plans")
	if err != nil {
		return err
	}
	plans.Fields.RemoveByName("stripe_former_prices")
	return app.Save(plans)
}

func stripeCustomersCollection() *core.Collection {
	customers := core.NewBaseCollection("stripe_customers")
	customers.Fields.Add(
		&core.RelationField{Name: "user", Required: true, CollectionId: "_pb_users_auth_", MaxSelect: 1, CascadeDelete: true},
		&core.TextField{Name: "customer", Max: 100, Presentable: true, Help: "Empty: the former one was deleted at Stripe, and there is no new one yet."},
		&core.NumberField{Name: "generation", OnlyInt: true, Help: "How many customers this user has had at Stripe."},
		&core.TextField{Name: "subscription", Max: 100, Help: "The subscription that decides the tier; empty: none."},
		&core.DateField{Name: "grace_until", Help: "Until when a failed payment leaves the tier."},
		&core.TextField{Name: "alert", Max: 300, Help: "What needs a person: an unknown price or status."},
		&core.DateField{Name: "synced_at", Help: "When Stripe was read last."},
		&core.AutodateField{Name: "created", OnCreate: true},
		&core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
	)
	customers.AddIndex("idx_stripe_customers_user", true, "user", "")
	customers.AddIndex("idx_stripe_customers_customer", true, "customer", "customer != ''")
	customers.AddIndex("idx_stripe_customers_synced", false, "synced_at", "")
	return customers
}

// subscriptionsCollection mirrors Stripe, duplicates included: one that cannot be recorded cannot be cancelled either.
func subscriptionsCollection() *core.Collection {
	subscriptions := core.NewBaseCollection("subscriptions")
	subscriptions.Fields.Add(
		&core.TextField{Name: "stripe_id", Required: true, Max: 100, Presentable: true},
		&core.RelationField{Name: "user", Required: true, CollectionId: "_pb_users_auth_", MaxSelect: 1, CascadeDelete: true},
		&core.TextField{Name: "customer", Required: true, Max: 100},
		&core.TextField{Name: "status", Required: true, Max: 50, Help: "Stripe's word for it."},
		&core.TextField{Name: "price", Max: 255},
		&core.TextField{Name: "tier", Max: 20, Help: "What the price buys; empty: no plan has it."},
		&core.BoolField{Name: "cancel_at_period_end"},
		&core.DateField{Name: "period_start"},
		&core.DateField{Name: "period_end"},
		&core.DateField{Name: "started_at"},
		&core.DateField{Name: "ended_at"},
		&core.TextField{Name: "latest_invoice", Max: 100},
		&core.BoolField{Name: "refund_due", Help: "Paid for nothing: it was cancelled as a duplicate or after its user had left. Refund it at Stripe, then clear this."},
		&core.AutodateField{Name: "created", OnCreate: true},
		&core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
	)
	subscriptions.AddIndex("idx_subscriptions_stripe_id", true, "stripe_id", "")
	subscriptions.AddIndex("idx_subscriptions_user", false, "user", "")
	return subscriptions
}

// stripeIntentsCollection holds every write to Stripe from before it is sent, so that one whose outcome is unknown can be
// found out.
func stripeIntentsCollection() *core.Collection {
	intents := core.NewBaseCollection("stripe_intents")
	intents.Fields.Add(
		&core.RelationField{Name: "user", Required: true, CollectionId: "_pb_users_auth_", MaxSelect: 1, CascadeDelete: true},
		&core.SelectField{Name: "kind", Required: true, MaxSelect: 1, Values: []string{"customer", "checkout", "change", "cancel", "cancel_at_period_end", "resume", "expire", "email", "end"}},
		&core.JSONField{Name: "params", MaxSize: 10_000},
		&core.TextField{Name: "key", Required: true, Max: 100, Help: "Idempotency key at Stripe, of this attempt alone."},
		&core.TextField{Name: "client_key", Max: 255, Help: "Idempotency-Key of the request that asked for it."},
		&core.SelectField{Name: "state", Required: true, MaxSelect: 1, Values: []string{"open", "unknown", "waiting", "done", "failed"}, Help: "open: not answered yet; unknown: sent, and what came of it is not; waiting: a checkout that its user has not finished."},
		&core.TextField{Name: "object", Max: 255, Help: "Id at Stripe of what it made or is about."},
		&core.TextField{Name: "error", Max: 300},
		&core.NumberField{Name: "attempts", OnlyInt: true},
		&core.DateField{Name: "sent_at", Help: "When it was sent first. Stripe knows its key for 24 hours from then."},
		&core.DateField{Name: "next_at", Help: "When to try again."},
		&core.DateField{Name: "expires_at"},
		&core.AutodateField{Name: "created", OnCreate: true},
		&core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
	)
	intents.AddIndex("idx_stripe_intents_key", true, "key", "")
	intents.AddIndex("idx_stripe_intents_checkout", true, "user", "kind = 'checkout' AND state != 'done' AND state != 'failed'")
	intents.AddIndex("idx_stripe_intents_client_key", true, "user, client_key", "client_key != ''")
	intents.AddIndex("idx_stripe_intents_user", false, "user, created", "")
	intents.AddIndex("idx_stripe_intents_undone", false, "state, next_at", "state != 'done' AND state != 'failed'")
	intents.AddIndex("idx_stripe_intents_object", false, "object", "")
	return intents
}

func stripeEventsCollection() *core.Collection {
	events := core.NewBaseCollection("stripe_events")
	events.Fields.Add(
		&core.TextField{Name: "event", Required: true, Max: 100, Presentable: true},
		&core.TextField{Name: "type", Max: 100},
		&core.TextField{Name: "object", Max: 255},
		&core.TextField{Name: "customer", Max: 100},
		&core.DateField{Name: "created_at", Help: "When it happened at Stripe."},
		&core.SelectField{Name: "state", Required: true, MaxSelect: 1, Values: []string{"received", "done", "ignored"}},
		&core.NumberField{Name: "attempts", OnlyInt: true},
		&core.TextField{Name: "error", Max: 300},
		&core.AutodateField{Name: "created", OnCreate: true},
		&core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
	)
	events.AddIndex("idx_stripe_events_event", true, "event", "")
	events.AddIndex("idx_stripe_events_undone", false, "created", "state = 'received'")
	events.AddIndex("idx_stripe_events_created", false, "created", "")
	return events
}
