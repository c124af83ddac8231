package hooks_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/pbtest"
)

// withProvider lets users sign in by a provider that answers as the protocol asks, for one person.
func withProvider(t *testing.T) *pbtest.App {
	t.Helper()
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/token":
			json.NewEncoder(w).Encode(map[string]any{"access_token": "x", "token_type": "Bearer", "expires_in": 3600})
		case "/userinfo":
			json.NewEncoder(w).Encode(map[string]any{"sub": "42", "name": "Otto Outside", "email": "otto@example.com", "email_verified": true})
		default:
			t.Errorf("unexpected call of %s", r.URL.Path)
		}
	}))
	t.Cleanup(provider.Close)
	app := pbtest.New(t)
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		t.Fatal(err)
	}
	users.OAuth2.Enabled = true
	users.OAuth2.Providers = []core.OAuth2ProviderConfig{{
		Name: "oidc", ClientId: "id", ClientSecret: "secret", AuthURL: provider.URL + "/auth", TokenURL: provider.URL + "/token", UserInfoURL: provider.URL + "/userinfo",
	}}
	if err := app.Save(users); err != nil {
		t.Fatal(err)
	}
	return app
}

func oauth2Login(t *testing.T, app *pbtest.App, createData map[string]any) pbtest.Response {
	t.Helper()
	return app.Do(t, pbtest.Guest, "POST", "/api/collections/users/auth-with-oauth2", map[string]any{
		"provider": "oidc", "code": "code", "codeVerifier": "verifier", "redirectURL": "http://127.0.0.1/redirect", "createData": createData,
	})
}

// A first login by OAuth2 is a sign-up, and takes no more from the client than the others.
func TestOAuth2SignUp(t *testing.T) {
	t.Parallel()
	for field, value := range map[string]any{
		"tier": "premium", "payment_status": "active", "is_superuser": true, "id": "attackerchosen1", "mtn_project_last_sync": "2020-01-01 00:00:00Z",
		"mountain_project_url": "https://www.mountainproject.com/user/1", "verified": true, "email": "somebody@else.example",
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			app := withProvider(t)
			if response := oauth2Login(t, app, map[string]any{"username": "otto", field: value}); response.Status != http.StatusBadRequest || !strings.Contains(response.Body, field) {
				t.Errorf("status %d: %s", response.Status, response.Body)
			}
			if user, err := app.FindAuthRecordByEmail("users", "otto@example.com"); err == nil {
				t.Errorf("signed up all the same: %v", user.PublicExport())
			}
		})
	}
	for rule, createData := range map[string]map[string]any{"a name of one's own": {"username": "otto"}, "no name": nil} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			app := withProvider(t)
			response := oauth2Login(t, app, createData)
			if response.Status != http.StatusOK {
				t.Fatalf("status %d: %s", response.Status, response.Body)
			}
			me := app.Send(t, pbtest.NewRequest(t, "GET", "/v1/users/me", response.Map(t)["token"].(string), nil)).Map(t)
			if name := me["username"].(string); me["tier"] != "free" || me["is_active"] != true || name != "otto" && !strings.HasPrefix(name, "climber-") {
				t.Errorf("%v", me)
			}
		})
	}
}

// A login by OAuth2 or by a code in a mail brings back who had left, as one by password does; and lifts no ban.
func TestOtherLoginsReactivate(t *testing.T) {
	t.Parallel()
	for method, sign := range map[string]func(*testing.T, *pbtest.App) pbtest.Response{
		"oauth2": func(t *testing.T, app *pbtest.App) pbtest.Response { return oauth2Login(t, app, nil) },
		"otp":    otpLogin,
	} {
		for _, banned := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, banned: %v", method, banned), func(t *testing.T) {
				t.Parallel()
				app := withProvider(t)
				id, _ := oauth2Login(t, app, map[string]any{"username": "otto"}).Map(t)["record"].(map[string]any)["id"].(string)
				user, err := app.FindRecordById("users", id)
				if err != nil {
					t.Fatal(err)
				}
				user.Load(map[string]any{"is_active": false, "deactivated_at": time.Now(), "erase_at": time.Now().Add(time.Hour)})
				if banned {
					user.Set("banned_at", time.Now())
				}
				if err := app.Save(user); err != nil {
					t.Fatal(err)
				}
				answer := sign(t, app)
				if user, err = app.FindRecordById("users", id); err != nil {
					t.Fatal(err)
				}
				if back := user.GetBool("is_active") && user.GetDateTime("erase_at").IsZero(); back == banned || (answer.Status == http.StatusOK) == banned {
					t.Fatalf("active: %v, answer %d %s", user.GetBool("is_active"), answer.Status, answer.Body)
				}
				if !banned {
					if me := as(t, app, tokenOf(t, answer), "GET", "/v1/users/me", nil); me.Status != http.StatusOK {
						t.Errorf("the token: %d %s", me.Status, me.Body)
					}
				}
			})
		}
	}
}

// otpLogin signs otto in with a code that was made as PocketBase makes it.
func otpLogin(t *testing.T, app *pbtest.App) pbtest.Response {
	t.Helper()
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		t.Fatal(err)
	}
	users.OTP.Enabled = true
	if err := app.Save(users); err != nil {
		t.Fatal(err)
	}
	user, err := app.FindAuthRecordByEmail("users", "otto@example.com")
	if err != nil {
		t.Fatal(err)
	}
	otp := core.NewOTP(app)
	otp.SetCollectionRef(users.Id)
	otp.SetRecordRef(user.Id)
	otp.SetPassword("12345678")
	if err := app.Save(otp); err != nil {
		t.Fatal(err)
	}
	return app.Do(t, pbtest.Guest, "POST", "/api/collections/users/auth-with-otp", map[string]string{"otpId": otp.Id, "password": "12345678"})
}
