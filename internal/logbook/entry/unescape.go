package entry

import (
	"html"
	"strings"
)

// maxReference is the size of the longest character reference of HTML after its ampersand.
const maxReference = 32

// Unescape decodes the character references of a text, once. Only those with a semicolon are of the site's making; it leaves
// the ampersands of its users alone: "R&D", "me&notes".
func Unescape(text string) string {
	if !strings.Contains(text, "&") {
		return text
	}
	var decoded strings.Builder
	for {
		before, after, found := strings.Cut(text, "&")
		decoded.WriteString(before)
		if !found {
			return decoded.String()
		}
		character, size := decodeReference(after)
		decoded.WriteString(character)
		text = after[size:]
	}
}

// decodeReference returns the character for the reference whose ampersand s follows, and how much of s it takes: a bare
// ampersand and nothing when there is none.
func decodeReference(s string) (character string, size int) {
	end := strings.IndexByte(s[:min(len(s), maxReference)], ';')
	if end < 0 {
		return "&", 0
	}
	whole := "&" + s[:end+1]
	character = html.UnescapeString(whole)
	if character == whole || len(character) > 1 && strings.HasSuffix(character, ";") {
		return "&", 0 // unknown, or decoded only in part
	}
	return character, end + 1
}
