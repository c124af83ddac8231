package mountainproject

import (
	"bytes"
	"slices"
)

// sniffBytes is how much of a file is looked at to tell what it is; every signature below is shorter.
const sniffBytes = 1024

var byteOrderMark = []byte("\xef\xbb\xbf")

// signature is how the files of a kind begin.
type signature struct {
	prefix string
	kind   string
}

// The kinds of file that are uploaded in place of an export. A download that has failed is an HTML page, and a spreadsheet
// saves a zip archive or UTF-16 unless told to write CSV.
var signatures = []signature{
	{"\x89PNG", "a PNG image"},
	{"\xff\xd8\xff", "a JPEG image"},
	{"GIF8", "a GIF image"},
	{"%PDF-", "a PDF document"},
	{"PK\x03\x04", "a zip archive or a spreadsheet workbook (.xlsx, .ods)"},
	{"PK\x05\x06", "a zip archive"},
	{"\x1f\x8b", "a gzip archive"},
	{"\xd0\xcf\x11\xe0", "an old spreadsheet workbook (.xls)"},
	{"\xff\xfe", "UTF-16 text"},
	{"\xfe\xff", "UTF-16 text"},
	{"{\\rtf", "a rich text document"},
	{"{", "JSON"},
	{"[", "JSON"},
	{"<?xml", "an XML document"},
	{"<", "an HTML page"},
}

// disguise says as what other kind of file head, the beginning of a file, is recognised. It is empty for text that may be
// CSV.
func disguise(head []byte) string {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, byteOrderMark), " \t\r\n")
	found := slices.IndexFunc(signatures, func(s signature) bool { return bytes.HasPrefix(text, []byte(s.prefix)) })
	switch {
	case found >= 0:
		return signatures[found].kind
	case isUTF16(head):
		return "UTF-16 text"
	case bytes.IndexByte(head, 0) >= 0:
		return "binary data"
	}
	return ""
}

// isUTF16 recognises UTF-16 without a byte order mark: of the first two letters, which are ASCII in every export, one half
// of each is zero.
func isUTF16(head []byte) bool {
	if len(head) < 4 {
		return false
	}
	little := head[0] != 0 && head[1] == 0 && head[2] != 0 && head[3] == 0
	big := head[0] == 0 && head[1] != 0 && head[2] == 0 && head[3] != 0
	return little || big
}
