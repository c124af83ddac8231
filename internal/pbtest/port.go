package pbtest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"syscall"
	"testing"
)

// Port is a port of 127.0.0.1 that refuses connections and that nobody else can get, until somebody listens on it: the
// address of a server that is down.
type Port struct {
	Number int
	socket int
}

// HoldPort takes a free port without listening on it.
func HoldPort(t testing.TB) *Port {
	t.Helper()
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	address, err := syscall.Getsockname(socket)
	if err != nil {
		t.Fatal(err)
	}
	return &Port{Number: address.(*syscall.SockaddrInet4).Port, socket: socket}
}

// Listen brings the server up.
func (p *Port) Listen(t testing.TB) net.Listener {
	t.Helper()
	if err := syscall.Listen(p.socket, 128); err != nil {
		t.Fatal(err)
	}
	file := os.NewFile(uintptr(p.socket), "held port")
	defer file.Close() // the listener has a copy
	listener, err := net.FileListener(file)
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

// FreeAddress is an address of 127.0.0.1 for a server that binds it itself. Its port is below those that the system gives
// out (from 32768 on Linux, higher elsewhere), or a server of another test could get it in between.
func FreeAddress(t testing.TB) string {
	t.Helper()
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 20_000+rand.N(12_000))
		if listener, err := net.Listen("tcp", address); err == nil {
			listener.Close()
			return address
		}
	}
	t.Fatal("no free port")
	return ""
}
