package billing

import (
	"cmp"
	"slices"
	"time"

	"github.com/stripe/stripe-go/v76"
)

// Payment statuses of a user.
const (
	statusInactive  = "inactive"  // never paid
	statusPending   = "pending"   // the first payment has not gone through yet
	statusActive    = "active"    // paid, or on trial
	statusPastDue   = "past_due"  // a renewal failed
	statusFailed    = "failed"    // the first payment never came, or Stripe gave up
	statusCancelled = "cancelled" // over
)

// tierFree is the tier without a subscription.
const tierFree = "free"

// situation is all that decides what a user gets.
type situation struct {
	subscriptions []*stripe.Subscription // all of the customer, with latest_invoice
	tiers         map[string]string      // price id -> tier
	active        bool                   // the user has not deactivated the account
	hadSome       bool                   // we have seen subscriptions of theirs before
	counted       string                 // the subscription that counted so far
	now           time.Time
	grace         time.Duration
}

// verdict is what follows from a situation.
type verdict struct {
	current *stripe.Subscription // the one that counts; nil: none
	tier    string               // "": stays as it is
	status  string
	grace   time.Time // until when a failed payment leaves the tier
	alert   string    // one of the Alert constants
	extras  []*stripe.Subscription
	twice   []*stripe.Subscription // paid beside another one
}

// judge is the whole policy. It is a function of Stripe's state and the time alone, so that it comes to the same end
// whatever was missed on the way.
func judge(s situation) verdict {
	live := slices.DeleteFunc(slices.Clone(s.subscriptions), func(sub *stripe.Subscription) bool { return isOver(sub) || isIncomplete(sub) })
	slices.SortStableFunc(live, func(x, y *stripe.Subscription) int {
		return cmp.Or(cmp.Compare(s.rank(x), s.rank(y)), cmp.Compare(x.Created, y.Created), cmp.Compare(x.ID, y.ID))
	})
	v := s.withoutLive()
	if s.active && len(live) > 0 {
		v = s.standing(live[0])
	}
	for _, sub := range live[min(1, len(live)):] {
		if s.tiers[priceOf(sub)] != "" { // what no plan has may be about something else: nobody touches it
			v.twice = append(v.twice, sub)
		} else if s.active {
			v.alert = cmp.Or(v.alert, AlertPrice)
		}
	}
	v.extras = v.twice
	if !s.active { // whatever is paid for now is paid for nothing
		v.extras = slices.DeleteFunc(slices.Clone(s.subscriptions), isOver)
	}
	return v
}

// rank prefers, of several live subscriptions, what gives something now, and what is ours at all.
func (s situation) rank(sub *stripe.Subscription) int {
	switch {
	case s.tiers[priceOf(sub)] == "" && sub.ID == s.counted:
		return 3
	case s.tiers[priceOf(sub)] == "":
		return 4
	case sub.Status == stripe.SubscriptionStatusActive, sub.Status == stripe.SubscriptionStatusTrialing:
		return 0
	case sub.Status == stripe.SubscriptionStatusPastDue:
		return 1
	}
	return 2
}

// standing is the verdict on the subscription that counts.
func (s situation) standing(sub *stripe.Subscription) verdict {
	v := verdict{current: sub, tier: s.tiers[priceOf(sub)]}
	if v.tier == "" {
		v.tier, v.alert = s.unchanged(sub), AlertPrice
	}
	switch sub.Status {
	case stripe.SubscriptionStatusActive, stripe.SubscriptionStatusTrialing:
		v.status = statusActive
	case stripe.SubscriptionStatusPastDue:
		v.status, v.grace = statusPastDue, failedAt(sub).Add(max(s.grace, 0))
		if !s.now.Before(v.grace) {
			v.tier = tierFree
		}
	case stripe.SubscriptionStatusUnpaid:
		v.status, v.tier = statusFailed, tierFree
	case stripe.SubscriptionStatusPaused: // a trial ended without a card
		v.status, v.tier = statusInactive, tierFree
	default:
		v.tier, v.alert = s.unchanged(sub), AlertStatus
	}
	return v
}

// unchanged leaves the tier to a subscription that gave it, and that nothing more can be said of. Another one gives
// nothing: what gave the tier is over.
func (s situation) unchanged(sub *stripe.Subscription) string {
	if sub.ID == s.counted {
		return ""
	}
	return tierFree
}

func (s situation) withoutLive() verdict {
	v := verdict{tier: tierFree, status: statusInactive}
	if s.hadSome {
		v.status = statusCancelled // of a customer who was deleted, Stripe lists nothing any more
	}
	var latest *stripe.Subscription
	for _, sub := range s.subscriptions {
		if isIncomplete(sub) {
			v.status = statusPending
			return v
		}
		if latest == nil || sub.Created > latest.Created {
			latest = sub
		}
	}
	switch {
	case latest == nil:
	case latest.Status == stripe.SubscriptionStatusIncompleteExpired:
		v.status = statusFailed
	default:
		v.status = statusCancelled
	}
	return v
}

// failedAt is when the payment failed that made a subscription past due: its invoice is charged soon after it is made.
func failedAt(sub *stripe.Subscription) time.Time {
	if sub.LatestInvoice != nil && sub.LatestInvoice.Created > 0 {
		return time.Unix(sub.LatestInvoice.Created, 0)
	}
	return time.Unix(sub.CurrentPeriodStart, 0)
}

func isOver(sub *stripe.Subscription) bool {
	return sub.Status == stripe.SubscriptionStatusCanceled || sub.Status == stripe.SubscriptionStatusIncompleteExpired
}

func isIncomplete(sub *stripe.Subscription) bool {
	return sub.Status == stripe.SubscriptionStatusIncomplete
}

// planFirst brings what is a plan to the front of a subscription: an administrator may have added something beside it.
func planFirst(sub *stripe.Subscription, tiers map[string]string) {
	if sub.Items == nil {
		return
	}
	slices.SortStableFunc(sub.Items.Data, func(x, y *stripe.SubscriptionItem) int {
		isPlan := func(item *stripe.SubscriptionItem) bool { return item.Price != nil && tiers[item.Price.ID] != "" }
		switch {
		case isPlan(x) == isPlan(y):
			return 0
		case isPlan(x):
			return -1
		}
		return 1
	})
}

// sells reports whether a price is one of a subscription's.
func sells(sub *stripe.Subscription, price string) bool {
	return sub.Items != nil && slices.ContainsFunc(sub.Items.Data, func(item *stripe.SubscriptionItem) bool {
		return item.Price != nil && item.Price.ID == price
	})
}

// item is the plan that a subscription of ours sells, once planFirst has seen it; nil for one that sells nothing.
func item(sub *stripe.Subscription) *stripe.SubscriptionItem {
	if sub.Items == nil || len(sub.Items.Data) == 0 {
		return nil
	}
	return sub.Items.Data[0]
}

// price is what a subscription of ours sells; an empty one, not nil, when it sells nothing.
func price(sub *stripe.Subscription) *stripe.Price {
	if first := item(sub); first != nil && first.Price != nil {
		return first.Price
	}
	return &stripe.Price{}
}

func priceOf(sub *stripe.Subscription) string { return price(sub).ID }
