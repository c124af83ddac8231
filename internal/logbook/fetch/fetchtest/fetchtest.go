// Package fetchtest plays logbook sites for tests: a real server that speaks TLS, and what a client needs to believe it.
package fetchtest

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/cragbase/cragbase/internal/logbook/fetch"
)

// Server plays a site.
type Server struct {
	*httptest.Server
	Clock *Clock
}

// Start serves a site until the test ends.
func Start(t testing.TB, site http.HandlerFunc) *Server {
	t.Helper()
	server := httptest.NewUnstartedServer(site)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // clients hang up in the middle here
	server.StartTLS()
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return &Server{Server: server, Clock: &Clock{now: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}}
}

// Address is where the server listens.
func (s *Server) Address() netip.AddrPort {
	address, err := url.Parse(s.URL)
	if err != nil {
		panic(err) // httptest writes it
	}
	return netip.MustParseAddrPort(address.Host)
}

// Config is that of a site, played by the server, with pauses that only the server's clock knows of.
func (s *Server) Config(site fetch.Config) fetch.Config {
	site.Base, site.Local, site.Roots = s.URL, []netip.AddrPort{s.Address()}, s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	site.Agent = "Cragbase/test (+https://climb.example.com)"
	if site.Site == "" {
		site.Site = "Example Crags"
	}
	site.Now, site.Wait = s.Clock.Now, s.Clock.Wait
	return site
}

// New is a client of the site that the server plays.
func (s *Server) New(t testing.TB, site fetch.Config) *fetch.Client {
	t.Helper()
	client, err := fetch.New(s.Config(site))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// Clock stands still until somebody waits.
type Clock struct {
	mu    sync.Mutex
	now   time.Time
	waits []time.Duration
}

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Wait lets the time pass at once.
func (c *Clock) Wait(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waits = append(c.waits, d)
	c.now = c.now.Add(d)
	return ctx.Err()
}

// Waits are all times that were waited for.
func (c *Clock) Waits() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]time.Duration{}, c.waits...)
}

// Advance lets time pass.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
