package eightanu

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/cragbase/cragbase/internal/logbook/entry"
	"github.com/cragbase/cragbase/internal/logbook/table"
)

// Category is what 8a.nu keeps apart: the value of the parameter "category" of its list of ascents.
type Category string

// The categories. CategoryAny is for pages of which nobody knows what was asked for.
const (
	CategoryAny     Category = ""
	CategoryRoute   Category = "sportclimbing"
	CategoryBoulder Category = "bouldering"
)

// Page is a page of a climber's ascents as 8a.nu answers it. The last one is followed by pages without ascents.
type Page struct {
	TotalItems int // ascents of the whole list; -1: the page does not say
	PageIndex  int // from 0; -1: the page does not say
	asked      Category
	ascents    []ascent
}

// Len is how many ascents the page has.
func (p *Page) Len() int { return len(p.ascents) }

// ParsePage reads one page. The category is that which was asked for; it decides what an ascent is that does not say so.
// What is no page is an [entry.FormatError], also an error that the site answers as JSON.
func ParsePage(content []byte, category Category, limits entry.Limits) (*Page, error) {
	pages, err := parsePages(content, category, limits.Max())
	if err != nil {
		return nil, err
	}
	if len(pages) != 1 {
		return nil, pageError("%d pages", len(pages))
	}
	return &pages[0], nil
}

// Join makes an export of pages, in the order in which they come. An ascent that is on two pages, as happens when one is
// logged while the pages are read, counts once.
func Join(pages []Page, limits entry.Limits, now time.Time) (*entry.Export, error) {
	export := new(entry.Export)
	seen := make(map[string]int)
	line := 0
	for p := range pages {
		for a := range pages[p].ascents {
			line++
			if line > limits.Max() {
				return nil, &entry.TooManyRowsError{Limit: limits.Max()}
			}
			pages[p].ascents[a].addTo(export, line, seen, now)
		}
	}
	if line == 0 {
		return nil, pageError("no ascent in it")
	}
	export.NewestFirst = entry.NewestFirst(export.Ticks, true)
	export.Partial = !complete(pages)
	return export, nil
}

// complete reports whether pages have all ascents of routes and all of boulders. A list of one kind says nothing of the other,
// and only the pages that were asked for say what they are of.
func complete(pages []Page) bool {
	for _, category := range []Category{CategoryRoute, CategoryBoulder} {
		all, had := -1, 0
		for i := range pages {
			if pages[i].asked == category {
				all, had = max(all, pages[i].TotalItems), had+pages[i].Len()
			}
		}
		if all < 0 || had < all {
			return false
		}
	}
	return true
}

func pageError(format string, arguments ...any) error {
	return &entry.FormatError{
		Expected: expected,
		Found:    fmt.Sprintf(format, arguments...),
	}
}

// parsePages reads pages that stand one after another or in a list, at most as many ascents as allowed.
func parsePages(content []byte, category Category, limit int) ([]Page, error) {
	if kind := table.Disguise(content); kind != "" && kind != table.KindJSON {
		return nil, pageError("%s", kind)
	}
	r := pageReader{decoder: table.JSON(content), category: category, limit: limit}
	for {
		token, err := r.decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, r.failure(err)
		}
		if err := r.value(token); err != nil {
			return nil, r.failure(err)
		}
	}
	if len(r.pages) == 0 {
		return nil, pageError("an empty text")
	}
	return r.pages, nil
}

// pageReader reads pages ascent by ascent, so that a list without end costs no more than its limit.
type pageReader struct {
	decoder  *json.Decoder
	category Category
	limit    int
	rows     int
	pages    []Page
}

// failure is what an error of the decoder means to the person who pasted the text.
func (r *pageReader) failure(err error) error {
	var format *entry.FormatError
	var rows *entry.TooManyRowsError
	switch {
	case errors.As(err, &format), errors.As(err, &rows):
		return err
	}
	return pageError("in page %d %s", len(r.pages)+1, table.BrokenJSON(r.decoder, err))
}

// value reads what begins with a token: a page or a list of pages.
func (r *pageReader) value(token json.Token) error {
	switch token {
	case json.Delim('{'):
		return r.page()
	case json.Delim('['):
		return r.list()
	}
	return pageError("something else in the place of page %d", len(r.pages)+1)
}

func (r *pageReader) list() error {
	for r.decoder.More() {
		token, err := r.decoder.Token()
		if err != nil {
			return err
		}
		if token != json.Delim('{') {
			return pageError("a list of something else than pages")
		}
		if err := r.page(); err != nil {
			return err
		}
	}
	_, err := r.decoder.Token()
	return err
}

// page reads what follows the brace that opens a page.
func (r *pageReader) page() error {
	page := Page{TotalItems: -1, PageIndex: -1, asked: r.category}
	found := false
	for r.decoder.More() {
		key, err := r.decoder.Token()
		if err != nil {
			return err
		}
		switch {
		case key == "ascents" && found:
			return pageError("a page with two lists of ascents")
		case key == "ascents":
			found = true
			err = r.ascents(&page)
		case key == "totalItems":
			err = r.number(&page.TotalItems)
		case key == "pageIndex":
			err = r.number(&page.PageIndex)
		default:
			err = r.decoder.Decode(new(json.RawMessage))
		}
		if err != nil {
			return err
		}
	}
	if _, err := r.decoder.Token(); err != nil {
		return err
	}
	if !found {
		return pageError("JSON without a list of ascents")
	}
	r.pages = append(r.pages, page)
	return nil
}

// number reads a number; anything else leaves n as it is.
func (r *pageReader) number(n *int) error {
	var value any
	if err := r.decoder.Decode(&value); err != nil {
		return err
	}
	if f, ok := value.(float64); ok && f >= 0 && f <= 1e9 {
		*n = int(f)
	}
	return nil
}

func (r *pageReader) ascents(page *Page) error {
	token, err := r.decoder.Token()
	if err != nil {
		return err
	}
	if token != json.Delim('[') {
		return pageError("JSON without a list of ascents")
	}
	for r.decoder.More() {
		if r.rows++; r.rows > r.limit {
			return &entry.TooManyRowsError{Limit: r.limit}
		}
		next := ascent{asked: r.category}
		if next.oddField, next.instead, err = table.DecodeElement(r.decoder, &next); err != nil {
			return err
		}
		page.ascents = append(page.ascents, next)
	}
	_, err = r.decoder.Token()
	return err
}
