package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// How long a server may take to answer its first request, and to stop after SIGTERM before it is killed.
const (
	startTime = 30 * time.Second
	stopTime  = 5 * time.Second
)

// buildStock compiles stock PocketBase as the Makefile compiles Cragbase.
func buildStock(ctx context.Context, path string) error {
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, "github.com/cragbase/cragbase/internal/bench/stock")
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build stock PocketBase: %w\n%s", err, output)
	}
	return nil
}

// server is a running child process that serves on a port of the loopback interface.
type server struct {
	url    string
	pid    int
	cancel context.CancelFunc
	exited chan struct{}
	output bytes.Buffer // of the process; whole once it exited
}

// start runs the serve command of a program over a data folder, and returns when it answers. The end of ctx stops it.
func start(ctx context.Context, program, dir string) (*server, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &server{url: "http://" + address, cancel: cancel, exited: make(chan struct{})}
	// PocketBase takes a program in the temporary folder for one under development, which logs every statement.
	command := exec.CommandContext(ctx, program, "serve", "--http", address, "--dir", dir, "--dev=false")
	command.Env = []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "COACH_OFFLINE=true", "COACH_TOKENS_PER_DAY=1000000000", "COACH_USER_TOKENS_PER_DAY=1000000000"} // nobody's own configuration
	command.Stdout, command.Stderr = &s.output, &s.output
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = stopTime
	if err := command.Start(); err != nil {
		cancel()
		return nil, err
	}
	s.pid = command.Process.Pid
	go func() {
		defer close(s.exited)
		_ = command.Wait() // it ends because we stop it, or is missed by the next request
	}()
	if err := s.awaitReady(ctx); err != nil {
		s.stop()
		return nil, fmt.Errorf("start %s: %w\n%s", program, err, s.output.String())
	}
	return s, nil
}

// memory is what the process has in memory, in KiB.
func (s *server) memory() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid))
	if err != nil {
		return 0, fmt.Errorf("read memory: %w", err)
	}
	for line := range strings.Lines(string(status)) {
		var size int64
		if n, _ := fmt.Sscanf(line, "VmRSS: %d kB", &size); n == 1 {
			return size, nil
		}
	}
	return 0, errors.New("read memory: no VmRSS")
}

// stop ends the process and waits for that.
func (s *server) stop() {
	s.cancel()
	<-s.exited
}

// freeAddress is a port that nobody listens on at the moment.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// awaitReady asks for the health of the server until it answers.
func (s *server) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for {
		if s.healthy(ctx) {
			return nil
		}
		select {
		case <-retry.C:
		case <-s.exited:
			return errors.New("it exited")
		case <-ctx.Done():
			return fmt.Errorf("no answer: %w", ctx.Err())
		}
	}
}

func (s *server) healthy(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/api/health", nil)
	if err != nil {
		return false
	}
	response, err := direct.RoundTrip(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusOK
}
