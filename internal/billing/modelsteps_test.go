package billing_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/stripe/stripe-go/v76"
	"pgregory.net/rapid"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/billing/sandbox"
)

// modelOperation is something that one user does, or that is done to one.
type modelOperation struct {
	name string
	user string
	do   func(p *process) result
}

// operations are what can happen to a user. Each draws what it needs, and is carried out later, maybe beside others.
func (m *model) operations() map[string]func(t *rapid.T, user string) func(p *process) result {
	return map[string]func(t *rapid.T, user string) func(p *process) result{
		"subscribe":        m.drawSubscribe,
		"subscribe again":  m.drawSubscribe,
		"pay":              m.drawPay,
		"pay again":        m.drawPay,
		"cancel":           m.drawCancel,
		"resume":           m.drawResume,
		"read":             m.drawRead,
		"return":           m.drawReturn,
		"portal":           m.drawPortal,
		"card":             m.drawCard,
		"pay invoice":      m.drawPayInvoice,
		"dashboard":        m.drawDashboard,
		"deactivate":       m.drawDeactivate,
		"reactivate":       m.drawReactivate,
		"change of e-mail": m.drawEmail,
	}
}

func (m *model) drawOperation(t *rapid.T) modelOperation {
	user := rapid.SampledFrom(m.users).Draw(t, "user")
	name := rapid.SampledFrom(sortedKeys(m.operations())).Draw(t, "operation")
	return modelOperation{name, user, m.operations()[name](t, user)}
}

// asUser does what only users who may act can ask for: the API refuses others before it does anything.
func (m *model) asUser(user string, work func(p *process) result) func(p *process) result {
	return func(p *process) result {
		record, err := m.FindRecordById("users", user)
		if err != nil || !record.GetBool("is_active") {
			return result{err: err, skipped: true}
		}
		return work(p)
	}
}

func (m *model) drawSubscribe(t *rapid.T, user string) func(p *process) result {
	tier := rapid.SampledFrom([]string{"basic", "premium", "basic", "premium", "free"}).Draw(t, "tier")
	key := rapid.SampledFrom([]string{"", "", "key 1", "key 2"}).Draw(t, "key")
	return m.asUser(user, func(p *process) result {
		outcome, err := p.Subscribe(context.Background(), m, user, tier, key)
		r := result{err: err, fresh: err == nil && outcome.Checkout == nil, tier: tier}
		if err == nil && outcome.Checkout != nil {
			r.checkout = outcome.Checkout.SessionID
		}
		return r
	})
}

func (m *model) drawCancel(t *rapid.T, user string) func(p *process) result {
	atEnd := rapid.Bool().Draw(t, "at the end of the period")
	return m.asUser(user, func(p *process) result {
		_, err := p.Cancel(context.Background(), m, user, atEnd)
		return result{err: err, fresh: err == nil}
	})
}

func (m *model) drawResume(_ *rapid.T, user string) func(p *process) result {
	return m.asUser(user, func(p *process) result {
		_, err := p.Resume(context.Background(), m, user)
		return result{err: err, fresh: err == nil}
	})
}

func (m *model) drawRead(_ *rapid.T, user string) func(p *process) result {
	return m.asUser(user, func(p *process) result {
		subscription, err := p.Subscription(context.Background(), m, user)
		if err == nil && subscription.Stale && m.calm && !m.faulty {
			m.problem("it is stale, and Stripe answers")
		}
		return result{err: err, fresh: subscription.FromStripe}
	})
}

func (m *model) drawReturn(t *rapid.T, user string) func(p *process) result {
	which, owner := rapid.IntRange(0, 3).Draw(t, "session"), rapid.SampledFrom(m.users).Draw(t, "owner")
	return m.asUser(user, func(p *process) result {
		session := m.pick(m.sessions(owner, ""), which)
		err := p.Return(context.Background(), m, user, session)
		if err == nil && owner != user {
			m.problem("the session of another user is taken")
		}
		if errors.Is(err, billing.ErrUnknownSession) {
			err = nil
			if owner == user && session != "" && m.calm && !m.faulty && m.known(session) {
				m.problem("the session %s is not known to its user", session)
			}
			return result{}
		}
		return result{err: err, fresh: err == nil}
	})
}

// known reports whether we heard of a session: the answer to its making may have been lost.
func (m *model) known(session string) bool {
	count, err := m.CountRecords(billing.IntentCollection, dbx.HashExp{"object": session, "kind": "checkout"})
	return err == nil && count > 0
}

func (m *model) drawPortal(_ *rapid.T, user string) func(p *process) result {
	return m.asUser(user, func(p *process) result {
		_, err := p.Portal(context.Background(), m, user)
		return result{err: err}
	})
}

func (m *model) drawPay(t *rapid.T, user string) func(p *process) result {
	which := rapid.IntRange(0, 2).Draw(t, "session")
	card := rapid.SampledFrom([]sandbox.Card{sandbox.CardPays, sandbox.CardPays, sandbox.CardPaysOnce, sandbox.CardDeclines, sandbox.CardNeedsAction}).Draw(t, "card")
	return func(*process) result {
		if session := m.pick(m.sessions(user, stripe.CheckoutSessionStatusOpen), which); session != "" {
			before := len(m.stripe.Ledger())
			_ = m.stripe.Pay(session, card) // a refusal is as good
			m.noteVain(user, before)
		}
		return result{}
	}
}

// noteVain notes what somebody paid who had left.
func (m *model) noteVain(user string, before int) {
	record, err := m.FindRecordById("users", user)
	if err != nil || !m.calm || record.GetBool("is_active") {
		return
	}
	for _, charge := range m.stripe.Ledger()[before:] {
		m.inVain = append(m.inVain, charge.Subscription)
	}
}

func (m *model) drawCard(t *rapid.T, user string) func(p *process) result {
	card := rapid.SampledFrom([]sandbox.Card{sandbox.CardPays, sandbox.CardDeclines, sandbox.CardNeedsAction, sandbox.CardPaysOnce}).Draw(t, "card")
	return func(*process) result {
		if customer := m.customer(user); customer != "" {
			ignorePanic(func() { m.stripe.SetCard(customer, card) })
		}
		return result{}
	}
}

// ignorePanic lets somebody at Stripe act on what another deletes at the same time.
func ignorePanic(act func()) {
	defer func() { _ = recover() }()
	act()
}

func (m *model) drawPayInvoice(_ *rapid.T, user string) func(p *process) result {
	return func(*process) result {
		for _, invoice := range m.stripe.Invoices(m.customer(user)) {
			if invoice.Status == stripe.InvoiceStatusOpen {
				_ = m.stripe.PayInvoice(invoice.ID) // too late is as good
				break
			}
		}
		return result{}
	}
}

func (m *model) drawDashboard(t *rapid.T, user string) func(p *process) result {
	act := rapid.SampledFrom([]string{"subscribe", "subscribe to what is not sold", "cancel", "delete customer"}).Draw(t, "act")
	price := rapid.SampledFrom([]string{priceBasic, m.premium}).Draw(t, "price")
	which := rapid.IntRange(0, 2).Draw(t, "subscription")
	return func(*process) result {
		customer := m.customer(user)
		if customer == "" {
			return result{skipped: true}
		}
		switch act {
		case "subscribe":
			ignorePanic(func() { m.stripe.Subscribe(customer, price) })
		case "subscribe to what is not sold":
			ignorePanic(func() { m.stripe.Subscribe(customer, priceOther) })
		case "cancel":
			var ids []string
			for _, sub := range m.stripe.Live(customer) {
				ids = append(ids, sub.ID)
			}
			_ = m.stripe.CancelSubscription(m.pick(ids, which)) // there may be none
		case "delete customer":
			_ = m.stripe.DeleteCustomer(customer) // another may have done it
		}
		return result{}
	}
}

// job adds the job that the hooks add, in the transaction of what was recorded.
func job(txApp core.App, user string, recorded bool) error {
	if !recorded {
		return nil
	}
	_, err := txApp.DB().NewQuery("INSERT OR IGNORE INTO model_jobs VALUES ({:user})").Bind(dbx.Params{"user": user}).Execute()
	return err
}

func (m *model) drawDeactivate(_ *rapid.T, user string) func(p *process) result {
	return m.asUser(user, func(p *process) result {
		had := m.live(user)
		err := m.RunInTransaction(func(txApp core.App) error {
			record, err := txApp.FindRecordById("users", user)
			if err != nil {
				return err
			}
			record.Load(map[string]any{"is_active": false, "deactivated_at": m.stripe.Now()})
			if err := txApp.Save(record); err != nil {
				return err
			}
			recorded, err := p.RecordEnd(txApp, user)
			return errors.Join(err, job(txApp, user, recorded))
		})
		if err == nil {
			m.promise(had)
		}
		return result{err: err}
	})
}

// promise notes what was live when its user left: they were told that it ends, also if they come back.
func (m *model) promise(had []*stripe.Subscription) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, sub := range had {
		m.promised = append(m.promised, sub.ID)
	}
}

func (m *model) drawReactivate(_ *rapid.T, user string) func(p *process) result {
	return func(*process) result {
		_, err := account.Reactivate(m, user, func(core.App, *core.Record, []string) error { return nil })
		return result{err: err}
	}
}

func (m *model) drawEmail(t *rapid.T, user string) func(p *process) result {
	name := rapid.SampledFrom([]string{"new", "other"}).Draw(t, "address")
	return m.asUser(user, func(p *process) result {
		return result{err: m.RunInTransaction(func(txApp core.App) error {
			record, err := txApp.FindRecordById("users", user)
			if err != nil {
				return err
			}
			record.SetEmail(name + "." + record.GetString("username") + "@example.com")
			if err := txApp.Save(record); err != nil {
				return err
			}
			recorded, err := p.RecordEmail(txApp, user, record.Email())
			return errors.Join(err, job(txApp, user, recorded))
		})}
	})
}

// pick returns one of some, "" when there are none.
func (m *model) pick(ids []string, which int) string {
	if len(ids) == 0 {
		return ""
	}
	return ids[which%len(ids)]
}

// customers are those of a user at Stripe, by what we write on each: newest first, deleted ones without.
func (m *model) customers(user string) []string {
	var ids []string
	for _, customer := range m.stripe.Customers() {
		if !customer.Deleted && customer.Metadata["user_id"] == user {
			ids = append(ids, customer.ID)
		}
	}
	return ids
}

func (m *model) customer(user string) string { return m.pick(m.customers(user), 0) }

// sessions are those of a user with a status, or all; deleted customers have none that anybody could pay.
func (m *model) sessions(user string, status stripe.CheckoutSessionStatus) []string {
	var ids []string
	for _, customer := range m.customers(user) {
		for _, session := range m.stripe.Sessions(customer) {
			if status == "" || session.Status == status {
				ids = append(ids, session.ID)
			}
		}
	}
	return ids
}

// deliver hands an event over, and returns what came of it.
func (m *model) deliver(p *process, event sandbox.Event) result {
	m.counts.webhooks.Add(1)
	delivery, err := p.Webhook(context.Background(), m, event.Payload, m.stripe.Sign(event.Payload, m.stripe.Now()))
	if err == nil {
		m.stripe.MarkDelivered(event.ID)
	} else if done := m.count("SELECT count(*) FROM stripe_events WHERE state='done' AND event={:id}", event.ID); m.calm && done > 0 {
		m.problem("an event is done, and its work is not")
	}
	return result{err: err, fresh: err == nil && delivery.Result == billing.WebhookDone}
}

// forge hands over an event that Stripe did not sign.
func (m *model) forge(t *rapid.T, p *process, event sandbox.Event) result {
	payload, header := event.Payload, ""
	switch rapid.SampledFrom([]string{"no header", "tampered", "old", "early"}).Draw(t, "forgery") {
	case "tampered":
		header = m.stripe.Sign(payload, m.stripe.Now())
		payload = []byte(strings.Replace(string(payload), "evt_", "evt_x", 1))
	case "old":
		header = m.stripe.Sign(payload, m.stripe.Now().Add(-302*time.Second))
	case "early":
		header = m.stripe.Sign(payload, m.stripe.Now().Add(302*time.Second))
	}
	if _, err := p.Webhook(context.Background(), m, payload, header); !errors.Is(err, billing.ErrSignature) {
		m.problem("a forged event is taken: %v", err)
	}
	return result{skipped: true}
}

// work runs the jobs that wait; one that fails waits for the next time.
func (m *model) work(p *process) result {
	var users []string
	if err := m.DB().NewQuery("SELECT user FROM model_jobs").Column(&users); err != nil {
		return result{err: err}
	}
	var failed []error
	for _, user := range users {
		err := p.Settle(context.Background(), m, user)
		if err == nil {
			_, err = m.NonconcurrentDB().Delete("model_jobs", dbx.HashExp{"user": user}).Execute()
		}
		failed = append(failed, err)
	}
	return result{err: errors.Join(failed...)}
}

func (m *model) sweep(p *process) result {
	_, err := p.Sweep(context.Background(), m)
	return result{err: err}
}

func (m *model) reconcile(p *process) result {
	_, _, err := p.Reconcile(context.Background(), m, m.stripe.Now())
	return result{err: err}
}

// drawFault makes some of the next calls fail.
func (m *model) drawFault(t *rapid.T) {
	m.counts.faults.Add(1)
	m.faulty = true
	times := rapid.IntRange(1, 3).Draw(t, "times")
	if rapid.IntRange(0, 4).Draw(t, "late") == 0 {
		m.delayed.Store(int64(times))
		return
	}
	fault := sandbox.Fault{
		Method: rapid.SampledFrom([]string{"", http.MethodPost, http.MethodPost, http.MethodDelete, http.MethodGet}).Draw(t, "method"),
		Path:   rapid.SampledFrom([]string{"", "", "/v1/subscriptions", "/v1/checkout/sessions", "/v1/customers"}).Draw(t, "path"),
		Times:  times, After: rapid.Bool().Draw(t, "after"),
	}
	switch rapid.SampledFrom([]string{"500", "500", "503", "429", "html", "drop"}).Draw(t, "fault") {
	case "500":
		fault.Status = http.StatusInternalServerError
	case "503":
		fault.Status = http.StatusServiceUnavailable
	case "429":
		fault.Status, fault.After = http.StatusTooManyRequests, false
	case "html":
		fault.Status, fault.HTML = http.StatusBadGateway, true
	case "drop":
		fault.Drop = true
	}
	m.stripe.Fault(fault)
}

func (m *model) clearFaults() {
	m.stripe.ClearFaults()
	m.delayed.Store(0)
	m.faulty = false
}

// advance moves the time. Nothing that was sent is on its way for as long as that.
func (m *model) advance(d time.Duration) {
	m.arrive()
	if d >= 3*24*time.Hour && len(m.stripe.Pending()) > 0 {
		m.lost = true
	}
	if err := m.history.read(m.stripe.Events()); err != nil { // Stripe forgets them after a month
		m.problem("%v", err)
	}
	m.stripe.Advance(d)
}

// changePlans sells what was not sold, or spoils the plan whose price it is, which the end of the run repairs.
func (m *model) changePlans(t *rapid.T) {
	m.repriced = true
	if rapid.Bool().Draw(t, "spoil") {
		m.unsold = true
		m.execute(t, "UPDATE plans SET stripe_price='', stripe_former_prices='[]' WHERE tier='premium'")
		return
	}
	m.tiers[priceOther] = "premium"
	m.setPlans(t)
}
