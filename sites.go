package main

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/config"
	"github.com/cragbase/cragbase/internal/logbook/eightanu"
	"github.com/cragbase/cragbase/internal/logbook/fetch"
	"github.com/cragbase/cragbase/internal/logbook/mountainproject"
)

// sites are the clients that read profiles; contact is the address under which those who run the sites find us. A demo touches
// no site but one on this machine.
func sites(conf config.Config, contact string, demo bool) (hooks.Sites, error) {
	var built hooks.Sites
	for _, site := range []struct {
		source, base string
		config       fetch.Config
		client       **fetch.Client
	}{
		{"mountain_project", conf.MountainProjectURL, mountainproject.Site(), &built.MountainProject},
		{"eight_a", conf.EightAURL, eightanu.Site(), &built.EightA},
	} {
		local := loopback(site.base)
		if !slices.Contains(conf.SyncSources, site.source) || demo && local == nil {
			continue
		}
		site.config.Agent = "Cragbase/" + version + " (+" + contact + ")"
		if site.base != "" {
			site.config.Base, site.config.Local = site.base, local
		}
		if local != nil {
			site.config.Delay = localDelay
		}
		client, err := fetch.New(site.config)
		if err != nil {
			return hooks.Sites{}, err
		}
		*site.client = client
	}
	return built, nil
}

// localDelay is the pause between two requests to a site on this machine, whose robots.txt is ours.
const localDelay = 100 * time.Millisecond

// loopback are the addresses of this machine that a site is read from when it is configured by one of them or by localhost; none
// for a site elsewhere.
func loopback(base string) []netip.AddrPort {
	parsed, err := url.Parse(base)
	if err != nil {
		return nil
	}
	if port, err := strconv.ParseUint(parsed.Port(), 10, 16); err == nil && strings.EqualFold(parsed.Hostname(), "localhost") {
		return []netip.AddrPort{
			netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(port)), netip.AddrPortFrom(netip.IPv6Loopback(), uint16(port)),
		}
	}
	address, err := netip.ParseAddrPort(parsed.Host)
	if err != nil || !address.Addr().IsLoopback() {
		return nil
	}
	return []netip.AddrPort{address}
}
