package hooks

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/pocketbase/pocketbase/tools/router"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/coach"
	"github.com/cragbase/cragbase/internal/logbook"
	"github.com/cragbase/cragbase/internal/usage"
)

// Errors that handlers and guards return themselves.
var (
	errUnauthorized     = errors.New("no valid token")
	errForbidden        = errors.New("not a user's token")
	errAdministrators   = errors.New("not an administrator's token")
	errNotFound         = errors.New("no such route")
	errMethodNotAllowed = errors.New("method not allowed")
	errInvalidJSON      = errors.New("invalid JSON")
	errInvalidMultipart = errors.New("invalid multipart body")
	errMediaType        = errors.New("unsupported media type")
)

// problem is an error as its client may see it.
type problem struct {
	Status    int            `json:"status"`
	Code      string         `json:"code"`
	Message   string         `json:"message"`
	Data      map[string]any `json:"data"` // by field: {code, message}
	RequestID string         `json:"request_id"`
}

// publicErrors is the one place that says what a client learns of an error. An empty message shows the error's own text,
// for errors whose text is written for users.
func publicErrors() []struct {
	err error
	problem
} {
	type row = struct {
		err error
		problem
	}
	return []row{
		{account.ErrNoSession, problem{Status: 401, Code: "unauthorized", Message: "The session has ended: sign in again."}},
		{account.ErrBusy, problem{Status: 503, Code: "busy"}},
		{errUnauthorized, problem{Status: 401, Code: "unauthorized", Message: "Sign in: the token is missing, expired or revoked."}},
		{errForbidden, problem{Status: 403, Code: "forbidden", Message: "This is for users; administrators work in the dashboard."}},
		{errAdministrators, problem{Status: 403, Code: "forbidden", Message: "This is for administrators."}},
		{errNotFound, problem{Status: 404, Code: "not_found", Message: "There is nothing at this address."}},
		{errMethodNotAllowed, problem{Status: 405, Code: "method_not_allowed", Message: "This address does not take that method; see the Allow header."}},
		{errInvalidJSON, problem{Status: 400, Code: "invalid_json", Message: "The body must be one JSON object."}},
		{errInvalidMultipart, problem{Status: 400, Code: "invalid_multipart", Message: "The body must be a complete multipart/form-data form."}},
		{errMediaType, problem{Status: 415, Code: "unsupported_media_type"}},
		{logbook.ErrUnrecognisedFile, problem{Status: 400, Code: "unrecognised_file"}},
		{logbook.ErrTooManyRows, problem{Status: 413, Code: "too_many_rows"}},
		{logbook.ErrImportRunning, problem{Status: 409, Code: "import_running"}},
		{logbook.ErrSyncRunning, problem{Status: 409, Code: "sync_running", Message: "This profile is being read already."}},
		{logbook.ErrSyncTooSoon, problem{Status: 429, Code: "rate_limited", Message: "This profile was read a moment ago. Please try again later."}},
		{logbook.ErrPlanLimit, problem{Status: 402, Code: "plan_limit"}},
		{errNoCoach, problem{Status: 503, Code: "coach_not_configured", Message: "No coach is set up on this server. Your insights work without one."}},
		{errUpgradeRequired, problem{Status: 402, Code: "upgrade_required", Message: "The coach is part of the paid plans."}},
		{errNoAnswer, problem{Status: 404, Code: "not_found", Message: "There is no such answer of yours on its way."}},
		{usage.ErrQuotaExceeded, problem{Status: 429, Code: "quota_exceeded", Message: "All messages of the last 24 hours are used. Each one comes back 24 hours after it was sent."}},
		{coach.ErrNoChat, problem{Status: 404, Code: "not_found", Message: "There is no such chat of yours."}},
		{coach.ErrBusy, problem{Status: 409, Code: "busy", Message: "Two answers are on their way already. Wait for one, or stop it."}},
		{coach.ErrUserSpent, problem{Status: 429, Code: "daily_limit", Message: "You have talked a lot with the coach today. Please go on tomorrow."}},
		{coach.ErrAllSpent, problem{Status: 503, Code: "coach_at_capacity", Message: "The coach has answered as much as it can today. Please go on tomorrow."}},
		{coach.ErrClosing, problem{Status: 503, Code: "restarting", Message: "The server is being restarted. Please try again in a moment."}},
		{billing.ErrNotConfigured, problem{Status: 503, Code: "billing_not_configured", Message: "Payments are not set up on this server."}},
		{billing.ErrNoWebhookSecret, problem{Status: 503, Code: "billing_not_configured", Message: "No webhook secret is set up on this server."}},
		{billing.ErrPaymentFailed, problem{Status: 402, Code: "payment_failed", Message: "The payment failed, and your plan is as it was. Check your payment method and try again."}},
		{billing.ErrActionRequired, problem{Status: 402, Code: "payment_action_required", Message: "Your bank wants to confirm this payment, and your plan is as it was. Confirm your payment method and try again."}},
		{billing.ErrAlreadySubscribed, problem{Status: 409, Code: "already_subscribed", Message: "You have this plan already."}},
		{billing.ErrPastDue, problem{Status: 409, Code: "payment_past_due", Message: "A payment is overdue. Settle it first, or cancel."}},
		{billing.ErrNoSubscription, problem{Status: 409, Code: "no_subscription", Message: "There is no paid plan."}},
		{billing.ErrKeyReused, problem{Status: 409, Code: "idempotency_key_reused", Message: "This Idempotency-Key came with another request before."}},
		{billing.ErrTooManyChanges, problem{Status: 429, Code: "rate_limited", Message: "The plan was changed too often today. Please try again tomorrow."}},
		{billing.ErrUnknownSession, problem{Status: 404, Code: "not_found", Message: "There is no such checkout session of yours."}},
		{billing.ErrSignature, problem{Status: 400, Code: "invalid_signature", Message: "The signature does not hold."}},
		{billing.ErrPayload, problem{Status: 400, Code: "invalid_payload", Message: "This is not an event."}},
		{billing.ErrUnavailable, problem{Status: 503, Code: "stripe_unavailable", Message: "The payment service does not answer right now. Please try again in a moment; your plan shows what has been done by then."}},
	}
}

// problemOf translates any error that a route of /v1 can end in.
func problemOf(err error) problem {
	for _, row := range publicErrors() {
		if errors.Is(err, row.err) {
			p := row.problem
			if p.Message == "" {
				p.Message = sentence(textFrom(err, row.err))
			}
			p.Data = billingData(err)
			return p
		}
	}
	if fields := account.FieldErrors(err); fields != nil {
		data := apis.NewBadRequestError("", map[string]error(fields)).Data
		return problem{Status: 400, Code: "validation_failed", Message: "Some fields are not valid.", Data: data}
	}
	var failed *answerError
	if errors.As(err, &failed) {
		return problem{Status: statusOfCode(failed.code), Code: failed.code, Message: failed.Error(), Data: map[string]any{"chat_id": failed.reply.ChatID, "message_id": failed.reply.MessageID}}
	}
	var locked *account.LockedError
	if errors.As(err, &locked) {
		return problem{Status: 429, Code: "too_many_attempts", Message: sentence(locked.Error())}
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return problem{Status: 413, Code: "body_too_large", Message: "The body is larger than the " + strconv.FormatInt(tooLarge.Limit>>10, 10) + " KiB allowed here."}
	}
	var api *router.ApiError
	if errors.As(err, &api) {
		return problemOfAPIError(api)
	}
	return internalProblem
}

// internalProblem is all that a client learns of a failure that we did not foresee.
var internalProblem = problem{Status: 500, Code: "internal_error", Message: "Something went wrong on our side. Please give the request id when you write to us."}

// problemOfAPIError keeps status and field errors of PocketBase's own errors and gives them our codes.
func problemOfAPIError(err *router.ApiError) problem {
	codes := map[int]string{
		400: "bad_request", 401: "unauthorized", 403: "forbidden", 404: "not_found", 409: "conflict", 413: "body_too_large",
		415: "unsupported_media_type", 429: "rate_limited",
	}
	code, known := codes[err.Status]
	if !known {
		return internalProblem
	}
	return problem{Status: err.Status, Code: code, Message: err.Message, Data: err.Data}
}

// textFrom cuts what is before the sentinel in the text of an error: the operations that wrapped it are for the log.
func textFrom(err, sentinel error) string {
	_, text, found := strings.Cut(err.Error(), sentinel.Error()+": ")
	if !found {
		return sentinel.Error()
	}
	return text
}

func sentence(text string) string {
	text = strings.ToUpper(text[:1]) + text[1:]
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}

// answerErrors writes the error of every /v1 route in our envelope. PocketBase's own API keeps its envelope, and gets the
// header that tells when to try again. It stands before PocketBase's request log, which therefore sees the cause.
func (s *server) answerErrors() *hook.Handler[*core.RequestEvent] {
	return &hook.Handler[*core.RequestEvent]{
		Id:       "cragbaseErrors",
		Priority: apis.DefaultActivityLoggerMiddlewarePriority - 10,
		Func: func(e *core.RequestEvent) error {
			if !isV1(e.Request.URL.Path) {
				err := e.Next()
				if wait := waitOf(err, s.Now()); wait > 0 && !e.Written() {
					e.Response.Header().Set("Retry-After", seconds(wait))
				}
				return err
			}
			id := e.Response.Header().Get(requestIDHeader)
			e.Set(apis.RequestEventKeyLogMeta, map[string]any{"request_id": id})
			err := e.Next()
			if err == nil || e.Written() {
				return err
			}
			return s.writeProblem(e, s.routeError(e, err), id)
		},
	}
}

// routeError tells a wrong method from a wrong address where no route of /v1 matched.
func (s *server) routeError(e *core.RequestEvent, err error) error {
	if isV1(patternPath(e.Request.Pattern)) {
		return err
	}
	if methods := s.allowed.methods(e.Request); len(methods) > 0 {
		e.Response.Header().Set("Allow", strings.Join(methods, ", "))
		return errMethodNotAllowed
	}
	return errNotFound
}

func (s *server) writeProblem(e *core.RequestEvent, err error, id string) error {
	p := problemOf(err)
	p.RequestID = id
	if p.Data == nil {
		p.Data = map[string]any{}
	}
	header := e.Response.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	switch p.Status {
	case http.StatusUnauthorized:
		header.Set("WWW-Authenticate", `Bearer realm="cragbase"`)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		header.Set("Retry-After", seconds(cmp.Or(waitOf(err, s.Now()), longestRule(e))))
		if errors.Is(err, billing.ErrUnavailable) {
			e.App.Logger().Warn("Stripe does not answer", "request_id", id, "path", e.Request.URL.Path, "error", err)
		}
	case http.StatusInternalServerError:
		e.App.Logger().Error("request failed", "request_id", id, "method", e.Request.Method, "path", e.Request.URL.Path, "error", err)
	}
	e.Response.WriteHeader(p.Status)
	if e.Request.Method == http.MethodHead {
		return nil
	}
	return json.NewEncoder(e.Response).Encode(p)
}

// busyWait is when a place among the waiting is likely to be free again.
const busyWait = 5 * time.Second

// waitOf is how long an error of ours asks to wait; 0 when it does not say.
func waitOf(err error, now time.Time) time.Duration {
	var locked *account.LockedError
	var later *laterError
	var quota *usage.QuotaError
	switch {
	case errors.As(err, &locked):
		return max(locked.Until.Sub(now), time.Second)
	case errors.As(err, &later):
		return max(later.wait, time.Second)
	case errors.Is(err, account.ErrBusy), errors.Is(err, coach.ErrClosing):
		return busyWait
	case errors.Is(err, coach.ErrUserSpent), errors.Is(err, coach.ErrAllSpent):
		return coach.NextDay(now).Sub(now)
	case errors.As(err, &quota):
		return max(quota.ResetsAt.Sub(now), time.Second)
	case errors.Is(err, billing.ErrTooManyChanges):
		return time.Hour
	case errors.Is(err, billing.ErrUnavailable):
		return billing.RetryAfter(err)
	}
	return 0
}

// seconds rounds up, as Retry-After counts.
func seconds(wait time.Duration) string {
	return strconv.FormatInt(int64((wait+time.Second-1)/time.Second), 10)
}

// longestRule is how long the longest rule of PocketBase's rate limiter may block the request.
func longestRule(e *core.RequestEvent) time.Duration {
	longest := int64(1)
	for _, rule := range e.App.Settings().RateLimits.Rules {
		if strings.Contains(e.Request.Method+" "+e.Request.URL.Path, rule.Label) {
			longest = max(longest, rule.Duration)
		}
	}
	return time.Duration(longest) * time.Second
}
