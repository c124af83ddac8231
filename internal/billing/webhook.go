package billing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/webhook"
)

// Results of Webhook, for metrics.
const (
	WebhookDone      = "done"
	WebhookDuplicate = "duplicate" // was done before
	WebhookIgnored   = "ignored"   // about nobody and nothing of ours
	WebhookRefused   = "refused"   // not signed by Stripe
	WebhookFailed    = "failed"    // to come again
)

// EventTypes are the types of events that the webhook endpoint should be sent: each that can change what a user gets.
// Stripe's list of events takes at most 20, and no wildcards.
func EventTypes() []string {
	return []string{
		"checkout.session.completed", "checkout.session.expired", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed",
		"customer.deleted", "customer.subscription.created", "customer.subscription.updated", "customer.subscription.deleted",
		"customer.subscription.paused", "customer.subscription.resumed", "customer.subscription.pending_update_applied",
		"customer.subscription.pending_update_expired", "invoice.paid", "invoice.payment_failed", "invoice.payment_action_required",
		"invoice.voided", "invoice.marked_uncollectible",
	}
}

// States of an event.
const (
	eventReceived = "received"
	eventDone     = "done"
	eventIgnored  = "ignored"
)

// tolerance is how far the time of a signature may be off, as in Stripe's own libraries, and in both directions.
const tolerance = 300 * time.Second

// notification is what we read of an event: ids. What they are about is fetched, as events come late, twice and in any
// order, and in the shape of whatever API version the endpoint has.
type notification struct {
	ID       string `json:"id"`
	Type     string `json:"type"`
	Created  int64  `json:"created"`
	Livemode bool   `json:"livemode"`
	Version  string `json:"api_version"`
	Data     struct {
		Object struct {
			ID       string          `json:"id"`
			Object   string          `json:"object"`
			Customer json.RawMessage `json:"customer"` // an id, or an object
		} `json:"object"`
	} `json:"data"`
}

// customer is whom the event is about, "" when it does not say.
func (n notification) customer() string {
	if n.Data.Object.Object == "customer" {
		return n.Data.Object.ID
	}
	var id string
	if json.Unmarshal(n.Data.Object.Customer, &id) == nil {
		return id
	}
	var object struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(n.Data.Object.Customer, &object) // nobody, then
	return object.ID
}

// Delivery is what became of a webhook.
type Delivery struct {
	Type   string // of the event; "": not signed, or not an event
	Result string // one of the Webhook constants
}

// Webhook takes an event of Stripe: the bytes of the body as they came, and the header Stripe-Signature. It makes sure
// that the event is known before it does anything, and done only when its work is. ErrNoWebhookSecret, ErrSignature,
// ErrPayload; any other error asks Stripe to send it again.
func (b *Billing) Webhook(ctx context.Context, app core.App, payload []byte, signature string) (Delivery, error) {
	if err := b.verify(app, payload, signature); err != nil {
		return Delivery{Result: WebhookRefused}, err
	}
	var n notification
	if err := json.Unmarshal(payload, &n); err != nil || n.ID == "" || n.Type == "" {
		return Delivery{Result: WebhookRefused}, fmt.Errorf("%w: it has no id and type", ErrPayload)
	}
	if n.Livemode != b.live {
		app.Logger().Warn("an event of Stripe's other mode was ignored", "event", n.ID, "livemode", n.Livemode)
		return Delivery{n.Type, WebhookIgnored}, nil
	}
	if n.Version != "" && n.Version != stripe.APIVersion {
		app.Logger().Warn("the webhook endpoint has another API version than we ask for; only ids are read", "event", n.ID, "version", n.Version)
	}
	result, err := b.notified(ctx, app, n)
	return Delivery{n.Type, result}, err
}

// verify holds that one of our secrets signed the payload within the tolerance.
func (b *Billing) verify(app core.App, payload []byte, signature string) error {
	if !b.Configured() {
		return ErrNotConfigured
	}
	if len(b.config.WebhookSecrets) == 0 {
		return ErrNoWebhookSecret
	}
	for _, secret := range b.config.WebhookSecrets {
		if webhook.ValidatePayloadIgnoringTolerance(payload, signature, secret) != nil {
			continue
		}
		if skew := b.config.Now().Sub(signedAt(signature)); skew.Abs() > tolerance {
			b.config.Alert(AlertClock)
			app.Logger().Error("a webhook has a good signature and a wrong time: is the clock of this server right?", "skew", skew.Round(time.Second).String())
			return fmt.Errorf("%w: its time is off by more than %s", ErrSignature, tolerance)
		}
		return nil
	}
	return ErrSignature
}

// signedAt is the time in a header that stripe-go could read. Of several it is the last, the one that stripe-go takes for
// signed: with another one, an old event could be given a new time.
func signedAt(signature string) time.Time {
	var signed time.Time
	for pair := range strings.SplitSeq(signature, ",") {
		if text, ok := strings.CutPrefix(pair, "t="); ok {
			unix, _ := strconv.ParseInt(text, 10, 64)
			signed = time.Unix(unix, 0)
		}
	}
	return signed
}

// notified does what an event asks for: to look.
func (b *Billing) notified(ctx context.Context, app core.App, n notification) (string, error) {
	arrived := b.clock.Add(1)
	row, err := receive(app, n)
	if err != nil {
		return WebhookFailed, err
	}
	switch row.GetString("state") {
	case eventDone:
		return WebhookDuplicate, nil
	case eventIgnored:
		return WebhookIgnored, nil
	}
	userID, err := UserOf(app, n.customer())
	if err != nil {
		return WebhookFailed, err
	}
	if userID == "" {
		return WebhookIgnored, closeEvent(app, row, eventIgnored)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), b.config.HookDeadline)
	defer cancel()
	err = b.locked(ctx, userID, func(ctx context.Context) error {
		if b.covered(userID, arrived) { // somebody has looked while we waited
			return nil
		}
		if err := b.checkSessions(ctx, app, userID); err != nil {
			return err
		}
		_, err := b.sync(ctx, app, userID)
		return err
	})
	if err != nil {
		return WebhookFailed, errors.Join(err, failEvent(app, row, err))
	}
	return WebhookDone, closeEvent(app, row, eventDone)
}

// receive writes an event down, or finds it. Two deliveries at once are told apart by the index.
func receive(app core.App, n notification) (*core.Record, error) {
	known := dbx.HashExp{"event": cut(n.ID, 100)}
	row, err := first(app, EventCollection, known)
	if err != nil || row != nil {
		return row, err
	}
	if row, err = newRecord(app, EventCollection); err != nil {
		return nil, err
	}
	row.Load(map[string]any{
		"event": cut(n.ID, 100), "type": cut(n.Type, 100), "object": cut(n.Data.Object.ID, 255), "customer": cut(n.customer(), 100),
		"created_at": at(n.Created), "state": eventReceived,
	})
	if saveErr := save(app, row); saveErr != nil {
		if row, err = first(app, EventCollection, known); err != nil || row == nil {
			return nil, errors.Join(saveErr, err)
		}
	}
	return row, nil
}

func cut(text string, most int) string {
	text = strings.ToValidUTF8(text, "")
	return text[:min(len(text), most)]
}

func closeEvent(app core.App, row *core.Record, state string) error {
	row.Load(map[string]any{"state": state, "error": "", "attempts": row.GetInt("attempts") + 1})
	return save(app, row)
}

func failEvent(app core.App, row *core.Record, cause error) error {
	row.Load(map[string]any{"error": cut(cause.Error(), 300), "attempts": row.GetInt("attempts") + 1})
	return save(app, row)
}

// DeleteEvents deletes the events that were closed before a time. Stripe sends none again after a month.
func DeleteEvents(app core.App, before time.Time) (int64, error) {
	return deleteOld(app, EventCollection, dbx.HashExp{"state": []any{eventDone, eventIgnored}}, before)
}

// DeleteIntents deletes the intents that were settled before a time.
func DeleteIntents(app core.App, before time.Time) (int64, error) {
	return deleteOld(app, IntentCollection, dbx.HashExp{"state": []any{stateDone, stateFailed}}, before)
}

func deleteOld(app core.App, collection string, closed dbx.HashExp, before time.Time) (int64, error) {
	result, err := app.NonconcurrentDB().Delete(collection, dbx.And(closed, dbx.NewExp("[[updated]] < {:before}", dbx.Params{"before": stamp(before)}))).Execute()
	if err != nil {
		return 0, fmt.Errorf("delete from %s: %w", collection, err)
	}
	return result.RowsAffected()
}
