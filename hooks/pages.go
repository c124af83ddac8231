package hooks

import (
	"strings"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

// pagePolicy lets our pages load and call nothing but us. Styles may be inline because charts set sizes and colours
// by attribute.
const pagePolicy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

// securityHeaders completes PocketBase's. The dashboard brings a policy of its own.
func securityHeaders() *hook.Handler[*core.RequestEvent] {
	return &hook.Handler[*core.RequestEvent]{
		Id:       "cragbaseSecurityHeaders",
		Priority: apis.DefaultSecurityHeadersMiddlewarePriority + 1,
		Func: func(e *core.RequestEvent) error {
			header := e.Response.Header()
			header.Set("X-Frame-Options", "DENY")
			header.Set("Referrer-Policy", "no-referrer") // links in mails carry tokens
			header.Set("Cross-Origin-Opener-Policy", "same-origin")
			header.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
			if isV1(e.Request.URL.Path) {
				header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
			}
			if servedOverHTTPS(e) {
				header.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
			}
			return e.Next()
		},
	}
}

// servedOverHTTPS reports whether the browser came by TLS, to us or to the proxy that the application URL names.
func servedOverHTTPS(e *core.RequestEvent) bool {
	return e.IsTLS() || strings.HasPrefix(e.App.Settings().Meta.AppURL, "https://")
}

// webApp serves the built web app. Addresses of its pages all lead to index.html; addresses of the APIs and of assets
// never do, because a caller that expects JSON or a script would take the page for it.
func (s *server) webApp() func(*core.RequestEvent) error {
	files, pages := apis.Static(s.Public, false), apis.Static(s.Public, true)
	return func(e *core.RequestEvent) error {
		path := e.Request.URL.Path
		header := e.Response.Header()
		switch {
		case isV1(path), strings.HasPrefix(path, "/api/"), path == "/api", strings.HasPrefix(path, "/_/"):
			return e.NotFoundError("", nil)
		case strings.HasPrefix(path, "/assets/"):
			// The names hold a hash of the content.
			header.Set("Cache-Control", "public, max-age=31536000, immutable")
			err := files(e)
			if err != nil {
				header.Del("Cache-Control")
			}
			return err
		default:
			header.Set("Cache-Control", "no-cache")
			header.Set("Content-Security-Policy", pagePolicy)
			return pages(e)
		}
	}
}
