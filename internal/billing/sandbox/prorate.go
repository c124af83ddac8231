package sandbox

import (
	"math/big"
	"slices"
	"time"
)

// prorate returns the credits for the unused rest of what an order had, and the charges for the rest of what it has now. Stripe counts seconds.
func (s *Sandbox) prorate(sub *subscription, before, after []orderItem, at int64) []line {
	var lines []line
	for _, old := range before {
		if !slices.ContainsFunc(after, old.same) {
			lines = append(lines, s.prorated(sub, old, at, -1))
		}
	}
	for _, item := range after {
		if !slices.ContainsFunc(before, item.same) {
			lines = append(lines, s.prorated(sub, item, at, 1))
		}
	}
	return lines
}

func (i orderItem) same(other orderItem) bool {
	return i.ID == other.ID && i.Price == other.Price && i.Quantity == other.Quantity
}

func (s *Sandbox) prorated(sub *subscription, item orderItem, at, sign int64) line {
	p, _ := s.state.Prices.get(item.Price)
	text := "Remaining time on "
	if sign < 0 {
		text = "Unused time on "
	}
	return line{
		ID: s.newID("il"), Description: text + p.name() + " after " + time.Unix(at, 0).UTC().Format("02 Jan 2006"), Price: p.ID, Item: item.ID,
		Amount:   sign * share(p.Amount*item.Quantity, sub.PeriodEnd-at, sub.PeriodEnd-sub.PeriodStart),
		Quantity: item.Quantity, PeriodStart: at, PeriodEnd: sub.PeriodEnd, Proration: true,
	}
}

// share returns amount * part / whole, rounded half up; the product may not fit into 64 bits.
func share(amount, part, whole int64) int64 {
	doubled := new(big.Int).Mul(big.NewInt(2*amount), big.NewInt(part))
	doubled.Add(doubled, big.NewInt(whole))
	return doubled.Div(doubled, big.NewInt(2*whole)).Int64()
}

// fullLines are the charges for a whole period.
func (s *Sandbox) fullLines(items []orderItem, start, end int64, trial bool) []line {
	var lines []line
	for _, item := range items {
		p, _ := s.state.Prices.get(item.Price)
		l := line{
			ID: s.newID("il"), Description: p.name(), Price: p.ID, Item: item.ID, Amount: p.Amount * item.Quantity, Quantity: item.Quantity,
			PeriodStart: start, PeriodEnd: end,
		}
		if trial {
			l.Description, l.Amount = "Free trial of "+p.name(), 0
		}
		lines = append(lines, l)
	}
	return lines
}

// after returns the end of the n-th billing cycle from an anchor. The day of the month stays, or is the month's last where there is none.
func after(anchor int64, interval string, n int) int64 {
	t := time.Unix(anchor, 0).UTC()
	switch interval {
	case "day":
		return t.AddDate(0, 0, n).Unix()
	case "week":
		return t.AddDate(0, 0, 7*n).Unix()
	}
	months := n
	if interval == "year" {
		months = 12 * n
	}
	first := time.Date(t.Year(), t.Month()+time.Month(months), 1, t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1).Unix()
}

// cycleEnd returns the end of the cycle that begins at start.
func cycleEnd(anchor int64, interval string, start int64) int64 {
	n := 1
	for after(anchor, interval, n) <= start {
		n++
	}
	return after(anchor, interval, n)
}
