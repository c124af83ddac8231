package main

import (
	"net/netip"
	"net/url"
	"slices"
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

// loopback is the one address of this machine that a site is read from when it is configured by an address instead of a
// name.
func loopback(base string) []netip.AddrPort {
	parsed, err := url.Parse(base)
	if err != nil {
		return nil
	}
	address, err := netip.ParseAddrPort(parsed.Host)
	if err != nil || !address.Addr().IsLoopback() {
		return nil
	}
	return []netip.AddrPort{address}
}
