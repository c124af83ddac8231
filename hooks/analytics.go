package hooks

import (
	"net/http"
	"time"

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
	filter, err := analytics.ParseFilter(e.Request.URL.Query(), chart.Parameters...)
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
