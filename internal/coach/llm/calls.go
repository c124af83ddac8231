package llm

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	openai "github.com/sashabaranov/go-openai"
)

const (
	maxCalls     = 32       // that a model may ask for at once; more is no sane answer
	maxArguments = 16 << 10 // bytes of the arguments of one call; what is above it is dropped, and no JSON
)

// call is a use of a tool that the model asks for.
type call struct {
	index     int // as the server says; -1 when it does not
	id, name  string
	arguments []byte
}

// calls puts tool calls together from their pieces. Servers mark to which call a piece belongs by index, by id, by both or by
// neither, and some give every call the same index.
type calls []*call

// add takes the next piece.
func (c *calls) add(piece openai.ToolCall) error {
	current := c.current(piece)
	if current == nil || current.isOver(piece) {
		if len(*c) == maxCalls {
			return errTooLong
		}
		current = &call{index: indexOf(piece)}
		*c = append(*c, current)
	}
	if current.id == "" {
		current.id = piece.ID
	}
	if current.name == "" {
		current.name = piece.Function.Name
	}
	room := maxArguments - len(current.arguments)
	current.arguments = append(current.arguments, piece.Function.Arguments[:min(room, len(piece.Function.Arguments))]...)
	return nil
}

// current is the call that a piece could belong to: that of its id, the last one of its index, or simply the last one.
func (c *calls) current(piece openai.ToolCall) *call {
	index := indexOf(piece)
	for _, candidate := range slices.Backward(*c) {
		if piece.ID != "" && candidate.id == piece.ID {
			return candidate
		}
	}
	for _, candidate := range slices.Backward(*c) {
		if index < 0 || candidate.index == index {
			return candidate
		}
	}
	return nil
}

// isOver reports whether a piece begins another call, though it came with the marks of this one.
func (c *call) isOver(piece openai.ToolCall) bool {
	name := piece.Function.Name
	switch {
	case name == "": // more arguments
		return false
	case piece.ID != "" && c.id != "" && piece.ID != c.id:
		return true
	case c.name == "":
		return false
	case name != c.name:
		return true
	case piece.ID != "": // a server that repeats id and name
		return false
	}
	return json.Valid(c.arguments) // without ids: the same tool again, once the arguments before are whole
}

func indexOf(piece openai.ToolCall) int {
	if piece.Index == nil {
		return -1
	}
	return *piece.Index
}

// settle gives every call of a round an id of its own.
func (c calls) settle(round int) {
	seen := map[string]bool{}
	for i, call := range c {
		for n := i + 1; call.id == "" || seen[call.id]; n++ {
			call.id = fmt.Sprintf("call_%d_%d", round, n)
		}
		seen[call.id] = true
	}
}

var functionName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`) // OpenAI refuses a history with other names

// repeated is the call as the history of the next request shows it. Templates of local models parse the arguments, so those
// that are no JSON become an empty object.
func (c *call) repeated() openai.ToolCall {
	name, arguments := c.name, string(c.arguments)
	if !functionName.MatchString(name) {
		name = "unknown"
	}
	if !json.Valid(c.arguments) {
		arguments = "{}"
	}
	return openai.ToolCall{ID: c.id, Type: openai.ToolTypeFunction, Function: openai.FunctionCall{Name: name, Arguments: arguments}}
}
