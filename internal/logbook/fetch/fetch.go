// Package fetch reads pages of logbook sites over HTTPS. A site is taken for hostile and treated with courtesy: what it
// answers is bounded in time and size, wherever its name or its redirects lead no address is dialled that is not public, and
// it gets one request at a time, with a pause between two, from a client that says who it is.
package fetch

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Config of a Client. Zero values mean the defaults given here.
type Config struct {
	Site  string // the name of the site, as its users write it; required
	Base  string // its address, such as https://www.example.com; required. Anything but https on port 443 must be in Local, and localhost leads nowhere else
	Agent string // User-Agent: who we are, and where that is explained; required
	// Advice ends the sentences for the owner of a profile that cannot be read; "upload the export file of your logbook instead".
	Advice string
	Delay  time.Duration // least time between two requests; 60 s

	ConnectTimeout time.Duration // 5 s, and as much for TLS
	HeaderTimeout  time.Duration // from the request to the end of the answer's header; 10 s
	Timeout        time.Duration // of a request, redirects and body included; 30 s
	MaxBytes       int64         // of a body, as it is sent and as it is unpacked; 8 MiB

	Failures uint          // in a row after which the site is left alone; 5
	Rest     time.Duration // for how long it is left alone; 15 minutes

	// Local are addresses that may be dialled although they are not public or the port is another: of a site that a test
	// plays, or of a mirror. Each is one address and one port.
	Local    []netip.AddrPort
	Roots    *x509.CertPool // whom certificates must be of; nil: whom the system trusts
	Resolver *net.Resolver  // nil: the system's

	Now  func() time.Time                                 // time.Now
	Wait func(ctx context.Context, d time.Duration) error // waits, but no longer than ctx; a timer
}

const (
	defaultDelay    = 60 * time.Second
	defaultMaxBytes = 8 << 20
	defaultRest     = 15 * time.Minute
	defaultFailures = 5
	defaultAdvice   = "upload the export file of your logbook instead"
)

// Client reads one site. It is safe for concurrent use, and makes concurrent requests wait for each other.
type Client struct {
	config Config
	base   *url.URL
	http   *http.Client
	gate   *gate
}

// New returns a client of a site, or an error for a configuration that names none.
func New(config Config) (*Client, error) {
	if config.Site == "" || config.Agent == "" {
		return nil, errors.New("fetch: a site needs a name, and its client a User-Agent")
	}
	base, err := config.baseURL()
	if err != nil {
		return nil, fmt.Errorf("fetch: address of %s: %w", config.Site, err)
	}
	config = config.withDefaults()
	c := &Client{config: config, base: base, gate: newGate(&config)}
	c.http = &http.Client{Transport: config.transport(isLocalhost(base)), CheckRedirect: c.checkRedirect}
	return c, nil
}

func (c Config) withDefaults() Config {
	c.Advice = cmp.Or(c.Advice, defaultAdvice)
	c.Delay = cmp.Or(c.Delay, defaultDelay)
	c.ConnectTimeout = cmp.Or(c.ConnectTimeout, 5*time.Second)
	c.HeaderTimeout = cmp.Or(c.HeaderTimeout, 10*time.Second)
	c.Timeout = cmp.Or(c.Timeout, 30*time.Second)
	c.MaxBytes = cmp.Or(c.MaxBytes, defaultMaxBytes)
	c.Failures = cmp.Or(c.Failures, defaultFailures)
	c.Rest = cmp.Or(c.Rest, defaultRest)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Wait == nil {
		c.Wait = wait
	}
	return c
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// baseURL checks the address of the site.
func (c *Config) baseURL() (*url.URL, error) {
	base, err := url.Parse(strings.TrimSuffix(c.Base, "/"))
	if err != nil {
		return nil, err
	}
	if base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, fmt.Errorf("%q is not the address of a site", c.Base)
	}
	if base.Scheme == "https" && base.Port() == "" || c.isLocal(base) {
		return base, nil
	}
	return nil, fmt.Errorf("%q is not https on its usual port", c.Base)
}

// isLocal reports whether an address is written with one of the addresses in Local or, for a name, with a port of one. Only
// localhost, which leads to nothing but Local, goes without https.
func (c *Config) isLocal(base *url.URL) bool {
	if base.Scheme != "https" && base.Scheme != "http" {
		return false
	}
	address, err := netip.ParseAddr(base.Hostname())
	for _, local := range c.Local {
		named := err != nil && (base.Scheme == "https" || isLocalhost(base))
		if base.Port() == fmt.Sprint(local.Port()) && (err == nil && address == local.Addr() || named) {
			return true
		}
	}
	return false
}

// isLocalhost reports whether an address is this machine's by its name.
func isLocalhost(base *url.URL) bool { return strings.EqualFold(base.Hostname(), "localhost") }

// Site is the name of the site, as its users write it.
func (c *Client) Site() string { return c.config.Site }

// Delay is the least time between two requests.
func (c *Client) Delay() time.Duration { return c.config.Delay }

// Version tells one state of a page from another. A field that the site does not tell is empty.
type Version struct {
	ETag         string // at most 300 bytes
	LastModified string // at most 100 bytes
	Hash         string // of the content, 64 hexadecimal digits
}

// Request is what is asked for.
type Request struct {
	Path   string // begins with a slash
	Query  url.Values
	Accept string  // a media type
	Known  Version // the state that need not be sent again
	Most   int64   // bytes of the body; 0 or more than the client's MaxBytes: those
}

// Response is what the site has at a path.
type Response struct {
	Version
	Body        []byte // nil when NotModified
	NotModified bool   // it is in the known state still
}

// Get asks for a page, after the pause that the site is given. It fails with an *Error, or with the error of a ctx that was
// cancelled.
func (c *Client) Get(ctx context.Context, request Request) (*Response, error) {
	leave, err := c.gate.enter(ctx)
	if err != nil {
		return nil, c.explain(ctx, err)
	}
	limited, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	response, err := c.ask(limited, request)
	if err != nil {
		err = c.explain(ctx, err)
	}
	leave(err)
	return response, err
}

// explain makes an *Error of any error but that of a cancelled ctx.
func (c *Client) explain(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("read %s: %w", c.config.Site, ctx.Err())
	}
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	reason := Unreachable
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		reason = TooSlow
	case strings.Contains(err.Error(), "response headers exceeded"): // net/http has no value for it
		reason = TooLarge
	}
	return c.fail(reason, err)
}

func (c *Client) ask(ctx context.Context, request Request) (*Response, error) {
	target := *c.base
	target.Path += request.Path
	target.RawQuery = request.Query.Encode()
	asked, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return nil, err
	}
	asked.Header.Set("User-Agent", c.config.Agent)
	asked.Header.Set("Accept", request.Accept)
	asked.Header.Set("Accept-Encoding", "gzip")
	for name, value := range map[string]string{"If-None-Match": request.Known.ETag, "If-Modified-Since": request.Known.LastModified} {
		if value != "" {
			asked.Header.Set(name, value)
		}
	}
	answer, err := c.http.Do(asked)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	response, err := c.read(answer, request)
	if err == nil && ctx.Err() != nil {
		// We were hanging up. A server that sees that may end a body in proper form that it has not sent in full.
		return nil, c.fail(TooSlow, ctx.Err())
	}
	return response, err
}
