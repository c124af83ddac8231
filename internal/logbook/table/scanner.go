package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/cragbase/cragbase/internal/logbook/entry"
)

// scanner cuts a file into records by the rules of RFC 4180, with line breaks of either kind. encoding/csv reads the same
// files to the same records, but keeps a whole record in memory, however many columns it has and wherever its quote ends.
type scanner struct {
	rest      []byte
	separator byte
	line      int // on which rest begins
	start     int // line on which the last record began
	fields    []string
	buffer    []byte // of a quoted field
	longest   int    // field, in bytes
}

func newScanner(content []byte, separator byte) scanner {
	return scanner{rest: withoutMark(content), separator: separator, line: 1, longest: maxFieldBytes}
}

// The ways in which a file can be broken. Texts are the end of "found".
var (
	errNul     = errors.New("a NUL byte, so this looks like binary data")
	errColumns = fmt.Errorf("more than %d columns", maxColumns)
	errLong    = errors.New("a field longer than any note, so a quote is perhaps never closed")
	errQuote   = errors.New("a quoted field that is not followed by a separator or the end of the line")
	errOpen    = errors.New("a quote that is opened and never closed")
)

// record is the next record, whose fields are valid until the following call, or io.EOF. Lines of nothing but space are none.
func (s *scanner) record() ([]string, error) {
	s.skipBlank()
	if len(s.rest) == 0 {
		return nil, io.EOF
	}
	s.start, s.fields = s.line, s.fields[:0]
	for {
		last, err := s.field()
		if err != nil {
			return nil, fmt.Errorf("in line %d %w", s.start, err)
		}
		if last {
			return s.fields, nil
		}
		if len(s.fields) == maxColumns {
			return nil, fmt.Errorf("in line %d %w", s.start, errColumns)
		}
	}
}

// skipBlank goes to the first line with something on it.
func (s *scanner) skipBlank() {
	for {
		end := bytes.IndexByte(s.rest[:min(len(s.rest), maxFieldBytes)], '\n')
		if end < 0 {
			if len(s.rest) <= maxFieldBytes && s.isBlank(s.rest) {
				s.rest = nil
			}
			return
		}
		if !s.isBlank(s.rest[:end]) {
			return
		}
		s.rest, s.line = s.rest[end+1:], s.line+1
	}
}

// isBlank leaves lines of tabs to the tables whose separator is one.
func (s *scanner) isBlank(line []byte) bool {
	for _, c := range line {
		if c != ' ' && c != '\r' && (c != '\t' || s.separator == '\t') {
			return false
		}
	}
	return true
}

// field reads one field and what ends it; last says that this was the end of the record.
func (s *scanner) field() (last bool, err error) {
	if len(s.rest) > 0 && s.rest[0] == '"' {
		return s.quotedField()
	}
	end := s.plainEnd()
	if end > s.longest {
		return false, errLong
	}
	plain := s.rest[:end]
	s.rest = s.rest[end:]
	if len(s.rest) == 0 || s.rest[0] == '\n' {
		plain = bytes.TrimSuffix(plain, []byte("\r"))
	}
	if err := s.keep(plain); err != nil {
		return false, err
	}
	return s.pass(), nil
}

// plainEnd is where a field without quotes ends. It looks no further than a field may be long.
func (s *scanner) plainEnd() int {
	window := s.rest[:min(len(s.rest), s.longest+1)]
	for i, c := range window {
		if c == s.separator || c == '\n' {
			return i
		}
	}
	return len(window)
}

// quotedField reads a field in quotes, which can hold separators, line breaks and doubled quotes.
func (s *scanner) quotedField() (last bool, err error) {
	s.buffer, s.rest = s.buffer[:0], s.rest[1:]
	for {
		end := bytes.IndexByte(s.rest[:min(len(s.rest), s.longest+1)], '"')
		switch {
		case end < 0 && len(s.rest) > s.longest, len(s.buffer)+end > s.longest:
			return false, errLong
		case end < 0:
			return false, errOpen
		}
		s.buffer = append(s.buffer, s.rest[:end]...)
		s.line += bytes.Count(s.rest[:end], []byte("\n"))
		s.rest = s.rest[end+1:]
		if len(s.rest) == 0 || s.rest[0] != '"' {
			break
		}
		s.buffer, s.rest = append(s.buffer, '"'), s.rest[1:]
	}
	s.rest = bytes.TrimPrefix(s.rest, []byte("\r"))
	if len(s.rest) > 0 && s.rest[0] != s.separator && s.rest[0] != '\n' {
		return false, errQuote
	}
	if err := s.keep(s.buffer); err != nil {
		return false, err
	}
	return s.pass(), nil
}

// pass goes over the separator or the line break after a field.
func (s *scanner) pass() (last bool) {
	if len(s.rest) == 0 {
		return true
	}
	last = s.rest[0] == '\n'
	if last {
		s.line++
	}
	s.rest = s.rest[1:]
	return last
}

func (s *scanner) keep(field []byte) error {
	if bytes.IndexByte(field, 0) >= 0 {
		return errNul
	}
	text := entry.Decode(field)
	if strings.Contains(text, "\r\n") {
		text = strings.ReplaceAll(text, "\r\n", "\n")
	}
	s.fields = append(s.fields, text)
	return nil
}
