// Package profileurl reads the address of a page on a logbook site, strictly.
//
// An address that a climber pastes is later the target of a request that the server makes, so nothing of the pasted text
// may reach that request: Path hands back path segments, and the callers rebuild a canonical address from the one that
// identifies the climber. The parser is written for that purpose instead of using net/url, which accepts far more than a
// browser's address bar shows (userinfo, escaped hosts, control characters in old forms) and leaves the refusing to us.
package profileurl

import (
	"errors"
	"strings"
)

// maxLength bounds an address in bytes; a real profile address with a long query stays far below it.
const maxLength = 2048

// The reasons for which Path refuses an address.
var (
	ErrTooLong   = errors.New("the address is longer than 2048 bytes")
	ErrCharacter = errors.New("the address has a character that no web address has")
	ErrScheme    = errors.New("the address does not begin with https:// or http://")
	ErrHost      = errors.New("the address is of another site")
	ErrPath      = errors.New("the path of the address is malformed")
)

// Path returns the path segments of raw, an http or https address on host or www.host (host in lower case, without www).
// The query, the fragment and one trailing slash are dropped. Userinfo, a port, a trailing dot, an escaped or foreign host,
// control characters, backslashes, characters outside ASCII, empty or dot segments and escapes that hide a separator are
// refused. Segments are returned as written, percent-escapes included.
func Path(raw, host string) ([]string, error) {
	if len(raw) > maxLength {
		return nil, ErrTooLong
	}
	if strings.ContainsFunc(raw, isForbidden) {
		return nil, ErrCharacter
	}
	rest, ok := cutScheme(raw)
	if !ok {
		return nil, ErrScheme
	}
	if end := strings.IndexAny(rest, "?#"); end >= 0 {
		rest = rest[:end]
	}
	authority, path, _ := strings.Cut(rest, "/")
	if !sameSite(authority, host) {
		return nil, ErrHost
	}
	return segments(path)
}

// isForbidden reports whether r may stand nowhere in an address: browsers turn a backslash into a slash and drop tabs and
// line breaks, and a letter outside ASCII in a host is how lookalikes are made.
func isForbidden(r rune) bool {
	return r <= ' ' || r >= 0x7f || r == '\\'
}

func cutScheme(raw string) (rest string, ok bool) {
	scheme, rest, ok := strings.Cut(raw, "://")
	return rest, ok && (strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http"))
}

// sameSite compares the whole authority, so that userinfo, a port or a trailing dot makes it another site.
func sameSite(authority, host string) bool {
	authority = strings.ToLower(authority)
	return authority == host || authority == "www."+host
}

func segments(path string) ([]string, error) {
	if path == "" {
		return nil, nil
	}
	parts := strings.Split(strings.TrimSuffix(path, "/"), "/")
	for _, part := range parts {
		if part == "" || part == "." || part == ".." || !isSegment(part) {
			return nil, ErrPath
		}
	}
	return parts, nil
}

// isSegment reports whether s consists of letters, digits, - _ . ~ and harmless percent-escapes.
func isSegment(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case isLetter(c), isDigit(c), strings.IndexByte("-_.~", c) >= 0:
		case c == '%' && isHarmlessEscape(s[i+1:]):
			i += 2
		default:
			return false
		}
	}
	return true
}

// isHarmlessEscape reports whether s, which follows a percent sign, is two hexadecimal digits that stand for a byte of a
// name outside ASCII or for punctuation that occurs in names. Escaped letters, digits, dots and separators are written
// only to deceive.
func isHarmlessEscape(s string) bool {
	if len(s) < 2 {
		return false
	}
	high, okHigh := hexValue(s[0])
	low, okLow := hexValue(s[1])
	c := high<<4 | low
	return okHigh && okLow && (c >= 0x80 || strings.IndexByte(" !'()&+,", c) >= 0)
}

func hexValue(c byte) (value byte, ok bool) {
	switch {
	case isDigit(c):
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
