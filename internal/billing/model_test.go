package billing_test

import (
	"context"
	"errors"
	"flag"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/stripe/stripe-go/v76"
	"pgregory.net/rapid"

	"github.com/cragbase/cragbase/internal/billing"
)

// TestModel lets users, Stripe, its webhooks, faults, crashes and the clock do whatever they may, in any order and at the
// same time, and holds the invariants after each step and once everything is done.
//
// A failure prints the seed; -rapid.seed repeats it, -rapid.checks says how many runs there are.
func TestModel(t *testing.T) {
	t.Parallel()
	base := newModelBase(t)
	t.Cleanup(func() {
		c := &base.counts
		t.Logf("%d runs, %d steps, %d of them with several at once, %d crashes, %d faults, %d late requests, %d webhooks, %d subscriptions of which %d were superfluous, %d charges: double charges %d, tiers different from Stripe's truth at rest %d",
			c.runs.Load(), c.steps.Load(), c.together.Load(), c.crashes.Load(), c.faults.Load(), c.late.Load(), c.webhooks.Load(),
			c.subscriptions.Load(), c.superfluous.Load(), c.charges.Load(), c.doubleCharges.Load(), c.untrueTiers.Load())
	})
	if !*atOnce {
		setDefault(t, "rapid.seed", "1") // a commit that passed passes again; make soak draws other runs
	}
	if slowdown > 1 {
		setDefault(t, "rapid.checks", "12") // CI asks for more in a step of its own
	}
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t, base)
		t.Repeat(m.stepsToTake())
		m.rest(t)
		m.renewals(t)
		m.tally()
	})
}

// setDefault sets a flag that was not given.
func setDefault(t *testing.T, name, value string) {
	t.Helper()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	if given {
		return
	}
	if err := flag.Set(name, value); err != nil {
		t.Fatal(err)
	}
}

// steps are what may happen next.
func (m *model) steps() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"":                  m.check,
		"an operation":      m.operate,
		"another operation": m.operate,
		"one more":          m.operate,
		"a subscription":    m.subscribeAndPay,
		"operations":        m.operateTogether,
		"a crash":           m.crash,
		"a webhook":         m.webhook,
		"webhooks":          m.webhooks,
		"a forgery":         func(t *rapid.T) { m.alone(t, m.drawForgery(t)) },
		"a lost webhook":    m.lose,
		"jobs":              func(t *rapid.T) { m.alone(t, modelOperation{name: "jobs", do: m.work}) },
		"sweep":             func(t *rapid.T) { m.alone(t, modelOperation{name: "sweep", do: m.sweep}) },
		"reconciliation":    func(t *rapid.T) { m.alone(t, modelOperation{name: "reconciliation", do: m.reconcile}) },
		"a fault":           m.drawFault,
		"no fault":          func(*rapid.T) { m.clearFaults() },
		"time":              m.pass,
		"late requests":     func(*rapid.T) { m.arrive() },
		"plans":             m.changePlans,
	}
}

// check fails the run when anything was wrong.
func (m *model) check(t *rapid.T) {
	m.counts.steps.Add(1)
	m.stripe.Advance(time.Second)
	m.always()
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, found := range m.problems {
		t.Log(found.text)
	}
	if len(m.problems) > 0 {
		t.Fatal(m.problems[0].kind)
	}
}

func (m *model) operate(t *rapid.T) { m.alone(t, m.drawOperation(t)) }

// alone does one thing, and holds what is true of its outcome.
func (m *model) alone(t *rapid.T, op modelOperation) {
	before := m.rows()
	r, _ := m.attempt(op.do)
	t.Logf("%s of %q: %v", op.name, op.user, r)
	m.judge(t, op, r)
	if op.user == "" {
		return
	}
	after := m.rows()
	for _, other := range m.users {
		if other != op.user && before[other] != after[other] {
			m.problem("%s of %s changed %s (I16):\n%s\n%s", op.name, op.user, other, before[other], after[other])
		}
	}
}

// atOnce adds steps with several operations at once, whose order no seed repeats. make soak has them.
var atOnce = flag.Bool("at-once", false, "let the model do several things at once")

func (m *model) stepsToTake() map[string]func(*rapid.T) {
	steps := m.steps()
	if !*atOnce {
		delete(steps, "operations")
		delete(steps, "webhooks")
	}
	return steps
}

// judge holds what a user may be told, and that it is true.
func (m *model) judge(t *rapid.T, op modelOperation, r result) {
	if r.err != nil && !m.mayFail(r.err) {
		m.problem("%s: %v", op.name, r.err)
	}
	if !m.calm || r.err != nil {
		return
	}
	if op.user != "" && r.fresh && !m.faulty && !m.mirrored(op.user) {
		m.problem("after %s the mirror of %s is not what Stripe has", op.name, op.user)
	}
	if op.user != "" && r.fresh {
		if tier, certain := m.truth(op.user); certain && m.tier(op.user) != tier {
			m.problem("after %s %s has the tier %s, and Stripe says %s", op.name, op.user, m.tier(op.user), tier)
		}
	}
	if r.checkout != "" {
		m.judgeCheckout(op, r)
	}
}

// mayFail sorts errors: what a user is told of, and what is only for when Stripe does not answer.
func (m *model) mayFail(err error) bool {
	if errors.Is(err, billing.ErrUnavailable) {
		return m.faulty || !m.calm
	}
	for _, known := range []error{
		billing.ErrAlreadySubscribed, billing.ErrNoSubscription, billing.ErrPastDue, billing.ErrPaymentFailed, billing.ErrActionRequired,
		billing.ErrTooManyChanges, billing.ErrKeyReused,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	return errors.Is(err, billing.ErrNotConfigured) && m.unsold
}

// judgeCheckout holds that a session can be paid, by its user, for what they chose.
func (m *model) judgeCheckout(op modelOperation, r result) {
	for _, customer := range m.customers(op.user) {
		for _, session := range m.stripe.Sessions(customer) {
			if session.ID != r.checkout {
				continue
			}
			if session.Status != stripe.CheckoutSessionStatusOpen {
				m.problem("%s is sent to a session that is %s", op.user, session.Status)
			}
			return
		}
	}
	m.problem("%s is sent to the session %s, which none of their customers has", op.user, r.checkout)
}

// subscribeAndPay brings a user quickly to where most things can happen.
func (m *model) subscribeAndPay(t *rapid.T) {
	user := rapid.SampledFrom(m.users).Draw(t, "user")
	m.alone(t, modelOperation{"subscribe", user, m.drawSubscribe(t, user)})
	m.alone(t, modelOperation{"pay", user, m.drawPay(t, user)})
}

// tally counts what there was to get wrong.
func (m *model) tally() {
	for _, customer := range m.stripe.Customers() {
		m.counts.subscriptions.Add(int64(len(m.stripe.Subscriptions(customer.ID))))
	}
	m.counts.charges.Add(int64(len(m.stripe.Ledger())))
	m.counts.superfluous.Add(int64(m.count("SELECT count(*) FROM stripe_intents WHERE kind='cancel' AND params LIKE '%by_us%' AND id != {:id}", "")))
}

// operateTogether does several things at once.
func (m *model) operateTogether(t *rapid.T) {
	var together []modelOperation
	same := rapid.Bool().Draw(t, "of one user")
	for range rapid.IntRange(2, 4).Draw(t, "operations") {
		op := m.drawAny(t)
		if same && op.user != "" && len(together) > 0 && together[0].user != "" {
			op = modelOperation{op.name, together[0].user, m.operations()[op.name](t, together[0].user)}
		}
		together = append(together, op)
	}
	m.together(t, together)
	m.counts.together.Add(1)
}

func (m *model) together(t *rapid.T, operations []modelOperation) {
	m.calm = false
	var group sync.WaitGroup
	results := make([]result, len(operations))
	dead := make([]bool, len(operations))
	for n, op := range operations {
		group.Go(func() { results[n], dead[n] = m.attempt(op.do) })
	}
	group.Wait()
	for n, op := range operations {
		t.Logf("beside others: %s of %q: %v, dead %t", op.name, op.user, results[n], dead[n])
		if !dead[n] {
			m.judge(t, op, results[n])
		}
	}
	m.calm = true
}

// drawAny draws an operation, a webhook or something of the server's own.
func (m *model) drawAny(t *rapid.T) modelOperation {
	switch rapid.IntRange(0, 7).Draw(t, "which") {
	case 0:
		return modelOperation{name: "jobs", do: m.work}
	case 1:
		return modelOperation{name: "sweep", do: m.sweep}
	case 2:
		return modelOperation{name: "reconciliation", do: m.reconcile}
	case 3:
		if op, ok := m.drawDelivery(t); ok {
			op.user = ""
			return op
		}
	}
	return m.drawOperation(t)
}

// crash lets the process die in the middle of what it does, and starts another.
func (m *model) crash(t *rapid.T) {
	operations := []modelOperation{m.drawAny(t)}
	if *atOnce && rapid.IntRange(0, 3).Draw(t, "together") == 0 {
		operations = append(operations, m.drawAny(t))
	}
	m.process.inFlight = rapid.Bool().Draw(t, "in flight")
	m.process.fuse.Store(int64(rapid.IntRange(1, 16).Draw(t, "steps")))
	m.counts.crashes.Add(1)
	if len(operations) == 1 {
		r, dead := m.attempt(operations[0].do)
		t.Logf("%s of %q: %v, dead %t", operations[0].name, operations[0].user, r, dead)
		if !dead {
			m.judge(t, operations[0], r)
		}
	} else {
		m.together(t, operations)
	}
	m.restart()
}

// drawDelivery draws an event to deliver: one that waits, or any again.
func (m *model) drawDelivery(t *rapid.T) (modelOperation, bool) {
	events := m.stripe.Pending()
	if len(events) == 0 || rapid.IntRange(0, 3).Draw(t, "again") == 0 {
		events = m.stripe.Events()
	}
	if len(events) == 0 {
		return modelOperation{}, false
	}
	event := events[rapid.IntRange(0, 1<<20).Draw(t, "event")%len(events)]
	user, err := billing.UserOf(m, event.Customer)
	if err != nil {
		m.problem("%v", err)
	}
	return modelOperation{"webhook " + event.Type, user, func(p *process) result { return m.deliver(p, event) }}, true
}

func (m *model) webhook(t *rapid.T) {
	if op, ok := m.drawDelivery(t); ok {
		m.alone(t, op)
	}
}

// webhooks delivers several at once, the same ones too.
func (m *model) webhooks(t *rapid.T) {
	var together []modelOperation
	for range rapid.IntRange(2, 6).Draw(t, "webhooks") {
		op, ok := m.drawDelivery(t)
		if !ok {
			return
		}
		together = append(together, op)
		if rapid.IntRange(0, 2).Draw(t, "twice") == 0 {
			together = append(together, op)
		}
	}
	m.together(t, together)
}

func (m *model) drawForgery(t *rapid.T) modelOperation {
	events := m.stripe.Events()
	if len(events) == 0 {
		return modelOperation{name: "nothing", do: func(*process) result { return result{skipped: true} }}
	}
	event := events[rapid.IntRange(0, 1<<20).Draw(t, "event")%len(events)]
	return modelOperation{"forgery", "nobody", func(p *process) result { return m.forge(t, p, event) }}
}

// lose loses a webhook: it will not be delivered.
func (m *model) lose(t *rapid.T) {
	if pending := m.stripe.Pending(); len(pending) > 0 {
		m.stripe.Drop(pending[rapid.IntRange(0, 1<<20).Draw(t, "event")%len(pending)].ID)
		m.lost = true
	}
}

func (m *model) pass(t *rapid.T) {
	hours := rapid.SampledFrom([]time.Duration{1, 2, 10, 24, 25, 3 * 24, 8 * 24, 15 * 24, 31 * 24}).Draw(t, "hours")
	m.advance(hours * time.Hour)
}

// rest brings everything to its end: Stripe is back, what waits is delivered or lost, and what is left is done.
func (m *model) rest(t *rapid.T) {
	m.clearFaults()
	m.arrive()
	m.setPlans(t)
	silent := rapid.IntRange(0, 2).Draw(t, "no webhook any more") == 0
	for range 12 {
		m.finishWebhooks(t, silent)
		m.advance(61 * time.Minute)
		m.alone(t, modelOperation{name: "jobs at rest", do: m.work})
		m.alone(t, modelOperation{name: "sweep at rest", do: m.sweepWhole})
		if silent || m.lost {
			m.alone(t, modelOperation{name: "reconciliation at rest", do: m.reconcileWhole})
		}
		if m.check(t); m.idle() {
			m.quiet()
			m.check(t)
			return
		}
	}
	t.Fatalf("it does not come to rest:\n%v\n%v", m.rows(), m.stripe.Pending())
}

// finishWebhooks delivers what waits, or makes Stripe believe that it did.
func (m *model) finishWebhooks(t *rapid.T, silent bool) {
	for _, event := range m.stripe.Pending() {
		if silent {
			m.stripe.MarkDelivered(event.ID)
			continue
		}
		m.alone(t, modelOperation{name: "webhook at rest", do: func(p *process) result { return m.deliver(p, event) }})
	}
}

func (m *model) sweepWhole(p *process) result {
	report, err := p.Sweep(context.Background(), m)
	if report.Failed > 0 {
		m.problem("the sweep failed for %d users", report.Failed)
	}
	return result{err: err}
}

func (m *model) reconcileWhole(p *process) result {
	report, done, err := p.Reconcile(context.Background(), m, m.stripe.Now())
	if report.Failed > 0 || err == nil && !done {
		m.problem("the reconciliation failed for %d users", report.Failed)
	}
	return result{err: err}
}

// idle reports whether nothing is left to do.
func (m *model) idle() bool {
	undone, err := m.CountRecords(billing.IntentCollection, dbx.HashExp{"state": []any{"open", "unknown"}})
	if err != nil {
		m.problem("%v", err)
	}
	received, err := m.CountRecords(billing.EventCollection, dbx.HashExp{"state": "received"})
	if err != nil {
		m.problem("%v", err)
	}
	return undone+received == 0 && len(m.stripe.Pending()) == 0
}

// renewals lets a month pass at rest: who is free pays nothing, and nobody pays for two subscriptions.
func (m *model) renewals(t *rapid.T) {
	before := len(m.stripe.Ledger())
	may := map[string]bool{}
	for _, user := range m.users {
		for _, sub := range m.live(user) {
			if m.tiers[priceIn(sub)] == "" || m.tier(user) != "free" || sub.Status == stripe.SubscriptionStatusPastDue || sub.Status == stripe.SubscriptionStatusUnpaid {
				may[sub.ID] = true
			}
		}
	}
	m.advance(32 * 24 * time.Hour)
	for _, charge := range m.stripe.Ledger()[before:] {
		if !may[charge.Subscription] {
			m.problem("%s is charged, and its user is free", charge.Subscription)
		}
	}
	m.rest(t)
}
