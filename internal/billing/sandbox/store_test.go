package sandbox_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"github.com/cragbase/cragbase/internal/billing/sandbox"
)

func clientOf(s *sandbox.Sandbox) *http.Client {
	return &http.Client{Transport: sandbox.Transport(s.API())}
}

// What was, is after a restart: objects, time, keys, events, and what falls due.
func TestRestart(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "stripe.json")
	kept := func(c *sandbox.Config) { c.File = file }
	first := newWorld(t, kept)
	c, sub := first.subscriber(basic)
	first.SetCard(c.ID, sandbox.CardDeclines)
	first.Advance(month)
	other, err := first.api.Customers.New(keyed("k1", "ben@example.com"))
	if err != nil {
		t.Fatal(err)
	}
	open := first.checkout(other.ID, basic)
	first.Close()

	second := newWorld(t, kept)
	if !second.Now().Equal(begin.Add(month)) || second.subscription(sub.ID).Status != "past_due" || len(second.Events()) != len(first.Events()) {
		t.Errorf("%v, %s", second.Now(), second.subscription(sub.ID).Status)
	}
	if again, err := second.api.Customers.New(keyed("k1", "ben@example.com")); err != nil || again.ID != other.ID {
		t.Errorf("%v, %v", again, err)
	}
	second.SetCard(c.ID, sandbox.CardPays)
	second.Advance(3 * 24 * time.Hour)
	if second.subscription(sub.ID).Status != "active" || second.charged(c.ID) != 1000 {
		t.Errorf("%s, charged %d", second.subscription(sub.ID).Status, second.charged(c.ID))
	}
	if got := second.Sessions(other.ID)[0]; got.ID != open.ID || got.Status != stripe.CheckoutSessionStatusExpired {
		t.Errorf("%+v", got)
	}
	if made := second.customer(); made.ID == other.ID || made.ID == c.ID {
		t.Error("an id is used twice")
	}
}

func TestBrokenFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "stripe.json")
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sandbox.New(sandbox.Config{SecretKey: secretKey, File: file}); err == nil {
		t.Error("it is taken")
	}
}

// Two sandboxes share no id, unless they are told to.
func TestIDs(t *testing.T) {
	t.Parallel()
	if a, b := newWorld(t).customer().ID, newWorld(t).customer().ID; a == b {
		t.Error("the same id twice")
	}
	same := func(c *sandbox.Config) { c.Prefix = "1test" }
	if a, b := newWorld(t, same).customer().ID, newWorld(t, same).customer().ID; a != b {
		t.Errorf("%s and %s", a, b)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	for _, c := range []sandbox.Config{
		{}, {SecretKey: secretKey, WebhookURL: "http://cragbase.test"}, {SecretKey: secretKey, Dunning: "forgive"},
	} {
		if s, err := sandbox.New(c); err == nil {
			s.Close()
			t.Errorf("%+v is taken", c)
		}
	}
}
