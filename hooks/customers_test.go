package hooks_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/jobs"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// quietStripe knows every customer, nobody of whom has subscribed to anything. It notes what it is asked.
type quietStripe struct {
	mu    sync.Mutex
	asked []string // method, path and body
}

func (q *quietStripe) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body strings.Builder
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	if r.Method != http.MethodGet && r.ParseForm() == nil {
		body.WriteString(" " + r.PostForm.Encode())
	}
	q.mu.Lock()
	q.asked = append(q.asked, r.Method+" "+r.URL.Path+body.String())
	q.mu.Unlock()
	if strings.HasPrefix(r.URL.Path, "/v1/customers/") {
		_ = json.NewEncoder(w).Encode(map[string]any{"id": strings.TrimPrefix(r.URL.Path, "/v1/customers/"), "object": "customer", "deleted": r.Method == http.MethodDelete})
		return
	}
	fmt.Fprint(w, `{"object": "list", "data": [], "has_more": false}`)
}

// wasAsked lists the requests of a method.
func (q *quietStripe) wasAsked(method string) []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	var found []string
	for _, request := range q.asked {
		if strings.HasPrefix(request, method+" ") {
			found = append(found, request)
		}
	}
	slices.Sort(found)
	return found
}

// withCustomer is an app whose owner is the customer cus_now at a Stripe that says little, and was cus_then.
func withCustomer(t *testing.T) (*pbtest.App, *quietStripe) {
	t.Helper()
	stripe := &quietStripe{}
	server := httptest.NewServer(stripe)
	t.Cleanup(server.Close)
	app := pbtest.New(t, func(deps *hooks.Deps) {
		deps.Billing = billing.Config{SecretKey: "sk_test_quiet", APIBase: server.URL, Retries: -1}
	})
	for collection, values := range map[string]map[string]any{
		billing.CustomerCollection:     {"customer": "cus_now", "generation": 2},
		billing.SubscriptionCollection: {"customer": "cus_then", "stripe_id": "sub_then", "status": "canceled"},
	} {
		found, err := app.FindCollectionByNameOrId(collection)
		if err != nil {
			t.Fatal(err)
		}
		record := core.NewRecord(found)
		record.Load(values)
		record.Set("user", pbtest.OwnerID)
		if err := app.Save(record); err != nil {
			t.Fatal(err)
		}
	}
	return app, stripe
}

// intents lists the kinds of what is recorded for the owner.
func intents(t *testing.T, app core.App) []string {
	t.Helper()
	var kinds []string
	if err := app.DB().Select("kind").From(billing.IntentCollection).Where(dbx.HashExp{"user": pbtest.OwnerID}).OrderBy("created").Column(&kinds); err != nil {
		t.Fatal(err)
	}
	return kinds
}

// waitForKind returns when every job of a kind is done, and how many there are.
func waitForKind(t *testing.T, app *pbtest.App, kind string) int {
	t.Helper()
	var ids []string
	if err := app.DB().Select("id").From(jobs.Collection).Where(dbx.HashExp{"kind": kind}).Column(&ids); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		waitFor(t, app, id, jobs.Done)
	}
	return len(ids)
}

// Whoever may not act any more is not charged any more, whoever saw to that.
func TestLeavingEndsThePlan(t *testing.T) {
	t.Parallel()
	for _, leave := range []struct {
		rule string
		act  func(*testing.T, *pbtest.App)
	}{
		{"deactivated by the user", func(t *testing.T, app *pbtest.App) {
			if answer := app.Do(t, pbtest.Owner, "POST", "/v1/users/me/deactivate", map[string]string{"password": pbtest.Password}); answer.Status != http.StatusOK {
				t.Fatal(answer.Body)
			}
		}},
		{"to be erased", func(t *testing.T, app *pbtest.App) {
			if answer := app.Do(t, pbtest.Owner, "DELETE", "/v1/users/me", map[string]string{"password": pbtest.Password}); answer.Status != http.StatusAccepted {
				t.Fatal(answer.Body)
			}
		}},
		{"deactivated in the dashboard", func(t *testing.T, app *pbtest.App) { changeUser(t, app, "is_active", false) }},
		{"banned", func(t *testing.T, app *pbtest.App) { changeUser(t, app, "banned_at", "2026-01-01 00:00:00.000Z") }},
	} {
		t.Run(leave.rule, func(t *testing.T) {
			t.Parallel()
			app, _ := withCustomer(t)
			leave.act(t, app)
			if got := intents(t, app); !slices.Equal(got, []string{"end"}) {
				t.Fatalf("recorded %v", got)
			}
			if count := waitForKind(t, app, "billing"); count != 1 {
				t.Fatalf("%d jobs", count)
			}
			intent, err := app.FindFirstRecordByData(billing.IntentCollection, "kind", "end")
			if err != nil || intent.GetString("state") != "done" {
				t.Errorf("the end is %s (%v)", intent.GetString("state"), err)
			}
		})
	}
}

// Without a change there is nothing to carry over, and without a customer nobody to carry it to.
func TestNothingToCarryOver(t *testing.T) {
	t.Parallel()
	app, stripe := withCustomer(t)
	changeUser(t, app, "username", "olga2")
	failed := errors.New("failed")
	err := app.RunInTransaction(func(txApp core.App) error {
		user, err := txApp.FindRecordById("users", pbtest.OwnerID)
		if err != nil {
			return err
		}
		user.Set("is_active", false)
		return errors.Join(txApp.Save(user), failed)
	})
	if !errors.Is(err, failed) {
		t.Fatal(err)
	}
	if answer := app.Do(t, pbtest.Stranger, "POST", "/v1/users/me/deactivate", map[string]string{"password": pbtest.Password}); answer.Status != http.StatusOK {
		t.Fatal(answer.Body)
	}
	if count, err := app.CountRecords(billing.IntentCollection); err != nil || count != 0 {
		t.Errorf("%d intents (%v)", count, err)
	}
	if count := waitForKind(t, app, "billing"); count != 0 || len(stripe.wasAsked("POST")) != 0 {
		t.Errorf("%d jobs, %v", count, stripe.wasAsked("POST"))
	}
}

// Stripe writes its invoices to the address that the user has.
func TestNewAddressGoesToStripe(t *testing.T) {
	t.Parallel()
	app, stripe := withCustomer(t)
	changeUser(t, app, "email", "olga.new@example.com")
	if count := waitForKind(t, app, "billing"); count != 1 {
		t.Fatalf("%d jobs", count)
	}
	if got := stripe.wasAsked("POST"); !slices.Equal(got, []string{"POST /v1/customers/cus_now email=olga.new%40example.com"}) {
		t.Errorf("Stripe was asked %v", got)
	}
}

// Stripe forgets whom we erase, by jobs that hold nothing but its own ids, and nothing of them is left here.
func TestErasureDeletesTheCustomer(t *testing.T) {
	t.Parallel()
	app, stripe := withCustomer(t)
	at := time.Now().Add(-time.Second).Truncate(time.Millisecond)
	var erasure string
	err := app.RunInTransaction(func(txApp core.App) error {
		user, err := txApp.FindRecordById("users", pbtest.OwnerID)
		if err != nil {
			return err
		}
		user.Load(map[string]any{account.FieldIsActive: false, account.FieldEraseAt: at})
		if err := txApp.Save(user); err != nil {
			return err
		}
		erasure, err = hooks.EnqueueErasure(txApp, pbtest.OwnerID, at)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, app, erasure, jobs.Done)
	if count := waitForKind(t, app, "stripe_delete_customer"); count != 2 {
		t.Errorf("%d jobs, want one for each customer", count)
	}
	if got := stripe.wasAsked("DELETE"); !slices.Equal(got, []string{"DELETE /v1/customers/cus_now ", "DELETE /v1/customers/cus_then "}) {
		t.Errorf("Stripe was asked %v", got)
	}
	var payloads []string
	if err := app.DB().Select("payload").From(jobs.Collection).Where(dbx.HashExp{"kind": "stripe_delete_customer"}).OrderBy("payload").Column(&payloads); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(payloads, []string{`{"customer":"cus_now"}`, `{"customer":"cus_then"}`}) {
		t.Errorf("the jobs hold %v", payloads)
	}
	for _, left := range append(grepFiles(t, app, pbtest.OwnerID), grepFiles(t, app, pbtest.OwnerEmail)...) {
		t.Error(left)
	}
}

// A user who is deleted in the dashboard is not charged for ever either.
func TestDeletionInTheDashboardDeletesTheCustomer(t *testing.T) {
	t.Parallel()
	app, stripe := withCustomer(t)
	if answer := app.Do(t, pbtest.Superuser, "DELETE", "/api/collections/users/records/"+pbtest.OwnerID, nil); answer.Status != http.StatusNoContent {
		t.Fatalf("status %d: %s", answer.Status, answer.Body)
	}
	if count := waitForKind(t, app, "stripe_delete_customer"); count != 2 || len(stripe.wasAsked("DELETE")) != 2 {
		t.Errorf("%d jobs, %v", count, stripe.wasAsked("DELETE"))
	}
}

// An erasure that is due does not wait for a Stripe that is down; the customer's deletion does.
func TestErasureWithoutStripe(t *testing.T) {
	t.Parallel()
	port := pbtest.HoldPort(t)
	stripe := &quietStripe{}
	app := pbtest.New(t, func(deps *hooks.Deps) {
		deps.Billing = billing.Config{SecretKey: "sk_test_down", APIBase: fmt.Sprintf("http://127.0.0.1:%d", port.Number), Retries: -1}
	})
	found, err := app.FindCollectionByNameOrId(billing.CustomerCollection)
	if err != nil {
		t.Fatal(err)
	}
	customer := core.NewRecord(found)
	customer.Load(map[string]any{"user": pbtest.OwnerID, "customer": "cus_now", "generation": 1})
	if err := app.Save(customer); err != nil {
		t.Fatal(err)
	}
	changeUser(t, app, account.FieldEraseAt, time.Now().Add(-time.Minute).UTC().Format("2006-01-02 15:04:05.000Z"))
	erasure, err := hooks.EnqueueErasure(app, pbtest.OwnerID, time.Now().Add(-time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, app, erasure, jobs.Done)
	if _, err := app.FindRecordById("users", pbtest.OwnerID); err == nil {
		t.Error("the user is still there")
	}
	server := httptest.NewUnstartedServer(stripe)
	server.Listener.Close()
	server.Listener = port.Listen(t)
	server.Start()
	defer server.Close()
	if count := waitForKind(t, app, "stripe_delete_customer"); count != 1 || len(stripe.wasAsked("DELETE")) != 1 {
		t.Errorf("%d jobs, %v", count, stripe.wasAsked("DELETE"))
	}
}
