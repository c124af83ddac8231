package llm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	openai "github.com/sashabaranov/go-openai"
)

// afterReason is how long the usage and the end of the stream may take once the finish reason is there.
const afterReason = 2 * time.Second

// writer passes the pieces of an answer on to the one who takes it, up to a number of characters over all rounds.
type writer struct {
	out   func(text string) error
	limit int // characters that may still come
	wrote bool
	pause bool // a tool was used since the last text
}

// write passes on a piece, without white space before the first text. full says that the limit has cut it.
func (w *writer) write(piece string) (full bool, err error) {
	if !w.wrote || w.pause {
		piece = strings.TrimLeft(piece, " \t\r\n")
	}
	if piece == "" {
		return false, nil
	}
	if w.wrote && w.pause {
		piece = "\n\n" + piece
	}
	w.wrote, w.pause = true, false
	length := utf8.RuneCountInString(piece)
	if full = length > w.limit; full {
		piece, length = string([]rune(piece)[:w.limit]), w.limit
	}
	w.limit -= length
	if piece == "" {
		return full, nil
	}
	if err := w.out(piece); err != nil {
		return full, sinkError{err}
	}
	return full, nil
}

// reply is the answer of one request.
type reply struct {
	text   strings.Builder // of this round
	calls  calls
	reason string // stop, length or content_filter; "" until it arrived
	usage  openai.Usage
}

// ask sends one request and reads its answer to the end.
func (t *talk) ask(ctx context.Context, use toolUse, to *writer) (*reply, error) {
	limits := t.model.limits
	w := newWatch(ctx, limits.firstToken)
	defer w.stop()
	r := &reply{}
	stream, err := t.open(w.ctx, use)
	if err == nil {
		err = r.read(stream, w, limits.betweenTokens, to)
		stream.Close()
	}
	if _, taker := errors.AsType[sinkError](err); err != nil && !taker && errors.Is(context.Cause(w.ctx), errTooSlow) {
		err = errTooSlow // and not what became of the connection because of it
	}
	return r, err
}

// read takes frames until the stream ends. Once the reason is there, nothing that follows can spoil the answer.
func (r *reply) read(stream *openai.ChatCompletionStream, w *watch, wait time.Duration, to *writer) error {
	for {
		frame, err := stream.Recv()
		if err != nil {
			return r.ended(err)
		}
		if frame.Usage != nil {
			r.usage = *frame.Usage
		}
		choice, is := token(frame)
		if !is {
			continue // a frame that says nothing gives the model no more time
		}
		w.pause()
		if full, err := r.take(choice, to); err != nil || full {
			return err
		}
		if r.reason != "" {
			wait = afterReason
		}
		w.resume(wait)
	}
}

// token is the first choice of a frame, if it moves the answer on: text, reasoning, a piece of a tool call, the reason of the end.
func token(frame openai.ChatCompletionStreamResponse) (openai.ChatCompletionStreamChoice, bool) {
	for _, choice := range frame.Choices {
		delta := choice.Delta
		said := delta.Content != "" || delta.Refusal != "" || delta.ReasoningContent != "" || len(delta.ToolCalls) > 0
		if choice.Index == 0 && (said || reasonOf(choice) != "") {
			return choice, true
		}
	}
	return openai.ChatCompletionStreamChoice{}, false
}

// take adds a choice to the reply. full says that the answer was cut at the limit of characters, which is its end.
func (r *reply) take(choice openai.ChatCompletionStreamChoice, to *writer) (full bool, err error) {
	for _, piece := range choice.Delta.ToolCalls {
		if err := r.calls.add(piece); err != nil {
			return false, err
		}
	}
	piece := choice.Delta.Content + choice.Delta.Refusal
	if full, err = to.write(piece); err != nil {
		return full, err
	}
	r.text.WriteString(piece)
	if reason := reasonOf(choice); reason == "error" {
		return full, &frameError{complaint{message: "the finish reason is an error"}}
	} else if reason != "" {
		r.reason = reason
	}
	if full {
		r.reason, r.calls = "length", nil
	}
	return full, nil
}

// ended says what the end of a stream means.
func (r *reply) ended(err error) error {
	switch {
	case r.reason != "":
		return nil
	case errors.Is(err, io.EOF):
		return errNoReason
	}
	return fmt.Errorf("%w: %w", errInStream, err)
}

// reasonOf is the finish reason in our words: "" for none yet, stop for those that mean nothing else.
func reasonOf(choice openai.ChatCompletionStreamChoice) string {
	switch reason := string(choice.FinishReason); reason {
	case "", "null":
		return ""
	case "length", "content_filter", "error":
		return reason
	case "max_tokens":
		return "length"
	}
	return "stop"
}
