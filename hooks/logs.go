package hooks

import (
	"regexp"

	"github.com/pocketbase/pocketbase/core"
)

// bindLogs keeps out of the stored log what an erasure could not find there and nobody should read: PocketBase logs the
// whole address of a request, and its query holds filters with personal data and the tokens of protected files.
func bindLogs(app core.App) {
	app.OnModelCreate(core.LogsTableName).BindFunc(func(e *core.ModelEvent) error {
		if entry, ok := e.Model.(*core.Log); ok && entry.Data["type"] == "request" {
			entry.Message = withoutQuery(entry.Message)
			for _, field := range []string{"url", "referer"} {
				if address, ok := entry.Data[field].(string); ok {
					entry.Data[field] = withoutQuery(address)
				}
			}
		}
		return e.Next()
	})
}

// beforeQuery matches an address up to its query or fragment, also where a client has encoded the mark that begins it.
var beforeQuery = regexp.MustCompile(`(?s)^(.*?)(?:[?#]|%3[fF]|%23)`)

// withoutQuery cuts an address, or a text that ends in one.
func withoutQuery(address string) string {
	if match := beforeQuery.FindStringSubmatch(address); match != nil {
		return match[1]
	}
	return address
}
