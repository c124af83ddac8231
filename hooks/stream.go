package hooks

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

const eventStreamType = "text/event-stream"

const (
	eventTimeout = 10 * time.Second // for a client to take an event
	heartbeat    = 15 * time.Second // between comments, so that no proxy takes a thinking model for a dead line
)

// eventStream is an answer in server-sent events. Its methods may be called at once.
type eventStream struct {
	mu      sync.Mutex
	writer  http.ResponseWriter
	control *http.ResponseController
	stop    chan struct{}
	stopped sync.WaitGroup
}

// openStream begins a stream. It must be closed.
func openStream(e *core.RequestEvent) *eventStream {
	header := e.Response.Header()
	header.Set("Content-Type", eventStreamType)
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no")
	s := &eventStream{writer: e.Response, control: http.NewResponseController(e.Response), stop: make(chan struct{})}
	s.stopped.Go(s.beat)
	return s
}

// send writes an event with JSON as its data.
func (s *eventStream) send(event string, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	return s.write("event: " + event + "\ndata: " + string(text) + "\n\n")
}

func (s *eventStream) write(text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.control.SetWriteDeadline(time.Now().Add(eventTimeout)) // a test's recorder has none
	if _, err := s.writer.Write([]byte(text)); err != nil {
		return fmt.Errorf("send event: %w", err)
	}
	return s.control.Flush()
}

func (s *eventStream) beat() {
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-ticker.C:
			if s.write(": waiting\n\n") != nil {
				return // the answer sees it too
			}
		}
	}
}

// close ends the heartbeat. The connection may be used for other requests afterwards.
func (s *eventStream) close() {
	close(s.stop)
	s.stopped.Wait()
	_ = s.control.SetWriteDeadline(time.Time{})
}

// keepReading lifts the time in which a request has to be read. It has been read, and net/http would take a client that has
// nothing more to say for one that is gone.
func keepReading(e *core.RequestEvent) {
	_ = http.NewResponseController(e.Response).SetReadDeadline(time.Time{}) // a test's recorder has none
}

// replyEvents sends an answer.
type replyEvents struct{ *eventStream }

func (s replyEvents) Tool(name, summary string) error {
	return s.send("tool", toolEvent{name, summary})
}
func (s replyEvents) Delta(text string) error { return s.send("delta", deltaEvent{text}) }

type startEvent struct {
	ChatID    string `json:"chat_id"`
	MessageID string `json:"message_id"`
	Remaining *int   `json:"remaining_messages"` // null: no limit
}

type toolEvent struct {
	Name    string `json:"name"`
	Summary string `json:"summary"`
}

type deltaEvent struct {
	Text string `json:"text"`
}

type endEvent struct {
	State string     `json:"state"` // done or stopped
	Usage usageEvent `json:"usage"`
}

type usageEvent struct {
	PromptTokens     int    `json:"prompt_tokens"`
	CompletionTokens int    `json:"completion_tokens"`
	FinishReason     string `json:"finish_reason"`
}

type errorEvent struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}
