package table

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/cragbase/cragbase/internal/logbook/entry"
)

// KindJSON is what [Disguise] calls JSON.
const KindJSON = "JSON"

// JSON is a decoder of content, without a mark and in UTF-8, which an old editor may have saved otherwise.
func JSON(content []byte) *json.Decoder {
	if content = withoutMark(content); utf8.Valid(content) {
		return json.NewDecoder(bytes.NewReader(content))
	}
	return json.NewDecoder(strings.NewReader(entry.Decode(content)))
}

// BrokenJSON says in words for users what an error of a decoder means.
func BrokenJSON(decoder *json.Decoder, err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "a text that breaks off in the middle"
	}
	return fmt.Sprintf("something that is no JSON after %d bytes of the text", decoder.InputOffset())
}

// DecodeElement reads the next value of a list into a struct. A field of another type than expected is left out and named,
// so that it costs no more than itself; a value that is no object at all is described by what it is instead.
func DecodeElement(decoder *json.Decoder, into any) (oddField, instead string, err error) {
	err = decoder.Decode(into)
	var odd *json.UnmarshalTypeError
	switch {
	case !errors.As(err, &odd):
		return "", "", err
	case odd.Field == "":
		return "", odd.Value, nil
	}
	return odd.Field, "", nil
}
