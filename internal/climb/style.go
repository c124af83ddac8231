package climb

import (
	"errors"
	"fmt"
	"strings"
)

// ErrUnknownStyle says that a text is no style, or no lead style.
var ErrUnknownStyle = errors.New("unknown style")

// Style is how somebody was on a climb.
type Style string

// The styles. Send, flash and attempt are logged for boulders, the others for routes.
const (
	StyleNone    Style = ""
	StyleLead    Style = "lead"
	StyleTopRope Style = "tr"
	StyleFollow  Style = "follow"
	StyleSolo    Style = "solo"
	StyleSend    Style = "send"
	StyleFlash   Style = "flash"
	StyleAttempt Style = "attempt"
)

// ParseStyle reads Mountain Project's Style column or one of the constants, in any case; "" is [StyleNone]. The error
// wraps [ErrUnknownStyle].
func ParseStyle(text string) (Style, error) {
	switch s := Style(normalise(text)); s {
	case StyleNone, StyleLead, StyleTopRope, StyleFollow, StyleSolo, StyleSend, StyleFlash, StyleAttempt:
		return s, nil
	}
	return StyleNone, fmt.Errorf("%w: %.40q", ErrUnknownStyle, text)
}

// LeadStyle is how a lead went.
type LeadStyle string

// The lead styles, the best first.
const (
	LeadNone      LeadStyle = ""
	LeadOnsight   LeadStyle = "onsight"
	LeadFlash     LeadStyle = "flash"
	LeadRedpoint  LeadStyle = "redpoint"
	LeadPinkpoint LeadStyle = "pinkpoint"
	LeadFellHung  LeadStyle = "fell_hung"
)

// ParseLeadStyle reads Mountain Project's Lead Style column ("Fell/Hung") or one of the constants, in any case; "" is
// [LeadNone]. The error wraps [ErrUnknownStyle].
func ParseLeadStyle(text string) (LeadStyle, error) {
	l := LeadStyle(normalise(text))
	switch l {
	case "fell/hung":
		return LeadFellHung, nil
	case LeadNone, LeadOnsight, LeadFlash, LeadRedpoint, LeadPinkpoint, LeadFellHung:
		return l, nil
	}
	return LeadNone, fmt.Errorf("%w: lead style %.40q", ErrUnknownStyle, text)
}

// Styles lists the styles that can be logged. The caller owns the list.
func Styles() []Style {
	return []Style{StyleLead, StyleTopRope, StyleFollow, StyleSolo, StyleSend, StyleFlash, StyleAttempt}
}

// LeadStyles lists the lead styles that can be logged, the best first. The caller owns the list.
func LeadStyles() []LeadStyle {
	return []LeadStyle{LeadOnsight, LeadFlash, LeadRedpoint, LeadPinkpoint, LeadFellHung}
}

func normalise(word string) string { return strings.ToLower(strings.TrimSpace(word)) }
