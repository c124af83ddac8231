package mountainproject

import (
	"errors"
	"fmt"
	"io"
)

// guard passes a CSV file on and ends it with a *FormatError at the first byte that goes over a limit. It stands in front of
// the CSV reader because that reader keeps a whole record in memory, however many columns it has and wherever its quote
// ends.
//
// A quote is taken to open or close a quoted part wherever it stands. This is right for every well-formed record, and the
// CSV reader refuses the others on the line of the stray quote, before it asks for what follows.
type guard struct {
	source    io.Reader
	separator byte // of the columns
	limits    Limits

	line      int // current line, 1-based
	columns   int // separators seen in the current record
	size      int // bytes seen of the current field
	fieldLine int // line on which the current field starts
	quoted    bool
	failure   error
}

func newGuard(source io.Reader, separator byte, limits Limits) *guard {
	return &guard{source: source, separator: separator, limits: limits, line: 1, fieldLine: 1}
}

// Read hands on the bytes before the first offence, and the offence after them.
func (g *guard) Read(p []byte) (int, error) {
	if g.failure != nil {
		return 0, g.failure
	}
	n, err := g.source.Read(p)
	for i, c := range p[:n] {
		if g.step(c); g.failure != nil {
			return i, g.failure
		}
	}
	if errors.Is(err, io.EOF) && g.quoted {
		g.fail(g.fieldLine, "a quote is opened here and never closed")
		return n, g.failure
	}
	return n, err
}

func (g *guard) step(c byte) {
	switch {
	case c == 0:
		g.fail(g.line, "there is a NUL byte, this looks like binary data")
		return
	case c == '"':
		g.quoted = !g.quoted
	case c == '\n':
		g.line++
	}
	if !g.quoted && (c == g.separator || c == '\n') {
		g.endField(c)
		return
	}
	if g.size++; g.size > g.limits.FieldBytes {
		g.failLongField()
	}
}

func (g *guard) endField(end byte) {
	g.size, g.fieldLine = 0, g.line
	if end == '\n' {
		g.columns = 0
		return
	}
	if g.columns++; g.columns >= g.limits.Columns {
		g.fail(g.line, fmt.Sprintf("there are more than %d columns", g.limits.Columns))
	}
}

func (g *guard) failLongField() {
	reason := fmt.Sprintf("a field that starts here is longer than %d bytes", g.limits.FieldBytes)
	if g.quoted {
		reason += ", its quote is probably never closed"
	}
	g.fail(g.fieldLine, reason)
}

func (g *guard) fail(line int, reason string) {
	g.failure = &FormatError{Line: line, Reason: reason}
}
