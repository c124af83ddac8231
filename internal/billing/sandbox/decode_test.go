package sandbox_test

import (
	"encoding/json"
	"testing"

	"github.com/cragbase/cragbase/internal/billing/sandbox"
)

// eventObject decodes what an event is about.
func eventObject(t *testing.T, e sandbox.Event) map[string]any {
	t.Helper()
	var decoded struct {
		Data struct{ Object map[string]any }
	}
	if err := json.Unmarshal(e.Payload, &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded.Data.Object
}
