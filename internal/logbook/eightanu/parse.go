package eightanu

import (
	"encoding/json"
	"time"

	"github.com/cragbase/cragbase/internal/logbook/entry"
	"github.com/cragbase/cragbase/internal/logbook/table"
)

// expected names all forms, because a user has one file and does not know that there are others.
const expected = "an 8a.nu logbook: the CSV file that its account settings export, the CSV file of an older export tool, " +
	"or pages of ascents as JSON"

// Recognise reports whether head, the first KiB of a file, begins like one of the forms that [Parse] reads.
func Recognise(head []byte) bool {
	if table.Disguise(head) == table.KindJSON {
		return recognisePages(head)
	}
	return official.Recognise(head) || older.Recognise(head)
}

// Parse reads the three forms in which a climber can have an 8a.nu logbook: the site's own CSV export, the CSV file of an
// older tool of others, and pages of the site's list of ascents that were saved or pasted one after another. It returns an
// [entry.FormatError] or an [entry.TooManyRowsError], and nothing beside it.
func Parse(content []byte, limits entry.Limits, now time.Time) (*entry.Export, error) {
	if table.Disguise(content) == table.KindJSON {
		pages, err := parsePages(content, CategoryAny, limits.Max())
		if err != nil {
			return nil, err
		}
		return Join(pages, limits, now)
	}
	rows, err := official.Open(content, limits)
	if err == nil {
		return readAll(rows, now, officialAscent)
	}
	if rows, err := older.Open(content, limits); err == nil {
		return readAll(rows, now, olderAscent)
	}
	return nil, err
}

// recognisePages looks for the list of ascents of the first page and, unless it is empty, for a field in it that only
// 8a.nu has: other logbooks have lists of that name too.
func recognisePages(head []byte) bool {
	decoder := table.JSON(head)
	token, err := decoder.Token()
	if token == json.Delim('[') {
		token, err = decoder.Token()
	}
	if err != nil || token != json.Delim('{') {
		return false
	}
	for {
		key, err := decoder.Token()
		switch {
		case err != nil:
			return false
		case key == "ascents":
			return recogniseAscents(decoder)
		}
		if _, isKey := key.(string); !isKey || decoder.Decode(new(json.RawMessage)) != nil {
			return false
		}
	}
}

// ownFields occur in no other site's ascents.
var ownFields = map[string]bool{"ascentId": true, "zlagGradeIndex": true, "zlaggableName": true, "zlaggableSlug": true}

func recogniseAscents(decoder *json.Decoder) bool {
	if token, err := decoder.Token(); err != nil || token != json.Delim('[') {
		return false
	}
	token, err := decoder.Token()
	if err != nil || token != json.Delim('{') {
		return err == nil && token == json.Delim(']')
	}
	for {
		key, err := decoder.Token()
		name, isKey := key.(string)
		switch {
		case err != nil || !isKey:
			return false
		case ownFields[name]:
			return true
		case decoder.Decode(new(json.RawMessage)) != nil:
			return false
		}
	}
}
