package account

import (
	"fmt"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// PocketBase's own collections refer to users by these two fields, because they serve every auth collection.
const (
	fieldRecordRef     = "recordRef"
	fieldCollectionRef = "collectionRef"
)

// reference is a column that holds users' ids.
type reference struct {
	collection *core.Collection
	column     string
}

// references finds all of them in the schema, so that a new collection is one of them without being listed anywhere.
func references(app core.App) ([]reference, error) {
	users, err := app.FindCollectionByNameOrId(Collection)
	if err != nil {
		return nil, fmt.Errorf("find what refers to users: %w", err)
	}
	all, err := app.FindAllCollections(core.CollectionTypeBase, core.CollectionTypeAuth)
	if err != nil {
		return nil, fmt.Errorf("find what refers to users: %w", err)
	}
	var found []reference
	for _, collection := range all {
		for _, field := range collection.Fields {
			relation, ok := field.(*core.RelationField)
			if ok && relation.CollectionId == users.Id || field.GetName() == fieldRecordRef {
				found = append(found, reference{collection, field.GetName()})
			}
		}
	}
	return found, nil
}

// ids lists the records that refer to a user. Columns of several relations hold a list, in which an id cannot be part of
// another one.
func (r reference) ids(app core.App, userID string) ([]string, error) {
	condition := dbx.Expression(dbx.HashExp{r.column: userID})
	if relation, ok := r.collection.Fields.GetByName(r.column).(*core.RelationField); ok && relation.IsMultiple() {
		condition = dbx.Like(r.column, `"`+userID+`"`)
	}
	var ids []string
	if err := app.DB().Select("id").From(r.collection.Name).Where(condition).Column(&ids); err != nil {
		return nil, fmt.Errorf("find what refers to a user in %s: %w", r.collection.Name, err)
	}
	return ids, nil
}
