package sandbox_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/internal/billing/sandbox"
)

// Lists are paged newest first, forward and backward.
func TestPaging(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.customer()
	var made []string
	for range 23 {
		made = append(made, w.Subscribe(c.ID, basic))
	}
	slices.Reverse(made)
	var listed []string
	all := w.api.Subscriptions.List(&stripe.SubscriptionListParams{Customer: stripe.String(c.ID), ListParams: stripe.ListParams{Limit: stripe.Int64(10)}})
	for all.Next() {
		listed = append(listed, all.Subscription().ID)
	}
	if all.Err() != nil || !slices.Equal(listed, made) {
		t.Errorf("%v: %v", all.Err(), listed)
	}
	page := func(limit int64, after, before string) ([]string, bool) {
		p := stripe.ListParams{Limit: stripe.Int64(limit), Single: true}
		if after != "" {
			p.StartingAfter = stripe.String(after)
		}
		if before != "" {
			p.EndingBefore = stripe.String(before)
		}
		list := w.api.Subscriptions.List(&stripe.SubscriptionListParams{Customer: stripe.String(c.ID), ListParams: p})
		var ids []string
		for list.Next() {
			ids = append(ids, list.Subscription().ID)
		}
		if list.Err() != nil {
			t.Error(list.Err())
		}
		return ids, list.Meta().HasMore
	}
	for _, tc := range []struct {
		limit         int64
		after, before string
		from, to      int
		more          bool
	}{
		{10, "", "", 0, 10, true},
		{23, "", "", 0, 23, false},
		{5, made[17], "", 18, 23, false},
		{4, made[17], "", 18, 22, true},
		{5, made[22], "", 23, 23, false},
	} {
		if got, more := page(tc.limit, tc.after, tc.before); !slices.Equal(got, made[tc.from:tc.to]) || more != tc.more {
			t.Errorf("%+v: %v, %v", tc, got, more)
		}
	}
	backward := w.api.Subscriptions.List(&stripe.SubscriptionListParams{Customer: stripe.String(c.ID), ListParams: stripe.ListParams{Limit: stripe.Int64(2), Single: true, EndingBefore: stripe.String(made[5])}})
	backward.Next()
	if got := backward.SubscriptionList().Data; len(got) != 2 || !slices.Contains(made[3:5], got[0].ID) || !backward.Meta().HasMore {
		t.Errorf("before: %v", got)
	}
	for _, limit := range []int64{0, 101} {
		list := w.api.Subscriptions.List(&stripe.SubscriptionListParams{ListParams: stripe.ListParams{Limit: stripe.Int64(limit)}})
		list.Next()
		refused(t, list.Err(), 400, "", "limit")
	}
}

// Without a filter, canceled subscriptions are not listed.
func TestStatusFilter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, canceled := w.subscriber(basic)
	if err := w.CancelSubscription(canceled.ID); err != nil {
		t.Fatal(err)
	}
	active := w.Subscribe(c.ID, premium)
	w.Pay(w.checkout(c.ID, basic).ID, sandbox.CardDeclines)
	incomplete := w.Sandbox.Subscriptions(c.ID)[0].ID
	for status, want := range map[string][]string{
		"": {incomplete, active}, "all": {incomplete, active, canceled.ID}, "canceled": {canceled.ID}, "ended": {canceled.ID}, "active": {active},
		"incomplete": {incomplete}, "past_due": nil,
	} {
		params := &stripe.SubscriptionListParams{Customer: stripe.String(c.ID)}
		if status != "" {
			params.Status = stripe.String(status)
		}
		params.Expand = stripe.StringSlice([]string{"data.latest_invoice"})
		var got []string
		list := w.api.Subscriptions.List(params)
		for list.Next() {
			got = append(got, list.Subscription().ID)
			if list.Subscription().LatestInvoice.Number == "" {
				t.Error("the invoice is not expanded")
			}
		}
		if list.Err() != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v, %v", status, got, list.Err())
		}
	}
	byPrice := w.api.Subscriptions.List(&stripe.SubscriptionListParams{Price: stripe.String(premium)})
	if !byPrice.Next() || byPrice.Subscription().ID != active || byPrice.Next() {
		t.Error("filter on the price")
	}
}

// Two people with one address are two customers.
func TestListsOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, _ := w.subscriber(basic)
	w.Advance(time.Hour)
	second, _ := w.subscriber(premium)
	var ids []string
	customers := w.api.Customers.List(&stripe.CustomerListParams{Email: stripe.String("anna@example.com")})
	for customers.Next() {
		ids = append(ids, customers.Customer().ID)
	}
	if !slices.Equal(ids, []string{second.ID, first.ID}) {
		t.Errorf("customers %v", ids)
	}
	recent := w.api.Customers.List(&stripe.CustomerListParams{CreatedRange: &stripe.RangeQueryParams{GreaterThan: begin.Unix()}})
	if !recent.Next() || recent.Customer().ID != second.ID || recent.Next() {
		t.Error("filter on the creation")
	}
	invoices := w.api.Invoices.List(&stripe.InvoiceListParams{Customer: stripe.String(first.ID), Status: stripe.String("paid")})
	if !invoices.Next() || invoices.Invoice().Customer.ID != first.ID || invoices.Next() || invoices.Err() != nil {
		t.Errorf("invoices: %v", invoices.Err())
	}
	sessions := w.api.CheckoutSessions.List(&stripe.CheckoutSessionListParams{Customer: stripe.String(first.ID)})
	if !sessions.Next() || sessions.CheckoutSession().Customer.ID != first.ID || sessions.Next() || sessions.Err() != nil {
		t.Errorf("sessions: %v", sessions.Err())
	}
	open := w.api.CheckoutSessions.List(&stripe.CheckoutSessionListParams{Customer: stripe.String(first.ID), Status: stripe.String("open")})
	if open.Next() {
		t.Error("a session that is complete is listed as open")
	}
	prices := w.api.Prices.List(&stripe.PriceListParams{Active: stripe.Bool(true), Product: stripe.String("prod_basic")})
	if !prices.Next() || prices.Price().ID != basic || prices.Next() {
		t.Error("filter on the product")
	}
}

// What one customer has is listed as fast among 20,000 others.
func BenchmarkListOfCustomer(b *testing.B) {
	for _, others := range []int{0, 20_000} {
		b.Run(fmt.Sprint(others), func(b *testing.B) {
			s, err := sandbox.New(sandbox.Config{SecretKey: secretKey, Hold: true, Now: func() time.Time { return begin }})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			addPrices(s)
			api := newClient("http://stripe.test", clientOf(s))
			subscribe := func() string {
				c, err := api.Customers.New(nil)
				if err != nil {
					b.Fatal(err)
				}
				s.Subscribe(c.ID, basic)
				return c.ID
			}
			mine := subscribe()
			for range others {
				subscribe()
			}
			for b.Loop() {
				list := api.Subscriptions.List(&stripe.SubscriptionListParams{Customer: stripe.String(mine), Status: stripe.String("all")})
				if !list.Next() {
					b.Fatal(list.Err())
				}
			}
		})
	}
}
