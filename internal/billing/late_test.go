package billing_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/cragbase/cragbase/internal/billing"
	"github.com/cragbase/cragbase/internal/billing/sandbox"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// slowPost lets the first request that makes a customer arrive only when it is told to.
type slowPost struct {
	stripe http.RoundTripper
	late   *http.Request
}

func (s *slowPost) RoundTrip(request *http.Request) (*http.Response, error) {
	if s.late != nil || request.Method != http.MethodPost || request.URL.Path != "/v1/customers" {
		return s.stripe.RoundTrip(request)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	s.late = request.Clone(context.WithoutCancel(request.Context()))
	s.late.Body = io.NopCloser(bytes.NewReader(body))
	return nil, errors.New("connection timed out")
}

// A request that is late is not settled by what its repetition meets in front of Stripe: both lead to one customer, in
// whichever order they arrive.
func TestRepetitionThatFailsLeavesTheLateRequestOpen(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusBadGateway} {
		app := pbtest.Bare(t)
		stripe := newStripe(t, nil, http.NotFoundHandler())
		sellPlans(t, app)
		wire := &slowPost{stripe: sandbox.Transport(stripe.API())}
		b := billing.New(billing.Config{SecretKey: secretKey, Transport: wire, Retries: -1, Now: stripe.Now})
		subscribe := func() error {
			_, err := b.Subscribe(t.Context(), app, pbtest.OwnerID, "basic", "")
			return err
		}
		if err := subscribe(); !errors.Is(err, billing.ErrUnavailable) {
			t.Fatalf("the request that is late: %v", err)
		}
		stripe.Fault(sandbox.Fault{Method: http.MethodPost, Path: "/v1/customers", Times: 1, Status: status})
		if err := subscribe(); !errors.Is(err, billing.ErrUnavailable) {
			t.Errorf("%d: the repetition that fails: %v", status, err)
		}
		if err := subscribe(); err != nil {
			t.Errorf("%d: the next one: %v", status, err)
		}
		if response, err := wire.stripe.RoundTrip(wire.late); err != nil || response.StatusCode != http.StatusOK {
			t.Errorf("%d: the late request: %v", status, err)
		}
		if customers := stripe.Customers(); len(customers) != 1 {
			t.Errorf("%d: %d customers", status, len(customers))
		}
	}
}
