// Command play serves the fake model by hand: go run ./internal/coach/fakemodel/play -script stall. Set COACH_BASE_URL to the
// address that it prints.
package main

import (
	"flag"
	"fmt"
	"log"
	"maps"
	"net"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/cragbase/cragbase/internal/coach/fakemodel"
)

func main() {
	scripts := scripts()
	address := flag.String("listen", "127.0.0.1:8099", "the address to serve on")
	name := flag.String("script", "text", "what every request is answered with: "+strings.Join(slices.Sorted(maps.Keys(scripts)), ", "))
	flag.Parse()
	script, known := scripts[*name]
	if !known {
		log.Fatalf("there is no script %q", *name)
	}
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	server := fakemodel.Serve(listener, script)
	defer server.Close()
	fmt.Println(server.URL)
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	<-interrupted
}

func scripts() map[string]fakemodel.Script {
	words := []string{"You climbed ", "two 7a ", "this spring. ", "**Next:** ", "a third one."}
	pyramid := fakemodel.Call{Name: "get_pyramid", Arguments: `{}`}
	return map[string]fakemodel.Script{
		"text":  fakemodel.Text(words...),
		"tools": toolsThen(fakemodel.Calls(pyramid), fakemodel.Text(words...)),
		"slow":  fakemodel.Slow(words...),
		"stall": fakemodel.Stall(words...),
		"cut":   fakemodel.Cut(words...),
		"error": fakemodel.ErrorFrame(words...),
		"busy":  fakemodel.RateLimited(20),
		"html":  fakemodel.Page(502),
	}
}

// toolsThen asks for tools where there are some and none was used yet.
func toolsThen(tools, text fakemodel.Script) fakemodel.Script {
	return func(p *fakemodel.Play) {
		if len(p.Request.Chat.Tools) > 0 && p.Request.Chat.Last("tool") == "" {
			tools(p)
			return
		}
		text(p)
	}
}
