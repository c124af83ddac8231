package climb

import "strings"

// cutPair splits a grade such as 6a+/6b, V3-4 or V5-V6. A dash joins only grades with a prefix: elsewhere it is a sign.
func cutPair(text string) (left, right string, ok bool) {
	if left, right, ok = strings.Cut(text, "/"); ok {
		return left, right, right != ""
	}
	if text == "" || !isLetter(text[0]) {
		return "", "", false
	}
	left, right, ok = strings.Cut(text, "-")
	return left, right, ok && right != ""
}

// completeSecond gives the second grade of a pair what its short form left out: the number of 5.10a/b and 6a/a+, the
// prefix of V3-4, the 5. of 5.10d/11a.
func completeSecond(left, right string) string {
	switch {
	case left == "":
		return right
	case right[0] >= 'a' && right[0] <= 'd' && isDigit(left[0]):
		return withoutLetter(left) + right
	case isDigit(right[0]) && isLetter(left[0]):
		return letterPrefix(left) + right
	case isDigit(right[0]) && strings.HasPrefix(left, "5.") && !strings.Contains(right, "."):
		return "5." + right
	}
	return right
}

// pairText writes a pair the way its climbers do: 5.10a/b, V3-4, 6a/6a+.
func pairText(low, high string) string {
	prefix := letterPrefix(low)
	switch {
	case prefix != "" && len(prefix) < len(low) && prefix == letterPrefix(high):
		if isDigit(low[len(low)-1]) {
			return low + "-" + high[len(prefix):]
		}
		return low + "/" + high[len(prefix):]
	case strings.HasPrefix(low, "5.") && isLetter(low[len(low)-1]) && isLetter(high[len(high)-1]) && withoutLetter(low) == withoutLetter(high):
		return low + "/" + high[len(high)-1:]
	}
	return low + "/" + high
}

// cutSign splits 5.9+ into 5.9 and +.
func cutSign(text string) (number, sign string) {
	if end := len(text) - 1; end >= 0 && (text[end] == '+' || text[end] == '-') {
		return text[:end], text[end:]
	}
	return text, ""
}

// withoutLetter is the number of a lettered grade: 5.10 of 5.10a, 6 of 6a+.
func withoutLetter(text string) string {
	text, _ = cutSign(text)
	if end := len(text) - 1; end >= 0 && isLetter(text[end]) {
		return text[:end]
	}
	return text
}

// letterPrefix is what stands before the number: V, WI, M.
func letterPrefix(text string) string {
	i := 0
	for i < len(text) && isLetter(text[i]) {
		i++
	}
	return text[:i]
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
