package account

import (
	"archive/zip"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Export writes a zip with everything that is kept about a user: per collection one file of JSON and one of CSV. Rows are
// read a few at a time and compressed as they come, so that the largest logbook takes no more memory than a small one.
// There is no transaction around them: a client that reads slowly would keep the write-ahead log from being truncated.
// An error means that the zip is cut off.
func Export(ctx context.Context, app core.App, w io.Writer, userID string, now time.Time) error {
	archive := zip.NewWriter(w)
	add := func(name string, write func(io.Writer) error) error {
		file, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: now.UTC()})
		if err == nil {
			err = write(file)
		}
		if err != nil {
			return fmt.Errorf("export %s: %w", name, err)
		}
		return nil
	}
	err := add("README.txt", func(file io.Writer) error { return writeReadme(file, now) })
	if err != nil {
		return err
	}
	for _, part := range exportTable() {
		collection, err := app.FindCachedCollectionByNameOrId(part.collection)
		if err != nil {
			return fmt.Errorf("export %s: %w", part.collection, err)
		}
		ids, err := part.ids(ctx, app, userID)
		if err != nil {
			return fmt.Errorf("export %s: %w", part.collection, err)
		}
		rows := rowSource{ctx: ctx, app: app, part: part, collection: collection, ids: ids}
		if err := add(part.file+".json", rows.writeJSON); err != nil {
			return err
		}
		if err := add(part.file+".csv", rows.writeCSV); err != nil {
			return err
		}
	}
	return archive.Close()
}

// ids lists the rows of a user in the order of the export.
func (part exported) ids(ctx context.Context, app core.App, userID string) ([]string, error) {
	condition := dbx.HashExp{part.owner: userID}
	if part.owner == fieldRecordRef { // an id of any auth collection, administrators' included
		users, err := app.FindCachedCollectionByNameOrId(Collection)
		if err != nil {
			return nil, err
		}
		condition[fieldCollectionRef] = users.Id
	}
	var ids []string
	err := app.ConcurrentDB().Select("id").From(part.collection).Where(condition).OrderBy(append(slices.Clone(part.order), "id")...).
		WithContext(ctx).Column(&ids)
	return ids, err
}

// rowSource reads the rows of one collection, as often as they are written.
type rowSource struct {
	ctx        context.Context
	app        core.App
	part       exported
	collection *core.Collection
	ids        []string
}

// each calls write with every row. What was deleted meanwhile is left out.
func (s rowSource) each(write func(*core.Record) error) error {
	columns := append([]string{core.FieldNameId}, s.part.fields...)
	for some := range slices.Chunk(s.ids, s.part.batch) {
		var records []*core.Record
		err := s.app.RecordQuery(s.collection).Select(columns...).
			AndWhere(dbx.HashExp{core.FieldNameId: toAny(some)}).WithContext(s.ctx).All(&records)
		if err != nil {
			return err
		}
		byID := make(map[string]*core.Record, len(records))
		for _, record := range records {
			byID[record.Id] = record
		}
		for _, id := range some {
			if record := byID[id]; record != nil {
				if err := write(record); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func toAny(ids []string) []any {
	values := make([]any, len(ids))
	for i, id := range ids {
		values[i] = id
	}
	return values
}

// writeJSON writes an array of objects, one a line.
func (s rowSource) writeJSON(w io.Writer) error {
	separator := "[\n"
	err := s.each(func(record *core.Record) error {
		row, err := jsonRow(record, s.part.fields)
		if err != nil {
			return err
		}
		_, err = io.WriteString(w, separator+row)
		separator = ",\n"
		return err
	})
	if err != nil {
		return err
	}
	end := "\n]\n"
	if separator == "[\n" {
		end = "[]\n"
	}
	_, err = io.WriteString(w, end)
	return err
}

// writeCSV writes a line with the names of the fields and one for each row.
func (s rowSource) writeCSV(w io.Writer) error {
	table := csv.NewWriter(w)
	if err := table.Write(s.part.fields); err != nil {
		return err
	}
	cells := make([]string, len(s.part.fields))
	err := s.each(func(record *core.Record) error {
		for i, field := range s.part.fields {
			text, err := textOf(exportValue(record, field))
			if err != nil {
				return err
			}
			cells[i] = escapeCell(text)
		}
		return table.Write(cells)
	})
	if err != nil {
		return err
	}
	table.Flush()
	return table.Error()
}

// writeReadme explains the files to whoever opens the zip years later.
func writeReadme(w io.Writer, now time.Time) error {
	var text strings.Builder
	fmt.Fprintf(&text, "Everything that Cragbase keeps about you, as of %s.\n\n", now.UTC().Format(TimeFormat))
	for _, part := range exportTable() {
		fmt.Fprintf(&text, "%s.json, %s.csv\n    %s\n", part.file, part.file, part.about)
	}
	text.WriteString(`
The .json and .csv files of a name say the same. JSON is the exact one, for programs: times are in UTC, null is
"not set". CSV is for spreadsheets, in UTF-8; a cell that begins with = + - @ or a tab has a ' before it, so that no
spreadsheet takes it for a formula.

Not in here: your password and other secrets, the text of mails that you have received, and what the server notes for a
few minutes while you sign in. Cards, billing addresses and invoices are kept by Stripe, who takes the payments, under the
customer id in customer.json; invoices can be downloaded from the billing page.
`)
	_, err := io.WriteString(w, text.String())
	return err
}
