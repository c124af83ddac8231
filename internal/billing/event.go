package billing

import "time"

// EventKind is what happened to a user's subscription.
type EventKind string

// The kinds of events.
const (
	Started       EventKind = "started"        // the first payment, or a trial
	Changed       EventKind = "changed"        // another paid tier
	Scheduled     EventKind = "scheduled"      // it will end with the paid period
	Resumed       EventKind = "resumed"        // that was taken back
	Ended         EventKind = "ended"          // it is over
	PaymentFailed EventKind = "payment_failed" // a renewal, or a change: then GraceUntil is zero
)

// Event is something that the user should learn of, once.
type Event struct {
	Kind       EventKind
	UserID     string
	Key        string // names the event for ever; "": the transition itself happens once
	From, Tier string // From is the tier before, for Changed
	Amount     int64  // of the price, or of the failed invoice; in the smallest unit
	Currency   string
	Interval   string // month or year
	PeriodEnd  time.Time
	GraceUntil time.Time
}
