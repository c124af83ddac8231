package eightanu

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cragbase/cragbase/internal/logbook/sourcetest"
)

const (
	officialHeader = `"route_boulder","name","location_name","sector_name","area_name","country_code","date","type","sub_type","rating",` +
		`"project","tries","repeats","difficulty","perceived_hardness","comment","height","recommended","sits"` + "\n"
	olderHeader = "Route/Boulder Name,difficulty,Sector Name,Crag Name,Town,Country,type,Route or Boulder,tries,date,first_ascent," +
		"rating,soft,hard,second_go,chipped,recommended,repeat,with_kneepad,comment\n"
)

// Rows, ticks and why the others are skipped, counted by hand:
//
//	official  8 rows, 6 ticks: 10 has no name (null in small letters), 11 has no date
//	older     6 rows, 4 ticks: 6 has no name, 7 has a date of another form
//	pages     8 rows, 6 ticks: 5 is ascent 9100004 again, 8 has no date
func forms(tb testing.TB) map[string]sourcetest.Source {
	tb.Helper()
	source := func(file string, ticks, skipped int, rows func(int) []byte) sourcetest.Source {
		return sourcetest.Source{
			Name: "eight_a", Recognise: Recognise, Parse: Parse, Sample: sourcetest.Sample(tb, file), Ticks: ticks, Skipped: skipped, Rows: rows,
		}
	}
	pages := source("eight_a.pages.json", 6, 2, func(n int) []byte { return []byte(page(repeated(n, "{"+plainFields+"}")...)) })
	pages.UTF8Only = true
	return map[string]sourcetest.Source{
		"official": source("eight_a.official.csv", 6, 2, sourcetest.Repeat(officialHeader,
			`"ROUTE","Kettle","Owl Buttress","North",,"FR","2024-07-01T12:00:00Z","rp",,"5","0","0","null","7a+",,"","24","1","null"`+"\n")),
		"older": source("eight_a.older.csv", 4, 2, sourcetest.Repeat(olderHeader,
			"Kettle,8a,North,Owl Buttress,,France,rp,Route,2,2019-10-10 0:00:00,0,5,0,0,0,0,0,0,0,\n")),
		"pages": pages,
	}
}

// plainFields are those of an ascent without a number, so that two of them are two laps.
const plainFields = `"date":"2024-07-01T12:00:00+00:00","difficulty":"7a+","type":"rp","category":0,"zlagGradeIndex":24,"zlaggableName":"Kettle"`

// page is a page of ascents.
func page(ascents ...string) string {
	return fmt.Sprintf(`{"ascents":[%s],"totalItems":%d,"pageIndex":0}`, strings.Join(ascents, ","), len(ascents))
}

func repeated(n int, text string) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = text
	}
	return list
}

func TestSource(t *testing.T) {
	for form, source := range forms(t) {
		t.Run(form, func(t *testing.T) { sourcetest.Run(t, source) })
	}
}

func FuzzOfficial(f *testing.F) { sourcetest.Fuzz(f, forms(f)["official"]) }

func FuzzOlder(f *testing.F) { sourcetest.Fuzz(f, forms(f)["older"]) }

func FuzzPages(f *testing.F) { sourcetest.Fuzz(f, forms(f)["pages"]) }
