package hooks

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// methodTable knows which methods the paths of /v1 take. ServeMux answers 405 by itself only where no other pattern
// matches, and the web app's matches every GET.
type methodTable struct {
	paths     *http.ServeMux
	byPattern map[string][]string
}

func newMethodTable(routes []route) methodTable {
	table := methodTable{paths: http.NewServeMux(), byPattern: map[string][]string{}}
	for _, r := range routes {
		table.byPattern[r.path] = append(table.byPattern[r.path], r.method)
	}
	for path := range maps.Keys(table.byPattern) {
		table.paths.Handle(path, http.NotFoundHandler())
	}
	return table
}

// methods lists the methods of the path of a request, sorted; empty when there is no such path.
func (t methodTable) methods(r *http.Request) []string {
	_, pattern := t.paths.Handler(r)
	methods := slices.Clone(t.byPattern[pattern])
	if slices.Contains(methods, http.MethodGet) {
		methods = append(methods, http.MethodHead)
	}
	slices.Sort(methods)
	return methods
}

// isV1 reports whether a path belongs to the /v1 API, where nothing else ever answers.
func isV1(path string) bool {
	return path == "/v1" || strings.HasPrefix(path, "/v1/")
}

// patternPath is the path of a ServeMux pattern such as "GET /v1/plans".
func patternPath(pattern string) string {
	if _, path, found := strings.Cut(pattern, " "); found {
		return path
	}
	return pattern
}
