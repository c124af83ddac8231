package tools

import (
	"bytes"
	"encoding/json"
	"sort"
	"strings"
	"unicode"

	"github.com/cragbase/cragbase/internal/analytics"
)

// About is what every result says of itself.
type About struct {
	From      string            `json:"from"` // YYYY-MM-DD, both included; "" when the logbook is empty
	To        string            `json:"to"`
	Units     map[string]string `json:"units"`
	Total     int               `json:"total"`     // entries of the list, also those that are not shown
	Truncated bool              `json:"truncated"` // whether there are more than are shown
}

// about is the part of a result that tells its dates: those asked for, or where the logbook begins and ends.
func (l *look) about(filter analytics.Filter, total int, units map[string]string) (About, error) {
	extent, err := l.extent()
	if err != nil {
		return About{}, err
	}
	about := About{From: filter.From, To: filter.To, Units: units, Total: total}
	if about.From == "" {
		about.From = extent.FirstDay
	}
	if about.To == "" {
		about.To = extent.LastDay
	}
	return about, nil
}

// showing is the same of a result with so many entries.
func (a About) showing(entries int) About {
	a.Truncated = entries < a.Total
	return a
}

// maxResult is how long a result may be, in bytes: some two thousand tokens.
const maxResult = 8_000

// fit encodes a finding with as many entries as there is room for.
func fit(f finding) (json.RawMessage, error) {
	body, err := encode(f.shown(f.size))
	if err != nil || len(body) <= maxResult {
		return body, err
	}
	tooMany := sort.Search(f.size, func(n int) bool {
		body, err = encode(f.shown(n))
		return err != nil || len(body) > maxResult
	})
	if err != nil {
		return nil, err
	}
	return encode(f.shown(max(tooMany-1, 0)))
}

// encode leaves < and > as they are: a result goes to a model, and never into a page.
func encode(result any) (json.RawMessage, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(result); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(buffer.Bytes()), nil
}

// How long texts of a logbook may be, in characters.
const (
	maxRouteName = 80
	maxLocation  = 120
	maxGrade     = 30
	maxNotes     = 200
)

// clean is a text of a logbook without control and format characters, with single spaces, and cut to a number of characters.
func clean(text string, most int) string {
	// What is far beyond the cut need not be looked at: four bytes make a character at most, and words are shorter than this.
	text = text[:min(len(text), 16*most)]
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.In(r, unicode.C) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, text)
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return string(runes)
}

// place is a location, cut at its beginning: its end says most.
func place(location string) string {
	text := []rune(clean(location, 4*maxLocation))
	if len(text) > maxLocation {
		return "…" + string(text[len(text)-maxLocation+1:])
	}
	return string(text)
}

// counted are the counts that are not 0.
func counted(counts map[string]int) map[string]int {
	found := map[string]int{}
	for name, n := range counts {
		if n > 0 {
			found[name] = n
		}
	}
	return found
}
