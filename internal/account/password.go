package account

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxPasswordBytes is one less than bcrypt reads.
const maxPasswordBytes = 71

// CheckPassword fails for a password that bcrypt would not tell from every other. The text of the error is for users.
func CheckPassword(password string) error {
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
