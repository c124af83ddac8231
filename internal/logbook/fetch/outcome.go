package fetch

import (
	"errors"
	"slices"
	"time"
)

// Reason says in a word why a logbook could not be read.
type Reason string

// The reasons.
const (
	Private     Reason = "private"       // the climber hides the logbook
	NotFound    Reason = "not_found"     // no profile is there
	Login       Reason = "login"         // the site wants to know who asks
	Challenge   Reason = "challenge"     // the site wants proof that a person asks
	Refused     Reason = "refused"       // the site does not want this server
	RateLimited Reason = "rate_limited"  // too many requests
	Unreachable Reason = "unreachable"   // no answer, or that of a broken server
	TooLarge    Reason = "too_large"     // more than is read from a profile
	TooSlow     Reason = "too_slow"      // the answer did not end in time
	NotALogbook Reason = "not_a_logbook" // something else came
)

// ofSite reports whether a failure is likely to meet the next profile as well.
func (r Reason) ofSite() bool {
	return slices.Contains([]Reason{Challenge, Refused, RateLimited, Unreachable, TooSlow}, r)
}

// OfProfile reports whether it takes the owner of the profile to change anything.
func (r Reason) OfProfile() bool {
	return slices.Contains([]Reason{Private, NotFound, Login, TooLarge, NotALogbook}, r)
}

// Error says why a logbook could not be read. It holds nothing that the site sent.
type Error struct {
	Reason     Reason
	Sentence   string        // for the owner of the profile
	RetryAfter time.Duration // how long the site wants to be left alone, at most a day; 0: it does not say
	NotAsked   bool          // no request was made, because the last ones failed in this way
	Err        error         // for the log
}

func (e *Error) Error() string {
	if e.Err == nil {
		return string(e.Reason)
	}
	return string(e.Reason) + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// Fail is an error for a reason that shows in the content alone. It takes no part in the decision to leave the site alone.
func (c *Client) Fail(reason Reason, err error) *Error { return c.fail(reason, err) }

// Empty is an error for a logbook with nothing in it. Sites show that of a private profile too, so that it must not pass for
// one whose owner has deleted everything.
func (c *Client) Empty() *Error {
	sentence := c.config.Site + " shows no ticks of your profile: it is private, or there are none. Make it public, or " + c.config.Advice + "."
	return &Error{Reason: Private, Sentence: sentence, Err: errors.New("an empty logbook")}
}

func (c *Client) fail(reason Reason, err error) *Error {
	return &Error{Reason: reason, Sentence: c.sentence(reason), Err: err}
}

// sentence is what the owner of a profile can do.
func (c *Client) sentence(reason Reason) string {
	site, advice := c.config.Site, c.config.Advice
	switch reason {
	case Private:
		return "Your " + site + " profile is private: make it public, or " + advice + "."
	case NotFound:
		return site + " has no profile at this address: check the link, or " + advice + "."
	case Login:
		return site + " shows this logbook only to people who have signed in there, and we never ask for your password of another site: make your profile public, or " + advice + "."
	case Challenge:
		return site + " wants proof that a person is asking, which a server cannot give: " + advice + "."
	case Refused:
		return site + " does not let servers like ours read profiles: " + advice + "."
	case RateLimited:
		return site + " has had too many requests and asked us to come back later. We will, or " + advice + "."
	case TooLarge:
		return site + " sent more than we read from a profile: " + advice + "."
	case TooSlow:
		return site + " was too slow to read the logbook to its end. We will try again, or " + advice + "."
	case NotALogbook:
		return site + " answered with something that is not a logbook: check that the profile is public, or " + advice + "."
	}
	return site + " could not be reached. We will try again, or " + advice + "."
}
