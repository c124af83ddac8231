package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Transport calls a handler without a network. A client that gives up gets its error while the handler goes on, as with a real server.
func Transport(h http.Handler) http.RoundTripper { return inProcess{h} }

type inProcess struct{ handler http.Handler }

func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	request := r.Clone(r.Context())
	request.Body, request.RequestURI, request.Host = http.NoBody, r.URL.RequestURI(), r.URL.Host
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil {
			return nil, err
		}
		request.Body = io.NopCloser(bytes.NewReader(body))
	}
	done := make(chan *http.Response, 1)
	go func() { done <- t.serve(request) }()
	select {
	case response := <-done:
		if response == nil {
			return nil, io.ErrUnexpectedEOF
		}
		response.Request = r
		return response, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// serve returns nil when the handler hung up.
func (t inProcess) serve(r *http.Request) (response *http.Response) {
	defer func() {
		switch reason := recover().(type) {
		case nil:
		case error:
			if !errors.Is(reason, http.ErrAbortHandler) {
				panic(reason)
			}
			response = nil
		default:
			panic(fmt.Sprint(reason))
		}
	}()
	w := &recorder{header: http.Header{}}
	t.handler.ServeHTTP(w, r)
	w.WriteHeader(http.StatusOK)
	return &http.Response{
		Status: http.StatusText(w.status), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: w.sent,
		Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()),
	}
}

// recorder keeps an answer until it is whole.
type recorder struct {
	header, sent http.Header
	status       int
	body         bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status, w.sent = status, w.header.Clone()
	}
}

func (w *recorder) Write(data []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(data)
}
