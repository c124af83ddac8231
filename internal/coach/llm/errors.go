package llm

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/cragbase/cragbase/internal/coach"
)

var (
	errNoReason = errors.New("the stream ended without a finish reason")
	errNoText   = errors.New("the answer has no text")
	errInStream = errors.New("the stream broke")
)

// sinkError is an error of the one who takes the answer. It passes through as it is.
type sinkError struct{ error }

// outcome turns an error into one of those that Answer promises. caller is the context that Answer was given, ctx the one that
// the work ran under. said are texts that must not get into a log.
func (m *Model) outcome(caller, ctx context.Context, err error, said ...string) error {
	var taker sinkError
	var known *coach.ModelError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &taker):
		return taker.error
	case caller.Err() != nil:
		return caller.Err()
	case errors.As(err, &known):
		return known
	case errors.Is(err, errTooSlow), errors.Is(context.Cause(ctx), errTooSlow):
		return &coach.ModelError{Code: coach.ModelTimeout, Cause: errTooSlow}
	}
	return &coach.ModelError{Code: codeOf(err), Cause: errors.New(m.printable(err, said))}
}

// codeOf says what an error of the connection, of the server or within the stream means.
func codeOf(err error) coach.ModelCode {
	var refused *refusal
	var frame *frameError
	switch {
	case errors.As(err, &refused):
		return refused.code()
	case errors.As(err, &frame):
		if frame.busy() {
			return coach.ModelBusy
		}
		return coach.ModelFailed
	case errors.Is(err, errNoStream):
		return coach.ModelUnavailable
	case errors.Is(err, errNoReason):
		return coach.ModelCut
	case errors.Is(err, errTooLong), errors.Is(err, errGarbled), errors.Is(err, errNoText), isShape(err):
		return coach.ModelFailed
	case errors.Is(err, errInStream):
		return coach.ModelCut
	}
	return coach.ModelUnavailable
}

func (r *refusal) code() coach.ModelCode {
	const overloaded = 529 // Anthropic's
	if r.status == http.StatusTooManyRequests || r.status == overloaded || r.complaint.busy() {
		return coach.ModelBusy
	}
	return coach.ModelUnavailable
}

// printable is the text of an error for a log: without the key, and without the server's words when they repeat the chat.
func (m *Model) printable(err error, said []string) string {
	text := m.scrub(err.Error())
	for _, part := range said {
		if repeats(text, part) {
			return "an error whose text repeats the chat"
		}
	}
	return cut(text, 500)
}

// isShape reports whether JSON has other types than the API's.
func isShape(err error) bool {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	return errors.As(err, &syntax) || errors.As(err, &kind)
}

// repeats reports whether a text has a run of 24 bytes of another one, or the whole of one that is shorter.
func repeats(text, said string) bool {
	const run = 24
	said = strings.TrimSpace(said)
	if len(said) < run {
		return len(said) >= 8 && strings.Contains(text, said)
	}
	for i := 0; i+run <= len(text); i++ {
		if strings.Contains(said, text[i:i+run]) {
			return true
		}
	}
	return false
}
