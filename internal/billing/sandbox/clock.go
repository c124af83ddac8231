package sandbox

import (
	"container/heap"
	"time"
)

// Now is the sandbox's time.
func (s *Sandbox) Now() time.Time {
	return s.config.Now().Add(time.Duration(s.offset.Load()))
}

// now is the time of what runs under the lock: one for a whole request, and that of the due thing while it happens.
func (s *Sandbox) now() int64 { return s.at }

// Advance moves the time. What falls due in between happens in order, each at its time.
func (s *Sandbox) Advance(d time.Duration) {
	s.lock()
	defer s.unlock()
	s.offset.Add(int64(d))
	s.state.Offset += d
	s.dirty = true
	s.runUntil(s.Now().Unix())
}

// The kinds of things that fall due.
const (
	dueSession    = "session"    // an open session expires
	duePeriod     = "period"     // a subscription's period ends
	dueIncomplete = "incomplete" // a first payment was never made
	dueRetry      = "retry"      // an invoice is collected again
	dueUpdate     = "update"     // a pending update expires
	dueWarning    = "warning"    // a trial ends soon
)

// due is something that happens at a time, if it still applies then.
type due struct {
	at   int64
	turn int // of those at one time, the first planned comes first
	kind string
	id   string
}

// agenda is a heap: the next due thing first.
type agenda struct {
	things []due
	turns  int
}

func (a *agenda) Len() int { return len(a.things) }

func (a *agenda) Less(i, j int) bool {
	if a.things[i].at != a.things[j].at {
		return a.things[i].at < a.things[j].at
	}
	return a.things[i].turn < a.things[j].turn
}

func (a *agenda) Swap(i, j int) { a.things[i], a.things[j] = a.things[j], a.things[i] }

func (a *agenda) Push(thing any) { a.things = append(a.things, thing.(due)) }

func (a *agenda) Pop() any {
	last := a.things[len(a.things)-1]
	a.things = a.things[:len(a.things)-1]
	return last
}

func (s *Sandbox) plan(at int64, kind, id string) {
	s.agenda.turns++
	heap.Push(&s.agenda, due{at: at, turn: s.agenda.turns, kind: kind, id: id})
}

// planSubscription plans what comes by itself for a subscription as it is now.
func (s *Sandbox) planSubscription(sub *subscription) {
	s.plan(sub.PeriodEnd, duePeriod, sub.ID)
	switch sub.Status {
	case statusIncomplete:
		s.plan(sub.Created+23*3600, dueIncomplete, sub.ID)
	case statusTrialing:
		if sub.TrialEnd-3*day > s.now() {
			s.plan(sub.TrialEnd-3*day, dueWarning, sub.ID)
		}
	}
}

// runUntil lets everything happen that is due until then.
func (s *Sandbox) runUntil(then int64) {
	for len(s.agenda.things) > 0 && s.agenda.things[0].at <= then {
		next := heap.Pop(&s.agenda).(due)
		s.at = max(s.at, next.at)
		s.happen(next)
	}
	s.at = then
}

func (s *Sandbox) happen(next due) {
	switch next.kind {
	case dueSession:
		if c, ok := s.state.Sessions.get(next.id); ok && c.Status == sessionOpen {
			s.expire(c)
		}
	case dueRetry:
		s.retry(next)
	default:
		if sub, ok := s.state.Subscriptions.get(next.id); ok && !sub.ended() {
			s.happenTo(sub, next)
		}
	}
}

func (s *Sandbox) happenTo(sub *subscription, next due) {
	switch next.kind {
	case duePeriod:
		if sub.PeriodEnd == next.at {
			s.periodEnds(sub)
		}
	case dueIncomplete:
		if sub.Status == statusIncomplete {
			inv, _ := s.state.Invoices.get(sub.LatestInvoice)
			s.void(inv)
			s.voided(sub, inv)
		}
	case dueUpdate:
		if update := sub.Update; update != nil && update.ExpiresAt == next.at {
			inv, _ := s.state.Invoices.get(update.Invoice)
			s.void(inv)
			s.emit("customer.subscription.pending_update_expired", sub.Customer, s.subscriptionObject(sub), nil)
			s.voided(sub, inv)
		}
	case dueWarning:
		if sub.Status == statusTrialing {
			s.emit("customer.subscription.trial_will_end", sub.Customer, s.subscriptionObject(sub), nil)
		}
	}
}

func (s *Sandbox) retry(next due) {
	inv, ok := s.state.Invoices.get(next.id)
	if !ok || inv.Status != invoiceOpen || inv.NextAttempt != next.at {
		return
	}
	sub, _ := s.state.Subscriptions.get(inv.Subscription)
	s.collect(sub, inv)
}

// periodEnds renews a subscription, or ends one that was to end with its period. A trial becomes a paid period.
func (s *Sandbox) periodEnds(sub *subscription) {
	if sub.CancelAtPeriodEnd {
		s.end(sub, "")
		return
	}
	s.updating(sub, func() {
		if sub.Status == statusTrialing {
			sub.Status = statusActive
		}
		first, _ := s.state.Prices.get(sub.Items[0].Price)
		sub.PeriodStart, sub.PeriodEnd = sub.PeriodEnd, cycleEnd(sub.Anchor, first.Interval, sub.PeriodEnd)
		s.planSubscription(sub)
		inv := s.draft(sub, "subscription_cycle", append(sub.Pending, s.fullLines(sub.Items, sub.PeriodStart, sub.PeriodEnd, false)...))
		sub.Pending = nil
		s.keep(inv)
		if sub.Status == statusUnpaid {
			inv.AutoAdvance = false // stays a draft until somebody pays
			return
		}
		s.finalize(inv)
		s.collect(sub, inv)
	})
}
