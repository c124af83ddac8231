package mountainproject

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cragbase/cragbase/internal/logbook/entry"
	"github.com/cragbase/cragbase/internal/logbook/fetch"
)

// maxFetched is how many ticks are read from a profile: more than a life holds, and they fit into little memory.
const maxFetched = 20_000

// Site is how Mountain Project is read. Its robots.txt asks for a minute between two requests.
func Site() fetch.Config {
	return fetch.Config{
		Site: "Mountain Project", Base: "https://www." + host, Delay: time.Minute,
		Advice: "export your ticks there (Profile > Ticks > Export CSV) and upload the file here",
	}
}

// Fetch reads the ticks of a profile, which has a canonical address (see [ProfileURL]). The export is nil when the profile is
// in the known state still. It fails with a *fetch.Error, or with the error of a ctx that was cancelled.
func Fetch(ctx context.Context, site *fetch.Client, profile string, known fetch.Version, now time.Time) (*entry.Export, fetch.Version, error) {
	id, ok := strings.CutPrefix(profile, userPrefix)
	if !ok || !isID(id) {
		return nil, known, site.Fail(fetch.NotFound, fmt.Errorf("%w: %q", ErrNotProfile, profile))
	}
	page, err := site.Get(ctx, fetch.Request{Path: "/user/" + id + "/tick-export", Accept: "text/csv", Known: known})
	if err != nil || page.NotModified {
		return nil, known, err
	}
	export, err := Parse(page.Body, entry.Limits{Rows: maxFetched}, now)
	if err != nil {
		return nil, known, fetchError(site, err)
	}
	return export, page.Version, nil
}

// fetchError is what it means that a page of the site is no export.
func fetchError(site *fetch.Client, err error) error {
	var format *entry.FormatError
	var rows *entry.TooManyRowsError
	switch {
	case errors.As(err, &rows):
		return site.Fail(fetch.TooLarge, err)
	case errors.As(err, &format) && format.Found == nothingAfterHeader:
		return site.Empty()
	}
	return site.Fail(fetch.NotALogbook, err)
}
