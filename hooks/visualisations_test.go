package hooks_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/cragbase/cragbase/internal/analytics"
	"github.com/cragbase/cragbase/internal/pbtest"
)

// What the pages of SendSage showed, whose climbers come here, and where the figures of it are: on the dashboard three things,
// and fourteen visualisations.
var visualisations = []struct{ page, shows, chart, fields string }{
	{"Dashboard", "Quick Stats", "overview", "totals.pitches totals.locations totals.days top_locations.location"},
	{"Dashboard", "Highest Grades Sent Clean", "overview", "best.discipline best.grade best.route_name"},
	{"Dashboard", "Recent Hard Sends", "overview", "recent_hard_sends.grade recent_hard_sends.result recent_hard_sends.date"},
	{"Performance Pyramid", "Goal pyramid", "pyramid?goal=normal", "goal.rows.grade goal.rows.target goal.rows.sent bins.styles"},
	{"Performance Pyramid", "Active Projects", "projects", "projects"},
	{"Performance Pyramid", "Attempts pyramid", "attempts", "grades.grade"},
	{"Base Volume", "Total Vertical Feet", "volume", "cumulative.vertical_feet cumulative.vertical_metres milestones.name totals.estimated_share"},
	{"Base Volume", "Work Capacity", "volume", "capacity.period capacity.vertical_feet_per_day capacity.pitches_per_day"},
	{"Base Volume", "Days Outside per Week", "calendar", "months.days_per_week months.season days_per_week totals.days"},
	{"Progression", "Difficulty Categories", "tiers", "months.tiers"},
	{"Progression", "Length Categories", "lengths", "classes.months.cumulative_pitches classes.months.sends classes.months.attempts"},
	{"When & Where", "Location race", "locations", "top_areas.location top_areas.months.cumulative_pitches"},
	{"When & Where", "Location tree", "locations", "tree.children.pitches tree.children.share"},
	{"When & Where", "Seasonal heatmap", "calendar", "months.year months.month months.pitches"},
	{"Performance Characteristics", "Energy systems by grade", "styles", "traits.kind traits.trait traits.grades.grade traits.grades.routes"},
	{"Performance Characteristics", "Lengths by grade", "lengths", "classes.grades.grade classes.grades.routes"},
	{"Performance Characteristics", "Angles by grade", "styles", "traits.kind traits.trait traits.grades.grade traits.grades.routes"},
}

// withLogbook is an app whose owner has a small logbook with something for every chart.
func withLogbook(t *testing.T) *pbtest.App {
	t.Helper()
	app := pbtest.New(t)
	file := exportHeader
	for i, row := range []string{
		`2024-05-01,"Slab A",5.9,Lead,Onsight,Sport,50`, `2024-05-02,"Slab B",5.10a,Lead,Redpoint,Sport,40`, `2024-06-02,"Slab C",5.10d,Lead,Fell/Hung,Sport,50`,
		`2024-07-02,"Slab C",5.10d,Lead,Redpoint,Sport,50`, `2025-01-02,"Project",5.12a,Lead,Fell/Hung,Sport,50`, `2025-01-03,"Long",5.8,Lead,Onsight,Trad,500`,
		`2025-01-03,"Block",V3,Flash,,Boulder,`, `2025-01-04,"No idea",,,,Sport,`, `2025-01-04,"Gully",WI4,Follow,,Ice,300`,
	} {
		cells := strings.Split(row, ",")
		file += fmt.Sprintf("%s,%s,%s,,https://www.mountainproject.com/route/%d/x,1,\"Granite State > Echo Dome > Wall %d\",3.0,-1,%s,%s,%s,,%s,\n",
			cells[0], cells[1], cells[2], 900_000_000+i-i/3, i%3, cells[3], cells[4], cells[5], cells[6])
	}
	if response := app.Upload(t, pbtest.Owner, "ticks.csv", []byte(file), nil); response.Status != http.StatusOK || response.Map(t)["created"] != 9.0 {
		t.Fatalf("import: %s", response.Body)
	}
	if _, err := app.DB().NewQuery(`UPDATE ticks SET traits = '["athletic","slab"]', feel = 'soft' WHERE route_name LIKE 'Slab%'`).Execute(); err != nil {
		t.Fatal(err)
	}
	return app
}

func TestEveryVisualisationHasItsData(t *testing.T) {
	t.Parallel()
	app := withLogbook(t)
	for _, v := range visualisations {
		answer := app.Do(t, pbtest.Owner, "GET", "/v1/users/me/analytics/"+v.chart, nil)
		if answer.Status != http.StatusOK {
			t.Fatalf("%s: %s", v.chart, answer.Body)
		}
		for field := range strings.FieldsSeq(v.fields) {
			if first(answer.Map(t), strings.Split(field, ".")) == nil {
				t.Errorf("%s, %s: %s has no %s: %s", v.page, v.shows, v.chart, field, answer.Body)
			}
		}
	}
}

// first finds the first value at a path that is there and not null, looking through lists.
func first(value any, path []string) any {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			if found := first(item, path); found != nil {
				return found
			}
		}
		return nil
	case map[string]any:
		if len(path) > 0 {
			return first(value[path[0]], path[1:])
		}
	}
	if len(path) > 0 {
		return nil
	}
	return value
}

func TestChartsOfALogbookMatchTheDescription(t *testing.T) {
	t.Parallel()
	app, check := withLogbook(t), newDescription(t)
	token := app.Token(t, pbtest.Owner)
	for _, chart := range analytics.Charts() {
		for _, query := range []string{"", "?discipline=boulder&scale=font", "?from=2025-01-01&to=2025-12-31&compare=previous", "?count_unknown=true&lead_only=true", "?area=Nowhere"} {
			request := pbtest.NewRequest(t, "GET", "/v1/users/me/analytics/"+chart.Name+query, token, nil)
			answer := app.Send(t, request)
			if answer.Status != http.StatusOK || answer.Map(t)["rule"] == "" {
				t.Errorf("%s%s: %s", chart.Name, query, answer.Body)
			}
			checkAnswer(t, check, request, answer)
		}
	}
}
