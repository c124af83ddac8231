// Package plan reads the tiers that Cragbase sells, their prices and limits. Administrators edit them in the
// dashboard, and an edit acts on the next call.
package plan

import (
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Collection is the collection of plans.
const Collection = "plans"

// Names that this package uses more than once.
const (
	fieldTier     = "tier"
	fieldAmount   = "price_amount"
	fieldFeatures = "features"
	free          = "free"
)

// Plan is one tier as /v1/plans shows it.
type Plan struct {
	Tier             string `json:"tier"` // free, basic or premium
	Name             string `json:"name"`
	Price            Price  `json:"price"`
	MaxDailyMessages *int   `json:"max_daily_messages"` // null: unlimited
	MaxTicks         int    `json:"max_ticks"`
	MaxUploadBytes   int64  `json:"max_upload_bytes"`
	// SyncIntervalHours is between two readings of a linked profile; 0: only when its owner asks.
	SyncIntervalHours int                     `json:"sync_interval_hours"`
	Features          types.JSONArray[string] `json:"features"`
}

// Price counts in the smallest unit of the currency, as Stripe does: 999 usd is 9.99 US dollars.
type Price struct {
	Amount   int    `json:"amount"`
	Currency string `json:"currency"` // ISO 4217, lower case
	Interval string `json:"interval"` // month or year
}

// SyncInterval is SyncIntervalHours as a duration.
func (p Plan) SyncInterval() time.Duration { return time.Duration(p.SyncIntervalHours) * time.Hour }

// List returns every plan, the cheapest first.
func List(app core.App) ([]Plan, error) {
	records, err := app.FindRecordsByFilter(Collection, "", fieldAmount, 0, 0)
	if err != nil {
		return nil, fmt.Errorf("list plans: %w", err)
	}
	plans := make([]Plan, 0, len(records))
	for _, record := range records {
		plan, err := planOf(record)
		if err != nil {
			return nil, err
		}
		plans = append(plans, plan)
	}
	return plans, nil
}

// Of returns the plan of a tier.
func Of(app core.App, tier string) (Plan, error) {
	record, err := app.FindFirstRecordByData(Collection, fieldTier, tier)
	if err != nil {
		return Plan{}, fmt.Errorf("plan of tier %q: %w", tier, err)
	}
	return planOf(record)
}

func planOf(record *core.Record) (Plan, error) {
	plan := Plan{
		Tier:              record.GetString(fieldTier),
		Name:              record.GetString("name"),
		Price:             Price{Amount: record.GetInt(fieldAmount), Currency: record.GetString("price_currency"), Interval: record.GetString("price_interval")},
		MaxTicks:          record.GetInt("max_ticks"),
		MaxUploadBytes:    int64(record.GetInt("max_upload_bytes")),
		SyncIntervalHours: record.GetInt("sync_interval_hours"),
		Features:          types.JSONArray[string]{},
	}
	if limit := record.GetInt("max_daily_messages"); limit >= 0 {
		plan.MaxDailyMessages = &limit
	}
	if err := record.UnmarshalJSONField(fieldFeatures, &plan.Features); err != nil {
		return Plan{}, fmt.Errorf("features of plan %q: %w", plan.Tier, err)
	}
	return plan, nil
}
