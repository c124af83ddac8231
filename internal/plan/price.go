package plan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// Fields of a plan that lead to Stripe. Former prices are those that a plan had before: whoever pays one of them keeps
// the tier that it was sold for.
const (
	FieldStripePrice  = "stripe_price"
	FieldFormerPrices = "stripe_former_prices"
)

// Prices returns the tier of every price id that is sold or was, the former ones included.
func Prices(app core.App) (map[string]string, error) {
	records, err := app.FindAllRecords(Collection)
	if err != nil {
		return nil, fmt.Errorf("prices of plans: %w", err)
	}
	prices := map[string]string{}
	for _, record := range records {
		ids, err := pricesOf(record)
		if err != nil {
			return nil, fmt.Errorf("prices of plans: %w", err)
		}
		for _, id := range ids {
			prices[id] = record.GetString(fieldTier)
		}
	}
	return prices, nil
}

// PriceOf returns the id of the price that a tier is sold for now, "" when it is not sold.
func PriceOf(app core.App, tier string) (string, error) {
	record, err := app.FindFirstRecordByData(Collection, fieldTier, tier)
	if err != nil {
		return "", fmt.Errorf("price of tier %q: %w", tier, err)
	}
	return record.GetString(FieldStripePrice), nil
}

// SetStripePrices writes the price ids of tiers (tier -> price id) into their plans; empty ids are left alone.
func SetStripePrices(app core.App, prices map[string]string) error {
	for _, tier := range slices.Sorted(maps.Keys(prices)) {
		price := prices[tier]
		if price == "" {
			continue
		}
		record, err := app.FindFirstRecordByData(Collection, fieldTier, tier)
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

// KeepFormerPrice notes the price that a plan loses by being saved as it is now. It must run in the transaction of the
// save and before it: what the plan has now is read there, because somebody else may have changed it since the record
// was read.
func KeepFormerPrice(txApp core.App, record *core.Record) error {
	saved, err := txApp.FindRecordById(Collection, record.Id)
	if err != nil {
		return fmt.Errorf("keep the former price: %w", err)
	}
	price, before := record.GetString(FieldStripePrice), saved.GetString(FieldStripePrice)
	if price == record.Original().GetString(FieldStripePrice) || price == before {
		return nil
	}
	source := saved
	if record.GetString(FieldFormerPrices) != record.Original().GetString(FieldFormerPrices) {
		source = record // an administrator edits the list itself
	}
	former, err := formerPrices(source)
	if err != nil {
		return fmt.Errorf("keep the former price: %w", err)
	}
	former = slices.DeleteFunc(former, func(id string) bool { return id == price || id == before })
	if before != "" {
		former = append(former, before)
	}
	record.Set(FieldFormerPrices, former)
	return nil
}

// pricesOf lists the prices of a plan, the present one first.
func pricesOf(record *core.Record) ([]string, error) {
	former, err := formerPrices(record)
	if err != nil {
		return nil, err
	}
	if present := record.GetString(FieldStripePrice); present != "" {
		return append([]string{present}, former...), nil
	}
	return former, nil
}

func formerPrices(record *core.Record) ([]string, error) {
	var former types.JSONArray[string]
	if record.GetString(FieldFormerPrices) == "" {
		return nil, nil
	}
	if err := record.UnmarshalJSONField(FieldFormerPrices, &former); err != nil {
		return nil, fmt.Errorf("former prices of plan %q: %w", record.GetString(fieldTier), err)
	}
	return former, nil
}
