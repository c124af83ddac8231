package hooks

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	validation "github.com/go-ozzo/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/analytics"
)

// chartRoutes: GET /v1/users/me/analytics/{chart}, one for each chart of the table
func (s *server) chartRoutes() []route {
	var routes []route
	for _, chart := range analytics.Charts() {
		handle := func(e *core.RequestEvent) error { return s.getChart(e, &chart) }
		routes = append(routes, route{http.MethodGet, "/v1/users/me/analytics/" + chart.Name, requireUser, handle})
	}
	return routes
}

// getChart answers with the data of one chart over the caller's own ticks. Who has the answer of this version of the logbook
// costs one small read.
func (s *server) getChart(e *core.RequestEvent, chart *analytics.Chart) error {
	query, err := wholeQuery(e.Request.URL.RawQuery)
	if err != nil {
		return err
	}
	filter, err := analytics.ParseFilter(query, chart.Parameters...)
	if err != nil {
		return err
	}
	filter.Today = s.Now().UTC().Format(time.DateOnly)
	key, err := s.answers.Key(e.App, e.Auth.Id, chart, filter)
	if err != nil {
		return err
	}
	return respondTagged(e, s.answers.ETag(key), "application/json", func() ([]byte, error) { return s.answers.Body(e.App, chart, key) })
}

// wholeQuery reads a query string that has no broken part. [url.URL.Query] would leave those out, and the answer would be one to
// another question. The error is validation.Errors by parameter, or of "query" where its name is broken too.
func wholeQuery(raw string) (url.Values, error) {
	query, err := url.ParseQuery(raw)
	if err == nil {
		return query, nil
	}
	problems := validation.Errors{}
	for part := range strings.SplitSeq(raw, "&") {
		if _, err := url.ParseQuery(part); err != nil {
			problems[parameterName(part)] = validation.NewError("validation_invalid_query", "Cannot be read: in a query a percent sign is written %25, and a semicolon %3B.")
		}
	}
	if len(problems) == 0 {
		problems["query"] = validation.NewError("validation_invalid_query", "Cannot be read: "+err.Error()+".")
	}
	return nil, problems
}

func parameterName(part string) string {
	name, _, _ := strings.Cut(part, "=")
	if name, err := url.QueryUnescape(name); err == nil && name != "" {
		return name
	}
	return "query"
}
