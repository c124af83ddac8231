package mountainproject

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cragbase/cragbase/internal/logbook/entry"
)

// chunkBytes is the size of the pieces in which a file is read.
const chunkBytes = 64 << 10

// Read reads a tick export as it is. It reads r as a stream and keeps no more of it than the ticks. A file that is not an export, or
// is one only in parts, is a *FormatError; one with too many rows is a *TooManyRowsError; an error of r is returned wrapped.
// In each case nothing of the file is returned.
func Read(r io.Reader, limits Limits) (*Export, error) {
	return parseAt(r, limits, time.Now())
}

// Recognise reports whether head, the beginning of a file, begins like a tick export: with a header row that has the
// required columns, in any order and quoting, with or without a byte order mark. One KiB is enough.
func Recognise(head []byte) bool {
	_, err := open(bytes.NewReader(head), Limits{}.withDefaults())
	return err == nil
}

func parseAt(r io.Reader, limits Limits, now time.Time) (*Export, error) {
	p, err := open(r, limits.withDefaults())
	if err != nil {
		return nil, err
	}
	p.latest = latestDate(now)
	for {
		fields, err := p.next()
		if errors.Is(err, io.EOF) {
			return p.finish()
		}
		if err != nil {
			return nil, err
		}
		if p.records() == p.limits.Rows {
			return nil, &TooManyRowsError{Limit: p.limits.Rows}
		}
		p.add(fields)
	}
}

// parser reads the records of one file.
type parser struct {
	csv     *csv.Reader
	limits  Limits
	header  header
	latest  string // the last date that is taken for a date of a tick
	resaved bool   // something in the file shows that a spreadsheet wrote it
	export  Export
}

// open looks at the beginning of r and reads the header row.
func open(r io.Reader, limits Limits) (*parser, error) {
	source := bufio.NewReaderSize(r, chunkBytes)
	head, err := source.Peek(sniffBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read tick export: %w", err)
	}
	if kind := disguise(head); kind != "" {
		return nil, &FormatError{Reason: "this looks like " + kind}
	}
	separator := separatorOf(head)
	p := &parser{limits: limits, resaved: separator != separators[0] || looksResaved(head)}
	if bytes.HasPrefix(head, byteOrderMark) {
		if _, err := source.Discard(len(byteOrderMark)); err != nil {
			return nil, fmt.Errorf("read tick export: %w", err)
		}
	}
	p.csv = csv.NewReader(bufio.NewReaderSize(newGuard(source, separator, limits), chunkBytes))
	p.csv.Comma = rune(separator)
	p.csv.FieldsPerRecord = -1 // a row of another width is skipped, not the end of the file
	p.csv.ReuseRecord = true
	return p, p.readHeader()
}

// separators are what stands between fields, the site's own first. Spreadsheets of countries with a decimal comma write semicolons.
var separators = [...]byte{',', ';', '\t'}

// separatorOf is the separator by which the header row in head has most of the required columns, the site's own where none has any.
func separatorOf(head []byte) byte {
	best, fewest := separators[0], int(requiredColumns)
	for _, separator := range separators {
		reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(head, byteOrderMark)))
		reader.Comma = rune(separator)
		fields, err := reader.Read()
		if err != nil {
			continue
		}
		h, _ := newHeader(fields)
		if absent := len(h.absent()); absent < fewest {
			best, fewest = separator, absent
		}
	}
	return best
}

// looksResaved reports whether head shows a spreadsheet's hand: the site writes no byte order mark and always quotes the
// names of two words in the header.
func looksResaved(head []byte) bool {
	text, marked := bytes.CutPrefix(head, byteOrderMark)
	first, _, _ := bytes.Cut(bytes.TrimLeft(text, "\r\n"), []byte("\n"))
	return marked || !bytes.Contains(first, []byte(`"`))
}

func (p *parser) readHeader() error {
	fields, err := p.next()
	if errors.Is(err, io.EOF) {
		return &FormatError{Reason: "this is an empty file"}
	}
	if err != nil {
		return err
	}
	if strings.TrimSpace(strings.Join(fields, "")) == "" {
		return &FormatError{Reason: "this is an empty file, or begins with a row without a letter"}
	}
	head, problem := newHeader(fields)
	if problem != "" {
		return &FormatError{Line: p.line(), Reason: problem}
	}
	p.header = head
	return nil
}

// next returns the fields of the next record, which are valid until the following call, or io.EOF.
func (p *parser) next() ([]string, error) {
	fields, err := p.csv.Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, io.EOF
	case err != nil:
		return nil, fileError(err)
	}
	for i, field := range fields {
		if !utf8.ValidString(field) {
			fields[i], p.resaved = entry.Decode([]byte(field)), true
		}
	}
	return fields, nil
}

const nothingAfterHeader = "there is a header row and nothing after it"

const badQuote = "a quoted field of the record that starts here is not followed by a separator or the end of the line"

// fileError turns an error of the CSV reader into one of this package.
func fileError(err error) error {
	var syntax *csv.ParseError
	var format *FormatError
	switch {
	case errors.As(err, &syntax) && errors.Is(syntax.Err, csv.ErrBareQuote):
		return &FormatError{Line: syntax.Line, Reason: "a quote stands inside a field that is not quoted"}
	case errors.As(err, &syntax):
		return &FormatError{Line: syntax.StartLine, Reason: badQuote}
	case errors.As(err, &format):
		return format
	}
	return fmt.Errorf("read tick export: %w", err)
}

// line is the line on which the current record starts.
func (p *parser) line() int {
	line, _ := p.csv.FieldPos(0)
	return line
}

func (p *parser) records() int { return len(p.export.Ticks) + len(p.export.Skipped) }

// add reads one record after the header.
func (p *parser) add(fields []string) {
	row := row{line: p.line(), fields: fields, header: &p.header, warnings: &p.export.Warnings}
	tick, problem := row.tick(p.latest)
	if problem != "" {
		p.export.Skipped = append(p.export.Skipped, Skip{Line: row.line, Reason: problem, NoTick: row.isNone()})
		return
	}
	if tick.Repaired {
		p.export.Repaired++
	}
	p.resaved = p.resaved || tick.Repaired || row.otherDate
	p.export.Ticks = append(p.export.Ticks, tick)
}

func (p *parser) finish() (*Export, error) {
	if p.records() == 0 {
		return nil, &FormatError{Reason: nothingAfterHeader}
	}
	p.export.Form = p.form()
	if p.export.Form == Form2018 {
		for i := range p.export.Ticks {
			slices.Reverse(p.export.Ticks[i].Location)
		}
	}
	return &p.export, nil
}

func (p *parser) form() Form {
	switch {
	case !p.header.has(columnRatingCode) && !rootFirst(p.export.Ticks):
		return Form2018
	case p.resaved:
		return FormResaved
	}
	return FormModern
}
