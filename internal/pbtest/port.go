package pbtest

import (
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
