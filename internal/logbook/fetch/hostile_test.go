package fetch_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cragbase/cragbase/internal/logbook/fetch"
	"github.com/cragbase/cragbase/internal/logbook/fetch/fetchtest"
)

const gigabyte = 1 << 30

// A site that does its worst costs little time and memory, and one after it is read as ever.
func TestHostileSites(t *testing.T) {
	for _, test := range []struct {
		name   string
		site   http.HandlerFunc
		reason fetch.Reason
		slow   bool // only the time ends it
	}{
		{"a gigabyte", func(w http.ResponseWriter, _ *http.Request) { zeroes(w) }, fetch.TooLarge, false},
		{"a gigabyte that is declared", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(gigabyte))
			zeroes(w)
		}, fetch.TooLarge, false},
		{"a bomb", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			archive, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
			zeroes(archive)
		}, fetch.TooLarge, false},
		{"a bomb under a status that refuses", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.WriteHeader(http.StatusForbidden)
			archive, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
			zeroes(archive)
		}, fetch.Refused, false},
		{"archives of nothing", emptyArchives, fetch.TooLarge, false},
		{"a byte now and then", func(w http.ResponseWriter, r *http.Request) { drip(w, r, "2") }, fetch.TooSlow, true},
		{"nothing after the header", func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, fetch.TooSlow, true},
		{"no answer", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, fetch.Unreachable, true},
		{"chunks without end", raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "40\r\n"+strings.Repeat("x", 64)+"\r\n"), fetch.TooLarge, false},
		{"a chunk with a line without end", raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", "extension"), fetch.Unreachable, false},
		{"headers without end", raw("HTTP/1.1 200 OK\r\n", "X-More: yes\r\n"), fetch.TooLarge, false},
		{"one header without end", raw("HTTP/1.1 200 OK\r\nX-More: ", "more"), fetch.TooLarge, false},
		{"early hints without end", raw("", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"), fetch.TooLarge, false},
		{"headers now and then", slowHeaders, fetch.Unreachable, true},
		{"another protocol", raw("SSH-2.0-OpenSSH_9.6\r\n", "\r\n"), fetch.Unreachable, false},
		{"nonsense", raw("", "\x00\xff"), fetch.TooLarge, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			site := fetchtest.Start(t, test.site)
			config := fetch.Config{}
			if test.slow {
				config.HeaderTimeout, config.Timeout = time.Second, 2*time.Second
			}
			client := site.New(t, config)
			begin := time.Now()
			fetchtest.CheckHeap(t, func() {
				_, err := client.Get(t.Context(), fetch.Request{Path: "/"})
				if failed := failure(t, err); failed.Reason != test.reason {
					t.Errorf("%v, want %s", err, test.reason)
				}
			})
			if took := time.Since(begin); took > 20*time.Second { // even where other tests take the processor
				t.Errorf("it took %v", took)
			}
		})
	}
	good := fetchtest.Start(t, answer(200, export))
	if _, err := good.New(t, fetch.Config{}).Get(t.Context(), fetch.Request{Path: "/"}); err != nil {
		t.Errorf("a good site after the others: %v", err)
	}
}

// zeroes writes a gigabyte, or as much as the other side takes.
func zeroes(w io.Writer) {
	block := make([]byte, 64<<10)
	for range gigabyte / len(block) {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

// emptyArchives unpack to nothing, and there is no end of them.
func emptyArchives(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	var one strings.Builder
	gzip.NewWriter(&one).Close()
	many := strings.Repeat(one.String(), 1_000)
	for {
		if _, err := io.WriteString(w, many); err != nil {
			return
		}
	}
}

func drip(w http.ResponseWriter, r *http.Request, drop string) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			io.WriteString(w, drop)
			w.(http.Flusher).Flush()
		case <-r.Context().Done():
			return
		}
	}
}

// raw answers with bytes of its own: first once, and then more for as long as the other side takes it.
func raw(once, again string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		io.WriteString(conn, once)
		many := strings.Repeat(again, 1_000)
		for {
			if _, err := io.WriteString(conn, many); err != nil {
				return
			}
		}
	}
}

func slowHeaders(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		if _, err := io.WriteString(conn, "X-More: yes\r\n"); err != nil {
			return
		}
	}
}

// What cannot be reached at all is not reached, and says no more than that.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	site := fetchtest.Start(t, answer(200, export))
	distrusted := site.Config(fetch.Config{})
	distrusted.Roots = nil
	gone := fetchtest.Start(t, answer(200, export))
	closed := gone.Config(fetch.Config{})
	gone.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0") // accepts, as the system does, and never speaks TLS
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	silent := gone.Config(fetch.Config{ConnectTimeout: 100 * time.Millisecond})
	silent.Base = "https://" + listener.Addr().String()
	silent.Local[0] = listener.Addr().(*net.TCPAddr).AddrPort()
	for name, config := range map[string]fetch.Config{"a certificate of nobody we know": distrusted, "a closed port": closed, "no TLS": silent} {
		client, err := fetch.New(config)
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Get(t.Context(), fetch.Request{Path: "/"})
		if failed := failure(t, err); failed.Reason != fetch.Unreachable {
			t.Errorf("%s: %v", name, err)
		}
	}
}
