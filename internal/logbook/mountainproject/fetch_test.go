package mountainproject_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cragbase/cragbase/internal/logbook/fetch"
	"github.com/cragbase/cragbase/internal/logbook/fetch/fetchtest"
	"github.com/cragbase/cragbase/internal/logbook/mountainproject"
)

const profile = "https://www.mountainproject.com/user/200123456"

// The export of a profile is read once, and then only when it has changed.
func TestFetch(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/modern.csv")
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	site := fetchtest.Start(t, func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.URL.Path)
		if r.URL.Path == "/user/200123456/tick-export" {
			http.Redirect(w, r, "/user/200123456/olga-o/tick-export", http.StatusMovedPermanently)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=UTF-8") // sites are careless with it
		w.Write(content)
	})
	client := site.New(t, mountainproject.Site())
	export, version, err := mountainproject.Fetch(t.Context(), client, profile, fetch.Version{}, site.Clock.Now())
	if err != nil || len(export.Ticks) == 0 || export.Partial || version.Hash == "" {
		t.Fatalf("%+v, %+v, %v", export, version, err)
	}
	again, same, err := mountainproject.Fetch(t.Context(), client, profile, version, site.Clock.Now())
	if err != nil || again != nil || same != version {
		t.Errorf("again: %+v, %+v, %v", again, same, err)
	}
	if len(paths) != 4 || paths[1] != "/user/200123456/olga-o/tick-export" {
		t.Errorf("asked for %v", paths)
	}
	if waits := site.Clock.Waits(); len(waits) != 1 || waits[0] != time.Minute {
		t.Errorf("waited %v; robots.txt asks for a minute", waits)
	}
}

// What is no export is a state of the profile or the site, and no export.
func TestFetchOfSomethingElse(t *testing.T) {
	t.Parallel()
	header := `Date,Route,Rating,Notes,URL,Pitches,Location,"Avg Stars","Your Stars",Style,"Lead Style","Route Type","Your Rating",Length,"Rating Code"` + "\n"
	for _, test := range []struct {
		name, body string
		reason     fetch.Reason
		sentence   string
	}{
		{"a page", "<html>Sign up</html>", fetch.NotALogbook, "not a logbook"},
		{"nothing", "", fetch.NotALogbook, "not a logbook"},
		{"JSON", `{"error":"no"}`, fetch.NotALogbook, "not a logbook"},
		{"an export without ticks", header, fetch.Private, "shows no ticks of your profile"},
		{"half an export", header + "2026-01-01,\"Half", fetch.NotALogbook, "not a logbook"},
		{"a life of thousand years", header + strings.Repeat("2026-01-01,A,5.9,,,1,B,1,1,Lead,,Sport,,,1\n", 20_001), fetch.TooLarge, "more than we read"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			site := fetchtest.Start(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, test.body) })
			export, version, err := mountainproject.Fetch(t.Context(), site.New(t, mountainproject.Site()), profile, fetch.Version{ETag: `"old"`}, site.Clock.Now())
			var failed *fetch.Error
			if !errors.As(err, &failed) || failed.Reason != test.reason || export != nil || version.ETag != `"old"` {
				t.Fatalf("%v, %+v, %v; want %s", export, version, err, test.reason)
			}
			if !strings.Contains(failed.Sentence, test.sentence) || !strings.Contains(failed.Sentence, "Profile > Ticks > Export CSV") {
				t.Errorf("the owner reads %q", failed.Sentence)
			}
		})
	}
}

// Only a canonical address is asked for.
func TestFetchOfOtherAddresses(t *testing.T) {
	t.Parallel()
	site := fetchtest.Start(t, func(http.ResponseWriter, *http.Request) { t.Error("asked") })
	client := site.New(t, mountainproject.Site())
	for _, address := range []string{"", "https://www.mountainproject.com/user/", profile + "/../../admin", profile + "?x", "https://evil.example/user/1"} {
		var failed *fetch.Error
		if _, _, err := mountainproject.Fetch(t.Context(), client, address, fetch.Version{}, site.Clock.Now()); !errors.As(err, &failed) || failed.Reason != fetch.NotFound {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// The largest export that is taken stays within the memory that reading a site may cost.
func TestMemoryOfFetch(t *testing.T) {
	var content strings.Builder
	content.WriteString(`Date,Route,Rating,Notes,URL,Pitches,Location,"Avg Stars","Your Stars",Style,"Lead Style","Route Type","Your Rating",Length,"Rating Code"` + "\n")
	for i := range 20_000 {
		fmt.Fprintf(&content, "2026-01-01,Route %d,5.9,\"%s\",https://www.mountainproject.com/route/%d/x,1,\"A > B > C\",3.0,-1,Lead,Onsight,Sport,,80,2400\n", i, strings.Repeat("n", 280), i)
	}
	if content.Len() > 8<<20 {
		t.Fatalf("%d bytes are more than is taken", content.Len())
	}
	site := fetchtest.Start(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, content.String()) })
	client := site.New(t, mountainproject.Site())
	fetchtest.CheckHeap(t, func() {
		export, _, err := mountainproject.Fetch(t.Context(), client, profile, fetch.Version{}, site.Clock.Now())
		if err != nil || len(export.Ticks) != 20_000 {
			t.Error(err)
		}
	})
}
