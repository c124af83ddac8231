package fetch

import (
	"bytes"
	"cmp"
	"net/http"
	"regexp"
)

// reasonOf is what an answer without a logbook means; page is its beginning.
func reasonOf(answer *http.Response, page []byte) Reason {
	told := pageReason(answer, page)
	switch status := answer.StatusCode; {
	case status == http.StatusNotFound, status == http.StatusGone:
		return NotFound
	case status == http.StatusTooManyRequests && told != Challenge:
		return RateLimited
	case status == http.StatusUnauthorized:
		return cmp.Or(told, Login)
	case status >= 500:
		if told == Challenge {
			return Challenge
		}
		return Unreachable
	case status >= 400:
		return cmp.Or(told, Refused)
	}
	return cmp.Or(told, NotALogbook)
}

// isMarkup reports whether a body is a page for people. The media type does not decide: sites send their exports under
// wrong ones.
func isMarkup(body []byte) bool {
	text := bytes.TrimLeft(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), " \t\r\n")
	return bytes.HasPrefix(text, []byte("<"))
}

// challengeHeaders are what the guards in front of sites add to an answer when they ask the visitor for proof.
var challengeHeaders = []struct{ name, value string }{
	{"Cf-Mitigated", "challenge"},
	{"X-Amzn-Waf-Action", "challenge"},
	{"X-Amzn-Waf-Action", "captcha"},
}

// What pages say, in the words and the code of the sites and of the guards in front of them.
var (
	privateWords = regexp.MustCompile(`(?i)\bprivate (profile|user|account|logbook|page)\b|` +
		`\b(profile|ticks?|user|account|climber|logbook|page) (is|are|has been|have been)( (set|made|marked))?( (to|as))? private\b`)
	passwordField  = regexp.MustCompile(`(?i)<input[^>]{0,500}\btype\s*=\s*["']?password\b`)
	challengeWords = regexp.MustCompile(`(?i)challenge-platform|cf[-_]chl|<title>\s*(just a moment|attention required|one moment)|checking your browser|verify(ing)? (that )?you are (a )?human|captcha-delivery|px-captcha|g-recaptcha|h-captcha|awswaf`)
)

// pageReason is what a page for people says of why it came, "" when it says nothing. Only its beginning is looked at.
func pageReason(answer *http.Response, page []byte) Reason {
	page = page[:min(len(page), maxPage)]
	for _, header := range challengeHeaders {
		if answer.Header.Get(header.name) == header.value {
			return Challenge
		}
	}
	switch {
	case privateWords.Match(page):
		return Private
	case passwordField.Match(page):
		return Login
	case challengeWords.Match(page):
		return Challenge
	}
	return ""
}
