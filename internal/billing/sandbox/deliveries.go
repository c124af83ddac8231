package sandbox

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// deliveryClient takes a redirect for what Stripe takes it: a failure.
func deliveryClient(configured *http.Client) *http.Client {
	client := http.Client{Timeout: 20 * time.Second}
	if configured != nil {
		client = *configured
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client
}

// deliveryBackoff repeats a failed delivery after 1 s, 4 s, 16 s ... and at most 6 h, for three days.
func deliveryBackoff(attempt int) (wait time.Duration, again bool) {
	if attempt > 18 {
		return 0, false
	}
	return min(time.Second<<(2*min(attempt-1, 10)), 6*time.Hour), true
}

// Sign returns the value of Stripe-Signature for a payload that is sent at a time.
func (s *Sandbox) Sign(payload []byte, at time.Time) string {
	mac := hmac.New(sha256.New, []byte(s.config.WebhookSecret))
	fmt.Fprintf(mac, "%d.", at.Unix())
	mac.Write(payload)
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(mac.Sum(nil)))
}

// Deliver sends an event now, also one that was delivered or dropped before. Any status of 2xx marks it delivered.
func (s *Sandbox) Deliver(id string) (status int, err error) {
	s.lock()
	e, ok := s.state.Events.get(id)
	s.unlock()
	if !ok {
		return 0, ErrNotFound
	}
	return s.deliver(context.Background(), e)
}

func (s *Sandbox) deliver(ctx context.Context, e *event) (int, error) {
	status, err := s.send(ctx, e.Payload)
	s.lock()
	defer s.unlock()
	e.Attempts++
	if err == nil && status/100 == 2 {
		e.Delivered, e.Dropped = true, false
	}
	s.dirty = true
	return status, err
}

func (s *Sandbox) send(ctx context.Context, payload []byte) (int, error) {
	if s.config.WebhookURL == "" {
		return 0, errors.New("sandbox: no webhook URL")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.config.WebhookURL, bytes.NewReader(payload))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	request.Header.Set("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
	request.Header.Set("Stripe-Signature", s.Sign(payload, s.Now()))
	response, err := s.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20))
	return response.StatusCode, err
}

// Drop gives an event up: it is not delivered any more, and the list of events says so.
func (s *Sandbox) Drop(id string) { s.mark(id, func(e *event) { e.Dropped = true }) }

// MarkDelivered is for a test that hands the payload over itself.
func (s *Sandbox) MarkDelivered(id string) { s.mark(id, func(e *event) { e.Delivered = true }) }

func (s *Sandbox) mark(id string, change func(*event)) {
	s.lock()
	defer s.unlock()
	if e, ok := s.state.Events.get(id); ok {
		change(e)
		s.dirty = true
	}
}

// deliverAll delivers events as they come, and again until they are taken or given up. Time also moves where nobody asks.
func (s *Sandbox) deliverAll() {
	if s.config.Hold {
		return
	}
	for {
		wait := s.deliverDue(s.running)
		select {
		case <-s.running.Done():
			return
		case <-s.wake:
		case <-time.After(wait):
		}
	}
}

// deliverDue sends what is due, oldest first, and says when to look again.
func (s *Sandbox) deliverDue(ctx context.Context) time.Duration {
	for {
		e, wait := s.nextDelivery()
		if e == nil || ctx.Err() != nil {
			return cmp.Or(wait, time.Minute)
		}
		s.deliver(ctx, e)
		s.afterDelivery(e)
	}
}

// nextDelivery returns the first event that is due, or how long there is none.
func (s *Sandbox) nextDelivery() (*event, time.Duration) {
	s.lock()
	defer s.unlock()
	now, wait := time.Now(), time.Minute
	for _, e := range s.state.Events.Rows {
		switch {
		case !e.waiting():
		case !e.nextTry.After(now):
			return e, 0
		default:
			wait = min(wait, e.nextTry.Sub(now))
		}
	}
	return nil, wait
}

func (s *Sandbox) afterDelivery(e *event) {
	s.lock()
	defer s.unlock()
	if !e.waiting() {
		return
	}
	wait, again := s.backoff(e.Attempts)
	e.nextTry, e.Dropped = time.Now().Add(wait), !again
	s.dirty = true
}
