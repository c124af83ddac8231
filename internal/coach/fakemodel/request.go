package fakemodel

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
)

// Request is what a client sent.
type Request struct {
	Path   string
	Header http.Header
	Body   []byte // as it came, for tests that look for what must not be in it
	Chat   Chat
}

// Chat is the body, as far as a script or a test looks at it.
type Chat struct {
	Model               string    `json:"model"`
	Messages            []Message `json:"messages"`
	Tools               []Tool    `json:"tools"`
	ToolChoice          any       `json:"tool_choice"`
	MaxTokens           int       `json:"max_tokens"`
	MaxCompletionTokens int       `json:"max_completion_tokens"`
	Stream              bool      `json:"stream"`
	StreamOptions       *struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
}

// Message is one of a chat.
type Message struct {
	Role       string     `json:"role"`
	Content    string     `json:"content"`
	ToolCalls  []ToolCall `json:"tool_calls"`
	ToolCallID string     `json:"tool_call_id"`
}

// ToolCall is one that a model made, as the client repeats it.
type ToolCall struct {
	ID       string `json:"id"`
	Type     string `json:"type"`
	Function struct {
		Name      string `json:"name"`
		Arguments string `json:"arguments"`
	} `json:"function"`
}

// Tool is one that the client offers.
type Tool struct {
	Type     string `json:"type"`
	Function struct {
		Name        string          `json:"name"`
		Description string          `json:"description"`
		Parameters  json.RawMessage `json:"parameters"`
	} `json:"function"`
}

// Last is the text of the last message of a role; "" when there is none.
func (c Chat) Last(role string) string {
	for i := len(c.Messages) - 1; i >= 0; i-- {
		if c.Messages[i].Role == role {
			return c.Messages[i].Content
		}
	}
	return ""
}

// readRequest returns what arrived, and an error where a real server would answer 400.
func readRequest(r *http.Request) (Request, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 8<<20))
	request := Request{Path: r.URL.Path, Header: r.Header.Clone(), Body: body}
	if err != nil {
		return request, err
	}
	if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/chat/completions") {
		return request, fmt.Errorf("unknown request URL: %s %s", r.Method, r.URL.Path)
	}
	if err := json.Unmarshal(body, &request.Chat); err != nil {
		return request, fmt.Errorf("we could not parse the JSON body of your request: %w", err)
	}
	return request, request.Chat.check()
}

// check holds the rules of the chat-completions API that clients break most easily.
func (c Chat) check() error {
	if c.Model == "" {
		return errors.New("you must provide a model parameter")
	}
	if len(c.Messages) == 0 {
		return errors.New("[] is too short - 'messages'")
	}
	if !c.Stream {
		return errors.New("this server only streams")
	}
	return checkToolTurns(c.Messages)
}

// checkToolTurns: every call of an assistant is answered right after it, once, and nothing else is.
func checkToolTurns(messages []Message) error {
	open := map[string]bool{}
	for i, message := range messages {
		if message.Role == "tool" {
			if !open[message.ToolCallID] {
				return fmt.Errorf("messages[%d]: no preceding tool call with the id %q", i, message.ToolCallID)
			}
			delete(open, message.ToolCallID)
			continue
		}
		if len(open) > 0 {
			return fmt.Errorf("messages[%d]: a tool call before it was not answered", i)
		}
		for _, call := range message.ToolCalls {
			if err := checkCall(call, open); err != nil {
				return fmt.Errorf("messages[%d]: %w", i, err)
			}
			open[call.ID] = true
		}
	}
	if len(open) > 0 {
		return errors.New("the last tool calls were not answered")
	}
	return nil
}

var functionName = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)

func checkCall(call ToolCall, open map[string]bool) error {
	switch {
	case call.ID == "" || open[call.ID]:
		return fmt.Errorf("the id %q of a tool call is missing or doubled", call.ID)
	case call.Type != "function":
		return errors.New("a tool call is no function")
	case !functionName.MatchString(call.Function.Name):
		return fmt.Errorf("the name %q of a tool call does not match the pattern %s", call.Function.Name, functionName)
	case !json.Valid([]byte(call.Function.Arguments)): // templates of local models parse them, and fail
		return errors.New("the arguments of a tool call are not JSON")
	}
	return nil
}
