package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"text/tabwriter"
	"time"
)

// report is what a run found out, and on what it ran.
type report struct {
	Date       string   `json:"date"` // RFC 3339
	Go         string   `json:"go"`
	Platform   string   `json:"platform"`
	CPUs       int      `json:"cpus"`
	PocketBase string   `json:"pocketbase"` // version of both sides
	Rounds     int      `json:"rounds"`
	Results    []result `json:"results"`
}

// result is one comparison. Ratio is the median of the ratios of the rounds, ours to the baseline: the two rounds of a
// pair run next to each other, so what else the machine does from pair to pair leaves their ratio alone.
type result struct {
	What     string  `json:"what"`
	Unit     string  `json:"unit"`
	Ours     figures `json:"ours"`
	Baseline figures `json:"baseline"`
	Ratio    float64 `json:"ratio"`
	Target   string  `json:"target"`
	Verdict  string  `json:"verdict"` // "ok", "missed", or "-" where there is no target
}

// figures are what one side measured. PerSecond is 0 where the figures say it.
type figures struct {
	Name      string    `json:"name"`
	Median    float64   `json:"median"`
	PerSecond float64   `json:"per_second,omitempty"`
	Rounds    []float64 `json:"rounds"`
}

func newReport(now time.Time, rounds int) *report {
	return &report{
		Date:       now.UTC().Format(time.RFC3339),
		Go:         runtime.Version(),
		Platform:   runtime.GOOS + "/" + runtime.GOARCH,
		CPUs:       runtime.NumCPU(),
		PocketBase: pocketBaseVersion(),
		Rounds:     rounds,
	}
}

// pocketBaseVersion comes from the build: PocketBase's own variable is set in its release binaries only.
func pocketBaseVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, dependency := range info.Deps {
		if dependency.Path == "github.com/pocketbase/pocketbase" {
			return dependency.Version
		}
	}
	return "unknown"
}

func newResult(c *comparison, ours, baseline []sample) result {
	r := result{
		What: c.what, Unit: c.unit, Target: c.target.String(), Verdict: "-",
		Ours: newFigures(c.ours.name, ours), Baseline: newFigures(c.baseline.name, baseline),
	}
	ratios := make([]float64, len(ours))
	for i := range ours {
		ratios[i] = ours[i].figure / baseline[i].figure
	}
	r.Ratio = median(ratios)
	switch {
	case c.target == target{}:
	case c.target.met(r.Ratio):
		r.Verdict = "ok"
	default:
		r.Verdict = "missed"
	}
	return r
}

func newFigures(name string, samples []sample) figures {
	f := figures{Name: name}
	var perSecond []float64
	for _, s := range samples {
		f.Rounds = append(f.Rounds, s.figure)
		perSecond = append(perSecond, s.perSecond)
	}
	f.Median, f.PerSecond = median(f.Rounds), median(perSecond)
	return f
}

// print writes the results as a table.
func (r *report) print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nWHAT\tOURS\tBASELINE\tRATIO\tTARGET\t\tBASELINE IS")
	for i := range r.Results {
		line := &r.Results[i]
		fmt.Fprintf(table, "%s\t%s\t%s\t%.2f\t%s\t%s\t%s\n", line.What, line.Ours.text(line.Unit), line.Baseline.text(line.Unit),
			line.Ratio, line.Target, line.Verdict, line.Baseline.Name)
	}
	return table.Flush()
}

func (f *figures) text(unit string) string {
	if f.PerSecond == 0 {
		return fmt.Sprintf("%.0f %s", f.Median, unit)
	}
	return fmt.Sprintf("%.0f %s (%.0f/s)", f.Median, unit, f.PerSecond)
}

// save writes the report as JSON.
func (r *report) save(path string) error {
	var content bytes.Buffer
	encoder := json.NewEncoder(&content)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false) // targets have a "<"
	if err := encoder.Encode(r); err != nil {
		return err
	}
	return os.WriteFile(path, content.Bytes(), 0o644)
}
