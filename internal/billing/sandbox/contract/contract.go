// Package contract checks requests against Stripe's own description of API 2023-10-16: path, method, parameters, types and version.
//
// The description comes with stripe-mock, whose validator is used without its server. It takes unknown parameters of nested objects until their
// schemas are closed, and it knows no rules between parameters: both are made up for here. Only tests import this package.
package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/stripe/stripe-mock/embedded"
	"github.com/stripe/stripe-mock/param"
	"github.com/stripe/stripe-mock/param/coercer"
	"github.com/stripe/stripe-mock/spec"
)

// paths are those that a billing back end of subscriptions may call; others are refused.
func paths() []string {
	return []string{
		"/v1/customers", "/v1/customers/{customer}", "/v1/prices", "/v1/prices/{price}",
		"/v1/checkout/sessions", "/v1/checkout/sessions/{session}", "/v1/checkout/sessions/{session}/expire", "/v1/checkout/sessions/{session}/line_items",
		"/v1/subscriptions", "/v1/subscriptions/{subscription_exposed_id}",
		"/v1/invoices", "/v1/invoices/upcoming", "/v1/invoices/{invoice}", "/v1/invoices/{invoice}/pay", "/v1/invoices/{invoice}/void",
		"/v1/billing_portal/sessions", "/v1/events", "/v1/events/{id}",
	}
}

// operation is one method of one path.
type operation struct {
	method    string
	path      string
	pattern   *regexp.Regexp
	schema    *spec.Schema
	validator interface{ Validate(any) error }
}

type checker struct {
	version    string
	operations []operation
}

// New returns a check for a server to ask about each request: status 0 means that the request is well formed.
func New() (func(r *http.Request, body []byte) (status int, answer []byte), error) {
	described, err := load()
	if err != nil {
		return nil, err
	}
	c := &checker{version: described.Info.Version}
	for _, path := range paths() {
		if err := c.add(path, described.Paths[spec.Path(path)]); err != nil {
			return nil, fmt.Errorf("contract: %s: %w", path, err)
		}
	}
	return c.check, nil
}

// load reads the description, without what is not asked about: decoding all of it takes a second.
func load() (*spec.Spec, error) {
	var whole struct {
		Info  json.RawMessage            `json:"info"`
		Paths map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(embedded.OpenAPISpec, &whole); err != nil {
		return nil, err
	}
	kept := map[string]any{}
	for _, path := range paths() {
		var described any
		if err := json.Unmarshal(whole.Paths[path], &described); err != nil {
			return nil, fmt.Errorf("contract: %s: %w", path, err)
		}
		kept[path] = closed(described)
	}
	encoded, err := json.Marshal(map[string]any{"info": whole.Info, "paths": kept})
	if err != nil {
		return nil, err
	}
	var described spec.Spec
	return &described, json.Unmarshal(encoded, &described)
}

// closed refuses in each object what it does not name. Answers are not checked and go.
func closed(schema any) any {
	switch schema := schema.(type) {
	case map[string]any:
		delete(schema, "responses")
		_, lists := schema["properties"].(map[string]any)
		if _, decided := schema["additionalProperties"]; lists && !decided && schema["type"] == "object" {
			schema["additionalProperties"] = false
		}
		for key, inner := range schema {
			schema[key] = closed(inner)
		}
	case []any:
		for i, inner := range schema {
			schema[i] = closed(inner)
		}
	}
	return schema
}

var placeholder = regexp.MustCompile(`\\\{\w+\\\}`)

func (c *checker) add(path string, verbs map[spec.HTTPVerb]*spec.Operation) error {
	pattern, err := regexp.Compile("^" + placeholder.ReplaceAllString(regexp.QuoteMeta(path), "[^/]+") + "$")
	if err != nil {
		return err
	}
	for verb, described := range verbs {
		o := operation{method: strings.ToUpper(string(verb)), path: path, pattern: pattern}
		if o.method == http.MethodGet {
			o.schema = spec.BuildQuerySchema(described)
		} else if described.RequestBody != nil {
			o.schema = described.RequestBody.Content["application/x-www-form-urlencoded"].Schema
		}
		if o.schema == nil {
			return fmt.Errorf("%s takes no form", o.method)
		}
		if o.validator, err = spec.GetValidatorForOpenAPI3Schema(o.schema, nil); err != nil {
			return err
		}
		c.operations = append(c.operations, o)
	}
	// a path without placeholders is meant before one with
	slices.SortStableFunc(c.operations, func(a, b operation) int { return strings.Count(a.path, "{") - strings.Count(b.path, "{") })
	return nil
}

func (c *checker) check(r *http.Request, body []byte) (int, []byte) {
	i := slices.IndexFunc(c.operations, func(o operation) bool { return o.method == r.Method && o.pattern.MatchString(r.URL.Path) })
	if i < 0 {
		return refuse(http.StatusNotFound, "", "contract: unrecognized request %s %s", r.Method, r.URL.Path)
	}
	if version := r.Header.Get("Stripe-Version"); version != c.version {
		return refuse(http.StatusBadRequest, "", "contract: Stripe-Version %q instead of %s", version, c.version)
	}
	data, err := c.operations[i].parse(r, body)
	if err != nil {
		return refuse(http.StatusBadRequest, "", "contract: %s %s: %v in %s%s", r.Method, r.URL.Path, err, r.URL.RawQuery, body)
	}
	if broken := brokenRule(c.operations[i], data); broken != nil {
		return refuse(http.StatusBadRequest, broken.param, "contract: %s", broken.message)
	}
	return 0, nil
}

// parse validates the parameters and returns them with their types.
func (o operation) parse(r *http.Request, body []byte) (map[string]any, error) {
	const form = "application/x-www-form-urlencoded"
	request := r.Clone(r.Context())
	request.Body = io.NopCloser(bytes.NewReader(body))
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if kind != form && (r.Method == http.MethodPost || len(body) > 0) {
		return nil, fmt.Errorf("content type %q instead of %s", kind, form)
	}
	data, err := param.ParseParams(request)
	if err != nil {
		return nil, err
	}
	if data == nil {
		data = map[string]any{}
	}
	if err := coercer.CoerceParams(o.schema, data); err != nil {
		return nil, err
	}
	return data, o.validator.Validate(data)
}

// refuse answers in the shape of Stripe's errors.
func refuse(status int, parameter, format string, args ...any) (int, []byte) {
	fields := map[string]any{"type": "invalid_request_error", "message": fmt.Sprintf(format, args...)}
	if parameter != "" {
		fields["param"] = parameter
	}
	answer, err := json.Marshal(map[string]any{"error": fields})
	if err != nil {
		return http.StatusInternalServerError, nil
	}
	return status, answer
}
