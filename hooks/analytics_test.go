package hooks_test

import (
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cragbase/cragbase/hooks"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// An area is whole parts of a path: a place whose name only begins alike is another one.
func TestChartsOfAnArea(t *testing.T) {
	t.Parallel()
	app := pbtest.New(t)
	file := exportHeader
	for i, location := range []string{"Utah > Zion", "Utah > Zion > Wall", "Utah > Zion > Wall > Left", "Utah > Zion East > Wall", "Utah > Zion' > Wall", "Utah", "Peru > Utah > Zion"} {
		file += "2026-05-0" + string(rune('1'+i)) + `,"A Route",5.9,,https://www.mountainproject.com/route/90000000` + string(rune('1'+i)) +
			`/x,1,"` + location + `",3.0,-1,Lead,Onsight,Sport,,80,2400` + "\n"
	}
	if response := app.Upload(t, pbtest.Owner, "ticks.csv", []byte(file), nil); response.Status != http.StatusOK {
		t.Fatal(response.Body)
	}
	for area, want := range map[string]float64{"": 7, "Utah": 6, "Utah > Zion": 3, "Utah > Zion > Wall": 2, "Utah > Zi": 0, "Zion": 0, "utah": 0, "%": 0, "Utah > Zion > ": 3} {
		answer := app.Do(t, pbtest.Owner, "GET", "/v1/users/me/analytics/overview?area="+url.QueryEscape(area), nil).Map(t)
		if got := answer["totals"].(map[string]any)["ticks"]; got != want {
			t.Errorf("in %q are %v ticks, want %v", area, got, want)
		}
	}
}

func TestChartsComparedWithThePreviousPeriod(t *testing.T) {
	t.Parallel()
	app := withTick(t) // of 2026-05-01
	for _, test := range []struct {
		from, to     string
		now, before  float64
		previousFrom string
	}{
		{"2026-05-02", "2026-05-03", 0, 1, "2026-04-30"},
		{"2026-05-01", "2026-05-03", 1, 0, "2026-04-28"},
	} {
		answer := app.Do(t, pbtest.Owner, "GET", "/v1/users/me/analytics/overview?compare=previous&from="+test.from+"&to="+test.to, nil).Map(t)
		previous := answer["previous"].(map[string]any)
		now, before := answer["totals"].(map[string]any)["ticks"], previous["totals"].(map[string]any)["ticks"]
		if now != test.now || before != test.before || previous["filters"].(map[string]any)["from"] != test.previousFrom || previous["previous"] != nil {
			t.Errorf("%s to %s: %v and %v before, %v", test.from, test.to, now, before, previous["filters"])
		}
	}
	alone := app.Do(t, pbtest.Owner, "GET", "/v1/users/me/analytics/overview?from=2026-05-02&to=2026-05-03", nil).Map(t)
	if _, there := alone["previous"]; there {
		t.Error("a previous period that nobody asked for")
	}
}

// Who has the answer of this version is told so without a chart being computed, and nobody is told by another's tag.
func TestChartsAreValidatedByTheLogbooksVersion(t *testing.T) {
	t.Parallel()
	app := withTick(t)
	const url = "/v1/users/me/analytics/tiers?discipline=sport"
	ask := func(caller pbtest.Caller, url, tag string) pbtest.Response {
		request := pbtest.NewRequest(t, "GET", url, app.Token(t, caller), nil)
		if tag != "" {
			request.Header.Set("If-None-Match", tag)
		}
		return app.Send(t, request)
	}
	first := ask(pbtest.Owner, url, "")
	tag := first.Header.Get("ETag")
	if first.Status != http.StatusOK || tag == "" || first.Header.Get("Cache-Control") != "private, no-cache" || first.Header.Get("Vary") == "" {
		t.Fatalf("status %d, %v", first.Status, first.Header)
	}
	if same := ask(pbtest.Owner, "/v1/users/me/analytics/tiers?style=&discipline=sport", tag); same.Status != http.StatusNotModified {
		t.Errorf("the same filter, written otherwise: %d", same.Status)
	}
	if other := ask(pbtest.Owner, url+"&count_unknown=true", tag); other.Status != http.StatusOK {
		t.Errorf("another filter: %d", other.Status)
	}
	stranger := ask(pbtest.Stranger, url, tag)
	if stranger.Status != http.StatusOK || stranger.Body == first.Body || stranger.Header.Get("ETag") == tag {
		t.Errorf("somebody else: %d, %s", stranger.Status, stranger.Body)
	}
	if response := app.Upload(t, pbtest.Owner, "ticks.csv", rows(3), nil); response.Status != http.StatusOK {
		t.Fatal(response.Body)
	}
	changed := ask(pbtest.Owner, url, tag)
	if changed.Status != http.StatusOK || changed.Body == first.Body || changed.Header.Get("ETag") == tag {
		t.Errorf("after an import: %d, %s", changed.Status, changed.Body)
	}

	if _, err := app.DB().NewQuery("ALTER TABLE {{ticks}} RENAME TO {{elsewhere}}").Execute(); err != nil {
		t.Fatal(err)
	}
	if kept := ask(pbtest.Owner, url, changed.Header.Get("ETag")); kept.Status != http.StatusNotModified || kept.Body != "" || kept.Header.Get("ETag") != changed.Header.Get("ETag") {
		t.Errorf("without the ticks: %d, %v", kept.Status, kept.Header)
	}
	if kept := ask(pbtest.Owner, url, ""); kept.Status != http.StatusOK || kept.Body != changed.Body {
		t.Errorf("the kept answer: %d", kept.Status)
	}
	failed := ask(pbtest.Owner, url+"&lead_only=true", "")
	checkProblem(t, failed, 500, "internal_error", "")
	if failed.Header.Get("ETag") != "" || failed.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("an error has %v", failed.Header)
	}
}

// The overview looks back from today, so it is another one tomorrow; the pyramid is not.
func TestChartsThatLookBackFromToday(t *testing.T) {
	t.Parallel()
	var days atomic.Int64 // the jobs look at the clock as well
	start := time.Now()
	app := withTick(t, func(deps *hooks.Deps) {
		deps.Now = func() time.Time { return start.AddDate(0, 0, int(days.Load())) }
	})
	tags := func() (overview, pyramid string) {
		return app.Do(t, pbtest.Owner, "GET", "/v1/users/me/analytics/overview", nil).Header.Get("ETag"),
			app.Do(t, pbtest.Owner, "GET", "/v1/users/me/analytics/pyramid", nil).Header.Get("ETag")
	}
	overview, pyramid := tags()
	days.Store(1)
	laterOverview, laterPyramid := tags()
	if overview == laterOverview || pyramid != laterPyramid || pyramid == "" {
		t.Errorf("overview %s and %s, pyramid %s and %s", overview, laterOverview, pyramid, laterPyramid)
	}
}

// What a query says twice or brokenly is not guessed: the answer would be one to another question.
func TestChartsRefuseBrokenAndRepeatedParameters(t *testing.T) {
	t.Parallel()
	app := withTick(t)
	for query, want := range map[string]string{
		"discipline=sport&discipline=trad": "discipline:validation_repeated",
		"style=onsight&style=onsight":      "style:validation_repeated",
		"area=&area=Utah":                  "area:validation_repeated",
		"from=2026-01-01&to=x&from=":       "from:validation_repeated",
		"area=50%":                         "area:validation_invalid_query",
		"discipline=sport&area=%zz":        "area:validation_invalid_query",
		"lead_only=true;style=onsight":     "lead_only:validation_invalid_query",
		"%zz=1":                            "query:validation_invalid_query",
		"=%zz":                             "query:validation_invalid_query",
		"nothing=1&nothing=2":              "nothing:unknown_field",
	} {
		for _, chart := range []string{"overview", "pyramid", "styles"} {
			checkProblem(t, app.Do(t, pbtest.Owner, "GET", "/v1/users/me/analytics/"+chart+"?"+query, nil), http.StatusBadRequest, "validation_failed", want)
		}
	}
	for _, query := range []string{"", "&", "area=50%25", "area=A%3BB", "style=onsight%2Cflash&discipline="} {
		if answer := app.Do(t, pbtest.Owner, "GET", "/v1/users/me/analytics/overview?"+query, nil); answer.Status != http.StatusOK {
			t.Errorf("%q: %s", query, answer.Body)
		}
	}
}
