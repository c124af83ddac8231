package llm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// complaint is what a server says about an error: in the body of a refusal, or in a frame.
type complaint struct {
	message string
	kind    string // OpenAI's "type"
	code    string
	param   string
}

func (c complaint) Error() string {
	var parts []string
	for _, part := range []string{c.kind, c.code, c.param, c.message} {
		if part != "" {
			parts = append(parts, cut(part, 200))
		}
	}
	return strings.Join(parts, ", ")
}

// busy reports whether it is about load, and will pass.
func (c complaint) busy() bool {
	words := strings.ToLower(c.kind + " " + c.code)
	for _, word := range []string{"overloaded", "rate_limit", "429", "529", "resource_exhausted", "insufficient_quota"} {
		if strings.Contains(words, word) {
			return true
		}
	}
	return false
}

// readComplaint finds an error in JSON: OpenAI's {"error": {...}}, an error that is a text (Ollama), or an object that calls
// itself "error" (vLLM). ok is false when there is none, as in a frame with "error": null.
func readComplaint(data []byte) (c complaint, ok bool) {
	if !bytes.Contains(data, []byte(`"error"`)) && !bytes.Contains(data, []byte(`"message"`)) {
		return complaint{}, false
	}
	var envelope struct {
		Error   json.RawMessage `json:"error"`
		Object  any             `json:"object"`
		Choices json.RawMessage `json:"choices"`
	}
	if json.Unmarshal(data, &envelope) != nil {
		return complaint{}, false
	}
	switch {
	case len(envelope.Error) > 0 && string(envelope.Error) != "null":
		return describe(envelope.Error), true
	case envelope.Object == "error":
		return describe(data), true
	}
	return complaint{}, false
}

func describe(data []byte) complaint {
	var text string
	if json.Unmarshal(data, &text) == nil {
		return complaint{message: text}
	}
	var object struct {
		Message any `json:"message"`
		Type    any `json:"type"`
		Code    any `json:"code"` // a word, or a number
		Param   any `json:"param"`
	}
	if json.Unmarshal(data, &object) != nil {
		return complaint{message: "an error without words"}
	}
	return complaint{message: words(object.Message), kind: words(object.Type), code: words(object.Code), param: words(object.Param)}
}

func words(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}
