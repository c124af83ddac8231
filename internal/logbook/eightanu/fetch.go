package eightanu

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cragbase/cragbase/internal/logbook/entry"
	"github.com/cragbase/cragbase/internal/logbook/fetch"
)

const (
	pageSize   = 50 // ascents of a page, which the site itself asks for
	maxFetched = 10_000
	// maxPages leaves room for a site that gives fewer ascents than it was asked for.
	maxPages = 300

	maxPageBytes = 4 << 20
	maxBytes     = 12 << 20 // of all pages: about 6,000 ascents
)

// Site is how 8a.nu is read. It tells nobody how fast that may be; two seconds between two pages are slower than a person who
// turns them.
func Site() fetch.Config {
	return fetch.Config{
		Site: "8a.nu", Base: "https://www." + host, Delay: 2 * time.Second, MaxBytes: maxPageBytes,
		Advice: "export your ascents there (in the settings of your account) and upload the file here",
	}
}

// Fetch reads the routes and boulders of a profile, which has a canonical address (see [ProfileURL]), page by page. The site
// does not say when its pages have changed, so that only their content does. The export is nil when the profile is in the
// known state still. It fails with a *fetch.Error, or with the error of a ctx that was cancelled.
func Fetch(ctx context.Context, site *fetch.Client, profile string, known fetch.Version, now time.Time) (*entry.Export, fetch.Version, error) {
	slug, ok := strings.CutPrefix(profile, userPrefix)
	if !ok || !isSlug(slug) {
		return nil, known, site.Fail(fetch.NotFound, fmt.Errorf("%w: %q", ErrNotProfile, profile))
	}
	r := profileReader{site: site, path: "/api/unification/ascent/v1/web/users/" + slug + "/ascents"}
	for _, category := range []Category{CategoryRoute, CategoryBoulder} {
		if err := r.readAll(ctx, category); err != nil {
			return nil, known, err
		}
	}
	if r.ascents == 0 {
		return nil, known, site.Empty()
	}
	version := fetch.Version{Hash: fetch.Hash([]byte(r.hashes.String()))}
	if version == known {
		return nil, known, nil
	}
	export, err := Join(r.pages, entry.Limits{}, now)
	if err != nil {
		return nil, known, site.Fail(fetch.NotALogbook, err)
	}
	return export, version, nil
}

// profileReader collects the pages of a profile.
type profileReader struct {
	site    *fetch.Client
	path    string
	pages   []Page
	ascents int
	bytes   int
	hashes  strings.Builder // of all pages, one after another
}

// readAll reads the pages of a category, up to an empty one or as many ascents as the site says there are.
func (r *profileReader) readAll(ctx context.Context, category Category) error {
	before, last := r.ascents, ""
	for index := 0; ; index++ {
		page, hash, err := r.read(ctx, category, index)
		if err != nil {
			return err
		}
		r.pages = append(r.pages, *page)
		r.ascents += page.Len()
		if page.Len() == 0 {
			return nil
		}
		if hash == last {
			return r.site.Fail(fetch.NotALogbook, errors.New("every page is the same"))
		}
		last = hash
		if page.TotalItems >= 0 && r.ascents-before >= page.TotalItems {
			return nil
		}
		if len(r.pages) >= maxPages || r.ascents > maxFetched || r.bytes > maxBytes {
			return r.site.Fail(fetch.TooLarge, fmt.Errorf("%d ascents on %d pages", r.ascents, len(r.pages)))
		}
	}
}

func (r *profileReader) read(ctx context.Context, category Category, index int) (*Page, string, error) {
	answer, err := r.site.Get(ctx, fetch.Request{Path: r.path, Accept: "application/json", Query: url.Values{
		"category": {string(category)}, "pageIndex": {strconv.Itoa(index)}, "pageSize": {strconv.Itoa(pageSize)},
		"sortField": {"date_desc"}, "timeFilter": {"0"}, "gradeFilter": {"0"}, "typeFilter": {""}, "searchQuery": {""},
		"includeProjects": {"true"}, "showRepeats": {"true"}, "showDuplicates": {"false"},
	}})
	if err != nil {
		return nil, "", err
	}
	page, err := ParsePage(answer.Body, category, entry.Limits{Rows: maxFetched})
	var rows *entry.TooManyRowsError
	if errors.As(err, &rows) {
		return nil, "", r.site.Fail(fetch.TooLarge, err)
	}
	if err != nil {
		return nil, "", r.site.Fail(fetch.NotALogbook, err)
	}
	r.bytes += len(answer.Body)
	r.hashes.WriteString(answer.Hash)
	return page, answer.Hash, nil
}
