// Command bench measures Cragbase against what it stands on: its API against that of stock PocketBase, its import and
// its charts against plain SQLite. Absolute figures say little about another machine, so both sides of a comparison take
// turns in one run, and the median of the ratios is held against the target. A target that is missed is reported and
// fails nothing: this is a measurement.
//
// The API is compared by the processor time of the servers, which is read from /proc: the command runs on Linux only.
// It must be started inside the module, because it builds stock PocketBase itself.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the command line.
type options struct {
	binary, out string
	rounds      int
}

func parseOptions(args []string) (options, error) {
	var opts options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&opts.binary, "binary", "build/cragbase", "the Cragbase `program` to measure")
	flags.StringVar(&opts.out, "out", "bench.json", "the `file` to write the results to")
	flags.IntVar(&opts.rounds, "rounds", 7, "measured rounds of each side")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	if opts.rounds < 1 {
		return options{}, fmt.Errorf("-rounds %d: must be at least 1", opts.rounds)
	}
	return opts, nil
}

// run measures everything and reports it on out and in a file.
func run(ctx context.Context, args []string, out io.Writer) error {
	opts, err := parseOptions(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "cragbase-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)

	report := newReport(time.Now(), opts.rounds)
	fmt.Fprintf(out, "Each side of a comparison runs %d rounds, in turn; RATIO is the median of theirs. This takes a few minutes.\n", opts.rounds)
	web, err := measureWeb(ctx, opts, dir)
	if err != nil {
		return fmt.Errorf("API: %w", err)
	}
	logbook, err := measureLogbook(ctx, opts.rounds, tickCount, dir)
	if err != nil {
		return fmt.Errorf("logbook: %w", err)
	}
	report.Results = slices.Concat(web, logbook)
	if err := report.print(out); err != nil {
		return err
	}
	return report.save(opts.out)
}
