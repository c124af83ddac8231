package account

import "github.com/pocketbase/pocketbase/core"

// For the tests outside of the package, which need pbtest, and so cannot be inside of it.
var (
	NotExported = notExported
	EscapeCell  = escapeCell
)

// ExportedPart shows a line of the table.
type ExportedPart struct {
	Collection, File, Owner string
	Fields                  []string
	Without                 map[string]string
}

func ExportTable() []ExportedPart {
	var parts []ExportedPart
	for _, part := range exportTable() {
		parts = append(parts, ExportedPart{part.collection, part.file, part.owner, part.fields, part.without})
	}
	return parts
}

// Reference shows a column that holds users' ids.
type Reference struct {
	Collection *core.Collection
	Column     string
}

func References(app core.App) ([]Reference, error) {
	found, err := references(app)
	var shown []Reference
	for _, r := range found {
		shown = append(shown, Reference{r.collection, r.column})
	}
	return shown, err
}
