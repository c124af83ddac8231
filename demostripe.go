package main

import (
	"context"
	"crypto/rand"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/billing/sandbox"
	"github.com/cragbase/cragbase/internal/demo"
	"github.com/cragbase/cragbase/internal/plan"
)

// demoStripe is the Stripe of a demo: a sandbox in this process, reached without a port, that keeps its state in the data
// folder and sends its webhooks to our own handler. Only its pages are served, because a browser has to get there.
type demoStripe struct {
	*sandbox.Sandbox
	config billing.Config

	mu      sync.RWMutex // read-locked while a webhook is handled
	handler http.Handler // nil before the server is built and after it has ended: webhooks come again; guarded by mu
}

// demoKey is no secret: nobody but the sandbox takes it.
const demoKey = "sk_test_demo"

// newDemoStripe opens the sandbox of an app's data folder, until the app ends.
func newDemoStripe(app core.App, grace time.Duration) (*demoStripe, error) {
	stripe := &demoStripe{}
	secret := "whsec_" + rand.Text()
	var err error
	stripe.Sandbox, err = sandbox.New(sandbox.Config{
		SecretKey: demoKey, WebhookSecret: secret, WebhookURL: "http://cragbase.invalid/v1/stripe/webhook",
		Client: &http.Client{Transport: sandbox.Transport(http.HandlerFunc(stripe.deliver))},
		File:   filepath.Join(app.DataDir(), "sandbox.json"),
	})
	if err != nil {
		return nil, err
	}
	stripe.SetBaseURL(func() string { return strings.TrimSuffix(app.Settings().Meta.AppURL, "/") + hooks.SandboxPath })
	stripe.config = billing.Config{
		SecretKey: demoKey, WebhookSecrets: []string{secret}, Transport: sandbox.Transport(stripe.API()),
		APIBase: "http://stripe.invalid", // where a call would go that missed the sandbox
		Grace:   grace,
	}
	app.OnTerminate().BindFunc(func(e *core.TerminateEvent) error {
		stripe.Close()
		stripe.deliverTo(nil) // the database stays open for a webhook that is being handled
		return e.Next()
	})
	return stripe, nil
}

// deliver hands a webhook to the server once there is one.
func (d *demoStripe) deliver(w http.ResponseWriter, r *http.Request) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.handler == nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	d.handler.ServeHTTP(w, r)
}

// deliverTo says who takes the webhooks from now on, once those on their way are handled.
func (d *demoStripe) deliverTo(handler http.Handler) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.handler = handler
}

// sell puts the plans on sale at what they cost, and has the climbers who pay for one do so.
func (d *demoStripe) sell(app core.App) error {
	plans, err := plan.List(app)
	if err != nil {
		return err
	}
	prices := map[string]string{}
	for _, p := range plans {
		if p.Price.Amount == 0 {
			continue
		}
		prices[p.Tier] = "price_demo_" + p.Tier
		d.AddPrice(sandbox.Price{
			ID: prices[p.Tier], Product: "prod_demo_" + p.Tier, Nickname: p.Name,
			Currency: p.Price.Currency, Interval: p.Price.Interval, Amount: int64(p.Price.Amount),
		})
	}
	if err := plan.SetStripePrices(app, prices); err != nil {
		return err
	}
	// The server's own one is not to be had from here, and nobody else is at work yet.
	seller := billing.New(d.config)
	return demo.Subscribe(app, func(userID, tier string) error {
		outcome, err := seller.Subscribe(context.Background(), app, userID, tier, "")
		if err != nil {
			return err
		}
		if outcome.Checkout != nil {
			if err := d.Pay(outcome.Checkout.SessionID, sandbox.CardPays); err != nil {
				return err
			}
		}
		return seller.Settle(context.Background(), app, userID)
	})
}
