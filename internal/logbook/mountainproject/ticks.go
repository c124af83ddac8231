package mountainproject

import (
	"bytes"
	"errors"
	"strings"
	"time"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/entry"
)

const repaired = "grades that a spreadsheet had damaged were repaired from the rating code"

// Parse reads a tick export into the form that all sources share. It returns an [entry.FormatError] or an
// [entry.TooManyRowsError], and nothing beside it.
func Parse(content []byte, limits entry.Limits, now time.Time) (*entry.Export, error) {
	export, err := parseAt(bytes.NewReader(content), Limits{Rows: limits.Rows}, now)
	if err != nil {
		return nil, commonError(err)
	}
	common := &entry.Export{Ticks: make([]entry.Tick, len(export.Ticks)), NewestFirst: true}
	for i := range export.Ticks {
		common.Ticks[i] = commonTick(&export.Ticks[i])
		if export.Ticks[i].Repaired {
			common.Warn(export.Ticks[i].Line, repaired)
		}
	}
	for _, skip := range export.Skipped {
		common.Skipped = append(common.Skipped, entry.Remark{Line: skip.Line, Reason: skip.Reason, NoTick: skip.NoTick})
	}
	for _, warning := range export.Warnings {
		common.Warn(warning.Line, "%s", warning.Reason)
	}
	return common, nil
}

func commonTick(t *Tick) entry.Tick {
	return entry.Tick{
		Line: t.Line, Date: t.Date,
		RouteName: t.Route, RouteID: t.RouteID, RouteURL: t.URL, RouteType: t.RouteType,
		Rating: climb.ParseRating(t.Rating), YourGrade: t.YourRating,
		Style: t.Style, LeadStyle: t.LeadStyle,
		Pitches: t.Pitches, LengthFeet: t.LengthFeet, Location: t.Location,
		AvgStars: t.AvgStars, YourStars: t.YourStars, Notes: t.Notes,
	}
}

func commonError(err error) error {
	var format *FormatError
	var tooMany *TooManyRowsError
	switch {
	case errors.As(err, &format):
		return &entry.FormatError{Expected: expected(), Found: format.found()}
	case errors.As(err, &tooMany):
		return &entry.TooManyRowsError{Limit: tooMany.Limit}
	}
	return err
}

// expected is what a user has to upload.
func expected() string {
	return "a Mountain Project tick export: a CSV file whose header row has the columns " + strings.Join(columnNames[:requiredColumns], ", ")
}
