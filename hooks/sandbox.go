package hooks

import (
	"net/http"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/router"
)

// SandboxPath is below which the demo serves the pages that Stripe hosts otherwise.
const SandboxPath = "/sandbox"

// bindSandbox serves those pages. They take forms, and each method needs a pattern of its own beside the web app's.
func (s *server) bindSandbox(r *router.Router[*core.RequestEvent]) {
	pages := apis.WrapStdHandler(http.StripPrefix(SandboxPath, s.Sandbox))
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		r.Route(method, SandboxPath+"/{path...}", pages)
	}
}
