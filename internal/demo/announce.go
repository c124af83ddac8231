package demo

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"strings"
	"text/tabwriter"
)

// Credentials of a demo. They are public, which is why Refuse exists.
const (
	mailDomain            = "demo.cragbase.example"
	climberPassword       = "chalk-bucket-sunrise"
	administratorEmail    = "admin@" + mailDomain
	administratorPassword = "demo-admin-1"
)

// URL is where a browser on this computer finds a server. addr is an address to listen on, as http.Server.Addr has it.
func URL(addr string) string { return "http://" + browserHost(addr) }

// Announce prints where to look and who to sign in as. With a sandbox for Stripe it says how to pay.
func Announce(w io.Writer, addr string, sandbox bool) {
	site := URL(addr)
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintf(table, "\nDemo: the climbers are invented, and the passwords below are public.\n\n")
	fmt.Fprintf(table, "  Web app\t%s/\n", site)
	fmt.Fprintf(table, "  Dashboard\t%s/_/\n", site)
	fmt.Fprintf(table, "  API description\t%s/v1/openapi.yaml\n\n", site)
	_ = table.Flush() // ends the block: the columns of the next have widths of their own

	fmt.Fprintf(table, "  Sign in as\te-mail\tpassword\tplan\n")
	for i := range climbers {
		plan := "free"
		if sandbox {
			plan = cmp.Or(climbers[i].tier, plan)
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", climbers[i].title, climbers[i].email(), climberPassword, plan)
	}
	fmt.Fprintf(table, "  Administrator (dashboard)\t%s\t%s\n\n", administratorEmail, administratorPassword)
	_ = table.Flush()
	if sandbox {
		fmt.Fprintf(w, "  Plans are paid at a sandbox of Stripe in this process. Its checkout takes test cards alone, by their last\n"+
			"  digits: 4242 pays, 0002 is declined, 3155 asks for 3-D Secure, 0341 pays now and fails at the renewal.\n\n")
	}
}

// browserHost turns an address to listen on into one that a browser on this computer can open: every interface becomes
// the loopback one, and port 80 goes without saying.
func browserHost(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		host, port = addr, ""
	}
	switch host {
	case "", "0.0.0.0":
		host = "127.0.0.1"
	case "::":
		host = "::1"
	}
	if port == "" || port == "80" || port == "http" {
		if strings.Contains(host, ":") {
			return "[" + host + "]"
		}
		return host
	}
	return net.JoinHostPort(host, port)
}
