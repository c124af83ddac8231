package table

import (
	"bytes"
	"strings"
)

// utf16Kind has a mark or none.
const utf16Kind = "UTF-16 text: save it in UTF-8"

// signatures are how the files begin that are uploaded in place of an export. A download that has failed is an HTML page, and
// a spreadsheet saves a zip archive or UTF-16 unless told to write CSV.
var signatures = [...]struct{ prefix, kind string }{
	{"\x89PNG", "a PNG image"},
	{"\xff\xd8\xff", "a JPEG image"},
	{"GIF8", "a GIF image"},
	{"%PDF-", "a PDF document"},
	{"PK\x03\x04", "a zip archive or a spreadsheet workbook (.xlsx, .ods): unpack it or save it as CSV"},
	{"PK\x05\x06", "an empty zip archive"},
	{"\x1f\x8b", "a gzip archive: unpack it"},
	{"\xd0\xcf\x11\xe0", "an old spreadsheet workbook (.xls): save it as CSV"},
	{"\xff\xfe", utf16Kind},
	{"\xfe\xff", utf16Kind},
	{"{\\rtf", "a rich text document"},
	{"{", "JSON"},
	{"[", "JSON"},
	{"<?xml", "an XML document"},
	{"<", "an HTML page, as a site sends it instead of the file when you are not logged in"},
}

// sniffBytes is how much of a file is looked at; space in front of a page can be longer than its signature.
const sniffBytes = 1024

// Disguise says as what other kind of file content is recognised by its beginning, "" for text that may be a table.
func Disguise(content []byte) string {
	head := content[:min(len(content), sniffBytes)]
	if isUTF16(head) { // before the rest, which would take its first letter for the beginning of JSON or a page
		return utf16Kind
	}
	text := string(bytes.TrimLeft(withoutMark(head), " \t\r\n"))
	for _, s := range signatures {
		if strings.HasPrefix(text, s.prefix) {
			return s.kind
		}
	}
	if bytes.IndexByte(head, 0) >= 0 {
		return "binary data"
	}
	return ""
}

// isUTF16 recognises UTF-16 without a mark: of the first two letters, which are ASCII in every export, one half of each is
// zero.
func isUTF16(head []byte) bool {
	if len(head) < 4 {
		return false
	}
	little := head[0] != 0 && head[1] == 0 && head[2] != 0 && head[3] == 0
	big := head[0] == 0 && head[1] != 0 && head[2] == 0 && head[3] != 0
	return little || big
}
