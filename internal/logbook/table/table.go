// Package table reads the CSV files of logbooks: in whatever encoding and with whatever separator a spreadsheet left them,
// by the names of their columns, and within limits.
package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/cragbase/cragbase/internal/logbook/entry"
)

const (
	maxColumns    = 64
	maxFieldBytes = 64 << 10 // a note of 30 pages
)

// separators are what stands between fields, the usual one first. Spreadsheets of countries with a decimal comma write
// semicolons.
var separators = [...]byte{',', ';', '\t'}

// Format is what a source's files look like.
type Format struct {
	Expected   string   // what a user has to upload, as the object of a sentence
	Columns    []string // that every file has; others are optional
	FieldBytes int      // the longest field; 0: 64 KiB
}

// Recognise reports whether head, the beginning of a file, begins with a header row that has the columns of the format. One
// KiB is enough.
func (f *Format) Recognise(head []byte) bool {
	_, err := f.Open(head, entry.Limits{})
	return err == nil
}

// Table is a file while it is read.
type Table struct {
	format  *Format
	scanner scanner
	columns map[string]int // by the name in lower case
	width   int            // fields of a row
	rows    int
	limit   int
}

// Row is a row below the header. Its fields are valid until the next one is read.
type Row struct {
	Line   int
	Fields []string
	table  *Table
}

// Open reads the header row. The error is an *entry.FormatError.
func (f *Format) Open(content []byte, limits entry.Limits) (*Table, error) {
	if kind := Disguise(content); kind != "" {
		return nil, f.refuse("%s", kind)
	}
	var first error
	for _, separator := range separators {
		t := &Table{format: f, scanner: newScanner(content, separator), limit: limits.Rows}
		if t.limit <= 0 {
			t.limit = entry.MaxRows
		}
		if f.FieldBytes > 0 {
			t.scanner.longest = f.FieldBytes
		}
		err := t.readHeader()
		if err == nil {
			return t, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

func (t *Table) readHeader() error {
	fields, err := t.scanner.record()
	if errors.Is(err, io.EOF) {
		return t.format.refuse("an empty file")
	}
	if err != nil {
		return t.format.refuse("%v", err)
	}
	t.width, t.columns = len(fields), make(map[string]int, len(fields))
	for i, field := range fields {
		name := strings.ToLower(entry.Text(field))
		if _, twice := t.columns[name]; twice && name != "" {
			return t.format.refuse("a header row with the column %s twice", entry.Clip(field))
		}
		t.columns[name] = i
	}
	return t.missing(fields)
}

// missing says which columns of the format are not in the header row.
func (t *Table) missing(fields []string) error {
	var absent []string
	for _, name := range t.format.Columns {
		if !t.Has(name) {
			absent = append(absent, name)
		}
	}
	switch {
	case len(absent) == 0:
		return nil
	case len(absent) == len(t.format.Columns):
		return t.format.refuse("a text file that begins with %s", entry.Clip(fields[0]))
	}
	return t.format.refuse("a table without the columns %s", strings.Join(absent, ", "))
}

// Has reports whether the file has a column.
func (t *Table) Has(column string) bool {
	_, ok := t.columns[strings.ToLower(column)]
	return ok
}

// Next is the next row, or io.EOF. Lines with nothing on them are no rows. The other errors are an *entry.FormatError and an
// *entry.TooManyRowsError; a file that has no row at all is one of the first.
func (t *Table) Next() (*Row, error) {
	fields, err := t.scanner.record()
	switch {
	case errors.Is(err, io.EOF) && t.rows == 0:
		return nil, t.format.refuse("a header row and no row below it")
	case errors.Is(err, io.EOF):
		return nil, io.EOF
	case err != nil:
		return nil, t.format.refuse("%v", err)
	case t.rows == t.limit:
		return nil, &entry.TooManyRowsError{Limit: t.limit}
	}
	t.rows++
	return &Row{Line: t.scanner.start, Fields: fields, table: t}, nil
}

// Problem says why no cell of the row can be trusted, "" when there is no reason.
func (r *Row) Problem() string {
	if len(r.Fields) != r.table.width {
		return fmt.Sprintf("the row has %d fields where the header has %d", len(r.Fields), r.table.width)
	}
	return ""
}

// IsBlank reports whether the row is one of a spreadsheet that has nothing in it.
func (r *Row) IsBlank() bool {
	return !slices.ContainsFunc(r.Fields, func(field string) bool { return entry.Text(field) != "" })
}

// Cell is a field without the space around it, "" when the file has no such column.
func (r *Row) Cell(column string) string { return entry.Text(r.Raw(column)) }

// Raw is a field as it is, "" when the file has no such column.
func (r *Row) Raw(column string) string {
	i, ok := r.table.columns[strings.ToLower(column)]
	if !ok || i >= len(r.Fields) {
		return ""
	}
	return r.Fields[i]
}

func (f *Format) refuse(found string, args ...any) error {
	return &entry.FormatError{Expected: f.Expected, Found: fmt.Sprintf(found, args...)}
}

// byteOrderMark is what some editors put in front of UTF-8.
var byteOrderMark = []byte("\xef\xbb\xbf")

func withoutMark(content []byte) []byte { return bytes.TrimPrefix(content, byteOrderMark) }
