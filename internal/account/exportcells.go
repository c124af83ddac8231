package account

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// exportValue is a field as an export shows it: times as TimeFormat or nil, JSON as it is, the rest as PocketBase has it.
func exportValue(record *core.Record, field string) any {
	switch value := record.Get(field).(type) {
	case types.DateTime:
		if value.IsZero() {
			return nil
		}
		return value.Time().UTC().Format(TimeFormat)
	case types.JSONRaw:
		if len(value) == 0 {
			return nil
		}
		return json.RawMessage(value)
	default:
		return value
	}
}

// jsonRow writes an object with its fields in the given order.
func jsonRow(record *core.Record, fields []string) (string, error) {
	members := make([]string, len(fields))
	for i, field := range fields {
		value, err := compactJSON(exportValue(record, field))
		if err != nil {
			return "", err
		}
		members[i] = strconv.Quote(field) + ":" + value
	}
	return "{" + strings.Join(members, ",") + "}", nil
}

// compactJSON leaves < > & as they are: nobody puts an export into a page.
func compactJSON(value any) (string, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	return strings.TrimSuffix(text.String(), "\n"), nil
}

// textOf is a value as a cell of a table shows it.
func textOf(value any) (string, error) {
	switch v := value.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case []string:
		return strings.Join(v, ", "), nil
	default:
		text, err := compactJSON(v)
		if text == "null" {
			text = ""
		}
		return text, err
	}
}

// escapeCell keeps spreadsheets from running what somebody wrote into a logbook. Numbers below zero are escaped too: a
// spreadsheet cannot tell them from the beginning of a formula either.
func escapeCell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n", rune(text[0])) {
		return "'" + text
	}
	return text
}
