package fakemodel

import "fmt"

// Text answers with pieces of text, as OpenAI does: the role first, the reason of the end, the usage if it was asked for, [DONE].
func Text(pieces ...string) Script {
	return func(p *Play) {
		p.text(pieces)
		p.end("stop")
	}
}

// Ended is Text with another reason of the end: length, content_filter.
func Ended(reason string, pieces ...string) Script {
	return func(p *Play) {
		p.text(pieces)
		p.end(reason)
	}
}

// Calls asks for tools, several of them in parallel, as OpenAI does: the id and the name first, then the arguments in pieces.
func Calls(list ...Call) Script { return CallsAfter("", list...) }

// CallsAfter is Calls after a text.
func CallsAfter(text string, list ...Call) Script {
	return func(p *Play) {
		p.Frame(opening())
		if text != "" {
			p.Frame(content(text))
		}
		for i, call := range list {
			first, second := halves(call.Arguments)
			p.Frame(calls(callPiece(i, fmt.Sprintf("call_%d", i+1), call.Name, "")))
			p.Frame(calls(callPiece(i, "", "", first)))
			p.Frame(calls(callPiece(i, "", "", second)))
		}
		p.end("tool_calls")
	}
}

// Slow holds before the first token, then is Text.
func Slow(pieces ...string) Script {
	return func(p *Play) {
		p.Frame(opening())
		p.Hold()
		Text(pieces...)(p)
	}
}

// Silent holds before anything is sent, also the headers, then is Text.
func Silent(pieces ...string) Script {
	return func(p *Play) {
		p.Hold()
		Text(pieces...)(p)
	}
}

// Stall sends the pieces and holds before the end.
func Stall(pieces ...string) Script {
	return func(p *Play) {
		p.text(pieces)
		p.Hold()
		p.end("stop")
	}
}

// Endless repeats a piece until the client leaves.
func Endless(piece string) Script {
	return func(p *Play) {
		for {
			p.Frame(content(piece))
		}
	}
}

// Refuse answers with a status and OpenAI's form of an error.
func Refuse(status int, message, kind, code string) Script {
	return func(p *Play) { p.Refuse(status, complaint(message, kind, code)) }
}

// RateLimited answers 429 with Retry-After.
func RateLimited(seconds int) Script {
	return func(p *Play) {
		p.Header("Retry-After", fmt.Sprint(seconds))
		p.Refuse(429, complaint("Rate limit reached for fake-1 on requests per min.", "requests", "rate_limit_exceeded"))
	}
}

// Page answers with a status and a page of HTML, as proxies do.
func Page(status int) Script {
	return func(p *Play) {
		p.Answer(status, "text/html; charset=utf-8", "<!DOCTYPE html>\n<html><head><title>Bad gateway</title></head><body>data: none</body></html>\n")
	}
}

// Redirect sends the client elsewhere.
func Redirect(to string) Script {
	return func(p *Play) {
		p.Header("Location", to)
		p.Answer(307, "text/plain", "")
	}
}

func (p *Play) text(pieces []string) {
	p.Frame(opening())
	for _, piece := range pieces {
		p.Frame(content(piece))
	}
}

func (p *Play) end(reason string) {
	p.Frame(ending(reason))
	if options := p.Request.Chat.StreamOptions; options != nil && options.IncludeUsage {
		p.Frame(usage())
	}
	p.Frame(done)
}
