// Package billing sells the paid tiers through Stripe: customers, Checkout, plan changes, cancellation, webhooks, and what
// keeps our picture of all that true.
//
// Stripe owns the truth. One function, sync, reads a user's subscriptions from there and writes what follows from them:
// the mirror, the user's tier and payment status. Whatever may have changed them (a webhook, an answer to one of our calls,
// the clock) only makes it run. Each write to Stripe is an intent that is committed before it is sent, so that a crash or a
// lost answer leaves a trace to follow. No call is made inside a transaction: all writes to the database share one
// connection.
package billing

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/stripe/stripe-go/v76/client"
	"golang.org/x/time/rate"
)

// Errors that callers tell apart. ErrUnavailable also stands for an answer that was lost: nothing is known to have changed.
var (
	ErrNotConfigured     = errors.New("payments are not set up on this server")
	ErrNoWebhookSecret   = errors.New("no webhook secret is set up on this server")
	ErrUnavailable       = errors.New("the payment service does not answer right now")
	ErrPaymentFailed     = errors.New("the payment failed; your plan is as it was")
	ErrActionRequired    = errors.New("your bank wants to confirm this payment; your plan is as it was")
	ErrAlreadySubscribed = errors.New("you have this plan already")
	ErrPastDue           = errors.New("a payment is overdue: settle it first")
	ErrNoSubscription    = errors.New("there is no paid plan")
	ErrTooManyChanges    = errors.New("too many changes of plan in one day")
	ErrKeyReused         = errors.New("this Idempotency-Key was used for another request")
	ErrUnknownTier       = errors.New("there is no such plan")
	ErrUnknownInvoice    = errors.New("there is no such invoice")
	ErrUnknownSession    = errors.New("there is no such checkout session")
	ErrSignature         = errors.New("the signature does not hold")
	ErrPayload           = errors.New("not an event of Stripe")
	ErrUnknownPrice      = errors.New("no such price at Stripe")
	ErrUnusablePrice     = errors.New("the price is not an active, recurring one")
)

// Config of Billing. Zero values mean the defaults given here.
type Config struct {
	SecretKey      string   // without one every call ends in ErrNotConfigured
	WebhookSecrets []string // without one Webhook ends in ErrNoWebhookSecret
	APIBase        string   // Stripe's
	Transport      http.RoundTripper
	Now            func() time.Time // time.Now
	Grace          time.Duration    // how long a failed renewal leaves the tier; negative: not at all; 7 days
	Timeout        time.Duration    // of one exchange with Stripe; 10 s
	ReadDeadline   time.Duration    // of what only reads; 5 s
	WriteDeadline  time.Duration    // of what changes something; 12 s
	HookDeadline   time.Duration    // of a webhook; 8 s
	Retries        int              // of an exchange that failed on the way; negative: none; 1
	PerSecond      float64          // users that Sweep and Reconcile read in a second; 5

	// SiteURL is where the web app is, without a trailing slash; PocketBase's application URL.
	SiteURL func(app core.App) string
	// Tell is called for each event, in the transaction that writes it down: mails belong there.
	Tell func(txApp core.App, event Event) error
	// Happened is called for each event after its transaction.
	Happened func(event Event)
	// Alert is called when something needs a person; kind is one of the Alert constants.
	Alert func(kind string)
	// Measure is told how each exchange with Stripe ended: ok, refused or unavailable.
	Measure func(operation, result string, took time.Duration)
}

// What needs a person.
const (
	AlertPrice     = "unknown_price"   // no plan has the price of a live subscription
	AlertStatus    = "unknown_status"  // Stripe has a status that we do not know
	AlertDuplicate = "duplicate"       // a second live subscription was cancelled
	AlertRefund    = "refund_due"      // something was paid for nothing
	AlertRefused   = "request_refused" // Stripe says that a request of ours is wrong
	AlertKey       = "key_refused"     // Stripe does not accept our key
	AlertClock     = "clock_skew"      // a webhook with a good signature has a time that is off
)

// Billing talks to Stripe. One process may work on a database: the locks are in its memory.
type Billing struct {
	config  Config
	stripe  *client.API
	live    bool
	locks   *locks
	clock   atomic.Uint64 // orders webhooks and the reads of Stripe that follow them
	synced  sync.Map      // user id -> clock when the last good read of Stripe began
	limiter *rate.Limiter
}

// New returns a Billing, also without a key.
func New(config Config) *Billing {
	if config.Now == nil {
		config.Now = time.Now
	}
	config.Grace = cmp.Or(config.Grace, 7*24*time.Hour)
	config.Timeout = cmp.Or(config.Timeout, 10*time.Second)
	config.ReadDeadline = cmp.Or(config.ReadDeadline, 5*time.Second)
	config.WriteDeadline = cmp.Or(config.WriteDeadline, 12*time.Second)
	config.HookDeadline = cmp.Or(config.HookDeadline, 8*time.Second)
	if config.PerSecond == 0 {
		config.PerSecond = 5
	}
	// An empty secret would let in what anybody signed with an empty key.
	config.WebhookSecrets = slices.DeleteFunc(slices.Clone(config.WebhookSecrets), func(secret string) bool { return secret == "" })
	if config.SiteURL == nil {
		config.SiteURL = func(app core.App) string { return strings.TrimSuffix(app.Settings().Meta.AppURL, "/") }
	}
	if config.Tell == nil {
		config.Tell = func(core.App, Event) error { return nil }
	}
	if config.Happened == nil {
		config.Happened = func(Event) {}
	}
	if config.Alert == nil {
		config.Alert = func(string) {}
	}
	if config.Measure == nil {
		config.Measure = func(string, string, time.Duration) {}
	}
	return &Billing{
		config: config, stripe: newClient(config), locks: newLocks(),
		live:    strings.HasPrefix(config.SecretKey, "sk_live_") || strings.HasPrefix(config.SecretKey, "rk_live_"),
		limiter: rate.NewLimiter(rate.Limit(config.PerSecond), 1),
	}
}

// Configured reports whether there is a key.
func (b *Billing) Configured() bool { return b.config.SecretKey != "" }

// write takes the lock of a user for what changes something. It goes on when the client leaves, to its own deadline: a call
// cut in the middle would leave its outcome unknown.
func (b *Billing) write(ctx context.Context, userID string, work func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), b.config.WriteDeadline)
	defer cancel()
	return b.locked(ctx, userID, work)
}

// locked does the work of one user at a time.
func (b *Billing) locked(ctx context.Context, userID string, work func(ctx context.Context) error) error {
	if !b.Configured() {
		return ErrNotConfigured
	}
	unlock, err := b.locks.take(ctx, userID)
	if err != nil {
		return errors.Join(ErrUnavailable, err)
	}
	defer unlock()
	return work(ctx)
}

func (b *Billing) alert(app core.App, kind, userID string, attrs ...any) {
	app.Logger().Error("billing needs a person", append([]any{"alert", kind, "user", userID}, attrs...)...)
	b.config.Alert(kind)
}
