package hooks

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

const requestIDHeader = "X-Request-Id"

// importPath takes whole files and so has a limit of its own.
const importPath = "/v1/users/me/ticks/import"

// drainTime is how long requests and jobs may go on after SIGTERM. Jobs get another 5 s to notice that they are cut, and
// PocketBase adds up to 1 s; the contract allows 15.
const drainTime = 8 * time.Second

// bindServe adds routes and middlewares when the server is built, and wraps the whole handler after that.
func (s *server) bindServe(app core.App) {
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		s.allowed = newMethodTable(s.routes())
		se.InstallerFunc = nil // the first administrator comes from the command line, never from a link in a log
		se.Router.Bind(s.metrics.countRequests(), s.answerErrors(), s.loadUser(), refuseEnded(), securityHeaders(), s.limitAddresses(), s.guardPasswords())
		se.Router.Bind(apis.CORS(apis.CORSConfig{
			AllowOrigins:  append([]string{se.App.Settings().Meta.AppURL}, s.Origins...),
			AllowMethods:  []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodPost, http.MethodDelete},
			ExposeHeaders: []string{requestIDHeader, "X-Sync-Job", "Retry-After", "ETag"},
		}))
		s.bindRoutes(se.Router)
		if s.Sandbox != nil {
			s.bindSandbox(se.Router)
		}
		if s.Public != nil {
			se.Router.GET("/{path...}", s.webApp()).Bind(apis.Gzip())
		}
		streams := s.drain(app, se.Server)
		limit(se.Server)
		if err := se.Next(); err != nil {
			return err
		}
		se.Server.Handler = outermost(se.Server.Handler, streams)
		s.metrics.watch(se.App)
		if s.Metrics != "" {
			if err := s.metrics.serve(se.App, s.Metrics); err != nil {
				return fmt.Errorf("serve metrics: %w", err)
			}
		}
		return s.startJobs(se.App)
	})
}

// limit keeps slow and oversized clients from holding connections.
func limit(server *http.Server) {
	server.ReadHeaderTimeout = 5 * time.Second
	server.ReadTimeout = 2 * time.Minute // uploads over a poor line; realtime lifts it for its streams
	server.IdleTimeout = 2 * time.Minute
	server.MaxHeaderBytes = 16 << 10
}

// outermost runs before PocketBase sees a request.
//
// The copy that WithContext makes matters: PocketBase replaces the body of the request that it gets, and net/http up
// to Go 1.26 would then take the unread rest of a large body for the next request on the connection.
func outermost(next http.Handler, streams context.Context) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(requestIDHeader, rand.Text())
		if len(r.TransferEncoding) > 0 {
			// It may have had a length as well, which net/http forgets and a proxy may have believed (RFC 9112, 6.1).
			w.Header().Set("Connection", "close")
		}
		ctx, cancel := r.Context(), context.CancelFunc(func() {})
		if isStream(r) {
			ctx, cancel = context.WithCancel(ctx)
			defer context.AfterFunc(streams, cancel)()
		}
		defer cancel()
		r = r.WithContext(ctx)
		if most := maxBody(r.URL.Path); most > 0 {
			r.Body = http.MaxBytesReader(w, r.Body, most)
		}
		next.ServeHTTP(w, r)
	})
}

// maxBody is the largest body, in bytes, that a path takes; 0 leaves it to PocketBase.
func maxBody(path string) int64 {
	switch {
	case path == importPath:
		return 33 << 20 // the largest plan's file and the form around it
	case path == webhookPath:
		return 1 << 20
	case isV1(path):
		return 64 << 10
	case strings.HasPrefix(path, "/api/backups"):
		return 0 // administrators upload whole databases
	case strings.HasPrefix(path, "/api/collections/") && strings.Contains(path, "/records"), path == "/api/realtime":
		return 256 << 10
	case strings.HasPrefix(path, "/api/"):
		return 4 << 20
	default:
		return 64 << 10
	}
}

// isStream reports whether a request stays open until one side leaves.
func isStream(r *http.Request) bool {
	return r.Method == http.MethodGet && r.URL.Path == "/api/realtime"
}

// drain makes SIGTERM stop the server in order: no new connections and jobs, streams end, requests and jobs finish, and
// only then does PocketBase cut what is left. It returns a context that ends with the streams.
func (s *server) drain(app core.App, server *http.Server) context.Context {
	streams, endStreams := context.WithCancel(context.Background())
	requests, cutRequests := context.WithCancel(context.Background())
	// Ours instead of PocketBase's, which ends as soon as the listener is closed.
	server.BaseContext = func(net.Listener) context.Context { return requests }
	server.RegisterOnShutdown(endStreams)
	app.OnTerminate().Bind(&hook.Handler[*core.TerminateEvent]{
		Id:       "cragbaseDrain",
		Priority: -10_000, // before PocketBase's own shutdown
		Func: func(e *core.TerminateEvent) error {
			ctx, cancel := context.WithTimeout(context.Background(), drainTime)
			defer cancel()
			var stopping sync.WaitGroup
			stopping.Go(func() { s.cron.Stop(ctx) })
			stopping.Go(func() { s.runner.Stop(ctx) })
			stopping.Go(func() { s.closeCoach(ctx) })
			stopping.Go(s.expirer.Stop)
			if err := server.Shutdown(ctx); err != nil {
				e.App.Logger().Warn("requests were cut at shutdown", "error", err)
			}
			stopping.Wait()
			cutRequests()
			s.mails.wait()
			return e.Next()
		},
	})
	return streams
}
