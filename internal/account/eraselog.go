package account

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/logger"
)

// eraseLogs deletes the lines of the stored log that hold one of the traces of a user. A line of somebody whose address
// ends like theirs goes too: better one too many.
func eraseLogs(app core.App, traces []string) error {
	if len(traces) == 0 {
		return nil
	}
	// Lines wait in memory for seconds before they are stored.
	if waiting, ok := app.Logger().Handler().(*logger.BatchHandler); ok {
		if err := waiting.WriteAll(context.Background()); err != nil {
			return fmt.Errorf("store log lines: %w", err)
		}
	}
	var holds []dbx.Expression
	params := dbx.Params{}
	for _, trace := range traces {
		for _, form := range logForms(trace) {
			name := fmt.Sprintf("form%d", len(params))
			params[name] = strings.ToLower(form)
			holds = append(holds, dbx.NewExp("instr(lower([[message]] || char(10) || [[data]]), {:"+name+"}) > 0", params))
		}
	}
	if _, err := app.AuxNonconcurrentDB().Delete(core.LogsTableName, dbx.Or(holds...)).Execute(); err != nil {
		return fmt.Errorf("erase log lines: %w", err)
	}
	return nil
}

// logForms are the ways a text may stand in a log line: plain, as part of an address, and in JSON, which writes & and < as
// escapes.
func logForms(text string) []string {
	forms := []string{text}
	for _, form := range []string{url.QueryEscape(text), url.PathEscape(text), inJSON(text)} {
		if form != text {
			forms = append(forms, form)
		}
	}
	return forms
}

func inJSON(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		return text // there is no such text
	}
	return strings.Trim(string(quoted), `"`)
}
