package hooks

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	validation "github.com/go-ozzo/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/billing"
)

// webhookPath is where Stripe sends its events.
const webhookPath = "/v1/stripe/webhook"

// stripeBurst and stripePerHour are how often a user may make us call Stripe, which allows all of us 100 calls a second.
const (
	stripeBurst   = 120
	stripePerHour = 60 * 60
)

// askStripe lets in who requireUser does, as often as Stripe can be asked for them.
func (s *server) askStripe(e *core.RequestEvent) error {
	if e.Auth != nil && !e.Auth.IsSuperuser() {
		if wait, ok := s.stripe.Take(e.Auth.Id, s.Now()); !ok {
			return tooMany("Too many requests about your plan. Please try again in a moment.", wait)
		}
	}
	return requireUser(e)
}

// getSubscription: GET /v1/users/me/subscription
func (s *server) getSubscription(e *core.RequestEvent) error {
	subscription, err := s.billing.Subscription(e.Request.Context(), e.App, e.Auth.Id)
	if err != nil {
		return err
	}
	return respondNow(e, http.StatusOK, subscriptionOf(subscription))
}

// subscribe: POST /v1/users/me/subscribe
func (s *server) subscribe(e *core.RequestEvent) error {
	var request subscribeRequest
	if err := bindJSON(e, &request, nil); err != nil {
		return err
	}
	key := e.Request.Header.Get("Idempotency-Key")
	if err := errors.Join(checkTier("desired_tier", request.DesiredTier), checkKey(key)); err != nil {
		return err
	}
	outcome, err := s.billing.Subscribe(e.Request.Context(), e.App, e.Auth.Id, request.DesiredTier, key)
	if err != nil {
		return err
	}
	if outcome.Checkout != nil {
		return respondNow(e, http.StatusCreated, checkoutResponse{
			Action: "checkout", CheckoutURL: outcome.Checkout.URL, SessionID: outcome.Checkout.SessionID, ExpiresAt: timeOf(outcome.Checkout.ExpiresAt),
		})
	}
	if request.DesiredTier == "free" {
		s.metrics.cancellations.WithLabelValues("now").Inc()
		return respondNow(e, http.StatusOK, subscriptionOf(*outcome.Subscription))
	}
	return respondNow(e, http.StatusOK, changedResponse{Action: "changed", Subscription: subscriptionOf(*outcome.Subscription)})
}

// cancelSubscription: POST /v1/users/me/cancel-subscription
func (s *server) cancelSubscription(e *core.RequestEvent) error {
	var request cancelRequest
	if err := bindOptionalJSON(e, &request); err != nil {
		return err
	}
	subscription, err := s.billing.Cancel(e.Request.Context(), e.App, e.Auth.Id, request.AtPeriodEnd)
	if err != nil {
		return err
	}
	s.metrics.cancellations.WithLabelValues(map[bool]string{true: "period_end", false: "now"}[subscription.CancelAtEnd]).Inc()
	return respondNow(e, http.StatusOK, subscriptionOf(subscription))
}

// resumeSubscription: POST /v1/users/me/resume-subscription
func (s *server) resumeSubscription(e *core.RequestEvent) error {
	if err := bindOptionalJSON(e, &struct{}{}); err != nil {
		return err
	}
	subscription, err := s.billing.Resume(e.Request.Context(), e.App, e.Auth.Id)
	if err != nil {
		return err
	}
	return respondNow(e, http.StatusOK, subscriptionOf(subscription))
}

// openPortal: POST /v1/users/me/billing-portal
func (s *server) openPortal(e *core.RequestEvent) error {
	if err := bindOptionalJSON(e, &struct{}{}); err != nil {
		return err
	}
	address, err := s.billing.Portal(e.Request.Context(), e.App, e.Auth.Id)
	if err != nil {
		return err
	}
	return respondNow(e, http.StatusCreated, map[string]string{"url": address})
}

// getInvoices: GET /v1/users/me/invoices
func (s *server) getInvoices(e *core.RequestEvent) error {
	query := e.Request.URL.Query()
	limit, err := strconv.Atoi(cmp.Or(query.Get("limit"), "20"))
	if err != nil || limit < 1 || limit > billing.MaxInvoices {
		return validation.Errors{"limit": validation.NewError("validation_out_of_range", "Must be a whole number from 1 to "+strconv.Itoa(billing.MaxInvoices)+".")}
	}
	page, err := s.billing.Invoices(e.Request.Context(), e.App, e.Auth.Id, limit, query.Get("after"))
	if errors.Is(err, billing.ErrUnknownInvoice) {
		return validation.Errors{"after": validation.NewError("validation_unknown", "There is no such invoice.")}
	}
	if err != nil {
		return err
	}
	return respondNow(e, http.StatusOK, invoicesOf(page))
}

// getPreview: GET /v1/users/me/subscription/preview
func (s *server) getPreview(e *core.RequestEvent) error {
	tier := e.Request.URL.Query().Get("tier")
	if err := checkTier("tier", tier); err != nil {
		return err
	}
	preview, err := s.billing.Preview(e.Request.Context(), e.App, e.Auth.Id, tier)
	if err != nil {
		return err
	}
	return respondNow(e, http.StatusOK, previewOf(tier, preview))
}

// returning guards the way back from Checkout. A browser that follows Stripe's link carries no token: the web app has it,
// and calls again.
func (s *server) returning(e *core.RequestEvent) error {
	if e.Auth == nil && strings.Contains(e.Request.Header.Get("Accept"), "text/html") {
		session := url.Values{"session_id": {e.Request.URL.Query().Get("session_id")}}
		return e.Redirect(http.StatusSeeOther, "/billing?"+session.Encode())
	}
	return s.askStripe(e)
}

// returnFromCheckout: GET /v1/billing/return
func (s *server) returnFromCheckout(e *core.RequestEvent) error {
	if err := s.billing.Return(e.Request.Context(), e.App, e.Auth.Id, e.Request.URL.Query().Get("session_id")); err != nil {
		return err
	}
	e.Response.Header().Set("Cache-Control", "no-store")
	return e.Redirect(http.StatusSeeOther, "/billing?checkout=success")
}

// postWebhook: POST /v1/stripe/webhook. The signature is over the bytes as they came.
func (s *server) postWebhook(e *core.RequestEvent) error {
	payload, err := io.ReadAll(e.Request.Body)
	if err != nil {
		return err
	}
	delivery, err := s.billing.Webhook(e.Request.Context(), e.App, payload, e.Request.Header.Get("Stripe-Signature"))
	s.metrics.webhooks.WithLabelValues(cmp.Or(delivery.Type, "none"), delivery.Result).Inc()
	if err != nil {
		return err
	}
	return respondNow(e, http.StatusOK, map[string]any{"received": true, "result": delivery.Result})
}

// syncBilling: POST /v1/admin/users/{id}/billing-sync
func (s *server) syncBilling(e *core.RequestEvent) error {
	user, err := e.App.FindRecordById(account.Collection, e.Request.PathValue("id"))
	if err != nil {
		return errNotFound
	}
	subscription, err := s.billing.Resync(e.Request.Context(), e.App, user.Id)
	if err != nil {
		return err
	}
	return respondNow(e, http.StatusOK, subscriptionOf(subscription))
}

// billingData is what an error of billing tells its user to go on with.
func billingData(err error) map[string]any {
	data := map[string]any{}
	var portal *billing.PortalError
	if errors.As(err, &portal) && portal.URL != "" {
		data["portal_url"] = portal.URL
	}
	if code := billing.DeclineCode(err); code != "" {
		data["decline_code"] = code
	}
	return data
}

func checkTier(field, tier string) error {
	switch tier {
	case "free", "basic", "premium":
		return nil
	case "":
		return validation.Errors{field: validation.NewError("validation_required", "Say which plan: free, basic or premium.")}
	}
	return validation.Errors{field: validation.NewError("validation_not_in", "Must be free, basic or premium.")}
}

// checkKey holds what a key may be: it is kept, and compared.
func checkKey(key string) error {
	for _, letter := range key {
		if letter < ' ' || letter > '~' {
			return validation.Errors{"Idempotency-Key": validation.NewError("validation_invalid_format", "Must be printable ASCII.")}
		}
	}
	if len(key) > 255 {
		return validation.Errors{"Idempotency-Key": validation.NewError("validation_length_too_long", "Must be at most 255 characters.")}
	}
	return nil
}

type subscribeRequest struct {
	DesiredTier string `json:"desired_tier"`
}

type cancelRequest struct {
	AtPeriodEnd bool `json:"at_period_end"`
}

type checkoutResponse struct {
	Action      string  `json:"action"` // checkout
	CheckoutURL string  `json:"checkout_url"`
	SessionID   string  `json:"session_id"`
	ExpiresAt   *string `json:"expires_at"`
}

type changedResponse struct {
	Action       string               `json:"action"` // changed
	Subscription subscriptionResponse `json:"subscription"`
}

type subscriptionResponse struct {
	Tier                 string         `json:"tier"`
	PaymentStatus        string         `json:"payment_status"`
	StripeSubscriptionID *string        `json:"stripe_subscription_id"`
	RenewalDate          *string        `json:"renewal_date"`        // when the paid period ends
	NextBillingDate      *string        `json:"next_billing_date"`   // null: it will not be renewed
	NextBillingAmount    *int64         `json:"next_billing_amount"` // in the smallest unit
	Currency             *string        `json:"currency"`
	CancelAtPeriodEnd    bool           `json:"cancel_at_period_end"`
	StripeStatus         *string        `json:"stripe_status"`
	PendingChange        *pendingChange `json:"pending_change"`
	GraceUntil           *string        `json:"grace_until"` // how long an overdue payment leaves the tier
	Source               string         `json:"source"`      // stripe, or local: nothing to ask Stripe, or no answer
	Stale                bool           `json:"stale"`       // Stripe did not answer
	FetchedAt            *string        `json:"fetched_at"`
}

// pendingChange is what will happen at the end of the paid period.
type pendingChange struct {
	Tier string  `json:"tier"`
	At   *string `json:"at"`
}

func subscriptionOf(subscription billing.Subscription) subscriptionResponse {
	response := subscriptionResponse{
		Tier: subscription.Tier, PaymentStatus: subscription.PaymentStatus, StripeSubscriptionID: textOrNull(subscription.ID),
		RenewalDate: timeOf(subscription.PeriodEnd), NextBillingAmount: subscription.NextAmount, Currency: textOrNull(subscription.Currency),
		CancelAtPeriodEnd: subscription.CancelAtEnd, StripeStatus: textOrNull(subscription.Status), GraceUntil: timeOf(subscription.GraceUntil),
		Source: "local", Stale: subscription.Stale, FetchedAt: timeOf(subscription.FetchedAt),
	}
	if subscription.FromStripe {
		response.Source = "stripe"
	}
	if subscription.CancelAtEnd {
		response.PendingChange = &pendingChange{Tier: "free", At: timeOf(subscription.PeriodEnd)}
	} else {
		response.NextBillingDate = timeOf(subscription.PeriodEnd)
	}
	return response
}

type invoicesResponse struct {
	Items   []invoiceResponse `json:"items"` // newest first
	HasMore bool              `json:"has_more"`
	Next    *string           `json:"next"` // for ?after=
}

type invoiceResponse struct {
	ID        string  `json:"id"`
	Number    *string `json:"number"`
	Date      *string `json:"date"`
	Amount    int64   `json:"amount"` // in the smallest unit; negative: a credit
	Currency  string  `json:"currency"`
	Status    *string `json:"status"`
	HostedURL *string `json:"hosted_url"`
	PDFURL    *string `json:"pdf_url"`
}

func invoicesOf(page billing.InvoicePage) invoicesResponse {
	response := invoicesResponse{Items: make([]invoiceResponse, len(page.Items)), HasMore: page.Next != "", Next: textOrNull(page.Next)}
	for n, invoice := range page.Items {
		response.Items[n] = invoiceResponse{
			ID: invoice.ID, Number: textOrNull(invoice.Number), Date: timeOf(invoice.Date), Amount: invoice.Amount, Currency: invoice.Currency,
			Status: textOrNull(invoice.Status), HostedURL: textOrNull(invoice.HostedURL), PDFURL: textOrNull(invoice.PDFURL),
		}
	}
	return response
}

type previewResponse struct {
	Tier              string        `json:"tier"`
	Action            string        `json:"action"`     // checkout, change, cancel or none
	AmountDue         *int64        `json:"amount_due"` // now, in the smallest unit; null: nothing can be said
	Credit            int64         `json:"credit"`     // left over for later invoices
	Currency          string        `json:"currency"`
	ProrationDate     *string       `json:"proration_date"`
	NextBillingAmount *int64        `json:"next_billing_amount"`
	NextBillingDate   *string       `json:"next_billing_date"`
	Lines             []previewLine `json:"lines"`
}

type previewLine struct {
	Description string `json:"description"`
	Amount      int64  `json:"amount"`
}

func previewOf(tier string, preview billing.Preview) previewResponse {
	response := previewResponse{
		Tier: tier, Action: preview.Action, AmountDue: preview.AmountDue, Credit: preview.Credit, Currency: preview.Currency,
		ProrationDate: timeOf(preview.At), NextBillingAmount: preview.NextAmount, NextBillingDate: timeOf(preview.NextDate), Lines: []previewLine{},
	}
	for _, line := range preview.Lines {
		response.Lines = append(response.Lines, previewLine(line))
	}
	return response
}

// textOrNull is null for no text.
func textOrNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// timeOf is a time as the contract writes it; null for none.
func timeOf(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	return textOrNull(t.UTC().Format(account.TimeFormat))
}
