package config

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

func env(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func TestLoadDefaults(t *testing.T) {
	t.Parallel()
	got, err := Load(env(nil))
	if err != nil {
		t.Fatal(err)
	}
	if want := (Config{SMTP: SMTP{Port: 587}, Stripe: Stripe{Grace: 7 * 24 * time.Hour}, SyncSources: []string{"mountain_project", "eight_a"}}); !reflect.DeepEqual(got, want) {
		t.Errorf("empty environment: got %+v, want %+v", got, want)
	}
}

func TestLoadReadsEveryVariable(t *testing.T) {
	t.Parallel()
	got, err := Load(env(map[string]string{
		"CRAGBASE_URL": "https://climb.example.com/", "CRAGBASE_ORIGINS": "https://a.example.com, http://localhost:5173/",
		"STRIPE_SECRET_KEY": "sk_test_abc", "STRIPE_WEBHOOK_SECRET": "whsec_one, whsec_two", "STRIPE_API_BASE": "http://127.0.0.1:9/",
		"STRIPE_PRICE_BASIC": "price_1", "STRIPE_PRICE_PREMIUM": "price_2",
		"SMTP_HOST": "mail.example.com", "SMTP_PORT": "465", "SMTP_USERNAME": "u", "SMTP_PASSWORD": "p", "SMTP_TLS": "true",
		"MAIL_FROM": "Cragbase <mail@example.com>", "COACH_BASE_URL": "http://127.0.0.1:11434/v1", "COACH_API_KEY": "k", "COACH_MODEL": "m",
		"MOUNTAIN_PROJECT_BASE_URL": "http://127.0.0.1:1", "EIGHT_A_BASE_URL": "http://127.0.0.1:2", "METRICS_ADDR": "127.0.0.1:9090",
		"CRON_HOUSEKEEPING": "0 5 * * 1", "CRON_BILLING_SWEEP": "*/2 * * * *", "CRON_BILLING_RECONCILE": "@daily", "SIGNUPS_PER_HOUR": "50",
		"BILLING_GRACE_DAYS": "14", "SYNC_SOURCES": "eight_a", "CRON_SYNC": "@hourly",
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		URL: "https://climb.example.com", Origins: []string{"https://a.example.com", "http://localhost:5173"},
		Stripe: Stripe{
			SecretKey: "sk_test_abc", WebhookSecrets: []string{"whsec_one", "whsec_two"}, APIBase: "http://127.0.0.1:9/",
			PriceBasic: "price_1", PricePremium: "price_2", Grace: 14 * 24 * time.Hour,
		},
		SMTP:  SMTP{Host: "mail.example.com", Port: 465, Username: "u", Password: "p", TLS: true, From: "Cragbase <mail@example.com>"},
		Coach: Coach{BaseURL: "http://127.0.0.1:11434/v1", APIKey: "k", Model: "m"},

		MountainProjectURL: "http://127.0.0.1:1", EightAURL: "http://127.0.0.1:2", MetricsAddr: "127.0.0.1:9090",
		SyncSources:    []string{"eight_a"},
		Crons:          map[string]string{"housekeeping": "0 5 * * 1", "sync": "@hourly", "billing_sweep": "*/2 * * * *", "billing_reconcile": "@daily"},
		SignUpsPerHour: 50,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"CRAGBASE_URL": "ftp://x", "CRAGBASE_ORIGINS": "https://ok.example.com,*", "STRIPE_SECRET_KEY": "pk_test_secret",
		"STRIPE_WEBHOOK_SECRET": "whsec_a,secret", "STRIPE_API_BASE": "api.stripe.com", "STRIPE_PRICE_BASIC": "9.99", "STRIPE_PRICE_PREMIUM": "prod_1",
		"SMTP_HOST": "mail example", "SMTP_PORT": "70000", "SMTP_TLS": "yes", "MAIL_FROM": "nobody", "COACH_BASE_URL": "localhost",
		"MOUNTAIN_PROJECT_BASE_URL": "http://user@host", "EIGHT_A_BASE_URL": "http://host?q", "METRICS_ADDR": "9090", "CRON_HOUSEKEEPING": "at noon",
		"SIGNUPS_PER_HOUR": "0", "BILLING_GRACE_DAYS": "61", "CRON_BILLING_SWEEP": "*/5", "CRON_BILLING_RECONCILE": "0 0 30 2 *",
		"SYNC_SOURCES": "mountainproject", "CRON_SYNC": "often",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Load(env(map[string]string{name: value}))
			var refused *Error
			if !errors.As(err, &refused) || len(refused.Lines) != 1 {
				t.Fatalf("%s=%s: got %v, want one refused line", name, value, err)
			}
			if line := refused.Lines[0]; !strings.HasPrefix(line, name+"=") || !strings.Contains(line, "it must be") {
				t.Errorf("line %q does not say the name and what is allowed", line)
			}
		})
	}
}

// An operator finds every variable in the README.
func TestReadmeNamesEveryVariable(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range variables() {
		if !strings.Contains(string(readme), "`"+v.name+"`") {
			t.Errorf("the README does not name %s", v.name)
		}
	}
}

// No grace is a choice, and the server runs on schedules alone where no webhook reaches it.
func TestBillingMayDoWithLess(t *testing.T) {
	t.Parallel()
	got, err := Load(env(map[string]string{"STRIPE_SECRET_KEY": "sk_test_1", "BILLING_GRACE_DAYS": "0"}))
	if err != nil || got.Stripe.Grace != 0 || got.Stripe.WebhookSecrets != nil {
		t.Errorf("got %+v, %v", got.Stripe, err)
	}
}

// Profiles are read from the public web or from this machine, and nothing else behind our walls.
func TestSitesOfProfiles(t *testing.T) {
	t.Parallel()
	for base, allowed := range map[string]bool{
		"https://mirror.example.com": true, "https://mirror.example.com/mp": true, "http://127.0.0.1:8080": true, "https://127.0.0.1:8443": true,
		"http://[::1]:8080": true, "http://127.0.0.1": false, "http://mirror.example.com": false, "https://mirror.example.com:8443": false,
		"https://10.0.0.1": false, "http://10.0.0.1:8080": false, "https://8.8.8.8:8443": false, "http://localhost:8080": true,
		"https://LOCALHOST:8443": true, "http://localhost": false, "https://localhost": false, "http://localhost.example.com:8080": false, "http://localhost:port": false,
	} {
		if _, err := Load(env(map[string]string{"EIGHT_A_BASE_URL": base})); (err == nil) != allowed {
			t.Errorf("%q: %v", base, err)
		}
	}
	for value, want := range map[string]int{"": 2, "none": 0, "mountain_project": 1, "mountain_project, eight_a": 2} {
		got, err := Load(env(map[string]string{"SYNC_SOURCES": value}))
		if err != nil || len(got.SyncSources) != want {
			t.Errorf("%q: %v, %v", value, got.SyncSources, err)
		}
	}
}

func TestCronExpressions(t *testing.T) {
	t.Parallel()
	for spec, allowed := range map[string]bool{
		"30 4 * * *": true, "@daily": true, "@every 6h": true, "TZ=UTC": false, "CRON_TZ=X": false, "TZ=Europe/Paris 0 4 * * *": false, "0 0 31 2 *": false, "* * * *": false,
	} {
		if _, err := Load(env(map[string]string{"CRON_HOUSEKEEPING": spec})); (err == nil) != allowed {
			t.Errorf("%q: %v", spec, err)
		}
	}
}

func TestLoadReportsAllAtOnceAndMasksSecrets(t *testing.T) {
	t.Parallel()
	_, err := Load(env(map[string]string{"STRIPE_SECRET_KEY": "hush-hush", "SMTP_PORT": "x", "SMTP_PASSWORD": "p", "COACH_BASE_URL": "http://127.0.0.1:1"}))
	var refused *Error
	if !errors.As(err, &refused) || len(refused.Lines) != 4 {
		t.Fatalf("got %v, want four lines", err)
	}
	if strings.Contains(err.Error(), "hush-hush") {
		t.Errorf("a secret was printed: %v", err)
	}
}

func TestPlansHaveDifferentPrices(t *testing.T) {
	t.Parallel()
	_, err := Load(env(map[string]string{"STRIPE_PRICE_BASIC": "price_1", "STRIPE_PRICE_PREMIUM": "price_1"}))
	if err == nil || !strings.HasPrefix(err.Error(), "STRIPE_PRICE_PREMIUM is the same") {
		t.Errorf("got %v", err)
	}
}

func TestLiveKeys(t *testing.T) {
	t.Parallel()
	for key, live := range map[string]bool{"sk_live_1": true, "rk_live_1": true, "sk_test_1": false, "": false} {
		if got := (Stripe{SecretKey: key}).Live(); got != live {
			t.Errorf("Live(%q) = %v, want %v", key, got, live)
		}
	}
}
