package eightanu_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cragbase/cragbase/internal/logbook/eightanu"
	"github.com/cragbase/cragbase/internal/logbook/fetch"
	"github.com/cragbase/cragbase/internal/logbook/fetch/fetchtest"
)

const profile = "https://www.8a.nu/user/olga-o"

// climber answers as 8a.nu does for somebody with so many routes and boulders.
type climber struct {
	routes, boulders int
	asked            []url.Values
	pageSize         int  // at most; 0: as asked
	silent           bool // about how many there are
}

func (c *climber) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/api/unification/ascent/v1/web/users/olga-o/ascents" {
		http.NotFound(w, r)
		return
	}
	query := r.URL.Query()
	c.asked = append(c.asked, query)
	total, first, grade := c.routes, 1, "7a"
	if query.Get("category") == "bouldering" {
		total, first, grade = c.boulders, 100_000, "7A"
	}
	size, _ := strconv.Atoi(query.Get("pageSize"))
	if c.pageSize > 0 {
		size = min(size, c.pageSize)
	}
	page, _ := strconv.Atoi(query.Get("pageIndex"))
	var ascents []string
	for i := page * size; i < min(total, (page+1)*size); i++ {
		ascents = append(ascents, ascent(first+i, grade))
	}
	items := fmt.Sprintf(`,"totalItems":%d`, total)
	if c.silent {
		items = ""
	}
	fmt.Fprintf(w, `{"ascents":[%s]%s,"pageIndex":%d}`, strings.Join(ascents, ","), items, page)
}

func ascent(id int, grade string) string {
	return fmt.Sprintf(`{"ascentId":%d,"date":"2026-05-03T00:00:00+00:00","difficulty":"%s","type":"rp","zlaggableName":"Route %d","cragName":"Roof"}`, id, grade, id)
}

// Both categories are read page by page, as long as there are pages.
func TestFetch(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		climber
		requests int
	}{
		{climber{routes: 120, boulders: 50}, 3 + 1},
		{climber{routes: 0, boulders: 3}, 1 + 1},
		{climber{routes: 100, boulders: 0, silent: true}, 3 + 1},
		{climber{routes: 45, boulders: 20, pageSize: 20}, 3 + 1},
	} {
		t.Run(fmt.Sprintf("%d+%d", test.routes, test.boulders), func(t *testing.T) {
			t.Parallel()
			site := fetchtest.Start(t, test.ServeHTTP)
			client := site.New(t, eightanu.Site())
			export, version, err := eightanu.Fetch(t.Context(), client, profile, fetch.Version{}, site.Clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			if len(export.Ticks) != test.routes+test.boulders || len(export.Skipped) != 0 || export.Partial != test.silent {
				t.Errorf("%d ticks, %v", len(export.Ticks), export.Skipped)
			}
			if len(test.asked) != test.requests || len(site.Clock.Waits()) != test.requests-1 || slices.Max(site.Clock.Waits()) != 2*time.Second {
				t.Errorf("%d requests with pauses %v", len(test.asked), site.Clock.Waits())
			}
			again, same, err := eightanu.Fetch(t.Context(), client, profile, version, site.Clock.Now())
			if err != nil || again != nil || same != version {
				t.Errorf("again: %v, %v, %v", again, same, err)
			}
			test.boulders++
			if more, _, err := eightanu.Fetch(t.Context(), client, profile, version, site.Clock.Now()); err != nil || more == nil || len(more.Ticks) != test.routes+test.boulders {
				t.Errorf("one more: %v, %v", more, err)
			}
		})
	}
}

// What is no logbook is a state of the profile or the site, and no export.
func TestFetchOfSomethingElse(t *testing.T) {
	t.Parallel()
	page := func(ascents ...string) string { return `{"ascents":[` + strings.Join(ascents, ",") + `]}` }
	for _, test := range []struct {
		name     string
		site     http.HandlerFunc
		reason   fetch.Reason
		sentence string
	}{
		{"a server that is not let in", body(403, "<html>no</html>"), fetch.Refused, "does not let servers like ours read profiles"},
		{"nobody", body(404, "{}"), fetch.NotFound, "has no profile at this address"},
		{"no ascents", body(200, page()), fetch.Private, "shows no ticks of your profile"},
		{"an error as JSON", body(200, `{"message":"no"}`), fetch.NotALogbook, "not a logbook"},
		{"two pages in one", body(200, page()+page()), fetch.NotALogbook, "not a logbook"},
		{"the same page for ever", body(200, page(ascent(1, "7a"))), fetch.NotALogbook, "not a logbook"},
		{"a list without end", body(200, page(strings.Repeat("{},", 20_000)+"{}")), fetch.TooLarge, "more than we read"},
		{"pages without end", pages(func(n int) string { return page(ascent(n, "7a")) }), fetch.TooLarge, "more than we read"},
		{"large pages without end", pages(func(n int) string {
			return page(ascent(n, strings.Repeat("7", 3<<20)))
		}), fetch.TooLarge, "more than we read"},
		{"a page that is too large", body(200, page(ascent(1, strings.Repeat("7", 5<<20)))), fetch.TooLarge, "more than we read"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			site := fetchtest.Start(t, test.site)
			export, version, err := eightanu.Fetch(t.Context(), site.New(t, eightanu.Site()), profile, fetch.Version{Hash: "old"}, site.Clock.Now())
			var failed *fetch.Error
			if !errors.As(err, &failed) || failed.Reason != test.reason || export != nil || version.Hash != "old" {
				t.Fatalf("%v, %+v, %v; want %s", export, version, err, test.reason)
			}
			if !strings.Contains(failed.Sentence, test.sentence) || !strings.Contains(failed.Sentence, "in the settings of your account") {
				t.Errorf("the owner reads %q", failed.Sentence)
			}
		})
	}
}

func body(status int, content string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, content)
	}
}

// pages is a site whose every answer is another.
func pages(page func(n int) string) http.HandlerFunc {
	n := 0
	return func(w http.ResponseWriter, _ *http.Request) {
		n++
		io.WriteString(w, page(n))
	}
}

// Only a canonical address is asked for.
func TestFetchOfOtherAddresses(t *testing.T) {
	t.Parallel()
	site := fetchtest.Start(t, func(http.ResponseWriter, *http.Request) { t.Error("asked") })
	client := site.New(t, eightanu.Site())
	for _, address := range []string{"", "https://www.8a.nu/user/", profile + "/../x", profile + "?x", "https://evil.example/user/olga"} {
		var failed *fetch.Error
		if _, _, err := eightanu.Fetch(t.Context(), client, address, fetch.Version{}, site.Clock.Now()); !errors.As(err, &failed) || failed.Reason != fetch.NotFound {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// The largest logbook that is taken stays within the memory that reading a site may cost.
func TestMemoryOfFetch(t *testing.T) {
	const comment = 1_100
	site := fetchtest.Start(t, pages(func(n int) string {
		var ascents []string
		for i := range 50 {
			ascents = append(ascents, strings.Replace(ascent(n*50+i, "7a"), `{`, `{"comment":"`+strings.Repeat("c", comment)+`",`, 1))
		}
		total := 9_000
		if n > 180 {
			total, ascents = 0, nil
		}
		return fmt.Sprintf(`{"ascents":[%s],"totalItems":%d}`, strings.Join(ascents, ","), total)
	}))
	client := site.New(t, eightanu.Site())
	fetchtest.CheckHeap(t, func() {
		export, _, err := eightanu.Fetch(t.Context(), client, profile, fetch.Version{}, site.Clock.Now())
		if err != nil || len(export.Ticks) != 9_000 {
			t.Errorf("%v", err)
		}
	})
}
