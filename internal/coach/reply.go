package coach

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"unicode/utf8"

	"github.com/pocketbase/pocketbase/core"
)

// MaxAnswer is how many characters of an answer are kept; what goes beyond ends it.
const MaxAnswer = 16_000

// Codes of answers that ended before their time, beside those of [ModelError].
const (
	codeInterrupted = "interrupted" // by a restart of the server
	codeInternal    = "internal"
)

// Result is how an answer has ended, as it is stored.
type Result struct {
	State            State
	Code             string // why it failed; "" when it did not
	FinishReason     string
	PromptTokens     int
	CompletionTokens int
	Message          *core.Record // nil when its owner has deleted it meanwhile
}

// Run answers, and tells out what comes. It returns when the answer is stored, however it has ended; an error means that
// not even that could be done.
func (r *Reply) Run(app core.App, out Sink) (*Result, error) {
	defer r.end()
	record := &recorder{reply: r, app: app, out: out}
	ending, err := r.answer(app, record)
	end := r.outcomeOf(record, ending, err)
	if end.state == Failed {
		app.Logger().Warn("the coach's answer failed", "message", r.MessageID, "code", end.code, "error", err)
	}
	return r.store(app, end)
}

// answer asks the answerer. A panic of it is an error like any other: the place has to be given back.
func (r *Reply) answer(app core.App, out Sink) (ending Ending, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	question, err := r.question(app)
	if err != nil {
		return Ending{}, err
	}
	ending, err = r.coach.Answerer.Answer(r.ctx, question, out)
	if err == nil && ending.FinishReason == "" {
		err = &ModelError{Code: ModelCut, Cause: errors.New("no finish reason")}
	}
	return ending, err
}

// question gathers what the answerer gets to see.
func (r *Reply) question(app core.App) (Question, error) {
	tools, profile, err := r.coach.Look(app, r.ask.UserID, r.begun)
	if err != nil {
		return Question{}, err
	}
	history, err := historyOf(app, r.chat, r.sequence)
	if err != nil {
		return Question{}, err
	}
	return Question{
		Content: r.ask.Content, History: history, Summary: r.chat.GetString("summary"), Profile: profile, Tools: tools, Now: r.begun,
	}, nil
}

// outcome is what has to be written of an answer that has ended.
type outcome struct {
	state    State
	code     string
	text     string
	tools    []ToolUse
	ending   Ending
	tokens   int // that it has cost
	giveBack bool
}

// ToolUse is a tool that was used for an answer.
type ToolUse struct {
	Name    string `json:"name"`
	Summary string `json:"summary"`
}

// outcomeOf decides what has become of an answer. A user who stops it, or goes away, has used the place. It is given back when
// nothing came before the model failed, and when it was us who broke off.
func (r *Reply) outcomeOf(record *recorder, ending Ending, err error) outcome {
	text := record.text.String()
	end := outcome{state: Done, text: text, tools: record.tools, ending: ending}
	prompt, completion := tokensOf(ending, len(r.ask.Content), len(text))
	end.ending.PromptTokens, end.ending.CompletionTokens = prompt, completion
	end.tokens = prompt + completion
	if err != nil || ending.PromptTokens == 0 {
		end.tokens = max(end.tokens, reserved) // the server says what an answer has cost at its end only, if at all
	}
	var model *ModelError
	cause := context.Cause(r.ctx)
	switch {
	case err == nil && strings.TrimSpace(text) == "":
		end.state, end.code, end.giveBack = Failed, string(ModelFailed), true
	case err == nil:
	case errors.Is(err, errTooLong):
		end.ending.FinishReason = "length"
	case errors.Is(cause, errShutdown):
		end.state, end.code, end.giveBack = Failed, codeInterrupted, true
	case cause != nil, errors.Is(err, errDisconnected):
		end.state = Stopped
	case errors.As(err, &model):
		end.state, end.code, end.giveBack = Failed, string(model.Code), text == ""
	default:
		end.state, end.code, end.giveBack = Failed, codeInternal, text == ""
	}
	return end
}

var errTooLong = errors.New("the answer is longer than is kept")

// recorder keeps what goes to the client.
type recorder struct {
	reply *Reply
	app   core.App
	out   Sink
	text  strings.Builder
	tools []ToolUse
	runes int
}

// maxTools bounds what is listed of an answer.
const maxTools = 20

func (rec *recorder) Tool(name, summary string) error {
	if len(rec.tools) < maxTools {
		rec.tools = append(rec.tools, ToolUse{name, summary})
	}
	return rec.passed(rec.out.Tool(name, summary))
}

func (rec *recorder) Delta(text string) error {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\ufffd")
	if text == "" {
		return nil
	}
	if rec.text.Len() == 0 {
		if err := rec.reply.markStreaming(rec.app); err != nil {
			return err
		}
	}
	text, full := rec.cut(text)
	rec.text.WriteString(text)
	if err := rec.passed(rec.out.Delta(text)); err != nil {
		return err
	}
	if full {
		return errTooLong
	}
	return nil
}

// cut holds a text to what is kept.
func (rec *recorder) cut(text string) (kept string, full bool) {
	size := utf8.RuneCountInString(text)
	if rec.runes+size > MaxAnswer {
		return string([]rune(text)[:MaxAnswer-rec.runes]), true
	}
	rec.runes += size
	return text, false
}

// passed calls a client that takes nothing more gone.
func (rec *recorder) passed(err error) error {
	if err != nil {
		return fmt.Errorf("%w: %w", errDisconnected, err)
	}
	return nil
}
