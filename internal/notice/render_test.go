package notice_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cragbase/cragbase/internal/notice"
	"github.com/cragbase/cragbase/internal/notice/example"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Every word of every mail stands in a file, so that a change of one is seen in review.
func TestMailsGolden(t *testing.T) {
	t.Parallel()
	for _, e := range example.All() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			mail, err := notice.Render(example.Site(), example.Username, e.Message)
			if err != nil {
				t.Fatal(err)
			}
			checkGolden(t, e.Name+".html", mail.HTML)
			checkGolden(t, e.Name+".txt", mail.Text)
		})
	}
}

func checkGolden(t *testing.T, name, got string) {
	t.Helper()
	golden := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("differs from %s; look at the difference, then run: go test ./internal/notice -run Golden -update\n%s", golden, got)
	}
}

func TestEveryKindHasAnExample(t *testing.T) {
	t.Parallel()
	var shown []notice.Kind
	for _, e := range example.All() {
		shown = append(shown, e.Message.Kind())
	}
	for _, kind := range notice.Kinds() {
		if !slices.Contains(shown, kind) {
			t.Errorf("no example of %s", kind)
		}
	}
}

// What every mail must have, whatever it says.
func TestEveryMailIsComplete(t *testing.T) {
	t.Parallel()
	for _, e := range example.All() {
		mail, err := notice.Render(example.Site(), example.Username, e.Message)
		if err != nil {
			t.Fatal(err)
		}
		for part, content := range map[string]string{"html": mail.HTML, "text": mail.Text} {
			for what, present := range map[string]bool{
				"greeting":                  strings.Contains(content, "Hello olga,"),
				"subject":                   strings.Contains(content, mail.Subject),
				"why one gets it":           strings.Contains(content, "You get this mail because"),
				"what to do if it was not":  regexp.MustCompile(`(?i)(it was not you|you did not|not yours)`).MatchString(content),
				"a link to the web app":     strings.Contains(content, "https://climb.example.com/"),
				"all values":                !strings.Contains(content, "<no value>") && !strings.Contains(content, "ZgotmplZ") && !strings.Contains(content, "0001"),
				"no gap of two empty lines": part == "html" || !strings.Contains(content, "\n\n\n"),
			} {
				if !present {
					t.Errorf("%s, %s part: %s is missing\n%s", e.Name, part, what, content)
				}
			}
		}
	}
}

func TestSecretLinksLeadToTheWebApp(t *testing.T) {
	t.Parallel()
	link := notice.Link{Token: "a.b-c_d", Expires: time.Unix(0, 0)}
	for _, test := range []struct {
		message notice.Message
		address string
	}{
		{notice.Welcome{Link: link}, "https://climb.example.com/verify?token=a.b-c_d"},
		{notice.Verification{Link: link}, "https://climb.example.com/verify?token=a.b-c_d"},
		{notice.PasswordReset{Link: link}, "https://climb.example.com/reset-password?token=a.b-c_d"},
		{notice.EmailChange{Link: link, NewEmail: "n@example.com"}, "https://climb.example.com/confirm-email?token=a.b-c_d"},
	} {
		site := example.Site()
		site.URL += "/" // as PocketBase's settings may have it
		mail, err := notice.Render(site, "olga", test.message)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(mail.HTML, `href="`+test.address+`"`) || !strings.Contains(mail.Text, "\n"+test.address+"\n") {
			t.Errorf("%s has no link %s\n%s", test.message.Kind(), test.address, mail.Text)
		}
	}
}

const hostile = "<script>alert(1)</script>\"'&<img src=x onerror=y>\r\nBcc: eve@example.com"

// Values of users are text, in every place that a template has for them.
func TestHostileValuesStayText(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for _, message := range []notice.Message{
		notice.Welcome{Link: notice.Link{Token: hostile, Expires: at}},
		notice.EmailChange{Link: notice.Link{Token: hostile}, NewEmail: hostile},
		notice.EmailChanging{NewEmail: hostile, At: at},
		notice.EmailChanged{NewEmail: hostile, At: at},
		notice.Deactivated{At: at, Plan: hostile},
		notice.SubscriptionStarted{Plan: hostile, Price: notice.Money{Currency: hostile}, Interval: hostile},
		notice.SubscriptionChanged{From: hostile, To: hostile, Interval: hostile},
		notice.SubscriptionCancelled{Plan: hostile},
		notice.PaymentFailed{Plan: hostile},
		notice.SyncFailed{Source: hostile, Reason: hostile},
	} {
		checkTame(t, message, hostile)
	}
}

func FuzzRenderKeepsValuesText(f *testing.F) {
	for _, value := range []string{"olga", hostile, "{{.Site}}", "a\u2028b", "\x00", "=?utf-8?q?x?=", "javascript:alert(1)", "-->"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		checkTame(t, notice.SyncFailed{Source: value, Reason: value}, value)
	})
}

// checkTame renders a message and fails when a value became markup or another header or line.
func checkTame(t *testing.T, message notice.Message, username string) {
	t.Helper()
	plain, err := notice.Render(example.Site(), "olga", notice.SyncFailed{Source: "a", Reason: "a"})
	if err != nil {
		t.Fatal(err)
	}
	mail, err := notice.Render(example.Site(), username, message)
	if err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(mail.Subject, "\r\n") {
		t.Errorf("%s: subject of two lines: %q", message.Kind(), mail.Subject)
	}
	for _, markup := range []string{"<script", "<img"} {
		if strings.Contains(strings.ToLower(mail.HTML), markup) {
			t.Errorf("%s: %s in the HTML part\n%s", message.Kind(), markup, mail.HTML)
		}
	}
	if strings.Contains(mail.Text, "\nBcc:") {
		t.Errorf("%s: a value broke out of its line\n%s", message.Kind(), mail.Text)
	}
	if message.Kind() == notice.KindSyncFailed && strings.Count(mail.HTML, "<") != strings.Count(plain.HTML, "<") {
		t.Errorf("a value became markup\n%s", mail.HTML)
	}
}

func TestMoney(t *testing.T) {
	t.Parallel()
	for want, money := range map[string]notice.Money{
		"9.99 USD":  {Amount: 999, Currency: "usd"},
		"0.05 EUR":  {Amount: 5, Currency: "EUR"},
		"0.00 USD":  {Currency: "usd"},
		"-3.20 USD": {Amount: -320, Currency: "usd"},
		"999 JPY":   {Amount: 999, Currency: "jpy"},
		"1.250 KWD": {Amount: 1250, Currency: "kwd"},
	} {
		if got := money.String(); got != want {
			t.Errorf("%+v is %q, want %q", money, got, want)
		}
	}
}
