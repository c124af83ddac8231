package fakemodel

import (
	"encoding/json"
	"fmt"
	"strings"
)

// The tokens that the usage frame of every script names, for each request.
const (
	PromptTokens     = 420
	CompletionTokens = 42
)

const done = "[DONE]"

func quote(text string) string {
	encoded, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string always is JSON
	}
	return string(encoded)
}

// chunk is a frame with one choice; finish is JSON.
func chunk(delta, finish string) string {
	return fmt.Sprintf(`{"id":"chatcmpl-CwB3xQ1","object":"chat.completion.chunk","created":1764000000,"model":"fake-1",`+
		`"system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"delta":%s,"logprobs":null,"finish_reason":%s}]}`, delta, finish)
}

func opening() string             { return chunk(`{"role":"assistant","content":""}`, "null") }
func content(text string) string  { return chunk(`{"content":`+quote(text)+`}`, "null") }
func ending(reason string) string { return chunk(`{}`, quote(reason)) }

func usage() string {
	return fmt.Sprintf(`{"id":"chatcmpl-CwB3xQ1","object":"chat.completion.chunk","created":1764000000,"model":"fake-1","choices":[],`+
		`"usage":{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d}}`, PromptTokens, CompletionTokens, PromptTokens+CompletionTokens)
}

// Call is a use of a tool that a script makes.
type Call struct {
	Name      string
	Arguments string
}

// calls is a frame with pieces of tool calls, each as JSON.
func calls(pieces ...string) string {
	return chunk(`{"tool_calls":[`+strings.Join(pieces, ",")+`]}`, "null")
}

// callPiece is a piece of a tool call. Members that are "" (or below 0) are left out, except the arguments.
func callPiece(index int, id, name, arguments string) string {
	var members []string
	if index >= 0 {
		members = append(members, fmt.Sprintf(`"index":%d`, index))
	}
	if id != "" {
		members = append(members, `"id":`+quote(id), `"type":"function"`)
	}
	function := `"arguments":` + quote(arguments)
	if name != "" {
		function = `"name":` + quote(name) + `,` + function
	}
	return "{" + strings.Join(append(members, `"function":{`+function+`}`), ",") + "}"
}

// halves cuts arguments in two, as they come from real servers: in the middle of whatever is there.
func halves(text string) (string, string) { return text[:len(text)/2], text[len(text)/2:] }
