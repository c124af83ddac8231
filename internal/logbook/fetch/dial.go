package fetch

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"

	"code.dny.dev/ssrf"
)

// maxHeader is how many bytes the header of an answer may have.
const maxHeader = 64 << 10

// transport asks for every request anew where the site is, so that every request passes the check of the address. localOnly
// is for a site that is nowhere but at Local.
func (c *Config) transport(localOnly bool) *http.Transport {
	dialer := &net.Dialer{Timeout: c.ConnectTimeout, Resolver: c.Resolver, Control: c.control(localOnly)}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		DialContext:            dialer.DialContext, // and no proxy, which would dial for us
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.Roots},
		TLSHandshakeTimeout:    c.ConnectTimeout,
		ResponseHeaderTimeout:  c.HeaderTimeout,
		MaxResponseHeaderBytes: maxHeader,
		DisableCompression:     true, // we unpack ourselves, within limits
		DisableKeepAlives:      true,
		MaxConnsPerHost:        1,
		Protocols:              protocols,
	}
}

// control looks at the address that is about to be dialled, after names were resolved: a name that leads elsewhere the next
// time it is asked for gets no further than one that leads there the first time.
func (c *Config) control(localOnly bool) func(network, address string, conn syscall.RawConn) error {
	public := ssrf.New(ssrf.WithPorts(443))
	local := slices.Clone(c.Local)
	return func(network, address string, conn syscall.RawConn) error {
		if dialled, err := netip.ParseAddrPort(address); err == nil && slices.Contains(local, dialled) {
			return nil
		}
		if localOnly {
			return fmt.Errorf("localhost is at %s, which is no address of this machine that was named", address)
		}
		return public.Safe(network, address, conn)
	}
}

// maxRedirects is enough for a missing www and for the climber's name in the path.
const maxRedirects = 2

// checkRedirect follows the site to other pages of its own, but not to the one where visitors sign in.
func (c *Client) checkRedirect(next *http.Request, before []*http.Request) error {
	switch {
	case isLogin(next.URL):
		return c.fail(Login, errors.New("redirect to a login"))
	case !c.isOwn(next.URL):
		return c.fail(NotALogbook, fmt.Errorf("redirect to %s", next.URL.Host))
	case len(before) > maxRedirects:
		return c.fail(NotALogbook, errors.New("too many redirects"))
	}
	return nil
}

// isOwn reports whether a page is the site's, with or without www.
func (c *Client) isOwn(page *url.URL) bool {
	return page.Scheme == c.base.Scheme && page.User == nil &&
		strings.TrimPrefix(strings.ToLower(page.Host), "www.") == strings.TrimPrefix(strings.ToLower(c.base.Host), "www.")
}

// loginWords are parts of the path of pages where visitors sign in.
var loginWords = []string{"login", "log-in", "signin", "sign-in", "sign_in", "auth", "sso", "openid-connect"}

func isLogin(page *url.URL) bool {
	return slices.ContainsFunc(strings.Split(strings.ToLower(page.Path), "/"), func(part string) bool {
		return slices.Contains(loginWords, part)
	})
}
