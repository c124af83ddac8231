package pbtest

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/account"
)

// Caller is who sends a request.
type Caller string

// The callers that every rule is tested for.
const (
	Guest       Caller = "guest"
	Owner       Caller = "owner"
	Stranger    Caller = "stranger"
	Deactivated Caller = "deactivated" // with a token that is valid but for that
	Superuser   Caller = "superuser"
)

// Callers lists them all.
func Callers() []Caller { return []Caller{Guest, Owner, Stranger, Deactivated, Superuser} }

// Token returns a fresh auth token, "" for a guest.
func (a *App) Token(t testing.TB, caller Caller) string {
	t.Helper()
	var record *core.Record
	var err error
	switch caller {
	case Guest:
		return ""
	case Owner:
		record, err = a.FindRecordById("users", OwnerID)
	case Stranger:
		record, err = a.FindRecordById("users", StrangerID)
	case Deactivated:
		record, err = a.FindRecordById("users", DeactivatedID)
	case Superuser:
		record, err = a.FindAuthRecordByEmail(core.CollectionNameSuperusers, SuperuserEmail)
	}
	if err != nil {
		t.Fatalf("token of %s: %v", caller, err)
	}
	token, err := a.newToken(record)
	if err != nil {
		t.Fatalf("token of %s: %v", caller, err)
	}
	return token
}

// TokenOf returns a fresh auth token of any user.
func (a *App) TokenOf(t testing.TB, userID string) string {
	t.Helper()
	record, err := a.FindRecordById("users", userID)
	if err != nil {
		t.Fatal(err)
	}
	token, err := a.newToken(record)
	if err != nil {
		t.Fatalf("token of %s: %v", userID, err)
	}
	return token
}

// newToken opens a session for a user; administrators have none.
func (a *App) newToken(record *core.Record) (string, error) {
	if record.IsSuperuser() {
		return record.NewAuthToken()
	}
	return account.Begin(a, record, "password", account.Client{}, a.now())
}

// Response is what came back.
type Response struct {
	Status int
	Header http.Header
	Body   string
}

// JSON decodes the body into v.
func (r Response) JSON(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.Body), v); err != nil {
		t.Fatalf("body is not the JSON expected (%v): %.300s", err, r.Body)
	}
}

// Map decodes the body as an object.
func (r Response) Map(t testing.TB) map[string]any {
	t.Helper()
	var m map[string]any
	r.JSON(t, &m)
	return m
}

// Do sends a JSON request as caller; body may be nil, a string that is sent as it is, or a value to encode.
func (a *App) Do(t testing.TB, caller Caller, method, url string, body any) Response {
	t.Helper()
	return a.Send(t, NewRequest(t, method, url, a.Token(t, caller), body))
}

// Send sends a request through the whole handler.
func (a *App) Send(t testing.TB, request *http.Request) Response {
	t.Helper()
	recorder := httptest.NewRecorder()
	a.Handler.ServeHTTP(recorder, request)
	return Response{recorder.Code, recorder.Header(), recorder.Body.String()}
}

// NewRequest builds a JSON request; see App.Do for body.
func NewRequest(t testing.TB, method, url, token string, body any) *http.Request {
	t.Helper()
	var content io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(b)
	default:
		encoded, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		content = bytes.NewReader(encoded)
	}
	request := httptest.NewRequest(method, url, content)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		request.Header.Set("Authorization", token)
	}
	return request
}

// Upload sends a file to the import route with the given form fields.
func (a *App) Upload(t testing.TB, caller Caller, name string, content []byte, fields map[string]string) Response {
	t.Helper()
	var form bytes.Buffer
	writer := multipart.NewWriter(&form)
	for field, value := range fields {
		if err := writer.WriteField(field, value); err != nil {
			t.Fatal(err)
		}
	}
	part, err := writer.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequest(http.MethodPost, "/v1/users/me/ticks/import", &form)
	request.Header.Set("Content-Type", writer.FormDataContentType())
	if token := a.Token(t, caller); token != "" {
		request.Header.Set("Authorization", token)
	}
	return a.Send(t, request)
}
