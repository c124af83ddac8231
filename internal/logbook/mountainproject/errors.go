package mountainproject

import (
	"errors"
	"fmt"
)

// ErrTooManyRows says that a file has more records than Limits.Rows; the error in the chain is a *TooManyRowsError.
var ErrTooManyRows = errors.New("too many rows")

// FormatError says that a file as a whole is not a tick export, so that nothing of it was read.
type FormatError struct {
	Line   int    // line of the file where the trouble starts, 1-based; 0 when it is the file as a whole
	Reason string // what the file looks like, as the second half of a sentence
}

// Error names what was expected and what was found instead.
func (e *FormatError) Error() string { return "expected " + expected() + "; " + e.found() }

// found is what is wrong, and where.
func (e *FormatError) found() string {
	if e.Line > 0 {
		return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
	}
	return e.Reason
}

// TooManyRowsError says that a file has more records than are read at once.
type TooManyRowsError struct {
	Limit int // records after the header that are allowed
}

// Error names the limit.
func (e *TooManyRowsError) Error() string {
	return fmt.Sprintf("the tick export has more than %d rows", e.Limit)
}

// Is makes every TooManyRowsError match ErrTooManyRows.
func (e *TooManyRowsError) Is(target error) bool { return target == ErrTooManyRows }
