package llm_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/cragbase/cragbase/internal/coach"
	fake "github.com/cragbase/cragbase/internal/coach/fakemodel"
	"github.com/cragbase/cragbase/internal/coach/llm"
)

// An answer without end is cut at its limit of characters, and the request ends.
func TestAnswersAreCut(t *testing.T) {
	t.Parallel()
	for limit, config := range map[int]llm.Config{16_000: {}, 25: {MaxCharacters: 25}} {
		synctest.Test(t, func(t *testing.T) {
			server := fake.NewInMemory(t, fake.Endless("grün 7a "))
			out := &taker{}
			ending, err := newModel(t, config, server).Answer(t.Context(), asked(), out)
			if err != nil || ending.FinishReason != "length" || utf8.RuneCountInString(out.text.String()) != limit || !utf8.ValidString(out.text.String()) {
				t.Errorf("%d characters, %+v, %v", utf8.RuneCountInString(out.text.String()), ending, err)
			}
			if err := server.AwaitCancelled(t.Context(), 1); err != nil {
				t.Error(err)
			}
		})
	}
}

// Frames that say nothing, and comments, give a model no more time for its first token.
func TestSigns(t *testing.T) {
	t.Parallel()
	for name, sign := range map[string]string{"a comment": ": still here\n\n", "an empty frame": "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n"} {
		got := ask(t, llm.Config{}, asked(), func(p *fake.Play) {
			for {
				p.Raw(sign)
				p.Wait(time.Second)
			}
		})
		if got.code() != coach.ModelTimeout || got.took != time.Minute {
			t.Errorf("%s: %v after %s", name, got.err, got.took)
		}
	}
}

// A model that talks without pause has three minutes all in all, and one that reasons has as long for its first word.
func TestTotal(t *testing.T) {
	t.Parallel()
	for name, delta := range map[string]string{"text": `{"content":"a "}`, "reasoning": `{"reasoning_content":"hm"}`} {
		got := ask(t, llm.Config{}, asked(), func(p *fake.Play) {
			for {
				p.Frame(`{"choices":[{"index":0,"delta":` + delta + `}]}`)
				p.Wait(20 * time.Second)
			}
		})
		if got.code() != coach.ModelTimeout || got.took != 3*time.Minute {
			t.Errorf("%s: %v after %s", name, got.err, got.took)
		}
	}
}

// The total holds for the tools as well, and a tool that it ends has not failed.
func TestTotalOfTools(t *testing.T) {
	t.Parallel()
	waits := coach.Tool{Name: "get_pyramid", Run: func(ctx context.Context, _ json.RawMessage) (coach.ToolResult, error) {
		<-ctx.Done()
		return coach.ToolResult{}, fmt.Errorf("%w: %w", coach.ErrInternal, ctx.Err())
	}}
	var log bytes.Buffer
	config := llm.Config{Total: 10 * time.Second, Logger: slog.New(slog.NewTextHandler(&log, nil))}
	got := ask(t, config, asked(waits), fake.Calls(fake.Call{Name: "get_pyramid", Arguments: "{}"}))
	if got.code() != coach.ModelTimeout || got.took != 10*time.Second || log.Len() > 0 {
		t.Errorf("%v after %s, logged %q", got.err, got.took, log.String())
	}
}

// slowTaker takes a minute for each piece.
type slowTaker struct{ taker }

func (s *slowTaker) Delta(text string) error {
	<-time.After(time.Minute)
	return s.taker.Delta(text)
}

// The time that a reader takes is not the model's.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := fake.NewInMemory(t, fake.Text("Two ", "7a."))
		out := &slowTaker{}
		if _, err := newModel(t, llm.Config{}, server).Answer(t.Context(), asked(), out); err != nil || out.text.String() != "Two 7a." {
			t.Errorf("%q %v", out.text.String(), err)
		}
	})
}

// lateTaker fails after the time for the answer is over.
type lateTaker struct{ taker }

func (s *lateTaker) Delta(string) error {
	<-time.After(4 * time.Minute)
	return s.fail
}

// The error of a reader stays that, also when the time is over.
func TestLateReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("the reader is gone")
		out := &lateTaker{taker{fail: gone}}
		if _, err := newModel(t, llm.Config{}, fake.NewInMemory(t, fake.Text("Two"))).Answer(t.Context(), asked(), out); err != gone {
			t.Errorf("%v", err)
		}
	})
}

// When the one who asks leaves, before the first token or after it, the request ends at once, and the error is that of the context.
func TestCancel(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]fake.Script{"before any header": fake.Silent("x"), "before the first token": fake.Slow("x"), "after it": fake.Stall("Two")} {
		synctest.Test(t, func(t *testing.T) {
			server := fake.NewInMemory(t, script)
			ctx, cancel := context.WithCancel(t.Context())
			ended, began := make(chan error, 1), time.Now()
			go func() {
				_, err := newModel(t, llm.Config{}, server).Answer(ctx, asked(), &taker{})
				ended <- err
			}()
			if err := server.AwaitHeld(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			cancel()
			if err := <-ended; err != context.Canceled {
				t.Errorf("%s: %v", name, err)
			}
			if err := server.AwaitCancelled(t.Context(), 1); err != nil || time.Since(began) != 0 {
				t.Errorf("%s: %v after %s", name, err, time.Since(began))
			}
		})
	}
}

// The same over a network, where a connection is more than a pipe.
func TestCancelOverNetwork(t *testing.T) {
	t.Parallel()
	server := fake.New(t, fake.Stall("Two"))
	model := newModel(t, llm.Config{}, server)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := model.Answer(ctx, asked(), &taker{})
		ended <- err
	}()
	if err := server.AwaitHeld(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := server.AwaitCancelled(t.Context(), 1); err != nil {
		t.Error(err)
	}
}

// An error of the one who takes the answer passes through, and ends the request.
func TestTakerFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := fake.NewInMemory(t, fake.Stall("Two"))
		gone := errors.New("the reader is gone")
		if _, err := newModel(t, llm.Config{}, server).Answer(t.Context(), asked(), &taker{fail: gone}); err != gone {
			t.Errorf("%v", err)
		}
		if err := server.AwaitCancelled(t.Context(), 1); err != nil {
			t.Error(err)
		}
	})
}

// What servers say of an error reaches the log only without the key and without what was said in the chat.
func TestErrorsKeepSecrets(t *testing.T) {
	t.Parallel()
	question := asked()
	question.Content = "My physio Dr Hofer says that the A2 pulley of my left ring finger is torn"
	for _, repeated := range []string{key, question.Content, "(physio Dr Hofer says that the A2)"} {
		for _, script := range []fake.Script{
			fake.Refuse(400, "cannot parse: "+repeated, "invalid_request_error", ""), fake.Refuse(500, repeated, repeated, repeated),
			func(p *fake.Play) { p.Frame(`{"error":{"message":"` + repeated + `"}}`) },
			func(p *fake.Play) { p.Header("Retry-After", repeated); p.Refuse(429, repeated) },
		} {
			got := ask(t, llm.Config{}, question, script)
			if got.err == nil || strings.Contains(got.err.Error(), key) || strings.Contains(got.err.Error(), "Hofer") {
				t.Errorf("%v", got.err)
			}
		}
	}
}
