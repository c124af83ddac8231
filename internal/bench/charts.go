package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/cragbase/cragbase/internal/analytics"
)

// answersPerRound is how often a chart is computed in a round.
const answersPerRound = 20

// pyramidRound computes the pyramid of the whole logbook, up to the body of the answer.
func (t *ownTicks) pyramidRound(context.Context) (sample, error) {
	return timeAnswers(func() error {
		pyramid, err := analytics.PyramidOf(t.app, templateID, analytics.Filter{})
		if err != nil {
			return err
		}
		if pyramid.Routes == 0 {
			return errors.New("the pyramid is empty")
		}
		_, err = json.Marshal(pyramid)
		return err
	})
}

// scanRound reads what the charts read of a logbook, in their order, and does nothing with it.
func (t *rawTicks) scanRound(ctx context.Context) (sample, error) {
	return timeAnswers(func() error {
		rows, err := t.db.QueryContext(ctx, "SELECT id, date, route_id, route_name, location, grade, grade_system, grade_low, grade_high, "+
			"disciplines, style, result, pitches FROM ticks WHERE user = ? ORDER BY date, day_order, id", templateID)
		if err != nil {
			return err
		}
		defer rows.Close()
		count := 0
		for ; rows.Next(); count++ {
			var text [10]string
			var number [3]int
			if err := rows.Scan(&text[0], &text[1], &text[2], &text[3], &text[4], &text[5], &text[6], &number[0], &number[1],
				&text[7], &text[8], &text[9], &number[2]); err != nil {
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
