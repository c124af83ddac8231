// Package config reads Cragbase's environment into one validated value. Only main imports it.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	validation "github.com/go-ozzo/ozzo-validation/v4"
	"github.com/robfig/cron/v3"
)

// Config is the whole configuration of a process. Without any variable everything optional is off, and what PocketBase
// keeps in its settings is left as the dashboard has it.
type Config struct {
	// URL is the public base URL (CRAGBASE_URL), without a trailing slash; empty leaves PocketBase's application URL.
	URL string
	// Origins are the other web origins that browsers may call the API from (CRAGBASE_ORIGINS); empty: only our own.
	Origins []string
	Stripe  Stripe
	SMTP    SMTP
	Coach   Coach
	// MountainProjectURL and EightAURL are the sites that profiles are read from; empty: the real ones.
	MountainProjectURL, EightAURL string
	// SyncSources are the logbooks whose profiles are read (SYNC_SOURCES); all of them, and "none" is none.
	SyncSources []string
	// Crons are other cron expressions for the schedules, by name (CRON_BILLING_SWEEP: billing_sweep).
	Crons map[string]string
	// MetricsAddr is the host:port that Prometheus metrics are served on; empty: nowhere.
	MetricsAddr string
	// SignUpsPerHour is how many accounts one network may open in an hour; 0: the built-in number.
	SignUpsPerHour int
}

// Stripe configures billing; without SecretKey the billing routes answer 503.
type Stripe struct {
	SecretKey string
	// WebhookSecrets are the signing secrets that a webhook may be signed with, more than one while a secret is rolled.
	// Without any, webhooks are answered with 503 and the schedules keep up with Stripe.
	WebhookSecrets []string
	// APIBase replaces Stripe's API address; empty: Stripe's.
	APIBase string
	// PriceBasic and PricePremium are written into the plans at start when set.
	PriceBasic, PricePremium string
	// Grace is how long a tier stays after a payment failed (BILLING_GRACE_DAYS); 7 days, and 0 is none.
	Grace time.Duration
}

// defaultGrace leaves a week to read the mail that tells of a failed payment, and to pay.
const defaultGrace = 7 * day

const day = 24 * time.Hour

// Live reports whether the key moves real money.
func (s Stripe) Live() bool {
	return strings.HasPrefix(s.SecretKey, "sk_live_") || strings.HasPrefix(s.SecretKey, "rk_live_")
}

// SMTP replaces PocketBase's mail settings at start when Host is set.
type SMTP struct {
	Host               string
	Port               int // default 587
	Username, Password string
	TLS                bool   // true: TLS from the first byte; false: STARTTLS when the server offers it
	From               string // sender address, "Name <a@b>" or "a@b"; also used without Host
}

// Coach is an OpenAI-compatible chat-completions endpoint. Without BaseURL there is the coach that computes its answers, when
// Offline is set, and none otherwise.
type Coach struct {
	BaseURL, APIKey, Model string
	Offline                bool
	NoTools                bool // the model knows no tools
	UserDailyTokens        int  // 0: the coach's default
	DailyTokens            int  // of all users; 0: the coach's default
}

// variable is one line of the configuration: how it is read, what it may be, and whether its value may be printed.
type variable struct {
	name    string
	allowed string
	secret  bool
	rule    validation.Rule
	set     func(*Config, string)
}

// variables is the whole environment of Cragbase.
func variables() []variable {
	httpURL := validation.By(checkHTTPURL)
	return append(crons(), []variable{
		{"CRAGBASE_URL", "an http or https URL without path, such as https://climb.example.com", false, validation.By(checkOrigin), func(c *Config, v string) { c.URL = strings.TrimSuffix(v, "/") }},
		{"CRAGBASE_ORIGINS", "web origins separated by commas, such as https://app.example.com,https://beta.example.com", false, validation.By(checkEach(checkOrigin)), func(c *Config, v string) { c.Origins = split(v) }},
		{"STRIPE_SECRET_KEY", "a secret or restricted key: sk_test_..., sk_live_..., rk_test_... or rk_live_...", true, match(`^(sk|rk)_(test|live)_\w+$`), func(c *Config, v string) { c.Stripe.SecretKey = v }},
		{"STRIPE_WEBHOOK_SECRET", "one or more signing secrets whsec_..., separated by commas", true, match(`^whsec_[^,\s]+(\s*,\s*whsec_[^,\s]+)*$`), func(c *Config, v string) { c.Stripe.WebhookSecrets = split(v) }},
		{"STRIPE_API_BASE", "an http or https URL", false, httpURL, func(c *Config, v string) { c.Stripe.APIBase = v }},
		{"STRIPE_PRICE_BASIC", "a price id: price_...", false, match(`^price_\w+$`), func(c *Config, v string) { c.Stripe.PriceBasic = v }},
		{"STRIPE_PRICE_PREMIUM", "a price id: price_...", false, match(`^price_\w+$`), func(c *Config, v string) { c.Stripe.PricePremium = v }},
		{"BILLING_GRACE_DAYS", "a number from 0 to 60", false, validation.By(checkNumber(0, 60)), func(c *Config, v string) { c.Stripe.Grace = days(v) }},
		{"SMTP_HOST", "a host name or address without port", false, match(`^[A-Za-z0-9.\-:\[\]]{1,255}$`), func(c *Config, v string) { c.SMTP.Host = v }},
		{"SMTP_PORT", "a number from 1 to 65535", false, validation.By(checkPort), func(c *Config, v string) { c.SMTP.Port, _ = strconv.Atoi(v) }},
		{"SMTP_USERNAME", "any text", false, validation.Length(0, 255), func(c *Config, v string) { c.SMTP.Username = v }},
		{"SMTP_PASSWORD", "any text", true, validation.Length(0, 1024), func(c *Config, v string) { c.SMTP.Password = v }},
		{"SMTP_TLS", "true (TLS from the first byte) or false (STARTTLS)", false, validation.In("true", "false"), func(c *Config, v string) { c.SMTP.TLS = v == "true" }},
		{"MAIL_FROM", "an address: mail@example.com or Name <mail@example.com>", false, validation.By(checkAddress), func(c *Config, v string) { c.SMTP.From = v }},
		{"COACH_BASE_URL", "an http or https URL", false, httpURL, func(c *Config, v string) { c.Coach.BaseURL = v }},
		{"COACH_API_KEY", "any text", true, validation.Length(0, 1024), func(c *Config, v string) { c.Coach.APIKey = v }},
		{"COACH_MODEL", "the model's name", false, validation.Length(0, 255), func(c *Config, v string) { c.Coach.Model = v }},
		{"COACH_OFFLINE", "true or false", false, validation.In("true", "false"), func(c *Config, v string) { c.Coach.Offline = v == "true" }},
		{"COACH_TOOLS", "true or false", false, validation.In("true", "false"), func(c *Config, v string) { c.Coach.NoTools = v == "false" }},
		{"COACH_USER_TOKENS_PER_DAY", "a number from 10000 to 1000000000", false, validation.By(checkNumber(10_000, 1_000_000_000)), func(c *Config, v string) { c.Coach.UserDailyTokens, _ = strconv.Atoi(v) }},
		{"COACH_TOKENS_PER_DAY", "a number from 10000 to 1000000000", false, validation.By(checkNumber(10_000, 1_000_000_000)), func(c *Config, v string) { c.Coach.DailyTokens, _ = strconv.Atoi(v) }},
		{"MOUNTAIN_PROJECT_BASE_URL", allowedSite, false, validation.By(checkSite), func(c *Config, v string) { c.MountainProjectURL = v }},
		{"EIGHT_A_BASE_URL", allowedSite, false, validation.By(checkSite), func(c *Config, v string) { c.EightAURL = v }},
		{"SYNC_SOURCES", "mountain_project and eight_a, separated by a comma, one of them, or none", false, match(`^(mountain_project|eight_a|none|mountain_project\s*,\s*eight_a|eight_a\s*,\s*mountain_project)$`), func(c *Config, v string) { c.SyncSources = without(split(v), "none") }},
		{"METRICS_ADDR", "host:port, such as 127.0.0.1:9090", false, validation.By(checkHostPort), func(c *Config, v string) { c.MetricsAddr = v }},
		{"SIGNUPS_PER_HOUR", "a number from 1 to 1000000", false, validation.By(checkNumber(1, 1_000_000)), func(c *Config, v string) { c.SignUpsPerHour, _ = strconv.Atoi(v) }},
	}...)
}

// crons are the variables that override a schedule each.
func crons() []variable {
	var all []variable
	for _, name := range []string{"housekeeping", "sync", "billing_sweep", "billing_reconcile"} {
		all = append(all, variable{
			"CRON_" + strings.ToUpper(name), "a cron expression of five fields in UTC, such as 30 4 * * *, or @daily", false,
			validation.By(checkCron), func(c *Config, v string) {
				if c.Crons == nil {
					c.Crons = map[string]string{}
				}
				c.Crons[name] = v
			},
		})
	}
	return all
}

func checkCron(value any) error {
	spec := value.(string)
	if strings.Contains(spec, "TZ=") { // always UTC
		return errors.New("has a time zone")
	}
	times, err := cron.ParseStandard(spec)
	if err != nil {
		return err
	}
	if times.Next(time.Now()).IsZero() {
		return errors.New("never comes")
	}
	return nil
}

// Error lists the variables whose values were refused, one line each: name, value (secrets masked), what is allowed.
type Error struct{ Lines []string }

func (e *Error) Error() string { return strings.Join(e.Lines, "\n") }

// Load reads the configuration through getenv (os.Getenv in main). Unset and empty variables mean their default.
// It checks every variable before it fails, with an *Error.
func Load(getenv func(string) string) (Config, error) {
	config := Config{SMTP: SMTP{Port: 587}, Stripe: Stripe{Grace: defaultGrace}, SyncSources: []string{"mountain_project", "eight_a"}}
	var refused Error
	for _, v := range variables() {
		value := strings.TrimSpace(getenv(v.name))
		if value == "" {
			continue
		}
		if err := validation.Validate(value, v.rule); err != nil {
			refused.Lines = append(refused.Lines, fmt.Sprintf("%s=%s is not allowed: it must be %s", v.name, v.shown(value), v.allowed))
			continue
		}
		v.set(&config, value)
	}
	refused.Lines = append(refused.Lines, config.conflicts()...)
	if len(refused.Lines) > 0 {
		return Config{}, &refused
	}
	return config, nil
}

// shown is the value as an error line may print it.
func (v variable) shown(value string) string {
	if v.secret || strings.Contains(value, "@") && strings.Contains(value, "://") { // a URL with a password in it
		return "********"
	}
	return strconv.Quote(value)
}

// conflicts names the variables that only make sense together.
func (c Config) conflicts() []string {
	var lines []string
	if c.SMTP.Host == "" && (c.SMTP.Username != "" || c.SMTP.Password != "") {
		lines = append(lines, "SMTP_HOST is missing: it must be set when SMTP_USERNAME or SMTP_PASSWORD is")
	}
	if c.Stripe.PriceBasic != "" && c.Stripe.PriceBasic == c.Stripe.PricePremium {
		lines = append(lines, "STRIPE_PRICE_PREMIUM is the same as STRIPE_PRICE_BASIC: each plan must have a price of its own")
	}
	if c.Coach.BaseURL != "" && c.Coach.Model == "" {
		lines = append(lines, "COACH_MODEL is missing: it must be set when COACH_BASE_URL is")
	}
	return lines
}

func match(pattern string) validation.Rule {
	return validation.Match(regexp.MustCompile(pattern))
}

func checkHTTPURL(value any) error {
	u, err := url.Parse(value.(string))
	if err != nil {
		return errors.New("not a URL")
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("not an http URL")
	}
	return nil
}

const allowedSite = "an https URL without a port, or an http or https URL with a loopback address or localhost and a port, such as http://127.0.0.1:8080"

// checkSite lets profiles be read from the public web and from this machine, and from nowhere else behind our walls.
func checkSite(value any) error {
	if err := checkHTTPURL(value); err != nil {
		return err
	}
	u, _ := url.Parse(value.(string))
	address, err := netip.ParseAddr(u.Hostname())
	local := err == nil && address.IsLoopback() || strings.EqualFold(u.Hostname(), "localhost")
	if u.Scheme == "https" && u.Port() == "" && err != nil && !local || u.Port() != "" && local {
		return nil
	}
	return errors.New("not such a site")
}

func checkOrigin(value any) error {
	if err := checkHTTPURL(value); err != nil {
		return err
	}
	if u, _ := url.Parse(value.(string)); u.Path != "" && u.Path != "/" {
		return errors.New("has a path")
	}
	return nil
}

func checkEach(check func(any) error) func(any) error {
	return func(value any) error {
		for _, item := range split(value.(string)) {
			if err := check(item); err != nil {
				return err
			}
		}
		return nil
	}
}

func checkNumber(least, most int) func(any) error {
	return func(value any) error {
		number, err := strconv.Atoi(value.(string))
		if err != nil || number < least || number > most {
			return errors.New("not such a number")
		}
		return nil
	}
}

// days reads a number that was checked.
func days(value string) time.Duration {
	number, _ := strconv.Atoi(value)
	return time.Duration(number) * day
}

func checkPort(value any) error { return checkNumber(1, 65535)(value) }

func checkAddress(value any) error {
	_, err := mail.ParseAddress(value.(string))
	return err
}

func checkHostPort(value any) error {
	_, port, err := net.SplitHostPort(value.(string))
	if err != nil {
		return err
	}
	return checkPort(port)
}

func without(list []string, word string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return s == word })
}

// split cuts a list at its commas and drops what is empty.
func split(value string) []string {
	parts := strings.Split(value, ",")
	for i := range parts {
		parts[i] = strings.TrimSuffix(strings.TrimSpace(parts[i]), "/")
	}
	return slices.DeleteFunc(parts, func(s string) bool { return s == "" })
}
