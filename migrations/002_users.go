package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// usersFields are the fields that Cragbase adds to PocketBase's users. Hidden ones never leave the server, and
// no user can filter by them; the others are readable by their owner and written by the server alone, because
// the collection has no update rule.
func usersFields() []core.Field {
	return []core.Field{
		&core.TextField{Name: "username", Required: true, Min: 3, Max: 50, Pattern: `^[A-Za-z0-9_.\-]+$`, Presentable: true, Help: "3-50 letters, digits and _ . -"},
		&core.BoolField{Name: "is_active", Help: "False after the user deactivated the account; the next login sets it again."},
		&core.BoolField{Name: "is_superuser", Help: "Marks a member of the team. It grants nothing: administrators are PocketBase superusers."},
		&core.SelectField{Name: "tier", Required: true, Values: []string{"free", "basic", "premium"}, MaxSelect: 1},
		&core.SelectField{Name: "payment_status", Required: true, Values: []string{"inactive", "pending", "active", "past_due", "failed", "cancelled"}, MaxSelect: 1},
		&core.TextField{Name: "mountain_project_url", Max: 200},
		&core.TextField{Name: "eight_a_nu_url", Max: 200},
		&core.DateField{Name: "mtn_project_last_sync"},
		&core.DateField{Name: "eight_a_last_sync"},
		&core.DateField{Name: "last_login"},
		&core.EmailField{Name: "pending_email", Hidden: true},
		&core.DateField{Name: "deactivated_at", Hidden: true},
		&core.DateField{Name: "banned_at", Hidden: true, Help: "Set by an administrator. No login lifts it."},
	}
}

func init() {
	m.Register(usersUp, usersDown)
}

func usersUp(app core.App) error {
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		return err
	}
	users.Fields.RemoveByName("name")
	users.Fields.RemoveByName("avatar")
	for _, f := range usersFields() {
		users.Fields.Add(f)
	}
	password := users.Fields.GetByName(core.FieldNamePassword).(*core.PasswordField)
	password.Min, password.Max = 10, 71 // bcrypt reads 72 bytes

	users.RemoveIndex("idx_email__pb_users_auth_")
	users.AddIndex("idx_users_email", true, "email COLLATE NOCASE", "email != ''")
	users.AddIndex("idx_users_username", true, "username COLLATE NOCASE", "")
	users.AddIndex("idx_users_mountain_project_url", true, "mountain_project_url", "mountain_project_url != ''")
	users.AddIndex("idx_users_eight_a_nu_url", true, "eight_a_nu_url", "eight_a_nu_url != ''")

	owner := types.Pointer("id = @request.auth.id")
	users.ListRule, users.ViewRule = owner, owner
	users.CreateRule = types.Pointer("")
	// Profile changes go through /v1/users/me: a native update would be a second way to guess the password, and a
	// native delete would skip the grace period.
	users.UpdateRule, users.DeleteRule = nil, nil
	// Changing the rule later would log everybody out (PocketBase rotates the secret), so it is complete now.
	users.AuthRule = types.Pointer("is_active = true && banned_at = ''")
	users.PasswordAuth.IdentityFields = []string{"email", "username"}
	// PocketBase sends this mail inside the login request, without any timeout.
	users.AuthAlert.Enabled = false
	return app.Save(users)
}

func usersDown(app core.App) error {
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		return err
	}
	for _, index := range []string{"idx_users_email", "idx_users_username", "idx_users_mountain_project_url", "idx_users_eight_a_nu_url"} {
		users.RemoveIndex(index)
	}
	users.AddIndex("idx_email__pb_users_auth_", true, "email", "email != ''")
	users.PasswordAuth.IdentityFields = []string{"email"}
	users.AuthRule = types.Pointer("")
	users.AuthAlert.Enabled = true
	owner := types.Pointer("id = @request.auth.id")
	users.UpdateRule, users.DeleteRule = owner, owner
	for _, f := range usersFields() {
		users.Fields.RemoveByName(f.GetName())
	}
	password := users.Fields.GetByName(core.FieldNamePassword).(*core.PasswordField)
	password.Min, password.Max = 8, 0
	users.Fields.Add(&core.TextField{Name: "name", Max: 255})
	users.Fields.Add(&core.FileField{Name: "avatar", MaxSelect: 1, MimeTypes: []string{"image/jpeg", "image/png", "image/svg+xml", "image/gif", "image/webp"}})
	return app.Save(users)
}
