package llm

import (
	"context"
	"encoding/json"
	"slices"
)

// figures are what a model that can use no tools gets with the question: the pyramid and the last ticks, as one JSON object. A tool
// that fails is left out.
func (a *answer) figures(ctx context.Context) (string, error) {
	found := map[string]json.RawMessage{}
	for _, name := range []string{"get_pyramid", "query_ticks"} {
		tool, is := a.tool(name)
		if !is {
			continue
		}
		arguments := "{}"
		if slices.Contains(parameters(tool), "limit") {
			arguments = `{"limit":20}`
		}
		result, ok, err := a.use(ctx, name, []byte(arguments))
		if err != nil {
			return "", err
		}
		if ok {
			found[name] = json.RawMessage(result)
		}
	}
	if len(found) == 0 {
		return "", nil
	}
	return encoded(found), nil
}
