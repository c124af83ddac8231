package hooks

import (
	"net/http"
	"slices"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"
)

// route is one line of the /v1 table.
type route struct {
	method, path string
	guard        func(*core.RequestEvent) error // nil: public
	handle       func(*core.RequestEvent) error
}

// routes is the whole of /v1; openapi.yaml describes each of them.
func (s *server) routes() []route {
	return slices.Concat([]route{
		{http.MethodGet, "/v1/health", nil, s.getHealth},
		{http.MethodGet, "/v1/openapi.yaml", nil, getOpenAPI},
		{http.MethodGet, "/v1/plans", nil, getPlans},
		{http.MethodPost, "/v1/password-check", nil, postPasswordCheck},

		{http.MethodGet, "/v1/users/me", requireUser, s.getMe},
		{http.MethodPatch, "/v1/users/me", requireUser, s.patchMe},
		{http.MethodDelete, "/v1/users/me", requireUser, s.deleteMe},
		{http.MethodPost, "/v1/users/me/change-password", requireUser, s.changePassword},
		{http.MethodPost, "/v1/users/me/deactivate", requireUser, s.deactivate},
		{http.MethodPost, "/v1/users/me/logout", requireUser, s.logout},
		{http.MethodGet, "/v1/users/me/activity", requireUser, getActivity},
		{http.MethodGet, "/v1/users/me/export", requireUser, s.getExport},
		{http.MethodGet, "/v1/users/me/message-count", requireUser, s.getMessageCount},

		{http.MethodGet, "/v1/users/me/subscription", s.askStripe, s.getSubscription},
		{http.MethodGet, "/v1/users/me/subscription/preview", s.askStripe, s.getPreview},
		{http.MethodPost, "/v1/users/me/subscribe", s.askStripe, s.subscribe},
		{http.MethodPost, "/v1/users/me/cancel-subscription", s.askStripe, s.cancelSubscription},
		{http.MethodPost, "/v1/users/me/resume-subscription", s.askStripe, s.resumeSubscription},
		{http.MethodPost, "/v1/users/me/billing-portal", s.askStripe, s.openPortal},
		{http.MethodGet, "/v1/users/me/invoices", s.askStripe, s.getInvoices},
		{http.MethodGet, "/v1/billing/return", s.returning, s.returnFromCheckout},
		{http.MethodPost, webhookPath, nil, s.postWebhook},
		{http.MethodPost, "/v1/admin/users/{id}/billing-sync", requireSuperuser, s.syncBilling},

		{http.MethodGet, "/v1/users/me/coach", requireUser, s.getCoach},
		{http.MethodGet, "/v1/users/me/insights", requireUser, s.getInsights},
		{http.MethodPost, "/v1/users/me/messages", requireUser, s.postMessage},
		{http.MethodPost, "/v1/users/me/messages/{id}/stop", requireUser, s.postStop},

		{http.MethodPost, importPath, requireUser, s.postImport},
		{http.MethodPost, "/v1/users/me/sync", requireUser, s.postSync},
		{http.MethodGet, "/v1/users/me/ticks.csv", requireUser, getTicksCSV},
	}, s.chartRoutes())
}

// bindRoutes registers the table. The limits on bodies are set by path in server.go, before PocketBase's own.
func (s *server) bindRoutes(r *router.Router[*core.RequestEvent]) {
	for _, route := range s.routes() {
		bound := r.Route(route.method, route.path, route.handle)
		bound.Bind(apis.SkipSuccessActivityLog())
		bound.Unbind(apis.DefaultBodyLimitMiddlewareId)
		if route.guard != nil {
			bound.BindFunc(route.guard)
		}
	}
}

// requireUser lets in who carries a valid token of the users collection, and nobody else.
func requireUser(e *core.RequestEvent) error {
	switch {
	case e.Auth == nil:
		return errUnauthorized
	case e.Auth.IsSuperuser():
		return errForbidden
	}
	return e.Next()
}

// requireSuperuser lets administrators in, and nobody else.
func requireSuperuser(e *core.RequestEvent) error {
	switch {
	case e.Auth == nil:
		return errUnauthorized
	case !e.Auth.IsSuperuser():
		return errAdministrators
	}
	return e.Next()
}
