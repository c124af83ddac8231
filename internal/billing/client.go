package billing

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"
)

// newClient is an instance of its own: stripe-go's globals would be shared by all of a process.
func newClient(config Config) *client.API {
	backend := &stripe.BackendConfig{
		HTTPClient:        &http.Client{Timeout: config.Timeout, Transport: config.Transport},
		LeveledLogger:     &stripe.LeveledLogger{Level: stripe.LevelNull}, // it would log bodies of errors
		EnableTelemetry:   stripe.Bool(false),
		MaxNetworkRetries: stripe.Int64(1),
	}
	switch {
	case config.Retries < 0:
		backend.MaxNetworkRetries = stripe.Int64(0)
	case config.Retries > 0:
		backend.MaxNetworkRetries = stripe.Int64(int64(config.Retries))
	}
	if config.APIBase != "" {
		backend.URL = stripe.String(config.APIBase)
	}
	api := stripe.GetBackendWithConfig(stripe.APIBackend, backend)
	return client.New(config.SecretKey, &stripe.Backends{API: api, Connect: api, Uploads: api})
}

// outcome says what is known of a call that failed.
type outcome int

const (
	refused  outcome = iota // Stripe changed nothing
	answered                // Stripe failed, and will answer the same again for that key: a look tells what happened
	lost                    // it may not have arrived, or may still be under way
)

// callError is a failed call. Its text holds nothing of Stripe's body: that can have secrets in it.
type callError struct {
	operation string
	outcome   outcome
	status    int
	code      string
	param     string
	decline   string
	requestID string
	wait      time.Duration // as Stripe asks; 0: it does not
	kind      error         // one of the package's errors, or nil
	cause     error         // of what did not get as far as an answer
}

func (e *callError) Error() string {
	text := "stripe: " + e.operation
	if e.status != 0 {
		text += ": " + strconv.Itoa(e.status) + " " + e.code
		if e.param != "" {
			text += " (" + e.param + ")"
		}
	}
	if e.requestID != "" {
		text += ", request " + e.requestID
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

func (e *callError) Unwrap() error { return e.kind }

// errCustomerGone: the customer was deleted at Stripe. errMissing: another object is not there.
var (
	errCustomerGone = errors.New("the customer is gone")
	errMissing      = errors.New("no such object")
	errRefused      = errors.New("stripe refused a request of ours")
	errKey          = errors.New("stripe refused our key")
	errNoUpcoming   = errors.New("no invoice is coming")
)

// call runs one exchange with Stripe and makes a *callError of what goes wrong.
func (b *Billing) call(operation string, exchange func() error) error {
	begin := time.Now()
	err := exchange()
	result := "ok"
	var failed *callError
	if err != nil {
		failed = explain(operation, err)
		result = "refused"
		if errors.Is(failed, ErrUnavailable) {
			result = "unavailable"
		}
	}
	b.config.Measure(operation, result, time.Since(begin))
	switch {
	case failed == nil:
		return nil
	case errors.Is(failed, errKey):
		b.config.Alert(AlertKey)
	case errors.Is(failed, errRefused):
		b.config.Alert(AlertRefused)
	}
	return failed
}

// explain reads an error of stripe-go. What is not a *stripe.Error never was an answer of Stripe: a timeout, a broken
// connection, the page of a proxy.
func explain(operation string, err error) *callError {
	failed := &callError{operation: operation, outcome: lost, kind: ErrUnavailable}
	var answer *stripe.Error
	if !errors.As(err, &answer) {
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			failed.cause = context.DeadlineExceeded
		} else {
			failed.cause = fmt.Errorf("no answer (%T)", err) // its text may quote a body
		}
		return failed
	}
	failed.status, failed.code, failed.param = answer.HTTPStatusCode, string(answer.Code), answer.Param
	failed.decline, failed.requestID = string(answer.DeclineCode), answer.RequestID
	failed.outcome, failed.kind = meaning(answer)
	if answer.LastResponse != nil {
		if seconds, err := strconv.Atoi(answer.LastResponse.Header.Get("Retry-After")); err == nil {
			failed.wait = min(time.Duration(seconds)*time.Second, time.Hour)
		}
	}
	return failed
}

// meaning sorts the answers: https://docs.stripe.com/error-handling and, for the codes, billing of API 2023-10-16.
func meaning(answer *stripe.Error) (outcome, error) {
	switch status := answer.HTTPStatusCode; {
	case status == http.StatusPaymentRequired || answer.Type == stripe.ErrorTypeCard:
		return refused, paymentError(answer)
	case answer.Code == stripe.ErrorCodeInvoiceUpcomingNone:
		return refused, errNoUpcoming
	case answer.Code == stripe.ErrorCodeResourceMissing && answer.Param == "customer":
		return refused, errCustomerGone
	case answer.Code == stripe.ErrorCodeResourceMissing && status == http.StatusBadRequest && answer.Param == "":
		return refused, ErrPaymentFailed // "no attached payment source or default payment method"
	case answer.Code == stripe.ErrorCodeResourceMissing, status == http.StatusNotFound:
		return refused, errMissing
	case status == http.StatusTooManyRequests:
		return refused, ErrUnavailable
	case status == http.StatusConflict:
		return lost, ErrUnavailable
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return refused, errors.Join(ErrUnavailable, errKey)
	case status == http.StatusInternalServerError:
		return answered, ErrUnavailable
	case status > http.StatusInternalServerError: // in front of Stripe: it keeps nothing, and an earlier request with the key may still come
		return lost, ErrUnavailable
	}
	return refused, errRefused
}

func paymentError(answer *stripe.Error) error {
	switch answer.Code {
	case "subscription_payment_intent_requires_action", stripe.ErrorCodeInvoicePaymentIntentRequiresAction, stripe.ErrorCodePaymentIntentActionRequired,
		"authentication_required":
		return ErrActionRequired
	}
	if answer.DeclineCode == "authentication_required" {
		return ErrActionRequired
	}
	return ErrPaymentFailed
}

// outcomeOf is what is known of a call; errors of our own happen before it is sent.
func outcomeOf(err error) outcome {
	var failed *callError
	if errors.As(err, &failed) {
		return failed.outcome
	}
	return refused
}

// RetryAfter is how long a client should wait after ErrUnavailable.
func RetryAfter(err error) time.Duration {
	var failed *callError
	if errors.As(err, &failed) && failed.wait > 0 {
		return failed.wait
	}
	return 10 * time.Second
}

// DeclineCode is the bank's reason in ErrPaymentFailed, "" for none.
func DeclineCode(err error) string {
	var failed *callError
	if errors.As(err, &failed) {
		return failed.decline
	}
	return ""
}

// params are the parameters that every call has. The key names one attempt; reads have none.
func params(ctx context.Context, key string) stripe.Params {
	common := stripe.Params{Context: ctx}
	if key != "" {
		common.IdempotencyKey = stripe.String(key)
	}
	return common
}

func listParams(ctx context.Context) stripe.ListParams {
	return stripe.ListParams{Context: ctx, Limit: stripe.Int64(100)}
}

func expand(names ...string) []*string { return stripe.StringSlice(names) }
