package hooks_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	validator "github.com/pb33f/libopenapi-validator"

	"github.com/cragbase/cragbase/internal/analytics"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// What the routes answer is what openapi.yaml says they answer, right and wrong.
func TestAnswersMatchTheDescription(t *testing.T) {
	t.Parallel()
	check := newDescription(t)
	app := withTick(t)
	for _, test := range []struct {
		caller      pbtest.Caller
		method, url string
		body        any
	}{
		{pbtest.Guest, "GET", "/v1/health", nil},
		{pbtest.Guest, "GET", "/v1/plans", nil},
		{pbtest.Guest, "GET", "/v1/users/me", nil},
		{pbtest.Owner, "GET", "/v1/users/me", nil},
		{pbtest.Owner, "PATCH", "/v1/users/me", `{"username":"olga","eight_a_nu_url":"https://www.8a.nu/user/olga"}`},
		{pbtest.Owner, "PATCH", "/v1/users/me", `{"username":"!"}`},
		{pbtest.Owner, "GET", "/v1/users/me/export", nil},
		{pbtest.Superuser, "GET", "/v1/users/me/export", nil},
		{pbtest.Owner, "GET", "/v1/users/me/analytics/overview", nil},
		{pbtest.Stranger, "GET", "/v1/users/me/analytics/overview", nil},
		{pbtest.Owner, "GET", "/v1/users/me/analytics/pyramid?scale=french", nil},
		{pbtest.Stranger, "GET", "/v1/users/me/analytics/pyramid", nil},
		{pbtest.Owner, "GET", "/v1/users/me/analytics/pyramid?from=x", nil},
		{pbtest.Owner, "GET", "/v1/users/me/analytics/pyramid?goal=1-2-4-8&compare=previous&from=2026-01-01&to=2026-12-31", nil},
		{pbtest.Stranger, "GET", "/v1/users/me/analytics/pyramid?goal=normal", nil},
		{pbtest.Owner, "GET", "/v1/users/me/message-count", nil},
		{pbtest.Owner, "GET", "/v1/users/me/message-count?history=2d", nil},
		{pbtest.Owner, "GET", "/v1/users/me/message-count?history=91d", nil},
		{pbtest.Owner, "GET", "/v1/users/me/coach", nil},
		{pbtest.Owner, "GET", "/v1/users/me/insights", nil},
		{pbtest.Owner, "POST", "/v1/users/me/messages", `{"content":"What now?"}`},
		{pbtest.Owner, "POST", "/v1/users/me/messages", `{"content":""}`},
		{pbtest.Owner, "POST", "/v1/users/me/messages/nothing00000000/stop", nil},
		{pbtest.Owner, "GET", "/v1/users/me/subscription", nil},
		{pbtest.Owner, "POST", "/v1/users/me/subscribe", `{"desired_tier":"gold"}`},
		{pbtest.Owner, "POST", "/v1/users/me/subscribe", `{"desired_tier":"basic"}`},
		{pbtest.Owner, "GET", "/v1/billing/return?session_id=cs_1", nil},
		{pbtest.Guest, "POST", "/v1/stripe/webhook", `{}`},
		{pbtest.Owner, "POST", "/v1/admin/users/" + pbtest.OwnerID + "/billing-sync", nil},
		{pbtest.Guest, "POST", "/v1/password-check", `{"password":"password1234"}`},
		{pbtest.Owner, "GET", "/v1/users/me/activity?perPage=2", nil},
		{pbtest.Owner, "GET", "/v1/users/me/activity?perPage=1000", nil},
		{pbtest.Stranger, "POST", "/v1/users/me/change-password", `{"old_password":"x","new_password":"y","confirmation":"z"}`},
		{pbtest.Stranger, "POST", "/v1/users/me/change-password", map[string]string{"old_password": pbtest.Password, "new_password": "quartz-harness-dawn-77", "confirmation": "quartz-harness-dawn-77"}},
		{pbtest.Stranger, "POST", "/v1/users/me/logout", nil},
		{pbtest.Stranger, "POST", "/v1/users/me/deactivate", map[string]string{"password": "quartz-harness-dawn-77"}},
	} {
		request := pbtest.NewRequest(t, test.method, test.url, app.Token(t, test.caller), test.body)
		checkAnswer(t, check, request, app.Send(t, request))
	}
	for _, chart := range analytics.Charts() {
		for _, caller := range []pbtest.Caller{pbtest.Owner, pbtest.Superuser} {
			request := pbtest.NewRequest(t, "GET", "/v1/users/me/analytics/"+chart.Name, app.Token(t, caller), nil)
			checkAnswer(t, check, request, app.Send(t, request))
		}
	}
	deletion := pbtest.NewRequest(t, "DELETE", "/v1/users/me", app.Token(t, pbtest.Owner), map[string]string{"password": pbtest.Password})
	defer func() { checkAnswer(t, check, deletion, app.Send(t, deletion)) }()
	upload := app.Upload(t, pbtest.Owner, "ticks.csv", rows(3), nil)
	checkAnswer(t, check, pbtest.NewRequest(t, "POST", "/v1/users/me/ticks/import", "", nil), upload)
	refused := app.Upload(t, pbtest.Owner, "page.csv", []byte("<html>"), nil)
	checkAnswer(t, check, pbtest.NewRequest(t, "POST", "/v1/users/me/ticks/import", "", nil), refused)
}

func checkAnswer(t *testing.T, check validator.Validator, request *http.Request, answer pbtest.Response) {
	t.Helper()
	response := &http.Response{StatusCode: answer.Status, Header: answer.Header, Body: io.NopCloser(bytes.NewBufferString(answer.Body)), Request: request}
	if ok, problems := check.ValidateHttpResponse(request, response); !ok {
		for _, problem := range problems {
			t.Errorf("%s %s answers %d: %s: %s\n%s", request.Method, request.URL, answer.Status, problem.Message, problem.Reason, answer.Body)
		}
	}
}
