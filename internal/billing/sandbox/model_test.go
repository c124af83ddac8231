package sandbox_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/internal/billing/sandbox"
)

// Whatever people, dashboards and clocks do, the books balance after each step.
func TestBooksBalance(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *sandbox.Config) { c.Dunning = []string{"canceled", "unpaid"}[seed%2] })
			r := rand.New(rand.NewPCG(seed, 5))
			customers := []string{w.customer().ID, w.customer().ID}
			for range 120 {
				step := w.randomStep(r, customers[r.IntN(len(customers))])
				for _, id := range customers {
					w.booksBalance(step, id)
				}
				if t.Failed() {
					return
				}
			}
			w.eventsAreOrdered()
		})
	}
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// randomStep does one thing; Stripe may refuse it.
func (w *world) randomStep(r *rand.Rand, id string) string {
	price := pick(r, basic, premium, yearly, trial)
	card := pick(r, sandbox.CardPays, sandbox.CardDeclines, sandbox.CardNeedsAction, sandbox.CardPaysOnce)
	subs, invoices, sessions := w.Sandbox.Subscriptions(id), w.Invoices(id), w.Sessions(id)
	switch n := r.IntN(12); {
	case n == 0:
		w.SetCard(id, card)
		return "card " + string(card)
	case n <= 2 || len(sessions) == 0:
		w.api.CheckoutSessions.New(sessionParams(id, price))
		return "checkout of " + price
	case n <= 4:
		w.Pay(sessions[0].ID, card)
		return "pay with " + string(card)
	case n <= 6:
		d := pick(r, time.Second, time.Minute, time.Hour, 23*time.Hour, 5*day, 20*day)
		w.Advance(d)
		return "advance " + d.String()
	case n == 7 && len(invoices) > 0:
		w.PayInvoice(invoices[r.IntN(len(invoices))].ID)
		return "pay an invoice"
	case n == 8 && len(invoices) > 0:
		w.api.Invoices.VoidInvoice(invoices[r.IntN(len(invoices))].ID, nil)
		return "void an invoice"
	case len(subs) == 0:
		return "nothing"
	}
	sub := subs[r.IntN(len(subs))]
	switch r.IntN(8) {
	case 0:
		w.api.Subscriptions.Cancel(sub.ID, &stripe.SubscriptionCancelParams{Prorate: stripe.Bool(r.IntN(2) == 0), InvoiceNow: stripe.Bool(r.IntN(2) == 0)})
		return "cancel"
	case 1:
		w.api.Subscriptions.Update(sub.ID, &stripe.SubscriptionParams{CancelAtPeriodEnd: stripe.Bool(r.IntN(2) == 0)})
		return "cancel at the period's end, or not"
	case 2:
		w.ChangePrice(sub.ID, price)
		return "change in the dashboard to " + price
	}
	params := changeParams(sub, price)
	params.PaymentBehavior = stripe.String(pick(r, "error_if_incomplete", "allow_incomplete", "pending_if_incomplete"))
	params.ProrationBehavior = stripe.String(pick(r, "always_invoice", "create_prorations", "none"))
	w.api.Subscriptions.Update(sub.ID, params)
	return "change to " + price + " with " + *params.PaymentBehavior
}

func (w *world) booksBalance(step, id string) {
	w.t.Helper()
	customer, err := w.api.Customers.Get(id, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	paid, balance, now := int64(0), int64(0), w.Now().Unix()
	open := map[string]bool{}
	for _, invoice := range w.Invoices(id) {
		paid += invoice.AmountPaid
		if invoice.Status == "open" || invoice.Status == "paid" {
			balance += invoice.Total - invoice.AmountDue
		}
		open[invoice.Subscription.ID] = open[invoice.Subscription.ID] || invoice.Status == "open"
		if invoice.NextPaymentAttempt != 0 && invoice.NextPaymentAttempt <= now {
			w.t.Errorf("after %s: the attempt of %d was missed", step, invoice.NextPaymentAttempt)
		}
	}
	if paid != w.charged(id) || balance != customer.Balance {
		w.t.Errorf("after %s: paid %d, charged %d; balance %d, invoices say %d", step, paid, w.charged(id), customer.Balance, balance)
	}
	for _, sub := range w.Sandbox.Subscriptions(id) {
		ended := slices.Contains([]stripe.SubscriptionStatus{"canceled", "incomplete_expired"}, sub.Status)
		switch {
		case ended != (sub.EndedAt != 0), ended && sub.PendingUpdate != nil:
			w.t.Errorf("after %s: %s ended at %d", step, sub.Status, sub.EndedAt)
		case !ended && sub.CurrentPeriodEnd <= now, sub.CancelAtPeriodEnd && sub.CancelAt != sub.CurrentPeriodEnd && !ended:
			w.t.Errorf("after %s: %s until %d, to be cancelled at %d, and it is %d", step, sub.Status, sub.CurrentPeriodEnd, sub.CancelAt, now)
		case sub.Status == "past_due" && !open[sub.ID]:
			w.t.Errorf("after %s: past due without a debt", step)
		case sub.Status == "incomplete" && sub.Created+23*3600 <= now:
			w.t.Errorf("after %s: incomplete for too long", step)
		}
	}
}

func (w *world) eventsAreOrdered() {
	w.t.Helper()
	before := time.Time{}
	for _, e := range w.Events() {
		var decoded stripe.Event
		if err := json.Unmarshal(e.Payload, &decoded); err != nil || decoded.Type != stripe.EventType(e.Type) || decoded.Created != e.Created.Unix() {
			w.t.Errorf("%v: %s", err, e.Payload)
		}
		if e.Created.Before(before) {
			w.t.Errorf("%s of %v comes after %v", e.Type, e.Created, before)
		}
		before = e.Created
	}
}

// Everything may be used at once.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *sandbox.Config) { c.Hold = false })
	var workers sync.WaitGroup
	for seed := range uint64(8) {
		workers.Go(func() {
			r := rand.New(rand.NewPCG(seed, 7))
			c, err := w.api.Customers.New(nil)
			if err != nil {
				t.Error(err)
				return
			}
			for range 40 {
				w.randomStep(r, c.ID)
			}
			w.Customers()
			w.Pending()
		})
	}
	workers.Wait()
	for _, c := range w.Customers() {
		w.booksBalance("everything", c.ID)
	}
}
