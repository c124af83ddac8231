package hooks

import (
	_ "embed"
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/jobs"
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
	for service, configured := range map[string]bool{"stripe": s.billing.Configured(), "coach": s.coach != nil, "mail": e.App.Settings().SMTP.Enabled} {
		response.Checks[service] = "not_configured"
		if configured {
			response.Checks[service] = "configured"
		}
	}
	response.Checks["jobs"] = s.jobsCheck(e.App)
	status := http.StatusOK
	if err := s.database.Check(e.App, s.Now()); err != nil {
		e.App.Logger().Error("database is not writable", "error", err)
		status, response.Status, response.Checks["database"] = http.StatusServiceUnavailable, "unavailable", "not_writable"
	}
	e.Response.Header().Set("Cache-Control", "no-store")
	return e.JSON(status, response)
}

// lateJobs is how long a due job may wait before something is wrong with the work in the background.
const lateJobs = 15 * time.Minute

func (s *server) jobsCheck(app core.App) string {
	late, err := jobs.Late(app, s.Now())
	switch {
	case err != nil:
		app.Logger().Error("jobs cannot be read", "error", err)
		return "unavailable"
	case late > lateJobs:
		return "late"
	}
	return "ok"
}

type healthResponse struct {
	Status  string            `json:"status"`  // ok or unavailable
	Version string            `json:"version"` // of this binary
	Checks  map[string]string `json:"checks"`
}
