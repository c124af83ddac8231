package account_test

import (
	"strings"
	"testing"
	"time"

	"github.com/cragbase/cragbase/internal/account"
)

func TestPasswordPolicy(t *testing.T) {
	t.Parallel()
	words := []string{"olga.owner", "olga.owner@example.com"}
	for _, test := range []struct{ rule, password, code string }{
		{"a passphrase of lower-case words", "kettle borrowed lantern", ""},
		{"words of another language", "kühle berge im märz", ""},
		{"emoji", "granite 🧗 sunset 🏔 dawn", ""},
		{"64 bytes", strings.Repeat("aZ4$kw!p", 8), ""},
		{"71 bytes", strings.Repeat("aZ4$kw!p", 8) + "aZ4$kw!", ""},
		{"72 bytes, of which bcrypt reads all and of a 73rd none", strings.Repeat("aZ4$kw!p", 9), "validation_invalid_password"},
		{"72 bytes in 24 characters", strings.Repeat("€", 24), "validation_invalid_password"},
		{"a megabyte", strings.Repeat("x", 1<<20), "validation_invalid_password"},
		{"a line break", "granite-sunset\n-42", "validation_invalid_password"},
		{"NUL", "granite-sunset\x00-42", "validation_invalid_password"},
		{"not UTF-8", "granite-sunset\xff-42", "validation_invalid_password"},
		{"nine bytes", "zK4$wq!pX", "weak_password"},
		{"a top password", "password1234", "weak_password"},
		{"a top password in leet with a year", "P@ssw0rd2024!", "weak_password"},
		{"a row of keys", "qwertyuiop12", "weak_password"},
		{"one letter", strings.Repeat("a", 30), "weak_password"},
		{"digits in order", "1234567890123", "weak_password"},
		{"the product", "cragbasecragbase", "weak_password"},
		{"what everybody here does", "climbingclimbing", "weak_password"},
		{"the other site", "mountainproject1", "weak_password"},
		{"the user's name and a year", "olga.owner2024", "weak_password"},
		{"the address", "olga.owner@example.com", "weak_password"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			begin := time.Now()
			err := account.CheckPassword(test.password, words...)
			if took := time.Since(begin); took > time.Second {
				t.Errorf("took %s", took)
			}
			code := ""
			if err != nil {
				code = err.Code()
				if strings.Contains(err.Message(), test.password) {
					t.Errorf("the message repeats the password: %s", err.Message())
				}
			}
			if code != test.code {
				t.Errorf("code %q, want %q (%v)", code, test.code, err)
			}
		})
	}
}

// The meter and the rule are one.
func TestStrengthIsAcceptedWhereThePolicyIs(t *testing.T) {
	t.Parallel()
	for _, password := range []string{"", "short", "password1234", "kettle borrowed lantern", strings.Repeat("x", 100)} {
		strength := account.StrengthOf(password)
		if refused := account.CheckPassword(password) != nil; strength.Accepted == refused || refused == (len(strength.Advice) == 0) {
			t.Errorf("%q: %+v, refused: %v", password, strength, refused)
		}
	}
}

func FuzzStrength(f *testing.F) {
	for _, seed := range []string{"", "password", "ä€𝄞", "\xff", "2024-01-01", strings.Repeat("0123456789", 7)} {
		f.Add(seed, "olga@example.com")
	}
	f.Fuzz(func(t *testing.T, password, word string) {
		strength := account.StrengthOf(password, word)
		if strength.Score < 0 || strength.Score > 4 || strength.Accepted && (len(password) < 10 || len(password) > 71) {
			t.Errorf("%q: %+v", password, strength)
		}
	})
}
