package blackbox

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/cragbase/cragbase/internal/billing/sandbox"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// bin is where the binary is, as long as the tests run.
var bin string

func TestMain(m *testing.M) {
	var err error
	if bin, err = os.MkdirTemp("", "cragbase-blackbox-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(bin)
	os.Exit(code)
}

// build makes the binary, once for all tests.
var build = sync.OnceValues(func() (string, error) {
	path := filepath.Join(bin, "cragbase")
	command := exec.Command("go", "build", "-o", path, "github.com/cragbase/cragbase")
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, output)
	}
	return path, nil
})

const (
	adminEmail    = "admin@example.com"
	adminPassword = "belay-lantern-quarry-77"
	publicURL     = "https://climb.example.com" // of the proxy that speaks TLS
)

// target is the server under attack.
type target struct {
	binary, dir, address string
	process              *exec.Cmd
	output               *log
	stripe               *sandbox.Sandbox
	admin                string // a token
	lastHost             int    // of the loopback addresses given out
	lastName             int    // of the users made
}

// log is what the process prints.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// newTarget serves a new data folder and adds an administrator. Mails stay in the outbox: their server is down. Plans are
// sold at a sandbox of Stripe in the process of the test.
func newTarget(t *testing.T) *target {
	t.Helper()
	binary, err := build()
	if err != nil {
		t.Fatal(err)
	}
	s := &target{binary: binary, dir: t.TempDir(), address: pbtest.FreeAddress(t), output: &log{}}
	t.Setenv("CRAGBASE_URL", publicURL)
	t.Setenv("SMTP_HOST", "127.0.0.1")
	t.Setenv("SMTP_PORT", strconv.Itoa(pbtest.HoldPort(t).Number))
	t.Setenv("MAIL_FROM", "Cragbase <mail@example.com>")
	s.stripe = newStripe(t, s.address)
	s.start(t)
	t.Cleanup(func() { s.process.Process.Kill(); s.process.Wait() })
	upsert := exec.Command(binary, "superuser", "upsert", adminEmail, adminPassword, "--dir", s.dir)
	if output, err := upsert.CombinedOutput(); err != nil {
		t.Fatalf("superuser: %v: %s", err, output)
	}
	login := s.client(t).post("/api/collections/_superusers/auth-with-password", "", fields{"identity": adminEmail, "password": adminPassword})
	if s.admin, _ = login.json()["token"].(string); s.admin == "" {
		t.Fatalf("the administrator's login: %v", login)
	}
	return s
}

// newStripe is a Stripe that the server at an address sells its plans at.
func newStripe(t *testing.T, address string) *sandbox.Sandbox {
	t.Helper()
	const key, secret = "sk_test_blackbox", "whsec_blackbox"
	stripe, err := sandbox.New(sandbox.Config{SecretKey: key, WebhookSecret: secret, WebhookURL: "http://" + address + "/v1/stripe/webhook", BaseURL: "https://pay.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stripe.Close)
	api := httptest.NewServer(stripe.API())
	t.Cleanup(api.Close)
	for variable, value := range map[string]string{
		"STRIPE_SECRET_KEY": key, "STRIPE_WEBHOOK_SECRET": secret, "STRIPE_API_BASE": api.URL, "STRIPE_PRICE_BASIC": "price_basic", "STRIPE_PRICE_PREMIUM": "price_premium",
	} {
		t.Setenv(variable, value)
	}
	stripe.AddPrice(sandbox.Price{ID: "price_basic", Nickname: "Basic", Amount: 999})
	stripe.AddPrice(sandbox.Price{ID: "price_premium", Nickname: "Premium", Amount: 2999})
	return stripe
}

// start serves and waits until the server answers.
func (s *target) start(t *testing.T) {
	t.Helper()
	s.process = exec.Command(s.binary, "serve", "--http", s.address, "--dir", s.dir)
	s.process.Env = append(os.Environ(), "SYNC_SOURCES=none") // no test touches other people's sites
	s.process.Stdout, s.process.Stderr = s.output, s.output
	if err := s.process.Start(); err != nil {
		t.Fatal(err)
	}
	deadline := time.After(30 * time.Second)
	for {
		if response, err := http.Get("http://" + s.address + "/v1/health"); err == nil {
			response.Body.Close()
			return
		}
		select {
		case <-time.Tick(5 * time.Millisecond):
		case <-deadline:
			s.process.Process.Kill()
			t.Fatalf("no answer within 30 s:\n%s", s.output)
		}
	}
}

// restart ends the server in order and starts it on the same folder and address.
func (s *target) restart(t *testing.T) {
	t.Helper()
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := s.process.Wait(); err != nil {
		t.Errorf("exit: %v", err)
	}
	s.start(t)
}
