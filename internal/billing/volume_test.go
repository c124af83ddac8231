package billing_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/billing/sandbox"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// What TestVolume sends.
const (
	volumeWebhooks   = 10_000 / slowdown
	volumeCustomers  = 500 / slowdown
	volumeDuplicates = volumeWebhooks * 20 / 100
	volumeForged     = volumeWebhooks * 2 / 100
	volumeDropped    = volumeWebhooks * 5 / 100 // come on top: they do not arrive
	volumeWindow     = 50                       // how far events are reordered
	volumeWorkers    = 8                        // webhooks at once
)

// Ten thousand webhooks while subscriptions change all the time, late, in a wrong order, twice, lost and forged: no tier is
// wrong after the sweep, and nothing forged is taken.
func TestVolume(t *testing.T) {
	t.Parallel()
	w, config := newPlainWorld(t)
	v := &volume{w: w, t: t, random: rand.New(rand.NewPCG(1, rand.Uint64()))}
	v.open(volumeCustomers)
	begin := time.Now()
	var running sync.WaitGroup
	for range volumeWorkers {
		running.Go(v.work)
	}
	running.Wait()
	took := time.Since(begin)
	for _, id := range v.window {
		w.stripe.Drop(id)
	}
	wrong := v.wrongTiers()
	sweepBegin := time.Now()
	if _, err := billing.New(config).Sweep(t.Context(), w); err != nil {
		t.Error(err)
	}
	t.Logf("%d webhooks of %d customers (%d duplicates, %d forged; %d dropped besides), reordered by up to %d, %d at once: %.0f events/s",
		v.sent, volumeCustomers, v.duplicates, v.forged, v.dropped, volumeWindow, volumeWorkers, float64(v.sent)/took.Seconds())
	t.Logf("%d wrong tiers before the sweep, %d after it (%v); %d forged accepted", wrong, v.wrongTiers(), time.Since(sweepBegin).Round(time.Millisecond), v.acceptedForged())
	if v.sent != volumeWebhooks || v.duplicates != volumeDuplicates || v.forged != volumeForged || v.dropped < volumeDropped {
		t.Errorf("%d sent, %d duplicates, %d forged, %d dropped", v.sent, v.duplicates, v.forged, v.dropped)
	}
	if wrong := v.wrongTiers(); wrong != 0 {
		t.Errorf("%d wrong tiers after the sweep", wrong)
	}
	if accepted := v.acceptedForged(); accepted != 0 {
		t.Errorf("%d forged events were taken", accepted)
	}
	for _, userID := range v.users {
		w.wantInvariants(t, userID)
	}
}

// newPlainWorld is a world that nobody watches: its calls cost what they cost, and its mails are written and not sent. Its
// configuration is that of another process, which sweeps.
func newPlainWorld(t *testing.T) (*world, billing.Config) {
	t.Helper()
	w := &world{}
	receiver := http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) { w.App.Handler.ServeHTTP(response, request) })
	w.stripe = newStripe(t, func(c *sandbox.Config) { c.Check = nil }, receiver)
	config := billing.Config{
		SecretKey: secretKey, WebhookSecrets: []string{webhookSecret}, Transport: sandbox.Transport(w.stripe.API()), Retries: -1, PerSecond: 1e6,
		Now: w.stripe.Now,
	}
	w.App = pbtest.New(t, func(deps *hooks.Deps) { deps.Now, deps.Billing, deps.MailKept = w.stripe.Now, config, true })
	sellPlans(t, w)
	return w, config
}

// volume is what the workers of TestVolume share.
type volume struct {
	w *world
	t *testing.T

	mu         sync.Mutex
	random     *rand.Rand
	users      []string
	customers  []string
	window     []string // events that are under way
	delivered  []string
	sent       int
	duplicates int
	forged     int
	dropped    int
}

// open makes users who are customers.
func (v *volume) open(n int) {
	api := v.w.dashboard()
	for range n {
		userID := v.w.newUser(v.t)
		customer, err := api.Customers.New(&stripe.CustomerParams{Metadata: map[string]string{"user_id": userID}})
		if err != nil {
			v.t.Fatal(err)
		}
		addCustomer(v.t, v.w, userID, customer.ID)
		v.users, v.customers = append(v.users, userID), append(v.customers, customer.ID)
	}
	forEachPending(v.w, v.w.stripe.MarkDelivered)
}

// work sends webhooks until all are sent.
func (v *volume) work() {
	for {
		send := v.next()
		if send == nil {
			return
		}
		send()
	}
}

// next draws what arrives next: a forged event, one that was delivered before, or any of the window.
func (v *volume) next() func() {
	v.mu.Lock()
	defer v.mu.Unlock()
	left := volumeWebhooks - v.sent
	if left == 0 {
		return nil
	}
	v.sent++
	switch draw := v.random.IntN(left); {
	case draw < volumeForged-v.forged:
		v.forged++
		return v.forge(v.forged)
	case draw < volumeForged-v.forged+volumeDuplicates-v.duplicates && len(v.delivered) > 0:
		v.duplicates++
		return v.deliver(v.delivered[v.random.IntN(len(v.delivered))])
	}
	for len(v.window) < volumeWindow {
		v.change()
	}
	at := v.random.IntN(volumeWindow)
	id := v.window[at]
	v.window = slices.Delete(v.window, at, at+1)
	v.delivered = append(v.delivered, id)
	return v.deliver(id)
}

func (v *volume) deliver(id string) func() {
	return func() {
		if status, err := v.w.stripe.Deliver(id); err != nil || status != http.StatusOK {
			v.t.Errorf("status %d, %v", status, err)
		}
	}
}

// forge says that a subscription has ended, or begun, with a signature that does not hold.
func (v *volume) forge(n int) func() {
	kind := []string{"customer.subscription.deleted", "customer.subscription.created"}[n%2]
	payload := eventAbout(fmt.Sprintf("evt_forged%d", n), kind, v.customers[v.random.IntN(len(v.customers))], nil)
	now := v.w.stripe.Now()
	header := []string{signed("whsec_guessed", payload, now), signed(webhookSecret, payload+" ", now), signed(webhookSecret, payload, now.Add(-time.Hour)), ""}[n%4]
	return func() {
		if answer := v.w.post(v.t, payload, header); answer.Status != http.StatusBadRequest {
			v.t.Errorf("forged: status %d: %s", answer.Status, answer.Body)
		}
	}
}

// change lets some of the customers do something at Stripe, and puts the events of it into the window but for one in
// twenty.
func (v *volume) change() {
	for range 20 {
		v.changeOne(v.customers[v.random.IntN(len(v.customers))])
	}
	for _, event := range v.w.stripe.Pending() {
		switch {
		case !slices.Contains(billing.EventTypes(), event.Type): // the endpoint is not sent those
			v.w.stripe.MarkDelivered(event.ID)
		case slices.Contains(v.window, event.ID) || slices.Contains(v.delivered, event.ID): // it is under way
		case (len(v.delivered)+len(v.window)+v.dropped)%15 == 14: // of those that arrive, a part are duplicates and forged
			v.dropped++
			v.w.stripe.Drop(event.ID)
		default:
			v.window = append(v.window, event.ID)
		}
	}
}

func (v *volume) changeOne(customer string) {
	live := v.w.stripe.Live(customer)
	price := []string{priceBasic, pricePremium}[v.random.IntN(2)]
	switch draw := v.random.IntN(20); {
	case len(live) == 0 || draw == 0: // the second one will be cancelled
		v.w.stripe.Subscribe(customer, price)
	case draw < 8:
		v.w.move(v.t, live[0].ID, price)
	case draw < 14:
		ignore(v.w.stripe.CancelSubscription(live[0].ID))
	default:
		_, err := v.w.dashboard().Subscriptions.Update(live[0].ID, &stripe.SubscriptionParams{CancelAtPeriodEnd: stripe.Bool(!live[0].CancelAtPeriodEnd)})
		ignore(err)
	}
}

// wrongTiers counts the users whose tier is not what Stripe says.
func (v *volume) wrongTiers() int {
	wrong := 0
	for n, userID := range v.users {
		want := "free"
		if live := v.w.stripe.Live(v.customers[n]); len(live) > 0 {
			want = map[string]string{priceBasic: "basic", pricePremium: "premium"}[live[0].Items.Data[0].Price.ID]
		}
		if v.w.tierOf(v.t, userID) != want {
			wrong++
		}
	}
	return wrong
}

func (v *volume) acceptedForged() int64 {
	count, err := v.w.CountRecords(billing.EventCollection, dbx.NewExp("event LIKE 'evt_forged%'"))
	if err != nil {
		v.t.Fatal(err)
	}
	return count
}
