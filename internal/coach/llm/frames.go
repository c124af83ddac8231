package llm

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

const (
	maxLine   = 256 << 10 // of one frame; the longest answer in one piece is below 100 KB
	maxStream = 16 << 20  // of one response; 20,000 tokens of 400 bytes each are 8 MB
)

var (
	errTooLong  = errors.New("a frame or the whole stream is too long")
	errNoStream = errors.New("the answer is no event stream")
	errGarbled  = errors.New("a line of the stream is no frame")
)

// frames reads an event stream and gives go-openai one line "data: {...}" for each frame. go-openai reads lines of any length,
// keeps comments, takes a last line without a line feed for none, and misses errors that come after a comment or beside choices. All of that
// ends here: a frame with an error is a *[frameError] of Read.
type frames struct {
	body   io.Closer
	lines  *bufio.Reader
	left   int    // bytes of the stream that may still come
	begun  bool   // there was a line
	framed bool   // there was a frame
	ready  []byte // of the line that is being handed out
	err    error  // after ready
}

// frameError is an error that came as a frame of a stream.
type frameError struct{ complaint }

func newFrames(body io.ReadCloser) *frames {
	return &frames{body: body, lines: bufio.NewReader(body), left: maxStream}
}

func (f *frames) Close() error { return f.body.Close() }

func (f *frames) Read(p []byte) (int, error) {
	for len(f.ready) == 0 {
		if f.err != nil {
			return 0, f.err
		}
		f.ready, f.err = f.next()
	}
	n := copy(p, f.ready)
	f.ready = f.ready[n:]
	return n, nil
}

// next returns the next frame as a line, or nothing for what is to be passed over.
func (f *frames) next() ([]byte, error) {
	line, err := f.line()
	if err != nil && (err != io.EOF || len(line) == 0) {
		return nil, err
	}
	if !f.begun {
		f.begun = true
		line = bytes.TrimPrefix(line, []byte("\uFEFF"))
	}
	data, is, known := dataOf(line)
	switch {
	case !known && !f.framed:
		return nil, errNoStream
	case !known:
		return nil, garbled(err)
	case !is:
		return nil, err
	}
	f.framed = true
	return f.frame(data, err)
}

// frame checks the data of a frame. end is what came after it: a last frame that is cut is none.
func (f *frames) frame(data []byte, end error) ([]byte, error) {
	if bytes.Equal(data, []byte("[DONE]")) {
		return []byte("data: [DONE]\n"), end
	}
	if !json.Valid(data) || data[0] != '{' {
		return nil, garbled(end)
	}
	if complaint, is := readComplaint(data); is {
		return nil, &frameError{complaint}
	}
	return append(append([]byte("data: "), data...), '\n'), end
}

// garbled is what a line that cannot be read means: where the stream ended in it, that it was cut.
func garbled(end error) error {
	if end != nil {
		return io.ErrUnexpectedEOF
	}
	return errGarbled
}

// line returns the next line without its end, and the error that came instead of a line feed.
func (f *frames) line() ([]byte, error) {
	var line []byte
	for {
		piece, err := f.lines.ReadSlice('\n')
		f.left -= len(piece)
		if len(line)+len(piece) > maxLine || f.left < 0 {
			return nil, errTooLong
		}
		line = append(line, piece...)
		if err != bufio.ErrBufferFull {
			return bytes.TrimSpace(line), err
		}
	}
}

// dataOf takes the data out of a line. Comments, blank lines and the other fields of an event stream have none; known is false
// for lines that are none of those.
func dataOf(line []byte) (data []byte, is, known bool) {
	if len(line) == 0 || line[0] == ':' {
		return nil, false, true
	}
	field, value, _ := bytes.Cut(line, []byte(":"))
	switch string(field) {
	case "data":
		value = bytes.TrimSpace(value)
		return value, len(value) > 0, true
	case "event", "id", "retry":
		return nil, false, true
	}
	return nil, false, false
}
