package logbook

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"github.com/cragbase/cragbase/internal/logbook/entry"
)

// CollectionImports holds one record per import.
const CollectionImports = "imports"

// Mode says what happens to stored ticks that the file does not have.
type Mode string

// Merge keeps them, marked as gone from their source. Replace deletes those of the file's source that its owner has not edited;
// our own export is of all sources.
const (
	Merge   Mode = "merge"
	Replace Mode = "replace"
)

// File is an uploaded logbook.
type File struct {
	Name    string // as the browser named it, shown to its owner only
	Content []byte
	At      time.Time // when it was handed in; zero: now
}

func (f *File) at() time.Time {
	if f.At.IsZero() {
		return time.Now()
	}
	return f.At
}

// Limits bound an import; zero means no limit of our own (the parser's remain).
type Limits struct {
	Rows  int // rows of the file
	Ticks int // ticks of the user afterwards
}

// Errors of Import. Nothing is imported when it fails.
var (
	ErrUnrecognisedFile = errors.New("unrecognised file") // the text after it says what was expected
	ErrTooManyRows      = errors.New("too many rows")
	ErrPlanLimit        = errors.New("over the limit of the plan")
	ErrImportRunning    = errors.New("another import of yours is running: wait until it has ended")
)

// Remark points at rows of the file: at Line, and at Count rows in all when the same holds for several.
type Remark struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
	Count  int    `json:"count,omitempty"`
}

// Report accounts for every row of a file: Rows = Created + Updated + Unchanged + len(Skipped). Removed counts
// stored ticks that Replace deleted, Gone those that Merge marked as no longer in their source. Adding is by how many ticks an
// import that is under way makes the logbook larger, as far as could be told beforehand.
type Report struct {
	ImportID  string   `json:"import_id"`
	Source    Source   `json:"source"`
	Rows      int      `json:"rows"`
	Created   int      `json:"created"`
	Updated   int      `json:"updated"`
	Unchanged int      `json:"unchanged"`
	Removed   int      `json:"removed"`
	Gone      int      `json:"gone"`
	Adding    int      `json:"adding,omitempty"`
	Skipped   []Remark `json:"skipped"`
	Warnings  []Remark `json:"warnings"`
}

// Import brings a file into the logbook of a user in one transaction. The same file again changes nothing.
// It fails with ErrUnrecognisedFile, ErrTooManyRows or ErrPlanLimit.
func Import(app core.App, userID string, file File, source Source, mode Mode, limits Limits) (*Report, error) {
	b, report, err := parse(file.Content, source, limits.Rows, file.at())
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	return importNow(app, userID, file, b, report, mode, limits)
}

func importNow(app core.App, userID string, file File, b *batch, report *Report, mode Mode, limits Limits) (*Report, error) {
	err := app.RunInTransaction(func(txApp core.App) error {
		if err := checkNoneOpen(txApp, userID); err != nil {
			return err
		}
		if err := follow(txApp, userID, b); err != nil {
			return err
		}
		if err := store(txApp, userID, b.ticks, b.from, mode, report); err != nil {
			return err
		}
		if err := settle(txApp, userID, b, mode, limits.Ticks, report); err != nil {
			return err
		}
		imported, err := newRecord(txApp, userID, file, mode, report)
		if err != nil {
			return err
		}
		complete(imported, report)
		return txApp.Save(imported)
	})
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	return report, nil
}

// ImportProfile stores what a profile has in the caller's transaction, as Merge does. It fails with ErrPlanLimit, and with
// ErrImportRunning while a file of the user is on its way.
func ImportProfile(txApp core.App, userID string, source Source, export *entry.Export, limits Limits, now time.Time) (*Report, error) {
	if err := checkNoneOpen(txApp, userID); err != nil {
		return nil, fmt.Errorf("import profile: %w", err)
	}
	b, report := prepare(export, source, now)
	b.from = fromProfile
	if err := follow(txApp, userID, b); err != nil {
		return nil, fmt.Errorf("import profile: %w", err)
	}
	if err := store(txApp, userID, b.ticks, b.from, Merge, report); err != nil {
		return nil, fmt.Errorf("import profile: %w", err)
	}
	if err := settle(txApp, userID, b, Merge, limits.Ticks, report); err != nil {
		return nil, fmt.Errorf("import profile: %w", err)
	}
	return report, nil
}

// parse reads the ticks of a file, identified and in the order in which they are stored.
func parse(content []byte, source Source, maxRows int, now time.Time) (*batch, *Report, error) {
	export, source, err := read(content, source, maxRows, now)
	if err != nil {
		return nil, nil, err
	}
	b, report := prepare(export, source, now)
	return b, report, nil
}

// prepare identifies the ticks of an export and begins its report.
func prepare(export *entry.Export, source Source, now time.Time) (*batch, *Report) {
	at, _ := types.ParseDateTime(now.UTC()) // every time has one
	b := &batch{ticks: make([]Tick, len(export.Ticks)), source: source, partial: export.Partial, at: at.String()}
	report := &Report{Source: source, Rows: export.Rows(), Skipped: []Remark{}}
	for _, s := range export.Skipped {
		report.Skipped = append(report.Skipped, Remark{Line: s.Line, Reason: s.Reason})
		if !s.NoTick {
			b.unread = append(b.unread, s.Line)
		}
	}
	var remarks remarks
	for i := range export.Ticks {
		b.ticks[i] = Tick{Tick: export.Ticks[i], source: source}
		if len(b.ticks[i].Rating.Unknown) > 0 {
			remarks.add(b.ticks[i].Line, fmt.Sprintf("grade %q is not one we know in full: kept as text, and left out of charts where no part of it is known", b.ticks[i].Rating.Text))
		}
	}
	for _, w := range export.Warnings {
		remarks.add(w.Line, w.Reason)
	}
	report.Warnings = remarks.list()
	identify(b.ticks, export.NewestFirst)
	keep(b.ticks)
	return b, report
}

// maxRemarks is how many different remarks a report lists.
const maxRemarks = 200

// remarks collects one Remark per reason.
type remarks struct {
	byReason map[string]*Remark
	more     Remark // those beyond maxRemarks
}

func (r *remarks) add(line int, reason string) {
	if r.byReason == nil {
		r.byReason = map[string]*Remark{}
	}
	remark, ok := r.byReason[reason]
	switch {
	case ok:
	case len(r.byReason) < maxRemarks:
		remark = &Remark{Line: line, Reason: reason}
		r.byReason[reason] = remark
	default:
		remark = &r.more
		if remark.Count == 0 {
			remark.Line, remark.Reason = line, "further remarks of other kinds are not listed"
		}
	}
	remark.Count++
}

// list returns the remarks in the order of their first lines.
func (r *remarks) list() []Remark {
	list := make([]Remark, 0, len(r.byReason)+1)
	for _, remark := range r.byReason {
		list = append(list, *remark)
	}
	slices.SortFunc(list, func(a, b Remark) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Reason, b.Reason))
	})
	if r.more.Count > 0 {
		list = append(list, r.more)
	}
	return list
}

// States of an import.
const (
	stateQueued  = "queued"
	stateRunning = "running"
	stateDone    = "done"
	stateFailed  = "failed"
)

// newRecord is the record of an import. Its realtime events tell open pages how far it is and when to read the ticks
// again, because the ticks themselves are written without events.
func newRecord(txApp core.App, userID string, file File, mode Mode, report *Report) (*core.Record, error) {
	collection, err := txApp.FindCachedCollectionByNameOrId(CollectionImports)
	if err != nil {
		return nil, err
	}
	imported := core.NewRecord(collection)
	report.ImportID = core.GenerateDefaultRandomId()
	imported.Id = report.ImportID
	imported.Load(map[string]any{
		"user": userID, "source": string(report.Source), "mode": string(mode), "file_name": shortName(file.Name),
		"file_bytes": len(file.Content), "state": stateQueued,
	})
	return imported, nil
}

// complete marks an import as done.
func complete(imported *core.Record, report *Report) {
	imported.Load(map[string]any{"state": stateDone, "progress": 100, "report": report, "error": "", "file": nil})
}

// shortName cuts a file name to what the collection holds, at a rune.
func shortName(name string) string {
	const most = 255
	if runes := []rune(name); len(runes) > most {
		return string(runes[:most])
	}
	return name
}
