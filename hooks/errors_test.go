package hooks_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/pbtest"
)

// Every error of every /v1 route has the envelope of the contract.
func TestErrorEnvelope(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	settings := app.Settings()
	settings.RateLimits.Enabled = true
	settings.RateLimits.Rules = []core.RateLimitRule{{Label: "/v1/plans", MaxRequests: 1, Duration: 30}}
	app.Do(t, pbtest.Guest, "GET", "/v1/plans", nil) // the one request that its limit allows

	for _, test := range []struct {
		rule        string
		caller      pbtest.Caller
		method, url string
		body        any
		status      int
		code        string
		field       string // "field:code"
	}{
		{"malformed JSON", pbtest.Owner, "PATCH", "/v1/users/me", `{"username":`, 400, "invalid_json", ""},
		{"JSON that is no object", pbtest.Owner, "PATCH", "/v1/users/me", `["username"]`, 400, "invalid_json", ""},
		{"JSON null", pbtest.Owner, "PATCH", "/v1/users/me", `null`, 400, "invalid_json", ""},
		{"two JSON values", pbtest.Owner, "PATCH", "/v1/users/me", `{} {}`, 400, "invalid_json", ""},
		{"empty body", pbtest.Owner, "PATCH", "/v1/users/me", ``, 400, "invalid_json", ""},
		{"a name that stands twice", pbtest.Owner, "PATCH", "/v1/users/me", `{"username":"a1b","username":"a2b"}`, 400, "invalid_json", ""},
		{"thousands of fields", pbtest.Owner, "PATCH", "/v1/users/me", manyFields(5_000), 400, "invalid_json", ""},
		{"invalid UTF-8", pbtest.Owner, "PATCH", "/v1/users/me", "{\"username\":\"a\xffb\"}", 400, "invalid_json", ""},
		{"a scale of another family than the discipline's", pbtest.Owner, "GET", "/v1/users/me/analytics/pyramid?discipline=sport&scale=font", nil, 400, "validation_failed", "scale:validation_in_invalid"},
		{"a password without the current one", pbtest.Owner, "PATCH", "/v1/users/me", `{"password":"granite-ladder-dawn-9"}`, 400, "validation_failed", "current_password:validation_required"},
		{"unknown field", pbtest.Owner, "PATCH", "/v1/users/me", `{"nickname":"x"}`, 400, "validation_failed", "nickname:unknown_field"},
		{"read-only field", pbtest.Owner, "PATCH", "/v1/users/me", `{"tier":"premium"}`, 400, "validation_failed", "tier:not_updatable"},
		{"field of another type", pbtest.Owner, "PATCH", "/v1/users/me", `{"username":7}`, 400, "validation_failed", "username:validation_invalid_type"},
		{"field that breaks its rule", pbtest.Owner, "PATCH", "/v1/users/me", `{"username":"x"}`, 400, "validation_failed", "username:validation_min_text_constraint"},
		{"bad parameter", pbtest.Owner, "GET", "/v1/users/me/analytics/pyramid?scale=hueco", nil, 400, "validation_failed", "scale:validation_in_invalid"},
		{"a style that is none", pbtest.Owner, "GET", "/v1/users/me/analytics/pyramid?style=onsight,fell", nil, 400, "validation_failed", "style:validation_in_invalid"},
		{"nothing to compare", pbtest.Owner, "GET", "/v1/users/me/analytics/pyramid?compare=previous&from=2026-01-01", nil, 400, "validation_failed", "compare:validation_required"},
		{"a shape that is none", pbtest.Owner, "GET", "/v1/users/me/analytics/pyramid?goal=1-1-1", nil, 400, "validation_failed", "goal:validation_in_invalid"},
		{"a goal grade of another scale", pbtest.Owner, "GET", "/v1/users/me/analytics/pyramid?goal=normal&goal_grade=V5&discipline=sport", nil, 400, "validation_failed", "goal_grade:validation_in_invalid"},
		{"a parameter of another chart", pbtest.Owner, "GET", "/v1/users/me/analytics/overview?goal=normal", nil, 400, "validation_failed", "goal:unknown_field"},
		{"no token", pbtest.Guest, "GET", "/v1/users/me", nil, 401, "unauthorized", ""},
		{"deactivated user", pbtest.Deactivated, "GET", "/v1/users/me", nil, 401, "unauthorized", ""},
		{"superuser on users/me", pbtest.Superuser, "GET", "/v1/users/me", nil, 403, "forbidden", ""},
		{"unknown route", pbtest.Owner, "GET", "/v1/nothing", nil, 404, "not_found", ""},
		{"unknown route by POST", pbtest.Owner, "POST", "/v1/nothing", `{}`, 404, "not_found", ""},
		{"the root of the API", pbtest.Guest, "GET", "/v1", nil, 404, "not_found", ""},
		{"the root of the API with a slash", pbtest.Guest, "GET", "/v1/", nil, 404, "not_found", ""},
		{"trailing slash", pbtest.Owner, "GET", "/v1/users/me/", nil, 404, "not_found", ""},
		{"wrong method", pbtest.Owner, "DELETE", "/v1/plans", nil, 405, "method_not_allowed", ""},
		{"wrong method on GET's side", pbtest.Owner, "GET", "/v1/users/me/ticks/import", nil, 405, "method_not_allowed", ""},
		{"exotic method", pbtest.Owner, "TRACE", "/v1/plans", nil, 405, "method_not_allowed", ""},
		{"body over 64 KiB", pbtest.Owner, "PATCH", "/v1/users/me", `{"username":"` + strings.Repeat("x", 70_000) + `"}`, 413, "body_too_large", ""},
		{"rate limit", pbtest.Guest, "GET", "/v1/plans", nil, 429, "rate_limited", ""},
	} {
		t.Run(test.rule, func(t *testing.T) {
			response := app.Do(t, test.caller, test.method, test.url, test.body)
			checkProblem(t, response, test.status, test.code, test.field)
		})
	}
}

// manyFields is an object of n fields that do not exist.
func manyFields(n int) string {
	fields := make([]string, n)
	for i := range fields {
		fields[i] = fmt.Sprintf(`"f%d":1`, i)
	}
	return "{" + strings.Join(fields, ",") + "}"
}

func checkProblem(t *testing.T, response pbtest.Response, status int, code, field string) {
	t.Helper()
	if response.Status != status {
		t.Fatalf("status %d, want %d: %s", response.Status, status, response.Body)
	}
	var problem struct {
		Status    int                                       `json:"status"`
		Code      string                                    `json:"code"`
		Message   string                                    `json:"message"`
		Data      map[string]struct{ Code, Message string } `json:"data"`
		RequestID string                                    `json:"request_id"`
	}
	response.JSON(t, &problem)
	if problem.Status != status || problem.Code != code || problem.Message == "" || problem.Data == nil {
		t.Errorf("envelope %s, want status %d and code %s", response.Body, status, code)
	}
	if id := response.Header.Get("X-Request-Id"); id == "" || id != problem.RequestID {
		t.Errorf("request_id %q, header %q", problem.RequestID, id)
	}
	if name, fieldCode, ok := strings.Cut(field, ":"); ok && (problem.Data[name].Code != fieldCode || problem.Data[name].Message == "") {
		t.Errorf("data %v, want %s with code %s", problem.Data, name, fieldCode)
	}
	if keys := len(response.Map(t)); keys != 5 {
		t.Errorf("%d keys in the envelope: %s", keys, response.Body)
	}
}

func TestWrongContentType(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	for _, test := range []struct{ method, url, contentType string }{
		{"PATCH", "/v1/users/me", "text/plain"},
		{"PATCH", "/v1/users/me", "application/x-www-form-urlencoded"},
		{"PATCH", "/v1/users/me", ""},
		{"POST", "/v1/users/me/ticks/import", "text/csv"},
	} {
		request := pbtest.NewRequest(t, test.method, test.url, app.Token(t, pbtest.Owner), `{"username":"other"}`)
		request.Header.Set("Content-Type", test.contentType)
		checkProblem(t, app.Send(t, request), 415, "unsupported_media_type", "")
	}
}

// What fails on our side is 500 with a request id, and the cause is in the log only.
func TestInternalErrors(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	if _, err := app.DB().NewQuery("UPDATE usage SET window = 'canary-secret' WHERE id = '" + pbtest.OwnerID + "'").Execute(); err != nil {
		t.Fatal(err)
	}
	response := app.Do(t, pbtest.Owner, "GET", "/v1/users/me", nil)
	checkProblem(t, response, 500, "internal_error", "")
	if strings.Contains(response.Body, "canary") || strings.Contains(response.Body, "usage") {
		t.Errorf("the cause is in the answer: %s", response.Body)
	}
}

func TestUnauthorizedTokens(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	good := app.Token(t, pbtest.Owner)
	user, err := app.FindRecordById("users", pbtest.OwnerID)
	if err != nil {
		t.Fatal(err)
	}
	fileToken, _ := user.NewFileToken()
	resetToken, _ := user.NewPasswordResetToken()
	for name, token := range map[string]string{
		"nonsense": "x", "three parts": "a.b.c", "cut signature": good[:len(good)-3], "unsigned": unsigned(good),
		"file token": fileToken, "password reset token": resetToken, "100 kB": strings.Repeat("a", 100_000),
	} {
		response := app.Send(t, pbtest.NewRequest(t, "GET", "/v1/users/me", token, nil))
		t.Run(name, func(t *testing.T) { checkProblem(t, response, 401, "unauthorized", "") })
	}
	for _, form := range []string{good, "Bearer " + good, "bearer " + good} {
		if response := app.Send(t, pbtest.NewRequest(t, "GET", "/v1/users/me", form, nil)); response.Status != http.StatusOK {
			t.Errorf("valid token refused: %s", response.Body)
		}
	}
}

// unsigned is the token with the algorithm "none" and no signature.
func unsigned(token string) string {
	parts := strings.Split(token, ".")
	return "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0." + parts[1] + "."
}
