package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestMedian(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule   string
		values []float64
		want   float64
	}{
		{"one value is its own median", []float64{7}, 7},
		{"odd: the middle one", []float64{9, 1, 5}, 5},
		{"even: between the middle two", []float64{8, 2, 4, 100}, 6},
	} {
		before := slices.Clone(test.values)
		if got := median(test.values); got != test.want {
			t.Errorf("%s: %g, want %g", test.rule, got, test.want)
		}
		if !slices.Equal(test.values, before) {
			t.Errorf("%s: the values were reordered to %v", test.rule, test.values)
		}
	}
}

func TestTarget(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		target target
		ratio  float64
		met    bool
		text   string
	}{
		{target{"<=", 0.3}, 0.3, true, "<= 0.30"},
		{target{"<=", 0.3}, 0.31, false, "<= 0.30"},
		{target{"<", 1}, 1, false, "< 1.00"},
		{target{"<", 1}, 0.99, true, "< 1.00"},
		{target{">=", 0.4}, 0.4, true, ">= 0.40"},
		{target{">=", 0.4}, 0.39, false, ">= 0.40"},
		{target{}, 100, true, "-"},
	} {
		if got := test.target.met(test.ratio); got != test.met {
			t.Errorf("%s by %g: %v, want %v", test.target, test.ratio, got, test.met)
		}
		if got := test.target.String(); got != test.text {
			t.Errorf("%q, want %q", got, test.text)
		}
	}
}

// counting is a side whose rounds measure 1, 2, 3 ... and are noted in log.
func counting(name string, log *[]string) side {
	calls := 0.0
	return side{name, func(context.Context) (sample, error) {
		calls++
		*log = append(*log, name)
		return sample{figure: calls}, nil
	}}
}

func TestSidesTakeTurnsAndTheFirstRoundDoesNotCount(t *testing.T) {
	t.Parallel()
	var log []string
	c := comparison{ours: counting("o", &log), baseline: counting("b", &log)}
	ours, baseline, err := c.measure(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(log, ""), "boobboob"; got != want {
		t.Errorf("order %s, want %s", got, want)
	}
	want := []sample{{figure: 2}, {figure: 3}, {figure: 4}}
	if !slices.Equal(ours, want) || !slices.Equal(baseline, want) {
		t.Errorf("samples %v and %v, want %v", ours, baseline, want)
	}
}

func TestFailedRoundNamesItsSide(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	var log []string
	c := comparison{what: "a thing", ours: counting("ours", &log), baseline: side{"the rival", func(context.Context) (sample, error) { return sample{}, broken }}}
	_, err := measureAll(t.Context(), []comparison{c}, 3)
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "a thing: the rival") {
		t.Errorf("error %v", err)
	}
}

func TestNoRoundStartsAfterCancellation(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var log []string
	c := comparison{ours: counting("o", &log), baseline: counting("b", &log)}
	if _, _, err := c.measure(ctx, 3); !errors.Is(err, context.Canceled) || len(log) > 0 {
		t.Errorf("error %v after rounds %v", err, log)
	}
}
