package main

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"time"

	"github.com/cragbase/cragbase/internal/analytics"
)

// answersPerRound is how often a chart is computed in a round.
const answersPerRound = 20

// chartComparisons hold each chart of the whole logbook, as nobody asked before, against a scan of what it reads.
func chartComparisons(ours *ownTicks, raw *rawTicks) []comparison {
	scan := side{"scan of the same columns of the same ticks", raw.scanRound}
	var comparisons []comparison
	for _, chart := range analytics.Charts() {
		comparisons = append(comparisons, comparison{
			fmt.Sprintf("%s of %d ticks", chart.Name, ours.count), "µs",
			target{"<=", 3},
			side{"analytics, up to the body of the answer", ours.chartRound(&chart)},
			scan,
		})
	}
	return comparisons
}

// chartRound computes a chart of the whole logbook, up to the body of the answer.
func (t *ownTicks) chartRound(chart *analytics.Chart) func(context.Context) (sample, error) {
	return func(context.Context) (sample, error) {
		return timeAnswers(func() error {
			data, err := chart.Compute(t.app, templateID, analytics.Filter{Today: "2026-06-02"})
			if err != nil {
				return err
			}
			body, err := json.Marshal(data)
			if err == nil && len(body) < leastAnswer {
				err = fmt.Errorf("the answer is empty: %s", body)
			}
			return err
		})
	}
}

// leastAnswer is less than an answer with figures in it has, in bytes.
const leastAnswer = 2_000

// scanRound reads what the charts read of a logbook, in their order, and does nothing with it.
func (t *rawTicks) scanRound(ctx context.Context) (sample, error) {
	return timeAnswers(func() error {
		rows, err := t.db.QueryContext(ctx, "SELECT id, date, route_id, route_name, location, grade, grade_system, grade_low, grade_high, "+
			"your_grade, disciplines, style, lead_style, result, pitches, attempts, length_ft, date_precision, feel, coalesce(traits, '') "+
			"FROM ticks WHERE user = ? ORDER BY date, day_order, id", templateID)
		if err != nil {
			return err
		}
		defer rows.Close()
		count := 0
		for ; rows.Next(); count++ {
			var text [15]string
			var number [5]int
			if err := rows.Scan(&text[0], &text[1], &text[2], &text[3], &text[4], &text[5], &text[6], &number[0], &number[1], &text[7],
				&text[8], &text[9], &text[10], &text[11], &number[2], &number[3], &number[4], &text[12], &text[13], &text[14]); err != nil {
				return err
			}
		}
		if count != len(t.rows) {
			return fmt.Errorf("%d ticks, want %d", count, len(t.rows))
		}
		return rows.Err()
	})
}

// timeAnswers measures one answer in microseconds.
func timeAnswers(answer func() error) (sample, error) {
	runtime.GC() // no round pays for the garbage of another
	started := time.Now()
	for range answersPerRound {
		if err := answer(); err != nil {
			return sample{}, err
		}
	}
	elapsed := time.Since(started)
	return sample{
		figure:    float64(elapsed.Microseconds()) / answersPerRound,
		perSecond: answersPerRound / elapsed.Seconds(),
	}, nil
}
