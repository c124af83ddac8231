package hooks_test

import (
	"net/http"
	"net/url"
	"testing"

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
