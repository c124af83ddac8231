// Package plan reads the tiers that Cragbase sells, their prices and limits. Administrators edit them in the
// dashboard, and an edit acts on the next call.
package plan

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Collection is the collection of plans.
const Collection = "plans"

// FieldStripePrice holds the id of a plan's price at Stripe.
const FieldStripePrice = "stripe_price"

// Plan is one tier as /v1/plans shows it.
type Plan struct {
	Tier             string                  `json:"tier"` // free, basic or premium
	Name             string                  `json:"name"`
	Price            Price                   `json:"price"`
	MaxDailyMessages *int                    `json:"max_daily_messages"` // null: unlimited
	MaxTicks         int                     `json:"max_ticks"`
	MaxUploadBytes   int64                   `json:"max_upload_bytes"`
	Features         types.JSONArray[string] `json:"features"`
}

// Price counts in the smallest unit of the currency, as Stripe does: 999 usd is 9.99 US dollars.
type Price struct {
	Amount   int    `json:"amount"`
	Currency string `json:"currency"` // ISO 4217, lower case
	Interval string `json:"interval"` // month or year
}

// List returns every plan, the cheapest first.
func List(app core.App) ([]Plan, error) {
	records, err := app.FindRecordsByFilter(Collection, "", "price_amount", 0, 0)
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
	record, err := app.FindFirstRecordByData(Collection, "tier", tier)
	if err != nil {
		return Plan{}, fmt.Errorf("plan of tier %q: %w", tier, err)
	}
	return planOf(record)
}

// SetStripePrices writes the price ids of tiers (tier -> price id) into their plans; empty ids are left alone.
func SetStripePrices(app core.App, prices map[string]string) error {
	for tier, price := range prices {
		if price == "" {
			continue
		}
		record, err := app.FindFirstRecordByData(Collection, "tier", tier)
		if err != nil {
			return fmt.Errorf("plan of tier %q: %w", tier, err)
		}
		record.Set(FieldStripePrice, price)
		if err := app.Save(record); err != nil {
			return fmt.Errorf("set price of tier %q: %w", tier, err)
		}
	}
	return nil
}

func planOf(record *core.Record) (Plan, error) {
	plan := Plan{
		Tier:           record.GetString("tier"),
		Name:           record.GetString("name"),
		Price:          Price{Amount: record.GetInt("price_amount"), Currency: record.GetString("price_currency"), Interval: record.GetString("price_interval")},
		MaxTicks:       record.GetInt("max_ticks"),
		MaxUploadBytes: int64(record.GetInt("max_upload_bytes")),
		Features:       types.JSONArray[string]{},
	}
	if limit := record.GetInt("max_daily_messages"); limit >= 0 {
		plan.MaxDailyMessages = &limit
	}
	if err := record.UnmarshalJSONField("features", &plan.Features); err != nil {
		return Plan{}, fmt.Errorf("features of plan %q: %w", plan.Tier, err)
	}
	return plan, nil
}
