// Package coach holds the conversations of users with the coach: what they write, what is answered, and what becomes of an
// answer that was stopped, cut off or never came. Who answers is behind [Answerer].
package coach

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Answerer answers a question. There are two: a model behind an OpenAI-compatible server, and one that computes its answer
// without a language model.
type Answerer interface {
	// Name is what is stored and shown as the author of an answer, such as the model's name.
	Name() string
	// Answer sends the answer to out as it comes, and returns what is known at its end. It returns soon after ctx has
	// ended. An error is a *[ModelError], one of out, or that of ctx; what was sent to out before stands.
	Answer(ctx context.Context, question Question, out Sink) (Ending, error)
}

// Question is what an answer is given to.
type Question struct {
	Content string // what the user has written, 1 to 4,000 characters
	History []Turn // of the chat before it, the earliest first; the last ones only
	Summary string // of what was before the history; "" when it is whole
	Profile string // of the climber, JSON of some hundred bytes
	Tools   []Tool
	Now     time.Time
}

// Turn is a message of a chat.
type Turn struct {
	Role    Role   `db:"role"`
	Content string `db:"content"`
}

// Role is who speaks.
type Role string

// The roles.
const (
	User      Role = "user"
	Assistant Role = "assistant"
)

// Tool lets an answerer look at the data of the one user who asks. Whose data it is is fixed when the tool is made, and never an
// argument.
type Tool struct {
	Name        string
	Description string          // for the model: what it returns, with units
	Parameters  json.RawMessage // JSON Schema of an object
	// Run returns the figures. An error is one of the arguments, written for the model; ErrInternal is in the chain of any other.
	Run func(ctx context.Context, arguments json.RawMessage) (ToolResult, error)
}

// ToolResult is what a tool has found.
type ToolResult struct {
	JSON    json.RawMessage // a small object with units, date range, total and truncated
	Summary string          // for the user: "looked at your sport pyramid, 2026"
}

// ErrInternal says that a tool failed for a reason that is none of the model's.
var ErrInternal = errors.New("internal error of a tool")

// Sink takes an answer as it comes. An error of it ends the answer.
type Sink interface {
	// Tool is told before or after each use of a tool, with its summary.
	Tool(name, summary string) error
	// Delta is the next piece of the text, never empty.
	Delta(text string) error
}

// Ending is what is known when an answer is complete.
type Ending struct {
	FinishReason     string // stop, length, content_filter; never empty: an answer without one is not complete
	PromptTokens     int    // of all rounds; 0 when the server does not say
	CompletionTokens int
}

// ModelError says that the model failed.
type ModelError struct {
	Code  ModelCode
	Cause error // for the log only
}

// ModelCode is the public word for what went wrong.
type ModelCode string

// The codes.
const (
	ModelUnavailable ModelCode = "model_unavailable" // no connection, 5xx, an answer that is none of an API's, or a wrong key
	ModelBusy        ModelCode = "model_busy"        // 429, overloaded
	ModelTimeout     ModelCode = "model_timeout"     // no first token, or none after it, in time
	ModelCut         ModelCode = "model_cut"         // the stream ended without a finish reason
	ModelFailed      ModelCode = "model_failed"      // an error within the stream, or an answer without text
)

func (e *ModelError) Error() string { return fmt.Sprintf("%s: %v", e.Code, e.Cause) }

func (e *ModelError) Unwrap() error { return e.Cause }
