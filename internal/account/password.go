package account

import (
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ccojocar/zxcvbn-go"
	"github.com/ccojocar/zxcvbn-go/match"
	validation "github.com/go-ozzo/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
)

// Lengths of a password in bytes. The upper one is one less than bcrypt reads; the lower one is the contract's.
const (
	minPasswordBytes = 10
	maxPasswordBytes = 71
)

// minScore is zxcvbn's third of four steps: not guessed in 10^8 attempts.
const minScore = 3

// CheckReadable fails for what can be no password: bcrypt would not tell it from others, or no form would take it. It
// costs nothing, so it stands before everything that does. The text of the error is for users.
func CheckReadable(password string) error {
	switch {
	case len(password) > maxPasswordBytes:
		return errors.New("must be at most 71 bytes; letters beyond ASCII count as two to four")
	case !utf8.ValidString(password):
		return errors.New("must be valid text")
	case strings.ContainsFunc(password, unicode.IsControl):
		return errors.New("must not have control characters, such as line breaks")
	}
	return nil
}

// Strength is how well a password resists guessing, by the rules that every path to a new password has.
type Strength struct {
	Score    int      `json:"score"`    // zxcvbn's, 0 to 4
	Accepted bool     `json:"accepted"` // may it be set?
	Advice   []string `json:"advice"`   // sentences for users; empty when nothing is to be said
}

// StrengthOf measures a password of the user with these words (username, e-mail address), which whoever guesses knows.
func StrengthOf(password string, words ...string) Strength {
	if err := CheckReadable(password); err != nil {
		return Strength{Advice: []string{"A password " + err.Error() + "."}}
	}
	result := zxcvbn.PasswordStrength(password, penalised(words))
	strength := Strength{Score: result.Score, Advice: []string{}}
	if len(password) < minPasswordBytes {
		strength.Score = min(strength.Score, minScore-1)
		strength.Advice = append(strength.Advice, "Use at least 10 characters.")
	}
	strength.Accepted = strength.Score >= minScore
	if !strength.Accepted {
		strength.Advice = append(strength.Advice, advice(result.MatchSequence)...)
	}
	return strength
}

// CheckPassword fails for a password that may not be set for the user with these words: weak_password, or
// validation_invalid_password when it is not even readable. NIST 800-63B-4: length and guessability, nothing else.
func CheckPassword(password string, words ...string) validation.Error {
	if err := CheckReadable(password); err != nil {
		return validation.NewError("validation_invalid_password", err.Error())
	}
	if strength := StrengthOf(password, words...); !strength.Accepted {
		return validation.NewError("weak_password", strings.Join(strength.Advice, " "))
	}
	return nil
}

// WordsOf are the words of a user that a guess would try.
func WordsOf(user *core.Record) []string {
	return []string{user.GetString(FieldUsername), user.Email(), user.GetString(FieldPendingEmail)}
}

// penalised are words that count as known, whole and in their parts.
func penalised(words []string) []string {
	all := []string{"cragbase", "climbing", "climber", "mountainproject", "mountain", "project", "8a.nu"}
	for _, word := range words {
		word = strings.ToLower(word)
		local, _, _ := strings.Cut(word, "@")
		parts := strings.FieldsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		for _, known := range append(parts, word, local) {
			if utf8.RuneCountInString(known) >= 3 && len(known) <= maxPasswordBytes {
				all = append(all, known)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// advice says what makes a password easy to guess, one sentence for each kind of weakness, and what to do.
func advice(matches []match.Match) []string {
	sentences := map[string]string{
		"dictionary": "Common words, names and your own data are guessed first.",
		"sequence":   "Sequences such as abc or 6543 are easy to guess.",
		"repeat":     "Repeats such as aaa are easy to guess.",
		"spatial":    "Rows of keys such as qwerty are easy to guess.",
		"date":       "Dates and years are easy to guess.",
	}
	var found []string
	for _, m := range matches {
		sentence, known := sentences[m.Pattern]
		if known && utf8.RuneCountInString(m.Token) > 2 && !slices.Contains(found, sentence) {
			found = append(found, sentence)
		}
	}
	return append(found, "Three or four uncommon words in a row make a good password.")
}
