package billing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/internal/plan"
)

// Subscription is what a user has. Amounts are in the currency's smallest unit.
type Subscription struct {
	Tier          string
	PaymentStatus string
	ID            string    // at Stripe; "": none counts
	Status        string    // Stripe's word for it, or for the last one that counted; "": there was none
	PeriodEnd     time.Time // zero: none
	CancelAtEnd   bool
	NextAmount    *int64 // of the next invoice; nil: none is coming
	Currency      string
	GraceUntil    time.Time // zero: no payment is overdue
	FromStripe    bool      // read from Stripe just now
	Stale         bool      // Stripe did not answer; this is what we knew at FetchedAt
	FetchedAt     time.Time
}

// Subscription reads a user's subscription from Stripe and brings what we have in line with it. When Stripe does not
// answer within five seconds it is what we knew. Whoever never had a customer costs no call.
func (b *Billing) Subscription(ctx context.Context, app core.App, userID string) (Subscription, error) {
	if !b.Configured() {
		return Subscription{}, ErrNotConfigured
	}
	row, err := customerOf(app, userID)
	if err != nil {
		return Subscription{}, err
	}
	if row == nil {
		return b.known(app, userID)
	}
	var result Subscription
	ctx, cancel := context.WithTimeout(ctx, b.config.ReadDeadline)
	defer cancel()
	err = b.locked(ctx, userID, func(ctx context.Context) error {
		result, err = b.fresh(ctx, app, userID)
		return err
	})
	if !errors.Is(err, ErrUnavailable) {
		return result, err
	}
	app.Logger().Warn("answered with what is known of a subscription", "user", userID, "error", err)
	result, err = b.known(app, userID)
	result.Stale = true
	return result, err
}

// Resync is Subscription for an administrator: what is undone is done first, and no answer of Stripe is an error.
func (b *Billing) Resync(ctx context.Context, app core.App, userID string) (Subscription, error) {
	if err := b.Settle(ctx, app, userID); err != nil {
		return Subscription{}, err
	}
	return b.Subscription(ctx, app, userID)
}

// fresh reads Stripe. The caller has the user's lock.
func (b *Billing) fresh(ctx context.Context, app core.App, userID string) (Subscription, error) {
	found, err := b.sync(ctx, app, userID)
	if err != nil {
		return Subscription{}, err
	}
	result, err := b.known(app, userID)
	if err != nil || found.customer == "" {
		return result, err
	}
	result.FromStripe, result.FetchedAt = true, b.config.Now()
	if current := found.verdict.current; current != nil {
		result.Currency = string(price(current).Currency)
		amount, err := b.nextAmount(ctx, current)
		if err != nil { // the rest is fresh all the same; the amount is the plan's
			app.Logger().Warn("no preview of the next invoice", "user", userID, "error", err)
			return result, nil
		}
		result.NextAmount = amount
	}
	return result, nil
}

// nextAmount is what the next invoice of a subscription will come to; nil when none is coming.
func (b *Billing) nextAmount(ctx context.Context, sub *stripe.Subscription) (*int64, error) {
	if sub.CancelAtPeriodEnd {
		return nil, nil
	}
	invoice, err := b.upcoming(&stripe.InvoiceUpcomingParams{Params: params(ctx, ""), Subscription: stripe.String(sub.ID)})
	if err != nil || invoice == nil {
		return nil, err
	}
	return &invoice.AmountDue, nil
}

// upcoming is the invoice that would be made; nil when none would.
func (b *Billing) upcoming(request *stripe.InvoiceUpcomingParams) (*stripe.Invoice, error) {
	var invoice *stripe.Invoice
	err := b.call("preview invoice", func() (err error) {
		invoice, err = b.stripe.Invoices.Upcoming(request)
		return err
	})
	if errors.Is(err, errNoUpcoming) || errors.Is(err, errMissing) {
		return nil, nil
	}
	return invoice, err
}

// known is what we have written down.
func (b *Billing) known(app core.App, userID string) (Subscription, error) {
	user, err := app.FindRecordById(usersCollection, userID)
	if err != nil {
		return Subscription{}, fmt.Errorf("find user: %w", err)
	}
	result := Subscription{Tier: user.GetString(fieldTier), PaymentStatus: user.GetString(fieldPaymentStatus), FetchedAt: b.config.Now()}
	row, err := customerOf(app, userID)
	if err != nil || row == nil {
		return result, err
	}
	result.FetchedAt = row.GetDateTime("synced_at").Time()
	result.GraceUntil = row.GetDateTime("grace_until").Time()
	mirror, err := mirrorOf(app, userID)
	if err != nil {
		return result, err
	}
	current := mirror[row.GetString("subscription")]
	if current == nil {
		result.Status = latestStatus(mirror)
		return result, nil
	}
	result.ID, result.Status = current.GetString("stripe_id"), current.GetString("status")
	result.PeriodEnd, result.CancelAtEnd = current.GetDateTime("period_end").Time(), current.GetBool("cancel_at_period_end")
	if wanted, err := plan.Of(app, current.GetString("tier")); err == nil && current.GetString("tier") != "" {
		result.Currency = wanted.Price.Currency
		if amount := int64(wanted.Price.Amount); !result.CancelAtEnd {
			result.NextAmount = &amount
		}
	}
	return result, nil
}

// latestStatus is the status of the subscription that was made last, "" when there was none.
func latestStatus(mirror map[string]*core.Record) string {
	var latest *core.Record
	for _, record := range mirror {
		if latest == nil || record.GetDateTime("started_at").After(latest.GetDateTime("started_at")) {
			latest = record
		}
	}
	if latest == nil {
		return ""
	}
	return latest.GetString("status")
}

// Invoice is one of Stripe's, as its customer may see it.
type Invoice struct {
	ID, Number string
	Date       time.Time
	Amount     int64 // total, in the smallest unit; negative: a credit
	Currency   string
	Status     string // draft, open, paid, uncollectible or void
	HostedURL  string
	PDFURL     string
}

// InvoicePage is a part of a customer's invoices, newest first.
type InvoicePage struct {
	Items []Invoice
	Next  string // what to ask for after; "": this was the last page
}

// MaxInvoices bounds a page.
const MaxInvoices = 100

// Invoices lists a user's invoices after one with a given id, or from the newest.
func (b *Billing) Invoices(ctx context.Context, app core.App, userID string, limit int, after string) (InvoicePage, error) {
	if !b.Configured() {
		return InvoicePage{}, ErrNotConfigured
	}
	page := InvoicePage{Items: []Invoice{}}
	row, err := customerOf(app, userID)
	if err != nil || row == nil || row.GetString("customer") == "" {
		return page, err
	}
	ctx, cancel := context.WithTimeout(ctx, b.config.ReadDeadline)
	defer cancel()
	err = b.call("list invoices", func() error {
		page.Items = page.Items[:0]
		request := &stripe.InvoiceListParams{
			ListParams: stripe.ListParams{Context: ctx, Limit: stripe.Int64(int64(limit)), Single: true}, Customer: stripe.String(row.GetString("customer")),
		}
		if after != "" {
			request.StartingAfter = stripe.String(after)
		}
		list := b.stripe.Invoices.List(request)
		for list.Next() {
			page.Items = append(page.Items, invoiceOf(list.Invoice()))
		}
		if list.Meta() != nil && list.Meta().HasMore && len(page.Items) > 0 {
			page.Next = page.Items[len(page.Items)-1].ID
		}
		return list.Err()
	})
	switch {
	case errors.Is(err, errCustomerGone):
		return InvoicePage{Items: []Invoice{}}, nil
	case errors.Is(err, errMissing):
		return InvoicePage{}, ErrUnknownInvoice
	}
	return page, err
}

func invoiceOf(invoice *stripe.Invoice) Invoice {
	return Invoice{
		ID: invoice.ID, Number: invoice.Number, Date: at(invoice.Created), Amount: invoice.Total, Currency: string(invoice.Currency),
		Status: string(invoice.Status), HostedURL: invoice.HostedInvoiceURL, PDFURL: invoice.InvoicePDF,
	}
}

// Actions of a Preview: what Subscribe would do.
const (
	ActionCheckout = "checkout"
	ActionChange   = "change"
	ActionCancel   = "cancel"
	ActionNone     = "none"
)

// Preview is what going to a tier costs now. Amounts are in the smallest unit.
type Preview struct {
	Action     string
	AmountDue  *int64 // nil: nothing can be said
	Credit     int64  // what is left over for later invoices
	Currency   string
	At         time.Time // the moment that it was reckoned for
	NextAmount *int64    // of the regular invoice after it; nil: none
	NextDate   time.Time
	Lines      []PreviewLine
}

// PreviewLine is one line of the invoice.
type PreviewLine struct {
	Description string
	Amount      int64
}

// Preview reckons what Subscribe to a tier would cost now. ErrUnknownTier, ErrPastDue, ErrUnavailable.
func (b *Billing) Preview(ctx context.Context, app core.App, userID, tier string) (Preview, error) {
	wanted, err := plan.Of(app, tier)
	if err != nil {
		return Preview{}, fmt.Errorf("%w: %w", ErrUnknownTier, err)
	}
	ctx, cancel := context.WithTimeout(ctx, b.config.ReadDeadline)
	defer cancel()
	var result Preview
	err = b.locked(ctx, userID, func(ctx context.Context) error {
		found, err := b.sync(ctx, app, userID)
		if err != nil {
			return err
		}
		result, err = b.preview(ctx, app, found, wanted)
		return err
	})
	return result, err
}

func (b *Billing) preview(ctx context.Context, app core.App, found synced, wanted plan.Plan) (Preview, error) {
	amount := int64(wanted.Price.Amount)
	result := Preview{Action: ActionNone, Currency: wanted.Price.Currency, At: b.config.Now(), Lines: []PreviewLine{}}
	current := found.verdict.current
	switch {
	case current == nil && wanted.Tier == tierFree:
		return result, nil
	case current == nil:
		result.Action, result.AmountDue, result.NextAmount = ActionCheckout, &amount, &amount
		result.Lines = append(result.Lines, PreviewLine{Description: wanted.Name, Amount: amount})
		return result, nil
	case wanted.Tier == tierFree:
		result.Action, result.AmountDue = ActionCancel, new(int64)
		return result, nil
	case current.Status != stripe.SubscriptionStatusActive && current.Status != stripe.SubscriptionStatusTrialing:
		return Preview{}, b.withPortal(ctx, app, found.customer, ErrPastDue)
	case found.tiers[priceOf(current)] == wanted.Tier:
		return result, nil
	}
	result.Action, result.NextAmount, result.NextDate = ActionChange, &amount, at(current.CurrentPeriodEnd)
	return b.previewChange(ctx, app, current, wanted, result)
}

func (b *Billing) previewChange(ctx context.Context, app core.App, current *stripe.Subscription, wanted plan.Plan, result Preview) (Preview, error) {
	target, err := plan.PriceOf(app, wanted.Tier)
	if err != nil {
		return Preview{}, err
	}
	first := item(current)
	if target == "" || first == nil {
		return Preview{}, ErrNotConfigured
	}
	invoice, err := b.upcoming(&stripe.InvoiceUpcomingParams{
		Params: params(ctx, ""), Subscription: stripe.String(current.ID),
		SubscriptionItems:             []*stripe.SubscriptionItemsParams{{ID: stripe.String(first.ID), Price: stripe.String(target)}},
		SubscriptionProrationBehavior: stripe.String("always_invoice"), SubscriptionProrationDate: stripe.Int64(result.At.Unix()),
		SubscriptionCancelAtPeriodEnd: cancelsAtEnd(current),
	})
	if err != nil || invoice == nil {
		return result, err
	}
	result.Currency, result.AmountDue, result.Credit = string(invoice.Currency), &invoice.AmountDue, max(0, -invoice.Total)
	if invoice.Lines != nil {
		for _, line := range invoice.Lines.Data {
			result.Lines = append(result.Lines, PreviewLine{Description: line.Description, Amount: line.Amount})
		}
	}
	return result, nil
}

// cancelsAtEnd takes a planned cancellation back in the preview, as the change will.
func cancelsAtEnd(current *stripe.Subscription) *bool {
	if !current.CancelAtPeriodEnd {
		return nil
	}
	return stripe.Bool(false)
}

// CheckPrice asks Stripe for a price that an administrator gave to a plan: ErrUnknownPrice, ErrUnusablePrice,
// ErrUnavailable.
func (b *Billing) CheckPrice(ctx context.Context, id string) error {
	if !b.Configured() {
		return ErrNotConfigured
	}
	ctx, cancel := context.WithTimeout(ctx, b.config.ReadDeadline)
	defer cancel()
	var found *stripe.Price
	err := b.call("get price", func() (err error) {
		found, err = b.stripe.Prices.Get(id, &stripe.PriceParams{Params: params(ctx, "")})
		return err
	})
	switch {
	case errors.Is(err, errMissing):
		return ErrUnknownPrice
	case err != nil:
		return err
	case !found.Active || found.Type != stripe.PriceTypeRecurring:
		return ErrUnusablePrice
	}
	return nil
}
