package sandbox

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
)

// Price is what AddPrice takes. Amount is in the smallest unit, Interval is day, week, month or year. With TrialDays each subscription
// to it begins with a trial.
type Price struct {
	ID, Product, Nickname, Currency, Interval string
	Amount                                    int64
	TrialDays                                 int
	Inactive                                  bool // not for sale any more
}

// AddPrice adds a price, or replaces the one with the same id.
func (s *Sandbox) AddPrice(p Price) {
	s.lock()
	defer s.unlock()
	if !slices.Contains([]string{"", "day", "week", "month", "year"}, p.Interval) || p.Amount < 0 {
		panic("sandbox: price with interval " + p.Interval + " and amount " + strconv.FormatInt(p.Amount, 10))
	}
	added := &price{
		ID: p.ID, Product: p.Product, Nickname: p.Nickname, Currency: cmp.Or(p.Currency, "usd"), Interval: cmp.Or(p.Interval, "month"),
		Amount: p.Amount, TrialDays: p.TrialDays, Created: s.now(), Inactive: p.Inactive,
	}
	if added.ID == "" {
		added.ID = s.newID("price")
	}
	if added.Product == "" {
		added.Product = "prod_" + added.ID
	}
	s.dirty = true
	if existing, ok := s.state.Prices.get(p.ID); ok {
		*existing = *added
		return
	}
	s.state.Prices.add(added)
}

func (p *price) name() string { return cmp.Or(p.Nickname, p.Product) }

// priceObject is encoded once: every item and line carries it.
func (s *Sandbox) priceObject(p *price) json.RawMessage {
	if p.asPrice == nil {
		p.asPrice = encode(p.object())
	}
	return p.asPrice
}

// planObject is the older shape of a price, which items and lines still carry.
func (s *Sandbox) planObject(p *price) json.RawMessage {
	if p.asPlan == nil {
		p.asPlan = encode(p.plan())
	}
	return p.asPlan
}

func (p *price) object() object {
	return object{
		"id": p.ID, "object": "price", "active": !p.Inactive, "billing_scheme": "per_unit", "created": p.Created, "currency": p.Currency,
		"custom_unit_amount": nil, "livemode": false, "lookup_key": nil, "metadata": object{}, "nickname": null(p.Nickname), "product": p.Product,
		"recurring": object{
			"aggregate_usage": nil, "interval": p.Interval, "interval_count": 1, "trial_period_days": null(p.TrialDays), "usage_type": "licensed",
		},
		"tax_behavior": "unspecified", "tiers_mode": nil, "transform_quantity": nil, "type": "recurring",
		"unit_amount": p.Amount, "unit_amount_decimal": strconv.FormatInt(p.Amount, 10),
	}
}

func (p *price) plan() object {
	return object{
		"id": p.ID, "object": "plan", "active": !p.Inactive, "amount": p.Amount, "amount_decimal": strconv.FormatInt(p.Amount, 10),
		"billing_scheme": "per_unit", "created": p.Created, "currency": p.Currency, "interval": p.Interval, "interval_count": 1, "livemode": false,
		"metadata": object{}, "nickname": null(p.Nickname), "product": p.Product, "trial_period_days": null(p.TrialDays), "usage_type": "licensed",
	}
}

func (s *Sandbox) getPrice(r *request) (any, *apiError) {
	p, ok := s.state.Prices.get(r.id)
	if !ok {
		// unlike other objects, prices say which parameter of the path was wrong
		fault := missing("price", r.id, "price")
		fault.Status = 404
		return nil, fault
	}
	return s.priceObject(p), nil
}

func (s *Sandbox) listPrices(r *request) (any, *apiError) {
	if fault := r.form.only(listParams("active", "currency", "product", "type")...); fault != nil {
		return nil, fault
	}
	active, fault := r.form.boolean("active", true)
	if fault != nil {
		return nil, fault
	}
	keep := func(p *price) bool {
		return (!r.form.has("active") || !p.Inactive == active) && (!r.form.has("product") || p.Product == r.form.get("product")) &&
			(!r.form.has("currency") || p.Currency == r.form.get("currency")) && r.form.get("type") != "one_time"
	}
	return page(r.form, r.path, s.state.Prices.Rows, keep, s.priceObject)
}

// priceOf returns a price that can be bought.
func (s *Sandbox) priceOf(id, param string) (*price, *apiError) {
	p, ok := s.state.Prices.get(id)
	if !ok {
		return nil, missing("price", id, param)
	}
	if p.Inactive {
		return nil, invalid(param, "The price specified is inactive. This field only accepts active prices.")
	}
	return p, nil
}
