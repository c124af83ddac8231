package llm

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
)

const maxRefusal = 64 << 10 // bytes of the body of a refusal; the rest is not read

// wire sends requests for go-openai, which reads the body of an error without a limit, follows redirects, takes any 2xx or 3xx
// for a stream, and loses Retry-After. What it hands over is the body of an event stream, cleaned by [frames].
type wire struct {
	client    http.Client
	authorize func(http.Header) // a closure, so that nothing prints the key
}

func newWire(key string, transport http.RoundTripper) *wire {
	if transport == nil {
		transport = http.DefaultTransport.(*http.Transport).Clone()
	}
	// a redirect would carry the chat to a place that nobody has configured
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	authorize := func(header http.Header) {
		if key != "" {
			header.Set("Authorization", "Bearer "+key)
		}
	}
	return &wire{http.Client{Transport: transport, CheckRedirect: stay}, authorize}
}

// Do returns the answer only when it is a stream; its error is a *[refusal] when the server answered otherwise.
func (w *wire) Do(request *http.Request) (*http.Response, error) {
	w.authorize(request.Header)
	response, err := w.client.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode == http.StatusOK && isStream(response.Header.Get("Content-Type")) {
		response.Body = newFrames(response.Body)
		return response, nil
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(response.Body, maxRefusal)) // of a body that breaks off, what there is will do
	refused := &refusal{status: response.StatusCode, retryAfter: response.Header.Get("Retry-After")}
	refused.complaint, _ = readComplaint(body)
	refused.raw = strings.ToLower(string(body))
	return nil, refused
}

// isStream is generous: servers send streams as text/plain, or without a type. Those of which this is wrong fail in frames.
func isStream(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return true
	}
	return kind != "text/html" && kind != "application/json" && kind != "application/problem+json"
}

// refusal is an answer that is no stream.
type refusal struct {
	status     int
	retryAfter string
	complaint
	raw string // the body in lower case, to find a parameter's name in; in no message, because it may repeat the chat
}

func (r *refusal) Error() string {
	text := fmt.Sprintf("status %d", r.status)
	if r.status == http.StatusOK {
		text = "no event stream"
	}
	if described := r.complaint.Error(); described != "" {
		text += ": " + described
	}
	if r.retryAfter != "" {
		text += " (retry after " + cut(r.retryAfter, 40) + ")"
	}
	return text
}

// asked reports whether the server refused the request for what is in it, before any work on it.
func (r *refusal) asked() bool {
	switch r.status {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusNotImplemented:
		return true
	}
	return false
}

func (r *refusal) names(words ...string) bool {
	for _, word := range words {
		if strings.Contains(r.raw, word) {
			return true
		}
	}
	return false
}

// cut shortens a text to so many bytes, and keeps it on one line.
func cut(text string, bytes int) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > bytes {
		text = text[:bytes] + "…"
	}
	return strings.ToValidUTF8(text, "�")
}
