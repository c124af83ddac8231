package hooks

import (
	_ "embed"
	"net/http"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/plan"
)

//go:embed openapi.yaml
var openAPI []byte

// getOpenAPI: GET /v1/openapi.yaml
func getOpenAPI(e *core.RequestEvent) error {
	return respondBytes(e, "application/yaml; charset=utf-8", openAPI)
}

// getPlans: GET /v1/plans
func getPlans(e *core.RequestEvent) error {
	plans, err := plan.List(e.App)
	if err != nil {
		return err
	}
	return respond(e, plans)
}

// getHealth: GET /v1/health
func (s *server) getHealth(e *core.RequestEvent) error {
	response := healthResponse{Status: "ok", Version: s.Version, Checks: map[string]string{"database": "ok"}}
	for service, configured := range map[string]bool{"stripe": s.Stripe, "coach": s.Coach, "mail": e.App.Settings().SMTP.Enabled, "jobs": false} {
		response.Checks[service] = "not_configured"
		if configured {
			response.Checks[service] = "configured"
		}
	}
	status := http.StatusOK
	if err := s.database.Check(e.App, s.Now()); err != nil {
		e.App.Logger().Error("database is not writable", "error", err)
		status, response.Status, response.Checks["database"] = http.StatusServiceUnavailable, "unavailable", "not_writable"
	}
	e.Response.Header().Set("Cache-Control", "no-store")
	return e.JSON(status, response)
}

type healthResponse struct {
	Status  string            `json:"status"`  // ok or unavailable
	Version string            `json:"version"` // of this binary
	Checks  map[string]string `json:"checks"`
}
