package fakemodel

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Script answers one request. It ends early, by a panic that net/http knows, when the client has left.
type Script func(*Play)

// Play is one answer that is being given.
type Play struct {
	Request Request

	server *Server
	w      http.ResponseWriter
	ctx    context.Context // of the client's connection
	began  bool
}

// Raw writes text into the stream, as it is, and sends it.
func (p *Play) Raw(text string) {
	p.begin("text/event-stream")
	p.write(text)
}

// Frame writes a data frame.
func (p *Play) Frame(data string) { p.Raw("data: " + data + "\n\n") }

// Refuse answers with a status and a JSON body.
func (p *Play) Refuse(status int, body string) { p.Answer(status, "application/json", body) }

// Answer answers with a status and a body of any type.
func (p *Play) Answer(status int, contentType, body string) {
	p.w.Header().Set("Content-Type", contentType)
	p.w.WriteHeader(status)
	p.began = true
	p.write(body)
}

// Header sets a header of an answer that has not begun.
func (p *Play) Header(name, value string) { p.w.Header().Set(name, value) }

// Hold waits until the client leaves or the test releases the answer.
func (p *Play) Hold() {
	p.server.count(func() { p.server.held++ })
	defer p.server.count(func() { p.server.held-- })
	select {
	case <-p.ctx.Done():
		panic(http.ErrAbortHandler)
	case <-p.server.released:
	}
}

// Wait waits so long, or until the client leaves. It is meant for bubbles, where the time is not that of a clock on the wall.
func (p *Play) Wait(d time.Duration) {
	select {
	case <-p.ctx.Done():
		panic(http.ErrAbortHandler)
	case <-time.After(d):
	}
}

// Cut breaks the connection.
func (p *Play) Cut() { panic(http.ErrAbortHandler) }

func (p *Play) begin(contentType string) {
	if p.began {
		return
	}
	p.began = true
	p.w.Header().Set("Content-Type", contentType)
	p.w.Header().Set("Cache-Control", "no-cache")
	p.w.WriteHeader(http.StatusOK)
}

func (p *Play) write(text string) {
	if p.ctx.Err() != nil {
		panic(http.ErrAbortHandler)
	}
	if _, err := io.WriteString(p.w, text); err != nil {
		panic(http.ErrAbortHandler)
	}
	if err := http.NewResponseController(p.w).Flush(); err != nil {
		panic(http.ErrAbortHandler)
	}
}

// complaint is OpenAI's form of an error.
func complaint(message, kind, code string) string {
	return fmt.Sprintf(`{"error":{"message":%s,"type":%s,"param":null,"code":%s}}`, quote(message), quote(kind), quote(code))
}
