package main

import (
	"context"
	"fmt"
	"slices"
)

// sample is what one round of one side measured.
type sample struct {
	figure    float64 // in the unit of the comparison
	perSecond float64 // operations per second of wall time, for information; 0: the figure says it
}

// side is one of the two things that are compared. A round is long enough for the clock that it is measured by.
type side struct {
	name  string
	round func(context.Context) (sample, error)
}

// comparison is one line of the report.
type comparison struct {
	what           string
	unit           string // of the figures
	target         target // of the ratio ours / baseline
	ours, baseline side
}

// target bounds a ratio; the zero value bounds nothing.
type target struct {
	relation string // "<=", "<" or ">="
	limit    float64
}

func (t target) met(ratio float64) bool {
	switch t.relation {
	case "<=":
		return ratio <= t.limit
	case "<":
		return ratio < t.limit
	case ">=":
		return ratio >= t.limit
	default:
		return true
	}
}

func (t target) String() string {
	if t.relation == "" {
		return "-"
	}
	return fmt.Sprintf("%s %.2f", t.relation, t.limit)
}

// measureAll makes comparisons one after the other.
func measureAll(ctx context.Context, comparisons []comparison, rounds int) ([]result, error) {
	results := make([]result, 0, len(comparisons))
	for i := range comparisons {
		ours, baseline, err := comparisons[i].measure(ctx, rounds)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", comparisons[i].what, err)
		}
		results = append(results, newResult(&comparisons[i], ours, baseline))
	}
	return results, nil
}

// measure runs both sides in turn, so that what else the machine does meets both, and swaps who goes first. The first
// round of each is not counted: it fills caches and connection pools.
func (c *comparison) measure(ctx context.Context, rounds int) (ours, baseline []sample, err error) {
	for round := range rounds + 1 {
		a, b, err := c.pair(ctx, round%2 == 1)
		if err != nil {
			return nil, nil, err
		}
		if round > 0 {
			ours, baseline = append(ours, a), append(baseline, b)
		}
	}
	return ours, baseline, nil
}

func (c *comparison) pair(ctx context.Context, oursFirst bool) (ours, baseline sample, err error) {
	order := []struct {
		side *side
		into *sample
	}{{&c.ours, &ours}, {&c.baseline, &baseline}}
	if !oursFirst {
		slices.Reverse(order)
	}
	for _, turn := range order {
		if err := ctx.Err(); err != nil {
			return sample{}, sample{}, err
		}
		if *turn.into, err = turn.side.round(ctx); err != nil {
			return sample{}, sample{}, fmt.Errorf("%s: %w", turn.side.name, err)
		}
	}
	return ours, baseline, nil
}

// median is the middle value, or the mean of the middle two; values must not be empty and stay as they are.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
