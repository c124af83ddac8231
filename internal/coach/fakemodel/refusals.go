package fakemodel

// RefusesTools refuses requests with tools, as Ollama does for a model that has no template for them; others go to next.
func RefusesTools(next Script) Script {
	return func(p *Play) {
		if len(p.Request.Chat.Tools) > 0 {
			p.Refuse(400, complaint("registry.ollama.ai/library/fake-1:latest does not support tools", "api_error", ""))
			return
		}
		next(p)
	}
}

// RefusesMaxTokens wants max_completion_tokens, as OpenAI's reasoning models do.
func RefusesMaxTokens(next Script) Script {
	return func(p *Play) {
		if p.Request.Chat.MaxTokens > 0 {
			p.Refuse(400, `{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",`+
				`"type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}`)
			return
		}
		next(p)
	}
}

// RefusesMaxCompletionTokens wants max_tokens, as older servers do that know no other members.
func RefusesMaxCompletionTokens(next Script) Script {
	return func(p *Play) {
		if p.Request.Chat.MaxCompletionTokens > 0 {
			p.Refuse(422, `{"detail":[{"type":"extra_forbidden","loc":["body","max_completion_tokens"],"msg":"Extra inputs are not permitted"}]}`)
			return
		}
		next(p)
	}
}

// RefusesStreamOptions knows no stream_options.
func RefusesStreamOptions(next Script) Script {
	return func(p *Play) {
		if p.Request.Chat.StreamOptions != nil {
			p.Refuse(400, complaint("Unrecognized request argument supplied: stream_options", "invalid_request_error", ""))
			return
		}
		next(p)
	}
}

// WantsToolsNamed refuses requests that have tool calls in their history but name no tools, as Anthropic does.
func WantsToolsNamed(next Script) Script {
	return func(p *Play) {
		for _, message := range p.Request.Chat.Messages {
			if len(message.ToolCalls) > 0 && len(p.Request.Chat.Tools) == 0 {
				p.Refuse(400, complaint("Requests which include `tool_use` or `tool_result` blocks must define tools", "invalid_request_error", ""))
				return
			}
		}
		next(p)
	}
}
