package billing_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/billing/sandbox"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// history is what Stripe's events say of the past, each read once.
type history struct {
	seen     map[string]bool
	paid     map[string]map[string]bool // customer -> prices that were active or on trial
	switches map[string]int             // customer -> how often the flag of the end of the period changed
	changes  map[string]int             // customer -> how often a price changed
	ended    map[string]int             // customer -> how many subscriptions ended
	overdue  map[string]bool            // subscriptions that were ever past due
}

func newHistory() history {
	return history{
		seen: map[string]bool{}, paid: map[string]map[string]bool{}, switches: map[string]int{}, changes: map[string]int{}, ended: map[string]int{},
		overdue: map[string]bool{},
	}
}

func (h *history) read(events []sandbox.Event) error {
	for _, event := range events {
		if h.seen[event.ID] || !strings.HasPrefix(event.Type, "customer.subscription.") {
			continue
		}
		h.seen[event.ID] = true
		var body struct {
			Data struct {
				Object   stripe.Subscription `json:"object"`
				Previous map[string]any      `json:"previous_attributes"`
			} `json:"data"`
		}
		if err := json.Unmarshal(event.Payload, &body); err != nil {
			return err
		}
		h.note(event, &body.Data.Object, body.Data.Previous)
	}
	return nil
}

func (h *history) note(event sandbox.Event, sub *stripe.Subscription, previous map[string]any) {
	if sub.Status == stripe.SubscriptionStatusActive || sub.Status == stripe.SubscriptionStatusTrialing {
		if h.paid[event.Customer] == nil {
			h.paid[event.Customer] = map[string]bool{}
		}
		h.paid[event.Customer][priceIn(sub)] = true
	}
	if sub.Status == stripe.SubscriptionStatusPastDue {
		h.overdue[sub.ID] = true
	}
	if event.Type == "customer.subscription.deleted" {
		h.ended[event.Customer]++
	}
	if _, ok := previous["cancel_at_period_end"]; ok {
		h.switches[event.Customer]++
	}
	if _, ok := previous["items"]; ok {
		h.changes[event.Customer]++
	}
}

func priceIn(sub *stripe.Subscription) string { return sub.Items.Data[0].Price.ID }

// truth is the tier that Stripe's state gives to a user, reckoned anew from the rules: trialing and active give the tier
// of the price, past due as long as the grace lasts, anything else is free; of several that live the oldest that is paid
// counts, then the oldest that is overdue. Not certain is what hangs on a price that no plan has for now.
func (m *model) truth(user string) (tier string, certain bool) {
	record, err := m.FindRecordById("users", user)
	ends, endsErr := m.CountRecords(billing.IntentCollection, dbx.HashExp{"user": user, "kind": "end", "state": []any{"open", "unknown"}})
	if err != nil || endsErr != nil || !record.GetBool("is_active") || ends > 0 { // who left, and Stripe may not have heard of it
		return "free", true
	}
	var paid, overdue *stripe.Subscription
	certain = true
	for _, sub := range m.live(user) { // newest first: the last one stays
		switch {
		case m.unsold && m.tiers[priceIn(sub)] == "premium":
			certain = false
		case m.tiers[priceIn(sub)] == "":
		case sub.Status == stripe.SubscriptionStatusActive, sub.Status == stripe.SubscriptionStatusTrialing:
			paid = sub
		case sub.Status == stripe.SubscriptionStatusPastDue:
			overdue = sub
		}
	}
	switch {
	case paid != nil:
		return m.tiers[priceIn(paid)], certain
	case overdue != nil && m.stripe.Now().Before(m.failed(overdue).Add(7*24*time.Hour)):
		return m.tiers[priceIn(overdue)], certain
	}
	return "free", certain
}

// mirrored reports whether what is written down of a user's subscriptions is what Stripe has.
func (m *model) mirrored(user string) bool {
	for _, customer := range m.customers(user) {
		for _, sub := range m.stripe.Subscriptions(customer) {
			row, err := m.FindFirstRecordByData(billing.SubscriptionCollection, "stripe_id", sub.ID)
			if err != nil || row.GetString("status") != string(sub.Status) || row.GetString("price") != priceIn(sub) {
				return false
			}
		}
	}
	return true
}

// live lists the live subscriptions of all customers of a user, newest first.
func (m *model) live(user string) []*stripe.Subscription {
	var live []*stripe.Subscription
	for _, customer := range m.customers(user) {
		live = append(live, m.stripe.Live(customer)...)
	}
	return live
}

// failed is when the oldest payment failed that is still open.
func (m *model) failed(sub *stripe.Subscription) time.Time {
	var failed time.Time
	for _, invoice := range m.stripe.Invoices(sub.Customer.ID) { // newest first
		if invoice.Subscription != nil && invoice.Subscription.ID == sub.ID && invoice.Status == stripe.InvoiceStatusOpen {
			failed = time.Unix(invoice.Created, 0)
		}
	}
	return failed
}

// rows are the rows of each user, as text.
func (m *model) rows() map[string]string {
	rows := map[string]string{}
	for _, query := range []string{
		"SELECT id AS user, tier || ' ' || payment_status || ' ' || is_active AS line FROM users",
		"SELECT user, customer || ' ' || generation || ' ' || subscription || ' ' || grace_until || ' ' || alert AS line FROM stripe_customers",
		"SELECT user, stripe_id || ' ' || status || ' ' || price || ' ' || tier || ' ' || cancel_at_period_end || refund_due AS line FROM subscriptions ORDER BY rowid",
		"SELECT user, kind || ' ' || state || ' ' || object || ' ' || params || ' ' || error AS line FROM stripe_intents ORDER BY rowid",
	} {
		var found []struct{ User, Line string }
		if err := m.DB().NewQuery(query).All(&found); err != nil {
			m.problem("%v", err)
		}
		for _, row := range found {
			rows[row.User] += row.Line + "\n"
		}
	}
	return rows
}

// always holds what is true after every step, whatever else goes on.
func (m *model) always() {
	if err := m.history.read(m.stripe.Events()); err != nil {
		m.problem("%v", err)
	}
	for _, user := range m.users {
		if tier := m.tier(user); tier != "free" && !m.everPaid(user, tier) {
			m.problem("%s has the tier %s, which was never paid for (I6)", user, tier)
		}
		if open := m.sessions(user, stripe.CheckoutSessionStatusOpen); len(open) > 1 {
			m.problem("%s has %d open sessions (I5)", user, len(open))
		}
		if customers := m.customers(user); len(customers) > 1 {
			m.problem("%s has %d customers (I5)", user, len(customers))
		}
		m.toldOnce(user)
	}
}

func (m *model) tier(user string) string {
	record, err := m.FindRecordById("users", user)
	if err != nil {
		m.problem("%v", err)
		return ""
	}
	return record.GetString("tier")
}

func (m *model) everPaid(user, tier string) bool {
	for _, customer := range m.allCustomers(user) {
		for price := range m.history.paid[customer] {
			if m.tiers[price] == tier {
				return true
			}
		}
	}
	return false
}

// allCustomers are all that a user ever had at Stripe: what is deleted there says no more whose it was.
func (m *model) allCustomers(user string) []string {
	all := m.customers(user)
	var known []string
	err := m.DB().Select("object").From(billing.IntentCollection).Where(dbx.HashExp{"user": user, "kind": "customer"}).Column(&known)
	if err != nil {
		m.problem("%v", err)
	}
	return slices.Compact(slices.Sorted(slices.Values(append(all, known...))))
}

// toldOnce holds that nobody is told more than what happened (I3).
func (m *model) toldOnce(user string) {
	var told []struct {
		Kind  string
		Count int
	}
	if err := m.DB().NewQuery("SELECT kind, count(*) AS count FROM model_told WHERE user={:user} GROUP BY kind").Bind(dbx.Params{"user": user}).All(&told); err != nil {
		m.problem("%v", err)
	}
	counts := map[string]int{}
	for _, row := range told {
		counts[row.Kind] = row.Count
	}
	switches, changes := 0, 0
	for _, customer := range m.allCustomers(user) {
		switches += m.history.switches[customer]
		changes += m.history.changes[customer]
	}
	if got := counts["scheduled"] + counts["resumed"]; got > switches {
		m.problem("%s was told %d times of a planned end, which changed %d times (I3)", user, got, switches)
	}
	if got := counts["changed"]; got > changes {
		m.problem("%s was told of %d changes, and there were %d (I3)", user, got, changes)
	}
}

// quiet holds what is true once everything is done (I1, I2, I5, I10).
func (m *model) quiet() {
	due := m.refundDue()
	for _, user := range m.users {
		for _, customer := range m.customers(user) {
			for _, sub := range m.stripe.Subscriptions(customer) {
				if slices.Contains(m.inVain, sub.ID) && !due[sub.ID] {
					m.problem("a subscription was paid when its user had left, and is not to be refunded")
				}
			}
		}
		for _, sub := range m.live(user) {
			if slices.Contains(m.promised, sub.ID) {
				m.problem("a subscription lives on whose user had left (I10)")
			}
		}
	}
	for _, user := range m.users {
		record, err := m.FindRecordById("users", user)
		if err != nil {
			m.problem("%v", err)
			return
		}
		live := slices.DeleteFunc(m.live(user), func(sub *stripe.Subscription) bool { return m.tiers[priceIn(sub)] == "" })
		if len(live) > 1 {
			m.problem("%s has %d live subscriptions (I1)", user, len(live))
		}
		if tier, _ := m.truth(user); record.GetString("tier") != tier {
			m.counts.untrueTiers.Add(1)
			m.problem("%s has the tier %s and Stripe says %s (I2)", user, record.GetString("tier"), tier)
		}
		if !record.GetBool("is_active") {
			m.gone(user)
		}
		if len(live) == 1 {
			m.current(user, live[0], record.GetString("payment_status"))
		} else if len(m.live(user)) > 0 {
			continue // what no plan sells is nothing of ours
		} else if status := record.GetString("payment_status"); status == "active" || status == "past_due" {
			m.problem("%s is %s without a subscription", user, status)
		}
		m.charges(user)
	}
}

// gone holds that who left pays nothing any more, and can start nothing.
func (m *model) gone(user string) {
	if live := m.live(user); len(live) > 0 {
		m.problem("%s has left, and %s lives (I10)", user, live[0].ID)
	}
	if open := m.sessions(user, stripe.CheckoutSessionStatusOpen); len(open) > 0 {
		m.problem("%s has left, and %s is open (I10)", user, open[0])
	}
}

// current holds what is written down of the subscription that counts.
func (m *model) current(user string, sub *stripe.Subscription, status string) {
	var slot string
	if err := m.DB().Select("subscription").From(billing.CustomerCollection).Where(dbx.HashExp{"user": user}).Row(&slot); err != nil || slot != sub.ID {
		m.problem("%s has %s and %q counts (%v)", user, sub.ID, slot, err)
	}
	want := map[stripe.SubscriptionStatus]string{"active": "active", "trialing": "active", "past_due": "past_due", "unpaid": "failed"}[sub.Status]
	if status != want {
		m.problem("%s is %s and the payment status %s", sub.ID, sub.Status, status)
	}
	if m.refundDue()[sub.ID] {
		m.problem("%s is to be refunded, and counts", sub.ID)
	}
	if sub.Status != stripe.SubscriptionStatusActive || m.history.overdue[sub.ID] || m.repriced {
		return // it may have been seen first when it was not a plan's, or not paid
	}
	if count := m.count("SELECT count(*) FROM model_told WHERE event={:id}", "subscription_started:"+sub.ID); count != 1 {
		m.problem("%s was told %d times that %s started", user, count, sub.ID)
	}
}

func (m *model) count(query, id string) int {
	count := 0
	if err := m.DB().NewQuery(query).Bind(dbx.Params{"id": id}).Row(&count); err != nil {
		m.problem("%v", err)
	}
	return count
}

// refundDue are the subscriptions that were paid for nothing, as far as it is written down.
func (m *model) refundDue() map[string]bool {
	var ids []string
	if err := m.DB().Select("stripe_id").From(billing.SubscriptionCollection).Where(dbx.HashExp{"refund_due": true}).Column(&ids); err != nil {
		m.problem("%v", err)
	}
	due := map[string]bool{}
	for _, id := range ids {
		due[id] = true
	}
	return due
}

// charges holds that what was paid for nothing is written down: twice for one time, or after the user had left. What the
// dashboard sells is its own doing: we may hear of it only when the other subscription is over.
func (m *model) charges(user string) {
	if m.repriced {
		return // while a plan has lost its price, nobody can tell a duplicate from something else
	}
	due := m.refundDue()
	var subs []*stripe.Subscription
	for _, customer := range m.customers(user) {
		for _, sub := range m.stripe.Subscriptions(customer) {
			if sub.Metadata["intent"] != "" && priceIn(sub) != priceOther { // which was about something else when it was paid
				subs = append(subs, sub)
			}
		}
	}
	for _, charge := range m.stripe.Ledger() {
		for _, other := range subs {
			charged := slices.ContainsFunc(subs, func(sub *stripe.Subscription) bool { return sub.ID == charge.Subscription })
			if !charged || other.ID == charge.Subscription || other.Status == stripe.SubscriptionStatusIncompleteExpired || !m.wasPaid(other, charge.At.Unix()) {
				continue
			}
			if !due[other.ID] && !due[charge.Subscription] {
				m.counts.doubleCharges.Add(1)
				m.problem("%s was charged for one subscription while another was paid, and neither is to be refunded", user)
			}
		}
	}
}

// wasPaid reports whether a subscription was there and paid by a charge of its own before a time.
func (m *model) wasPaid(sub *stripe.Subscription, at int64) bool {
	if sub.Created > at || sub.EndedAt != 0 && sub.EndedAt <= at {
		return false
	}
	return slices.ContainsFunc(m.stripe.Ledger(), func(charge sandbox.Charge) bool {
		return charge.Subscription == sub.ID && charge.At.Unix() < at && charge.At.Unix() > at-27*24*3600
	})
}
