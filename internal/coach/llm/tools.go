package llm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cragbase/cragbase/internal/coach"
)

const (
	maxUses   = 8        // of tools in one round; the model can ask for more in the next
	maxResult = 32 << 10 // bytes of a result, some 10,000 tokens
)

// use runs a tool and returns what the model is told: the figures as JSON, or, when it found none, an object with an error that the
// model can do something about. An error is one that ends the answer.
func (a *answer) use(ctx context.Context, name string, arguments []byte) (told string, found bool, err error) {
	tool, exists := a.tool(name)
	if !exists {
		return problem("there is no such tool; there are " + a.toolNames()), false, nil
	}
	arguments, fault := checked(tool, arguments)
	if fault != "" {
		return problem(fault), false, nil
	}
	result, err := tool.Run(ctx, arguments)
	switch {
	case ctx.Err() != nil:
		return "", false, ctx.Err()
	case errors.Is(err, coach.ErrInternal):
		a.model.logger.ErrorContext(ctx, "a tool of the coach failed", "tool", tool.Name, "error", err)
		return problem("the tool failed; answer without it, and say so"), false, nil
	case err != nil:
		return problem(err.Error()), false, nil
	}
	return a.told(ctx, tool, result)
}

// told passes the summary of a result on and returns its JSON.
func (a *answer) told(ctx context.Context, tool coach.Tool, result coach.ToolResult) (string, bool, error) {
	var compact bytes.Buffer
	if err := json.Compact(&compact, result.JSON); err != nil {
		a.model.logger.ErrorContext(ctx, "a tool of the coach returned no JSON", "tool", tool.Name, "error", err)
		return problem("the tool failed; answer without it, and say so"), false, nil
	}
	if compact.Len() > maxResult {
		return problem("the result is too long; narrow the filters or lower the limit"), false, nil
	}
	if err := a.out.Tool(tool.Name, result.Summary); err != nil {
		return "", false, sinkError{err}
	}
	return compact.String(), true, nil
}

func (a *answer) tool(name string) (coach.Tool, bool) {
	i := slices.IndexFunc(a.tools, func(tool coach.Tool) bool { return tool.Name == name })
	if i < 0 {
		return coach.Tool{}, false
	}
	return a.tools[i], true
}

func (a *answer) toolNames() string {
	var names []string
	for _, tool := range a.tools {
		names = append(names, tool.Name)
	}
	return strings.Join(names, ", ")
}

// checked returns arguments that are an object with no other members than the tool's schema has: whose data it is is no argument,
// and a model that gives a user's id is told so. Nothing at all, which some models send, is the empty object.
func checked(tool coach.Tool, arguments []byte) (object json.RawMessage, fault string) {
	arguments = bytes.TrimSpace(arguments)
	if len(arguments) == 0 || string(arguments) == "null" {
		return json.RawMessage("{}"), ""
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(arguments, &members); err != nil {
		return nil, "the arguments are no JSON object"
	}
	known := parameters(tool)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !slices.Contains(known, name) {
			return nil, fmt.Sprintf("unknown argument %q; there are: %s. The data is always that of the climber who asks", cut(name, 40), strings.Join(known, ", "))
		}
	}
	return json.RawMessage(arguments), ""
}

// parameters are the names of a tool's arguments.
func parameters(tool coach.Tool) []string {
	var schema struct {
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if json.Unmarshal(tool.Parameters, &schema) != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(schema.Properties))
}

// problem is a result that tells the model what is wrong.
func problem(text string) string {
	encoded, err := json.Marshal(map[string]string{"error": cut(text, 500)})
	if err != nil {
		return `{"error":"the tool failed"}`
	}
	return string(encoded)
}
