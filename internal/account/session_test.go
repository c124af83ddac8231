package account_test

import (
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// Requests at once share nothing that a save writes to, the value of the password least of all.
func TestEveryRequestHasAUserOfItsOwn(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	sessions, err := account.NewSessions(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	token := app.Token(t, pbtest.Owner)
	var values []*core.PasswordFieldValue
	for range 2 {
		user, _, err := sessions.User(app, token)
		if err != nil {
			t.Fatal(err)
		}
		value, ok := user.GetRaw(core.FieldNamePassword).(*core.PasswordFieldValue)
		if !ok || !user.ValidatePassword(pbtest.Password) {
			t.Fatalf("the password is %T", user.GetRaw(core.FieldNamePassword))
		}
		values = append(values, value)
	}
	if values[0] == values[1] {
		t.Error("two requests share the value of the password")
	}
}
