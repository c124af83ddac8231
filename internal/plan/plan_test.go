package plan_test

import (
	"errors"
	"maps"
	"slices"
	"testing"

	validation "github.com/go-ozzo/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/pbtest"
	"github.com/cragbase/cragbase/internal/plan"
)

func find(t *testing.T, app core.App, tier string) *core.Record {
	t.Helper()
	record, err := app.FindFirstRecordByData(plan.Collection, "tier", tier)
	if err != nil {
		t.Fatal(err)
	}
	return record
}

// edit saves a plan with other values, as the dashboard does.
func edit(app core.App, record *core.Record, values map[string]any) error {
	record.Load(values)
	return app.Save(record)
}

func former(t *testing.T, app core.App, tier string) []string {
	t.Helper()
	var ids []string
	if err := find(t, app, tier).UnmarshalJSONField("stripe_former_prices", &ids); err != nil {
		t.Fatal(err)
	}
	return ids
}

// A price leads to its tier for as long as somebody may pay it.
func TestPricesKeepTheirTier(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	for _, step := range []struct {
		rule, price string
		former      []string
	}{
		{"the first price", "price_1", nil},
		{"the same again", "price_1", nil},
		{"a dearer one", "price_2", []string{"price_1"}},
		{"another one", "price_3", []string{"price_1", "price_2"}},
		{"back to a former one", "price_1", []string{"price_2", "price_3"}},
		{"not sold any more", "", []string{"price_2", "price_3", "price_1"}},
		{"sold again", "price_4", []string{"price_2", "price_3", "price_1"}},
	} {
		if err := edit(app, find(t, app, "basic"), map[string]any{"stripe_price": step.price}); err != nil {
			t.Fatalf("%s: %v", step.rule, err)
		}
		if got := former(t, app, "basic"); !slices.Equal(got, step.former) {
			t.Errorf("%s: former prices %v, want %v", step.rule, got, step.former)
		}
		if got, err := plan.PriceOf(app, "basic"); err != nil || got != step.price {
			t.Errorf("%s: price %q (%v)", step.rule, got, err)
		}
	}
	if err := plan.SetStripePrices(app, map[string]string{"premium": "price_p", "basic": ""}); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"price_1": "basic", "price_2": "basic", "price_3": "basic", "price_4": "basic", "price_p": "premium"}
	if got, err := plan.Prices(app); err != nil || !maps.Equal(got, want) {
		t.Errorf("prices %v (%v), want %v", got, err, want)
	}
}

// Two administrators who edit one plan lose no price between them.
func TestFormerPricesSurviveEditsAtOnce(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	if err := edit(app, find(t, app, "basic"), map[string]any{"stripe_price": "price_1"}); err != nil {
		t.Fatal(err)
	}
	one, two, three := find(t, app, "basic"), find(t, app, "basic"), find(t, app, "basic")
	for _, step := range []struct {
		record *core.Record
		values map[string]any
	}{
		{one, map[string]any{"stripe_price": "price_2"}},
		{two, map[string]any{"stripe_price": "price_3"}},
		{three, map[string]any{"name": "Basic+"}},
	} {
		if err := edit(app, step.record, step.values); err != nil {
			t.Fatal(err)
		}
	}
	if price, _ := plan.PriceOf(app, "basic"); price != "price_3" || !slices.Equal(former(t, app, "basic"), []string{"price_1", "price_2"}) {
		t.Errorf("price %s, former ones %v", price, former(t, app, "basic"))
	}
}

// An administrator may forget a price that nobody pays, also together with a new one.
func TestFormerPricesCanBeEdited(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	for _, price := range []string{"price_1", "price_2"} {
		if err := edit(app, find(t, app, "basic"), map[string]any{"stripe_price": price}); err != nil {
			t.Fatal(err)
		}
	}
	if err := edit(app, find(t, app, "basic"), map[string]any{"stripe_price": "price_3", "stripe_former_prices": []string{}}); err != nil {
		t.Fatal(err)
	}
	if got := former(t, app, "basic"); !slices.Equal(got, []string{"price_2"}) {
		t.Errorf("former prices %v", got)
	}
}

func TestPlansAreChecked(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	for tier, price := range map[string]string{"basic": "price_old", "premium": "price_p"} {
		if err := edit(app, find(t, app, tier), map[string]any{"stripe_price": price}); err != nil {
			t.Fatal(err)
		}
	}
	if err := edit(app, find(t, app, "basic"), map[string]any{"stripe_price": "price_b"}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		rule, tier string
		values     map[string]any
		field      string // "": allowed
	}{
		{"as it is", "basic", nil, ""},
		{"limits and texts", "premium", map[string]any{"max_daily_messages": 500, "features": []string{"a", "b"}, "price_amount": 3499}, ""},
		{"no features", "basic", map[string]any{"features": nil}, ""},
		{"a product's id", "basic", map[string]any{"stripe_price": "prod_1"}, "stripe_price"},
		{"an amount", "basic", map[string]any{"stripe_price": "9.99"}, "stripe_price"},
		{"a price with a line break", "basic", map[string]any{"stripe_price": "price_1\n"}, "stripe_price"},
		{"the other plan's price", "premium", map[string]any{"stripe_price": "price_b"}, "stripe_price"},
		{"the other plan's former price", "premium", map[string]any{"stripe_price": "price_old"}, "stripe_price"},
		{"the other plan's price as a former one", "premium", map[string]any{"stripe_former_prices": []string{"price_b"}}, "stripe_former_prices"},
		{"former prices that are none", "premium", map[string]any{"stripe_former_prices": []string{"prod_1"}}, "stripe_former_prices"},
		{"former prices that are no list", "premium", map[string]any{"stripe_former_prices": map[string]any{"a": 1}}, "stripe_former_prices"},
		{"features that are no texts", "premium", map[string]any{"features": []int{1}}, "features"},
		{"features that are no list", "premium", map[string]any{"features": "everything"}, "features"},
		{"another tier", "premium", map[string]any{"tier": "basic"}, "tier"},
		{"a price for nothing", "free", map[string]any{"stripe_price": "price_f"}, "stripe_price"},
		{"an amount for nothing", "free", map[string]any{"price_amount": 1}, "price_amount"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			record := find(t, app, test.tier)
			record.Load(test.values)
			err := plan.Check(app, record)
			if test.field == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			var problems validation.Errors
			if !errors.As(err, &problems) || problems[test.field] == nil || len(problems) != 1 {
				t.Errorf("got %v, want an error of %s alone", err, test.field)
			}
		})
	}
}
