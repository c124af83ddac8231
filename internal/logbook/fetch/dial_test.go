package fetch_test

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"code.dny.dev/ssrf"

	"github.com/cragbase/cragbase/internal/logbook/fetch"
	"github.com/cragbase/cragbase/internal/logbook/fetch/fetchtest"
)

// names answers questions for addresses: the first with the first address, the next with the next, and then with the last.
type names struct {
	mu      sync.Mutex
	answers []netip.Addr
	asked   int
}

// resolver asks the names over a pipe in memory, as it would ask a server.
func (n *names) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go n.serve(theirs)
		return ours, nil
	}}
}

// serve speaks DNS as over TCP: two bytes of length, then the message.
func (n *names) serve(conn net.Conn) {
	defer conn.Close()
	for {
		var size uint16
		if binary.Read(conn, binary.BigEndian, &size) != nil {
			return
		}
		query := make([]byte, size)
		if binary.Read(conn, binary.BigEndian, query) != nil {
			return
		}
		answer := n.answer(query)
		if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
			return
		}
	}
}

const typeA, typeAAAA = 1, 28

// answer makes a response of a query with one question.
func (n *names) answer(query []byte) []byte {
	end := 12
	for query[end] != 0 {
		end += int(query[end]) + 1
	}
	kind := binary.BigEndian.Uint16(query[end+1:])
	question := query[12 : end+5]
	address, found := n.next(kind)
	response := append([]byte{query[0], query[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, question...)
	if !found {
		return response
	}
	response[7] = 1
	response = append(response, 0xc0, 12, 0, byte(kind), 0, 1, 0, 0, 0, 0, 0, byte(len(address)))
	return append(response, address...)
}

func (n *names) next(kind uint16) ([]byte, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	address := n.answers[min(n.asked, len(n.answers)-1)]
	if kind == typeA && address.Is4() || kind == typeAAAA && address.Is6() {
		n.asked++
		return address.AsSlice(), true
	}
	return nil, false
}

// No name leads to an address that is not public.
func TestNamesOfPrivateAddresses(t *testing.T) {
	t.Parallel()
	for _, address := range strings.Fields("127.0.0.1 0.0.0.0 10.0.0.1 172.16.5.5 192.168.1.1 100.64.0.1 169.254.169.254 192.0.0.8 192.0.2.1 198.18.0.1 " +
		"203.0.113.9 224.0.0.1 255.255.255.255 ::1 :: ::ffff:127.0.0.1 ::ffff:10.0.0.1 fe80::1 fc00::1 fd00::1 ff02::1 64:ff9b::7f00:1 64:ff9b:1::1 " +
		"2002:7f00:1:: 2001::1 2001:db8::1 3fff::1 5f00::1 100::1") {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			dns := &names{answers: []netip.Addr{netip.MustParseAddr(address)}}
			client, err := fetch.New(fetch.Config{Site: "Example Crags", Base: "https://www.example.com", Agent: "test", Resolver: dns.resolver()})
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.Get(t.Context(), fetch.Request{Path: "/"})
			failed := failure(t, err)
			if failed.Reason != fetch.Unreachable || !errors.Is(err, ssrf.ErrProhibitedIP) {
				t.Errorf("%v", err)
			}
			if strings.Contains(failed.Sentence, address) {
				t.Errorf("the owner reads %q", failed.Sentence)
			}
		})
	}
}

// A name that leads to the site once and inside our network the next time does not get there.
func TestNameThatChangesItsMind(t *testing.T) {
	t.Parallel()
	site := fetchtest.Start(t, answer(200, export))
	dns := &names{answers: []netip.Addr{site.Address().Addr(), netip.MustParseAddr("169.254.169.254")}}
	config := site.Config(fetch.Config{Resolver: dns.resolver()})
	config.Base = strings.Replace(site.URL, "127.0.0.1", "example.com", 1)
	client, err := fetch.New(config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Get(t.Context(), fetch.Request{Path: "/"}); err != nil {
		t.Fatal(err)
	}
	_, err = client.Get(t.Context(), fetch.Request{Path: "/"})
	if failed := failure(t, err); failed.Reason != fetch.Unreachable || !errors.Is(err, ssrf.ErrProhibitedPort) && !errors.Is(err, ssrf.ErrProhibitedIP) {
		t.Errorf("%v", err)
	}
	if dns.asked != 2 {
		t.Errorf("the name was asked for %d times", dns.asked)
	}
}

// What is not https on its usual port is no site, unless it is one of the addresses that were named as ours.
func TestAddressesOfSites(t *testing.T) {
	t.Parallel()
	local := []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:8080")}
	for base, allowed := range map[string]bool{
		"https://www.example.com":       true,
		"https://www.example.com/":      true,
		"https://127.0.0.1:8080":        true,
		"http://127.0.0.1:8080":         true,
		"http://localhost:8080":         true,
		"https://LOCALHOST:8080":        true,
		"http://localhost:8081":         false,
		"http://localhost.com:8080":     false,
		"http://www.example.com":        false,
		"http://www.example.com:8080":   false,
		"https://www.example.com:444":   false,
		"https://me@www.example.com":    false,
		"https://www.example.com/?a=b":  false,
		"https://www.example.com/#a":    false,
		"http://127.0.0.1:8081":         false,
		"http://127.0.0.2:8080":         false,
		"ftp://127.0.0.1:8080":          false,
		"www.example.com":               false,
		"":                              false,
		"https://www.exa mple.com":      false,
		"file:///etc/passwd":            false,
		"https://www.example.com:8080/": true, // the name of one that was named
	} {
		_, err := fetch.New(fetch.Config{Site: "Example Crags", Base: base, Agent: "test", Local: local})
		if allowed != (err == nil) {
			t.Errorf("%q: %v", base, err)
		}
	}
	for _, config := range []fetch.Config{{Base: "https://www.example.com", Agent: "test"}, {Site: "x", Base: "https://www.example.com"}} {
		if _, err := fetch.New(config); err == nil {
			t.Errorf("%+v is a site", config)
		}
	}
}
