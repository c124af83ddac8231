package hooks

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
)

func TestOpenAPIDescribesEveryRouteAndNothingElse(t *testing.T) {
	t.Parallel()
	document, err := libopenapi.NewDocument(openAPI)
	if err != nil {
		t.Fatal(err)
	}
	check, errs := validator.NewValidator(document)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if ok, problems := check.ValidateDocument(); !ok {
		for _, problem := range problems {
			t.Errorf("%s: %s", problem.Message, problem.Reason)
		}
	}
	model, err := document.BuildV3Model()
	if err != nil {
		t.Fatal(err)
	}
	described := map[string]bool{}
	for path, item := range model.Model.Paths.PathItems.FromOldest() {
		for method := range item.GetOperations().FromOldest() {
			described[strings.ToUpper(method)+" "+path] = true
		}
	}
	registered := map[string]bool{}
	for _, r := range (&server{}).routes() {
		registered[r.method+" "+r.path] = true
	}
	if got, want := slices.Sorted(maps.Keys(described)), slices.Sorted(maps.Keys(registered)); !slices.Equal(got, want) {
		t.Errorf("described\n  %s\nregistered\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// Only what is meant for everybody works without a token.
func TestPublicRoutesAreTheExpectedOnes(t *testing.T) {
	t.Parallel()
	var public []string
	for _, r := range (&server{}).routes() {
		if r.guard == nil {
			public = append(public, r.method+" "+r.path)
		}
	}
	want := []string{
		http.MethodGet + " /v1/health", http.MethodGet + " /v1/openapi.yaml", http.MethodGet + " /v1/plans", http.MethodPost + " /v1/password-check",
		http.MethodPost + " /v1/stripe/webhook", // has a signature instead
	}
	if !slices.Equal(public, want) {
		t.Errorf("public routes %v, want %v", public, want)
	}
}
