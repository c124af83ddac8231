package entry

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Decode is a text in UTF-8 or, where it is not, in Windows-1252, which Latin-1 is a part of. It is decided field by field:
// a letter that was cut in half is no reason to read the others wrongly.
func Decode(field []byte) string {
	if utf8.Valid(field) {
		return string(field)
	}
	decoded, err := charmap.Windows1252.NewDecoder().Bytes(field)
	if err != nil {
		return strings.ToValidUTF8(string(field), "\ufffd")
	}
	return string(decoded)
}
