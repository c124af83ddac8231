package logbook

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"github.com/cragbase/cragbase/internal/climb"
	"github.com/cragbase/cragbase/internal/logbook/cragbase"
	"github.com/cragbase/cragbase/internal/logbook/entry"
)

// storedTick is a tick as the export reads it.
type storedTick struct {
	entry.Tick
	kept         entry.Kept
	grade        climb.Grade
	gradeText    string
	danger       string
	disciplines  string // JSON
	traits       string // JSON
	locationPath string
}

// exportedColumns are read in the order of fields.
var exportedColumns = []string{
	"date", "day_order", "route_name", "route_id", "route_url", "route_type", "grade", "grade_system", "grade_low", "grade_high",
	"danger", "your_grade", "disciplines", "style", "lead_style", "attempts", "pitches", "length_ft", "location", "avg_stars",
	"your_stars", "feel", "traits", "notes", "source_id", "date_precision", "source", "identity", "edited", "gone_at",
}

func (s *storedTick) fields() []any {
	return []any{
		&s.Date, &s.kept.DayOrder, &s.RouteName, &s.RouteID, &s.RouteURL, &s.RouteType, &s.gradeText, &s.grade.System, &s.grade.Low, &s.grade.High,
		&s.danger, &s.YourGrade, &s.disciplines, &s.Style, &s.LeadStyle, &s.Attempts, &s.Pitches, &s.LengthFeet, &s.locationPath, &s.AvgStars,
		&s.YourStars, &s.Feel, &s.traits, &s.Notes, &s.ID, &s.Precision, &s.kept.Source, &s.kept.Identity, &s.kept.Edited, &s.kept.GoneAt,
	}
}

// tick puts together what stands in several columns.
func (s *storedTick) tick() (*entry.Tick, error) {
	if err := json.Unmarshal([]byte(s.disciplines), &s.Disciplines); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(s.traits), &s.Traits); err != nil {
		return nil, err
	}
	s.Rating = climb.Rating{Text: s.gradeText, Danger: s.danger}
	if s.grade.System != "" {
		s.Rating.Grades = []climb.Grade{s.grade}
	}
	s.Location = areas(s.locationPath)
	s.Kept = &s.kept
	return &s.Tick, nil
}

// Export writes a logbook as ticks.csv, the newest tick first, as Mountain Project does. An error means that the file is cut
// off. The database is read until the last row is written.
func Export(ctx context.Context, app core.App, w io.Writer, userID string) error {
	writer, err := cragbase.NewWriter(w)
	if err != nil {
		return err
	}
	rows, err := app.ConcurrentDB().Select(exportedColumns...).From(Collection).Where(dbx.HashExp{"user": userID}).
		OrderBy("date DESC", "day_order DESC", "source", "identity").WithContext(ctx).Rows()
	if err != nil {
		return fmt.Errorf("export ticks: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var stored storedTick
		if err := rows.Scan(stored.fields()...); err != nil {
			return fmt.Errorf("export ticks: %w", err)
		}
		tick, err := stored.tick()
		if err != nil {
			return fmt.Errorf("export ticks: %w", err)
		}
		if err := writer.Write(tick); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("export ticks: %w", err)
	}
	return writer.Flush()
}
