package account_test

import (
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/filesystem"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// fill gives a user a record in every collection that refers to users, whichever those are, with a word in all that takes
// text, and returns one id per collection. The user gets it too, except where it would not be the same user any more.
func fill(t testing.TB, app core.App, userID, word string) map[string]string {
	t.Helper()
	references, err := account.References(app)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for _, reference := range references {
		record := core.NewRecord(reference.Collection)
		if reference.Collection.Name == "usage" { // there is one of each user
			if record, err = app.FindRecordById("usage", userID); err != nil {
				t.Fatal(err)
			}
		}
		write(t, record, word)
		record.Set(reference.Column, userID)
		if reference.Collection.Fields.GetByName("collectionRef") != nil {
			record.Set("collectionRef", "_pb_users_auth_")
		}
		if err := app.SaveNoValidate(record); err != nil {
			t.Fatalf("fill %s: %v", reference.Collection.Name, err)
		}
		ids[reference.Collection.Name] = record.Id
	}
	user, err := app.FindRecordById("users", userID)
	if err != nil {
		t.Fatal(err)
	}
	user.Set("pending_email", word+"@example.org")
	user.Set("mountain_project_url", "https://www.mountainproject.com/user/1/"+word)
	if err := app.SaveNoValidate(user); err != nil {
		t.Fatal(err)
	}
	return ids
}

// write sets every field of a record to something that has the word in it, where its type can.
func write(t testing.TB, record *core.Record, word string) {
	t.Helper()
	for _, field := range record.Collection().Fields {
		switch f := field.(type) {
		case *core.TextField:
			if !f.PrimaryKey {
				record.Set(f.Name, word+" "+f.Name)
			}
		case *core.EditorField, *core.URLField, *core.PasswordField:
			record.Set(f.GetName(), word)
		case *core.EmailField:
			record.Set(f.Name, word+"."+f.Name+"@example.org")
		case *core.JSONField:
			record.Set(f.Name, map[string]any{"of": word})
		case *core.SelectField:
			record.Set(f.Name, f.Values[0])
		case *core.DateField:
			record.Set(f.Name, time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC))
		case *core.NumberField:
			record.Set(f.Name, 7)
		case *core.FileField:
			file, err := filesystem.NewFileFromBytes([]byte("content of "+word), word+".csv")
			if err != nil {
				t.Fatal(err)
			}
			record.Set(f.Name, file)
		}
	}
}

// others names the users of the template that a test about one of them must leave alone.
var others = []string{pbtest.StrangerID, pbtest.DeactivatedID}
