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

// getChart answers with the data of one chart over the caller's own ticks.
func (s *server) getChart(e *core.RequestEvent, chart *analytics.Chart) error {
	filter, err := analytics.ParseFilter(e.Request.URL.Query(), chart.Parameters...)
	if err != nil {
		return err
	}
	filter.Today = s.Now().UTC().Format(time.DateOnly)
	data, err := chart.Compute(e.App, e.Auth.Id, filter)
	if err != nil {
		return err
	}
	return respond(e, data)
}
