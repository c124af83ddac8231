package fetch

import (
	"net/netip"
	"testing"
)

// Whatever a name server says of localhost, nothing but this machine is dialled for it.
func TestLocalhostIsThisMachine(t *testing.T) {
	t.Parallel()
	config := Config{Local: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:443"), netip.MustParseAddrPort("[::1]:443")}}
	for address, want := range map[string]struct{ localOnly, anywhere bool }{
		"127.0.0.1:443":     {true, true},
		"[::1]:443":         {true, true},
		"127.0.0.1:444":     {false, false},
		"127.0.0.2:443":     {false, false},
		"93.184.216.34:443": {false, true},
		"10.0.0.1:443":      {false, false},
	} {
		for localOnly, allowed := range map[bool]bool{true: want.localOnly, false: want.anywhere} {
			network := "tcp4"
			if netip.MustParseAddrPort(address).Addr().Is6() {
				network = "tcp6"
			}
			if err := config.control(localOnly)(network, address, nil); (err == nil) != allowed {
				t.Errorf("%s, on this machine only: %v, is answered with %v", address, localOnly, err)
			}
		}
	}
}
