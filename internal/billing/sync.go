package billing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/internal/plan"
)

// synced is what sync found.
type synced struct {
	customer string // "": none
	verdict  verdict
	tiers    map[string]string
}

// sync reads a user's subscriptions from Stripe, writes what follows and cancels what is superfluous. The caller has the
// user's lock, so that no read that began earlier is written later.
func (b *Billing) sync(ctx context.Context, app core.App, userID string) (synced, error) {
	found, err := b.refresh(ctx, app, userID)
	if err != nil || len(found.verdict.extras) == 0 {
		return found, err
	}
	if err := b.cancelExtras(ctx, app, userID, found.verdict.extras); err != nil {
		app.Logger().Warn("superfluous subscriptions are not cancelled yet", "user", userID, "error", err)
		return found, nil
	}
	return b.refresh(ctx, app, userID)
}

// refresh is the only writer of tier, payment status and mirror.
func (b *Billing) refresh(ctx context.Context, app core.App, userID string) (synced, error) {
	began := b.clock.Add(1)
	row, err := customerOf(app, userID)
	if err != nil || row == nil {
		return synced{}, err
	}
	customer := row.GetString("customer")
	if customer == "" {
		return synced{}, nil
	}
	subscriptions, err := b.subscriptions(ctx, customer)
	if errors.Is(err, errCustomerGone) {
		subscriptions, err = nil, b.forgetCustomer(app, userID, customer)
	}
	if err != nil {
		return synced{}, err
	}
	found, events, err := b.apply(app, userID, subscriptions)
	if err != nil {
		return synced{}, fmt.Errorf("write down subscriptions: %w", err)
	}
	b.synced.Store(userID, began)
	for _, event := range events {
		b.config.Happened(event)
	}
	return found, nil
}

// subscriptions lists all of a customer, ended ones included.
func (b *Billing) subscriptions(ctx context.Context, customer string) ([]*stripe.Subscription, error) {
	var all []*stripe.Subscription
	err := b.call("list subscriptions", func() error {
		all = nil
		list := b.stripe.Subscriptions.List(&stripe.SubscriptionListParams{
			ListParams: listParams(ctx), Customer: stripe.String(customer), Status: stripe.String("all"), Expand: expand("data.latest_invoice"),
		})
		for list.Next() {
			all = append(all, list.Subscription())
		}
		return list.Err()
	})
	return all, err
}

// apply writes what was read. Mostly nothing has changed, and nothing is written; so it looks before it takes the
// connection that all writes share.
func (b *Billing) apply(app core.App, userID string, subscriptions []*stripe.Subscription) (synced, []Event, error) {
	r, err := b.reckon(app, userID, subscriptions)
	if err != nil || !r.changesSomething() {
		return r.found, nil, err
	}
	err = app.RunInTransaction(func(txApp core.App) error {
		if r, err = b.reckon(txApp, userID, subscriptions); err != nil {
			return err
		}
		for _, record := range r.dirty {
			if err := save(txApp, record); err != nil {
				return err
			}
		}
		for _, event := range r.events {
			if err := b.config.Tell(txApp, event); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return synced{}, nil, err
	}
	r.raiseAlerts(b, app)
	return r.found, r.events, nil
}

// reckoning is the difference between what is written down and what should be.
type reckoning struct {
	userID string
	found  synced
	dirty  []*core.Record
	events []Event
	alerts []string
}

func (r *reckoning) changesSomething() bool { return len(r.dirty)+len(r.events) > 0 }

func (r *reckoning) raiseAlerts(b *Billing, app core.App) {
	for _, kind := range r.alerts {
		b.alert(app, kind, r.userID)
	}
}

// syncedEvery is how old the time of the last read may get in the database: it orders the reconciliation, and is not
// worth a write at each read.
const syncedEvery = time.Minute

// reckon compares. It writes nothing.
func (b *Billing) reckon(app core.App, userID string, subscriptions []*stripe.Subscription) (*reckoning, error) {
	r := &reckoning{userID: userID}
	user, err := app.FindRecordById(usersCollection, userID)
	if err != nil {
		return r, fmt.Errorf("find user: %w", err)
	}
	row, err := customerOf(app, userID)
	if err != nil || row == nil {
		return r, err
	}
	mirror, err := mirrorOf(app, userID)
	if err != nil {
		return r, err
	}
	tiers, err := plan.Prices(app)
	if err != nil {
		return r, err
	}
	for _, sub := range subscriptions {
		planFirst(sub, tiers)
	}
	now := b.config.Now()
	leaving, err := leavingOf(app, user, now)
	if err != nil {
		return r, err
	}
	r.found = synced{customer: row.GetString("customer"), tiers: tiers, verdict: judge(situation{
		subscriptions: subscriptions, tiers: tiers, active: leaving == nil, hadSome: len(mirror) > 0, counted: row.GetString("subscription"),
		now: now, grace: b.config.Grace,
	})}
	v := r.found.verdict
	before := standingOf(row, mirror)
	if err := r.mirror(app, mirror, subscriptions, leaving); err != nil {
		return r, err
	}
	r.slot(row, v, now)
	values := map[string]any{}
	if v.tier != "" {
		values[fieldTier] = v.tier
	}
	if v.status != "" {
		values[fieldPaymentStatus] = v.status
	}
	if load(user, values) {
		r.dirty = append(r.dirty, user)
	}
	r.events = append(r.events, before.events(v, tiers, userID)...)
	return r, nil
}

// mirror adds what changed in the mirror. What Stripe lists no more went with its customer.
func (r *reckoning) mirror(app core.App, mirror map[string]*core.Record, subscriptions []*stripe.Subscription, leaving *time.Time) error {
	v := r.found.verdict
	listed := map[string]bool{}
	for _, sub := range subscriptions {
		listed[sub.ID] = true
		record := mirror[sub.ID]
		if record == nil {
			var err error
			if record, err = newRecord(app, SubscriptionCollection); err != nil {
				return err
			}
		}
		values := mirrored(sub, r.userID, r.found.tiers[priceOf(sub)])
		if slices.Contains(v.twice, sub) && record.IsNew() {
			r.alerts = append(r.alerts, AlertDuplicate)
		}
		if (slices.Contains(v.twice, sub) && isPaid(sub) || slices.Contains(v.extras, sub) && paidAfter(sub, leaving)) && !record.GetBool("refund_due") {
			values["refund_due"] = true
			r.alerts = append(r.alerts, AlertRefund)
		}
		if load(record, values) {
			r.dirty = append(r.dirty, record)
		}
	}
	for id, record := range mirror {
		if !listed[id] && load(record, map[string]any{"status": string(stripe.SubscriptionStatusCanceled)}) {
			r.dirty = append(r.dirty, record)
		}
	}
	return nil
}

// isPaid reports whether a live subscription is paid for the time that it has left: by its last invoice, or before a
// change that cost nothing, or by credit.
func isPaid(sub *stripe.Subscription) bool {
	return sub.Status == stripe.SubscriptionStatusActive || sub.LatestInvoice != nil && sub.LatestInvoice.AmountPaid > 0
}

// paidAfter reports whether the last payment came after its user had left, and bought nothing. Who leaves with a paid
// month left gets nothing back.
func paidAfter(sub *stripe.Subscription, left *time.Time) bool {
	invoice := sub.LatestInvoice
	return left != nil && !isIncomplete(sub) && invoice != nil && invoice.AmountPaid > 0 && paidAt(invoice) > left.Unix()
}

// paidAt is when an invoice was paid, in Unix seconds. It may be older than that by days: a first payment that failed, or
// a renewal that did.
func paidAt(invoice *stripe.Invoice) int64 {
	if invoice.StatusTransitions != nil && invoice.StatusTransitions.PaidAt > 0 {
		return invoice.StatusTransitions.PaidAt
	}
	return invoice.Created
}

// leavingOf is when a user left, nil for who is here. Whoever came back before Stripe has heard that they had left counts
// as gone until it has: the end of what they pay for is recorded, they were told so, and a plan that comes back with the
// login only to be taken again would be worse than none.
func leavingOf(app core.App, user *core.Record, now time.Time) (*time.Time, error) {
	end, err := findIntent(app, dbx.HashExp{"user": user.Id, "kind": intentEnd, "state": []any{stateOpen, stateUnknown}})
	if err != nil {
		return nil, err
	}
	if end != nil {
		at := at(end.details().Left)
		return &at, nil
	}
	if mayAct(user) {
		return nil, nil
	}
	for _, field := range []string{fieldDeactivatedAt, fieldBannedAt} {
		if at := user.GetDateTime(field); !at.IsZero() {
			left := at.Time()
			return &left, nil
		}
	}
	return &now, nil // nobody wrote down when
}

// slot writes which subscription counts.
func (r *reckoning) slot(row *core.Record, v verdict, now time.Time) {
	values := map[string]any{"subscription": "", "grace_until": v.grace, "alert": v.alert}
	if v.current != nil {
		values["subscription"] = v.current.ID
	}
	if v.alert != "" && row.GetString("alert") != v.alert {
		r.alerts = append(r.alerts, v.alert)
	}
	changed := load(row, values)
	if changed || now.Sub(row.GetDateTime("synced_at").Time()) >= syncedEvery {
		row.Set("synced_at", now)
		r.dirty = append(r.dirty, row)
	}
}

// standing is what we knew of the subscription that counted.
type standing struct {
	id, status, tier, invoice string
	ending                    bool
}

func standingOf(row *core.Record, mirror map[string]*core.Record) standing {
	s := standing{id: row.GetString("subscription")}
	if record := mirror[s.id]; record != nil {
		s.status, s.tier, s.invoice, s.ending = record.GetString("status"), record.GetString("tier"), record.GetString("latest_invoice"), record.GetBool("cancel_at_period_end")
	}
	return s
}

// events are the steps from what we knew to the verdict.
func (s standing) events(v verdict, tiers map[string]string, userID string) []Event {
	if v.current == nil {
		if s.id == "" || s.tier == "" {
			return nil
		}
		return []Event{{Kind: Ended, UserID: userID, Key: "subscription_cancelled:" + s.id, Tier: s.tier}}
	}
	sub := v.current
	event := Event{
		UserID: userID, Tier: tiers[priceOf(sub)], Amount: price(sub).UnitAmount, Currency: string(price(sub).Currency),
		PeriodEnd: at(sub.CurrentPeriodEnd), GraceUntil: v.grace,
	}
	if price(sub).Recurring != nil {
		event.Interval = string(price(sub).Recurring.Interval)
	}
	if event.Tier == "" {
		return nil
	}
	var events []Event
	add := func(kind EventKind, key string) {
		event := event
		event.Kind, event.Key = kind, key
		events = append(events, event)
	}
	if s.id != sub.ID || s.tier == "" {
		s = standing{tier: event.Tier} // another one, or of no plan until now: nothing to compare with
		if v.status == statusActive {
			add(Started, "subscription_started:"+sub.ID)
		}
	}
	if s.tier != event.Tier && s.tier != "" {
		event.From = s.tier
		add(Changed, "")
	}
	if s.ending != sub.CancelAtPeriodEnd && s.id != "" {
		add(map[bool]EventKind{true: Scheduled, false: Resumed}[sub.CancelAtPeriodEnd], "")
	}
	if v.status == statusPastDue && (s.status != string(sub.Status) || s.invoice != invoiceID(sub)) {
		if sub.LatestInvoice != nil {
			event.Amount = sub.LatestInvoice.AmountDue
		}
		add(PaymentFailed, "payment_failed:"+sub.ID+":"+invoiceID(sub))
	}
	return events
}

func invoiceID(sub *stripe.Subscription) string {
	if sub.LatestInvoice == nil {
		return ""
	}
	return sub.LatestInvoice.ID
}

// forgetCustomer notes that a customer was deleted at Stripe. The next checkout makes another one.
func (b *Billing) forgetCustomer(app core.App, userID, customer string) error {
	row, err := first(app, CustomerCollection, dbx.HashExp{"user": userID, "customer": customer})
	if err != nil || row == nil {
		return err
	}
	row.Set("customer", "")
	return save(app, row)
}

// covered reports whether a good read of Stripe began after a time of our clock.
func (b *Billing) covered(userID string, since uint64) bool {
	began, ok := b.synced.Load(userID)
	return ok && began.(uint64) > since
}
