package hooks

import (
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/analytics"
)

// getOverview: GET /v1/users/me/analytics/overview
func getOverview(e *core.RequestEvent) error { return chart(e, analytics.OverviewOf) }

// getPyramid: GET /v1/users/me/analytics/pyramid
func getPyramid(e *core.RequestEvent) error { return chart(e, analytics.PyramidOf) }

// chart answers with the data of one chart over the caller's own ticks.
func chart[T any](e *core.RequestEvent, compute func(core.App, string, analytics.Filter) (*T, error)) error {
	filter, err := analytics.ParseFilter(e.Request.URL.Query())
	if err != nil {
		return err
	}
	data, err := compute(e.App, e.Auth.Id, filter)
	if err != nil {
		return err
	}
	return respond(e, data)
}
