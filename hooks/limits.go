package hooks

import (
	"cmp"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/ratelimit"
)

// defaultSignUps is how many accounts a network may open in an hour where nothing else is configured: a climbing gym's
// evening behind one address, and no more.
const defaultSignUps = 200

// addressLimit bounds what one network may do, whichever accounts it does it with. Accounts have limits of their own.
type addressLimit struct {
	limiter  *ratelimit.Limiter
	covers   func(*core.RequestEvent) bool
	failures bool // only requests that were refused count
}

// newLimits is the table of these limits.
func newLimits(signUpsPerHour int) ([]addressLimit, error) {
	signUps := cmp.Or(signUpsPerHour, defaultSignUps)
	var limits []addressLimit
	for _, rule := range []struct {
		burst    int
		perHour  float64
		covers   func(*core.RequestEvent) bool
		failures bool
	}{
		{signUps, float64(signUps), isSignUp, false},
		{300, 20 * 60, asksForMail, false},
		{500, 60 * 60, provesIdentity, true}, // one password over many accounts stays under the limit of each account
		{60, 10 * 60 * 60, isPasswordCheck, false},
	} {
		limiter, err := ratelimit.New(rule.burst, rule.perHour)
		if err != nil {
			return nil, err
		}
		limits = append(limits, addressLimit{limiter, rule.covers, rule.failures})
	}
	return limits, nil
}

// isSignUp compares with what PocketBase made of the address: it takes a collection by name, in any case, or by id.
func isSignUp(e *core.RequestEvent) bool {
	if e.Request.Pattern != "POST /api/collections/{collection}/records" || e.HasSuperuserAuth() {
		return false
	}
	collection, err := e.App.FindCachedCollectionByNameOrId(e.Request.PathValue("collection"))
	return err == nil && collection.Name == account.Collection
}

func asksForMail(e *core.RequestEvent) bool {
	return slices.Contains([]string{"request-password-reset", "request-verification", "request-otp", "request-email-change"}, authAction(e))
}

func provesIdentity(e *core.RequestEvent) bool {
	action := authAction(e)
	return action == "auth-with-password" || action == "auth-with-otp" || strings.HasPrefix(action, "confirm-")
}

// authAction names what a request asks of an auth collection, administrators' included, such as auth-with-password.
func authAction(e *core.RequestEvent) string {
	directory, action := path.Split(e.Request.Pattern)
	if directory != "POST /api/collections/{collection}/" {
		return ""
	}
	return action
}

func isPasswordCheck(e *core.RequestEvent) bool {
	return e.Request.Pattern == "POST /v1/password-check"
}

// limitAddresses refuses what goes over a limit, before the body is read. PocketBase's setting for trusted proxies says
// which header names the client; without it, none does.
func (s *server) limitAddresses() *hook.Handler[*core.RequestEvent] {
	return &hook.Handler[*core.RequestEvent]{
		Id:       "cragbaseLimitAddresses",
		Priority: apis.DefaultRateLimitMiddlewarePriority - 1, // administrators are known by then
		Func: func(e *core.RequestEvent) error {
			for _, limit := range s.limits {
				if limit.covers(e) {
					return limit.run(e, s.Now) // none is covered by two
				}
			}
			return e.Next()
		},
	}
}

// run lets the request through if there is a token for it. Where only failures count, the token is taken all the same and
// given back afterwards: requests that run at the same time could otherwise all fail on the last one.
func (l addressLimit) run(e *core.RequestEvent, now func() time.Time) error {
	block := ratelimit.Block(e.RealIP())
	if wait, ok := l.limiter.Take(block, now()); !ok {
		return tooMany("Too many requests from your network. Please try again later.", wait)
	}
	err := e.Next()
	if l.failures {
		switch statusOf(e, err) {
		case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
		default:
			l.limiter.GiveBack(block, now())
		}
	}
	return err
}

// tooMany is an error for /v1 and PocketBase's API alike that says when to try again.
func tooMany(message string, wait time.Duration) error {
	return &laterError{error: apis.NewTooManyRequestsError(message, nil), wait: wait}
}

// laterError is an error with a time after which the request may work.
type laterError struct {
	error
	wait time.Duration
}

func (e *laterError) Unwrap() error { return e.error }
