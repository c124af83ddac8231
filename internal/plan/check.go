package plan

import (
	"fmt"
	"regexp"
	"slices"

	validation "github.com/go-ozzo/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

var priceID = regexp.MustCompile(`^price_\w+$`)

// Check tells what is wrong with a plan that is about to be saved, beyond what its fields hold by themselves:
// [validation.Errors] by field, or nil. Other errors are those of the database.
func Check(app core.App, record *core.Record) error {
	problems := validation.Errors{}
	checkTier(problems, record)
	checkFeatures(problems, record)
	former, err := formerPrices(record)
	if err != nil {
		problems[FieldFormerPrices] = validation.NewError("invalid_list", "Must be a list of price ids.")
	}
	for _, id := range former {
		if !priceID.MatchString(id) {
			problems[FieldFormerPrices] = validation.NewError("invalid_price", "Must be a list of price ids, price_...")
		}
	}
	if price := record.GetString(FieldStripePrice); price != "" && !priceID.MatchString(price) {
		problems[FieldStripePrice] = validation.NewError("invalid_price", "Must be the id of a price at Stripe, price_...")
	}
	if err := checkOthers(app, problems, record); err != nil {
		return err
	}
	if len(problems) == 0 {
		return nil
	}
	return problems
}

// checkTier holds that a plan stays the one that it is, and that nobody pays for the free one: what users are refers to
// the tier by name.
func checkTier(problems validation.Errors, record *core.Record) {
	tier := record.GetString(fieldTier)
	if !record.IsNew() && tier != record.Original().GetString(fieldTier) {
		problems[fieldTier] = validation.NewError("not_updatable", "The tier of a plan stays.")
	}
	if tier != free {
		return
	}
	if record.GetString(FieldStripePrice) != "" {
		problems[FieldStripePrice] = validation.NewError("free_plan", "The free plan has no price at Stripe.")
	}
	if record.GetInt(fieldAmount) != 0 {
		problems[fieldAmount] = validation.NewError("free_plan", "The free plan costs nothing.")
	}
}

// checkFeatures: the plans page could not be read with anything else in them.
func checkFeatures(problems validation.Errors, record *core.Record) {
	var features types.JSONArray[string]
	if err := record.UnmarshalJSONField(fieldFeatures, &features); err != nil {
		problems[fieldFeatures] = validation.NewError("invalid_list", "Must be a list of texts.")
	}
}

// checkOthers holds that a price leads to one plan, whoever had it first: there would be two answers to what its
// subscribers have paid for.
func checkOthers(app core.App, problems validation.Errors, record *core.Record) error {
	others, err := app.FindAllRecords(Collection)
	if err != nil {
		return fmt.Errorf("check a plan: %w", err)
	}
	former, _ := formerPrices(record) // whose errors are problems already
	for _, other := range others {
		if other.Id == record.Id {
			continue
		}
		theirs, err := pricesOf(other)
		if err != nil {
			return fmt.Errorf("check a plan: %w", err)
		}
		taken := func(id string) bool { return slices.Contains(theirs, id) }
		problem := validation.NewError("price_of_another_plan", "The plan "+other.GetString("name")+" has this price, or had it before.")
		if taken(record.GetString(FieldStripePrice)) {
			problems[FieldStripePrice] = problem
		}
		if slices.ContainsFunc(former, taken) {
			problems[FieldFormerPrices] = problem
		}
	}
	return nil
}
