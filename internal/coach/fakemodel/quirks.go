package fakemodel

import (
	"fmt"
	"strings"
)

// Comments sends SSE comments before and between the frames, as OpenRouter does while a model is starting.
func Comments(pieces ...string) Script {
	return func(p *Play) {
		for range 400 { // ten minutes of them
			p.Raw(": OPENROUTER PROCESSING\n\n")
		}
		p.Frame(opening())
		for _, piece := range pieces {
			p.Raw(": OPENROUTER PROCESSING\n\n")
			p.Frame(content(piece))
		}
		p.end("stop")
	}
}

// CRLF ends its lines with \r\n, begins with a byte-order mark, names its events, and leaves no space after "data:".
func CRLF(pieces ...string) Script {
	return func(p *Play) {
		p.Raw("\uFEFFevent: message\r\nid: 1\r\nretry: 3000\r\ndata:" + opening() + "\r\n\r\n")
		for _, piece := range pieces {
			p.Raw("data:" + content(piece) + "\r\n\r\n")
		}
		p.Raw("data:" + ending("stop") + "\r\n\r\ndata:[DONE]\r\n\r\n")
	}
}

// NoUsage never says what the answer cost.
func NoUsage(pieces ...string) Script {
	return func(p *Play) {
		p.text(pieces)
		p.Frame(ending("stop"))
		p.Frame(done)
	}
}

// NoDone closes the connection after the reason of the end, without a line feed after it.
func NoDone(pieces ...string) Script {
	return func(p *Play) {
		p.text(pieces)
		p.Raw("data: " + ending("stop"))
	}
}

// LingersAtEnd holds the connection open after the reason of the end.
func LingersAtEnd(pieces ...string) Script {
	return func(p *Play) {
		p.text(pieces)
		p.Frame(ending("stop"))
		p.Hold()
	}
}

// EmptyReasons sends finish_reason "" with every frame until the last, and null content beside reasoning.
func EmptyReasons(pieces ...string) Script {
	return func(p *Play) {
		p.Frame(chunk(`{"role":"assistant","content":null,"reasoning_content":"The climber asks ..."}`, `""`))
		for _, piece := range pieces {
			p.Frame(chunk(`{"content":`+quote(piece)+`}`, `""`))
		}
		p.end("stop")
	}
}

// NoReason says [DONE] though no finish_reason arrived.
func NoReason(pieces ...string) Script {
	return func(p *Play) {
		p.text(pieces)
		p.Frame(done)
	}
}

// EndsWithoutReason closes the stream in good order without a finish_reason or [DONE]: the server behind the proxy died.
func EndsWithoutReason(pieces ...string) Script {
	return func(p *Play) { p.text(pieces) }
}

// Cut breaks the connection after the pieces.
func Cut(pieces ...string) Script {
	return func(p *Play) {
		p.text(pieces)
		p.Cut()
	}
}

// CutInFrame closes the stream in good order in the middle of a frame.
func CutInFrame(pieces ...string) Script {
	return func(p *Play) {
		p.text(pieces)
		p.Raw("data: " + ending("stop")[:120])
	}
}

// ErrorFrame sends an error object in a data frame of the 200 stream, after the pieces, and says nothing more.
func ErrorFrame(pieces ...string) Script {
	return func(p *Play) {
		p.text(pieces)
		p.Frame(complaint("The server had an error while processing your request.", "server_error", "server_error"))
		p.Hold()
	}
}

// ErrorBesideChoices is an error frame as OpenRouter sends it: with choices, whose reason is "error".
func ErrorBesideChoices(pieces ...string) Script {
	return func(p *Play) {
		p.Raw(": OPENROUTER PROCESSING\n\n")
		p.text(pieces)
		p.Frame(strings.Replace(ending("error"), `{"id"`, `{"error":{"code":502,"message":"Provider disconnected"},"id"`, 1))
		p.Frame(done)
	}
}

// OverloadedFrame is an error frame that says that the model is overloaded.
func OverloadedFrame(p *Play) {
	p.Raw("event: error\n")
	p.Frame(`{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`)
}

// InvalidUTF8 has bytes that are no UTF-8 in its text.
func InvalidUTF8(p *Play) {
	p.Frame(opening())
	p.Frame(strings.Replace(content("grade # done"), "#", "\xff\xc3", 1))
	p.end("stop")
}

// Huge sends one frame of 64 MB and more of a line that never ends.
func Huge(p *Play) {
	p.Raw(`data: {"choices":[{"index":0,"delta":{"content":"`)
	for range 1024 {
		p.Raw(strings.Repeat("x", 64<<10))
	}
	p.Raw("\"}}]}\n\n")
}

// Garbage sends a frame that is no JSON.
func Garbage(pieces ...string) Script {
	return func(p *Play) {
		p.text(pieces)
		p.Frame(`{"choices":[{"index":0,"delta":{"content":"half`)
		p.end("stop")
	}
}

// Whole answers in one JSON object, as servers do that cannot stream.
func Whole(text string) Script {
	return func(p *Play) {
		p.Answer(200, "application/json", fmt.Sprintf(`{"id":"chatcmpl-1","object":"chat.completion",`+
			`"choices":[{"index":0,"message":{"role":"assistant","content":%s},"finish_reason":"stop"}]}`, quote(text)))
	}
}
